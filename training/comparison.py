"""Comparisons in use, read from what was kept beside the lists: duels on interleaved lists, shadows, and the pace."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from core.store import KeptShortlist
from ranking.interleaving import Team
from ranking.outcomes import utc_instant
from ranking.shadow import NOTE
from training.credits import WINDOW_DAYS, Goal, Judged
from training.sequential import ShareOfWins, lists_needed, share_of_wins
from training.shown import Grade

PACE_WEEKS: Final = 12
"""What "at the present rate" looks back on: a quarter, so that holidays do not decide."""


@dataclass(frozen=True, slots=True)
class Duel:
    """Champion and challenger on interleaved lists.

    Attributes:
        champion: version.
        challenger: version.
        n_lists: judged.
        champion_credits: people of its team who reached the goal.
        challenger_credits: of the other's.
        n_ties: lists on which both teams had as many, mostly none.
        challenger_wins: share of the other lists, with its sequential test.
    """

    champion: str | None
    challenger: str
    n_lists: int
    champion_credits: int
    challenger_credits: int
    n_ties: int
    challenger_wins: ShareOfWins

    @property
    def verdict(self) -> str:
        """What may be concluded now, however often one has looked."""
        if not self.challenger_wins.decided:
            return "undecided"
        return "challenger is better" if self.challenger_wins.share > 0.5 else "champion is better"


def duels(judged: Judged) -> list[Duel]:
    """The duels of each pair of versions that met, in the order of their first list."""
    met: dict[tuple[str | None, str], list[Counter[str]]] = defaultdict(list)
    for item in judged.lists:
        note = item.features.get("interleaving")
        if note is None:
            continue
        reached = judged.reached[item.shortlist.shortlist_id]
        credits_of = Counter(team for talent_id, team in note["teams"].items() if talent_id in reached)
        met[item.shortlist.model_version, note["challenger_version"]].append(credits_of)
    return [_duel(versions, lists) for versions, lists in met.items()]


def _duel(versions: tuple[str | None, str], lists: Sequence[Counter[str]]) -> Duel:
    ahead = [one[Team.CHALLENGER] - one[Team.CHAMPION] for one in lists]
    return Duel(
        champion=versions[0],
        challenger=versions[1],
        n_lists=len(lists),
        champion_credits=sum(one[Team.CHAMPION] for one in lists),
        challenger_credits=sum(one[Team.CHALLENGER] for one in lists),
        n_ties=ahead.count(0),
        challenger_wins=share_of_wins(np.array([lead > 0 for lead in ahead if lead], dtype=np.bool_)),
    )


@dataclass(frozen=True, slots=True)
class ShadowSummary:
    """What a challenger would have shown beside what a champion did.

    Attributes:
        champion: version; None when lists were ordered by similarity.
        challenger: version.
        n_lists: that both ranked.
        mean_overlap: share of the champion's list that also stood on the challenger's, on average.
        mean_first_rank: the challenger's place for the champion's first, where it had one.
        n_first_unplaced: lists of which the champion's first stood on no place of the challenger's.
    """

    champion: str | None
    challenger: str
    n_lists: int
    mean_overlap: float
    mean_first_rank: float
    n_first_unplaced: int


def shadows(kept: Iterable[KeptShortlist]) -> list[ShadowSummary]:
    """How far each challenger's would-be lists lay from the lists that were given."""
    found: dict[tuple[str | None, str], list[tuple[float, int | None]]] = defaultdict(list)
    for item in kept:
        note = item.features.get(NOTE)
        if note is None or not item.shortlist.entries:
            continue
        ranks: dict[str, int] = note["talents"]
        ids = [entry.talent_id for entry in item.shortlist.entries]
        overlap = sum(talent_id in ranks for talent_id in ids) / len(ids)
        found[item.shortlist.model_version, note["model_version"]].append((overlap, ranks.get(ids[0])))
    return [_shadow(versions, pairs) for versions, pairs in found.items()]


def _shadow(versions: tuple[str | None, str], pairs: Sequence[tuple[float, int | None]]) -> ShadowSummary:
    first = [rank for _, rank in pairs if rank is not None]
    return ShadowSummary(
        champion=versions[0],
        challenger=versions[1],
        n_lists=len(pairs),
        mean_overlap=float(np.mean([overlap for overlap, _ in pairs])),
        mean_first_rank=float(np.mean(first)) if first else float("nan"),
        n_first_unplaced=len(pairs) - len(first),
    )


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast lists come, and how many of them can have a winner.

    Attributes:
        lists_per_week: opened in the last ``PACE_WEEKS`` weeks.
        share_with_credit: of the lists that had their time, those on which anybody reached the goal; NaN without any.
    """

    lists_per_week: float
    share_with_credit: float


def pace(shown: pd.DataFrame, goal: Goal, *, as_of: datetime) -> Pace:
    """The present rate.

    Args:
        shown: of :func:`training.shown.shown_pairs` at the same moment.
        goal: what counts.
        as_of: now.
    """
    now = utc_instant(as_of)
    recent = shown[shown["shown_at"].to_numpy() > now - np.timedelta64(7 * PACE_WEEKS, "D")]
    old = shown[shown["shown_at"].to_numpy() <= now - np.timedelta64(WINDOW_DAYS[goal], "D")]
    grade = old["grade"]
    placed = (grade >= Grade.PLACED) | (grade == Grade.UNKNOWN)
    reached = {Goal.PROPOSED: placed | (grade == Grade.PROPOSED), Goal.PLACED: placed}.get(
        goal, grade == Grade.RETAINED
    )
    share = float(reached.groupby(old["list_id"]).any().mean()) if len(old) else float("nan")
    return Pace(float(recent["list_id"].nunique()) / PACE_WEEKS, share)


@dataclass(frozen=True, slots=True)
class Plan:
    """How long a comparison takes to find a difference, four times in five.

    Attributes:
        difference: share of the decided lists that the better one wins, above one half.
        decided_lists: lists with a winner that are needed; None when more than the calculator counts to.
        lists: interleaved lists, with those that end in a tie.
        weeks: until they are made and have had their time; None when no list can be expected to have a winner.
    """

    difference: float
    decided_lists: int | None
    lists: int | None
    weeks: float | None


def plan(difference: float, goal: Goal, rate: Pace) -> Plan:
    """How many weeks a difference of this size needs at this rate.

    A list on which both teams get as many credits has no winner either; with a goal that few reach there are few of
    those, with proposals more: then the weeks are a lower bound.

    Raises:
        ValueError: the difference is not above 0 and at most one half.
    """
    decided = lists_needed(0.5 + difference)
    per_week = rate.lists_per_week * rate.share_with_credit
    if decided is None or not per_week > 0:
        return Plan(difference, decided, None, None)
    weeks = decided / per_week
    return Plan(difference, decided, int(np.ceil(weeks * rate.lists_per_week)), weeks + WINDOW_DAYS[goal] / 7)
