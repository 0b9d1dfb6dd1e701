import math

import numpy as np
import pytest
from sklearn.metrics import ndcg_score
from training_parts import table_of

from training.evaluation import Estimate, estimate, ndcg_per_list, random_scores, reciprocal_rank_per_list
from training.shown import GAIN


def dcg(gains: list[float]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, start=1))


def ndcg_by_hand(grades: list[int], scores: list[float], k: int) -> float:
    gains = [GAIN[grade] for grade in grades]
    order = sorted(range(len(gains)), key=lambda row: -scores[row])
    return dcg([gains[row] for row in order][:k]) / dcg(sorted(gains, reverse=True)[:k])


def test_ndcg_by_numbers() -> None:
    # Gains 0, 1, 3, 10. Order: placed, shown, retained.
    found = ndcg_per_list(table_of([[2, 0, 3]]), np.array([3.0, 2.0, 1.0]))
    assert found[0] == pytest.approx((3 + 10 / 2) / (10 + 3 / math.log2(3)))


def test_ndcg_of_many_lists_against_loops() -> None:
    rng = np.random.default_rng(0)
    lists = [rng.integers(0, 4, size=size).tolist() for size in rng.integers(2, 25, size=60)]
    table = table_of(lists)
    scores = rng.permutation(len(table)).astype(float)
    for k in (1, 5, 10):
        found = ndcg_per_list(table, scores, k=k)
        start = 0
        for number, grades in enumerate(lists):
            mine = scores[start : start + len(grades)].tolist()
            start += len(grades)
            if any(grades):
                assert found[number] == pytest.approx(ndcg_by_hand(grades, mine, k))
            else:
                assert math.isnan(found[number])


def test_ndcg_with_ties_and_fractions_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    lists = [[0] * size for size in rng.integers(2, 25, size=80)]
    table = table_of(lists)
    scores = rng.integers(0, 5, size=len(table)).astype(float)
    gains = np.where(rng.random(len(table)) < 0.6, 0.0, rng.random(len(table)) * 10)
    found = ndcg_per_list(table, scores, k=10, gains=gains)
    ends = np.cumsum(table.group_sizes)[:-1]
    parts = zip(np.split(gains, ends), np.split(scores, ends), strict=True)
    expected = [ndcg_score([mine], [said], k=10) if mine.any() else math.nan for mine, said in parts]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_best_and_worst_order() -> None:
    table = table_of([[0, 1, 2, 3]] * 2)
    found = ndcg_per_list(table, np.array([0, 1, 2, 3, 3, 2, 1, 0], dtype=float))
    assert found[0] == pytest.approx(1.0)
    assert found[1] < 0.6


def test_equal_scores_are_worth_the_average_of_their_orders() -> None:
    found = ndcg_per_list(table_of([[3, 0]]), np.zeros(2))
    assert found[0] == pytest.approx((1 + 1 / math.log2(3)) / 2)
    assert ndcg_per_list(table_of([[0, 3]]), np.zeros(2))[0] == pytest.approx(found[0])


def test_beyond_the_cut_nothing_counts() -> None:
    grades = [0] * 10 + [3]
    found = ndcg_per_list(table_of([grades]), -np.arange(11, dtype=float))
    assert found[0] == 0.0


def test_a_list_in_which_nothing_came_of_anyone_has_no_value() -> None:
    assert np.isnan(ndcg_per_list(table_of([[0, 0], [0, 1]]), np.zeros(4))).tolist() == [True, False]


@pytest.mark.parametrize(
    ("grades", "expected"),
    [([0, 2, 3], 1 / 2), ([3, 0, 0], 1.0), ([1, 1, 2], 1 / 3), ([0, 1, 1], math.nan), ([2, 3], 1.0)],
)
def test_reciprocal_rank_of_the_first_who_was_placed(grades: list[int], expected: float) -> None:
    scores = -np.arange(len(grades), dtype=float)
    assert reciprocal_rank_per_list(table_of([grades]), scores)[0] == pytest.approx(expected, nan_ok=True)


def test_reciprocal_rank_goes_by_score_and_by_list() -> None:
    found = reciprocal_rank_per_list(table_of([[0, 2], [2, 0]]), np.array([1.0, 2.0, 1.0, 2.0]))
    assert found.tolist() == [1.0, 0.5]


def test_an_interval_covers_the_truth_about_nineteen_times_in_twenty() -> None:
    rng = np.random.default_rng(42)
    covered = 0
    for _ in range(200):
        found = estimate(rng.beta(2, 3, size=80))
        assert found.low <= found.value <= found.high
        covered += found.low <= 0.4 <= found.high
    assert 178 <= covered <= 200


def test_an_estimate_by_hand() -> None:
    found = estimate(np.array([0.0, 1.0, np.nan, 1.0, 0.0]))
    assert (found.value, found.n_lists) == (0.5, 4)
    assert found == estimate(np.array([0.0, 1.0, np.nan, 1.0, 0.0]))
    assert estimate(np.full(30, 0.7)) == Estimate(pytest.approx(0.7), pytest.approx(0.7), pytest.approx(0.7), 30)
    assert found.to_json() == {"value": 0.5, "low": found.low, "high": found.high, "n_lists": 4}


def test_nothing_known_is_not_a_number() -> None:
    found = estimate(np.full(3, np.nan))
    assert found.n_lists == 0
    assert all(math.isnan(value) for value in (found.value, found.low, found.high))


def test_gains_of_ones_own_take_the_place_of_the_grades() -> None:
    table = table_of([[0, 1, 2]])
    gains = np.array([0.0, 6.5, 3.0])
    found = ndcg_per_list(table, np.array([3.0, 2.0, 1.0]), gains=gains)
    assert found[0] == pytest.approx(dcg([0.0, 6.5, 3.0]) / dcg([6.5, 3.0, 0.0]))


def test_a_higher_level_of_confidence_is_a_wider_interval() -> None:
    values = np.random.default_rng(3).normal(size=60)
    usual, strict = estimate(values), estimate(values, level=0.99)
    assert strict.low < usual.low < usual.value < usual.high < strict.high
    # About 2.58 against 1.96 standard errors.
    assert (strict.high - strict.low) / (usual.high - usual.low) == pytest.approx(2.58 / 1.96, rel=0.1)


def test_chance_is_the_same_each_time() -> None:
    assert random_scores(3).tolist() == random_scores(3).tolist()
    assert len(set(random_scores(100).tolist())) == 100


def test_of_many_lists_the_interval_is_that_of_the_bootstrap(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(2).exponential(size=6_000)  # skewed, as few lists with much to gain are
    quick = estimate(values, level=0.9)
    monkeypatch.setattr("training.evaluation.BOOTSTRAP_UNTIL", len(values))
    drawn = estimate(values, level=0.9)
    assert quick.value == drawn.value
    assert quick != drawn
    assert (quick.low, quick.high) == pytest.approx((drawn.low, drawn.high), abs=0.1 * (drawn.high - drawn.low))
