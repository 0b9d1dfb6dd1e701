"""A person's rights, the audit vault, places, shortlists and the vector cache."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.errors import Conflict, NotFound
from core.records import EVENT_ADAPTER, AuditAttributes, Place, Talent
from core.shortlists import Entry, NearMiss, Shortlist
from core.store import Change, ChangeKind, PutOutcome, Store

CREATED, UPDATED, UNCHANGED = PutOutcome.CREATED, PutOutcome.UPDATED, PutOutcome.UNCHANGED
NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
SECRET = "Mijn-onmiskenbare-zin"


def entry(rank: int, talent_id: str) -> dict[str, object]:
    return {
        "rank": rank,
        "talent_id": talent_id,
        "score": 1.5 / rank,
        "retention": {"probability": 0.5, "low": 0.25, "high": 0.75, "band": "midden"},
        "similarity": 0.1,
        "travel_km": None,
        "reasons": [{"feature": "f", "direction": "+", "text": f"{SECRET} van {talent_id}"}],
        "matched_skills": [],
        "gaps": [],
        "unknowns": ["licences"],
    }


def shortlist(key: str, entries: list[str], near_misses: list[str]) -> Shortlist:
    return Shortlist(
        shortlist_id=key,
        vacancy_id="v",
        created_at=NOW,
        ranking_mode="learned",
        model_version="3",
        encoder_version="e1",
        index_version="i1",
        pool_size=10,
        entries=[Entry.model_validate(entry(rank, who)) for rank, who in enumerate(entries, start=1)],
        near_misses=[
            NearMiss.model_validate({**entry(rank, who), "blocked_by": [], "would_help": []})
            for rank, who in enumerate(near_misses, start=1)
        ],
    )


def fill(store: Store) -> None:
    """Two people with something of everything."""
    for who in ("a", "b"):
        store.put_talents([Talent(talent_id=who, presentation=f"{SECRET} van {who}")], now=NOW)
        store.put_talents([Talent(talent_id=who, skills=[f"{SECRET} van {who}"])], now=NOW + timedelta(days=1))
        store.put_audit([AuditAttributes(talent_id=who, gender="v", birth_year=1990)], now=NOW)
        store.put_events(
            [
                EVENT_ADAPTER.validate_python(
                    {
                        "event_id": f"{who}{i}",
                        "kind": "ended",
                        "occurred_at": NOW + timedelta(hours=i),
                        "vacancy_id": "v",
                        "talent_id": who,
                        "ended_on": NOW.date(),
                        "reason": f"{SECRET} van {who}",
                    }
                )
                for i in range(3)
            ],
            now=NOW,
        )
    store.save_shortlist(shortlist("s1", ["a", "b"], []), {"names": ["f"], "rows": {"a": [1.0], "b": [2.0]}})
    store.save_shortlist(shortlist("s2", ["b"], ["a"]), {"a": [1.0], "b": [2.0], "order": ["b", "a"]})


def test_erasing_leaves_nothing_of_one_and_everything_of_others(store: Store):
    fill(store)
    before = store.export("b")
    report = store.erase("a", now=NOW)
    assert (report.talents, report.revisions, report.events, report.audit, report.shortlists) == (1, 2, 3, 1, 2)
    with pytest.raises(NotFound):
        store.talent("a")
    with pytest.raises(NotFound):
        store.talent("a", as_of=NOW)
    with pytest.raises(NotFound):
        store.export("a")
    with pytest.raises(NotFound, match="nothing is held"):
        store.erase("a", now=NOW)
    assert [stored.record.talent_id for stored in store.talent_revisions()] == ["b", "b"]
    assert [stored.record.talent_id for stored in store.iter_talents(as_of=NOW)] == ["b"]
    assert {item.talent_id for item in store.iter_events()} == {"b"}
    assert [item.talent_id for item in store.iter_audit()] == ["b"]
    assert [(item.rank, item.talent_id) for item in store.shortlist("s1").entries] == [(2, "b")]
    assert store.shortlist("s2").near_misses == []
    assert store.shortlist_features("s1") == {"names": ["f"], "rows": {"b": [2.0]}}
    assert store.shortlist_features("s2") == {"b": [2.0], "order": ["b"]}
    assert store.export("b") == before


def test_followers_are_told_of_an_erasure(store: Store):
    fill(store)
    last = store.last_seq()
    assert store.erase("a", now=NOW).seq == last + 1
    assert store.changes(after_seq=last) == [Change(last + 1, ChangeKind.TALENT, "a", erased=True)]
    assert [change.id for change in store.changes(after_seq=0)] == ["b", "b", "a"]
    assert store.last_seq() == last + 1


def test_an_erased_person_can_come_back_as_new(store: Store):
    fill(store)
    last = store.erase("a", now=NOW).seq
    assert store.put_talents([Talent(talent_id="a", skills=["nieuw"])], now=NOW) == [CREATED]
    assert store.talent("a", as_of=NOW - timedelta(days=999)).record.skills == ["nieuw"]
    assert store.changes(after_seq=last) == [Change(last + 1, ChangeKind.TALENT, "a", erased=False)]
    assert len(list(store.iter_events(talent_id="a"))) == 0


def test_a_person_known_only_by_events_can_be_erased_and_exported(store: Store):
    fill(store)
    store.put_audit([AuditAttributes(talent_id="c", gender="m")], now=NOW)
    assert store.export("c")["talent"] is None
    report = store.erase("c", now=NOW)
    assert (report.talents, report.audit) == (0, 1)


def test_what_a_matchmaker_wrote_of_a_person_is_theirs_to_see_and_to_have_erased(sqlite_store: Store):
    fill(sqlite_store)
    about = {"occurred_at": NOW + timedelta(days=1), "vacancy_id": "v", "talent_id": "a", "extra": {"by": "u1"}}
    note = {"event_id": "n", "kind": "noted", "text": f"{SECRET} op papier"}
    move = {"event_id": "o", "kind": "overruled", "rank": 1, "reason": f"{SECRET} van haar"}
    sqlite_store.put_events([EVENT_ADAPTER.validate_python(about | one) for one in (note, move)], now=NOW)
    held = {item["event_id"]: item for item in sqlite_store.export("a")["events"]}  # type: ignore[attr-defined]
    assert (held["n"]["text"], held["o"]["reason"]) == (note["text"], move["reason"])
    assert (held["o"]["rank"], held["n"]["extra"]) == (1, {"by": "u1"})
    assert sqlite_store.erase("a", now=NOW).events == 5
    assert {item.event_id for item in sqlite_store.iter_events()} == {"b0", "b1", "b2"}


def test_erased_words_are_gone_from_the_sqlite_files(sqlite_store: Store, sqlite_url: str):
    fill(sqlite_store)
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    needle = f"{SECRET} van a".encode()
    assert any(needle in file.read_bytes() for file in folder.iterdir())
    sqlite_store.erase("a", now=NOW)
    assert [file.name for file in folder.iterdir() if needle in file.read_bytes()] == []
    assert any(f"{SECRET} van b".encode() in file.read_bytes() for file in folder.iterdir())


def test_an_export_holds_everything_on_one_and_nothing_on_others(store: Store):
    fill(store)
    export = store.export("a")
    assert [item["record"]["updated_at"] for item in export["revisions"]] == [  # type: ignore[index,attr-defined]
        "2025-06-01T12:00:00Z",
        "2025-06-02T12:00:00Z",
    ]
    assert export["talent"] == export["revisions"][-1]["record"]  # type: ignore[index]
    assert [item["event_id"] for item in export["events"]] == ["a0", "a1", "a2"]  # type: ignore[index,attr-defined]
    assert export["audit"] == {"talent_id": "a", "gender": "v", "birth_year": 1990, "background": None}
    first, second = export["shortlists"]  # type: ignore[misc]
    assert (first["shortlist_id"], first["entries"][0]["rank"], first["features"]) == ("s1", 1, {"rows": {"a": [1.0]}})
    assert (second["shortlist_id"], second["entries"][0]["talent_id"], second["features"]) == ("s2", "a", {"a": [1.0]})
    words = json.dumps(export)
    assert f"{SECRET} van a" in words
    assert f"{SECRET} van b" not in words
    assert '"b"' not in words


def test_audit_attributes_are_kept_and_replaced(store: Store):
    first = AuditAttributes.model_validate({"talent_id": "a", "gender": "v", "wijk": "Zuid"})
    other = AuditAttributes(talent_id="a", birth_year=1980)
    assert store.put_audit([first, first, AuditAttributes(talent_id="b")], now=NOW) == [CREATED, UNCHANGED, CREATED]
    assert list(store.iter_audit()) == [first, AuditAttributes(talent_id="b")]
    assert store.put_audit([other, first, other], now=NOW) == [UPDATED, UPDATED, UPDATED]
    assert next(store.iter_audit()) == other
    assert store.last_seq() == 0  # nobody follows the vault


def test_audit_attributes_stream_over_batches(store: Store):
    store.put_audit([AuditAttributes(talent_id=f"t{i:04}") for i in range(4_001)], now=NOW)
    assert [item.talent_id for item in store.iter_audit()] == [f"t{i:04}" for i in range(4_001)]


def test_places_are_followed(store: Store):
    first = Place(postcode="3011", place="Rotterdam", municipality="Rotterdam", lat=51.92, lon=4.48)
    moved = first.model_copy(update={"lat": 51.93})
    other = Place(postcode="2901", place="Capelle", lat=51.9, lon=4.6)
    assert store.put_places([first, other, first], now=NOW) == [CREATED, CREATED, UNCHANGED]
    assert store.put_places([moved, other], now=NOW) == [UPDATED, UNCHANGED]
    assert store.places() == {"2901": other, "3011": moved}
    assert [(change.seq, change.kind, change.id) for change in store.changes(after_seq=0)] == [
        (1, ChangeKind.PLACE, "3011"),
        (2, ChangeKind.PLACE, "2901"),
        (3, ChangeKind.PLACE, "3011"),
    ]


def test_a_shortlist_comes_back_exactly_and_never_changes(store: Store):
    given = shortlist("s", ["a", "b"], ["c", "a"])
    store.save_shortlist(given, {"a": np.array([1.5, np.nan]), "n": np.float32(0.5)})
    assert store.shortlist("s") == given
    assert store.shortlist_features("s") == {"a": [1.5, None], "n": 0.5}
    with pytest.raises(Conflict, match="exists already"):
        store.save_shortlist(given, {})
    for read in (store.shortlist, store.shortlist_features):
        with pytest.raises(NotFound, match="shortlist x"):
            read("x")


def test_vectors_are_cached_by_encoder_and_text(store: Store):
    keys = [bytes([i // 256, i % 256]) for i in range(1_500)]
    vectors = np.random.default_rng(0).normal(size=(1_500, 3)).astype(np.float32)
    store.put_vectors("e1", keys, vectors)
    store.put_vectors("e2", keys[:2], vectors[5:7])
    found = store.vectors("e1", [*keys, b"missing", keys[0]])
    assert found.keys() == set(keys)
    np.testing.assert_array_equal(np.stack([found[key] for key in keys]), vectors)
    assert found[keys[0]].dtype == np.float32
    np.testing.assert_array_equal(store.vectors("e2", keys)[keys[1]], vectors[6])
    store.put_vectors("e1", keys[:1], vectors[9:10])  # the same text: what is there stays
    np.testing.assert_array_equal(store.vectors("e1", keys[:1])[keys[0]], vectors[0])
    assert store.vectors("e3", keys) == {}


def test_vectors_can_be_dropped(store: Store):
    for version in ("e1", "e2"):
        store.put_vectors(version, [b"a", b"b"], np.ones((2, 2), dtype=np.float32))
    assert store.drop_vectors(keep_version="e2", keys=[b"a", b"zz"]) == 1
    assert (store.vectors("e1", [b"a", b"b"]).keys(), store.vectors("e2", [b"a"]).keys()) == ({b"b"}, {b"a"})
    assert store.drop_vectors(keys=[b"b"]) == 2
    assert store.drop_vectors(keep_version="e1") == 1
    store.put_vectors("e1", [b"a"], np.ones((1, 2), dtype=np.float32))
    assert store.drop_vectors() == 1


def test_vectors_that_do_not_fit_their_keys_are_refused(store: Store):
    for shape in ((1, 2), (3, 2), (2,)):
        with pytest.raises(ValueError, match="shape"):
            store.put_vectors("e", [b"a", b"b"], np.ones(shape, dtype=np.float32))
