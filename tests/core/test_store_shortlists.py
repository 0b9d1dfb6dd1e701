"""Notes beside shortlists, and reading many of them."""

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import NotFound
from core.records import Talent
from core.shortlists import Shortlist
from core.store import Store
from core.store import shortlists as archive
from core.vocabulary import RankingMode

NOW = datetime(2026, 1, 12, 9, tzinfo=UTC)


def shortlist(key: str, made: datetime = NOW) -> Shortlist:
    return Shortlist(
        shortlist_id=key,
        vacancy_id="v",
        created_at=made,
        ranking_mode=RankingMode.LEARNED,
        model_version="1",
        encoder_version="e",
        index_version="i",
        pool_size=0,
        entries=[],
        near_misses=[],
    )


def test_a_note_is_kept_beside_the_features_and_changes_nothing_else(store: Store) -> None:
    store.put_talents([Talent(talent_id=who) for who in ("a", "b")], now=NOW)
    store.save_shortlist(shortlist("s-1"), {"values": {"x": [1.0, None]}})
    store.annotate_shortlist("s-1", "challenger", {"model_version": "2"}, {"a": 1, "b": 2})
    expected = {"values": {"x": [1.0, None]}, "challenger": {"model_version": "2", "talents": {"a": 1, "b": 2}}}
    assert store.shortlist_features("s-1") == expected
    assert store.shortlist("s-1") == shortlist("s-1")
    store.annotate_shortlist("s-1", "challenger", {"model_version": "3"}, {"b": 1})
    assert store.shortlist_features("s-1")["challenger"] == {"model_version": "3", "talents": {"b": 1}}
    with pytest.raises(NotFound, match="check the id"):
        store.annotate_shortlist("s-9", "challenger", {}, {})


def test_an_erasure_reaches_the_note_and_whoever_is_gone_does_not_come_back(store: Store) -> None:
    store.put_talents([Talent(talent_id=who) for who in ("a", "b", "c")], now=NOW)
    store.save_shortlist(shortlist("s-1"), {"order": {"c": 0, "b": 1}}, ["c", "b"])
    store.annotate_shortlist("s-1", "challenger", {}, {"a": 1, "b": 2})
    assert store.export("a")["shortlists"][0]["features"] == {"challenger": {"talents": {"a": 1}}}
    assert store.export("c")["shortlists"][0]["features"] == {"order": {"c": 0}}
    assert store.erase("a", now=NOW).shortlists == 1
    assert store.erase("c", now=NOW).shortlists == 1
    assert store.shortlist_features("s-1") == {"order": {"b": 1}, "challenger": {"talents": {"b": 2}}}
    store.annotate_shortlist("s-1", "challenger", {}, {"a": 1, "b": 2})  # made before the erasure, kept after it
    assert store.shortlist_features("s-1")["challenger"] == {"talents": {"b": 2}}
    with pytest.raises(NotFound):
        store.export("a")


def test_the_last_ones_newest_first_and_all_from_a_moment_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "READ_BATCH", 2)
    for number in (3, 1, 4, 0, 2):
        store.save_shortlist(shortlist(f"s-{number}", NOW + timedelta(hours=number)), {"number": number})
    assert [item.shortlist.shortlist_id for item in store.recent_shortlists(3)] == ["s-4", "s-3", "s-2"]
    assert [item.features["number"] for item in store.iter_shortlists()] == [0, 1, 2, 3, 4]
    since = list(store.iter_shortlists(since=NOW + timedelta(hours=3)))
    assert [item.shortlist.shortlist_id for item in since] == ["s-3", "s-4"]
    with pytest.raises(ValueError, match="within 1"):
        store.recent_shortlists(0)
