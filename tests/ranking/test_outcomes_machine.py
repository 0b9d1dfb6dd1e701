"""Stages, oddities and properties of the outcome history, against a machine that reads one event after another."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ranking_parts import Diary, event_columns, noon, steady

from core.store import Store
from ranking.outcomes import LABELS, Ending, Oddity, Outcome, Stage, oddities, placements, stages, utc_instant
from ranking.resolutions import resolutions

WORKED, CONTRACTED = LABELS["retained-1040h-v1"], LABELS["contracted-1040h-v1"]
START = date(2025, 1, 6)


def moment(day: int, hour: int = 10) -> datetime:
    return datetime.combine(START + timedelta(days=day), time(hour), tzinfo=UTC)


def day(number: int) -> date:
    return START + timedelta(days=number)


def hired(diary: Diary, on: int = -4, starts: int = 0, hours: float = 40) -> None:
    diary.add("placed", moment(on), starts_on=day(starts), contract_hours_per_week=hours)


def the_row(diary: Diary, as_of: int) -> pd.Series:
    table = placements(event_columns(diary.events), as_of=moment(as_of, 23), label=WORKED)
    assert len(table) == 1
    return table.iloc[0]


def the_oddities(diary: Diary, as_of: int = 900) -> list[str]:
    return list(oddities(event_columns(diary.events), as_of=moment(as_of))["oddity"])


def test_stages_by_hand() -> None:
    diary = Diary()
    a, b, c, d = (("v-1", f"t-{letter}") for letter in "abcd")
    diary.add("shown", moment(0), a, rank=1)
    diary.add("shown", moment(0), b, rank=2)
    diary.add("proposed", moment(1), a)
    diary.add("proposed", moment(2), a)
    diary.add("interviewed", moment(5), b)  # a talk without a proposal
    diary.add("placed", moment(9), a, starts_on=day(10), contract_hours_per_week=8)
    diary.add("placed", moment(3), c, starts_on=day(10), contract_hours_per_week=8)  # nobody's list
    diary.add("declined", moment(12), b, by="talent")
    diary.add("checkpoint", moment(12), d, moment="first_day", still_working=True)
    table = stages(event_columns(diary.events), as_of=moment(20))
    assert list(zip(table["talent_id"], table["stage"], table["reached_at"].dt.day, strict=True)) == [
        ("t-a", Stage.PLACED, 15), ("t-b", Stage.INTERVIEWED, 11), ("t-c", Stage.PLACED, 9),
    ]  # fmt: skip
    before = stages(event_columns(diary.events), as_of=moment(4))
    assert list(before["stage"]) == [Stage.PROPOSED, Stage.SHOWN, Stage.PLACED]
    assert before["reached_at"].iloc[0] == pd.Timestamp(moment(1).replace(tzinfo=None))


def test_aftercare_without_a_placement_says_nothing() -> None:
    diary = Diary()
    diary.add("ended", moment(-9), ended_on=day(-9))
    diary.add("hours", moment(-8), total_hours=2000)
    assert len(placements(event_columns(diary.events), as_of=moment(900), label=WORKED)) == 0
    hired(diary)
    row = the_row(diary, 30)
    assert (row["outcome"], row["hours_worked"]) == (Outcome.CENSORED, 160)
    assert the_oddities(diary) == [Oddity.AFTERCARE_WITHOUT_PLACEMENT]
    assert the_oddities(diary, -5) == [Oddity.AFTERCARE_WITHOUT_PLACEMENT]


def test_placed_again_counts_once_and_starts_anew() -> None:
    diary = Diary()
    hired(diary)
    diary.add("hours", moment(28), total_hours=160)
    hired(diary, on=60, starts=63)
    assert the_row(diary, 59)["hours_worked"] == 160
    row = the_row(diary, 77)
    assert (row["outcome"], row["hours_worked"], row["placed_at"]) == (
        Outcome.CENSORED, 80, pd.Timestamp(moment(60).replace(tzinfo=None)),
    )  # fmt: skip
    assert the_oddities(diary) == [Oddity.PLACED_AGAIN]
    assert the_oddities(diary, 59) == []


def test_an_end_before_the_start_is_a_placement_that_never_began() -> None:
    diary = Diary()
    hired(diary)
    diary.add("ended", moment(-2), ended_on=day(-2))
    row = the_row(diary, 50)
    assert (row["outcome"], row["hours_worked"], row["weeks_in_job"]) == (Outcome.ENDED, 0, 0)
    assert the_oddities(diary) == [Oddity.ENDED_BEFORE_START]


def test_a_call_does_not_bring_back_who_had_left() -> None:
    diary = Diary()
    hired(diary)
    diary.add("ended", moment(20), ended_on=day(19))
    diary.add("checkpoint", moment(30), moment="first_month", still_working=True)
    row = the_row(diary, 400)
    assert (row["outcome"], row["ended_on"], row["ended_by"]) == (
        Outcome.ENDED, pd.Timestamp(day(19)), Ending.REPORTED,
    )  # fmt: skip
    assert the_oddities(diary) == [Oddity.AT_WORK_AFTER_END]


def test_hours_that_fall_are_a_mistake_and_late_hours_count() -> None:
    diary = Diary()
    hired(diary)
    diary.add("hours", moment(100), total_hours=500)
    diary.add("hours", moment(128), total_hours=480)
    assert the_row(diary, 130)["hours_worked"] == 500
    diary.add("ended", moment(190), ended_on=day(188))
    assert the_row(diary, 190)["outcome"] == Outcome.ENDED
    diary.add("hours", moment(200), total_hours=1041)
    row = the_row(diary, 200)
    assert (row["outcome"], row["ended_on"]) == (Outcome.RETAINED, pd.Timestamp(day(188)))
    assert the_oddities(diary) == [Oddity.HOURS_FELL]


def test_a_correction_replaces_what_was_told_before() -> None:
    diary = Diary()
    hired(diary)
    diary.add("hours", moment(100), total_hours=5000)
    assert the_row(diary, 100)["outcome"] == Outcome.RETAINED
    diary.add("hours", moment(101), total_hours=500, correction=True)
    row = the_row(diary, 101)
    assert (row["outcome"], row["hours_worked"]) == (Outcome.CENSORED, 500)
    assert the_row(diary, 100)["outcome"] == Outcome.RETAINED  # as it was known then
    diary.add("hours", moment(128), total_hours=660)
    assert the_row(diary, 128)["hours_worked"] == 660
    assert the_oddities(diary) == []


def test_the_end_says_how_it_is_known_and_an_announced_end_is_none_yet() -> None:
    diary = Diary()
    hired(diary)
    diary.add("ended", moment(10), ended_on=day(90))
    assert the_row(diary, 80)["ended_by"] is None
    assert pd.isna(the_row(diary, 80)["ended_on"])
    assert the_row(diary, 90)["ended_by"] == Ending.REPORTED
    diary.add("checkpoint", moment(30), moment="first_month", still_working=False)
    row = the_row(diary, 40)
    assert (row["ended_by"], row["ended_on"]) == (Ending.NOT_AT_WORK, pd.Timestamp(day(30)))


@pytest.mark.parametrize(("hours", "days"), [(40, 182), (32, 231), (16, 455), (100, 77), (7.5, 973)])
def test_days_needed_are_whole_weeks_of_contract_hours(hours: float, days: int) -> None:
    diary = Diary()
    hired(diary, hours=hours)
    assert the_row(diary, 10)["days_needed"] == days
    assert the_row(diary, days - 1)["outcome"] == Outcome.CENSORED
    assert the_row(diary, days)["outcome"] == Outcome.RETAINED


def test_a_clean_history_has_no_oddities(sqlite_store: Store) -> None:
    assert len(oddities(sqlite_store.event_columns(), as_of=noon("2026-01-01"))) == 0
    diary = Diary()
    hired(diary)
    diary.add("hours", moment(28), total_hours=160)
    diary.add("checkpoint", moment(28), moment="first_month", still_working=True)
    diary.add("ended", moment(30), ended_on=day(29))
    assert the_oddities(diary) == []


KINDS = ("shown", "proposed", "interviewed", "placed", "checkpoint", "hours", "ended")


@st.composite
def anything(draw: st.DrawFn) -> Diary:
    """Up to a dozen events of two pairs in any order, legal or not."""
    diary = Diary()
    for _ in range(draw(st.integers(1, 12))):
        kind, on = draw(st.sampled_from(KINDS)), draw(st.integers(0, 300))
        pair = ("v-1", draw(st.sampled_from(["t-1", "t-2"])))
        fields: dict[str, object] = {}
        if kind == "shown":
            fields = {"rank": 1}
        elif kind == "placed":
            hours = draw(st.sampled_from([12, 24, 40]))
            fields = {"starts_on": day(on + draw(st.integers(-3, 20))), "contract_hours_per_week": hours}
        elif kind == "checkpoint":
            fields = {"moment": "first_week", "still_working": draw(st.booleans())}
        elif kind == "hours":
            fields = {"total_hours": draw(st.sampled_from([0, 300, 1039, 1040, 2000])),
                      "correction": draw(st.sampled_from([False, False, True]))}  # fmt: skip
        elif kind == "ended":
            fields = {"ended_on": day(on + draw(st.integers(-10, 40)))}
        diary.add(kind, moment(on), pair, **fields)
    return diary


def machine(diary: Diary, pair: tuple[str, str], until: datetime) -> dict[str, object] | None:
    """The life of one pair, one event after another, as the module tells it."""
    state: dict[str, object] | None = None
    ordered = sorted(diary.events, key=lambda event: (event.occurred_at, event.event_id))
    seen = [e for e in ordered if (e.vacancy_id, e.talent_id) == pair and e.occurred_at <= until]
    for number, event in enumerate(seen):
        if event.kind == "placed":
            state = {"start": event.starts_on, "weekly": event.contract_hours_per_week, "cards": None, "ends": []}
            same_moment = [e for e in seen[:number] if e.occurred_at == event.occurred_at]
            todo = [*same_moment, event]
        else:
            todo = [event]
        for e in todo:
            if state is None:
                continue
            if e.kind == "hours":
                state["cards"] = e.total_hours if e.correction else max(state["cards"] or 0, e.total_hours)
            elif e.kind == "ended":
                state["ends"].append((max(e.occurred_at.date(), e.ended_on), e.ended_on))
            elif e.kind == "checkpoint" and not e.still_working:
                state["ends"].append((e.occurred_at.date(), e.occurred_at.date()))
    if state is None:
        return None
    today = until.date()
    over = any(told <= today for told, _ in state["ends"])
    last = min([when for _, when in state["ends"]] + [today])
    hours = state["cards"]
    if hours is None:
        hours = max((last - state["start"]).days, 0) // 7 * state["weekly"]
    retained = hours >= 1040
    outcome = Outcome.RETAINED if retained else Outcome.ENDED if over else Outcome.CENSORED
    return {"outcome": outcome, "hours": hours}


@steady
@given(anything(), st.integers(0, 700))
def test_the_table_is_what_the_machine_says(diary: Diary, as_of: int) -> None:
    until = moment(as_of, 23)
    table = placements(event_columns(diary.events), as_of=until, label=WORKED).set_index("talent_id")
    for talent in ("t-1", "t-2"):
        said = machine(diary, ("v-1", talent), until)
        assert (said is None) == (talent not in table.index)
        if said is not None:
            assert table.loc[talent, "outcome"] == said["outcome"]
            assert table.loc[talent, "hours_worked"] == said["hours"]


few = settings(steady, max_examples=8)


def everything(columns: object, as_of: datetime) -> list[pd.DataFrame]:
    tables = [placements(columns, as_of=as_of, label=label) for label in (WORKED, CONTRACTED)]
    return [*tables, stages(columns, as_of=as_of), oddities(columns, as_of=as_of)]


@few
@given(anything(), st.integers(0, 400))
def test_later_knowledge_never_changes_an_earlier_answer(diary: Diary, as_of: int) -> None:
    until = moment(as_of)
    then = [event for event in diary.events if event.occurred_at <= until]
    for now, before in zip(
        everything(event_columns(diary.events), until), everything(event_columns(then), until), strict=True
    ):
        pd.testing.assert_frame_equal(now, before, check_dtype=False)  # of no text at all pandas knows no type


def test_the_order_of_import_does_not_matter(sqlite_store: Store, tmp_path: Path) -> None:
    rng, diary = random.Random(5), Diary()
    for _ in range(300):
        kind, on = rng.choice(KINDS), rng.randrange(60)
        fields = {
            "shown": {"rank": 1},
            "placed": {"starts_on": day(on + 3), "contract_hours_per_week": rng.choice([12, 24, 40])},
            "checkpoint": {"moment": "first_week", "still_working": rng.random() < 0.8},
            "hours": {"total_hours": rng.choice([0, 300, 1039, 1040])},
            "ended": {"ended_on": day(on + rng.randrange(-9, 40))},
        }
        diary.add(kind, moment(on), ("v-1", f"t-{rng.randrange(30)}"), **fields.get(kind, {}))
    sqlite_store.put_events(diary.events, now=moment(900))
    with Store.open(f"sqlite:///{tmp_path}/other.db") as other:
        for event in rng.sample(diary.events, len(diary.events)):
            other.put_events([event], now=moment(900))
        both = [everything(store.event_columns(), moment(300)) for store in (sqlite_store, other)]
    assert len(both[0][0]) > 10
    for left, right in zip(*both, strict=True):
        pd.testing.assert_frame_equal(left, right)


def test_time_in_the_job_never_shrinks_while_nothing_is_told() -> None:
    diary = Diary()
    hired(diary)
    weeks = [the_row(diary, number)["weeks_in_job"] for number in (0, 6, 7, 100, 199)]
    assert (np.diff(weeks) >= 0).all()
    assert weeks[-1] == 28


def known_before(diary: Diary, when: datetime, label: str = "retained-1040h-v1") -> tuple[int, int]:
    """How many outcomes were known before a moment, and how many of them retained: asked of the table then."""
    then = placements(event_columns(diary.events), as_of=when - timedelta(microseconds=1), label=LABELS[label])
    return int((then["outcome"] != Outcome.CENSORED).sum()), int((then["outcome"] == Outcome.RETAINED).sum())


def turned_before(diary: Diary, when: datetime, label: str = "retained-1040h-v1") -> tuple[float, float]:
    """The same by adding up the turns, read long after."""
    turns = resolutions(event_columns(diary.events), as_of=moment(900), label=LABELS[label])
    seen = turns[turns["known_at"].to_numpy() < utc_instant(when)]
    return float(seen["resolved"].sum()), float(seen["retained"].sum())


@steady
@given(anything(), st.integers(0, 700), st.sampled_from([0, 10]))
def test_turns_add_up_to_what_was_known_at_any_moment(diary: Diary, on: int, hour: int) -> None:
    assert turned_before(diary, moment(on, hour)) == known_before(diary, moment(on, hour))


def late_end(diary: Diary) -> None:
    """By the weeks it was retained on day 182; on day 200 it is told that it was over on day 30."""
    hired(diary)
    diary.add("ended", moment(200), ended_on=day(30))


def late_card(diary: Diary) -> None:
    """Over on day 100 with too few hours; a timecard of day 120 still brings them."""
    hired(diary)
    diary.add("hours", moment(28), total_hours=160)
    diary.add("ended", moment(100), ended_on=day(99))
    diary.add("hours", moment(120), total_hours=1040)


def corrected(diary: Diary) -> None:
    """A slip of the keyboard on day 50, put right on day 60; the hours are there on day 200."""
    hired(diary)
    for on, hours, correction in ((28, 160, False), (50, 2860, False), (60, 286, True), (200, 1040, False)):
        diary.add("hours", moment(on), total_hours=hours, correction=correction)


def announced_end(diary: Diary) -> None:
    """Told on day 30 that it will be over on day 120: until then nothing is known."""
    hired(diary, hours=24)
    diary.add("ended", moment(30), ended_on=day(120))


def late_first_card(diary: Diary) -> None:
    """By the weeks it was retained; the first timecard shows that there were far fewer hours."""
    hired(diary)
    diary.add("hours", moment(190), total_hours=500)


def placed_again(diary: Diary) -> None:
    hired(diary)
    diary.add("ended", moment(20), ended_on=day(19))
    hired(diary, on=60, starts=63)


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (late_end, {182: (0, 0), 183: (1, 1), 200: (1, 1), 201: (1, 0), 800: (1, 0)}),
        (late_card, {100: (0, 0), 101: (1, 0), 120: (1, 0), 121: (1, 1), 800: (1, 1)}),
        (corrected, {50: (0, 0), 51: (1, 1), 60: (1, 1), 61: (0, 0), 200: (0, 0), 201: (1, 1)}),
        (announced_end, {31: (0, 0), 120: (0, 0), 121: (1, 0), 800: (1, 0)}),
        (late_first_card, {183: (1, 1), 190: (1, 1), 191: (0, 0), 800: (0, 0)}),
        (placed_again, {20: (0, 0), 21: (1, 0), 61: (0, 0), 245: (0, 0), 246: (1, 1)}),
    ],
)
def test_what_is_told_late_turns_what_was_known_then_and_not_before(
    story: Callable[[Diary], None], expected: dict[int, tuple[int, int]]
) -> None:
    diary = Diary()
    story(diary)
    for on, counts in expected.items():
        assert turned_before(diary, moment(on, 0)) == known_before(diary, moment(on, 0)) == counts
