"""How much less a later place is looked at, told from lists of which some places were drawn for.

The draw of ``ranking/exploration.py`` puts people at chance places: whoever is drawn stands at any open place alike,
and everyone below the first three is pushed down by as many places as were drawn for above. So of people with the same
number in the ranker's order those who stood higher and lower differ by the place alone (intervention harvesting:
Agarwal, Zaitsev, Wang, Li, Najork & Joachims 2019), and no model of who is good is needed.

The first three places are never drawn for, so nothing tells their effect by itself; it is continued from the others
along two curves, each counting as much as it fits those: a power of the place (Joachims, Swaminathan & Schnabel 2017)
and the same share from each place to the next.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from training.offpolicy import LoggedList, OffPolicyReport, ValueEstimate, estimate_value

Floats = npt.NDArray[np.float64]

MIN_REWARDS: Final = 50
"""Outcomes at places that differ by lot, below which the effect of the place is a guess."""
_WITHIN: Final = 1.92  # half the 95 % quantile of chi-square with one degree of freedom: a likelihood interval
_STEPS: Final = 201
_RULED_OUT: Final = 0.05

_CURVES: Final[Mapping[str, tuple[Callable[[Floats], Floats], float]]] = {
    "power of the place": (np.log, 2.0),
    "same share per place": (lambda place: place - 1.0, 0.5),
}
"""By name: what the logarithm falls by, times the steepness, and the steepest that is tried."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One way in which the effect may go on from place to place.

    Attributes:
        name: of ``_CURVES``.
        weight: how well it fits beside the others (Akaike); all weights add up to 1.
        steepness: most likely; 0 is all alike.
        low: of its 95 % interval.
        high: of its 95 % interval.
    """

    name: str
    weight: float
    steepness: float
    low: float
    high: float

    def looked_at(self, n_places: int, steepness: float) -> Floats:
        """Of the first n places (n,), relative to the first."""
        return np.exp(-steepness * _CURVES[self.name][0](np.arange(1.0, n_places + 1.0)))


@dataclass(frozen=True, slots=True)
class Examination:
    """Chance that a place is looked at, relative to the first.

    Attributes:
        curves: that may be true.
        n_rewards: outcomes that tell.
    """

    curves: tuple[Curve, ...]
    n_rewards: int

    def by_place(self, n_places: int) -> dict[int, float]:
        """Of the first n places: the mean of the curves by their weight."""
        mean = sum(curve.weight * curve.looked_at(n_places, curve.steepness) for curve in self.curves)
        return _numbered(np.asarray(mean))

    def extremes(self, n_places: int) -> list[dict[int, float]]:
        """The same at the low and the high end of each curve that is not all but ruled out."""
        likely = [curve for curve in self.curves if curve.weight >= _RULED_OUT]
        return [_numbered(one.looked_at(n_places, steep)) for one in likely for steep in (one.low, one.high)]


def _numbered(looked_at: Floats) -> dict[int, float]:
    return dict(enumerate(looked_at.tolist(), start=1))


def examination_of(lists: Sequence[LoggedList]) -> Examination | None:
    """The effect of the place, by maximum likelihood of a Poisson model with a rate of its own for each number.

    Args:
        lists: at least one explored list with what came of everyone on it.

    Returns:
        None where fewer than ``MIN_REWARDS`` outcomes tell.
    """
    shown, rewards = _by_number(lists)
    varied = (shown > 0).sum(axis=1) > 1
    shown, rewards = shown[varied], rewards[varied]
    n_rewards = int(rewards.sum())
    if n_rewards < MIN_REWARDS:
        return None
    place = np.arange(1.0, shown.shape[1] + 1.0)
    fits: list[tuple[float, Curve]] = []
    for name, (falls, steepest) in _CURVES.items():
        tried = np.linspace(0.0, steepest, _STEPS)
        likelihood = np.array([_likelihood(shown, rewards, -steep * falls(place)) for steep in tried])
        top = int(likelihood.argmax())
        inside = tried[likelihood >= likelihood[top] - _WITHIN]
        found = Curve(name, 1.0, float(tried[top]), float(inside.min()), float(inside.max()))
        fits.append((float(likelihood[top]), found))
    odds = np.exp([fit - max(one for one, _ in fits) for fit, _ in fits])
    weights = (odds / odds.sum()).tolist()
    return Examination(tuple(replace(one, weight=w) for (_, one), w in zip(fits, weights, strict=True)), n_rewards)


def estimate_as_looked_at(lists: Sequence[LoggedList]) -> tuple[OffPolicyReport, Examination | None]:
    """:func:`training.offpolicy.estimate_value` with the places looked at as the same lists tell.

    The intervals hold at the low and the high end of each curve too, so that they hold what is not known of it.

    Returns:
        The report, and the effect; None, and places taken to be looked at alike, where too few outcomes tell.

    Raises:
        ValueError: there is no list.
    """
    effect = examination_of(lists) if lists else None
    if effect is None:
        return estimate_value(lists), None
    n_places = max(max(item.design.n_places, item.n_new) for item in lists)
    best = estimate_value(lists, effect.by_place(n_places))
    others = [estimate_value(lists, looked_at) for looked_at in effect.extremes(n_places)]
    all_of_them = (best, *others)
    wide = replace(
        best,
        ips=_around([one.ips for one in all_of_them]),
        self_normalised=_around([one.self_normalised for one in all_of_them]),
        clipped=_around([one.clipped for one in all_of_them]),
    )
    return wide, effect


def _around(estimates: Sequence[ValueEstimate]) -> ValueEstimate:
    """The first, with an interval that holds those of all."""
    return ValueEstimate(estimates[0].value, min(one.low for one in estimates), max(one.high for one in estimates))


def _by_number(lists: Sequence[LoggedList]) -> tuple[Floats, Floats]:
    """How often each number of a design stood at each place (g, places), and what came of it there.

    Whoever was drawn counts as one number: the draw is even.
    """
    n_places = max(item.design.n_places for item in lists)
    shown: dict[tuple[int, int, int], Floats] = defaultdict(lambda: np.zeros(n_places))
    rewards: dict[tuple[int, int, int], Floats] = defaultdict(lambda: np.zeros(n_places))
    for item in lists:
        design = item.design
        for place, (order, reward) in enumerate(zip(item.orders.tolist(), item.rewards.tolist(), strict=True)):
            key = (design.n_places, design.n_slots, min(order, design.n_chosen))
            shown[key][place] += 1.0
            rewards[key][place] += reward
    return np.array(list(shown.values())), np.array([rewards[key] for key in shown])


def _likelihood(shown: Floats, rewards: Floats, log_looked_at: Floats) -> float:
    """Poisson log-likelihood with each number's own rate at its best; apart from a constant."""
    exposure = shown @ np.exp(log_looked_at)
    total = rewards.sum(axis=1)
    return float((rewards @ log_looked_at).sum() - (total * np.log(exposure)).sum())
