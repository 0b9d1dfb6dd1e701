import numpy as np
import pandas as pd
import pytest
from training_parts import Diary, day, noon

from core.store import Store
from ranking.outcomes import LABELS, Outcome, oddities, placements, stages
from training.shown import GAIN, Grade, list_sizes, shown_pairs

LABEL = LABELS["retained-1040h-v1"]


def told(diary: Diary, store: Store, as_of: str) -> dict[str, tuple[Grade, str]]:
    """Grade and list of each talent on v-1."""
    frame = shown_pairs(diary.in_store(store), as_of=noon(as_of), label=LABEL)
    return {row.talent_id: (Grade(row.grade), row.list_id) for row in frame.itertuples()}


@pytest.fixture
def diary() -> Diary:
    """One list on which everything happens: seen, proposed, interviewed, hired for short, for long, and still there."""
    diary = Diary()
    for place, who in enumerate(["seen", "proposed", "declined", "met", "left", "stayed", "works"], start=1):
        diary.add("shown", "2025-01-02", ("v-1", who), rank=place, shortlist_id="s-1")
    for who in ("proposed", "declined", "left", "stayed", "works"):
        diary.add("proposed", "2025-01-02", ("v-1", who))
    diary.add("declined", "2025-01-03", ("v-1", "declined"), by="employer")
    diary.add("interviewed", "2025-01-03", ("v-1", "met"))
    for who, hours in (("left", 40), ("stayed", 40), ("works", 8)):
        diary.add("placed", "2025-01-04", ("v-1", who), starts_on=day(0), contract_hours_per_week=hours)
    diary.add("ended", "2025-03-03", ("v-1", "left"), ended_on=day(56))
    diary.add("placed", "2025-01-04", ("v-1", "unseen"), starts_on=day(0), contract_hours_per_week=40)
    diary.add("proposed", "2025-01-04", ("v-1", "unseen-either"))
    return diary


GRADES = {
    "2025-01-01": {},
    "2025-01-02": {
        "seen": Grade.SHOWN, "met": Grade.SHOWN,
        **dict.fromkeys(("proposed", "declined", "left", "stayed", "works"), Grade.PROPOSED),
    },
    "2025-01-03": {
        "seen": Grade.SHOWN,
        **dict.fromkeys(("proposed", "declined", "left", "stayed", "works", "met"), Grade.PROPOSED),
    },
    "2025-02-01": {
        "seen": Grade.SHOWN, "proposed": Grade.PROPOSED, "declined": Grade.PROPOSED, "met": Grade.PROPOSED,
        "left": Grade.UNKNOWN, "stayed": Grade.UNKNOWN, "works": Grade.UNKNOWN,
    },
    "2025-04-01": {
        "seen": Grade.SHOWN, "proposed": Grade.PROPOSED, "declined": Grade.PROPOSED, "met": Grade.PROPOSED,
        "left": Grade.PLACED, "stayed": Grade.UNKNOWN, "works": Grade.UNKNOWN,
    },
    "2025-07-07": {
        "seen": Grade.SHOWN, "proposed": Grade.PROPOSED, "declined": Grade.PROPOSED, "met": Grade.PROPOSED,
        "left": Grade.PLACED, "stayed": Grade.RETAINED, "works": Grade.UNKNOWN,
    },
}  # fmt: skip


@pytest.mark.parametrize("as_of", GRADES)
def test_grades_as_known_at_the_cutoff(diary: Diary, sqlite_store: Store, as_of: str) -> None:
    assert {who: grade for who, (grade, _) in told(diary, sqlite_store, as_of).items()} == GRADES[as_of]


def test_outcomes_stand_beside_the_grades(diary: Diary, sqlite_store: Store) -> None:
    frame = shown_pairs(diary.in_store(sqlite_store), as_of=noon("2025-07-07"), label=LABEL).set_index("talent_id")
    assert frame.loc[["left", "stayed", "works"], "outcome"].tolist() == [
        Outcome.ENDED,
        Outcome.RETAINED,
        Outcome.CENSORED,
    ]
    assert frame.loc["seen", "outcome"] is None or pd.isna(frame.loc["seen", "outcome"])


def test_the_other_label_grades_by_the_contract(diary: Diary, sqlite_store: Store) -> None:
    frame = shown_pairs(diary.in_store(sqlite_store), as_of=noon("2025-02-01"), label=LABELS["contracted-1040h-v1"])
    grades = dict(zip(frame["talent_id"], frame["grade"], strict=True))
    assert {grades[who] for who in ("left", "stayed", "works")} == {Grade.RETAINED}  # no end date was signed


def test_the_first_showing_counts(sqlite_store: Store) -> None:
    diary = Diary()
    diary.add("shown", "2025-01-02", ("v-1", "a"), rank=3, shortlist_id="s-1")
    diary.add("shown", "2025-01-05", ("v-1", "a"), rank=1, shortlist_id="s-2")
    diary.add("shown", "2025-01-05", ("v-1", "b"), rank=2, shortlist_id="s-2")
    frame = shown_pairs(diary.in_store(sqlite_store), as_of=noon("2025-02-01"), label=LABEL)
    assert list(zip(frame["talent_id"], frame["list_id"], frame["rank"], strict=True)) == [
        ("a", frame["list_id"][0], 3.0),
        ("b", frame["list_id"][1], 2.0),
    ]
    assert frame["list_id"].nunique() == 2


def test_a_list_is_as_old_as_its_first_showing(sqlite_store: Store) -> None:
    diary = Diary()
    diary.add("shown", noon("2025-01-03"), ("v-1", "b"), rank=1, shortlist_id="s-1")
    diary.add("shown", noon("2025-01-02"), ("v-1", "a"), rank=2, shortlist_id="s-1")
    frame = shown_pairs(diary.in_store(sqlite_store), as_of=noon("2025-02-01"), label=LABEL)
    assert frame["shown_at"].tolist() == [pd.Timestamp("2025-01-02T12:00")] * 2
    assert frame["talent_id"].tolist() == ["a", "b"]  # the place at which they stood must not show in the order


def test_without_a_shortlist_id_a_day_of_one_vacancy_is_a_list(sqlite_store: Store) -> None:
    diary = Diary()
    for who, when, vacancy_id in (("a", "02", "v-1"), ("b", "02", "v-1"), ("c", "03", "v-1"), ("d", "02", "v-2")):
        diary.add("shown", f"2025-01-{when}", (vacancy_id, who), rank=1)
    frame = shown_pairs(diary.in_store(sqlite_store), as_of=noon("2025-02-01"), label=LABEL)
    lists = dict(zip(frame["talent_id"], frame["list_id"], strict=True))
    assert lists["a"] == lists["b"]
    assert len({lists["a"], lists["c"], lists["d"]}) == 3


def test_a_list_is_of_one_vacancy_whatever_the_events_say(sqlite_store: Store) -> None:
    diary = Diary()
    diary.add("shown", "2025-01-02", ("v-1", "a"), rank=1, shortlist_id="s-1")
    diary.add("shown", "2025-01-02", ("v-2", "b"), rank=2, shortlist_id="s-1")
    frame = shown_pairs(diary.in_store(sqlite_store), as_of=noon("2025-02-01"), label=LABEL)
    assert frame["list_id"].nunique() == 2


def test_no_events_no_pairs(sqlite_store: Store) -> None:
    frame = shown_pairs(sqlite_store.event_columns(), as_of=noon("2025-02-01"), label=LABEL)
    assert len(frame) == 0
    assert list_sizes(frame["list_id"]).tolist() == []


@pytest.mark.parametrize(
    ("ids", "sizes"), [([], []), (["a"], [1]), (["a", "a", "b"], [2, 1]), (["b", "a", "a", "c", "c"], [1, 2, 2])]
)
def test_list_sizes(ids: list[str], sizes: list[int]) -> None:
    assert list_sizes(pd.Series(ids, dtype=object)).tolist() == sizes


def test_a_further_grade_is_worth_more() -> None:
    assert len(GAIN) == max(Grade) + 1
    assert list(GAIN) == sorted(set(GAIN))
    assert GAIN[Grade.SHOWN] == 0
    assert np.all(np.diff(GAIN) > 0)


@pytest.mark.parametrize("as_of", GRADES)
def test_what_a_matchmaker_writes_or_moves_teaches_nothing(diary: Diary, sqlite_store: Store, as_of: str):
    """Notes and overruled places come before, between and after everything else, and not a cell changes."""
    cutoff = noon(as_of)

    def learned() -> list[pd.DataFrame]:
        events = sqlite_store.event_columns()
        return [
            shown_pairs(events, as_of=cutoff, label=LABEL),
            stages(events, as_of=cutoff),
            placements(events, as_of=cutoff, label=LABEL),
            oddities(events, as_of=cutoff),
        ]

    diary.in_store(sqlite_store)
    before = learned()
    pairs = [*sorted({(event.vacancy_id, event.talent_id) for event in diary.events}), ("v-1", "new")]
    for on in ("2025-01-01", "2025-01-02", "2025-01-03", "2025-02-01", "2025-07-07"):
        for pair in pairs:
            diary.add("noted", on, pair, text="Belt terug", shortlist_id="s-1", rank=1)
            diary.add("overruled", on, pair, rank=1, reason="Kent het werk", shortlist_id="s-1")
    diary.in_store(sqlite_store)
    for old, new in zip(before, learned(), strict=True):
        pd.testing.assert_frame_equal(old, new)
