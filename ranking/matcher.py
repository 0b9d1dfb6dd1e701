"""The service behind command line and HTTP: one object that answers, and keeps what it answered."""

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Self

import numpy as np
import numpy.typing as npt

from core.errors import ArtifactError, NotFound
from core.records import Talent, Vacancy
from core.settings import Settings
from core.shortlists import Gap, RankedVacancies, Shortlist
from core.store import CourseStamp, Store
from core.vocabulary import RankingMode
from embeddings.encoder import Encoder
from embeddings.indexer import load_index
from ranking import dutch
from ranking.courses import CourseBook, GapCourses
from ranking.exploration import seed_of
from ranking.features import FEATURE_NAMES, compute_features
from ranking.history import HistoryFeatures, PlacementHistory, read_history
from ranking.model import RankingModel
from ranking.outcomes import OUTCOME_KINDS, utc_instant
from ranking.pipeline import Ask, Ranking, Scored, StageClock, ordered, rank
from ranking.pool import TalentPool, follow, load_pool, pool_as_of, pool_of
from ranking.query import VacancyQuery, build_queries
from ranking.reading import ToldVacancy, VacancyReader
from ranking.reverse import OpenVacancies, rank_vacancies
from ranking.selection import ONLY_THE_BEST, Policy, logged
from ranking.shadow import Observed, Shadow
from ranking.trades import TradeBook

Floats = npt.NDArray[np.float64]

VACANCIES_LOOKED_AT = 100  # that similarity hands to the ranker, for one talent
REHEARSED = 20  # recent requests that a new model answers before it serves
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
        self._trades = TradeBook(encoder)
        self._courses: tuple[CourseStamp, CourseBook] | None = None
        self._shadow: Shadow | None = None
        self._reader = VacancyReader(pool.places)
        self._lock = threading.Lock()

    @classmethod
    def open(
        cls,
        settings: Settings,
        store: Store,
        encoder: Encoder,
        champion: Callable[[], RankingModel | None],
        shadow: Shadow | None = None,
    ) -> Self:
        """Loads the index and brings it up to date with the store.

        Args:
            settings: of the home.
            store: records, events and shortlists.
            encoder: the one in force.
            champion: gives the model in force, whole, each time it is asked.
            shadow: gets the candidates of every list, for the challenger.

        Raises:
            ArtifactError: the index is missing, damaged or made by another encoder.
        """
        index = load_index(settings.index_dir, encoder)
        opened = cls(settings, store, encoder, champion, load_pool(store, encoder, index), index.index_version)
        opened._shadow = shadow
        return opened

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
        model = self._model()  # asked once: everything on the list is of this one
        shortlist_id = f"s-{uuid.uuid4().hex}"
        ask = Ask(k, max(self._settings.retrieve, k), as_of or now, self._policy(shortlist_id, as_of))
        pool = self._current_pool() if as_of is None else self._pool_at(as_of)
        query, history = self._asked(vacancy, pool, ask.moment, as_of)
        ranking = rank(query, pool, history, model, ask, clock)
        shortlist = self._shortlist(shortlist_id, query, ranking, model, as_of)
        kept, seen = _kept(query, ranking, shortlist, ask.moment), ranking.candidates
        watched = self._shadow is not None and as_of is None
        ids = [pool.ids[row] for row in seen.rows] if watched or ranking.selection.is_mixed else []
        how = logged(ranking.selection, ids)
        self._store.save_shortlist(shortlist, kept | how, ids if how else ())
        if self._shadow is not None and watched:
            self._shadow.observe(Observed(shortlist_id, ids, seen.rows, seen.features, k, self._encoder.version))
        return shortlist

    def rehearse(self, model: RankingModel) -> int:
        """Answers recent requests once more with a model that is not in force yet; nothing is kept.

        Returns:
            How many requests there were.

        Raises:
            ArtifactMismatch: it was trained with another encoder.
        """
        model.check_encoder(self._encoder.version)
        recent = self._store.recent_shortlists(REHEARSED)
        for kept in recent:
            pool, moment = self._current_pool(), datetime.now(UTC)
            query, history = self._asked(Vacancy.model_validate(kept.features["vacancy"]), pool, moment, None)
            k = max(len(kept.shortlist.entries), 1)
            rank(query, pool, history, model, Ask(k, max(self._settings.retrieve, k), moment))
        return len(recent)

    def scored(
        self, vacancy: Vacancy, talent_ids: Sequence[str], *, as_of: datetime
    ) -> dict[str, tuple[Floats, float]]:
        """Features (f,) and score that a shortlist as of a moment gives these people, on the list or not.

        By the code that serves; training holds its own numbers against these. Whoever was not there yet is left out.
        """
        pool = pool_of(self._store, self._encoder, talent_ids, as_of=as_of, places=self._pool.places)
        query, history = self._asked(vacancy, pool, as_of, as_of)
        rows = np.arange(len(pool))
        features, match = compute_features(query, pool.candidates, rows, history)
        made: Scored = ordered(rows, features, match, self._model())
        return {
            pool.ids[row]: (values, score)
            for row, values, score in zip(made.rows.tolist(), made.features, made.scores.tolist(), strict=True)
        }

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

    def courses_for(self, gaps: Sequence[Gap], talent: Talent, vacancy: Vacancy) -> list[GapCourses]:
        """The courses of the catalogue that close a person's gaps for a vacancy.

        Args:
            gaps: as an entry of a shortlist names them.
            talent: the person.
            vacancy: the job.

        Returns:
            One for each gap, in the order given; cheap enough to ask for everyone on a page.
        """
        book = self._course_book()
        return book.courses_for(gaps, talent, vacancy, today=datetime.now(UTC).date())

    def same_trade(self, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> list[bool]:
        """For each pair of earlier occupations and names of a job: whether any of the one is about any of the other."""
        with self._lock:
            return self._trades.same(pairs)

    def _course_book(self) -> CourseBook:
        """The catalogue, read and embedded anew when it changed."""
        stamp = self._store.courses_stamp()
        with self._lock:
            if self._courses is None or self._courses[0] != stamp:
                book = CourseBook(self._store.active_courses(), self._encoder, self._pool.places)
                self._courses = stamp, book
            return self._courses[1]

    def _asked(
        self, vacancy: Vacancy, pool: TalentPool, moment: datetime, as_of: datetime | None
    ) -> tuple[VacancyQuery, HistoryFeatures]:
        """The vacancy as the ranker reads it, and what is known of its employer."""
        told = self._reader_for(pool).told(vacancy, asked_on=moment.date())
        query = build_queries([told], self._encoder, pool.places)[0]
        return query, self._placement_history(as_of).features(query.vacancy, utc_instant(moment))

    def _policy(self, shortlist_id: str, as_of: datetime | None) -> Policy:
        """What else than the best may stand on a list; a list as of an earlier moment is looked at, not used."""
        if as_of is not None:
            return ONLY_THE_BEST
        rival = None
        if self._settings.interleave and self._shadow is not None:
            rival = self._shadow.rival(self._encoder.version)
        return Policy(seed_of(shortlist_id), self._settings.exploration_share, rival)

    def _shortlist(
        self,
        shortlist_id: str,
        query: VacancyQuery,
        ranking: Ranking,
        model: RankingModel | None,
        as_of: datetime | None,
    ) -> Shortlist:
        return Shortlist(
            shortlist_id=shortlist_id,
            vacancy_id=query.vacancy.vacancy_id,
            created_at=datetime.now(UTC),
            ranking_mode=RankingMode.LEARNED if model else RankingMode.SEMANTIC,
            model_version=model.info.version if model else None,
            encoder_version=self._encoder.version,
            index_version=self._index_version,
            pool_size=ranking.pool_size,
            entries=ranking.entries,
            near_misses=ranking.near_misses,
            notice=_notice(query.told, model, as_of, nobody=ranking.selection.nobody),
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

    def _reader_for(self, pool: TalentPool) -> VacancyReader:
        """The reader of vacancy texts; a new one where the book of places is, for it may know more towns."""
        reader = self._reader
        if reader.places is not pool.places:
            self._reader = reader = VacancyReader(pool.places)
        return reader

    def _placement_history(self, as_of: datetime | None = None) -> PlacementHistory:
        """Outcomes as known now, which can be asked as of any moment before; read anew for one that lies ahead."""
        if as_of is not None and as_of <= datetime.now(UTC):
            as_of = None
        with self._lock:
            kept = self._histories.get(as_of)
            if kept is None or monotonic() - kept[0] > HISTORY_TTL_S:
                kept = (monotonic(), self._read_history(as_of))
                live = self._histories.get(None)
                self._histories = {as_of: kept} if live is None else {None: live, as_of: kept}
            return kept[1]

    def _read_history(self, as_of: datetime | None) -> PlacementHistory:
        events = self._store.event_columns(until=as_of, kinds=OUTCOME_KINDS)
        return read_history(self._store, events, as_of=as_of or datetime.now(UTC))

    def _open_vacancies(self, pool: TalentPool) -> OpenVacancies:
        with self._lock:
            if self._open is None or self._open.last_seq != pool.last_seq:
                self._open = OpenVacancies.load(self._store, self._encoder, pool, self._reader_for(pool))
            return self._open


def _notice(told: ToldVacancy, model: RankingModel | None, as_of: datetime | None, *, nobody: bool) -> str | None:
    """What a matchmaker must know of the whole list: how it was ordered, and what was read from the text."""
    ordered_by = _looking_back(model, as_of) if model else dutch.SEMANTIC_ONLY
    said = (ordered_by, dutch.NOBODY if nobody else None, dutch.what_was_read(told.record, told.read, told.unsure))
    return " ".join(filter(None, said)) or None


def _looking_back(model: RankingModel, as_of: datetime | None) -> str | None:
    """A list as of an earlier moment is by today's model: earlier ones are not kept where lists are made."""
    if as_of is None:
        return None
    learned_until = datetime.fromisoformat(model.info.trained_as_of)
    said = dutch.EARLIER.format(day=f"{as_of:%d-%m-%Y}", version=model.info.version)
    later = learned_until.replace(tzinfo=learned_until.tzinfo or UTC) > as_of
    return said + dutch.EARLIER_BUT_LEARNED if later else said


def _kept(query: VacancyQuery, ranking: Ranking, shortlist: Shortlist, moment: datetime) -> dict[str, object]:
    """What is stored beside a shortlist: what was asked, and the features of everyone on it, keyed by person."""
    return {
        "as_of": moment.isoformat(),
        "vacancy": query.vacancy.model_dump(mode="json", exclude_defaults=True),
        "names": list(FEATURE_NAMES),
        "values": {entry.talent_id: values for entry, values in zip(shortlist.entries, ranking.features, strict=True)},
    }
