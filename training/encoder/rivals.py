"""Skills that do something else with the same thing: "kassa's bedienen" and "kassa's repareren".

They share their letters and lie close together for that alone, while they belong to different trades. Training tells
them apart with more force than any two skills.
"""

from collections import defaultdict
from collections.abc import Sequence

from embeddings.hashed import words_of
from training.encoder.esco import Concept

_MIN_OBJECT_CHARS = 4
_MAX_SHARING = 60
"""An object of more skills than this ("systeem", "klant") says little about the trade."""


def rivals(skills: Sequence[Concept]) -> dict[int, tuple[int, ...]]:
    """Finds, for each skill, the skills with the same object and another verb.

    The object is the longest word of the Dutch label but the last, without a plural ending; the verb is the last Dutch
    word, and the first English one: both must differ, for one Dutch verb is often a synonym of another.

    Args:
        skills: in any order.

    Returns:
        Numbers of the rivals by number of the skill; skills without rivals are left out.
    """
    verbs: dict[int, tuple[str, str]] = {}
    sharing: dict[str, list[int]] = defaultdict(list)
    for number, skill in enumerate(skills):
        words = words_of(skill.labels_nl[0])
        thing = _singular(max(words[:-1], key=len, default=""))
        if len(thing) >= _MIN_OBJECT_CHARS and words[-1].endswith("n") and skill.labels_en:
            verbs[number] = (words[-1], skill.labels_en[0].split()[0].lower())
            sharing[thing].append(number)
    found: dict[int, tuple[int, ...]] = {}
    for numbers in sharing.values():
        for number in numbers if len(numbers) <= _MAX_SHARING else ():
            dutch, english = verbs[number]
            others = tuple(o for o in numbers if verbs[o][0] != dutch and verbs[o][1] != english)
            if others:
                found[number] = others
    return found


def _singular(word: str) -> str:
    """Cuts a plural ending, roughly: "machines" and "machine" become equal, and so do "bloemen" and "bloem"."""
    return word.removesuffix("s").removesuffix("en").removesuffix("e")
