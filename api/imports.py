"""Bulk imports: one JSON record a line, read as a stream, written in batches.

A batch is one transaction. What was written stays written when the caller breaks off; sending the same file
again is safe, because records are known by id and content.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Generic, Literal, TypeVar

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool

from api.bodies import NDJSON_TYPES, json_response, reads_ndjson
from api.examples import IMPORT_LINES
from api.limits import IMPORT_SUFFIX
from api.problems import RequestRefused, documented
from api.service import OpenService
from core.courses import Course
from core.exchange import explain
from core.records import EVENT_ADAPTER, Event, Talent, Vacancy
from core.store import PutOutcome

router = APIRouter(prefix="/v1", tags=["imports"])

BATCH = 1_000
MAX_LINES = 100_000
MAX_LINE_BYTES = 256 * 1024

R = TypeVar("R")


class LineResult(BaseModel):
    """What became of one line."""

    model_config = ConfigDict(frozen=True)

    line: Annotated[int, Field(ge=1, description="Counted from 1, empty lines too.")]
    id: Annotated[str | None, Field(description="Id of the record, when it could be read.")]
    outcome: PutOutcome | Literal["rejected"]
    reason: Annotated[str | None, Field(description="Why it was rejected, and what to do.")] = None


class ImportResult(BaseModel):
    """What became of a bulk import."""

    model_config = ConfigDict(frozen=True)

    read: int
    written: int
    unchanged: int
    rejected: int
    results: Annotated[list[LineResult], Field(description="One a line, in order.")]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the body.

    Attributes:
        number: counted from 1.
        text: without the line end; None when it was too long to keep.
    """

    number: int
    text: bytes | None


@dataclass(frozen=True, slots=True)
class Kind(Generic[R]):
    """How one kind of record is imported.

    Attributes:
        adapter: reads a record.
        id_of: its id.
        write: stores a batch; one outcome a record, in order.
    """

    adapter: TypeAdapter[R]
    id_of: Callable[[R], str]
    write: Callable[[Sequence[R]], list[PutOutcome]]


async def lines_of(chunks: AsyncIterator[bytes]) -> AsyncIterator[Line]:
    """Splits a stream at line feeds, holding one line at most; empty lines are counted and left out.

    Raises:
        RequestRefused: more than MAX_LINES lines (413).
    """
    number, held, too_long = 1, bytearray(), False
    async for chunk in chunks:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            held += end
            if held.strip() or too_long:
                yield _line(number, held, too_long=too_long)
            number, held, too_long = number + 1, bytearray(), False
        held += rest
        if len(held) > MAX_LINE_BYTES:
            held, too_long = bytearray(), True
    if held.strip() or too_long:
        yield _line(number, held, too_long=too_long)


def _line(number: int, held: bytearray, *, too_long: bool) -> Line:
    if number > MAX_LINES:
        raise RequestRefused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"An import may have {MAX_LINES:,} lines at most; the lines before were written, send the rest.",
        )
    return Line(number, None if too_long or len(held) > MAX_LINE_BYTES else bytes(held))


def _rejected(line: Line, reason: str, record_id: str | None = None) -> LineResult:
    return LineResult(line=line.number, id=record_id, outcome="rejected", reason=reason)


def _read(line: Line, adapter: TypeAdapter[R]) -> R | LineResult:
    """The record on a line, or why there is none."""
    if line.text is None:
        return _rejected(line, f"the line has more than {MAX_LINE_BYTES:,} bytes; split it")
    try:
        return adapter.validate_python(orjson.loads(line.text))
    except orjson.JSONDecodeError:
        return _rejected(line, "the line is not UTF-8 JSON (RFC 8259); correct it and send it again")
    except ValidationError as error:
        return _rejected(line, explain(error))


def import_batch(lines: Iterable[Line], kind: Kind[R]) -> list[LineResult]:
    """Reads and writes one batch; one result a line, in order."""
    records: list[tuple[Line, R]] = []
    rejected: list[LineResult] = []
    for line in lines:
        found = _read(line, kind.adapter)
        if isinstance(found, LineResult):
            rejected.append(found)
        else:
            records.append((line, found))
    outcomes = kind.write([record for _, record in records]) if records else []
    written = [
        _outcome(line, kind.id_of(record), outcome) for (line, record), outcome in zip(records, outcomes, strict=True)
    ]
    return sorted(rejected + written, key=lambda result: result.line)


def _outcome(line: Line, record_id: str, outcome: PutOutcome) -> LineResult:
    if outcome is not PutOutcome.REFUSED:
        return LineResult(line=line.number, id=record_id, outcome=outcome)
    return _rejected(
        line, "there is another event under this event_id; events do not change, so send a new id", record_id
    )


def _summary(results: list[LineResult]) -> ImportResult:
    n_rejected = sum(result.outcome == "rejected" for result in results)
    n_unchanged = sum(result.outcome is PutOutcome.UNCHANGED for result in results)
    return ImportResult(
        read=len(results),
        written=len(results) - n_rejected - n_unchanged,
        unchanged=n_unchanged,
        rejected=n_rejected,
        results=results,
    )


async def _import(request: Request, kind: Kind[R]) -> Response:
    """Reads the body as it comes and writes each full batch in a thread."""
    results: list[LineResult] = []
    batch: list[Line] = []

    async def write() -> None:
        results.extend(await run_in_threadpool(import_batch, list(batch), kind))
        batch.clear()

    async for line in lines_of(request.stream()):
        batch.append(line)
        if len(batch) == BATCH:
            await write()
    if batch:
        await write()
    for result in results:
        request.state.metrics.import_lines.labels(str(result.outcome)).inc()
    return json_response(await run_in_threadpool(lambda: _summary(results).model_dump_json()))


def _documentation(what: str) -> dict[str, Any]:
    schema = {"schema": {"type": "string"}, "examples": {"lines": {"value": IMPORT_LINES}}}
    content = {NDJSON_TYPES[0]: schema if what == "talents" else {"schema": {"type": "string"}}}
    return {"requestBody": {"required": True, "content": content}}


_PROBLEMS = documented(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
_TALENTS: TypeAdapter[Talent] = TypeAdapter(Talent)
_VACANCIES: TypeAdapter[Vacancy] = TypeAdapter(Vacancy)
_COURSES: TypeAdapter[Course] = TypeAdapter(Course)


@router.post(
    f"/talents{IMPORT_SUFFIX}",
    summary="Import talents",
    response_model=ImportResult,
    dependencies=[reads_ndjson],
    responses=_PROBLEMS,
    openapi_extra=_documentation("talents"),
)
async def import_talents(request: Request, service: OpenService) -> Response:
    """One talent a line. A bad line is rejected with its reason; the others go in."""
    store, clock = service.store, service.clock
    kind = Kind(_TALENTS, lambda talent: talent.talent_id, lambda batch: store.put_talents(batch, now=clock()))
    return await _import(request, kind)


@router.post(
    f"/vacancies{IMPORT_SUFFIX}",
    summary="Import vacancies",
    response_model=ImportResult,
    dependencies=[reads_ndjson],
    responses=_PROBLEMS,
    openapi_extra=_documentation("vacancies"),
)
async def import_vacancies(request: Request, service: OpenService) -> Response:
    """One vacancy a line. A bad line is rejected with its reason; the others go in."""
    store, clock = service.store, service.clock
    kind = Kind(_VACANCIES, lambda vacancy: vacancy.vacancy_id, lambda batch: store.put_vacancies(batch, now=clock()))
    return await _import(request, kind)


@router.post(
    f"/events{IMPORT_SUFFIX}",
    summary="Import events",
    response_model=ImportResult,
    dependencies=[reads_ndjson],
    responses=_PROBLEMS,
    openapi_extra=_documentation("events"),
)
async def import_events(request: Request, service: OpenService) -> Response:
    """One event a line, append-only. A bad line is rejected with its reason; the others go in."""
    store, clock = service.store, service.clock
    kind: Kind[Event] = Kind(
        EVENT_ADAPTER, lambda event: event.event_id, lambda batch: store.put_events(batch, now=clock())
    )
    return await _import(request, kind)


@router.post(
    f"/courses{IMPORT_SUFFIX}",
    summary="Import courses",
    response_model=ImportResult,
    dependencies=[reads_ndjson],
    responses=_PROBLEMS,
    openapi_extra=_documentation("courses"),
)
async def import_courses(request: Request, service: OpenService) -> Response:
    """One course a line. A bad line is rejected with its reason; the others go in."""
    return await _import(request, Kind(_COURSES, lambda course: course.course_id, service.store.put_courses))
