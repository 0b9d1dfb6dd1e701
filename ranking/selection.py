"""Who of the ordered candidates stands on the list: the best, unless a comparison or an exploration is asked for."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from core.shortlists import Entry
from ranking.exploration import Design, draw
from ranking.features import FEATURE_NAMES
from ranking.interleaving import Team, team_draft
from ranking.model import RankingModel
from ranking.retention import LOW_BELOW

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FEW: Final = 5
"""How many still stand on a list when nobody has a fair chance (docs/decisions/0011-nobody-with-a-fair-chance.md)."""
_SIMILARITY: Final = FEATURE_NAMES.index("similarity")


@dataclass(frozen=True, slots=True)
class Policy:
    """What else than the best may stand on a list; by default nothing.

    Attributes:
        seed: of this list.
        exploration_share: of the places to draw for; not on a list that is interleaved.
        rival: the challenger to interleave with.
    """

    seed: int = 0
    exploration_share: float = 0.0
    rival: RankingModel | None = None


ONLY_THE_BEST: Final = Policy()


@dataclass(frozen=True, slots=True)
class Selection:
    """Who stands on the list.

    Attributes:
        order: (n,) numbers of the candidates in the champion's order, place by place.
        explored: (n,) who stands there by lot.
        design: the chances of an explored list; None when nothing was left to chance.
        teams: whose choice each is, on an interleaved list.
        rival_version: of the challenger on an interleaved list.
        nobody: no candidate has a fair chance of lasting, and the list was kept short.
    """

    order: Ints
    explored: Bools
    design: Design | None = None
    teams: tuple[Team, ...] | None = None
    rival_version: str | None = None
    nobody: bool = False

    @property
    def is_mixed(self) -> bool:
        """Whether anything but the score had a say, so that it must be kept who was considered."""
        return self.design is not None or self.teams is not None


def in_order(rows: Ints, features: Floats, scores: Floats) -> Ints:
    """Best first; equal scores go by similarity, then by row, so that the order is always the same."""
    order: Ints = np.lexsort((rows, -features[:, _SIMILARITY], -scores)).astype(np.int64)
    return order


def select(rows: Ints, features: Floats, k: int, policy: Policy) -> Selection:
    """Chooses whom the list holds.

    Args:
        rows: (n,) candidates, all eligible, in the champion's order.
        features: (n, f) of them.
        k: places wanted.
        policy: what else than the best is asked for.
    """
    if policy.rival is not None:
        theirs = in_order(rows, features, policy.rival.ranker.score(features))
        draft = team_draft(np.arange(len(rows)), theirs, k, policy.seed)
        none = np.zeros(len(draft.order), dtype=np.bool_)
        return Selection(draft.order, none, teams=draft.teams, rival_version=policy.rival.info.version)
    if policy.exploration_share:
        drawn = draw(len(rows), k, policy.exploration_share, policy.seed)
        return Selection(drawn.order, drawn.explored, design=drawn.design)
    n = min(k, len(rows))
    return Selection(np.arange(n), np.zeros(n, dtype=np.bool_))


def few(k: int, n_candidates: int) -> Selection:
    """The list when nobody has a fair chance: the first few; comparing or exploring too would be filling up."""
    n = min(k, FEW, n_candidates)
    return Selection(np.arange(n), np.zeros(n, dtype=np.bool_), nobody=True)


def nobody_has_a_fair_chance(entries: Sequence[Entry], features: Floats, model: RankingModel | None) -> bool:
    """Whether even the upper bound of everybody's chance lies in the band ``laag``.

    Args:
        entries: the list as it would be; looked at first, so that in the ordinary case nothing is computed.
        features: (n, f) of all candidates.
        model: the champion.
    """
    if model is None or model.retention is None or not entries:
        return False
    if any(entry.retention is None or entry.retention.high >= LOW_BELOW for entry in entries):
        return False
    return not bool((model.retention.predict(features)[2] >= LOW_BELOW).any())


def logged(selection: Selection, talent_ids: Sequence[str]) -> dict[str, object]:
    """What is kept beside a list that was not simply the best: enough to estimate and to compare from it.

    Args:
        selection: who stands on it.
        talent_ids: (n,) all candidates in the champion's order; not looked at for a list of the best.

    Returns:
        JSON values, what belongs to a person keyed by that person; empty for a list of the best.
    """
    if selection.teams is not None:
        teams = dict(zip(_chosen(selection, talent_ids), selection.teams, strict=True))
        return {"interleaving": {"challenger_version": selection.rival_version, "teams": teams}}
    if selection.design is not None:
        chances = selection.design.propensities(selection.order).tolist()
        drawn = {
            **asdict(selection.design),
            "propensity": dict(zip(_chosen(selection, talent_ids), chances, strict=True)),
            "order": {talent_id: number for number, talent_id in enumerate(talent_ids)},
        }
        return {"exploration": drawn}
    return {}


def _chosen(selection: Selection, talent_ids: Sequence[str]) -> list[str]:
    return [talent_ids[number] for number in selection.order.tolist()]
