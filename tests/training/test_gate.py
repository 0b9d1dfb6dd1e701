import math

import numpy as np
import pytest
from training_parts import shown_frame

from core.errors import TrainingRefused
from training.candidates import Candidate
from training.evaluation import Estimate
from training.gate import MIN_LISTS, MIN_RESOLVED, check_data, check_periods, choose, judge


def lists(n_proposed: int, n_resolved: int, n_censored: int = 0, n_ignored: int = 0) -> list[tuple[str, list[int]]]:
    """Lists on which someone was proposed; some ended, some still run, on others nothing came of anyone."""
    grades = [[0, 1]] * n_proposed
    for number in range(n_resolved):
        grades[number] = [0, 2 + number % 2]
    for number in range(n_resolved, n_resolved + n_censored):
        grades[number] = [0, -1]
    return [("2025-01-02", one) for one in grades + [[0, 0]] * n_ignored]


def test_enough_is_enough() -> None:
    check_data(shown_frame(lists(MIN_LISTS, MIN_RESOLVED)))


@pytest.mark.parametrize(
    ("n_proposed", "n_resolved", "n_censored", "n_ignored", "reasons"),
    [
        (MIN_LISTS - 1, MIN_RESOLVED, 0, 500, ["59 shown lists"]),
        (MIN_LISTS, MIN_RESOLVED - 1, 21, 0, ["39 placements"]),
        (10, 3, 5, 0, ["10 shown lists", "3 placements"]),
        (0, 0, 0, 0, ["0 shown lists", "0 placements"]),
    ],
)
def test_too_little_is_refused_with_what_there_is(
    n_proposed: int, n_resolved: int, n_censored: int, n_ignored: int, reasons: list[str]
) -> None:
    with pytest.raises(TrainingRefused) as refused:
        check_data(shown_frame(lists(n_proposed, n_resolved, n_censored, n_ignored)))
    assert len(refused.value.reasons) == len(reasons)
    for reason, start in zip(refused.value.reasons, reasons, strict=True):
        assert reason.startswith(start)
        assert "at least" in reason
        assert reason in str(refused.value)


def test_an_empty_period_is_refused_by_name() -> None:
    check_periods({"training": 1, "tuning": 1, "test": 1})
    with pytest.raises(TrainingRefused, match="the tuning and the test period holds no list"):
        check_periods({"training": 9, "tuning": 0, "test": 0})


# Choosing: of equals the first.


def series(mean: float, seed: int, spread: float = 0.1) -> np.ndarray:
    return mean + np.random.default_rng(seed).normal(scale=spread, size=200)


def test_the_first_within_one_standard_error_is_kept() -> None:
    base = series(0.5, 0)
    worse = base - np.tile([0.002, 0.0], 100)  # always a little behind
    noisy = base + series(0.005, 1) - 0.001  # ahead by less than its standard error of about 0.007
    clear = base + series(0.05, 2)
    assert choose({Candidate.SIMILARITY: base, Candidate.BLEND: base}).name == Candidate.SIMILARITY
    assert choose({Candidate.SIMILARITY: worse, Candidate.BLEND: base}).name == Candidate.BLEND
    assert choose({Candidate.SIMILARITY: base, Candidate.BLEND: noisy}).name == Candidate.SIMILARITY
    assert choose({Candidate.SIMILARITY: base, Candidate.BLEND: clear}).name == Candidate.BLEND
    tied = {Candidate.SIMILARITY: base, Candidate.COVERAGE: clear, Candidate.BLEND: clear[::-1] + base - base[::-1]}
    assert choose(tied).name == Candidate.COVERAGE


def test_the_rule_by_numbers() -> None:
    best = np.array([1.0, 0.6, 0.8, 0.9])
    # Behind by 0.1, 0.0, 0.2, 0.1: mean 0.1, standard deviation 0.0816, error of the mean 0.0408: clearly behind.
    behind = best - [0.1, 0.0, 0.2, 0.1]
    # Behind by 0.3, -0.2, 0.1, 0.0: mean 0.05, standard deviation 0.208, error 0.104: within it.
    close = best - [0.3, -0.2, 0.1, 0.0]
    assert choose({Candidate.COVERAGE: behind, Candidate.BLEND: best}).name == Candidate.BLEND
    found = choose({Candidate.COVERAGE: close, Candidate.BLEND: best})
    assert found.name == Candidate.COVERAGE
    assert "0.050 behind blend" in found.reason
    assert "(0.104)" in found.reason


def test_lists_without_a_value_do_not_count() -> None:
    nan = math.nan
    found = choose(
        {Candidate.SIMILARITY: np.array([0.1, nan, 0.2, 0.1]), Candidate.BLEND: np.array([0.9, nan, 0.8, 0.9])}
    )
    assert found.name == Candidate.BLEND
    assert "3 later lists" in found.reason


# Judging: what is not demonstrably better is not promoted.


@pytest.mark.parametrize(
    ("difference", "passed"),
    [
        (Estimate(0.05, 0.01, 0.09, 40), True),
        (Estimate(0.05, 0.0, 0.1, 40), False),
        (Estimate(0.05, -0.01, 0.11, 40), False),
        (Estimate(-0.05, -0.09, -0.01, 40), False),
        (Estimate(math.nan, math.nan, math.nan, 0), False),
    ],
)
def test_only_what_is_demonstrably_better_passes(difference: Estimate, passed: bool) -> None:
    verdict = judge(Candidate.BLEND, {Candidate.SIMILARITY: difference})
    assert verdict.passed is passed
    (reason,) = verdict.reasons
    assert reason.startswith("blend is better" if passed else "blend is not demonstrably better")
    assert f"over {difference.n_lists} lists" in reason


def test_it_must_beat_every_ranker_without_learning() -> None:
    good, bad = Estimate(0.05, 0.01, 0.09, 40), Estimate(0.02, -0.02, 0.06, 40)
    assert judge(Candidate.BLEND, {Candidate.SIMILARITY: good, Candidate.COVERAGE: good}).passed
    assert not judge(Candidate.BLEND, {Candidate.SIMILARITY: bad, Candidate.COVERAGE: good}).passed
    verdict = judge(Candidate.BLEND, {Candidate.SIMILARITY: good, Candidate.COVERAGE: bad})
    assert not verdict.passed
    assert [reason.split(" better than ")[1].split()[0] for reason in verdict.reasons] == ["similarity", "coverage"]


def test_similarity_itself_is_not_promoted() -> None:
    good = Estimate(0.05, 0.01, 0.09, 40)
    assert not judge(Candidate.SIMILARITY, {Candidate.COVERAGE: good}).passed
    assert judge(Candidate.COVERAGE, {Candidate.SIMILARITY: good}).passed
