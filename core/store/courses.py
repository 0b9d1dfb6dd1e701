"""The course catalogue. Some hundreds of rows: matched whole in memory, searched and paged here."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.engine import Connection

from core.courses import Course
from core.errors import NotFound, StoreUnavailable
from core.store.engine import Database
from core.store.schema import CourseRow
from core.store.values import CoursePage, CourseStamp, PutOutcome

MAX_COURSES: Final = 20_000  # brought into memory to be matched; far above any region's catalogue
_WORDS_ASKED: Final = 8  # of a search; more narrows nothing down


class CourseCatalogue:
    """Reads and writes courses."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, courses: Sequence[Course]) -> list[PutOutcome]:
        """Writes all courses in one transaction, in order; of two with one id the later wins."""
        with self._database.writing() as connection:
            known = _contents(connection, [course.course_id for course in courses])
            present, outcomes = frozenset(known), []
            seq = _stamp(connection).seq
            changed: dict[str, dict[str, object]] = {}
            for course in courses:
                key, content = course.course_id, course.model_dump_json(exclude_defaults=True)
                if known.get(key) == content:
                    outcomes.append(PutOutcome.UNCHANGED)
                    continue
                outcomes.append(PutOutcome.UPDATED if key in known else PutOutcome.CREATED)
                seq += 1
                known[key] = content
                changed[key] = _row(course, content, seq)
            stale = [key for key in changed if key in present]
            if stale:
                connection.execute(sa.delete(CourseRow).where(CourseRow.course_id.in_(stale)))
            if changed:
                connection.execute(sa.insert(CourseRow), list(changed.values()))
        return outcomes

    def get(self, course_id: str) -> Course:
        """Reads one course."""
        with self._database.reading() as connection:
            found = _contents(connection, [course_id])
        if course_id not in found:
            raise NotFound(f"there is no course {course_id}; check the id or import it first")
        return _course(course_id, found[course_id])

    def page(self, *, search: str, limit: int, offset: int) -> CoursePage:
        """Active courses that hold every word asked for, by title."""
        row = CourseRow
        wanted = [row.words.contains(word, autoescape=True) for word in search.casefold().split()[:_WORDS_ASKED]]
        chosen = sa.and_(row.active.is_(True), *wanted)
        query = sa.select(row.course_id, row.content).where(chosen).order_by(row.title, row.course_id)
        with self._database.reading() as connection:
            total = connection.execute(sa.select(sa.func.count()).select_from(row).where(chosen)).scalar_one()
            rows = connection.execute(query.limit(limit).offset(offset)).all()
        return CoursePage([_course(key, content) for key, content in rows], int(total))

    def active(self) -> list[Course]:
        """All courses that can be followed still, by id."""
        query = sa.select(CourseRow.course_id, CourseRow.content).where(CourseRow.active.is_(True))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(CourseRow.course_id).limit(MAX_COURSES)).all()
        return [_course(key, content) for key, content in rows]

    def stamp(self) -> CourseStamp:
        """Another value after every change."""
        with self._database.reading() as connection:
            return _stamp(connection)


def _stamp(connection: Connection) -> CourseStamp:
    count, seq = connection.execute(sa.select(sa.func.count(), sa.func.max(CourseRow.seq))).one()
    return CourseStamp(int(count), int(seq or 0))


def _row(course: Course, content: str, seq: int) -> dict[str, object]:
    words = (course.title, course.provider, course.place, *course.gives)
    return {
        "course_id": course.course_id,
        "seq": seq,
        "active": course.active,
        "title": course.title.casefold(),
        "words": "\n".join(words).casefold(),
        "content": content,
    }


def _contents(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Content by id of the courses that are there; a batch of an import holds a thousand at most."""
    query = sa.select(CourseRow.course_id, CourseRow.content).where(CourseRow.course_id.in_(sorted(set(ids))))
    return {row.course_id: row.content for row in connection.execute(query)}


def _course(key: str, content: str) -> Course:
    try:
        return Course.model_validate_json(content)
    except ValidationError as error:
        raise StoreUnavailable(
            f"course {key} was stored under another contract ({error.error_count()} fields differ); "
            "import the catalogue again"
        ) from error
