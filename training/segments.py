"""Quality per segment: for whom a ranking works, and for whom it does not, as far as the numbers can tell.

A segment of vacancies (sector) takes whole lists. A segment of people (route, municipality, history) asks how high its
own good people come among all of whom nothing came: the good people of others are left out of the list, for they take
nobody's place by being good. Segments with few lists show how few, and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.store import EventColumns, Store
from ranking.trees import RankingTable
from training.evaluation import Estimate, estimate, ndcg_per_list
from training.shown import list_sizes

Floats = npt.NDArray[np.float64]
Names = npt.NDArray[np.object_]

MIN_LISTS = 30
"""Lists with somebody good below which nothing is said of a segment but how many there are."""
NOT_SAID = "not said"


class Dimension(StrEnum):
    """What the market is cut by. None of them is a feature, or a protected attribute."""

    ROUTE = "route"
    MUNICIPALITY = "municipality"
    SECTOR = "sector"
    HISTORY = "history"


class History(StrEnum):
    """Whether anything was known of a person when the list was made."""

    NEWCOMER = "newcomer"
    KNOWN = "seen before"


class SegmentVerdict(StrEnum):
    """What the difference with similarity says, at 95 % for all segments of a dimension together."""

    BETTER = "better than similarity"
    WORSE = "worse than similarity"
    UNDECIDED = "no difference shown"
    TOO_FEW = "too few to say"


@dataclass(frozen=True, slots=True)
class Traits:
    """What segments are made of.

    Attributes:
        route: by talent_id; who did not say is absent.
        municipality: by talent_id.
        sector: by vacancy_id: the division, the first two digits of the code.
        first_event: by talent_id: their first event of any kind (datetime64[us], UTC).
    """

    route: Mapping[str, str]
    municipality: Mapping[str, str]
    sector: Mapping[str, str]
    first_event: Mapping[str, np.datetime64]

    @classmethod
    def read(cls, store: Store, frame: pd.DataFrame, events: EventColumns) -> Self:
        """Reads the traits of everyone and everything in a frame of shown pairs."""
        people = store.talents_by_id(frame["talent_id"].unique().tolist()).items()
        vacancies = store.vacancies_by_id(frame["vacancy_id"].unique().tolist()).items()
        first = pd.Series(events.occurred_at).groupby(np.asarray(events.talent_id, dtype=object)).min()
        return cls(
            {key: item.record.route.value for key, item in people if item.record.route},
            {key: item.record.municipality for key, item in people if item.record.municipality},
            {key: item.record.sector[:2] for key, item in vacancies if item.record.sector},
            {str(key): moment for key, moment in zip(first.index, first.to_numpy(), strict=True)},
        )

    def names(self, frame: pd.DataFrame) -> dict[Dimension, Names]:
        """The segment of each shown pair (n,), by dimension."""
        people, vacancies = frame["talent_id"].tolist(), frame["vacancy_id"].tolist()
        never = np.datetime64("NaT", "us")  # earlier than nothing
        first = np.array([self.first_event.get(key, never) for key in people], dtype="datetime64[us]")
        return {
            Dimension.ROUTE: _named(people, self.route),
            Dimension.MUNICIPALITY: _named(people, self.municipality),
            Dimension.SECTOR: _named(vacancies, self.sector),
            Dimension.HISTORY: np.where(
                first < frame["shown_at"].to_numpy(), History.KNOWN.value, History.NEWCOMER.value
            ).astype(object),
        }


@dataclass(frozen=True, slots=True)
class Segment:
    """nDCG@10 of a ranking in one segment, beside that of rankers without learning.

    Attributes:
        dimension: what is cut by.
        name: of the segment.
        n_lists: lists with a good person of it.
        ndcg: by ranker; empty when there are too few lists.
        difference: of the ranking minus similarity, paired per list; None when there are too few.
        verdict: what that says.
    """

    dimension: Dimension
    name: str
    n_lists: int
    ndcg: Mapping[str, Estimate]
    difference: Estimate | None
    verdict: SegmentVerdict

    def to_json(self) -> dict[str, object]:
        """As the command line and the report print it."""
        return {
            "dimension": self.dimension.value,
            "segment": self.name,
            "n_lists": self.n_lists,
            "ndcg_at_10": {name: value.to_json() for name, value in self.ndcg.items()},
            "minus_similarity": None if self.difference is None else self.difference.to_json(),
            "verdict": self.verdict.value,
        }


def by_segment(
    frame: pd.DataFrame, gains: Floats, scores: Mapping[str, Floats], traits: Traits, *, judged: str
) -> list[Segment]:
    """Cuts lists by every dimension, the largest segment of each first.

    Args:
        frame: shown pairs (n), list by list.
        gains: (n,) what each turned out to be worth.
        scores: (n,) by ranker; ``similarity`` is one of them.
        traits: of the people and vacancies.
        judged: the ranker that the verdicts are on.
    """
    found: list[Segment] = []
    lists = frame["list_id"].to_numpy(dtype=object)
    for dimension, names in traits.names(frame).items():
        parts = {str(name): _rows(dimension, names == name, gains, lists) for name in set(names)}
        n_lists = {name: len(list_sizes(lists[rows])) for name, rows in parts.items()}
        level = 1.0 - 0.05 / max(sum(n >= MIN_LISTS for n in n_lists.values()), 1)  # Bonferroni, within the dimension
        for name in sorted(parts, key=lambda name: (-n_lists[name], name)):
            few = n_lists[name] < MIN_LISTS
            per_list = {} if few else _per_list(lists, gains, scores, parts[name])
            ndcg = {ranker: estimate(values) for ranker, values in per_list.items()}
            difference = None if few else estimate(per_list[judged] - per_list["similarity"], level=level)
            found.append(Segment(dimension, name, n_lists[name], ndcg, difference, _verdict(difference)))
    return found


def plotted(segments: Sequence[Segment], ranker: str) -> dict[str, dict[str, float]]:
    """nDCG@10 of one ranker by the name of the segment, for a plot; segments that are too small are left out."""
    return {
        f"{segment.dimension}: {segment.name}": segment.ndcg[ranker].to_json()
        for segment in segments
        if ranker in segment.ndcg
    }


def _named(keys: Sequence[str], names: Mapping[str, str]) -> Names:
    return np.array([names.get(key, NOT_SAID) for key in keys], dtype=object)


def _rows(dimension: Dimension, inside: npt.NDArray[np.bool_], gains: Floats, lists: Names) -> npt.NDArray[np.int64]:
    """Rows (m,) of the lists that tell something of a segment: two and more, of whom someone inside is good."""
    good = gains > 0
    kept = np.flatnonzero(inside if dimension is Dimension.SECTOR else inside | ~good)
    telling = np.isin(lists[kept], list(set(lists[inside & good])))
    kept = kept[telling]
    sizes = list_sizes(lists[kept])
    rows: npt.NDArray[np.int64] = kept[np.repeat(sizes, sizes) > 1]
    return rows


def _per_list(
    lists: Names, gains: Floats, scores: Mapping[str, Floats], rows: npt.NDArray[np.int64]
) -> dict[str, Floats]:
    """nDCG@10 of the lists made of some rows, by ranker."""
    nothing = np.zeros(len(rows), dtype=np.int64)  # grades and features play no part: gains and scores are given
    table = RankingTable(np.zeros((len(rows), 0)), nothing, list_sizes(lists[rows]), nothing)
    return {ranker: ndcg_per_list(table, values[rows], gains=gains[rows]) for ranker, values in scores.items()}


def _verdict(difference: Estimate | None) -> SegmentVerdict:
    if difference is None:
        return SegmentVerdict.TOO_FEW
    if difference.low > 0:
        return SegmentVerdict.BETTER
    return SegmentVerdict.WORSE if difference.high < 0 else SegmentVerdict.UNDECIDED
