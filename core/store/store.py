"""The store: everything that is kept, behind one door. Composition only; each part has a file of its own."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import orjson
import sqlalchemy as sa

from core.courses import Course
from core.errors import StoreUnavailable
from core.records import AuditAttributes, Event, Place, Talent, Vacancy
from core.shortlists import Shortlist
from core.store import revisions
from core.store.accounts import Accounts
from core.store.audit import AuditVault
from core.store.columns import EventColumns, read_columns
from core.store.courses import CourseCatalogue
from core.store.desk import Desk
from core.store.engine import Database, connect
from core.store.events import EventLog
from core.store.happenings import Happenings
from core.store.migrate import migrate
from core.store.people import People
from core.store.places import PlaceBook
from core.store.privacy import Privacy
from core.store.records import TALENTS, VACANCIES, Records
from core.store.schema import TalentRow, VacancyRow
from core.store.shortlists import ShortlistArchive
from core.store.values import (
    Change,
    CoursePage,
    CourseStamp,
    ErasureReport,
    KeptShortlist,
    PutOutcome,
    Stored,
    VacancyOwner,
)
from core.store.vectors import VectorCache
from core.vocabulary import EventKind, VacancyStatus

MAX_PAGE: Final = 10_000  # rows that one call may bring into memory


class Store:
    """Records, events, shortlists and cached vectors in SQLite or PostgreSQL.

    A context manager; safe to share between threads. Every write is one transaction: all of it happens, or nothing.
    Every method raises ``StoreUnavailable`` when the database does not answer.

    Attributes:
        accounts: who may log in at the desk, and who is.
        desk: what the pages of the desk list.
        people: likewise, of people.
        happenings: likewise, of what happened.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._talents = Records(database, TALENTS)
        self._vacancies = Records(database, VACANCIES)
        self._events = EventLog(database)
        self._audit = AuditVault(database)
        self._places = PlaceBook(database)
        self._courses = CourseCatalogue(database)
        self.accounts = Accounts(database)
        self.desk = Desk(database)
        self.people = People(database)
        self.happenings = Happenings(database)
        self._shortlists = ShortlistArchive(database)
        self._vectors = VectorCache(database)
        self._privacy = Privacy(database, self._talents)

    @classmethod
    def open(cls, url: str) -> Self:
        """Opens a database, makes it where it is a SQLite file that is not there, and migrates it.

        Safe when several processes do so at once.

        Args:
            url: ``sqlite:///PATH`` or ``postgresql://USER:PASSWORD@HOST/NAME``.

        Raises:
            SettingsInvalid: another kind of database.
            StoreUnavailable: it does not answer, or a newer version wrote it.
        """
        database = connect(url)
        try:
            migrate(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    def close(self) -> None:
        """Closes all connections; the store cannot be used after."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ping(self) -> None:
        """Asks the database for a sign of life."""
        with self._database.reading() as connection:
            if connection.execute(sa.select(sa.literal(1))).scalar() != 1:
                raise StoreUnavailable("the database does not answer; check that it runs")

    # Talents and vacancies

    def put_talents(self, records: Sequence[Talent], *, now: datetime) -> list[PutOutcome]:
        """Writes talents in one transaction.

        Args:
            records: in order; of two with one id the later wins. All are in memory: pass a thousand or so at a time.
            now: the moment of writing; stands in where a record does not say when it changed.

        Returns:
            What happened to each, in the order given. Equal content is UNCHANGED and gets no revision; a date that
            the store filled in itself does not count.
        """
        return self._talents.put_many(records, now=now)

    def put_vacancies(self, records: Sequence[Vacancy], *, now: datetime) -> list[PutOutcome]:
        """Writes vacancies in one transaction; as :meth:`put_talents`."""
        return self._vacancies.put_many(records, now=now)

    def put_talent(
        self, record: Talent, *, now: datetime, if_match: str | None = None, if_none_match: bool = False
    ) -> tuple[Stored[Talent], PutOutcome]:
        """Writes one talent, if it is as the caller assumes.

        Args:
            record: the new content.
            now: the moment of writing.
            if_match: etag that the present record must have.
            if_none_match: the record must not exist yet.

        Raises:
            Conflict: the assumption does not hold; nothing was written.
        """
        return self._talents.put(record, now=now, if_match=if_match, if_none_match=if_none_match)

    def put_vacancy(
        self, record: Vacancy, *, now: datetime, if_match: str | None = None, if_none_match: bool = False
    ) -> tuple[Stored[Vacancy], PutOutcome]:
        """Writes one vacancy, if it is as the caller assumes; as :meth:`put_talent`."""
        return self._vacancies.put(record, now=now, if_match=if_match, if_none_match=if_none_match)

    def talent(self, talent_id: str, *, as_of: datetime | None = None) -> Stored[Talent]:
        """Reads a talent, as it is or as it was at ``as_of``.

        Of the revisions that were valid by ``as_of`` the last one written; before the first, the first.

        Raises:
            NotFound: there is none with this id.
        """
        return self._talents.get(talent_id, as_of=as_of)

    def vacancy(self, vacancy_id: str, *, as_of: datetime | None = None) -> Stored[Vacancy]:
        """Reads a vacancy; as :meth:`talent`."""
        return self._vacancies.get(vacancy_id, as_of=as_of)

    def talents_by_id(self, ids: Iterable[str], *, as_of: datetime | None = None) -> dict[str, Stored[Talent]]:
        """Reads the named talents; one that is not there is left out."""
        return self._talents.by_id(ids, as_of=as_of)

    def vacancies_by_id(self, ids: Iterable[str], *, as_of: datetime | None = None) -> dict[str, Stored[Vacancy]]:
        """Reads the named vacancies; one that is not there is left out."""
        return self._vacancies.by_id(ids, as_of=as_of)

    def page_talents(self, *, limit: int, after: str | None = None) -> list[Stored[Talent]]:
        """Up to ``limit`` talents by id, those after the id ``after``.

        Raises:
            ValueError: ``limit`` is not within 1 to 10,000.
        """
        return self._talents.page(limit=_checked(limit), after=after)

    def page_vacancies(
        self, *, limit: int, after: str | None = None, status: VacancyStatus | None = None
    ) -> list[Stored[Vacancy]]:
        """Up to ``limit`` vacancies by id, those after the id ``after``, of one status or all.

        Raises:
            ValueError: ``limit`` is not within 1 to 10,000.
        """
        only = None if status is None else VacancyRow.status == status.value
        return self._vacancies.page(limit=_checked(limit), after=after, only=only)

    def iter_talents(self, *, as_of: datetime | None = None) -> Iterator[Stored[Talent]]:
        """All talents by id, a batch in memory at a time; each batch is its own snapshot."""
        return self._talents.stream(as_of=as_of)

    def iter_vacancies(self, *, as_of: datetime | None = None) -> Iterator[Stored[Vacancy]]:
        """All vacancies by id, a batch in memory at a time; each batch is its own snapshot."""
        return self._vacancies.stream(as_of=as_of)

    def talent_revisions(self, ids: Iterable[str] | None = None) -> Iterator[Stored[Talent]]:
        """All revisions of all talents, or of the named ones, by id, then seq."""
        return self._talents.history() if ids is None else self._talents.history_of(ids)

    def vacancy_revisions(self, ids: Iterable[str] | None = None) -> Iterator[Stored[Vacancy]]:
        """All revisions of all vacancies, or of the named ones, by id, then seq."""
        return self._vacancies.history() if ids is None else self._vacancies.history_of(ids)

    def vacancy_owners(self, ids: Iterable[str]) -> Iterator[VacancyOwner]:
        """Whose the named vacancies were, a value a revision, by id, then seq; a tenth of the time of whole records."""
        for vacancy_id, content, _, _, valid_from in self._vacancies.contents_of(ids):
            told = orjson.loads(content)
            yield VacancyOwner(vacancy_id, told.get("employer", {}).get("employer_id"), told.get("sector"), valid_from)

    def count_talents(self, *, active_only: bool = True) -> int:
        """Number of talents."""
        return self._talents.count(TalentRow.active.is_(True) if active_only else None)

    # Following

    def changes(self, *, after_seq: int, limit: int = MAX_PAGE) -> list[Change]:
        """Up to ``limit`` changes above ``after_seq``, in order; a follower never misses one.

        Raises:
            ValueError: ``limit`` is not within 1 to 10,000.
        """
        with self._database.reading() as connection:
            return revisions.changes(connection, after_seq=after_seq, limit=_checked(limit))

    def last_seq(self) -> int:
        """The number of the last change; 0 in an empty store. One index lookup."""
        with self._database.reading() as connection:
            return revisions.highest_seq(connection)

    # Events, audit attributes, places

    def put_events(self, events: Sequence[Event], *, now: datetime) -> list[PutOutcome]:
        """Appends events in one transaction.

        The vacancy and the talent need not be there (yet).

        Returns:
            For each, in the order given: CREATED; UNCHANGED, the same event was there; or REFUSED, the id is there
            with other content, which stays as it is.
        """
        return self._events.put(events, now=now)

    def iter_events(
        self, *, until: datetime | None = None, talent_id: str | None = None, vacancy_id: str | None = None
    ) -> Iterator[Event]:
        """Events up to and including ``until``, by (occurred_at, event_id), a batch in memory at a time."""
        return self._events.stream(until=until, talent_id=talent_id, vacancy_id=vacancy_id)

    def event_columns(
        self,
        *,
        until: datetime | None = None,
        kinds: Collection[EventKind] | None = None,
        talent_ids: Collection[str] | None = None,
    ) -> EventColumns:
        """All events up to and including ``until``, as numpy columns; 500 bytes an event.

        Args:
            until: default all.
            kinds: only events of these kinds.
            talent_ids: only events of these people, some hundreds at most.
        """
        return read_columns(self._database, until=until, kinds=kinds, talent_ids=talent_ids)

    def put_audit(self, records: Sequence[AuditAttributes], *, now: datetime) -> list[PutOutcome]:
        """Writes audit attributes in one transaction, in order; the talent need not be there (yet)."""
        return self._audit.put(records, now=now)

    def iter_audit(self) -> Iterator[AuditAttributes]:
        """All audit attributes by talent_id. For the fairness audit only: never a feature, never an answer."""
        return self._audit.stream()

    def put_places(self, places: Sequence[Place], *, now: datetime) -> list[PutOutcome]:
        """Writes places in one transaction, in order; a change gets a sequence number."""
        return self._places.put(places, now=now)

    def places(self) -> dict[str, Place]:
        """All places by four-digit postcode."""
        return self._places.all()

    # Courses

    def put_courses(self, records: Sequence[Course]) -> list[PutOutcome]:
        """Writes courses in one transaction, in order; of two with one id the later wins."""
        return self._courses.put(records)

    def course(self, course_id: str) -> Course:
        """Reads a course.

        Raises:
            NotFound: there is none with this id.
        """
        return self._courses.get(course_id)

    def page_courses(self, *, search: str = "", limit: int, offset: int = 0) -> CoursePage:
        """Up to ``limit`` active courses that hold every word of ``search``, by title, from ``offset`` on.

        Raises:
            ValueError: ``limit`` is not within 1 to 10,000.
        """
        return self._courses.page(search=search, limit=_checked(limit), offset=offset)

    def active_courses(self) -> list[Course]:
        """All courses that can be followed still, by id."""
        return self._courses.active()

    def courses_stamp(self) -> CourseStamp:
        """Another value after every change of the catalogue; cheap to ask."""
        return self._courses.stamp()

    # Shortlists and vectors

    def save_shortlist(
        self, shortlist: Shortlist, features: Mapping[str, object], considered: Sequence[str] = ()
    ) -> None:
        """Keeps a shortlist as it was given.

        Args:
            shortlist: what the matchmaker got.
            features: what it was computed from, JSON values or numpy arrays (NaN is kept as null). What belongs to
                a person must be keyed by their talent_id: an erasure removes it by that key, at any depth.
            considered: people whom the features name and who stand on no place of the list.

        Raises:
            Conflict: a shortlist with this id exists.
        """
        self._shortlists.save(shortlist, features, considered)

    def annotate_shortlist(
        self, shortlist_id: str, name: str, note: Mapping[str, object], by_talent: Mapping[str, object]
    ) -> None:
        """Keeps a note beside a shortlist's features, such as what another model would have made of it.

        Args:
            shortlist_id: of a stored one; the shortlist itself does not change.
            name: of the note; one with this name is replaced.
            note: what it says, nothing of a person in it.
            by_talent: what it says of each person; found again under ``talents``. People erased meanwhile are left out.

        Raises:
            NotFound: there is no such shortlist.
        """
        self._shortlists.annotate(shortlist_id, name, note, by_talent)

    def recent_shortlists(self, n: int) -> list[KeptShortlist]:
        """The last n shortlists with their features, newest first.

        Raises:
            ValueError: ``n`` is not within 1 to 10,000.
        """
        return self._shortlists.recent(_checked(n))

    def iter_shortlists(self, *, since: datetime | None = None) -> Iterator[KeptShortlist]:
        """Shortlists with their features by (created_at, shortlist_id), a batch in memory at a time."""
        return self._shortlists.stream(since)

    def shortlist(self, shortlist_id: str) -> Shortlist:
        """The shortlist exactly as it was given, but for people erased since.

        Raises:
            NotFound: there is none with this id.
        """
        return self._shortlists.get(shortlist_id)

    def shortlist_features(self, shortlist_id: str) -> dict[str, object]:
        """The features that a shortlist was computed from.

        Raises:
            NotFound: there is none with this id.
        """
        return self._shortlists.features(shortlist_id)

    def vectors(self, encoder_version: str, keys: Sequence[bytes]) -> dict[bytes, npt.NDArray[np.float32]]:
        """Cached vectors of the keys that are there, each of shape (dim,), read-only."""
        return self._vectors.get(encoder_version, keys)

    def put_vectors(self, encoder_version: str, keys: Sequence[bytes], vectors: npt.NDArray[np.float32]) -> None:
        """Caches vectors.

        Args:
            encoder_version: fingerprint of the encoder.
            keys: n hashes of texts.
            vectors: shape (n, dim), row i for key i.

        Raises:
            ValueError: the shapes do not fit.
        """
        self._vectors.put(encoder_version, keys, vectors)

    def drop_vectors(self, *, keep_version: str | None = None, keys: Sequence[bytes] | None = None) -> int:
        """Forgets cached vectors: of all encoders but one, of some keys, both, or all.

        Returns:
            How many went.
        """
        return self._vectors.drop(keep_version=keep_version, keys=keys)

    # A person's rights

    def erase(self, talent_id: str, *, now: datetime) -> ErasureReport:
        """Removes a person: record, revisions, events, audit attributes, shortlist entries.

        A tombstone with a new sequence number stays, so that followers drop the person too. Cached vectors are keyed
        by hashes of texts: whoever knows the texts drops them with :meth:`drop_vectors`.

        Raises:
            NotFound: nothing is held on this person.
        """
        return self._privacy.erase(talent_id, now=now)

    def export(self, talent_id: str) -> dict[str, object]:
        """Everything held on a person, as JSON values, and nothing on others.

        Returns:
            talent, revisions, events, audit, and the shortlists on which they stood with their own entries only.

        Raises:
            NotFound: nothing is held on this person.
        """
        return self._privacy.export(talent_id)


def _checked(limit: int) -> int:
    if not 1 <= limit <= MAX_PAGE:
        raise ValueError(f"limit must be within 1 and {MAX_PAGE}, not {limit}; ask for the next page instead")
    return limit
