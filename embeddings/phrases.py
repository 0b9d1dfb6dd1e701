"""Phrases: the short texts of a record that are matched one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MAX_PHRASES = 64
"""Phrases of one record; what is beyond does not take part in matching."""


class PhraseKind(StrEnum):
    """What a phrase of a talent or of a vacancy says."""

    # Of a talent.
    SKILL = "skill"
    EXPERIENCE = "experience"
    INTEREST = "interest"
    OCCUPATION = "occupation"  # of a talent: preferred; of a vacancy: its own
    CERTIFICATE = "certificate"  # of a talent: held; of a vacancy: required
    SENTENCE = "sentence"  # of a talent's presentation, or a task of a vacancy
    # Of a vacancy.
    SKILL_REQUIRED = "skill_required"
    SKILL_DESIRED = "skill_desired"
    TITLE = "title"
    TRAINING = "training"

    @property
    def code(self) -> int:
        """Number of this kind in the ``phrase_kinds`` column; new kinds go at the end, codes never change."""
        return _CODES[self]


PHRASE_KINDS: tuple[PhraseKind, ...] = tuple(PhraseKind)
"""Kind by code."""
_CODES = {kind: code for code, kind in enumerate(PHRASE_KINDS)}


@dataclass(frozen=True, slots=True)
class Phrase:
    """A short text and what it says."""

    kind: PhraseKind
    text: str


@dataclass(frozen=True, slots=True)
class PhraseGroup:
    """Candidate phrases of one kind, best first.

    Attributes:
        kind: of all of them.
        texts: candidates, empty ones allowed.
        share: how many are sure of a place when the record has more than ``MAX_PHRASES``.
    """

    kind: PhraseKind
    texts: Sequence[str]
    share: int


def bounded(groups: Sequence[PhraseGroup]) -> list[Phrase]:
    """Picks at most ``MAX_PHRASES``: each group its share first, then the rest in the order of the groups.

    Within a group equal texts (case ignored) count once, so that saying a thing twice does not weigh double.

    Args:
        groups: most important first; their shares add up to at most ``MAX_PHRASES``.

    Returns:
        Phrases in the order of the groups and, inside a group, of its texts.
    """
    unique = [_unique(group.texts) for group in groups]
    taken = [min(len(texts), group.share) for texts, group in zip(unique, groups, strict=True)]
    free = MAX_PHRASES - sum(taken)
    for position, texts in enumerate(unique):
        more = min(len(texts) - taken[position], free)
        taken[position] += more
        free -= more
    return [
        Phrase(group.kind, text)
        for group, texts, count in zip(groups, unique, taken, strict=True)
        for text in texts[:count]
    ]


def _unique(texts: Sequence[str]) -> list[str]:
    """The first of texts that differ in case only, in order; empty ones go."""
    first: dict[str, str] = {}
    for text in texts:
        if text:
            first.setdefault(text.casefold(), text)
    return list(first.values())
