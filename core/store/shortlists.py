"""Shortlists exactly as they were given, with the features that were used."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import InstrumentedAttribute

from core.errors import Conflict, NotFound
from core.shortlists import Entry, Shortlist
from core.store.engine import Database
from core.store.schema import ShortlistRow, ShortlistTalentRow, TalentRow
from core.store.values import KeptShortlist

READ_BATCH: Final = 200


class ShortlistArchive:
    """Saves and replays shortlists."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, shortlist: Shortlist, features: Mapping[str, object], considered: Sequence[str] = ()) -> None:
        """Stores a shortlist; one that is there never changes."""
        key = shortlist.shortlist_id
        ids = dict.fromkeys([*(entry.talent_id for entry in _everyone(shortlist)), *considered])
        with self._database.writing() as connection:
            if connection.execute(sa.select(ShortlistRow.shortlist_id).filter_by(shortlist_id=key)).first():
                raise Conflict(f"shortlist {key} exists already; give every shortlist an id of its own")
            connection.execute(
                sa.insert(ShortlistRow),
                {
                    "shortlist_id": key,
                    "vacancy_id": shortlist.vacancy_id,
                    "created_at": shortlist.created_at,
                    "content": shortlist.model_dump_json(),
                    "features": orjson.dumps(dict(features), option=orjson.OPT_SERIALIZE_NUMPY).decode(),
                },
            )
            _link(connection, key, ids)  # the list is new: nobody is linked to it yet

    def get(self, shortlist_id: str) -> Shortlist:
        """The shortlist as it was given."""
        return Shortlist.model_validate_json(self._column(ShortlistRow.content, shortlist_id))

    def features(self, shortlist_id: str) -> dict[str, object]:
        """The features as they were saved."""
        found: dict[str, object] = orjson.loads(self._column(ShortlistRow.features, shortlist_id))
        return found

    def annotate(
        self, shortlist_id: str, name: str, note: Mapping[str, object], by_talent: Mapping[str, object]
    ) -> None:
        """Adds a note beside the features; the shortlist itself stays as it was given."""
        with self._database.writing() as connection:
            found = connection.execute(
                sa.select(ShortlistRow.features).where(ShortlistRow.shortlist_id == shortlist_id)
            ).scalar_one_or_none()
            if found is None:
                raise NotFound(f"there is no shortlist {shortlist_id}; check the id or make a new one")
            # Whoever was erased after the list was made must not come back through a note on it.
            present = _present(connection, list(by_talent))
            kept = {talent_id: value for talent_id, value in by_talent.items() if talent_id in present}
            features = orjson.loads(found) | {name: {**note, "talents": kept}}
            connection.execute(
                sa.update(ShortlistRow)
                .where(ShortlistRow.shortlist_id == shortlist_id)
                .values(features=orjson.dumps(features, option=orjson.OPT_SERIALIZE_NUMPY).decode())
            )
            known = connection.scalars(
                sa.select(ShortlistTalentRow.talent_id).where(ShortlistTalentRow.shortlist_id == shortlist_id)
            )
            _link(connection, shortlist_id, sorted(kept.keys() - set(known)))

    def recent(self, n: int) -> list[KeptShortlist]:
        """The last n, newest first."""
        query = sa.select(ShortlistRow.content, ShortlistRow.features)
        query = query.order_by(ShortlistRow.created_at.desc(), ShortlistRow.shortlist_id).limit(n)
        with self._database.reading() as connection:
            return [_kept(row) for row in connection.execute(query)]

    def stream(self, since: datetime | None) -> Iterator[KeptShortlist]:
        """All from a moment on, by (created_at, shortlist_id), a batch in memory at a time."""
        with self._database.reading() as connection:
            query = sa.select(ShortlistRow.shortlist_id).order_by(ShortlistRow.created_at, ShortlistRow.shortlist_id)
            ids = list(connection.scalars(query if since is None else query.where(ShortlistRow.created_at >= since)))
        for start in range(0, len(ids), READ_BATCH):
            batch = ids[start : start + READ_BATCH]
            query_batch = sa.select(ShortlistRow.shortlist_id, ShortlistRow.content, ShortlistRow.features).where(
                ShortlistRow.shortlist_id.in_(batch)
            )
            with self._database.reading() as connection:
                rows = {row.shortlist_id: row for row in connection.execute(query_batch)}
            yield from (_kept(rows[shortlist_id]) for shortlist_id in batch if shortlist_id in rows)

    def _column(self, column: InstrumentedAttribute[str], shortlist_id: str) -> str:
        with self._database.reading() as connection:
            found = connection.execute(
                sa.select(column).where(ShortlistRow.shortlist_id == shortlist_id)
            ).scalar_one_or_none()
        if found is None:
            raise NotFound(f"there is no shortlist {shortlist_id}; check the id or make a new one")
        return found


def _kept(row: sa.Row[str, str, str] | sa.Row[str, str]) -> KeptShortlist:
    return KeptShortlist(Shortlist.model_validate_json(row.content), orjson.loads(row.features))


def _link(connection: Connection, shortlist_id: str, ids: Iterable[str]) -> None:
    """Makes a shortlist findable from everyone it says something of, so that an erasure reaches it."""
    rows = [{"talent_id": talent_id, "shortlist_id": shortlist_id} for talent_id in ids]
    if rows:
        connection.execute(sa.insert(ShortlistTalentRow), rows)


def _present(connection: Connection, ids: Sequence[str]) -> set[str]:
    return set(connection.scalars(sa.select(TalentRow.id).where(TalentRow.id.in_(ids))))


def part_of(connection: Connection, talent_id: str) -> list[dict[str, object]]:
    """What the archive holds on one person, and nothing on others: their entries and features, oldest first."""
    parts: list[dict[str, object]] = []
    for row in _of_person(connection, talent_id):
        shortlist = Shortlist.model_validate_json(row.content)
        mine = [entry for entry in _everyone(shortlist) if entry.talent_id == talent_id]
        features: dict[str, object] = orjson.loads(row.features)
        parts.append(
            shortlist.model_dump(mode="json", exclude={"entries", "near_misses"})
            | {"entries": [entry.model_dump(mode="json") for entry in mine], "features": _about(features, talent_id)}
        )
    return parts


def erase_person(connection: Connection, talent_id: str) -> int:
    """Takes a person's entries and features out of every shortlist; the others keep their ranks.

    Returns:
        Number of shortlists they stood on.
    """
    rows = _of_person(connection, talent_id)
    for row in rows:
        shortlist = Shortlist.model_validate_json(row.content)
        rest = shortlist.model_copy(
            update={
                "entries": _without(shortlist.entries, talent_id),
                "near_misses": _without(shortlist.near_misses, talent_id),
            }
        )
        features = _pruned(orjson.loads(row.features), talent_id)
        connection.execute(
            sa.update(ShortlistRow)
            .where(ShortlistRow.shortlist_id == row.shortlist_id)
            .values(content=rest.model_dump_json(), features=orjson.dumps(features).decode())
        )
    connection.execute(sa.delete(ShortlistTalentRow).where(ShortlistTalentRow.talent_id == talent_id))
    return len(rows)


def _everyone(shortlist: Shortlist) -> Iterable[Entry]:
    return (*shortlist.entries, *shortlist.near_misses)


def _without(entries: Sequence[Entry], talent_id: str) -> list[Entry]:
    return [entry for entry in entries if entry.talent_id != talent_id]


def _pruned(value: object, talent_id: str) -> object:
    """The features without everything that is keyed by the person, at any depth."""
    if isinstance(value, dict):
        return {key: _pruned(item, talent_id) for key, item in value.items() if key != talent_id}
    if isinstance(value, list):
        return [_pruned(item, talent_id) for item in value if item != talent_id]
    return value


def _about(value: object, talent_id: str) -> dict[str, object]:
    """Only what is keyed by the person, at any depth, under the keys that lead there."""
    if not isinstance(value, dict):
        return {}
    found = {key: item if key == talent_id else _about(item, talent_id) for key, item in value.items()}
    return {key: item for key, item in found.items() if key == talent_id or item}


def _of_person(connection: Connection, talent_id: str) -> Sequence[sa.Row[str, str, str]]:
    return connection.execute(
        sa.select(ShortlistRow.shortlist_id, ShortlistRow.content, ShortlistRow.features)
        .join(ShortlistTalentRow, ShortlistTalentRow.shortlist_id == ShortlistRow.shortlist_id)
        .where(ShortlistTalentRow.talent_id == talent_id)
        .order_by(ShortlistRow.created_at, ShortlistRow.shortlist_id)
    ).all()
