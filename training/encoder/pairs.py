"""Contrastive examples from ESCO: names, skills, and made-up advertisements, each with the concept it belongs to."""

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from embeddings.hashed import words_of
from training.encoder.augment import FIRST_PERSON, MENTIONS, mistype, recompose, role_words, without
from training.encoder.esco import Esco
from training.encoder.rivals import rivals

_DATA = Path(__file__).parent / "data"
BOILERPLATE = _DATA / "boilerplate_nl.txt"
GLOSSARY = _DATA / "glossary_nl.tsv"
"""What words of work mean: places, tools, materials, deeds and abbreviations, and no job titles."""
TERMS = ("{}", "{}", "{}", "medewerker {}", "werken met {}", "ervaring met {}", "{} vakman")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_SHARE_MENTIONED = 0.125
"""Of the documents, a mention of a name: where there are more, the rest of the text is not learned from."""
_DEEDS_DRAWN = 4.0
_MAX_IN_GROUP = 60
_MAX_TRADES = 12
"""A skill that more occupations need does not tell the trade."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples of one step.

    Attributes:
        names: occupation names, Dutch or English, varied.
        concepts: number of the occupation each name was drawn for.
        targets: all occupations each name belongs to, for the names in order.
        partners: another Dutch name of the occupation of each name.
        documents: made-up advertisements and presentations.
        document_concepts: the occupation that each document describes.
        skills: skills as label, deed, description or in English.
        skill_concepts: number of the skill of each.
        skill_rivals: for each, the skills that do something else with the same thing.
        skill_occupations: for each, the occupations that need it; none for a skill that many need.
        terms: words of the glossary.
        meanings: what each of them means.
        groups: names of ISCO groups.
        group_occupations: the seen occupations of each.
    """

    names: list[str]
    concepts: list[int]
    targets: list[tuple[int, ...]]
    partners: list[str]
    documents: list[str]
    document_concepts: list[int]
    skills: list[str]
    skill_concepts: list[int]
    skill_rivals: list[tuple[int, ...]]
    skill_occupations: list[tuple[int, ...]]
    terms: list[str]
    meanings: list[str]
    groups: list[str]
    group_occupations: list[tuple[int, ...]]


def label_key(label: str) -> str:
    """Equal for labels that the encoder cannot tell apart."""
    return " ".join(words_of(label))


class Sampler:
    """Draws batches; equal seed, equal batches.

    Args:
        esco: the classification.
        labels: Dutch names that may be seen, by number of the occupation; absent occupations are held out.
        seed: of all draws.
        deeds: more wordings of what an occupation does, by its number; such occupations are drawn more often.
    """

    def __init__(
        self,
        esco: Esco,
        labels: Mapping[int, Sequence[str]],
        seed: int,
        deeds: Mapping[int, Sequence[str]] | None = None,
    ) -> None:
        self._esco, self._labels = esco, labels
        self._rng = random.Random(seed)  # noqa: S311 (not for secrets)
        self._seen = sorted(labels)
        self._deeds = deeds or {}
        self._weights = [len(labels[n]) ** 0.5 * (_DEEDS_DRAWN if n in self._deeds else 1.0) for n in self._seen]
        self._roles = role_words(label for number in self._seen for label in labels[number])
        self._fillers = BOILERPLATE.read_text(encoding="utf-8").split("\n")[:-1]
        owners: dict[str, set[int]] = defaultdict(set)
        for number in self._seen:
            for label in labels[number]:
                owners[label_key(label)].add(number)
        self._owners = {key: tuple(sorted(found)) for key, found in owners.items()}
        self._rivals = rivals(esco.skills)
        self._trades = _trades(esco, self._seen)
        self._glossary = glossary()
        self._groups = _groups(esco, self._seen)
        self._sentences = {n: _SENTENCE.split(esco.occupations[n].description_nl) for n in self._seen}

    def batch(self, n_names: int, n_documents: int, n_skills: int, n_terms: int = 0, n_groups: int = 0) -> Batch:
        """Draws the examples of a step; at most as many documents as names, and different skills, terms and groups."""
        rng = self._rng
        concepts = rng.choices(self._seen, self._weights, k=n_names)
        drawn = [self._name(number) for number in concepts]
        skills = rng.sample(range(len(self._esco.skills)), min(n_skills, len(self._esco.skills)))
        terms = rng.sample(self._glossary, min(n_terms, len(self._glossary)))
        groups = rng.sample(self._groups, min(n_groups, len(self._groups)))
        return Batch(
            names=[text for text, _ in drawn],
            concepts=concepts,
            targets=[target for _, target in drawn],
            partners=[rng.choice(self._labels[number]) for number in concepts],
            documents=[self._document(number) for number in concepts[:n_documents]],
            document_concepts=concepts[:n_documents],
            skills=[self._skill(number) for number in skills],
            skill_concepts=skills,
            skill_rivals=[self._rivals.get(number, ()) for number in skills],
            skill_occupations=[self._trades.get(number, ()) for number in skills],
            terms=[rng.choice(TERMS).format(term) for term, _ in terms],
            meanings=[meaning for _, meaning in terms],
            groups=[name for name, _ in groups],
            group_occupations=[numbers for _, numbers in groups],
        )

    def _name(self, number: int) -> tuple[str, tuple[int, ...]]:
        rng, english = self._rng, self._esco.occupations[number].labels_en
        if english and rng.random() < 0.10:
            return rng.choice(english), (number,)
        label = rng.choice(self._labels[number])
        target = self._owners[label_key(label)]
        if rng.random() < 0.15:
            label = recompose(label, self._roles, rng)
        if rng.random() < 0.08:
            label = mistype(label, rng)
        return label, target

    def _skill(self, number: int) -> str:
        rng, skill = self._rng, self._esco.skills[number]
        chance = rng.random()
        if chance < 0.20 and skill.labels_en:
            return skill.labels_en[0]
        if chance < 0.45 and skill.description_nl:
            return skill.description_nl
        label = rng.choice(skill.labels_nl)
        return rng.choice(FIRST_PERSON).format(mistype(label, rng) if rng.random() < 0.08 else label)

    def _document(self, number: int) -> str:
        """Sentences of the description, skills as deeds, now and then a mention of a name, and boilerplate."""
        rng, parts = self._rng, list[str]()
        preferred = self._esco.occupations[number].labels_nl[0]
        if rng.random() < 0.75:
            sentences = self._sentences[number]
            drawn = rng.sample(sentences, rng.randint(1, len(sentences)))
            parts += [without(one, preferred) for one in drawn] if rng.random() < 0.5 else drawn
        skills = self._esco.relations.get(number, ())
        if skills and (not parts or rng.random() < 0.7):
            for skill in rng.sample(skills, rng.randint(1, min(8, len(skills)))):
                parts.append(rng.choice(FIRST_PERSON).format(rng.choice(self._esco.skills[skill].labels_nl)))
        if number in self._deeds and rng.random() < 0.5:
            parts += rng.sample(self._deeds[number], rng.randint(1, min(4, len(self._deeds[number]))))
        if rng.random() < _SHARE_MENTIONED:
            owner = number if rng.random() < 0.85 else rng.choice(self._seen)
            words = rng.choice(self._labels[owner]).split()
            kept = [word for word in words if rng.random() < 0.7] or words
            parts.append(rng.choice(MENTIONS).format(" ".join(kept)))
        parts += rng.sample(self._fillers, rng.choice((0, 2, 4, 8, 12)))
        rng.shuffle(parts)
        return ". ".join(parts)


def glossary() -> list[tuple[str, str]]:
    """Terms and what they mean, as they stand in :data:`GLOSSARY`."""
    rows = (line.split("\t") for line in GLOSSARY.read_text(encoding="utf-8").splitlines())
    return [(term, meaning) for term, meaning in rows]


def _groups(esco: Esco, seen: Sequence[int]) -> list[tuple[str, tuple[int, ...]]]:
    """Names of ISCO groups that few enough seen occupations belong to."""
    found: dict[str, list[int]] = defaultdict(list)
    for number in seen:
        code = esco.occupations[number].group
        for digits in range(2, len(code) + 1):
            found[code[:digits]].append(number)
    return [
        (name, tuple(found[code]))
        for code, name in sorted(esco.groups.items())
        if 0 < len(found[code]) <= _MAX_IN_GROUP
    ]


def _trades(esco: Esco, seen: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """The seen occupations that need each skill, for skills that few need."""
    found: dict[int, list[int]] = defaultdict(list)
    for number in seen:
        for skill in esco.relations.get(number, ()):
            found[skill].append(number)
    return {skill: tuple(numbers) for skill, numbers in found.items() if len(numbers) <= _MAX_TRADES}
