"""Puts the parts together: which store, encoder, model and index are in force for these settings."""

# ruff: noqa: PLC0415  commands import what they need: help must not wait for numpy, nor a shortlist for MLflow

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.errors import ArtifactMissing, NotFound, Unavailable
from core.records import Talent, Vacancy
from core.settings import Settings
from core.shortlists import Gap, RankedVacancies, Shortlist
from core.store import Store
from core.vocabulary import RankingMode

if TYPE_CHECKING:
    from api.service import Models, RankingStatus
    from embeddings.encoder import Encoder
    from ranking.courses import GapCourses
    from ranking.matcher import Matcher
    from ranking.model import RankingModel


def now() -> datetime:
    """The time, with offset."""
    return datetime.now(UTC)


@contextmanager
def writable_store(settings: Settings) -> Iterator[Store]:
    """The store, made where there is none yet."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with Store.open(settings.store_url) as store:
        yield store


@contextmanager
def existing_store(settings: Settings) -> Iterator[Store]:
    """The store, for commands that need what is in it.

    Raises:
        NotFound: nothing was ever imported here.
    """
    if settings.database_url is None and not (settings.home / "kansrijk.db").exists():
        raise NotFound(f"there is nothing in {settings.home} yet; run kansrijk import, or name another --home")
    with Store.open(settings.store_url) as store:
        yield store


def encoder_in_force(settings: Settings) -> "Encoder":
    """The encoder that texts are embedded with.

    Raises:
        ArtifactError: there is none yet, or it is damaged.
    """
    from embeddings.loading import load_encoder

    return load_encoder(settings)


def encoder_made(settings: Settings, store: Store) -> "Encoder":
    """The encoder in force; where there is none, the default one is fitted on what is in the store.

    Raises:
        InputError: the store holds too few texts.
        ArtifactError: the encoder that was asked for cannot be had.
    """
    from embeddings.indexer import fit_default_encoder

    try:
        return encoder_in_force(settings)
    except ArtifactMissing:
        if settings.encoder is not None:
            raise
        return fit_default_encoder(store, settings.encoder_dir)


@contextmanager
def opened_matcher(settings: Settings, store: Store) -> Iterator["Matcher"]:
    """The matcher with the encoder, index and champion in force.

    Raises:
        ArtifactError: there is no index yet, it is damaged, or its parts were not built for each other.
    """
    matcher = open_matcher(settings, store)
    try:
        yield matcher
    finally:
        matcher.close()


def open_matcher(settings: Settings, store: Store) -> "Matcher":
    """As :func:`opened_matcher`, for who closes it."""
    from ranking.champion import ChampionFollower
    from ranking.matcher import Matcher

    champion = ChampionFollower(settings.models_dir)
    return Matcher.open(settings, store, encoder_in_force(settings), champion)


@contextmanager
def opened_ranking(settings: Settings, store: Store) -> Iterator["LateRanking"]:
    """The ranking of a service: it opens when it first can, and follows champion and challenger beside the requests."""
    from api.service import Models
    from ranking.champion import LiveModel
    from ranking.matcher import Matcher
    from ranking.shadow import Shadow

    with (
        LiveModel(settings.models_dir) as champion,
        LiveModel(settings.challenger_dir) as challenger,
        Shadow(store, challenger) as shadow,
    ):
        ranking = LateRanking(
            lambda: Matcher.open(settings, store, encoder_in_force(settings), champion, shadow),
            lambda: Models(champion.left_aside, challenger.left_aside, shadow.counts),
        )
        champion.rehearse_with(ranking.rehearse)
        try:
            yield ranking
        finally:
            ranking.close()


@dataclass(frozen=True, slots=True)
class NotOpen:
    """The status of ranking that cannot be opened; see ``api.service.RankingStatus``."""

    reason: str
    ready: bool = False
    ranking_mode: RankingMode | None = None
    model_version: str | None = None
    encoder_version: str | None = None
    index_version: str | None = None
    talents: int = 0


class LateRanking:
    """Ranking that opens when it first can: a service may start before there is an index.

    Satisfies ``api.service.Ranking``.
    """

    def __init__(self, open_matcher: Callable[[], "Matcher"], models: Callable[[], "Models"]) -> None:
        self._open_matcher = open_matcher
        self._models = models
        self._lock = threading.Lock()
        self._matcher: Matcher | None = None

    def shortlist(self, vacancy: Vacancy, *, k: int = 20, as_of: datetime | None = None) -> Shortlist:
        """As ``Matcher.shortlist``."""
        return self._opened().shortlist(vacancy, k=k, as_of=as_of)

    def vacancies(self, talent_id: str, *, k: int) -> RankedVacancies:
        """As ``Matcher.vacancies``."""
        return self._opened().vacancies(talent_id, k=k)

    def courses_for(self, gaps: Sequence[Gap], talent: Talent, vacancy: Vacancy) -> "list[GapCourses]":
        """As ``Matcher.courses_for``."""
        return self._opened().courses_for(gaps, talent, vacancy)

    def same_trade(self, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> list[bool]:
        """As ``Matcher.same_trade``."""
        return self._opened().same_trade(pairs)

    def status(self) -> "RankingStatus":
        """As ``Matcher.status``; when it cannot be opened, why."""
        try:
            return self._opened().status()
        except Unavailable as error:
            return NotOpen(reason=str(error))

    def models(self) -> "Models":
        """What became of the models that were put in force."""
        return self._models()

    def rehearse(self, model: "RankingModel") -> None:
        """Tries a model out on recent requests; before anything was opened there is nobody to try it for."""
        if self._matcher is not None:
            self._matcher.rehearse(model)

    def close(self) -> None:
        """Closes what was opened."""
        with self._lock:
            if self._matcher is not None:
                self._matcher.close()
            self._matcher = None

    def _opened(self) -> "Matcher":
        with self._lock:
            if self._matcher is None:
                self._matcher = self._open_matcher()
            return self._matcher


def erased(settings: Settings, store: Store, talent_id: str, at: datetime) -> Mapping[str, int]:
    """Removes a person from everything that is kept; returns how much that was, by name.

    Raises:
        NotFound: nothing is held on this person.
    """
    from ranking.rights import erase_talent

    return erase_talent(store, settings, talent_id, at)
