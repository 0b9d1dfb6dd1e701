"""The outcome history: append-only, and the same in rows as in columns."""

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.records import EVENT_ADAPTER, Event
from core.store import EventColumns, PutOutcome, Store

CREATED, UNCHANGED, REFUSED = PutOutcome.CREATED, PutOutcome.UNCHANGED, PutOutcome.REFUSED
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
KINDS: dict[str, dict[str, object]] = {
    "shown": {"rank": 3, "shortlist_id": "s1"},
    "proposed": {},
    "declined": {"by": "employer", "reason": "te ver weg"},
    "interviewed": {"rank": 1},
    "placed": {"starts_on": "2025-02-01", "contract_hours_per_week": 32.5, "contract_ends_on": "2025-08-01"},
    "checkpoint": {"moment": "first_week", "still_working": False},
    "hours": {"total_hours": 0.0},
    "ended": {"ended_on": "2025-04-01", "reason": "ziek"},
    "support": {"support": "travel", "note": "fiets van de werkgever"},
    "noted": {"text": "Belt morgen terug."},
    "overruled": {"rank": 2, "reason": "Kan maandag al beginnen.", "shortlist_id": "s1"},
}


def event(key: str, kind: str, at: datetime = NOW, **fields: object) -> Event:
    content = {"event_id": key, "kind": kind, "occurred_at": at, "vacancy_id": "v", "talent_id": "t"}
    return EVENT_ADAPTER.validate_python({**content, **KINDS[kind], **fields})


def one_of_each() -> list[Event]:
    return [event(f"e-{kind}", kind, NOW + timedelta(days=day)) for day, kind in enumerate(KINDS)]


def test_every_kind_comes_back_as_it_was(store: Store):
    events = [*one_of_each(), event("e-z", "placed", NOW + timedelta(days=99), contract_ends_on=None, extra={"a": [1]})]
    assert store.put_events(events, now=NOW) == [CREATED] * 12
    assert list(store.iter_events()) == events


def test_an_event_is_never_changed(store: Store):
    first, other = event("e", "shown"), event("e", "shown", rank=4)
    assert store.put_events([first, first, other], now=NOW) == [CREATED, UNCHANGED, REFUSED]
    assert store.put_events([other, first], now=NOW + timedelta(days=1)) == [REFUSED, UNCHANGED]
    assert list(store.iter_events()) == [first]


def test_the_same_instant_in_another_zone_is_the_same(store: Store):
    there = NOW.astimezone(timezone(timedelta(hours=2)))
    assert store.put_events([event("e", "proposed")], now=NOW) == [CREATED]
    assert store.put_events([event("e", "proposed", there)], now=NOW) == [UNCHANGED]


def test_events_are_read_by_person_by_vacancy_and_until_a_moment(store: Store):
    events = [
        event(f"e{i:02}", "proposed", NOW + timedelta(hours=i // 2), talent_id=f"t{i % 3}", vacancy_id=f"v{i % 2}")
        for i in range(12)
    ]
    store.put_events(events[::-1], now=NOW)
    assert list(store.iter_events()) == events
    assert list(store.iter_events(talent_id="t1")) == events[1::3]
    assert list(store.iter_events(vacancy_id="v1", talent_id="t0")) == [events[3], events[9]]
    assert list(store.iter_events(until=NOW + timedelta(hours=1))) == events[:4]
    assert list(store.iter_events(until=NOW + timedelta(hours=1), vacancy_id="v0")) == [events[0], events[2]]


def test_reading_crosses_the_borders_of_batches_at_one_instant(store: Store):
    events = [event(f"e{i:04}", "proposed") for i in range(4_500)]
    store.put_events(events, now=NOW)
    assert [found.event_id for found in store.iter_events()] == [f"e{i:04}" for i in range(4_500)]


def test_columns_of_nothing(store: Store):
    columns = store.event_columns()
    assert len(columns) == 0
    assert columns.occurred_at.dtype == np.dtype("datetime64[us]")
    assert columns.starts_on.dtype == np.dtype("datetime64[D]")
    assert columns.rank.dtype == np.float64
    assert columns.event_id.dtype == object


def check_columns(columns: EventColumns, events: list[Event]) -> None:
    """Every cell, against the attribute of the record."""
    expected = sorted(events, key=lambda item: (item.occurred_at, item.event_id))
    assert columns.event_id.tolist() == [item.event_id for item in expected]
    for name in ("vacancy_id", "talent_id", "shortlist_id"):
        assert getattr(columns, name).tolist() == [getattr(item, name) for item in expected]
    assert columns.kind.tolist() == [item.kind.value for item in expected]
    assert [moment.replace(tzinfo=UTC) for moment in columns.occurred_at.tolist()] == [
        item.occurred_at for item in expected
    ]
    for name in ("starts_on", "contract_ends_on", "ended_on"):
        assert getattr(columns, name).tolist() == [getattr(item, name, None) for item in expected]
    for name in ("rank", "contract_hours_per_week", "total_hours", "still_working"):
        values = [getattr(item, name, None) for item in expected]
        np.testing.assert_array_equal(getattr(columns, name), [np.nan if v is None else float(v) for v in values])
    assert columns.moment.tolist() == [getattr(item, "moment", None) for item in expected]
    assert columns.declined_by.tolist() == [getattr(item, "by", None) for item in expected]


def test_columns_say_what_the_rows_say(store: Store):
    events = one_of_each()
    store.put_events(events[::-1], now=NOW)
    check_columns(store.event_columns(), events)
    check_columns(store.event_columns(until=NOW + timedelta(days=3)), events[:4])


def test_columns_hold_every_part_of_a_long_history(store: Store):
    kinds = list(KINDS)
    events = [
        event(f"e{i * 7919 % 2503:04}", kinds[i % len(kinds)], NOW + timedelta(hours=i % 50), talent_id=f"t{i % 100}")
        for i in range(2_503)
    ]
    store.put_events(events, now=NOW)
    check_columns(store.event_columns(), events)


IDS = st.from_regex(r"\A[A-Za-z0-9._:-]{1,64}\Z")
TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=50)
DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))
MOMENTS = st.integers(-2_000_000_000_000_000, 7_000_000_000_000_000).map(lambda us: EPOCH + timedelta(microseconds=us))
EVENTS = st.fixed_dictionaries(
    {"event_id": IDS, "occurred_at": MOMENTS, "vacancy_id": IDS, "talent_id": IDS},
    optional={"shortlist_id": IDS, "rank": st.integers(1, 10_000), "extra": st.dictionaries(TEXTS, TEXTS, max_size=2)},
).flatmap(
    lambda shared: st.one_of(
        st.fixed_dictionaries({"kind": st.just("ended"), "ended_on": DAYS, "reason": TEXTS}),
        st.fixed_dictionaries({"kind": st.just("hours"), "total_hours": st.floats(0, 100_000)}),
        st.fixed_dictionaries(
            {
                "kind": st.just("placed"),
                "starts_on": DAYS,
                "contract_hours_per_week": st.floats(0, 100, exclude_min=True),
                "contract_ends_on": st.none() | DAYS,
            }
        ),
        st.fixed_dictionaries({"kind": st.just("support"), "support": st.just("job_coach"), "note": TEXTS}),
    ).map(lambda own: EVENT_ADAPTER.validate_python({**shared, **own}))
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(EVENTS, max_size=8, unique_by=lambda item: item.event_id))
def test_any_event_survives_the_store(sqlite_store: Store, events: list[Event]):
    known = {item.event_id: item for item in sqlite_store.iter_events()}
    fresh = [item for item in events if item.event_id not in known]
    assert sqlite_store.put_events(fresh, now=NOW) == [CREATED] * len(fresh)
    everything = [*known.values(), *fresh]
    assert {item.event_id: item for item in sqlite_store.iter_events()} == {i.event_id: i for i in everything}
    check_columns(sqlite_store.event_columns(), everything)


@pytest.mark.parametrize("kind", KINDS)
def test_the_talent_and_the_vacancy_need_not_be_there(store: Store, kind: str):
    assert store.put_events([event("e", kind)], now=NOW) == [CREATED]
