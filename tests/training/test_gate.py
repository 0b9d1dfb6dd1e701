import math

import pytest
from training_parts import shown_frame

from core.errors import TrainingRefused
from training.evaluation import Estimate
from training.gate import MIN_LISTS, MIN_RESOLVED, check_data, check_periods, judge


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
    verdict = judge(difference)
    assert verdict.passed is passed
    (reason,) = verdict.reasons
    assert reason.startswith("better" if passed else "not demonstrably better")
    assert f"over {difference.n_lists} lists" in reason
