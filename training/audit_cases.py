"""The lists that are audited: vacancies ranked by the champion now, and lists as they were given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from core.records import Vacancy
from core.store import KeptShortlist
from embeddings.encoder import Encoder
from ranking.eligibility import check_eligibility
from ranking.features import compute_features
from ranking.history import PlacementHistory
from ranking.model import RankingModel
from ranking.outcomes import utc_instant
from ranking.pipeline import ordered, retrieve
from ranking.pool import TalentPool
from ranking.query import VacancyQuery, build_queries
from ranking.reading import VacancyReader
from training.disparity import Matrix

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Case:
    """Who could have stood on one list, and who did.

    Attributes:
        eligible: (e,) rows in the pool.
        ranked: (n,) rows that the ranker looked at, best first; of a list that was given, those on it.
        features: (n, f) of those; None of a list that was given.
        scores: (n,) of those; None of a list that was given.
    """

    eligible: Rows
    ranked: Rows
    features: Floats | None = None
    scores: Floats | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """What lists are made with.

    Attributes:
        pool: everyone.
        encoder: the one in force.
        history: of employers.
        model: the champion.
        depth: how many retrieval hands to the ranker.
    """

    pool: TalentPool
    encoder: Encoder
    history: PlacementHistory
    model: RankingModel
    depth: int


@dataclass(frozen=True, slots=True)
class Ballot:
    """Many cases as matrices (v, t) by list and person, 0 where nothing is said.

    Attributes:
        active: 1 for everyone who looks for work.
        eligible: 1 where nothing is known to stand in the way.
        ranked: 1 where retrieval brought them to the ranker.
        selected: 1 on the first k places.
        exposure: 1 / log2(1 + place) on those places.
        score: in spreads from the mean of those ranked for the same vacancy.
    """

    active: Matrix
    eligible: Matrix
    ranked: Matrix
    selected: Matrix
    exposure: Matrix
    score: Matrix


def ranked_now(vacancies: Sequence[Vacancy], bench: Bench, moment: datetime) -> list[Case]:
    """Ranks vacancies, open or as if they were, as serving would at a moment."""
    pool, reader = bench.pool, VacancyReader(bench.pool.places)
    queries = build_queries([reader.told(one, asked_on=moment.date()) for one in vacancies], bench.encoder, pool.places)
    cases = []
    for query in queries:
        eligible = _eligible(query, pool, moment)
        rows = retrieve(query, pool.index, eligible, bench.depth)
        of_employer = bench.history.features(query.vacancy, utc_instant(moment))
        features, match = compute_features(query, pool.candidates, rows, of_employer)
        scored = ordered(rows, features, match, bench.model)
        cases.append(Case(np.flatnonzero(eligible), scored.rows, scored.features, scored.scores))
    return cases


def given(lists: Iterable[KeptShortlist], pool: TalentPool, encoder: Encoder) -> list[Case]:
    """Lists as they were given; who else was eligible is found again, from the records as they are now."""
    kept = [item for item in lists if item.shortlist.entries]
    vacancies = [Vacancy.model_validate(item.features["vacancy"]) for item in kept]
    reader = VacancyReader(pool.places)
    told = [
        reader.told(one, asked_on=item.shortlist.created_at.date()) for one, item in zip(vacancies, kept, strict=True)
    ]
    row_of = pool.candidates.corpus.row_of
    cases = []
    for query, item in zip(build_queries(told, encoder, pool.places), kept, strict=True):
        entries = [row_of[entry.talent_id] for entry in item.shortlist.entries if entry.talent_id in row_of]
        shown = np.array(entries, dtype=np.int64)
        eligible = _eligible(query, pool, datetime.fromisoformat(item.features["as_of"]))
        eligible[shown] = True  # they were, then
        cases.append(Case(np.flatnonzero(eligible), shown))
    return cases


def ballot(cases: Sequence[Case], active: npt.NDArray[np.bool_], k: int) -> Ballot:
    """The cases as matrices.

    Args:
        cases: one list each.
        active: (t,) who looks for work.
        k: places that count as selected.
    """
    everyone = np.flatnonzero(active)
    n = len(active)
    first = [case.ranked[:k] for case in cases]
    return Ballot(
        active=_matrix([everyone] * len(cases), n),
        eligible=_matrix([case.eligible for case in cases], n),
        ranked=_matrix([case.ranked for case in cases], n),
        selected=_matrix(first, n),
        exposure=_matrix(first, n, [1.0 / np.log2(np.arange(2, len(rows) + 2)) for rows in first]),
        score=_matrix([case.ranked for case in cases], n, [_standard(case) for case in cases]),
    )


def _eligible(query: VacancyQuery, pool: TalentPool, moment: datetime) -> npt.NDArray[np.bool_]:
    return check_eligibility(query.hard, pool.candidates.columns, query.hard_at, moment.date()).eligible


def _standard(case: Case) -> Floats:
    """Scores in spreads from their mean; 0 where there are none or all are equal."""
    if case.scores is None or not len(case.scores):
        return np.zeros(len(case.ranked))
    spread = float(case.scores.std())
    return np.zeros(len(case.scores)) if spread == 0 else (case.scores - case.scores.mean()) / spread


def _matrix(columns: Sequence[Rows], n: int, values: Sequence[Floats] | None = None) -> Matrix:
    """One row per list; 1 in these columns, or the values given."""
    ends = np.concatenate(([0], np.cumsum([len(part) for part in columns])))
    data = np.ones(ends[-1]) if values is None else np.concatenate([np.empty(0), *values])
    return csr_array((data, np.concatenate([np.empty(0, dtype=np.int64), *columns]), ends), shape=(len(columns), n))
