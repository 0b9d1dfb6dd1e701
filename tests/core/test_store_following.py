"""What pages follow: the history as it grows, and the lists on which somebody stands."""

from datetime import UTC, datetime, timedelta

import pytest

from core.records import EVENT_ADAPTER, Talent, Vacancy
from core.shortlists import Entry, NearMiss, Shortlist
from core.store import HistoryStamp, Store
from core.vocabulary import EventKind, RankingMode

NOW = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
PART = {"score": 0.0, "retention": None, "similarity": 0.0, "travel_km": None, "reasons": [], "matched_skills": [],
        "gaps": [], "unknowns": []}  # fmt: skip


def write(store: Store, key: str, talent_id: str, *, at: datetime, kind: str = "proposed", **fields: object) -> None:
    event = {"event_id": key, "kind": kind, "occurred_at": NOW, "vacancy_id": "v-1", "talent_id": talent_id}
    store.put_events([EVENT_ADAPTER.validate_python(event | fields)], now=at)


def test_what_was_written_since_a_stamp(store: Store) -> None:
    assert store.happenings.stamp() == HistoryStamp(0, None)
    assert store.happenings.since(store.happenings.stamp()) is None
    write(store, "e-1", "t-1", at=NOW)
    stamp = store.happenings.stamp()
    assert stamp == HistoryStamp(1, NOW)
    assert store.happenings.since(stamp) == set()
    for number, talent_id in enumerate(["t-2", "t-3", "t-2"], start=2):
        write(store, f"e-{number}", talent_id, at=NOW + timedelta(seconds=number))
    assert store.happenings.count() == 4
    assert store.happenings.since(stamp) == {"t-2", "t-3"}


def test_what_cannot_be_followed_is_read_again(store: Store) -> None:
    write(store, "e-1", "t-1", at=NOW)
    write(store, "e-2", "t-2", at=NOW)
    stamp = store.happenings.stamp()
    write(store, "e-3", "t-3", at=NOW)  # in the same moment: it might be missed
    assert store.happenings.since(stamp) is None
    stamp = store.happenings.stamp()
    store.erase("t-1", now=NOW)
    assert store.happenings.since(stamp) is None


def test_one_event_gone_and_one_come_is_not_the_same_history(store: Store) -> None:
    write(store, "e-1", "t-1", at=NOW)
    stamp = store.happenings.stamp()
    store.erase("t-1", now=NOW)
    write(store, "e-2", "t-2", at=NOW + timedelta(seconds=1))
    assert store.happenings.count() == stamp.count
    assert store.happenings.since(stamp) is None


def test_columns_of_some_people(store: Store) -> None:
    for number, talent_id in enumerate(["t-1", "t-2", "t-1"]):
        write(store, f"e-{number}", talent_id, at=NOW)
    write(store, "e-9", "t-1", at=NOW, kind="interviewed")
    found = store.event_columns(kinds=[EventKind.PROPOSED], talent_ids=["t-1", "t-7"])
    assert list(found.event_id) == ["e-0", "e-2"]


def test_calls_that_told_of_doubts(store: Store) -> None:
    call = {"kind": "checkpoint", "moment": "first_day", "still_working": True}
    write(store, "e-1", "t-1", at=NOW, **call, extra={"by": "u-1", "doubts": True})
    write(store, "e-2", "t-2", at=NOW, **call, extra={"by": "u-1", "doubts": False})
    write(store, "e-3", "t-3", at=NOW, **call, extra={"doubts": True})
    write(store, "e-4", "t-1", at=NOW, extra={"doubts": True})  # no call
    assert store.happenings.doubting() == {"e-1", "e-3"}
    assert store.happenings.doubting(["t-1", "t-2"]) == {"e-1"}


def test_a_persons_history_is_newest_first_without_where_they_were_shown(store: Store) -> None:
    write(store, "e-1", "t-1", at=NOW, kind="shown", rank=1)
    write(store, "e-2", "t-1", at=NOW, occurred_at=NOW - timedelta(days=1))
    write(store, "e-3", "t-1", at=NOW, kind="support", support="travel")
    write(store, "e-4", "t-2", at=NOW, kind="support", support="training")
    assert [event.event_id for event in store.happenings.of_talent("t-1")] == ["e-3", "e-2"]
    assert [event.event_id for event in store.happenings.support_of({"t-1", "t-2"})] == ["e-4", "e-3"]
    with pytest.raises(ValueError, match="101"):
        store.happenings.support_of({f"t-{number}" for number in range(101)})


def make_list(key: str, vacancy_id: str | None, people: list[str], near: list[str], minutes: int) -> Shortlist:
    return Shortlist(
        shortlist_id=key,
        vacancy_id=vacancy_id,
        created_at=NOW + timedelta(minutes=minutes),
        ranking_mode=RankingMode.LEXICAL,
        model_version=None,
        encoder_version="words",
        index_version="none",
        pool_size=3,
        entries=[Entry(rank=rank, talent_id=who, **PART) for rank, who in enumerate(people, start=1)],
        near_misses=[NearMiss(rank=1, talent_id=who, blocked_by=[], would_help=[], **PART) for who in near],
    )


def test_where_somebody_stands_now(store: Store) -> None:
    jobs = {"v-1": "open", "v-2": "open", "v-3": "filled", "v-4": "open", "v-5": "open"}
    store.put_vacancies(
        [Vacancy.model_validate({"vacancy_id": key, "title": "x", "status": status}) for key, status in jobs.items()],
        now=NOW,
    )
    for made in (
        make_list("s-1", "v-1", ["t-1", "t-2"], [], 0),
        make_list("s-2", "v-1", ["t-2", "t-1"], [], 1),  # newer, and the same person
        make_list("s-3", "v-2", ["t-1"], [], 2),
        make_list("s-4", "v-2", ["t-2"], [], 3),  # newer, without
        make_list("s-5", "v-3", ["t-1"], [], 4),  # filled
        make_list("s-6", "v-4", ["t-2"], ["t-1"], 5),  # a near miss stands on no place
        make_list("s-7", None, ["t-1"], [], 6),  # for a text
        make_list("s-8", "v-5", ["t-1"], [], 7),
    ):
        store.save_shortlist(made, {})
    found = store.people.stands_on("t-1")
    assert [(one.shortlist_id, one.vacancy_id, one.rank, one.n_entries) for one in found] == [
        ("s-8", "v-5", 1, 1), ("s-2", "v-1", 2, 2),
    ]  # fmt: skip
    assert store.people.stands_on("t-9") == []


def test_a_line_holds_what_is_searched(store: Store) -> None:
    fields = {"talent_id": "t-1", "presentation": "Café  Één", "skills": ["Lassen"], "interests": ["vissen"],
              "preferred_occupations": ["kok"], "experience": [{"occupation": "Bakker"}], "route": "back_to_work",
              "certificates": ["VCA"]}  # fmt: skip
    store.put_talents([Talent.model_validate(fields)], now=NOW)
    line = store.people.lines()["t-1"]
    assert (line.municipality, line.route, line.active) == (None, "back_to_work", True)
    assert line.words == "cafe een lassen vissen kok bakker"
