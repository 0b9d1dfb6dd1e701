"""Histories written by hand, with hours that were counted by hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ranking_parts import Diary, event_columns, noon, steady

from core.errors import InputError
from core.store import Store
from ranking.outcomes import LABELS, OUTCOME_KINDS, Outcome, label_definition, placements

WORKED, CONTRACTED = LABELS["retained-1040h-v1"], LABELS["contracted-1040h-v1"]
START = date(2025, 1, 6)

Story = Callable[[Diary], None]


def hired(diary: Diary, hours: float = 40, on: str = "2025-01-02", starts: date = START, **fields: object) -> None:
    diary.add("placed", on, starts_on=starts, contract_hours_per_week=hours, **fields)


def outcome_of(story: Story, as_of: str, label: str = "retained-1040h-v1") -> pd.Series:
    diary = Diary()
    story(diary)
    table = placements(event_columns(diary.events), as_of=noon(as_of), label=label_definition(label))
    assert len(table) == 1
    return table.iloc[0]


def runs(diary: Diary) -> None:
    hired(diary)


def runs_part_time(diary: Diary) -> None:
    hired(diary, hours=32)


def ended_early(diary: Diary) -> None:
    hired(diary)
    diary.add("ended", "2025-03-05", ended_on=date(2025, 3, 3))


def not_found_at_work(diary: Diary) -> None:
    hired(diary)
    diary.add("checkpoint", "2025-01-13", moment="first_week", still_working=True)
    diary.add("checkpoint", "2025-02-06", moment="first_month", still_working=False)


def not_found_and_reported_later(diary: Diary) -> None:
    not_found_at_work(diary)
    diary.add("ended", "2025-02-20", ended_on=date(2025, 1, 31))


def found_at_work(diary: Diary) -> None:
    hired(diary)
    diary.add("checkpoint", "2025-02-06", moment="first_month", still_working=True)


def lasted_and_then_ended(diary: Diary) -> None:
    hired(diary)
    diary.add("ended", "2025-12-02", ended_on=date(2025, 12, 1))


def by_timecard(diary: Diary) -> None:
    hired(diary)
    diary.add("hours", "2025-05-01", total_hours=500)
    diary.add("hours", "2025-10-01", total_hours=1040)
    diary.add("hours", "2025-11-01", total_hours=1200)


def timecards_and_ended(diary: Diary) -> None:
    hired(diary)
    diary.add("hours", "2025-09-01", total_hours=1039.5)
    diary.add("ended", "2025-12-02", ended_on=date(2025, 12, 1))


def end_announced(diary: Diary) -> None:
    hired(diary, hours=24)
    diary.add("ended", "2025-02-01", ended_on=date(2025, 9, 1))


def end_announced_of_full_time(diary: Diary) -> None:
    hired(diary)
    diary.add("ended", "2025-02-01", ended_on=date(2025, 9, 1))


def left_before_the_announced_end(diary: Diary) -> None:
    end_announced(diary)
    diary.add("checkpoint", "2025-03-10", moment="first_month", still_working=False)


def never_started(diary: Diary) -> None:
    hired(diary)
    diary.add("ended", "2025-01-04", ended_on=date(2025, 1, 4))


def hired_again(diary: Diary) -> None:
    hired(diary, on="2024-06-01", starts=date(2024, 6, 3))
    diary.add("hours", "2024-08-01", total_hours=300)
    diary.add("checkpoint", "2024-08-05", moment="first_month", still_working=False)
    diary.add("ended", "2024-08-06", ended_on=date(2024, 8, 2))
    hired(diary)


R, E_, C = Outcome.RETAINED, Outcome.ENDED, Outcome.CENSORED

# Monday 6 January + 26 weeks is Monday 7 July; 1,040 / 32 is 32.5, so 33 whole weeks: 25 August.
CASES = [
    (runs, "2025-01-02", C, 0, 0, None),
    (runs, "2025-01-12", C, 0, 0, None),
    (runs, "2025-01-13", C, 40, 1, None),
    (runs, "2025-07-06", C, 1000, 25, None),
    (runs, "2025-07-07", R, 1040, 26, "2025-07-07T00:00"),
    (runs, "2026-01-05", R, 52 * 40, 52, "2025-07-07T00:00"),
    (runs_part_time, "2025-08-24", C, 32 * 32, 32, None),
    (runs_part_time, "2025-08-25", R, 33 * 32, 33, "2025-08-25T00:00"),
    (ended_early, "2025-03-04", C, 320, 8, None),
    (ended_early, "2025-03-05", E_, 320, 8, "2025-03-05T10:00"),
    (ended_early, "2026-03-05", E_, 320, 8, "2025-03-05T10:00"),
    (not_found_at_work, "2025-02-05", C, 160, 4, None),
    (not_found_at_work, "2025-02-06", E_, 160, 4, "2025-02-06T10:00"),
    (not_found_and_reported_later, "2025-03-01", E_, 120, 3, "2025-02-06T10:00"),
    (found_at_work, "2025-02-06", C, 160, 4, None),
    (lasted_and_then_ended, "2025-12-31", R, 47 * 40, 47, "2025-07-07T00:00"),
    (by_timecard, "2025-04-30", C, 16 * 40, 16, None),
    (by_timecard, "2025-05-01", C, 500, 16, None),
    (by_timecard, "2025-09-30", C, 500, 38, None),
    (by_timecard, "2025-10-01", R, 1040, 38, "2025-10-01T10:00"),
    (by_timecard, "2025-12-01", R, 1200, 47, "2025-10-01T10:00"),
    (timecards_and_ended, "2025-12-01", C, 1039.5, 47, None),
    (timecards_and_ended, "2025-12-02", E_, 1039.5, 47, "2025-12-02T10:00"),
    (end_announced, "2025-03-03", C, 8 * 24, 8, None),
    (end_announced, "2025-09-01", E_, 34 * 24, 34, "2025-09-01T00:00"),
    (end_announced_of_full_time, "2025-07-08", R, 1040, 26, "2025-07-07T00:00"),
    (left_before_the_announced_end, "2025-03-10", E_, 9 * 24, 9, "2025-03-10T10:00"),
    (never_started, "2025-02-01", E_, 0, 0, "2025-01-04T10:00"),
    (hired_again, "2024-08-06", E_, 300, 8, "2024-08-05T10:00"),
    (hired_again, "2025-03-03", C, 320, 8, None),
    (hired_again, "2025-07-07", R, 1040, 26, "2025-07-07T00:00"),
]


@pytest.mark.parametrize(("story", "as_of", "outcome", "hours", "weeks", "resolved_at"), CASES)
def test_worked(
    story: Story, as_of: str, outcome: Outcome, hours: float, weeks: float, resolved_at: str | None
) -> None:
    row = outcome_of(story, as_of)
    assert row["outcome"] == outcome
    assert row["hours_worked"] == hours
    assert row["weeks_in_job"] == weeks
    assert str(row["resolved_at"]) == str(pd.Timestamp(resolved_at))


@pytest.mark.parametrize(
    ("hours", "ends", "outcome", "signed_for"),
    [
        (40, date(2025, 7, 7), R, 1040),  # 26 weeks
        (40, date(2025, 7, 6), E_, 40 * 181 / 7),
        (20, date(2025, 7, 7), E_, 520),
        (20, date(2026, 1, 5), R, 1040),
        (8, None, R, np.inf),  # without an end
    ],
)
def test_contracted(hours: float, ends: date | None, outcome: Outcome, signed_for: float) -> None:
    def story(diary: Diary) -> None:
        hired(diary, hours=hours, contract_ends_on=ends)
        diary.add("ended", "2025-01-20", ended_on=date(2025, 1, 20))

    row = outcome_of(story, "2025-01-02", "contracted-1040h-v1")
    assert row["outcome"] == outcome
    assert row["hours_worked"] == pytest.approx(signed_for)
    assert row["resolved_at"] == row["placed_at"] == pd.Timestamp("2025-01-02T10:00")
    assert outcome_of(story, "2026-01-02", "contracted-1040h-v1")["outcome"] == outcome


def test_one_row_a_placement_in_order_of_signing() -> None:
    diary = Diary()
    diary.add("placed", "2025-02-01", ("v-2", "t-2"), starts_on=START, contract_hours_per_week=8)
    diary.add("placed", "2025-01-01", ("v-9", "t-1"), starts_on=START, contract_hours_per_week=8)
    diary.add("placed", "2025-02-01", ("v-1", "t-3"), starts_on=START, contract_hours_per_week=8)
    diary.add("placed", "2025-03-01", ("v-1", "t-1"), starts_on=START, contract_hours_per_week=8)
    diary.add("proposed", "2025-01-01", ("v-1", "t-9"))
    diary.add("ended", "2025-01-20", ("v-1", "t-8"), ended_on=START)
    table = placements(event_columns(diary.events), as_of=noon("2025-02-15"), label=WORKED)
    assert list(zip(table["vacancy_id"], table["talent_id"], strict=True)) == [
        ("v-9", "t-1"), ("v-1", "t-3"), ("v-2", "t-2"),
    ]  # fmt: skip


@pytest.mark.parametrize("label", LABELS.values(), ids=str)
def test_without_events_there_are_no_placements(label: object, sqlite_store: Store) -> None:
    table = placements(sqlite_store.event_columns(), as_of=noon("2025-01-01"), label=label)
    assert len(table) == 0
    assert table["resolved_at"].dtype == "datetime64[us]"


def test_the_store_gives_the_columns_that_were_written(sqlite_store: Store) -> None:
    diary = Diary()
    for story in (by_timecard, not_found_and_reported_later):
        story(diary)
    sqlite_store.put_events(diary.events, now=noon("2026-01-01"))
    stored, ours = sqlite_store.event_columns(), event_columns(diary.events)
    for as_of in ("2025-02-01", "2025-06-01", "2025-12-01"):
        left, right = (placements(columns, as_of=noon(as_of), label=WORKED) for columns in (stored, ours))
        pd.testing.assert_frame_equal(left, right)


def test_the_kinds_that_outcomes_are_made_of_are_enough(sqlite_store: Store) -> None:
    diary = Diary()
    for story in (by_timecard, not_found_and_reported_later):
        diary.add("shown", "2025-01-01", rank=1)
        diary.add("proposed", "2025-01-01")
        story(diary)
    sqlite_store.put_events(diary.events, now=noon("2026-01-01"))
    everything, some = sqlite_store.event_columns(), sqlite_store.event_columns(kinds=OUTCOME_KINDS)
    assert len(some) == len(everything) - 4
    assert set(some.kind) <= set(OUTCOME_KINDS)
    left, right = (placements(columns, as_of=noon("2025-12-01"), label=WORKED) for columns in (everything, some))
    assert len(left)
    pd.testing.assert_frame_equal(left, right)


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(InputError, match="retained-1040h-v1"):
        label_definition("retained-forever")


def moment(day: int) -> datetime:
    return datetime.combine(START + timedelta(days=day), time(10), tzinfo=UTC)


@st.composite
def histories(draw: st.DrawFn) -> Diary:
    """Some placements; ends are told on their day or before."""
    diary = Diary()
    for number in range(draw(st.integers(1, 4))):
        pair = ("v-1", f"t-{number}")
        start = draw(st.integers(0, 100))
        hours = draw(st.sampled_from([16, 24, 32, 36, 40]))
        diary.add(
            "placed", moment(start - 5), pair, starts_on=START + timedelta(days=start), contract_hours_per_week=hours
        )
        end = start + draw(st.integers(0, 400))
        told = draw(st.sampled_from(["ended", "announced", "missed", "nothing"]))
        if told == "ended":
            diary.add("ended", moment(end), pair, ended_on=START + timedelta(days=end))
        elif told == "announced":
            diary.add("ended", moment((start + end) // 2), pair, ended_on=START + timedelta(days=end))
        elif told == "missed":
            diary.add("checkpoint", moment(end), pair, moment="before_contract_end", still_working=False)
    return diary


@steady
@given(histories(), st.integers(0, 600))
def test_what_was_resolved_by_a_day_was_known_on_that_day(diary: Diary, day: int) -> None:
    columns = event_columns(diary.events)
    later, then = (placements(columns, as_of=moment(when), label=WORKED) for when in (1000, day))
    assert later["talent_id"].is_unique
    by_then = later[later["resolved_at"] <= pd.Timestamp(moment(day).replace(tzinfo=None))]
    known = then[then["outcome"] != Outcome.CENSORED]
    columns_ = ["talent_id", "outcome", "resolved_at"]
    pd.testing.assert_frame_equal(
        by_then[columns_].sort_values("talent_id", ignore_index=True),
        known[columns_].sort_values("talent_id", ignore_index=True),
    )
    assert then[then["outcome"] == Outcome.CENSORED]["resolved_at"].isna().all()


@steady
@given(histories(), st.integers(0, 600))
def test_an_open_placement_is_never_a_failure(diary: Diary, day: int) -> None:
    table = placements(event_columns(diary.events), as_of=moment(day), label=WORKED)
    for row in table.itertuples():
        signs = [event for event in diary.events if event.talent_id == row.talent_id and event.kind != "placed"]
        over = [
            event
            for event in signs
            if event.occurred_at <= moment(day)
            and getattr(event, "ended_on", event.occurred_at.date()) <= moment(day).date()
        ]
        if not over:
            assert row.outcome != Outcome.ENDED
