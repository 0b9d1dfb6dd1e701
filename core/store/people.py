"""What the pages list of people: who there is, in a line each, and on which shortlists somebody stands."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import aliased

from core.store import revisions
from core.store.desk import folded
from core.store.engine import Database
from core.store.schema import RevisionRow, ShortlistRow, ShortlistTalentRow, TalentRow, VacancyRow
from core.store.values import ChangeKind
from core.vocabulary import Route, VacancyStatus

MAX_STANDINGS: Final = 200
"""Shortlists of one person that are looked at: the newest."""


@dataclass(frozen=True, slots=True)
class TalentLine:
    """A person in a list.

    Attributes:
        talent_id: who.
        municipality: None when unknown.
        route: likewise.
        active: looks for work now.
        words: own text, skills, interests and wanted work, :func:`core.store.desk.folded`, for searching.
    """

    talent_id: str
    municipality: str | None
    route: Route | None
    active: bool
    words: str


@dataclass(frozen=True, slots=True)
class StandsOn:
    """A place on the newest shortlist of an open vacancy.

    Attributes:
        shortlist_id: of the list.
        vacancy_id: of the vacancy.
        created_at: when the list was made.
        rank: 1 is best.
        n_entries: people on the list.
    """

    shortlist_id: str
    vacancy_id: str
    created_at: datetime
    rank: int
    n_entries: int


class People:
    """Reads for the pages. The lines of all people stay in memory and follow the store: a kilobyte or so each."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._known: tuple[int, Mapping[str, TalentLine]] = (0, {})

    def lines(self) -> Mapping[str, TalentLine]:
        """Everybody as they are now, by id, in order of id; one index lookup where nothing changed."""
        with self._database.reading() as connection:
            newest = revisions.highest_seq(connection)
        if self._known[0] < newest:
            with self._lock:
                self._follow()
        return self._known[1]

    def stands_on(self, talent_id: str) -> list[StandsOn]:
        """The newest shortlists of open vacancies on which a person stands, newest first; near misses do not count."""
        later = aliased(ShortlistRow)
        of_vacancy = sa.select(sa.func.max(later.created_at)).where(later.vacancy_id == VacancyRow.id)
        newest = of_vacancy.correlate(VacancyRow).scalar_subquery()
        query = (
            sa.select(ShortlistRow.shortlist_id, ShortlistRow.vacancy_id, ShortlistRow.created_at, ShortlistRow.content)
            .join(ShortlistTalentRow, ShortlistTalentRow.shortlist_id == ShortlistRow.shortlist_id)
            .join(VacancyRow, VacancyRow.id == ShortlistRow.vacancy_id)
            .where(
                ShortlistTalentRow.talent_id == talent_id,
                VacancyRow.status == VacancyStatus.OPEN.value,
                ShortlistRow.created_at == newest,
            )
            .order_by(ShortlistRow.created_at.desc(), ShortlistRow.shortlist_id)
            .limit(MAX_STANDINGS)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [place for row in rows if (place := _place(row, talent_id)) is not None]

    def _follow(self) -> None:
        """Reads who changed; under the lock, so that each change is read once."""
        after, known = self._known
        with self._database.reading() as connection:
            newest = revisions.highest_seq(connection)
            changed = _all(connection) if not after else _changed(connection, after)
        if changed:
            merged = {**known, **changed}
            known = {key: line for key in sorted(merged) if (line := merged[key]) is not None}
        self._known = (newest, known)


def _all(connection: Connection) -> dict[str, TalentLine | None]:
    return {key: _line(key, content) for key, content, *_ in connection.execute(revisions.latest(TalentRow))}


def _changed(connection: Connection, after: int) -> dict[str, TalentLine | None]:
    """The last state of everybody who changed after a number; None for who was erased."""
    query = (
        sa.select(RevisionRow.id, RevisionRow.content)
        .where(RevisionRow.seq > after, RevisionRow.kind == ChangeKind.TALENT.value)
        .order_by(RevisionRow.seq)
    )
    return {key: None if content is None else _line(key, content) for key, content in connection.execute(query)}


def _line(talent_id: str, content: str) -> TalentLine:
    record: dict[str, Any] = orjson.loads(content)
    route = record.get("route")
    told = [record.get("presentation", ""), *_listed(record, "skills", "interests", "preferred_occupations")]
    told += [past.get("occupation", "") for past in record.get("experience") or []]
    return TalentLine(
        talent_id=talent_id,
        municipality=record.get("municipality"),
        route=Route(route) if route else None,
        active=record.get("active", True),
        words=folded(" ".join(told)),
    )


def _listed(record: Mapping[str, Any], *names: str) -> Sequence[str]:
    return [text for name in names for text in record.get(name) or []]


def _place(row: sa.Row[str, str | None, datetime, str], talent_id: str) -> StandsOn | None:
    shortlist_id, vacancy_id, created_at, content = row
    entries = orjson.loads(content)["entries"]
    rank = next((entry["rank"] for entry in entries if entry["talent_id"] == talent_id), None)
    return None if rank is None else StandsOn(shortlist_id, vacancy_id or "", created_at, rank, len(entries))
