"""The regression within signs: without them it is scikit-learn's, with them no weight is on the wrong side."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from training.signed import STRENGTH, fit_signed


def table(n: int = 4_000) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Features, another column, answers and how much each counts; the second feature does harm."""
    rng = np.random.default_rng(5)
    features = rng.normal(size=(n, 3))
    features[:, 2] += 0.7 * features[:, 0]
    other = rng.normal(size=(n, 1))
    chance = 1 / (1 + np.exp(1.0 - features[:, 0] + 0.5 * features[:, 1] - 0.4 * other[:, 0]))
    return features, other, rng.random(n) < chance, rng.uniform(0.5, 1.5, size=n)


def test_without_signs_it_is_the_usual_regression() -> None:
    features, _, yes, counts = table()
    usual = LogisticRegression(C=STRENGTH, tol=1e-8, max_iter=1_000).fit(features, yes, sample_weight=counts)
    fit = fit_signed(features, np.zeros((len(yes), 0)), yes, counts, (0, 0, 0))
    assert fit.weights == pytest.approx(usual.coef_[0], abs=2e-3)
    assert fit.intercept == pytest.approx(usual.intercept_[0], abs=2e-3)
    assert len(fit.free) == 0


def test_a_weight_on_the_wrong_side_is_nothing_and_the_others_are_as_if_it_were_not_there() -> None:
    features, other, yes, counts = table()
    fit = fit_signed(features, other, yes, counts, (1, 1, 0))
    without = fit_signed(features[:, [0, 2]], other, yes, counts, (0, 0))
    assert fit.weights[1] == 0.0
    assert fit.weights[[0, 2]] == pytest.approx(without.weights, abs=2e-3)
    assert fit_signed(features, other, yes, counts, (-1, -1, 0)).weights[0] == 0.0
    right = fit_signed(features, other, yes, counts, (1, -1, 0)).weights
    assert right == pytest.approx(fit_signed(features, other, yes, counts, (0, 0, 0)).weights, abs=2e-3)


def test_the_columns_beside_the_features_bear_no_penalty() -> None:
    """In a tenth of the unit the same column gets ten times the weight; with a penalty it would get less."""
    features, other, yes, counts = table()
    whole = fit_signed(features, other, yes, counts, (0, 0, 0))
    tenth = fit_signed(features, other / 10.0, yes, counts, (0, 0, 0))
    assert tenth.free == pytest.approx(10.0 * whole.free, rel=0.01)
