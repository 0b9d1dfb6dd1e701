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

BOILERPLATE = Path(__file__).parent / "data" / "boilerplate_nl.txt"
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


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
    """

    names: list[str]
    concepts: list[int]
    targets: list[tuple[int, ...]]
    partners: list[str]
    documents: list[str]
    document_concepts: list[int]
    skills: list[str]
    skill_concepts: list[int]


def label_key(label: str) -> str:
    """Equal for labels that the encoder cannot tell apart."""
    return " ".join(words_of(label))


class Sampler:
    """Draws batches; equal seed, equal batches.

    Args:
        esco: the classification.
        labels: Dutch names that may be seen, by number of the occupation; absent occupations are held out.
        seed: of all draws.
    """

    def __init__(self, esco: Esco, labels: Mapping[int, Sequence[str]], seed: int) -> None:
        self._esco, self._labels = esco, labels
        self._rng = random.Random(seed)  # noqa: S311 (not for secrets)
        self._seen = sorted(labels)
        self._weights = [len(labels[number]) ** 0.5 for number in self._seen]
        self._roles = role_words(label for number in self._seen for label in labels[number])
        self._fillers = BOILERPLATE.read_text(encoding="utf-8").split("\n")[:-1]
        self._settings = sorted({w for n in self._seen for label in labels[n] for w in label.lower().split()[1:]})
        owners: dict[str, set[int]] = defaultdict(set)
        for number in self._seen:
            for label in labels[number]:
                owners[label_key(label)].add(number)
        self._owners = {key: tuple(sorted(found)) for key, found in owners.items()}
        self._sentences = {n: _SENTENCE.split(esco.occupations[n].description_nl) for n in self._seen}

    def batch(self, n_names: int, n_documents: int, n_skills: int) -> Batch:
        """Draws the examples of a step; at most as many documents as names, and different skills."""
        rng = self._rng
        concepts = rng.choices(self._seen, self._weights, k=n_names)
        drawn = [self._name(number) for number in concepts]
        skills = rng.sample(range(len(self._esco.skills)), min(n_skills, len(self._esco.skills)))
        return Batch(
            names=[text for text, _ in drawn],
            concepts=concepts,
            targets=[target for _, target in drawn],
            partners=[rng.choice(self._labels[number]) for number in concepts],
            documents=[self._document(number) for number in concepts[:n_documents]],
            document_concepts=concepts[:n_documents],
            skills=[self._skill(number) for number in skills],
            skill_concepts=skills,
        )

    def _name(self, number: int) -> tuple[str, tuple[int, ...]]:
        rng, english = self._rng, self._esco.occupations[number].labels_en
        if english and rng.random() < 0.10:
            return rng.choice(english), (number,)
        label = rng.choice(self._labels[number])
        target = self._owners[label_key(label)]
        chance = rng.random()
        if chance < 0.15:
            label = recompose(label, self._roles, rng)
        elif chance < 0.30 and self._settings:
            label = f"{label} {rng.choice(self._settings)}"  # the role counts for more than the setting
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
        for _ in range(rng.choice((0, 0, 1, 1, 2))):
            owner = number if rng.random() < 0.85 else rng.choice(self._seen)
            words = rng.choice(self._labels[owner]).split()
            kept = [word for word in words if rng.random() < 0.7] or words
            parts.append(rng.choice(MENTIONS).format(" ".join(kept)))
        parts += rng.sample(self._fillers, rng.choice((0, 2, 4, 8, 12)))
        rng.shuffle(parts)
        return ". ".join(parts)
