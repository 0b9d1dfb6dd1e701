"""Measures per list, against numbers counted by hand."""

import numpy as np
import pytest
from training_parts import table_of

from training.measures import Measure, mean_of_first, measured
from training.shown import GAIN, Grade

# Two lists in order of score: seven people, then three.
GRADES = [[3, 0, -1, 1, 2, 3, 0], [0, -1, 0]]
OUTCOMES = ["retained", None, "censored", None, "ended", "retained", None, None, "censored", None]
SCORES = np.array([7.0, 6, 5, 4, 3, 2, 1, 3, 2, 1])


def by_hand() -> dict[Measure, np.ndarray]:
    table = table_of([[max(grade, 2) if grade == -1 else grade for grade in one] for one in GRADES])
    gains = np.array([10.0, 0, 3 + 7 * 0.5, 1, 3, 10, 0, 0, 3 + 7 * 0.25, 0])  # running: half, and a quarter
    return measured(table, gains, np.array(OUTCOMES, dtype=object), SCORES)


def test_a_running_placement_is_no_success_yet_but_may_become_one() -> None:
    found = by_hand()
    assert GAIN[Grade.RETAINED] - GAIN[Grade.PLACED] == 7
    np.testing.assert_allclose(found[Measure.RETAINED], [1 / 5, 0])
    np.testing.assert_allclose(found[Measure.RETAINED_EXPECTED], [1.5 / 5, 0.25 / 3])
    np.testing.assert_allclose(found[Measure.RETAINED_AT_MOST], [2 / 5, 1 / 3])


def test_ndcg_and_reciprocal_rank_of_the_same_lists() -> None:
    found = by_hand()
    discount = 1 / np.log2(np.arange(2, 9))
    order, best = np.array([10, 0, 6.5, 1, 3, 10, 0]), np.array([10, 10, 6.5, 3, 1, 0, 0])
    assert found[Measure.NDCG][0] == pytest.approx(order @ discount / (best @ discount))
    np.testing.assert_allclose(found[Measure.RECIPROCAL_RANK], [1, 1 / 2])


def test_the_first_are_those_with_the_highest_scores_whatever_their_rows() -> None:
    table, worth = table_of([[0] * 8, [0] * 2]), np.arange(10, dtype=np.float64)
    scores = np.array([1.0, 9, 2, 8, 3, 7, 4, 6, 0, 0])
    first = [1, 3, 5, 7, 6]
    np.testing.assert_allclose(mean_of_first(table, scores, worth), [np.mean(first), 8.5])
    np.testing.assert_allclose(mean_of_first(table, scores, worth, k=1), [1, 8])  # of equals the first row
