"""How much less often, or how much lower, a group of people stands on lists, with intervals.

The same people can stand on many lists, and every list holds many people, so that neither lists nor people vary alone:
both are drawn again, independently (the pigeonhole bootstrap: Owen 2007, "The pigeonhole bootstrap", Annals of Applied
Statistics 1). Its intervals are rather too wide than too narrow.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Matrix: TypeAlias = csr_array

RESAMPLES = 400
_AT_ONCE = 50  # resamples held in memory: 50 × people × 8 bytes
SEED = 20_240_607  # of all draws of the audit; any fixed number would do


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its interval."""

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        """Plain numbers, rounded to what they can carry."""
        return {"value": round(self.value, 4), "low": round(self.low, 4), "high": round(self.high, 4)}


def shares(value: Matrix, among: Matrix, groups: Bools) -> Floats:
    """The mean of a value over the pairs that count, by group, in the data and in resamples of it.

    Args:
        value: (v, t) by list and person; 0 where the pair does not count.
        among: (v, t) 1 where the pair counts.
        groups: (t, g) who is in which group.

    Returns:
        (1 + RESAMPLES, g): first the data as they are; NaN where a group has no pair.
    """
    rng = np.random.default_rng(SEED)
    n_lists, n_people = value.shape
    inside = groups.astype(np.float64)
    found = [_ratio(_sums(value, inside), _sums(among, inside))]
    for start in range(0, RESAMPLES, _AT_ONCE):
        size = min(_AT_ONCE, RESAMPLES - start)
        lists = rng.multinomial(n_lists, np.full(n_lists, 1 / n_lists), size=size).astype(np.float64)
        people = rng.multinomial(n_people, np.full(n_people, 1 / n_people), size=size).astype(np.float64)
        found.append(_ratio(((lists @ value) * people) @ inside, ((lists @ among) * people) @ inside))
    return np.vstack(found)


def figure(draws: Floats, *, level: float = 0.95) -> Figure:
    """Value and interval of a column (1 + RESAMPLES,) whose first entry is the data itself."""
    known = draws[1:][~np.isnan(draws[1:])]
    if not len(known):
        return Figure(float(draws[0]), float("nan"), float("nan"))
    low, high = np.quantile(known, ((1.0 - level) / 2.0, (1.0 + level) / 2.0))
    return Figure(float(draws[0]), float(low), float(high))


def ratio_to(draws: Floats, reference: int) -> Floats:
    """Each column (·, g) as a share of the reference's, resample by resample."""
    return _ratio(draws, np.repeat(draws[:, reference][:, None], draws.shape[1], axis=1))


def _sums(matrix: Matrix, inside: Floats) -> Floats:
    total: Floats = np.asarray(matrix.sum(axis=0), dtype=np.float64).reshape(1, -1) @ inside
    return total


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0), dtype=np.float64)
