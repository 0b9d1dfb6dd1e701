import json
import math
from time import process_time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ranking_parts import same, steady

from core.errors import ArtifactCorrupt
from core.vocabulary import Band
from ranking.rankers import LinearRanker
from ranking.rankers_combined import ranker_from_json
from ranking.retention import RetentionHead, band, retention_of
from ranking.survival import Calibration, CalibrationKind, StayRanker, SurvivalCurve
from ranking.trees import BinaryTable, Columns, TreeSettings, fit_classifier

BENT = Calibration(CalibrationKind.ISOTONIC, 1.0, (0.1, 0.4, 0.9), (0.2, 0.3, 0.8))


def curve_of(weights: list[float], baseline: list[float], calibration: Calibration | None = None) -> SurvivalCurve:
    names = tuple(f"f{number}" for number in range(len(weights)))
    width = len(weights)
    ranker = LinearRanker(names, np.zeros(width), np.ones(width), np.array(weights), 0.0)
    return SurvivalCurve(ranker, np.array(baseline), calibration or Calibration())


def head_of(n_features: int = 35, n_copies: int = 20, seed: int = 0, *, trees: bool = False) -> RetentionHead:
    rng = np.random.default_rng(seed)
    names = tuple(f"f{number}" for number in range(n_features))
    curves = []
    for number in range(n_copies + 1):
        if trees:
            features = rng.normal(size=(400, n_features))
            table = BinaryTable(features, features[:, 0] + rng.normal(size=400) > 0)
            ranker: Any = fit_classifier(table, Columns(names, (0,) * n_features), TreeSettings(seed=number), rounds=20)
        else:
            parts = rng.normal(size=n_features), rng.uniform(0.5, 2, size=n_features), rng.normal(size=n_features)
            ranker = LinearRanker(names, *parts, float(rng.normal()))
        calibration = Calibration(CalibrationKind.PLATT, float(rng.uniform(0.5, 1.5)))
        curves.append(SurvivalCurve(ranker, rng.normal(2, 1, size=7), calibration))
    return RetentionHead("by hand", curves[0], tuple(curves[1:]), 120)


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def logit(p: float) -> float:
    return math.log(p / (1 - p))


def test_the_chance_is_that_of_every_period_by_hand() -> None:
    curve = curve_of([1.0, -0.5], [2.0, 0.5, 1.0])
    found = curve.probability(np.array([[1.5, 1.0], [0.0, 0.0]]))
    assert found[0] == pytest.approx(sigmoid(1.0 + 2.0) * sigmoid(1.0 + 0.5) * sigmoid(1.0 + 1.0))
    assert found[1] == pytest.approx(sigmoid(2.0) * sigmoid(0.5) * sigmoid(1.0))


def test_platt_draws_people_together_and_isotonic_bends_by_hand() -> None:
    platt = curve_of([1.0], [2.0, 0.5], Calibration(CalibrationKind.PLATT, 0.5))
    assert platt.probability(np.array([[1.6]]))[0] == pytest.approx(sigmoid(2.8) * sigmoid(1.3))
    bent = curve_of([1.0], [0.0], BENT)
    said = {logit(0.25): 0.25, logit(0.65): 0.55, logit(0.05): 0.2, logit(0.99): 0.8}
    for score, chance in said.items():
        assert bent.probability(np.array([[min(score, 4.0)]]))[0] == pytest.approx(chance)


def test_the_interval_is_the_spread_of_the_copies_around_the_estimate_by_hand() -> None:
    head = RetentionHead("x", curve_of([1.0], [0.0]), tuple(curve_of([w], [0.0]) for w in (3.0, 1.5, 2.0)), 3)
    middle, low, high = head.predict(np.array([[1.0]]))  # log-odds 1; of the copies 1.5, 2 and 3
    assert middle[0] == pytest.approx(sigmoid(1.0))
    assert low[0] == pytest.approx(sigmoid(1.0 + (1.6 - 2.0)))  # a fifth of the way from 1.5 to 2
    assert high[0] == pytest.approx(sigmoid(1.0 + (2.8 - 2.0)))


@steady
@given(st.integers(0, 10_000), st.integers(1, 80), st.sampled_from([1, 2, 7, 35]))
def test_ordered_and_alike_alone_and_together(seed: int, n: int, width: int) -> None:
    check_alike(head_of(width, 6, seed=seed), seed, n)


@pytest.mark.parametrize("seed", [0, 1])
def test_trees_too_are_ordered_and_alike_alone_and_together(seed: int) -> None:
    check_alike(head_of(5, 3, seed=seed, trees=True), seed, 60)


def check_alike(head: RetentionHead, seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    features = rng.normal(scale=3, size=(n, len(head.names)))
    features[rng.random(features.shape) < 0.2] = np.nan
    middle, low, high = whole = head.predict(features)
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert low.min() >= 0
    assert high.max() <= 1
    assert same(head.probability(features), middle)
    rows = rng.integers(n, size=4)
    assert same(head.predict(features[rows]), [part[rows] for part in whole])
    assert same(head.predict(np.asfortranarray(features)), whole)
    for row in rows.tolist():
        assert same([part[0] for part in head.predict(features[[row]])], [part[row] for part in whole])
        assert same(head.probability(features[[row]])[0], middle[row])
        assert same(head.contributions(features[[row]])[0], head.contributions(features)[row])


@pytest.mark.parametrize("trees", [False, True])
@pytest.mark.parametrize("calibration", [Calibration(CalibrationKind.PLATT, 0.7), BENT], ids=str)
def test_contributions_add_up_to_the_log_odds_of_lasting(trees: bool, calibration: Calibration) -> None:
    head = head_of(6, 1, trees=trees)
    curve = SurvivalCurve(head.curve.ranker, head.curve.baseline, calibration)
    head = RetentionHead("x", curve, (), 1)
    features = np.random.default_rng(2).normal(size=(40, 6))
    chance = head.probability(features)
    rest = np.log(chance / (1 - chance)) - head.contributions(features).sum(axis=1)
    np.testing.assert_allclose(rest, rest[0], atol=1e-6)


def test_who_is_average_in_all_has_contributions_that_cancel_out() -> None:
    head = RetentionHead("x", curve_of([1.0, -1.0], [1.0, 1.0]), (), 1)
    parts = head.contributions(np.array([[0.3, 0.3]]))[0]
    chance = [head.probability(np.array([[0.3 + step, 0.3]]))[0] for step in (-1e-4, 1e-4)]
    slope = (logit(chance[1]) - logit(chance[0])) / 2e-4
    np.testing.assert_allclose(parts, [0.3 * slope, -0.3 * slope], rtol=1e-5)


def test_more_of_what_helps_is_never_less_likely_to_last() -> None:
    for calibration in (Calibration(), BENT):
        curve = curve_of([1.0], [2.0, 0.1], calibration)
        assert (np.diff(curve.probability(np.linspace(-4, 4, 200)[:, None])) >= 0).all()


def test_nobody_has_no_chance() -> None:
    assert [part.shape for part in head_of().predict(np.empty((0, 35)))] == [(0,), (0,), (0,)]


def test_a_whole_list_costs_less_than_five_milliseconds() -> None:
    head = head_of(35, 0, trees=True)
    features = np.random.default_rng(0).normal(size=(300, 35))
    seconds = []
    for _ in range(9):
        start = process_time()
        head.probability(features)
        seconds.append(process_time() - start)
    assert min(seconds) < 0.005


@pytest.mark.parametrize(
    ("probability", "word"),
    [
        (0.0, Band.LOW),
        (0.4999, Band.LOW),
        (0.5, Band.MIDDLE),
        (0.7499, Band.MIDDLE),
        (0.75, Band.HIGH),
        (1.0, Band.HIGH),
    ],
)
def test_bands(probability: float, word: Band) -> None:
    assert band(probability) == word
    assert retention_of(probability, 0, 1).band == word


def test_numbers_are_rounded_to_what_they_can_carry() -> None:
    found = retention_of(0.123456, 0.1, 0.98765)
    assert (found.probability, found.low, found.high) == (0.123, 0.1, 0.988)


@pytest.mark.parametrize("trees", [False, True])
def test_through_json_and_back_it_is_the_same(trees: bool) -> None:
    head = head_of(8, 3, trees=trees)
    back = RetentionHead.from_json(json.loads(json.dumps(head.to_json())))
    features = np.random.default_rng(1).normal(size=(9, 8))
    assert same(back.predict(features), head.predict(features))
    assert same(back.contributions(features), head.contributions(features))
    assert (back.n_placements, back.names, back.method) == (120, head.names, "by hand")


def test_a_ranker_by_chance_of_staying_comes_back_as_any_ranker() -> None:
    ranker = StayRanker(head_of(4, 0).curve)
    back = ranker_from_json(json.loads(json.dumps(ranker.to_json())))
    features = np.random.default_rng(1).normal(size=(9, 4))
    assert same(back.score(features), ranker.score(features))
    assert same(back.contributions(features), ranker.contributions(features))
    assert back.importance() == ranker.importance()


def broken(**changes: Any) -> dict[str, Any]:
    whole = head_of(3, 2).to_json()
    for path, value in changes.items():
        part: Any = whole
        *way, last = path.split("__")
        for step in way:
            part = part[int(step) if step.isdigit() else step]
        if value is None:
            del part[last]
        else:
            part[last] = value
    return whole


@pytest.mark.parametrize(
    "data",
    [
        {},
        broken(curve=None),
        broken(copies=None),
        broken(n_placements="many"),
        broken(curve__baseline=[]),
        broken(curve__baseline=[[1.0]]),
        broken(curve__baseline=[float("nan")]),
        broken(curve__ranker={"kind": "unheard of"}),
        broken(curve__ranker__weights=[1.0, 2.0]),
        broken(copies__1__ranker__names=["a", "b", "c"]),
        broken(curve__calibration__slope=-0.1),
        broken(curve__calibration__slope=float("inf")),
        broken(curve__calibration__kind="magic"),
        broken(curve__calibration__kind="isotonic"),
        broken(curve__calibration__raw=[0.1, 0.2]),
        broken(curve__calibration=BENT.to_json() | {"raw": [0.4, 0.1, 0.9]}),
        broken(curve__calibration=BENT.to_json() | {"calibrated": [0.3, 0.2, 0.8]}),
        broken(curve__calibration=BENT.to_json() | {"calibrated": [0.3, 0.8]}),
    ],
)
def test_what_does_not_fit_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ArtifactCorrupt, match="train again"):
        RetentionHead.from_json(data)
