"""Queues counted by hand on the calendar of 2025; 6 January is a Monday."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ranking_parts import Diary, event_columns, steady

from core.vocabulary import CheckpointMoment, SupportKind
from ranking.aftercare import Concern, Queue, Worry, due_on, queue
from ranking.in_care import HoursFrom, Placement, in_care

START = date(2025, 1, 6)
DAY, WEEK, MONTH, END = CheckpointMoment
Story = Callable[[Diary], None]


def evening(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 22, tzinfo=UTC)


def looked_at(diary: Diary, today: str | date, doubts: tuple[str, ...] = ()) -> Queue:
    day = date.fromisoformat(today) if isinstance(today, str) else today
    return queue(in_care(event_columns(diary.events), as_of=evening(day), doubts=doubts).values(), day)


def hired(diary: Diary, **fields: object) -> None:
    diary.add("placed", "2025-01-02", **{"starts_on": START, "contract_hours_per_week": 32} | fields)


def called(diary: Diary, on: str, moment: CheckpointMoment, *, at_work: bool = True) -> None:
    diary.add("checkpoint", on, moment=moment, still_working=at_work)


@pytest.mark.parametrize(
    ("moment", "starts", "ends", "due"),
    [
        (DAY, "2025-01-06", None, "2025-01-06"),
        (WEEK, "2025-01-06", None, "2025-01-13"),
        (MONTH, "2025-01-06", None, "2025-02-06"),
        (MONTH, "2025-01-31", None, "2025-02-28"),
        (MONTH, "2024-01-30", None, "2024-02-29"),
        (MONTH, "2024-12-15", None, "2025-01-15"),
        (END, "2025-01-06", "2025-07-06", "2025-06-06"),
        (END, "2025-01-06", "2025-03-31", "2025-02-28"),
        (END, "2024-07-01", "2025-01-15", "2024-12-15"),
        (END, "2025-01-06", "2025-01-20", "2025-01-06"),
        (END, "2025-01-06", None, None),
    ],
)
def test_the_day_of_a_call(moment: CheckpointMoment, starts: str, ends: str | None, due: str | None) -> None:
    found = due_on(moment, date.fromisoformat(starts), date.fromisoformat(ends) if ends else None)
    assert (found.isoformat() if found else None) == due


def nobody_called(diary: Diary) -> None:
    hired(diary)


def called_on_the_first_day(diary: Diary) -> None:
    hired(diary)
    called(diary, "2025-01-06", DAY)


def called_after_a_week_only(diary: Diary) -> None:
    hired(diary)
    called(diary, "2025-01-14", WEEK)


def ended_in_the_second_week(diary: Diary) -> None:
    called_on_the_first_day(diary)
    diary.add("ended", "2025-01-17", ended_on=date(2025, 1, 16))


def end_announced(diary: Diary) -> None:
    called_on_the_first_day(diary)
    diary.add("ended", "2025-01-08", ended_on=date(2025, 1, 20))


def hired_again(diary: Diary) -> None:
    diary.add("placed", "2024-06-03", starts_on=date(2024, 6, 3), contract_hours_per_week=32)
    called(diary, "2024-06-03", DAY)
    diary.add("ended", "2024-08-05", ended_on=date(2024, 8, 2))
    hired(diary)


def with_an_end(diary: Diary) -> None:
    hired(diary, contract_ends_on=date(2025, 10, 5))
    called(diary, "2025-02-06", MONTH)


# 1,040 / 32 = 32.5, so 33 whole weeks: retained from 25 August.
DUE = [
    (nobody_called, "2025-01-05", None),
    (nobody_called, "2025-01-06", (DAY, "2025-01-06", "2025-01-06", ())),
    (nobody_called, "2025-01-12", (DAY, "2025-01-06", "2025-01-06", ())),
    (nobody_called, "2025-01-13", (WEEK, "2025-01-13", "2025-01-06", (DAY,))),
    (nobody_called, "2025-02-10", (MONTH, "2025-02-06", "2025-01-06", (DAY, WEEK))),
    (nobody_called, "2025-08-24", (MONTH, "2025-02-06", "2025-01-06", (DAY, WEEK))),
    (nobody_called, "2025-08-25", None),
    (called_on_the_first_day, "2025-01-12", None),
    (called_on_the_first_day, "2025-01-15", (WEEK, "2025-01-13", "2025-01-13", ())),
    (called_after_a_week_only, "2025-01-15", None),
    (called_after_a_week_only, "2025-02-06", (MONTH, "2025-02-06", "2025-02-06", ())),
    (ended_in_the_second_week, "2025-01-16", (WEEK, "2025-01-13", "2025-01-13", ())),  # not told yet
    (ended_in_the_second_week, "2025-01-17", None),
    (end_announced, "2025-01-19", (WEEK, "2025-01-13", "2025-01-13", ())),
    (end_announced, "2025-02-10", None),
    (hired_again, "2025-01-07", (DAY, "2025-01-06", "2025-01-06", ())),
    (with_an_end, "2025-08-26", None),
    (with_an_end, "2025-09-05", (END, "2025-09-05", "2025-09-05", ())),  # retained, and still asked
    (with_an_end, "2025-10-05", (END, "2025-09-05", "2025-09-05", ())),
    (with_an_end, "2025-10-06", None),
]


@pytest.mark.parametrize(("story", "today", "expected"), DUE)
def test_what_is_due(story: Story, today: str, expected: tuple[object, ...] | None) -> None:
    diary = Diary()
    story(diary)
    due = looked_at(diary, today).due
    told = [(call.moment, call.due_on.isoformat(), call.waits_since.isoformat(), call.missed) for call in due]
    assert told == ([] if expected is None else [expected])


def test_days_late() -> None:
    diary = Diary()
    nobody_called(diary)
    (call,) = looked_at(diary, "2025-01-14").due
    assert [call.days_late(date(2025, 1, day)) for day in (5, 6, 14)] == [-1, 0, 8]


def test_the_coming_fourteen_days() -> None:
    diary = Diary()
    hired(diary, contract_ends_on=date(2025, 2, 20))  # the call before its end: 20 January
    assert [(call.moment, call.due_on.day) for call in looked_at(diary, "2024-12-31").ahead] == []  # not signed yet
    assert [(call.moment, call.due_on.day) for call in looked_at(diary, "2025-01-02").ahead] == [(DAY, 6), (WEEK, 13)]
    assert [(call.moment, call.due_on.day) for call in looked_at(diary, "2025-01-06").ahead] == [(WEEK, 13), (END, 20)]
    assert [(call.moment, call.due_on.day) for call in looked_at(diary, "2025-01-23").ahead] == [(MONTH, 6)]


def test_no_call_lies_behind_an_end_that_was_announced() -> None:
    diary = Diary()
    hired(diary)
    called(diary, "2025-01-13", WEEK)
    assert [call.moment for call in looked_at(diary, "2025-01-24").ahead] == [MONTH]
    diary.add("ended", "2025-01-20", ended_on=date(2025, 2, 5))
    assert looked_at(diary, "2025-01-24").ahead == ()


def test_the_longest_waiting_comes_first() -> None:
    diary = Diary()
    for number, starts in enumerate(["2025-01-09", "2025-01-06", "2025-01-08", "2025-01-06"]):
        pair = (f"v-{number}", "t-1")
        diary.add("placed", "2025-01-02", pair, starts_on=date.fromisoformat(starts), contract_hours_per_week=32)
    assert [call.placement.vacancy_id for call in looked_at(diary, "2025-01-10").due] == ["v-1", "v-3", "v-2", "v-0"]


def one_in_care(diary: Diary, today: str, **more: object) -> Placement:
    (found,) = in_care(event_columns(diary.events), as_of=evening(date.fromisoformat(today)), **more).values()
    return found


def test_hours_are_counted_from_timecards_or_else_from_the_contract() -> None:
    diary = Diary()
    hired(diary, contract_ends_on=date(2025, 12, 31))
    without = one_in_care(diary, "2025-02-10")  # five whole weeks of 32 hours
    assert (without.hours, without.hours_from, without.carded_on) == (160, HoursFrom.CONTRACT, None)
    assert without.contract_ends_on == date(2025, 12, 31)
    diary.add("hours", "2025-02-03", total_hours=120.5)
    carded = one_in_care(diary, "2025-02-10")
    assert (carded.hours, carded.hours_from, carded.carded_on) == (120.5, HoursFrom.TIMECARDS, date(2025, 2, 3))


def not_found_at_work(diary: Diary) -> None:
    hired(diary)
    called(diary, "2025-01-13", WEEK, at_work=False)


def reported_after_the_call(diary: Diary) -> None:
    not_found_at_work(diary)
    diary.add("ended", "2025-01-15", ended_on=date(2025, 1, 10), reason="verhuisd")


def few_hours(diary: Diary, total: float = 100) -> None:
    hired(diary)
    called(diary, "2025-02-06", MONTH)
    diary.add("hours", "2025-02-04", total_hours=total)  # four whole weeks: 128 hours expected, 80% is 102.4


def just_enough_hours(diary: Diary) -> None:
    few_hours(diary, 102.4)


def too_early_to_say(diary: Diary) -> None:
    hired(diary)
    called(diary, "2025-01-13", WEEK)
    diary.add("hours", "2025-02-02", total_hours=10)  # the last day of the fourth week


def short_contract(diary: Diary) -> None:
    hired(diary, contract_ends_on=date(2025, 6, 30))  # 25 weeks of 32 hours: 800
    called(diary, "2025-02-06", MONTH)


def contract_that_is_long_enough(diary: Diary) -> None:
    hired(diary, contract_hours_per_week=40, contract_ends_on=date(2025, 7, 7))  # 26 weeks of 40 hours: 1,040
    called(diary, "2025-02-06", MONTH)


def still_there_after_the_end(diary: Diary) -> None:
    short_contract(diary)
    diary.add("hours", "2025-07-07", total_hours=830)


SUPPORT = [
    (nobody_called, "2025-01-19", []),
    (nobody_called, "2025-01-20", [Concern(Worry.CALL_MISSED, date(2025, 1, 6))]),
    (nobody_called, "2025-08-25", []),  # retained
    (not_found_at_work, "2025-01-13", [Concern(Worry.NOT_AT_WORK, date(2025, 1, 13))]),
    (not_found_at_work, "2025-03-13", [Concern(Worry.NOT_AT_WORK, date(2025, 1, 13))]),  # 59 days
    (not_found_at_work, "2025-03-15", []),
    (reported_after_the_call, "2025-01-20", []),
    (end_announced, "2025-01-14", [Concern(Worry.LEAVING, date(2025, 1, 20), 32.0)]),
    (few_hours, "2025-02-10", [Concern(Worry.HOURS_BEHIND, date(2025, 2, 4), 100.0, 128.0)]),
    (just_enough_hours, "2025-02-10", []),
    (too_early_to_say, "2025-02-03", []),
    (short_contract, "2025-03-29", []),  # 93 days before the end
    (short_contract, "2025-03-30", [Concern(Worry.CONTRACT_SHORT, date(2025, 6, 30), 800.0, 1040.0)]),
    (short_contract, "2025-07-01", [Concern(Worry.CONTRACT_PASSED, date(2025, 6, 30)),
                                    Concern(Worry.CALL_MISSED, date(2025, 5, 30))]),
    (contract_that_is_long_enough, "2025-06-02", []),
    (still_there_after_the_end, "2025-07-08", [Concern(Worry.CALL_MISSED, date(2025, 5, 30))]),
]  # fmt: skip


@pytest.mark.parametrize(("story", "today", "expected"), SUPPORT)
def test_whom_support_may_help(story: Story, today: str, expected: list[Concern]) -> None:
    diary = Diary()
    story(diary)
    found = [concern for one in looked_at(diary, today).support for concern in one.concerns]
    assert [(one.worry, one.day) for one in found] == [(one.worry, one.day) for one in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.hours == (None if other.hours is None else pytest.approx(other.hours))
        assert one.expected == other.expected


def test_only_the_last_call_tells_of_doubts() -> None:
    diary = Diary()
    hired(diary)
    called(diary, "2025-01-06", DAY)
    doubtful = diary.events[-1].event_id
    (helped,) = looked_at(diary, "2025-01-07", (doubtful,)).support
    assert helped.concerns == (Concern(Worry.DOUBTS, date(2025, 1, 6)),)
    assert helped.would_help == (SupportKind.JOB_COACH, SupportKind.TRAINING)
    called(diary, "2025-01-13", WEEK)
    assert looked_at(diary, "2025-01-14", (doubtful,)).support == ()


def test_the_heaviest_reason_comes_first() -> None:
    diary = Diary()
    for number, story in enumerate([nobody_called, not_found_at_work, few_hours]):
        part = Diary()
        story(part)
        for event in part.events:
            fields = event.model_dump(exclude={"event_id", "vacancy_id", "occurred_at", "kind"}, exclude_defaults=True)
            diary.add(event.kind, event.occurred_at, (f"v-{number}", fields.pop("talent_id")), **fields)
    found = looked_at(diary, "2025-02-10").support
    assert [one.placement.vacancy_id for one in found] == ["v-1", "v-2", "v-0"]


@st.composite
def histories(draw: st.DrawFn) -> Diary:
    diary = Diary()
    for number in range(draw(st.integers(1, 4))):
        pair = ("v-1", f"t-{number}")
        for _ in range(draw(st.integers(1, 6))):
            on = START + timedelta(days=draw(st.integers(-5, 60)))
            kind = draw(st.sampled_from(["placed", "checkpoint", "checkpoint", "hours", "ended"]))
            fields: dict[str, object] = {}
            if kind == "placed":
                ends = draw(st.sampled_from([None, 40, 200]))
                fields = {"starts_on": on, "contract_hours_per_week": 40,
                          "contract_ends_on": ends and on + timedelta(days=ends)}  # fmt: skip
            elif kind == "checkpoint":
                fields = {"moment": draw(st.sampled_from(list(CheckpointMoment))),
                          "still_working": draw(st.sampled_from([True, True, False]))}  # fmt: skip
            elif kind == "hours":
                fields = {"total_hours": draw(st.integers(0, 300))}
            else:
                fields = {"ended_on": on + timedelta(days=draw(st.integers(-3, 10)))}
            diary.add(kind, on, pair, **fields)
    return diary


@steady
@given(histories(), st.integers(0, 250), st.randoms(use_true_random=False))
def test_neither_the_order_of_import_nor_what_happens_to_others_changes_anything(
    diary: Diary, day: int, shuffled: random.Random
) -> None:
    today = START + timedelta(days=day)
    whole = looked_at(diary, today)
    shuffled.shuffle(diary.events)
    assert looked_at(diary, today) == whole
    alone = Diary()
    alone.events = [event for event in diary.events if event.talent_id == "t-0"]
    of_one = looked_at(alone, today)
    for name in ("due", "ahead", "support"):
        mine = [item for item in getattr(whole, name) if item.placement.talent_id == "t-0"]
        assert list(getattr(of_one, name)) == mine


@steady
@given(histories(), st.integers(0, 250))
def test_one_call_a_placement_and_never_one_that_was_made(diary: Diary, day: int) -> None:
    today = START + timedelta(days=day)
    found = looked_at(diary, today)
    pairs = [call.placement.pair for call in found.due]
    assert len(set(pairs)) == len(pairs)
    for call in (*found.due, *found.ahead):
        assert call.placement.runs
        made = set(call.placement.calls)
        assert made.isdisjoint({call.moment, *call.missed})
        assert due_on(call.moment, call.placement.starts_on, call.placement.contract_ends_on) == call.due_on
    assert all(call.due_on <= today for call in found.due)
    assert all(today < call.due_on <= today + timedelta(days=14) for call in found.ahead)
