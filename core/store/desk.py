"""What the pages of the desk list: vacancies in a line each, how many people they have, their shortlists."""

import re
import threading
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.records import Event, Place
from core.store import events, places
from core.store.engine import Database
from core.store.fingerprint import digest
from core.store.schema import EventRow, RevisionRow, ShortlistRow, VacancyRow
from core.store.values import ChangeKind
from core.vocabulary import EventKind, RankingMode, VacancyStatus

MAX_ASKED: Final = 100
"""Vacancies that are counted, and shortlists that are listed, in one go: a page shows fewer."""
MAX_HAPPENINGS: Final = 1_000
_ACCENTS: Final = re.compile("[\u0300-\u036f]+")


@dataclass(frozen=True, slots=True)
class VacancyLine:
    """A vacancy in a list.

    Attributes:
        vacancy_id: which.
        title: or else the occupation; empty when only a text is known.
        employer_id: of the firm, when known.
        employer: its name.
        sector: SBI code as it was given.
        occupation: when known.
        pc4: postcode area of the work.
        positions: people wanted.
        closes_on: last day to apply.
        status: as stored.
        since: when it got this status.
        words: title, employer, occupation and text, :func:`folded`, for searching.
        text_key: of the text, see :func:`text_key`.
    """

    vacancy_id: str
    title: str
    employer_id: str | None
    employer: str
    sector: str | None
    occupation: str | None
    pc4: str | None
    positions: int
    closes_on: date | None
    status: VacancyStatus
    since: datetime
    words: str
    text_key: str


@dataclass(frozen=True, slots=True)
class Tally:
    """People of a vacancy, each counted once.

    Attributes:
        proposed: ever proposed to the employer.
        placed: placed and, as far as is known, not stopped since.
    """

    proposed: int = 0
    placed: int = 0


@dataclass(frozen=True, slots=True)
class ShortlistLine:
    """A shortlist in a list.

    Attributes:
        shortlist_id: which.
        created_at: when it was made.
        n_entries: people on it, near misses not counted.
        ranking_mode: what put them in order.
    """

    shortlist_id: str
    created_at: datetime
    n_entries: int
    ranking_mode: RankingMode


class Desk:
    """Reads for the pages. The lines of all vacancies stay in memory and follow the store: some kilobytes each."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._lines: dict[str, VacancyLine] = {}
        self._listed: tuple[int, Sequence[VacancyLine]] = (0, ())
        self._places: tuple[int, Mapping[str, Place]] = (0, {})

    def vacancies(self) -> Sequence[VacancyLine]:
        """All vacancies as they are now, in no order; one index lookup where nothing changed."""
        with self._database.reading() as connection:
            newest = connection.execute(sa.select(sa.func.max(VacancyRow.seq))).scalar() or 0
        if self._listed[0] < newest:
            with self._lock:
                self._follow()
        return self._listed[1]

    def places(self) -> Mapping[str, Place]:
        """The book of places by four-digit postcode; the same object until it changes."""
        query = sa.select(sa.func.max(RevisionRow.seq)).where(RevisionRow.kind == ChangeKind.PLACE.value)
        with self._database.reading() as connection:
            newest = connection.execute(query).scalar() or 0
            if self._places[0] < newest:
                self._places = (newest, places.read(connection))
        return self._places[1]

    def tallies(self, vacancy_ids: Collection[str], *, today: date) -> dict[str, Tally]:
        """How many people were proposed and placed; a vacancy without either is left out.

        Args:
            vacancy_ids: of which vacancies.
            today: an end that is announced for a later day is no end yet.

        Raises:
            ValueError: more vacancies than ``MAX_ASKED``.
        """
        _check(len(vacancy_ids))
        row = EventRow
        stopped = sa.or_(
            sa.and_(row.kind == EventKind.ENDED.value, row.ended_on <= today),
            sa.and_(row.kind == EventKind.CHECKPOINT.value, row.still_working.is_(False)),
        )
        told = sa.case((stopped, EventKind.ENDED.value), else_=row.kind).label("told")
        counted = sa.or_(stopped, row.kind.in_((EventKind.PROPOSED.value, EventKind.PLACED.value)))
        query = (
            sa.select(row.vacancy_id, row.talent_id, told, sa.func.max(row.occurred_at))
            .where(row.vacancy_id.in_(vacancy_ids), counted)
            .group_by(row.vacancy_id, row.talent_id, told)
        )
        last: dict[str, dict[str, dict[str, datetime]]] = {}
        with self._database.reading() as connection:
            for vacancy_id, talent_id, kind, at in connection.execute(query):
                last.setdefault(vacancy_id, {}).setdefault(talent_id, {})[kind] = at
        return {vacancy_id: _tally(list(people.values())) for vacancy_id, people in last.items()}

    def with_shortlist(self) -> set[str]:
        """Ids of the vacancies that have a shortlist."""
        query = sa.select(ShortlistRow.vacancy_id).where(ShortlistRow.vacancy_id.is_not(None)).distinct()
        with self._database.reading() as connection:
            return {found for found in connection.scalars(query) if found is not None}

    def shortlists_of(self, vacancy_id: str, *, limit: int) -> list[ShortlistLine]:
        """The newest shortlists of a vacancy, newest first.

        Raises:
            ValueError: more than ``MAX_ASKED`` are asked for.
        """
        _check(limit)
        query = (
            sa.select(ShortlistRow.shortlist_id, ShortlistRow.created_at, ShortlistRow.content)
            .where(ShortlistRow.vacancy_id == vacancy_id)
            .order_by(ShortlistRow.created_at.desc(), ShortlistRow.shortlist_id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [_shortlist(*row) for row in connection.execute(query)]

    def happenings(self, vacancy_id: str) -> list[Event]:
        """What happened on a vacancy but for who was shown: the last ``MAX_HAPPENINGS`` events, oldest first."""
        with self._database.reading() as connection:
            return events.of_vacancy(connection, vacancy_id, without=EventKind.SHOWN, limit=MAX_HAPPENINGS)

    def _follow(self) -> None:
        """Reads the vacancies that changed; under the lock, so that each change is read once."""
        with self._database.reading() as connection:
            seq, changed = _changed_lines(connection, after_seq=self._listed[0])
        if changed:
            self._lines |= changed
            self._listed = (seq, tuple(self._lines.values()))


def folded(text: str) -> str:
    """Small letters without accents and with single spaces: what a search compares."""
    plain = text.casefold()
    if not plain.isascii():
        plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", plain))
    return " ".join(plain.split())


def text_key(description: str) -> str:
    """Equal for texts that differ only in capitals, accents and white space; empty for no text."""
    return _key_of(folded(description))


def _key_of(same: str) -> str:
    return digest(same) if same else ""


def _check(n: int) -> None:
    if n > MAX_ASKED:
        raise ValueError(f"{n} is more than the {MAX_ASKED} of one page; ask for fewer")


def _tally(people: Sequence[Mapping[str, datetime]]) -> Tally:
    placed, ended = EventKind.PLACED.value, EventKind.ENDED.value
    return Tally(
        proposed=sum(EventKind.PROPOSED.value in last for last in people),
        placed=sum(placed in last and not (ended in last and last[ended] >= last[placed]) for last in people),
    )


def _shortlist(shortlist_id: str, created_at: datetime, content: str) -> ShortlistLine:
    kept = orjson.loads(content)
    return ShortlistLine(shortlist_id, created_at, len(kept["entries"]), RankingMode(kept["ranking_mode"]))


def _changed_lines(connection: Connection, *, after_seq: int) -> tuple[int, dict[str, VacancyLine]]:
    """The newest change, and the vacancies that changed after one, by id."""
    row, head = RevisionRow, VacancyRow
    query = (
        sa.select(head.seq, row.id, row.content, row.valid_from, row.recorded_at)
        .join(head, head.id == row.id)
        .where(row.kind == ChangeKind.VACANCY.value, row.content.is_not(None), head.seq > after_seq)
        .order_by(row.id, row.seq)
    )
    newest, lines = after_seq, {}
    for vacancy_id, revisions in groupby(connection.execute(query), key=lambda found: found.id):
        *earlier, last = revisions
        newest = max(newest, last.seq)
        lines[vacancy_id] = _line(vacancy_id, [*earlier, last])
    return newest, lines


def _line(vacancy_id: str, revisions: Sequence[Any]) -> VacancyLine:
    """A line from all revisions of a vacancy, oldest first: when its status changed is in no single one."""
    records = [orjson.loads(revision.content) for revision in revisions]
    statuses = [VacancyStatus(record.get("status", VacancyStatus.OPEN)) for record in records]
    begun = next((place for place in range(len(statuses) - 1, 0, -1) if statuses[place - 1] is not statuses[-1]), 0)
    record = records[-1]
    employer = record.get("employer", {})
    title, occupation = record.get("title", ""), record.get("occupation")
    named = folded(" ".join(filter(None, (title, employer.get("name"), occupation))))
    text = folded(record.get("description", ""))
    postcode = record.get("location", {}).get("postcode")
    closes_on = record.get("closes_on")
    return VacancyLine(
        vacancy_id=vacancy_id,
        title=title or occupation or "",
        employer_id=employer.get("employer_id"),
        employer=employer.get("name", ""),
        sector=record.get("sector"),
        occupation=occupation,
        pc4=postcode[:4] if postcode else None,
        positions=record.get("positions", 1),
        closes_on=date.fromisoformat(closes_on) if closes_on else None,
        status=statuses[-1],
        since=revisions[begun].valid_from or revisions[begun].recorded_at,
        words=f"{named} {text}".strip(),
        text_key=_key_of(text),
    )
