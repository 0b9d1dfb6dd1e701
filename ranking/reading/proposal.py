"""What a vacancy's fields could be, for a person to check: every value with the words of the text that say it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from core.records import Location, Vacancy
from ranking.reading.completion import completed
from ranking.reading.findings import CLEAR, Finding, ReadField, Value
from ranking.reading.reader import MAX_CHARS, read_vacancy
from ranking.reading.whereabouts import Towns

CONTEXT_CHARS = 40
"""Characters of its sentence that a quote may bring along on either side."""
_MARKS = " \t-–—*·"  # what a list puts before its items
_ENDS = ".!?\n\r•;"  # what closes a sentence well enough for a quote


class Sureness(StrEnum):
    """How sure a proposal is."""

    CLEAR = "clear"
    """The text says so in so many words."""
    LIKELY = "likely"
    """The usual reading of what the text says."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a text, with what stands around them in the same sentence.

    Attributes:
        before: up to ``CONTEXT_CHARS`` characters.
        words: those that say it.
        after: up to ``CONTEXT_CHARS`` characters.
        start: first character of the words in the text.
        end: after their last character.
    """

    before: str
    words: str
    after: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Proposed:
    """A value for a field of the record.

    Attributes:
        field: name in :class:`core.records.Vacancy`; of a list every item is a proposal of its own, and of
            ``location`` the value is the postcode.
        value: as the record takes it.
        quote: the words that say it.
        sureness: how sure.
    """

    field: str
    value: Value
    quote: Quote
    sureness: Sureness


@dataclass(frozen=True, slots=True)
class Mention:
    """Words that are about a field and that fill nothing: too unsure, or no demand.

    Attributes:
        field: name in :class:`core.records.Vacancy`.
        quote: the words.
    """

    field: str
    quote: Quote


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a text proposes.

    Attributes:
        values: each with its quote, of one field in the order of its items.
        mentions: for fields that stay empty, in the order of the text.
    """

    values: tuple[Proposed, ...]
    mentions: tuple[Mention, ...]

    def of(self, field: str) -> list[Proposed]:
        """The proposals for one field."""
        return [one for one in self.values if one.field == field]

    def mentioned(self, field: str) -> list[Quote]:
        """What the text says about a field without filling it."""
        return [one.quote for one in self.mentions if one.field == field]


# The kinds of reading that may stand behind a value; of one kind the reader gives each value once.
_SAID_BY: Mapping[str, frozenset[ReadField]] = {
    "occupation": frozenset({ReadField.OCCUPATION}),
    "skills_required": frozenset({ReadField.SKILL}),
    "skills_desired": frozenset({ReadField.SKILL, ReadField.CERTIFICATE}),
    "education_level_min": frozenset({ReadField.EDUCATION_LEVEL}),
    "certificates_required": frozenset({ReadField.CERTIFICATE}),
    "licences_required": frozenset({ReadField.LICENCE}),
    "languages_required": frozenset({ReadField.LANGUAGE}),
    "location": frozenset({ReadField.POSTCODE}),
    "hours_min": frozenset({ReadField.HOURS_MIN}),
    "hours_max": frozenset({ReadField.HOURS_MAX}),
    "irregular_hours": frozenset({ReadField.IRREGULAR_HOURS}),
    "transport_required": frozenset({ReadField.TRANSPORT}),
    "starts_on": frozenset({ReadField.STARTS_ON}),
    "contract_ends_on": frozenset({ReadField.CONTRACT_ENDS_ON}),
    "training_offered": frozenset({ReadField.TRAINING_OFFERED}),
    "positions": frozenset({ReadField.POSITIONS}),
}
# Where a field stays empty, what a person would want to know that the text says all the same.
_MENTIONED_BY: Mapping[str, ReadField] = {
    "location": ReadField.POSTCODE,
    "hours_min": ReadField.HOURS_MIN,
    "hours_max": ReadField.HOURS_MAX,
    "starts_on": ReadField.STARTS_ON,
    "contract_ends_on": ReadField.CONTRACT_ENDS_ON,
    "education_level_min": ReadField.EDUCATION_LEVEL,
    "licences_required": ReadField.LICENCE,
    "languages_required": ReadField.LANGUAGE,
    "transport_required": ReadField.TRANSPORT,
}


def propose(text: str, *, today: date, towns: Towns | None = None) -> Proposal:
    """Reads a text into proposals; the same text, day and towns give the same answer.

    The values are those that :func:`ranking.reading.completed` would fill, so that what a person sees is what the
    ranker would have read.

    Args:
        text: as the employer wrote it; at most the first ``MAX_CHARS`` characters are read.
        today: the day of reading, for "per direct" and dates without a year.
        towns: postcodes by town.
    """
    if not text.strip():
        return Proposal((), ())
    text = text[:MAX_CHARS]
    findings = read_vacancy(text, today=today, towns=towns)
    filled = completed(Vacancy(vacancy_id="proposal", description=text), findings)
    values = tuple(_values(filled, findings, text))
    return Proposal(values, tuple(_mentions(findings, {one.field for one in values}, text)))


def _values(record: Vacancy, findings: Sequence[Finding], text: str) -> Iterator[Proposed]:
    """Every value that was filled, traced back to the words; one that no words say is not proposed."""
    for field, kinds in _SAID_BY.items():
        if field not in record.model_fields_set:
            continue
        for value in _items(getattr(record, field)):
            said = [one for one in findings if one.field in kinds and one.value == value]
            if not said:
                continue
            best = max(said, key=lambda one: (one.confidence, -one.start))
            sureness = Sureness.CLEAR if best.confidence >= CLEAR else Sureness.LIKELY
            yield Proposed(field, best.value, _quote(text, best), sureness)


def _items(value: Any) -> list[Any]:
    if isinstance(value, Location):
        return [value.postcode]
    return list(value) if isinstance(value, list) else [value]


def _mentions(findings: Sequence[Finding], filled: set[str], text: str) -> Iterator[Mention]:
    seen: set[tuple[str, int]] = set()
    for one in findings:
        for field, kind in _MENTIONED_BY.items():
            if one.field is kind and field not in filled and (field, one.start) not in seen:
                seen.add((field, one.start))
                yield Mention(field, _quote(text, one))


def _quote(text: str, found: Finding) -> Quote:
    begin = max([text.rfind(sign, 0, found.start) + 1 for sign in _ENDS])
    stops = [at for sign in _ENDS if (at := text.find(sign, found.end)) >= 0]
    before = text[begin : found.start].lstrip(_MARKS)
    after = text[found.end : min(stops, default=len(text))].rstrip()
    return Quote(_tail(before), text[found.start : found.end], _head(after), found.start, found.end)


def _tail(before: str) -> str:
    """The last words before a quote, whole words only."""
    if len(before) <= CONTEXT_CHARS:
        return before
    return "…" + before[-CONTEXT_CHARS:].partition(" ")[2]


def _head(after: str) -> str:
    """The first words behind a quote, whole words only."""
    if len(after) <= CONTEXT_CHARS:
        return after
    return after[:CONTEXT_CHARS].rpartition(" ")[0] + "…"
