"""Judging out of time: what each candidate makes of later lists, when it has learned from what was known before."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.store import EventColumns
from ranking.features import COLUMNS
from ranking.outcomes import LabelDefinition, placements, utc_instant
from ranking.rankers import Ranker
from ranking.trees import RankingTable, TreeSettings, fit_ranker
from training.candidates import UNLEARNED, Candidate, fit_candidates
from training.dataset import FeatureRows
from training.evaluation import Estimate, estimate, ndcg_per_list, random_scores
from training.gains import expected_gains
from training.gate import Choice, check_periods, choose
from training.heads import Lessons
from training.measures import Measure, measured
from training.segments import Segment, Traits, by_segment
from training.shown import list_sizes, shown_pairs
from training.splits import TimeSplit, without_entities

Floats = npt.NDArray[np.float64]
Sheet = dict[str, dict[Measure, Estimate]]
"""Every measure of every ranker on the same lists."""

MIN_UNSEEN_ROWS = 500
"""Shown pairs below which the entity split says more of the lack of data than of the ranker."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Out-of-time quality of the candidates, and which of them was chosen.

    Attributes:
        choice: by what came before the test period.
        time: what each candidate and chance come to on the test period.
        entities: the same lists by the chosen candidate, fitted without every talent and vacancy of the test period,
            beside the rankers without learning; None where too little is left to fit on.
        differences: nDCG@10 of the chosen candidate minus each ranker without learning, paired per list.
        segments: of the test period, by the chosen candidate; empty when no traits were given.
        rounds: trees of the LambdaMART ranker.
        curve: nDCG@10 on the tuning period by round.
    """

    choice: Choice
    time: Sheet
    entities: Sheet | None
    differences: dict[Candidate, Estimate]
    segments: list[Segment]
    rounds: int
    curve: list[tuple[int, float]]

    @property
    def ndcg(self) -> dict[str, Estimate]:
        """nDCG@10 on the test period, of chance and of each candidate."""
        return column(self.time, Measure.NDCG)

    @property
    def reciprocal_rank(self) -> dict[str, Estimate]:
        """The same of 1 / place of the first placed."""
        return column(self.time, Measure.RECIPROCAL_RANK)

    @property
    def unseen(self) -> dict[str, Estimate] | None:
        """nDCG@10 of the entity split."""
        return None if self.entities is None else column(self.entities, Measure.NDCG)

    def to_json(self) -> dict[str, object]:
        """Everything beside its baselines, as the report and ``kansrijk evaluate`` read it."""
        chosen = str(self.choice.name)
        return {
            "ranker": chosen,
            "reason": self.choice.reason,
            "metrics": sheet_json({chosen: self.time[chosen]})[chosen],
            "baselines": sheet_json({name: self.time[name] for name in ("random", *map(str, UNLEARNED))}),
            "candidates": sheet_json({str(name): self.time[str(name)] for name in Candidate}),
            "differences": {str(name): {str(Measure.NDCG): v.to_json()} for name, v in self.differences.items()},
            "entity_split": None if self.entities is None else sheet_json(self.entities),
            "segments": [segment.to_json() for segment in self.segments],
        }


@dataclass(frozen=True, slots=True)
class Past:
    """The shown pairs, and how to ask what was known of them at a moment; traits where segments are wanted."""

    rows: FeatureRows
    events: EventColumns
    label: LabelDefinition
    settings: TreeSettings
    traits: Traits | None = None

    def lessons(self, moment: datetime, rows: FeatureRows | None = None) -> Lessons:
        """Pairs that were shown before a moment, graded by what was known then."""
        known = (rows or self.rows).graded(shown_pairs(self.events, as_of=moment, label=self.label))
        before = known.where(known.frame["shown_at"].to_numpy() < utc_instant(moment))
        hired = placements(self.events, as_of=moment, label=self.label)
        return Lessons(before, hired, moment, COLUMNS, self.settings)


@dataclass(frozen=True, slots=True)
class Judged:
    """Lists of a later period with what each row turned out to be worth; the frame row by row as the table."""

    table: RankingTable
    gains: Floats
    frame: pd.DataFrame

    @classmethod
    def of(cls, rows: FeatureRows, gains: Floats) -> Self:
        """Of rows in lists of two and more (:func:`in_lists`), with their gains (n,)."""
        return cls(*rows.judged(gains), rows.frame)

    def sheet(self, scores: Mapping[str, Floats]) -> Sheet:
        """Every measure of every ranker, from its scores (n,)."""
        outcomes = self.frame["outcome"].to_numpy(dtype=object)
        return {
            name: {key: estimate(per_list) for key, per_list in measured(self.table, self.gains, outcomes, one).items()}
            for name, one in scores.items()
        }

    def scores(self, ranker: Ranker) -> Floats:
        """Of the rows (n,)."""
        return ranker.score(self.table.features)

    def ndcg(self, rankers: Mapping[Candidate, Ranker]) -> dict[Candidate, Floats]:
        """nDCG@10 of each list (g,), by ranker."""
        return {name: self.ndcg_of(self.scores(ranker)) for name, ranker in rankers.items()}

    def ndcg_of(self, scores: Floats) -> Floats:
        """nDCG@10 of each list (g,)."""
        return ndcg_per_list(self.table, scores, gains=self.gains)


def evaluate(past: Past, split: TimeSplit, as_of: datetime, *, untuned: TreeSettings | None = None) -> Evaluation:
    """Chooses a candidate on two periods, one after the other, and judges it on the later one.

    What is put to the test in a period has learned from what was known when that period began (rolling origin,
    Tashman 2000). The outcomes that it is held against are those known now: they are the better measure, and nothing
    was fitted on them. The test period helps to choose; the intervals of the verdict hold for all candidates at once
    (Bonferroni), so that they hold for the one that was chosen.

    Args:
        past: all that is known.
        split: the periods.
        as_of: the cut-off.
        untuned: settings from before a search. It picked the best on the tuning period, which would flatter trees
            there beside a regression; so on that period it is these that compete.
    """
    at = past.rows.frame["shown_at"]
    first, second = past.lessons(moment_of(split.tune_from)), past.lessons(moment_of(split.test_from))
    first = replace(first, settings=untuned or first.settings)
    tune, test = (judged(past, mask, as_of) for mask in (split.tune(at), split.test(at)))
    check_periods({"training": len(first.rows.table()), "tuning": len(tune.table), "test": len(test.table)})
    rounds, curve = _rounds(second, split)
    earlier = tune.ndcg(fit_candidates(first, rounds=past.settings.min_rounds))
    rankers = fit_candidates(second, rounds=rounds)
    later = test.ndcg(rankers)
    choice = choose({name: np.concatenate((earlier[name], later[name])) for name in later})
    scores = {str(name): test.scores(ranker) for name, ranker in rankers.items()}
    learned = len(rankers) - len(UNLEARNED)
    return Evaluation(
        choice=choice,
        time=test.sheet({"random": random_scores(len(test.table)), **scores}),
        entities=_entities(past, split, test, choice.name, rounds),
        differences={
            name: estimate(later[choice.name] - later[name], level=1.0 - 0.05 / learned)
            for name in UNLEARNED
            if name != choice.name
        },
        segments=[]
        if past.traits is None
        else by_segment(test.frame, test.gains, scores, past.traits, judged=str(choice.name)),
        rounds=rounds,
        curve=curve,
    )


def judged(past: Past, mask: npt.NDArray[np.bool_], as_of: datetime) -> Judged:
    """The lists under a mask (n,), worth what is known of them at a moment."""
    rows = in_lists(past.rows.where(mask))
    hired = placements(past.events, as_of=as_of, label=past.label)
    return Judged.of(rows, expected_gains(rows.frame, hired, as_of=as_of, label=past.label))


def _rounds(lessons: Lessons, split: TimeSplit) -> tuple[int, list[tuple[int, float]]]:
    """How many trees LambdaMART does best with on the tuning period, and nDCG@10 there by round."""
    curve: list[tuple[int, float]] = []
    at = lessons.rows.frame["shown_at"]
    train, tune = (lessons.rows.where(mask).table() for mask in (split.train(at), split.tune(at)))
    check_periods({"training": len(train), "tuning": len(tune)})
    _, rounds = fit_ranker(
        train, tune, COLUMNS, lessons.settings, on_round=lambda number, value: curve.append((number, value))
    )
    return rounds, curve


def in_lists(rows: FeatureRows) -> FeatureRows:
    """The rows that stand in lists of two and more; one alone has no order."""
    sizes = list_sizes(rows.frame["list_id"])
    return rows.where(np.repeat(sizes, sizes) > 1)


def column(sheet: Sheet, measure: Measure) -> dict[str, Estimate]:
    """One measure by ranker."""
    return {name: measures[measure] for name, measures in sheet.items()}


def sheet_json(sheet: Sheet) -> dict[str, dict[str, dict[str, float]]]:
    """Plain numbers by ranker and measure."""
    return {
        name: {str(measure): value.to_json() for measure, value in measures.items()} for name, measures in sheet.items()
    }


def _entities(past: Past, split: TimeSplit, test: Judged, chosen: Candidate, rounds: int) -> Sheet | None:
    """The entity split: no talent or vacancy on both sides."""
    later = past.rows.frame[split.test(past.rows.frame["shown_at"])]
    lessons = past.lessons(moment_of(split.test_from), without_entities(past.rows, later))
    if len(lessons.rows.table()) < MIN_UNSEEN_ROWS:
        return None
    rankers = fit_candidates(lessons, rounds=rounds, wanted=[chosen, *UNLEARNED])
    return test.sheet({str(name): test.scores(ranker) for name, ranker in rankers.items()})


def moment_of(instant: np.datetime64) -> datetime:
    """The moment that an instant of a column stands for."""
    moment: datetime = pd.Timestamp(instant).to_pydatetime().replace(tzinfo=UTC)
    return moment
