"""Team-draft interleaving (Radlinski, Kurup & Joachims 2008): one list on which two rankings compete.

As captains choose teams: in each round a coin says who chooses first, and each puts forward the best person who is
still free. Both rankings get the same chance of every place, so whichever has more proposals and placements in its
team is the better one, at a fraction of the lists that a comparison between lists would need.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


class Team(StrEnum):
    """Whose choice someone on an interleaved list is."""

    CHAMPION = "champion"
    CHALLENGER = "challenger"


@dataclass(frozen=True, slots=True)
class Draft:
    """An interleaved list.

    Attributes:
        order: (n_places,) whom it holds, place by place.
        teams: whose choice each is.
    """

    order: Ints
    teams: tuple[Team, ...]


def team_draft(champion: Ints, challenger: Ints, n_places: int, seed: int) -> Draft:
    """Lets two rankings of the same people choose in turn.

    Args:
        champion: (n,) people, best first.
        challenger: (n,) the same people, best first.
        n_places: places wanted.
        seed: of the coin.
    """
    rng = np.random.default_rng(seed)
    waiting = {Team.CHAMPION: champion.tolist()[::-1], Team.CHALLENGER: challenger.tolist()[::-1]}
    order: list[int] = []
    teams: list[Team] = []
    taken: set[int] = set()
    turns: list[Team] = []
    while len(order) < min(n_places, len(champion)):
        if not turns:  # a new round; the last of the list is chosen first
            turns = [Team.CHAMPION, Team.CHALLENGER] if rng.integers(2) else [Team.CHALLENGER, Team.CHAMPION]
        team = turns.pop()
        while waiting[team][-1] in taken:
            waiting[team].pop()
        person = waiting[team].pop()
        taken.add(person)
        order.append(person)
        teams.append(team)
    return Draft(np.array(order, dtype=np.int64), tuple(teams))
