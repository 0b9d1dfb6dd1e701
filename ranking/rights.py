"""A person's right to be forgotten, over everything that ranking keeps: records, vectors and index."""

from datetime import datetime
from typing import cast

from core.errors import NotFound
from core.records import Talent
from core.settings import Settings
from core.store import Store
from embeddings.indexer import forget, personal_keys


def erase_talent(store: Store, settings: Settings, talent_id: str, now: datetime) -> dict[str, int]:
    """Erases a person from the store, the cache of vectors and every version of the index.

    A running service follows the tombstone and drops them from memory. Models stay: they hold no person.

    Args:
        store: the records.
        settings: where the index is.
        talent_id: the person.
        now: the moment of erasing.

    Returns:
        What was removed: rows by table, and ``vectors``.

    Raises:
        NotFound: nothing is held on this person.
        Conflict: the index was being written all the time; run the erasure again.
    """
    keys = personal_keys(_revisions(store, talent_id))
    report = store.erase(talent_id, now=now)
    vectors = forget(store, settings.index_dir, talent_id, keys) if settings.index_dir.exists() else 0
    return {
        "talents": report.talents,
        "revisions": report.revisions,
        "events": report.events,
        "audit": report.audit,
        "shortlists": report.shortlists,
        "vectors": vectors,
    }


def _revisions(store: Store, talent_id: str) -> list[Talent]:
    """The person's record as it is and as it was."""
    try:
        held = store.export(talent_id)
    except NotFound:
        return []
    revisions = cast("list[dict[str, object]]", held["revisions"])
    return [Talent.model_validate(item["record"]) for item in revisions]
