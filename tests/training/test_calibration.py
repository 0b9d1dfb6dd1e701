"""Calibration and its error, on predictions whose distance from the truth is known."""

import math

import numpy as np
import pytest

from ranking.survival import CalibrationKind
from training.calibration import (
    ECE_BOUND,
    MIN_FOR_ISOTONIC,
    MIN_LEAVERS,
    Judged,
    LivedPeriods,
    Reliability,
    calibrate,
    check_calibration,
    fit_isotonic,
    fit_platt,
    reliability,
)
from training.hazard import PersonPeriods


def periods_of(n: int, *, slope: float, seed: int, shift: float = 0.0) -> LivedPeriods:
    """One period each; the truth has ``slope`` times the spread that was predicted."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(1.0, 1.0, n)
    levels = rng.choice([0.5, 1.5], n)
    truth = slope * (scores - 1.0) + 1.0 + levels + shift
    return LivedPeriods(scores, levels, rng.random(n) < 1 / (1 + np.exp(-truth)), np.ones(n))


def one_period(stayed: np.ndarray) -> PersonPeriods:
    n = len(stayed)
    return PersonPeriods(np.arange(n), np.zeros(n, dtype=np.int64), stayed, np.ones(n), 1)


@pytest.mark.parametrize("slope", [0.3, 1.0, 1.5])
@pytest.mark.parametrize("shift", [0.0, -0.7])
def test_platt_finds_the_slope_whatever_the_level(slope: float, shift: float) -> None:
    found = fit_platt(periods_of(20_000, slope=slope, seed=1, shift=shift))
    assert found.kind is CalibrationKind.PLATT
    assert found.slope == pytest.approx(slope, abs=0.06)


def test_with_few_outcomes_platt_leaves_most_as_it_is() -> None:
    few = np.mean([fit_platt(periods_of(40, slope=0.0, seed=seed)).slope for seed in range(20)])
    many = np.mean([fit_platt(periods_of(2_000, slope=0.0, seed=seed)).slope for seed in range(5)])
    assert few > many + 0.3
    assert many < 0.3


def test_what_says_the_opposite_of_the_truth_says_nothing_and_not_the_opposite() -> None:
    assert fit_platt(periods_of(2_000, slope=-1.0, seed=1)).slope == 0.0


def test_platt_is_the_best_of_all_slopes_by_brute_force() -> None:
    lived = periods_of(300, slope=0.6, seed=4)
    lived = LivedPeriods(lived.scores, lived.levels, lived.stayed, np.random.default_rng(1).uniform(0.5, 2, 300))
    centre = np.average(lived.scores, weights=lived.weights)

    def loss(slope: float, shift: float) -> float:
        odds = slope * (lived.scores - centre) + centre + lived.levels + shift
        each = np.where(lived.stayed, np.log1p(np.exp(-odds)), np.log1p(np.exp(odds)))
        return float((lived.weights * each).sum() + 0.5 * ((slope - 1) / 0.2) ** 2 + 0.5 * shift**2)

    grid = [(slope, shift) for slope in np.arange(0, 2, 0.01) for shift in np.arange(-1, 1, 0.02)]
    best = min(grid, key=lambda pair: loss(*pair))
    assert fit_platt(lived).slope == pytest.approx(best[0], abs=0.011)


def test_isotonic_by_hand() -> None:
    judged = Judged(
        np.array([0.1, 0.2, 0.3, 0.4, 0.9]),
        np.array([False, True, False, True, True]),
        np.array([1.0, 1.0, 3.0, 1.0, 0.0]),  # the last is not known yet
    )
    found = fit_isotonic(judged)
    assert found.raw == pytest.approx((0.1, 0.2, 0.3, 0.4))
    assert found.calibrated == pytest.approx((0.0, 0.25, 0.25, 1.0))


def test_the_method_follows_from_how_much_there_is() -> None:
    def chosen(n_judged: int, n_leavers: int) -> CalibrationKind:
        stayed = np.arange(3_000) >= n_leavers
        lived = LivedPeriods(np.linspace(-1, 1, 3_000), np.zeros(3_000), stayed, np.ones(3_000))
        known = np.arange(3_000) < n_judged
        judged = Judged(np.linspace(0.1, 0.9, 3_000), np.arange(3_000) % 2 == 0, known.astype(float))
        return calibrate(lived, judged).kind

    assert chosen(3_000, MIN_LEAVERS - 1) is CalibrationKind.NONE
    assert chosen(MIN_FOR_ISOTONIC - 1, MIN_LEAVERS) is CalibrationKind.PLATT
    assert chosen(MIN_FOR_ISOTONIC, MIN_LEAVERS) is CalibrationKind.ISOTONIC


def test_losses_by_hand() -> None:
    judged = Judged(np.array([0.8, 0.4, 0.5]), np.array([True, False, True]), np.array([1.0, 3.0, 0.0]))
    assert judged.log_loss() == pytest.approx(-(math.log(0.8) + 3 * math.log(0.6)) / 4)
    assert judged.brier() == pytest.approx((0.2**2 + 3 * 0.4**2) / 4)
    assert len(judged) == 2
    nothing = Judged(np.array([0.8]), np.array([True]), np.zeros(1))
    assert math.isnan(nothing.log_loss())
    assert math.isnan(nothing.brier())


def test_reliability_by_hand() -> None:
    """Two bins of fifteen leavers each: 60 were promised 0.4 and 45 stayed, 60 were promised 0.9 and 45 stayed."""
    predicted = np.repeat([0.9, 0.4], 60)
    stayed = np.concatenate([np.arange(60) >= 15] * 2)
    found = reliability(predicted, one_period(stayed), seed=1)
    assert [(b.predicted, b.observed, b.n) for b in found.bins] == [
        (pytest.approx(0.4), 0.75, 60), (pytest.approx(0.9), 0.75, 60),
    ]  # fmt: skip
    assert found.ece == pytest.approx((0.35 + 0.15) / 2)
    assert found.low < found.ece < found.high
    assert found.bins[0].low < 0.75 < found.bins[0].high
    assert found.n == 120


def test_open_placements_count_as_far_as_they_have_come() -> None:
    """Of 100 a tenth leaves in the first period; of the 50 that have come to the second, a fifth leaves there."""
    rows = np.concatenate([np.arange(100), np.arange(10, 60)])
    period = np.repeat([0, 1], [100, 50])
    stayed = np.concatenate([np.arange(100) >= 10, np.arange(50) >= 10])
    periods = PersonPeriods(rows, period, stayed, np.ones(150), 2)
    found = reliability(np.full(100, 0.72), periods, seed=1)
    assert len(found.bins) == 1
    assert found.bins[0].observed == pytest.approx(0.9 * 0.8)
    assert found.ece == pytest.approx(0.0, abs=1e-9)


def test_with_nobody_gone_nothing_is_known() -> None:
    found = reliability(np.full(50, 0.9), one_period(np.ones(50, dtype=bool)), seed=1)
    assert (found.n, found.bins) == (0, ())
    assert check_calibration(found) == []


@pytest.mark.parametrize("n", [60, 300, 1_000])
def test_a_head_that_promises_rightly_is_not_refused(n: int) -> None:
    rng = np.random.default_rng(8)
    for seed in range(min(20, 4_000 // n)):
        chance = rng.uniform(0.3, 0.95, n)
        assert check_calibration(reliability(chance, one_period(rng.random(n) < chance), seed=seed)) == []


def test_a_head_that_promises_wrongly_is_refused() -> None:
    rng = np.random.default_rng(9)
    chance = rng.uniform(0.2, 0.8, 400)
    lasted = one_period(rng.random(400) < chance)
    reasons = check_calibration(reliability(np.minimum(chance + 0.25, 0.99), lasted, seed=1))
    assert len(reasons) == 1
    assert reasons[0].startswith("miscalibrated")


def test_the_bound_is_on_the_low_end() -> None:
    assert check_calibration(Reliability((), 0.2, ECE_BOUND, 0.3, 100)) == []
    assert check_calibration(Reliability((), 0.2, ECE_BOUND + 1e-9, 0.3, 100)) != []
    assert check_calibration(Reliability((), 0.2, 0.15, 0.3, 100), bound=0.15) == []


def test_more_placements_narrow_the_interval() -> None:
    rng = np.random.default_rng(3)
    widths = []
    for n in (150, 2_400):
        chance = rng.uniform(0.3, 0.9, n)
        found = reliability(np.minimum(chance + 0.1, 1), one_period(rng.random(n) < chance), seed=1)
        widths.append(found.high - found.low)
    assert widths[1] < 0.5 * widths[0]


def test_it_can_be_written_down() -> None:
    found = reliability(np.repeat([0.9, 0.4], 60), one_period(np.tile(np.arange(60) >= 15, 2)), seed=1)
    assert found.to_json()["bins"][1]["observed"] == 0.75
    assert set(found.to_json()) == {"bins", "ece", "low", "high", "n"}
