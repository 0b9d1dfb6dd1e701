"""A vacancy with its open fields read from its own text: the one way in for training and for serving."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from core.records import Place, Vacancy
from ranking.reading.completion import completed, open_fields
from ranking.reading.findings import CLEAR, Finding, ReadField
from ranking.reading.proposal import Proposal, propose
from ranking.reading.reader import read_vacancy
from ranking.reading.whereabouts import Towns

EXCLUDES = CLEAR
"""Confidence from which what was read may keep someone off a list (docs/decisions/0009)."""

KEPT_READINGS = 16_384
"""Texts whose reading is remembered: some kilobytes each, and a region has fewer open vacancies than this."""

# What eligibility looks at. Everything else that is read only moves the score.
_DEMANDS = frozenset({
    ReadField.LICENCE, ReadField.CERTIFICATE, ReadField.LANGUAGE, ReadField.TRANSPORT, ReadField.HOURS_MIN,
    ReadField.HOURS_MAX, ReadField.STARTS_ON, ReadField.POSTCODE,
})  # fmt: skip
_DATED = frozenset({ReadField.STARTS_ON, ReadField.CONTRACT_ENDS_ON})


@dataclass(frozen=True, slots=True)
class ToldVacancy:
    """A vacancy as it tells itself, in its fields and in its text.

    Attributes:
        record: with what the text says in the fields that were empty; features, reasons and gaps read this.
        hard: the same, but with only such demands from the text as are sure enough to keep someone off a list.
        read: names of the fields that the text filled in ``record``.
    """

    record: Vacancy
    hard: Vacancy
    read: frozenset[str] = frozenset()

    @classmethod
    def as_given(cls, vacancy: Vacancy) -> "ToldVacancy":
        """Without reading the text."""
        return cls(vacancy, vacancy)

    @property
    def unsure(self) -> frozenset[str]:
        """Names of the read fields that are too unsure to keep someone off a list."""
        return frozenset(name for name in self.read if getattr(self.record, name) != getattr(self.hard, name))


class VacancyReader:
    """Reads each text once; the same vacancy gives the same answer, in training and in serving."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        """Reads with a book of places.

        Args:
            places: place by four-digit postcode, for the names of towns.
        """
        self.places = places
        self._towns = Towns.of(places.values())
        self._findings = lru_cache(maxsize=KEPT_READINGS)(self._read)

    def told(self, vacancy: Vacancy, *, asked_on: date | None = None) -> ToldVacancy:
        """Fills what the record leaves open with what its description says; the record itself stays as it is.

        Nothing is read where a person has checked the text: a demand that they took out would come back.

        Args:
            vacancy: stored or not.
            asked_on: stands in for the day on which the text was written where ``updated_at`` does not tell; without
                either, no date is read. A stored vacancy always tells, so that every reading of it is the same.
        """
        wanted = frozenset() if vacancy.text_checked else open_fields(vacancy)
        written_on = vacancy.updated_at.date() if vacancy.updated_at else asked_on
        if written_on is None:
            wanted -= _DATED
        if not vacancy.description or not wanted:
            return ToldVacancy.as_given(vacancy)
        findings = self._findings(vacancy.description, written_on or date.min, wanted)
        record = completed(vacancy, findings)
        if record is vacancy:
            return ToldVacancy.as_given(vacancy)
        sure = [one for one in findings if one.confidence >= EXCLUDES or one.field not in _DEMANDS]
        hard = record if len(sure) == len(findings) else completed(vacancy, sure)
        read = frozenset(name for name in Vacancy.model_fields if getattr(record, name) != getattr(vacancy, name))
        return ToldVacancy(record, hard, read)

    def proposal(self, text: str, *, today: date) -> Proposal:
        """What the fields of a vacancy with this text could be, for a person to check; see :func:`propose`."""
        return propose(text, today=today, towns=self._towns)

    def _read(self, text: str, written_on: date, wanted: frozenset[ReadField]) -> tuple[Finding, ...]:
        return tuple(read_vacancy(text, today=written_on, towns=self._towns, fields=wanted))
