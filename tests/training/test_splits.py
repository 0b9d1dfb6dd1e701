from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from training_parts import NOW, noon, shown_frame

from training.dataset import FeatureRows
from training.splits import SETTLED_AFTER, split_by_time, without_entities


def lists_on(days: list[int]) -> pd.DataFrame:
    start = NOW - timedelta(days=700)
    return shown_frame([((start + timedelta(days=one)).date().isoformat(), [0, 1]) for one in days])


@settings(deadline=None, derandomize=True, max_examples=50)
@given(st.lists(st.integers(0, 700), min_size=1, max_size=40))
def test_every_row_stands_in_at_most_one_period_and_periods_follow_in_time(days: list[int]) -> None:
    shown = lists_on(days)
    split = split_by_time(shown, NOW)
    train, tune, test = (part(shown["shown_at"]) for part in (split.train, split.tune, split.test))
    assert (train.astype(int) + tune + test <= 1).all()
    at = shown["shown_at"]
    if train.any() and tune.any():
        assert at[train].max() < at[tune].min()
    if tune.any() and test.any():
        assert at[tune].max() < at[test].min()
    assert test.any()
    assert shown.assign(test=test).groupby("list_id")["test"].nunique().eq(1).all()


def test_shares_by_hand() -> None:
    shown = lists_on(list(range(100)))  # all settled: one list a day
    split = split_by_time(shown, NOW)
    assert [int(part(shown["shown_at"]).sum()) // 2 for part in (split.train, split.tune, split.test)] == [50, 20, 30]


def test_young_lists_take_no_part() -> None:
    old, young = list(range(60)), list(range(660, 699))
    shown = lists_on(old + young)
    split = split_by_time(shown, NOW)
    in_any = split.train(shown["shown_at"]) | split.tune(shown["shown_at"]) | split.test(shown["shown_at"])
    assert in_any.sum() == 2 * 60
    assert pd.Timestamp(split.test_until) <= pd.Timestamp(NOW.replace(tzinfo=None)) - pd.Timedelta(SETTLED_AFTER)


def test_when_little_is_settled_everything_is_used() -> None:
    shown = lists_on([*range(10), *range(660, 698)])
    split = split_by_time(shown, NOW)
    in_any = split.train(shown["shown_at"]) | split.tune(shown["shown_at"]) | split.test(shown["shown_at"])
    assert in_any.all()


@pytest.mark.parametrize(("later", "used"), [(timedelta(days=1), 20), (timedelta(0), 10), (timedelta(days=-1), 20)])
def test_settling_counts_back_from_the_cutoff(later: timedelta, used: int) -> None:
    shown = shown_frame([("2025-01-01", [0, 1])] * 10 + [("2025-01-02", [0, 1])] * 10)
    split = split_by_time(shown, noon("2025-01-01") + SETTLED_AFTER.item() + later)
    assert (shown["shown_at"] <= pd.Timestamp(split.test_until)).sum() == 2 * used


def test_without_entities_leaves_nobody_on_both_sides() -> None:
    frame = shown_frame([("2025-01-01", [0, 1]), ("2025-01-02", [2, 3]), ("2025-01-03", [0, 0])])
    frame.loc[2, "talent_id"] = frame.loc[5, "talent_id"]
    frame.loc[0, "vacancy_id"] = frame.loc[4, "vacancy_id"]
    kept = without_entities(FeatureRows(frame, np.arange(6.0)[:, None]), frame[4:])
    assert kept.features[:, 0].tolist() == [1, 3]
