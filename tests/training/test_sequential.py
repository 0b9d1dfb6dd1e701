"""The sequential test against simulation, against exact sums, and against looking as often as one likes."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta

from training.sequential import ALPHA, PRIOR, chance_of_stopping, lists_needed, log_ratio, share_of_wins


@pytest.mark.parametrize(("wins", "losses"), [(0, 0), (3, 1), (10, 10), (40, 12)])
def test_the_ratio_is_the_mixture_over_shares(wins: int, losses: int) -> None:
    mixed, _ = quad(lambda p: p**wins * (1 - p) ** losses * beta.pdf(p, PRIOR, PRIOR), 0, 1)
    assert math.exp(log_ratio(np.array(float(wins)), np.array(float(losses)))) == pytest.approx(
        mixed / 0.5 ** (wins + losses)
    )


def series(share: float, n_series: int, n_lists: int, seed: int) -> np.ndarray:
    """Evidence (n_series, n_lists) after each list of simulated series."""
    won = np.cumsum(np.random.default_rng(seed).random((n_series, n_lists)) < share, axis=1).astype(float)
    return log_ratio(won, np.arange(1, n_lists + 1) - won)


def test_looking_after_every_list_is_wrong_at_most_one_time_in_twenty() -> None:
    assert ALPHA == 0.05
    evidence = series(0.5, 4_000, 1_000, seed=1)
    stopped = (evidence >= -np.log(ALPHA)).any(axis=1).mean()
    assert 0.005 < stopped <= 0.05
    assert stopped == pytest.approx(chance_of_stopping(0.5, 1_000), abs=4 * math.sqrt(0.05 * 0.95 / 4_000))


def test_an_ordinary_test_looked_at_as_often_is_wrong_far_more_often() -> None:
    """Why there is a sequential test at all."""
    won = np.cumsum(np.random.default_rng(1).random((1_000, 500)) < 0.5, axis=1)
    n = np.arange(1, 501)
    z = np.abs(won - n / 2) / np.sqrt(n / 4)
    assert (z[:, 10:] > 1.96).any(axis=1).mean() > 0.25


def test_the_chance_of_stopping_is_counted_over_every_series() -> None:
    share, n = 0.95, 18
    series_of_all = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
    won = np.cumsum(series_of_all, axis=1, dtype=float)
    stopped = (log_ratio(won, np.arange(1, n + 1) - won) >= -np.log(ALPHA)).any(axis=1)
    total = float((share ** won[:, -1] * (1 - share) ** (n - won[:, -1]))[stopped].sum())
    assert 0.1 < total < 1
    assert chance_of_stopping(share, n) == pytest.approx(total)


def test_the_confidence_sequence_holds_at_every_look_at_once() -> None:
    truth, missed = 0.6, 0
    for number in range(300):
        wins = np.random.default_rng(number).random(200) < truth
        looks = [share_of_wins(wins[:n]) for n in range(10, 201, 10)]
        missed += not all(look.low <= truth <= look.high for look in looks)
    assert missed / 300 <= ALPHA


def test_the_interval_excludes_one_half_when_the_test_says_so() -> None:
    for wins in ([1] * 70 + [0] * 30, [1, 0] * 50, [0] * 40 + [1] * 9):
        found = share_of_wins(np.array(wins[::-1], dtype=bool))
        now = np.exp(-log_ratio(np.array(float(sum(wins))), np.array(float(len(wins) - sum(wins)))))
        assert (now <= ALPHA) == (not found.low < 0.5 < found.high)
        assert found.low < found.share < found.high


def test_evidence_that_was_reached_stays_reached() -> None:
    wins = np.array([True] * 30 + [False] * 30)
    assert share_of_wins(wins[:30]).decided
    assert share_of_wins(wins).decided
    assert share_of_wins(wins).p_value == share_of_wins(wins[:30]).p_value


def test_before_the_first_list_nothing_is_known() -> None:
    found = share_of_wins(np.array([], dtype=bool))
    assert (found.n_decided, found.low, found.high, found.p_value, found.decided) == (0, 0.0, 1.0, 1.0, False)


@pytest.mark.parametrize("share", [0.65, 0.75])
def test_so_many_lists_find_the_difference_four_times_in_five(share: float) -> None:
    needed = lists_needed(share)
    assert needed is not None
    evidence = series(share, 4_000, needed, seed=2)
    found = (evidence >= -np.log(ALPHA)).any(axis=1).mean()
    assert found == pytest.approx(0.8, abs=0.03)
    fewer = (evidence[:, : needed * 3 // 4] >= -np.log(ALPHA)).any(axis=1).mean()
    assert fewer < 0.77


def test_smaller_differences_need_more_lists_and_too_small_ones_more_than_is_counted() -> None:
    needed = [lists_needed(share) for share in (0.8, 0.7, 0.6, 0.55)]
    assert needed == sorted(needed)
    assert lists_needed(0.505) is None
    for share in (0.5, 0.4, 1.1):
        with pytest.raises(ValueError, match="more than half"):
            lists_needed(share)
