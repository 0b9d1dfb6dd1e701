"""Person-period rows by hand, and curves that find a hazard that is known."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from training_parts import NOW

from ranking.outcomes import Outcome, utc_instant
from ranking.survival import Calibration, CalibrationKind
from ranking.trees import Columns, TreeSettings
from training.hazard import (
    CALENDAR_DAYS,
    GRACE_DAYS,
    base_rate,
    blended,
    calibrated,
    fit_linear,
    fit_trees,
    matures_on,
    period_bounds,
    person_periods,
    whole_outcomes,
)

CUTOFF = utc_instant(NOW)
DAY = np.timedelta64(24 * 3600 * 1_000_000, "us")
FULL_TIME = 182.0  # days to 1,040 hours
BOUNDS = [1, 7, 30, 91, 91 + 91 / 3, 91 + 91 * 2 / 3, 182]  # of full time


def placed(*stays: tuple[int, int | None, bool], needed: float = FULL_TIME) -> pd.DataFrame:
    """Placements as (days since the start, days until they left or None, whether the hours were reached)."""
    rows = []
    for age, left, reached in stays:
        start = pd.Timestamp(CUTOFF) - pd.Timedelta(days=age)
        outcome = Outcome.RETAINED if reached else Outcome.CENSORED if left is None else Outcome.ENDED
        known = needed if reached else left
        rows.append(
            {
                "starts_on": start.as_unit("s"),
                "days_needed": needed,
                "outcome": outcome,
                "ended_on": pd.NaT if left is None else (start + pd.Timedelta(days=left)).as_unit("us"),
                "resolved_at": pd.NaT if known is None else (start + pd.Timedelta(days=known)).as_unit("us"),
            }
        )
    frame = pd.DataFrame(rows)
    return frame.assign(
        starts_on=frame["starts_on"].astype("datetime64[s]"),
        ended_on=frame["ended_on"].astype("datetime64[us]"),
        resolved_at=frame["resolved_at"].astype("datetime64[us]"),
    )


def lived(frame: pd.DataFrame) -> list[str]:
    """Per placement its periods: s stayed, l left."""
    rows = person_periods(frame, CUTOFF)
    assert rows.n_periods == len(BOUNDS)
    found = [""] * len(frame)
    for row, period, stayed in sorted(zip(rows.rows, rows.period, rows.stayed, strict=True)):
        assert period == len(found[row])
        found[row] += "s" if stayed else "l"
    return found


def test_bounds_by_hand() -> None:
    assert CALENDAR_DAYS == (1, 7, 30, 91)
    np.testing.assert_allclose(period_bounds(np.array([182.0])), [BOUNDS])
    part_time, many_hours = period_bounds(np.array([455.0, 77.0]))
    np.testing.assert_allclose(part_time, [1, 7, 30, 91, 91 + 364 / 3, 91 + 364 * 2 / 3, 455])
    np.testing.assert_allclose(many_hours, [1, 7, 30, 77, 77, 77, 77])


@pytest.mark.parametrize(
    ("stay", "periods"),
    [
        ((700, None, True), "sssssss"),
        ((700, 250, True), "sssssss"),  # lasted, and then left
        ((700, 0, False), "l"),
        ((700, -3, False), "l"),  # never started
        ((700, 1, False), "sl"),
        ((700, 6, False), "sl"),
        ((700, 7, False), "ssl"),
        ((700, 90, False), "sssl"),
        ((700, 91, False), "ssssl"),
        ((700, 181, False), "ssssssl"),
        ((700, 190, False), "ssssssl"),  # slow weeks: left short of the hours after the days that they should take
        ((700, None, False), "ssssss"),  # a job on paper of which nobody knows whether it lasted
        ((GRACE_DAYS, None, False), ""),
        ((GRACE_DAYS + 1, None, False), "s"),
        ((GRACE_DAYS + 29, None, False), "ss"),
        ((GRACE_DAYS + 30, None, False), "sss"),
        ((GRACE_DAYS + 29, 20, False), "ss"),  # left, in a period of which stayers are not counted yet either
        ((GRACE_DAYS + 30, 20, False), "ssl"),
        ((GRACE_DAYS + 181, None, True), "ssssss"),
        ((GRACE_DAYS + 182, None, True), "sssssss"),
        ((-5, None, False), ""),  # starts next week
    ],
)
def test_periods_by_hand(stay: tuple[int, int | None, bool], periods: str) -> None:
    assert lived(placed(stay)) == [periods]
    assert lived(placed((700, None, True), stay, (700, 0, False))) == ["sssssss", periods, "l"]


def test_periods_that_more_hours_skip_are_not_lived_through() -> None:
    rows = person_periods(placed((700, None, True), needed=77.0), CUTOFF)
    assert rows.period.tolist() == [0, 1, 2, 3]


def test_what_was_known_later_is_not_looked_at() -> None:
    frame = placed((200, 150, False))
    then = CUTOFF - 100 * DAY  # a hundred days after the start
    rows = person_periods(frame, then)
    assert (rows.period.tolist(), rows.stayed.tolist()) == ([0, 1, 2], [True, True, True])


def test_an_end_that_was_told_late_is_no_end_before_that() -> None:
    frame = placed((200, 20, False))
    told = frame.assign(resolved_at=frame["resolved_at"] + pd.Timedelta(days=70))
    for age, stayed in ((85, [True, True, True]), (90, [True, True, False])):
        rows = person_periods(told, CUTOFF - (200 - age) * DAY)
        assert rows.stayed.tolist() == stayed


def test_leaving_is_not_seen_sooner_than_staying() -> None:
    """Of a cohort of any age each period has all who began it or none: shares are those of the truth."""
    rng = np.random.default_rng(0)
    left_on = np.where(rng.random(400) < 0.5, rng.integers(0, 180, 400), 10_000)
    for age in (45, 60, 100, 150, 200, 300):
        stays = [(age, int(day) if day < age else None, day == 10_000 and age > 182) for day in left_on]
        rows = person_periods(placed(*stays), CUTOFF)
        for period in set(rows.period.tolist()):
            began = left_on >= ([0, *BOUNDS][period])
            at = rows.period == period
            assert at.sum() == began.sum()
            assert (~rows.stayed[at]).sum() == (left_on[began] < BOUNDS[period]).sum()


def test_an_outcome_is_known_when_the_hours_could_have_been_worked() -> None:
    found = matures_on(placed((700, None, True), (5, None, False)))
    assert found.tolist() == [CUTOFF.astype("O") - timedelta(days=age - 182 - GRACE_DAYS) for age in (700, 5)]


def test_known_outcomes_are_one_period() -> None:
    frame = placed((700, None, True), (700, 30, False), (50, None, False))
    rows = whole_outcomes(frame, CUTOFF, weights=np.array([2.0, 3.0, 4.0]))
    assert (rows.rows.tolist(), rows.stayed.tolist(), rows.weights.tolist()) == ([0, 1], [True, False], [2, 3])
    assert rows.n_periods == 1


COLUMNS = Columns(("skill", "noise", "more_noise"), (1, 0, 0))


def cohort(n: int, *, seed: int, running: bool) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Placements whose hazard in each period follows one feature; the young ones still run."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, 3))
    staying = 1 / (1 + np.exp(-(np.array([4.0, 3.5, 3.0, 2.5, 2.0, 2.0, 2.0]) + features[:, :1])))
    out = rng.random((n, 7)) > staying
    first = np.where(out.any(axis=1), out.argmax(axis=1), 7)
    begin, end = np.array([0, *BOUNDS])[np.minimum(first, 6)], np.array(BOUNDS)[np.minimum(first, 6)]
    left_on = np.where(first < 7, np.ceil(begin) + rng.random(n) * (np.floor(end - 1e-9) - np.ceil(begin)), 10_000)
    left_on = left_on.astype(int)
    age = rng.integers(1, 420, n) if running else np.full(n, 700)
    stays = [
        (int(old), int(day) if day <= old and day < 10_000 else None, day == 10_000 and old >= 182)
        for old, day in zip(age, left_on, strict=True)
    ]
    return placed(*stays), features, staying.prod(axis=1)


@pytest.mark.parametrize("running", [False, True])
def test_curves_find_the_truth_also_when_half_still_runs(running: bool) -> None:
    frame, features, truth = cohort(4_000, seed=1, running=running)
    periods = person_periods(frame, CUTOFF)
    scaling = features.mean(axis=0), features.std(axis=0)
    linear = fit_linear(features, periods, COLUMNS, scaling)
    trees = fit_trees(features, periods, COLUMNS, TreeSettings(feature_fraction=1.0))
    plain = base_rate(periods, COLUMNS)
    assert np.abs(plain.probability(features) - truth.mean()).max() < 0.03
    for curve in (linear, trees, blended(linear, trees, features, periods)):
        said = curve.probability(features)
        assert abs(said.mean() - truth.mean()) < 0.03
        assert np.corrcoef(said, truth)[0, 1] > 0.95
    assert np.abs(linear.probability(features) - truth).mean() < 0.03
    resolved = frame["outcome"] != Outcome.CENSORED
    naive = (frame["outcome"] == Outcome.RETAINED)[resolved].mean()
    assert (abs(naive - truth.mean()) > 0.05) == running


def test_weights_count_as_rows_that_came_more_often() -> None:
    frame, features, _ = cohort(300, seed=2, running=True)
    times = np.random.default_rng(0).integers(0, 3, 300)
    rows = np.repeat(np.arange(300), times)
    scaling = features.mean(axis=0), features.std(axis=0)
    weighted = fit_linear(features, person_periods(frame, CUTOFF).weighted(times.astype(float)), COLUMNS, scaling)
    again = frame.iloc[rows].reset_index(drop=True)
    repeated = fit_linear(features[rows], person_periods(again, CUTOFF), COLUMNS, scaling)
    np.testing.assert_allclose(weighted.probability(features), repeated.probability(features), atol=1e-4)


def test_trees_only_rise_where_the_direction_is_beyond_doubt() -> None:
    frame, features, _ = cohort(800, seed=3, running=True)
    curve = fit_trees(features, person_periods(frame, CUTOFF), COLUMNS, TreeSettings(min_data_in_leaf=5))
    line = np.column_stack([np.linspace(-3, 3, 100), np.zeros(100), np.zeros(100)])
    assert (np.diff(curve.probability(line)) >= 0).all()


def test_a_period_that_nobody_came_to_is_as_the_others_are() -> None:
    frame, _, _ = cohort(500, seed=4, running=False)
    young = frame.assign(starts_on=frame["starts_on"] + pd.Timedelta(days=700 - 91 - GRACE_DAYS))
    periods = person_periods(young, CUTOFF)
    assert periods.period.max() == 3
    chance = 1 / (1 + np.exp(-base_rate(periods, COLUMNS).baseline))
    np.testing.assert_allclose(chance[4:], periods.stayed.mean(), atol=1e-3)


def test_a_calibrated_curve_keeps_its_level() -> None:
    frame, features, _ = cohort(3_000, seed=5, running=True)
    periods = person_periods(frame, CUTOFF)
    curve = fit_linear(features, periods, COLUMNS, (features.mean(axis=0), features.std(axis=0)))
    milder = calibrated(curve, Calibration(CalibrationKind.PLATT, 0.5), features, periods)
    assert milder.probability(features).std() < 0.7 * curve.probability(features).std()
    assert milder.probability(features).mean() == pytest.approx(curve.probability(features).mean(), abs=0.02)
