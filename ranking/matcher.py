"""The service behind command line and HTTP: one object that answers, and keeps what it answered."""

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Self

from core.errors import ArtifactError, NotFound
from core.records import Vacancy
from core.settings import Settings
from core.shortlists import RankedVacancies, Shortlist
from core.store import Store
from core.vocabulary import RankingMode
from embeddings.encoder import Encoder
from embeddings.indexer import load_index
from ranking import dutch
from ranking.features import FEATURE_NAMES
from ranking.history import PlacementHistory
from ranking.model import RankingModel
from ranking.outcomes import DEFAULT_LABEL, LABELS, placements, utc_instant
from ranking.pipeline import Ask, Ranking, StageClock, rank
from ranking.pool import TalentPool, follow, load_pool, pool_as_of
from ranking.query import VacancyQuery, build_queries
from ranking.reading import completed, read_vacancy
from ranking.reverse import OpenVacancies, rank_vacancies

VACANCIES_LOOKED_AT = 100  # that similarity hands to the ranker, for one talent
HISTORY_TTL_S = 60.0  # an employer's record moves by one placement a week


@dataclass(frozen=True, slots=True)
class MatcherStatus:
    """Whether and with what the matcher can answer."""

    ready: bool
    ranking_mode: RankingMode
    model_version: str | None
    encoder_version: str
    index_version: str
    talents: int
    reason: str | None


class Matcher:
    """Ranks talents for vacancies and vacancies for talents. Safe to share between threads."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        encoder: Encoder,
        champion: Callable[[], RankingModel | None],
        pool: TalentPool,
        index_version: str,
    ) -> None:
        self._settings = settings
        self._store = store
        self._encoder = encoder
        self._champion = champion
        self._index_version = index_version
        self._pool = pool
        self._past: tuple[datetime, TalentPool] | None = None
        self._histories: dict[datetime | None, tuple[float, PlacementHistory]] = {}
        self._open: OpenVacancies | None = None
        self._lock = threading.Lock()

    @classmethod
    def open(
        cls, settings: Settings, store: Store, encoder: Encoder, champion: Callable[[], RankingModel | None]
    ) -> Self:
        """Loads the index and brings it up to date with the store.

        Raises:
            ArtifactError: the index is missing, damaged or made by another encoder.
        """
        index = load_index(settings.index_dir, encoder)
        return cls(settings, store, encoder, champion, load_pool(store, encoder, index), index.index_version)

    def close(self) -> None:
        """Lets go of the pool; the store belongs to whoever opened it."""
        self._past = self._open = None
        self._histories = {}

    def status(self) -> MatcherStatus:
        """What would answer now."""
        reason = None
        try:
            model = self._model()
        except ArtifactError as error:
            model, reason = None, str(error)
        return MatcherStatus(
            ready=reason is None,
            ranking_mode=RankingMode.LEARNED if model else RankingMode.SEMANTIC,
            model_version=model.info.version if model else None,
            encoder_version=self._encoder.version,
            index_version=self._index_version,
            talents=len(self._pool),
            reason=reason,
        )

    def shortlist(
        self,
        vacancy: Vacancy,
        *,
        k: int = 20,
        as_of: datetime | None = None,
        clock: StageClock | None = None,
    ) -> Shortlist:
        """Ranks talents for a vacancy and keeps the answer for replay.

        Args:
            vacancy: stored or not; only its content counts.
            k: entries wanted.
            as_of: rank as was possible at that moment; None means now.
            clock: gets the seconds of each stage.
        """
        now = datetime.now(UTC)
        moment = as_of or now
        pool = self._current_pool() if as_of is None else self._pool_at(as_of)
        model = self._model()
        vacancy, notice = _as_asked(vacancy, pool, moment)
        query = build_queries([vacancy], self._encoder, pool.places)[0]
        history = self._placement_history(as_of).features(vacancy, utc_instant(moment))
        ask = Ask(k, max(self._settings.retrieve, k), moment)
        ranking = rank(query, pool, history, model, ask, clock)
        shortlist = self._shortlist(query, ranking, model, now)
        if notice:
            shortlist = shortlist.model_copy(update={"notice": " ".join(filter(None, (shortlist.notice, notice)))})
        self._store.save_shortlist(shortlist, _kept(query, ranking, shortlist, moment))
        return shortlist

    def vacancies(self, talent_id: str, *, k: int = 20) -> RankedVacancies:
        """Ranks the open vacancies for one talent.

        Raises:
            NotFound: there is no such talent.
        """
        pool = self._current_pool()
        row = pool.candidates.corpus.row_of.get(talent_id)
        if row is None:
            raise NotFound(f"there is no talent {talent_id}; check the id")
        ask = Ask(k, max(VACANCIES_LOOKED_AT, k), datetime.now(UTC))
        return rank_vacancies(
            talent_id, pool, self._open_vacancies(pool), self._placement_history(), self._model(), ask
        )

    def _shortlist(self, query: VacancyQuery, ranking: Ranking, model: RankingModel | None, now: datetime) -> Shortlist:
        return Shortlist(
            shortlist_id=f"s-{uuid.uuid4().hex}",
            vacancy_id=query.vacancy.vacancy_id,
            created_at=now,
            ranking_mode=RankingMode.LEARNED if model else RankingMode.SEMANTIC,
            model_version=model.info.version if model else None,
            encoder_version=self._encoder.version,
            index_version=self._index_version,
            pool_size=ranking.pool_size,
            entries=ranking.entries,
            near_misses=ranking.near_misses,
            notice=None if model else dutch.SEMANTIC_ONLY,
        )

    def _model(self) -> RankingModel | None:
        model = self._champion()
        if model is not None:
            model.check_encoder(self._encoder.version)
        return model

    def _current_pool(self) -> TalentPool:
        """The pool, after following every change that the store has seen."""
        if self._store.last_seq() != self._pool.last_seq:
            with self._lock:
                self._pool = follow(self._store, self._encoder, self._pool)
        return self._pool

    def _pool_at(self, as_of: datetime) -> TalentPool:
        """The pool as of a moment; the last one asked for is kept, since a run asks for many at once."""
        live = self._current_pool()
        with self._lock:
            if self._past is None or self._past[0] != as_of or self._past[1].last_seq != live.last_seq:
                self._past = (as_of, pool_as_of(self._store, self._encoder, live, as_of))
            return self._past[1]

    def _placement_history(self, as_of: datetime | None = None) -> PlacementHistory:
        """Outcomes as known now or at a moment; of the moments asked for the last one is kept."""
        with self._lock:
            kept = self._histories.get(as_of)
            if kept is None or monotonic() - kept[0] > HISTORY_TTL_S:
                kept = (monotonic(), self._read_history(as_of))
                live = self._histories.get(None)
                self._histories = {as_of: kept} if live is None else {None: live, as_of: kept}
            return kept[1]

    def _read_history(self, as_of: datetime | None) -> PlacementHistory:
        events = self._store.event_columns(until=as_of)
        known = placements(events, as_of=as_of or datetime.now(UTC), label=LABELS[DEFAULT_LABEL])
        found = self._store.vacancies_by_id(known["vacancy_id"].unique().tolist(), as_of=as_of)
        return PlacementHistory.build(known, {key: item.record for key, item in found.items()})

    def _open_vacancies(self, pool: TalentPool) -> OpenVacancies:
        with self._lock:
            if self._open is None or self._open.last_seq != pool.last_seq:
                self._open = OpenVacancies.load(self._store, self._encoder, pool)
            return self._open


def _as_asked(vacancy: Vacancy, pool: TalentPool, moment: datetime) -> tuple[Vacancy, str | None]:
    """Of a vacancy that is only a text, what the text says, and the sentence that tells so: never silently."""
    if vacancy.model_fields_set - {"vacancy_id", "description"}:
        return vacancy, None
    findings = read_vacancy(vacancy.description, today=moment.date(), places=pool.places)
    read = completed(vacancy, findings)
    return read, dutch.what_was_read(read)


def _kept(query: VacancyQuery, ranking: Ranking, shortlist: Shortlist, moment: datetime) -> dict[str, object]:
    """What is stored beside a shortlist: what was asked, and the features of everyone on it, keyed by person."""
    return {
        "as_of": moment.isoformat(),
        "vacancy": query.vacancy.model_dump(mode="json", exclude_defaults=True),
        "names": list(FEATURE_NAMES),
        "values": {entry.talent_id: values for entry, values in zip(shortlist.entries, ranking.features, strict=True)},
    }
