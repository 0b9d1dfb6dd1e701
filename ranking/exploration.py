"""Exploration: a few places of a list go by lot, with chances that are known, so that it can be learned from.

A model only sees what came of the people it put forward. Whoever it passes over it never learns about, and a new
model cannot be judged on them. So, when switched on, a share of the places of each list is drawn for: which places,
and who stands there, from all eligible people that retrieval found. Nobody who fails a hard requirement is among
them. The first places are never drawn for: they are what a matchmaker reads first.

The chances follow from three numbers (:class:`Design`), which are kept with the list. They are what inverse
propensity scoring needs (``training/offpolicy.py``).
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import comb

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

N_FIXED: Final = 3
"""Places at the top that are never drawn for."""


@dataclass(frozen=True, slots=True)
class Design:
    """How a list was drawn.

    Of the places after the first ``N_FIXED``, ``n_slots`` are chosen at random; the others take people in the ranker's
    order. The slots take people drawn without replacement from everyone who is left.

    Attributes:
        n_places: length of the list.
        n_slots: places drawn for, 0 when nothing was.
        n_candidates: people to choose from, in the ranker's order.
    """

    n_places: int
    n_slots: int
    n_candidates: int

    @property
    def n_chosen(self) -> int:
        """People who stand on the list for their score."""
        return self.n_places - self.n_slots

    def propensities(self, orders: Ints) -> Floats:
        """Chance of standing on the list (n,), by number in the ranker's order (0 is best)."""
        drawn = self.n_slots / max(self.n_candidates - self.n_chosen, 1)
        return np.where(orders < self.n_chosen, 1.0, drawn)

    def place_chances(self, orders: Ints) -> Floats:
        """Chance of standing at each place (n, n_places), by number in the ranker's order; rows add up to the above."""
        return np.array([_place_chances(self, min(order, self.n_chosen)) for order in orders.tolist()]).reshape(
            len(orders), self.n_places
        )


@lru_cache(maxsize=1_024)
def _place_chances(design: Design, order: int) -> tuple[float, ...]:
    """Of one number; all from ``n_chosen`` on are drawn alike."""
    n_open = design.n_places - N_FIXED
    place = np.arange(n_open)
    chances = np.zeros(design.n_places)
    if order >= design.n_chosen:
        if design.n_slots:
            chances[N_FIXED:] = float(design.propensities(np.array([order]))[0]) / n_open
    elif order < N_FIXED:
        chances[order] = 1.0
    else:
        # The place of the (before + 1)-th of the places without a slot: so many slots fell before it.
        before, others = order - N_FIXED, n_open - design.n_slots
        ways = comb(place, before) * comb(n_open - 1 - place, others - before - 1)
        chances[N_FIXED:] = ways / comb(n_open, others)
    return tuple(chances.tolist())


@dataclass(frozen=True, slots=True)
class Draw:
    """A list that was drawn.

    Attributes:
        design: with which chances.
        order: (n_places,) whom it holds, place by place, as numbers in the ranker's order.
        explored: (n_places,) who stands there by lot.
    """

    design: Design
    order: Ints
    explored: Bools


def draw(n_candidates: int, n_places: int, share: float, seed: int) -> Draw:
    """Draws a list.

    Args:
        n_candidates: people in the ranker's order; all are eligible.
        n_places: places wanted.
        share: of the places to draw for, rounded down to whole places; 0 draws for none.
        seed: of this list; the same seed draws the same.
    """
    n_places = min(n_places, n_candidates)
    n_slots = min(int(share * n_places), max(n_places - N_FIXED, 0))
    if n_candidates == n_places:  # everyone stands on it anyway
        n_slots = 0
    design = Design(n_places, n_slots, n_candidates)
    order, explored = np.arange(n_places), np.zeros(n_places, dtype=np.bool_)
    if n_slots:
        rng = np.random.default_rng(seed)
        explored[N_FIXED + rng.choice(n_places - N_FIXED, size=n_slots, replace=False)] = True
        order[~explored] = np.arange(design.n_chosen)
        order[explored] = design.n_chosen + rng.choice(n_candidates - design.n_chosen, size=n_slots, replace=False)
    return Draw(design, order, explored)


def seed_of(shortlist_id: str) -> int:
    """The seed of a list: from its id, so that its draw can be done again."""
    return int.from_bytes(hashlib.sha256(shortlist_id.encode()).digest()[:8], "big")
