"""Shortlists exactly as they were given, with the features that were used."""

from collections.abc import Iterable, Mapping, Sequence

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import InstrumentedAttribute

from core.errors import Conflict, NotFound
from core.shortlists import Entry, Shortlist
from core.store.engine import Database
from core.store.schema import ShortlistRow, ShortlistTalentRow


class ShortlistArchive:
    """Saves and replays shortlists."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, shortlist: Shortlist, features: Mapping[str, object]) -> None:
        """Stores a shortlist; one that is there never changes."""
        key = shortlist.shortlist_id
        ids = dict.fromkeys(entry.talent_id for entry in _everyone(shortlist))
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
            if ids:
                connection.execute(
                    sa.insert(ShortlistTalentRow),
                    [{"talent_id": talent_id, "shortlist_id": key} for talent_id in ids],
                )

    def get(self, shortlist_id: str) -> Shortlist:
        """The shortlist as it was given."""
        return Shortlist.model_validate_json(self._column(ShortlistRow.content, shortlist_id))

    def features(self, shortlist_id: str) -> dict[str, object]:
        """The features as they were saved."""
        found: dict[str, object] = orjson.loads(self._column(ShortlistRow.features, shortlist_id))
        return found

    def _column(self, column: InstrumentedAttribute[str], shortlist_id: str) -> str:
        with self._database.reading() as connection:
            found = connection.execute(
                sa.select(column).where(ShortlistRow.shortlist_id == shortlist_id)
            ).scalar_one_or_none()
        if found is None:
            raise NotFound(f"there is no shortlist {shortlist_id}; check the id or make a new one")
        return found


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
