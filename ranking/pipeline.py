"""The recipe: vacancy → retrieve → eligible → features → score → explain → cut."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from time import perf_counter

import numpy as np
import numpy.typing as npt

from core.shortlists import Entry, NearMiss
from embeddings.faiss_index import VectorIndex
from ranking import explain
from ranking.eligibility import Eligibility, check_eligibility
from ranking.facts import Pair, gaps, matched_skills, unknowns
from ranking.features import FEATURE_NAMES, Candidates, compute_features
from ranking.history import HistoryFeatures
from ranking.matching import PhraseMatch
from ranking.model import RankingModel
from ranking.pool import TalentPool
from ranking.query import VacancyQuery
from ranking.retention import retention_of

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

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
    """

    k: int
    retrieve: int
    moment: datetime

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
        return Scored(self.rows[:k], self.features[:k], self.scores[:k], self.numbers[:k], self.match)


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a shortlist is made of, and the features that it was made with, row by row as the entries."""

    pool_size: int
    entries: list[Entry]
    near_misses: list[NearMiss]
    features: Floats


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
        eligibility = check_eligibility(query.vacancy, candidates.columns, query.at, ask.today)
        eligible = eligibility.eligible
    with clock.timed(Stage.RETRIEVE):
        rows = retrieve(query, pool.index, eligible, ask.retrieve)
    with clock.timed(Stage.FEATURES):
        features, match = compute_features(query, candidates, rows, history)
    with clock.timed(Stage.SCORE):
        best = ordered(rows, features, match, model).best(ask.k)
    with clock.timed(Stage.EXPLAIN):
        entries = describe(query, candidates, best, model)
    with clock.timed(Stage.NEAR_MISSES):
        missed = near_misses(query, pool, history, model, eligibility, floor=_floor(best))
    return Ranking(int(eligible.sum()), entries, missed, best.features)


def retrieve(query: VacancyQuery, index: VectorIndex, allowed: npt.NDArray[np.bool_], n: int) -> Rows:
    """Rows of the n allowed talents whose text is nearest, nearest first."""
    nearest: Rows = index.search(query.vector[None, :], n, allowed).rows[0]
    return nearest


def ordered(rows: Rows, features: Floats, match: PhraseMatch, model: RankingModel | None) -> Scored:
    """Scores the candidates; equal scores go by similarity, then by row, so that the order is always the same."""
    scores = features[:, _SIMILARITY] if model is None else model.ranker.score(features)
    order = np.lexsort((rows, -features[:, _SIMILARITY], -scores))
    return Scored(rows[order], features[order], scores[order], order.astype(np.int64), match)


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
