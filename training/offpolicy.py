"""What a new ranker would have achieved, estimated from lists that another one made, with exploration on.

The estimators weigh what came of each person shown by how much more (or less) the new ranker would have put them
forward. On the slots of ``ranking/exploration.py`` everybody who was retrieved had a known chance to stand on the list,
so the weights are known, and the estimate is right whatever the old ranker thought. The unit of weighting is a person
at a place, not a whole list: of whole lists hardly any would ever occur twice. That rests on one assumption, the
position-based model: a place is looked at with a chance that is the same for whoever stands there, and what comes of
a person does not hang on the neighbours. Weight of a person: exposure under the new ranker / expected exposure under
the old. (Li, Abbasi-Yadkori, Kveton, Muthukrishnan, Vinay & Wen 2018, "Offline evaluation of ranking policies with
click models", the estimator of the PBM; with all places alike it is their document-based one.) Self-normalised:
Swaminathan & Joachims 2015, NIPS. Clipped: Swaminathan & Joachims 2015, ICML; bias for variance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ranking.exploration import Design

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RESAMPLES: Final = 2_000
SEED: Final = 20_251_101
CLIP: Final = 50.0
"""Largest weight of the clipped estimate: one lucky draw then counts for fifty people at most."""


@dataclass(frozen=True, slots=True)
class LoggedList:
    """A list as it was drawn, what came of it, and what the new ranker would make of the same candidates.

    Attributes:
        design: of the draw.
        orders: (n_places,) number of each entry in the old ranker's order.
        rewards: (n_places,) what came of each entry.
        new_places: (n_places,) place of each entry on the new ranker's list, 1 is best; 0 where it is not on it.
        n_new: length of the new ranker's list.
    """

    design: Design
    orders: Ints
    rewards: Floats
    new_places: Ints
    n_new: int


@dataclass(frozen=True, slots=True)
class ValueEstimate:
    """Expected reward of one list, with a 95 % bootstrap interval over lists."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class OffPolicyReport:
    """What the logs say of a new ranker.

    Attributes:
        ips: unbiased; wide.
        self_normalised: nearly unbiased, narrower: the one to read.
        clipped: weights cut at ``CLIP``; biased towards the old ranker.
        naive: of the people whom both would show, as if that said enough: biased, printed to be distrusted.
        logged: what the lists that were given brought.
        n_lists: lists with a draw.
        effective_sample_size: of the weights (Kish): how many people's worth of evidence there is.
        largest_weight: of one person.
    """

    ips: ValueEstimate
    self_normalised: ValueEstimate
    clipped: ValueEstimate
    naive: ValueEstimate
    logged: ValueEstimate
    n_lists: int
    effective_sample_size: float
    largest_weight: float

    def to_json(self) -> dict[str, Any]:
        """As the command line prints it."""
        return asdict(self)


def estimate_value(lists: Sequence[LoggedList], examination: Mapping[int, float] | None = None) -> OffPolicyReport:
    """Estimates the expected reward of a list of the new ranker.

    Args:
        lists: at least one.
        examination: chance that a place is looked at, by place (1 is best), relative to the first; a place that is
            not named counts as the last one named. None: all alike.

    Raises:
        ValueError: there is no list.
    """
    if not lists:
        raise ValueError("there is no explored list to estimate from; set KANSRIJK_EXPLORATION_SHARE and wait")
    parts = [_weighed(item, examination or {1: 1.0}) for item in lists]
    weights = np.concatenate([part.weights for part in parts])
    columns = {
        "gain": [float(part.weights @ part.rewards) for part in parts],
        "clipped": [float(np.minimum(part.weights, CLIP) @ part.rewards) for part in parts],
        "weight": [part.weight for part in parts],
        "exposure": [part.exposure for part in parts],
        "logged": [float(part.rewards.sum()) for part in parts],
        "shared": [float(part.rewards[part.weights > 0].sum()) for part in parts],
        "n_shared": [float((part.weights > 0).sum()) for part in parts],
        "n_new": [float(item.n_new) for item in lists],
    }
    table = {name: np.array(values) for name, values in columns.items()}
    squares = float((weights**2).sum())
    return OffPolicyReport(
        ips=_estimate(table["gain"]),
        self_normalised=_ratio(table["gain"], table["weight"], table["exposure"]),
        clipped=_estimate(table["clipped"]),
        naive=_ratio(table["shared"], table["n_shared"], table["n_new"]),
        logged=_estimate(table["logged"]),
        n_lists=len(lists),
        effective_sample_size=float(weights.sum()) ** 2 / squares if squares else 0.0,
        largest_weight=float(weights.max(initial=0.0)),
    )


@dataclass(frozen=True, slots=True)
class _Weighed:
    """One list's weights and rewards (n_places,).

    Attributes:
        weight: of the weights, each times how much its place was looked at: ``exposure`` on average over all draws.
        exposure: that the new ranker's list gives out in all.
    """

    weights: Floats
    rewards: Floats
    weight: float
    exposure: float


def _weighed(item: LoggedList, examination: Mapping[int, float]) -> _Weighed:
    looked_at = _looked_at(examination, max(item.design.n_places, item.n_new))
    old = item.design.place_chances(item.orders) @ looked_at[1 : item.design.n_places + 1]
    new = looked_at[item.new_places]
    weights = new / old
    at_hand = float(weights @ looked_at[1 : item.design.n_places + 1])
    return _Weighed(weights, item.rewards, at_hand, float(looked_at[1 : item.n_new + 1].sum()))


def _looked_at(examination: Mapping[int, float], n_places: int) -> Floats:
    """(n_places + 1,) by place, 0 at 0: off the list nobody is looked at."""
    last = max(examination)
    return np.array([0.0, *(examination.get(place, examination[last]) for place in range(1, n_places + 1))])


def _estimate(values: Floats) -> ValueEstimate:
    low, high = np.percentile(_times_drawn(len(values)) @ values / len(values), (2.5, 97.5))
    return ValueEstimate(float(values.mean()), float(low), float(high))


def _ratio(gain: Floats, weight: Floats, exposure: Floats) -> ValueEstimate:
    """Gain per unit of weight, times the exposure of a list; NaN where no weight fell."""
    times = _times_drawn(len(gain))
    with np.errstate(invalid="ignore", divide="ignore"):
        value = gain.sum() / weight.sum() * exposure.mean()
        resampled = (times @ gain) / (times @ weight) * (times @ exposure) / len(exposure)
    low, high = np.nanpercentile(resampled, (2.5, 97.5)) if np.isfinite(resampled).any() else (np.nan, np.nan)
    return ValueEstimate(float(value), float(low), float(high))


@lru_cache(maxsize=1)
def _times_drawn(n: int) -> Floats:
    """How often each of n lists is in each resample (RESAMPLES, n)."""
    return np.random.default_rng(SEED).multinomial(n, np.full(n, 1.0 / n), size=RESAMPLES).astype(np.float64)
