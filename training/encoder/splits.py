"""Held-out names and concepts of ESCO: the stand-ins for official lists of occupation names, which we do not have.

Two questions are asked. *Names*: can a name that was never seen be linked to its occupation, whose other names are
known? For most occupations with three names or more, one name is the query; usually with its whole family, the
spellings and genders of the same name, taken out of training and corpus, so that it is not found by one letter.
*Concepts*: are the names of an occupation of which nothing was seen brought together? One name is the query; the
corpus holds all other names. That is easier than it sounds, since many names differ by gender alone.

Both queries are ESCO's own, in its style. Official lists are not: expect lower figures there.
"""

import difflib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training.encoder.esco import Esco
from training.encoder.evaluate import LinkingTask

_ALIKE = 0.82
"""difflib's ratio from which two names are one family: "arbeider houtskeletbouw" and "arbeidster houtskeletbouw"."""
_MIN_NAMES = 3
_SHARE_ASKED = 0.75
_SHARE_FAMILY = 0.8
_SHARE_CONCEPTS = 0.1


@dataclass(frozen=True, slots=True)
class Split:
    """A training part and two tasks.

    Attributes:
        labels: the Dutch names that may be learned from, by number of the occupation.
        names: unseen names of seen occupations.
        concepts: names of unseen occupations.
    """

    labels: dict[int, tuple[str, ...]]
    names: LinkingTask
    concepts: LinkingTask


def all_labels(esco: Esco) -> dict[int, tuple[str, ...]]:
    """Every Dutch name, by number of the occupation."""
    return {number: concept.labels_nl for number, concept in enumerate(esco.occupations)}


def held_out(esco: Esco, *, seed: int) -> Split:
    """Splits by concept and by name; equal seed, equal split."""
    rng = random.Random(seed)  # noqa: S311 (not for secrets)
    order = list(range(len(esco.occupations)))
    rng.shuffle(order)
    unseen = set(order[: round(_SHARE_CONCEPTS * len(order))])
    labels: dict[int, tuple[str, ...]] = {}
    asked: list[tuple[str, int]] = []
    for number, concept in enumerate(esco.occupations):
        names = concept.labels_nl
        if number in unseen:
            continue
        labels[number] = names
        if len(names) >= _MIN_NAMES and rng.random() < _SHARE_ASKED:
            query, taken = _ask(names, rng)
            labels[number] = tuple(name for place, name in enumerate(names) if place not in taken)
            asked.append((query, number))
    novel = [(names[-1], number) for number in sorted(unseen) if len(names := esco.occupations[number].labels_nl) > 1]
    corpus = labels | {number: esco.occupations[number].labels_nl for number in sorted(unseen)}
    return Split(labels, linking_task(asked, corpus), linking_task(novel, corpus))


def linking_task(queries: Sequence[tuple[str, int]], labels: Mapping[int, Sequence[str]]) -> LinkingTask:
    """Builds a task: each name once in the corpus, relevant for all its occupations; a query is not its own answer."""
    owners: dict[str, set[int]] = {}
    for number, names in labels.items():
        for name in names:
            owners.setdefault(name, set()).add(number)
    rows = {name: row for row, name in enumerate(owners)}
    relevant = []
    for query, number in queries:
        own = rows.get(query)
        relevant.append(tuple(sorted(row for name in labels[number] if (row := rows[name]) != own)))
    excluded = tuple(rows.get(query, -1) for query, _ in queries)
    return LinkingTask(tuple(query for query, _ in queries), tuple(rows), tuple(relevant), excluded)


def families(names: Sequence[str]) -> list[list[int]]:
    """Groups names that differ by a few letters (single linkage); places in ``names``."""
    group = list(range(len(names)))
    for place, name in enumerate(names):
        for other in range(place):
            alike = difflib.SequenceMatcher(None, name.lower(), names[other].lower(), autojunk=False)
            if group[place] != group[other] and alike.ratio() >= _ALIKE:
                old, new = group[place], group[other]
                group = [new if found == old else found for found in group]
    return [[place for place, found in enumerate(group) if found == one] for one in sorted(set(group))]


def _ask(names: Sequence[str], rng: random.Random) -> tuple[str, set[int]]:
    """A name to ask for, and the places of the names to hide with it."""
    groups = families(names)
    if len(groups) > 1 and rng.random() < _SHARE_FAMILY:
        family = rng.choice(groups)
        return names[rng.choice(family)], set(family)
    place = rng.randrange(len(names))
    return names[place], {place}
