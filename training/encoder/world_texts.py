"""How the synthetic world's employers and talents word their skills, by ESCO occupation: an option of the training.

Never the world's own names of occupations. Every third trade of the world is left out, so that retrieval can still be
measured on trades whose words were not learned from.
"""

from collections.abc import Mapping, Sequence

from embeddings.hashed import words_of
from training.world.content import load_content

_LEFT_OUT = 3
_TYPICAL = 5
"""Skills of a trade that tell it from others: the first ones."""


def world_deeds(labels: Mapping[int, Sequence[str]]) -> dict[int, tuple[str, ...]]:
    """Wordings of the skills of each occupation that the world and ESCO name alike.

    Args:
        labels: Dutch names by number of the occupation.

    Returns:
        Wordings by number of the occupation, without those of every third trade.
    """
    content = load_content()
    owners = {" ".join(words_of(name)): number for number in sorted(labels, reverse=True) for name in labels[number]}
    deeds: dict[int, tuple[str, ...]] = {}
    for place, trade in enumerate(content.occupations):
        keys = (" ".join(words_of(name)) for name in (trade.title, *trade.titles))
        number = next((owners[key] for key in keys if key in owners), None)
        if number is None or place % _LEFT_OUT == _LEFT_OUT - 1:
            continue
        skills = [content.skills[position] for position in trade.skills[:_TYPICAL]]
        said = {text for skill in skills for text in (*skill.formal, *skill.own, *(task for _, task in skill.tasks))}
        deeds[number] = tuple(sorted({*deeds.get(number, ()), *said}))
    return deeds
