"""A test that may be looked at after every list, and how long it takes.

Of lists with a winner, the better ranking wins more than half. Looking every week and stopping at the first "good"
result of an ordinary test would be wrong far more often than one time in twenty. The mixture likelihood ratio (Robbins
1970; Johari, Koomen, Pekelis & Walsh 2022, "Always valid inference") may be looked at as often as one likes: under
"both are as good" it is a martingale with mean 1, so the chance that it ever reaches 1/α is at most α (Ville 1939).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import betaln

Floats = npt.NDArray[np.float64]

ALPHA: Final = 0.05
PRIOR: Final = 10.0
"""Of the mixing Beta(PRIOR, PRIOR) over the share of wins: most rankings that are worth comparing win 35 to 65 %."""
POWER: Final = 0.8
MAX_LISTS: Final = 20_000
_EDGE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class ShareOfWins:
    """What is known of a share of wins, whenever one looks.

    Attributes:
        n_decided: lists with a winner.
        share: of them won; NaN before the first.
        low: of the confidence sequence at 1 − ``ALPHA``: at every look at once.
        high: of it.
        p_value: always valid, of "both are as good".
    """

    n_decided: int
    share: float
    low: float
    high: float
    p_value: float

    @property
    def decided(self) -> bool:
        """Whether one may stop: one half is excluded."""
        return self.p_value <= ALPHA


def share_of_wins(wins: npt.NDArray[np.bool_]) -> ShareOfWins:
    """Judges a series of lists.

    Args:
        wins: (n,) in the order in which the lists were made, whether each was won.
    """
    n = len(wins)
    if not n:
        return ShareOfWins(0, float("nan"), 0.0, 1.0, 1.0)
    won = np.cumsum(wins, dtype=np.float64)
    best = float(log_ratio(won, np.arange(1, n + 1) - won).max())  # evidence that was reached stays reached
    total = int(won[-1])
    low, high = _bounds(total, n - total)
    return ShareOfWins(n, total / n, low, high, min(1.0, float(np.exp(-best))))


def log_ratio(wins: Floats, losses: Floats) -> Floats:
    """Logarithm of the mixture likelihood ratio against one half, element by element."""
    ratio: Floats = betaln(PRIOR + wins, PRIOR + losses) - betaln(PRIOR, PRIOR) + (wins + losses) * np.log(2.0)
    return ratio


def lists_needed(share: float, *, power: float = POWER) -> int | None:
    """Decided lists after which the test has found a difference with this chance; None beyond ``MAX_LISTS``.

    Exact: the chance of every number of wins is followed from list to list, and leaves where the test stops.

    Args:
        share: of the decided lists that the better ranking wins, above one half.
        power: the chance wanted.

    Raises:
        ValueError: the share is not above one half and at most one.
    """
    if not 0.5 < share <= 1.0:
        raise ValueError(f"the better ranking wins more than half of the lists and at most all, not {share}")
    found = 0.0
    for n, (above, _) in enumerate(_stops(share, MAX_LISTS), start=1):
        found += above
        if found >= power:
            return n
    return None


def chance_of_stopping(share: float, n_lists: int) -> float:
    """The chance that a series of this length is ever called decided, on either side."""
    return sum(above + below for above, below in _stops(share, n_lists))


def _stops(share: float, n_lists: int) -> Iterator[tuple[float, float]]:
    """The chance to stop at each list in turn: for the better ranking, and for the other."""
    first, going = 0, np.ones(1)  # chances of first, first + 1, … wins, of the series that go on
    for n in range(1, n_lists + 1):
        following = np.zeros(len(going) + 1)
        following[1:] = going * share
        following[:-1] += going * (1.0 - share)
        wins = first + np.arange(len(following), dtype=np.float64)
        stops = log_ratio(wins, n - wins) >= -np.log(ALPHA)
        ahead = wins > n / 2
        yield float(following[stops & ahead].sum()), float(following[stops & ~ahead].sum())
        inside = np.flatnonzero(~stops)  # one stretch: the ratio is lowest in the middle
        first, going = first + int(inside[0]), following[inside]


def _bounds(wins: int, losses: int) -> tuple[float, float]:
    """The shares that the mixture ratio does not exclude: where it is below 1/α."""
    n = wins + losses
    level = betaln(PRIOR + wins, PRIOR + losses) - betaln(PRIOR, PRIOR) + np.log(ALPHA)

    def excess(share: float) -> float:
        return float(level - wins * np.log(share) - losses * np.log1p(-share))

    middle = min(max(wins / n, _EDGE), 1.0 - _EDGE)
    low = 0.0 if excess(_EDGE) < 0 else brentq(excess, _EDGE, middle)
    high = 1.0 if excess(1.0 - _EDGE) < 0 else brentq(excess, middle, 1.0 - _EDGE)
    return float(low), float(high)
