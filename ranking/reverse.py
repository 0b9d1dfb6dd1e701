"""The other direction: open vacancies for one talent, with the same rules, features and model."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np

from core.records import Vacancy
from core.shortlists import RankedVacancies, RankedVacancy
from core.store import Store
from core.vocabulary import RankingMode, VacancyStatus
from embeddings.corpus import EmbeddedCorpus
from embeddings.encoder import Encoder
from embeddings.faiss_index import VectorIndex
from ranking.eligibility import check_eligibility
from ranking.features import Candidates, compute_features
from ranking.history import PlacementHistory
from ranking.matching import gridded
from ranking.model import RankingModel
from ranking.outcomes import utc_instant
from ranking.pipeline import Ask, Scored, describe, ordered
from ranking.pool import TalentPool
from ranking.query import VacancyQuery, queries_of
from ranking.reading import VacancyReader


@dataclass(frozen=True, eq=False)
class OpenVacancies:
    """The open vacancies, embedded, row by row with their index."""

    queries: Sequence[VacancyQuery]
    index: VectorIndex
    last_seq: int

    @classmethod
    def load(cls, store: Store, encoder: Encoder, pool: TalentPool, reader: VacancyReader) -> Self:
        """Reads and embeds what is open now."""
        stored = (item.record for item in store.iter_vacancies())
        told = [reader.told(vacancy) for vacancy in stored if vacancy.status is VacancyStatus.OPEN]
        corpus = gridded(EmbeddedCorpus.build([one.record for one in told], encoder))
        return cls(queries_of(told, corpus, pool.places), VectorIndex.of(corpus.vectors), pool.last_seq)


def rank_vacancies(
    talent_id: str,
    pool: TalentPool,
    vacancies: OpenVacancies,
    history: PlacementHistory,
    model: RankingModel | None,
    ask: Ask,
) -> RankedVacancies:
    """Ranks open vacancies for one talent; those whose hard requirements are known not to be met are left out."""
    row = pool.candidates.corpus.row_of[talent_id]
    one = Candidates(pool.candidates.columns.take(np.array([row])), pool.candidates.corpus.take(np.array([row])))
    open_now = np.array([_is_open(query.vacancy, ask.today) for query in vacancies.queries], dtype=bool)
    fits = np.array([
        is_open and bool(check_eligibility(query.hard, one.columns, query.hard_at, ask.today).eligible[0])
        for query, is_open in zip(vacancies.queries, open_now, strict=True)
    ], dtype=bool)  # fmt: skip
    hits = vacancies.index.search(one.corpus.vectors, ask.retrieve, fits).rows[0] if fits.any() else []
    scored: list[tuple[float, str, VacancyQuery, Scored]] = []
    for number in hits:
        query = vacancies.queries[number]
        features, match = compute_features(
            query, one, np.array([0]), history.features(query.vacancy, utc_instant(ask.moment))
        )
        single = ordered(np.array([0]), features, match, model)
        scored.append((-float(single.scores[0]), query.vacancy.vacancy_id, query, single))
    best = sorted(scored, key=lambda item: item[:2])[: ask.k]
    return RankedVacancies(
        talent_id=talent_id,
        created_at=ask.moment,
        ranking_mode=RankingMode.LEARNED if model else RankingMode.SEMANTIC,
        model_version=model.info.version if model else None,
        encoder_version=pool.candidates.corpus.encoder_version,
        pool_size=int(fits.sum()),
        entries=[_entry(place, query, one, single, model) for place, (_, _, query, single) in enumerate(best, start=1)],
    )


def _entry(
    place: int, query: VacancyQuery, one: Candidates, single: Scored, model: RankingModel | None
) -> RankedVacancy:
    entry = describe(query, one, single, model)[0]
    return RankedVacancy(
        rank=place,
        vacancy_id=query.vacancy.vacancy_id,
        title=query.vacancy.title or query.vacancy.occupation or "",
        employer=query.vacancy.employer.name,
        score=entry.score,
        retention=entry.retention,
        similarity=entry.similarity,
        travel_km=entry.travel_km,
        reasons=entry.reasons,
        gaps=entry.gaps,
        unknowns=entry.unknowns,
    )


def _is_open(vacancy: Vacancy, today: date) -> bool:
    return vacancy.closes_on is None or vacancy.closes_on >= today
