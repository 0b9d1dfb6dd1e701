"""The one append-only table of changes: numbering, following, and reading as of a date."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.store.schema import RevisionRow, TalentRow, VacancyRow
from core.store.values import Change, ChangeKind

ContentSelect: TypeAlias = "sa.Select[str, str, str, int, datetime | None]"
ContentRow: TypeAlias = "sa.Row[str, str, str, int, datetime | None]"


class Revision(NamedTuple):
    """A row to append: ``kind`` is a value of ``ChangeKind``; ``content`` and ``etag`` are ``None`` in a tombstone."""

    seq: int
    kind: str
    id: str
    content: str | None
    etag: str | None
    valid_from: datetime | None
    recorded_at: datetime


def highest_seq(connection: Connection) -> int:
    """The last number given out; 0 in an empty store. The row that holds it is never deleted."""
    return connection.execute(sa.select(sa.func.max(RevisionRow.seq))).scalar() or 0


def append(connection: Connection, revisions: Sequence[Revision]) -> None:
    """Appends rows, numbered on from :func:`highest_seq` in the same write transaction."""
    if revisions:
        connection.execute(sa.insert(RevisionRow), [row._asdict() for row in revisions])


def changes(connection: Connection, *, after_seq: int, limit: int) -> list[Change]:
    """Up to ``limit`` changes above ``after_seq``, in order of their numbers."""
    rows = connection.execute(
        sa.select(RevisionRow.seq, RevisionRow.kind, RevisionRow.id, RevisionRow.content.is_(None))
        .where(RevisionRow.seq > after_seq)
        .order_by(RevisionRow.seq)
        .limit(limit)
    )
    return [Change(seq, ChangeKind(kind), key, bool(erased)) for seq, kind, key, erased in rows]


def latest(head: type[TalentRow | VacancyRow]) -> ContentSelect:
    """The latest revision of each record, as (id, content, etag, seq, valid_from).

    No condition on the kind: the table of heads implies it, and SQLite would walk all revisions for it.
    """
    row = RevisionRow
    query = sa.select(head.id, row.content, row.etag, row.seq, row.valid_from)
    return cast("ContentSelect", query.join(row, row.seq == head.seq))


def with_content(kind: ChangeKind) -> ContentSelect:
    """Every revision of a kind but tombstones; the same columns."""
    row = RevisionRow
    query = sa.select(row.id, row.content, row.etag, row.seq, row.valid_from)
    return cast("ContentSelect", query.where(row.kind == kind.value, row.content.is_not(None)))


def valid_at(kind: ChangeKind, ids: sa.ColumnElement[bool], as_of: datetime) -> ContentSelect:
    """The revision of each id that held at ``as_of``, ordered by id; the same columns.

    That is the last one written among those that were valid by then, so that the past ends in the present. Where
    none was, the one that became valid first stands for the time before: ``updated_at`` says when a record last
    changed, not when the person came.
    """
    valid = sa.or_(RevisionRow.valid_from.is_(None), RevisionRow.valid_from <= as_of)
    order = (
        sa.case((valid, 0), else_=1),
        sa.case((valid, -RevisionRow.seq), else_=0),
        RevisionRow.valid_from,
        RevisionRow.seq,
    )
    place = sa.func.row_number().over(partition_by=RevisionRow.id, order_by=order)
    ranked = with_content(kind).where(ids).add_columns(place.label("place")).subquery()
    best = ranked.c
    query = sa.select(best.id, best.content, best.etag, best.seq, best.valid_from)
    return cast("ContentSelect", query.where(best.place == 1).order_by(best.id))
