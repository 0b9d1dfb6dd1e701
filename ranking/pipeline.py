"""The recipe: vacancy → retrieve → eligible → features → score → explain → cut."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from time import perf_counter

import numpy as np
import numpy.typing as npt

from core.shortlists import Entry, NearMiss, Reason
from embeddings.faiss_index import VectorIndex
from ranking import dutch, explain
from ranking.eligibility import Eligibility, check_eligibility
from ranking.facts import Pair, gaps, matched_skills, unknowns
from ranking.features import FEATURE_NAMES, Candidates, compute_features
from ranking.history import HistoryFeatures
from ranking.matching import PhraseMatch
from ranking.model import RankingModel
from ranking.pool import TalentPool
from ranking.query import VacancyQuery
from ranking.retention import retention_of
from ranking.selection import ONLY_THE_BEST, Policy, Selection, few, in_order, nobody_has_a_fair_chance, select

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

EXPLORATION = "exploration"  # named as the reason of whoever stands on a list by lot
NEAR_MISSES_LOOKED_AT, NEAR_MISSES_SHOWN = 50, 5
_SIMILARITY, _TRAVEL_KM = FEATURE_NAMES.index("similarity"), FEATURE_NAMES.index("travel_km")


class Stage(StrEnum):
    """The steps of the recipe, as the benchmark times them."""

    ELIGIBLE = "eligible"
    RETRIEVE = "retrieve"
    FEATURES = "features"
    SCORE = "score"
    EXPLAIN = "explain"
    NEAR_MISSES = "near_misses"


@dataclass
class StageClock:
    """Seconds spent in each stage."""

    seconds: dict[Stage, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: Stage) -> Iterator[None]:
        """Adds the time of the block to its stage."""
        start = perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + perf_counter() - start


@dataclass(frozen=True, slots=True)
class Ask:
    """How much to look at and to give.

    Attributes:
        k: entries wanted.
        retrieve: talents that retrieval hands to the ranker.
        moment: when the question is asked.
        policy: what else than the best may stand on the list.
    """

    k: int
    retrieve: int
    moment: datetime
    policy: Policy = ONLY_THE_BEST

    @property
    def today(self) -> date:
        """The day of asking."""
        return self.moment.date()


@dataclass(frozen=True, slots=True)
class Scored:
    """Candidates in order of score, best first.

    Attributes:
        rows: (n,) rows in the pool.
        features: (n, f).
        scores: (n,), the ranker's output, or the cosine without a model.
        numbers: (n,) the candidates' numbers in ``match``.
        match: phrase similarities.
    """

    rows: Rows
    features: Floats
    scores: Floats
    numbers: Rows
    match: PhraseMatch

    def best(self, k: int) -> "Scored":
        """The first k."""
        return self.take(np.arange(min(k, len(self.rows))))

    def take(self, order: Rows) -> "Scored":
        """These, in this order."""
        return Scored(self.rows[order], self.features[order], self.scores[order], self.numbers[order], self.match)


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a shortlist is made of.

    Attributes:
        pool_size: eligible people.
        entries: the list.
        near_misses: whom something that can be bridged keeps off it.
        features: that it was made with, row by row as the entries.
        candidates: everyone the ranker looked at, in its order.
        selection: who of them the entries are, and why.
    """

    pool_size: int
    entries: list[Entry]
    near_misses: list[NearMiss]
    features: Floats
    candidates: Scored
    selection: Selection


def rank(
    query: VacancyQuery,
    pool: TalentPool,
    history: HistoryFeatures,
    model: RankingModel | None,
    ask: Ask,
    clock: StageClock | None = None,
) -> Ranking:
    """Ranks talents for one vacancy.

    Args:
        query: the vacancy.
        pool: everyone who can be ranked.
        history: of the employer, as of the moment of asking.
        model: orders and estimates; None orders by similarity.
        ask: how much is wanted.
        clock: gets the seconds of each stage.
    """
    clock = clock or StageClock()
    candidates = pool.candidates
    with clock.timed(Stage.ELIGIBLE):
        eligibility = check_eligibility(query.hard, candidates.columns, query.hard_at, ask.today)
        eligible = eligibility.eligible
    with clock.timed(Stage.RETRIEVE):
        rows = retrieve(query, pool.index, eligible, ask.retrieve)
    with clock.timed(Stage.FEATURES):
        features, match = compute_features(query, candidates, rows, history)
    with clock.timed(Stage.SCORE):
        scored = ordered(rows, features, match, model)
        selection = select(scored.rows, scored.features, ask.k, ask.policy)
    with clock.timed(Stage.EXPLAIN):
        entries = describe(query, candidates, scored.take(selection.order), model)
        if nobody_has_a_fair_chance(entries, scored.features, model):
            selection = few(ask.k, len(scored.rows))
            entries = describe(query, candidates, scored.take(selection.order), model)
    with clock.timed(Stage.NEAR_MISSES):
        missed = near_misses(query, pool, history, model, eligibility, floor=_floor(scored.best(ask.k)))
    used = scored.features[selection.order]
    return Ranking(int(eligible.sum()), marked(entries, selection), missed, used, scored, selection)


def retrieve(query: VacancyQuery, index: VectorIndex, allowed: npt.NDArray[np.bool_], n: int) -> Rows:
    """Rows of the n allowed talents whose text is nearest, nearest first."""
    nearest: Rows = index.search(query.vector[None, :], n, allowed).rows[0]
    return nearest


def ordered(rows: Rows, features: Floats, match: PhraseMatch, model: RankingModel | None) -> Scored:
    """Scores the candidates; equal scores go by similarity, then by row, so that the order is always the same."""
    scores = features[:, _SIMILARITY] if model is None else model.ranker.score(features)
    order = in_order(rows, features, scores)
    return Scored(rows[order], features[order], scores[order], order, match)


def describe(query: VacancyQuery, candidates: Candidates, scored: Scored, model: RankingModel | None) -> list[Entry]:
    """Turns scored candidates into entries with reasons, gaps and unknowns."""
    contributions = model.ranker.contributions(scored.features) if model else np.zeros_like(scored.features)
    chances = model.retention.predict(scored.features) if model and model.retention else None
    entries = []
    for place, row in enumerate(scored.rows):
        pair = Pair(query, candidates, int(row), scored.match, int(scored.numbers[place]))
        values = scored.features[place]
        km = values[_TRAVEL_KM]
        entries.append(
            Entry(
                rank=place + 1,
                talent_id=candidates.corpus.ids[row],
                score=float(scored.scores[place]),
                retention=retention_of(*(float(part[place]) for part in chances)) if chances else None,
                similarity=round(float(values[_SIMILARITY]), 4),
                travel_km=None if np.isnan(km) else round(float(km), 1),
                reasons=explain.reasons(pair, values, contributions[place])
                if model
                else explain.similarity_reason(pair),
                matched_skills=matched_skills(pair),
                gaps=gaps(pair),
                unknowns=unknowns(pair),
            )
        )
    return entries


def marked(entries: list[Entry], selection: Selection) -> list[Entry]:
    """The entries, with a word on those that stand there by lot."""
    by_lot = Reason(feature=EXPLORATION, direction="+", text=dutch.BY_LOT)
    return [
        entry.model_copy(update={"exploration": True, "reasons": [by_lot, *entry.reasons]}) if explored else entry
        for entry, explored in zip(entries, selection.explored.tolist(), strict=True)
    ]


def near_misses(
    query: VacancyQuery,
    pool: TalentPool,
    history: HistoryFeatures,
    model: RankingModel | None,
    eligibility: Eligibility,
    *,
    floor: float,
) -> list[NearMiss]:
    """People whom something that can be bridged keeps off the list, if they would have stood on it (score ≥ floor)."""
    candidates = pool.candidates
    rows = retrieve(query, pool.index, eligibility.bridgeable, NEAR_MISSES_LOOKED_AT)
    if not len(rows):
        return []
    features, match = compute_features(query, candidates, rows, history)
    scored = ordered(rows, features, match, model)
    scored = scored.best(min(NEAR_MISSES_SHOWN, int((scored.scores >= floor).sum())))
    found = []
    for place, entry in enumerate(describe(query, candidates, scored, model)):
        pair = Pair(query, candidates, int(scored.rows[place]), match, int(scored.numbers[place]))
        codes = eligibility.reasons(pair.row)
        found.append(
            NearMiss(
                **dict(entry),
                blocked_by=explain.blocked_by(pair, codes),
                would_help=explain.would_help(pair, codes),
            )
        )
    return found


def _floor(best: Scored) -> float:
    """The middle of the list: a near miss must be worth the effort of a course or a talk."""
    return float(np.median(best.scores)) if len(best.scores) else -np.inf
