"""Small real parts for the tests of the HTTP service: a ranker that counts words, and a service around it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count

from api.service import Models, Service
from core.records import Talent, Vacancy
from core.shortlists import Entry, Gap, RankedVacancies, RankedVacancy, Shortlist
from core.store import Store
from core.vocabulary import RankingMode, VacancyStatus
from embeddings.fakes import BagOfWordsEncoder
from ranking.courses import CourseBook, GapCourses
from ranking.trades import TradeBook

_WORD = re.compile(r"\w{4,}")
LOCAL = "http://127.0.0.1:8000"  # without a key the service answers to this machine only
NOW = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Status:
    ready: bool
    ranking_mode: RankingMode | None
    model_version: str | None
    encoder_version: str | None
    index_version: str | None
    talents: int
    reason: str | None


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _about(talent: Talent) -> set[str]:
    return _words(" ".join([talent.presentation, *talent.skills, *talent.interests]))


def _asked(vacancy: Vacancy) -> set[str]:
    return _words(" ".join([vacancy.title, vacancy.description, *vacancy.skills_required]))


class WordRanking:
    """Ranks by the number of words in common; satisfies ``api.service.Ranking`` on a real store.

    Args:
        store: where talents and shortlists are.
        before: called before each ranking, in its thread; tests wait or fail in it.
    """

    def __init__(self, store: Store, before: Callable[[], None] = lambda: None) -> None:
        self.store = store
        self.before = before
        self.reason: str | None = None
        self.aside = Models()
        self._numbers = count(1)

    def shortlist(self, vacancy: Vacancy, *, k: int = 20, as_of: datetime | None = None) -> Shortlist:
        self.before()
        asked = _asked(vacancy)
        talents = [stored.record for stored in self.store.iter_talents(as_of=as_of)]
        found = sorted(talents, key=lambda talent: (-len(asked & _about(talent)), talent.talent_id))
        entries = [self._entry(rank, talent, asked) for rank, talent in enumerate(found[:k], start=1)]
        number = next(self._numbers)
        made = Shortlist(
            shortlist_id=f"sl-{sha256(f'{number}{vacancy.vacancy_id}'.encode()).hexdigest()[:12]}",
            vacancy_id=vacancy.vacancy_id,
            created_at=NOW,
            ranking_mode=RankingMode.LEXICAL,
            model_version=None,
            encoder_version="words-1",
            index_version="none",
            pool_size=len(talents),
            entries=entries,
            near_misses=[],
        )
        self.store.save_shortlist(made, {entry.talent_id: {"words": entry.score} for entry in entries})
        return made

    def vacancies(self, talent_id: str, *, k: int) -> RankedVacancies:
        self.before()
        about = _about(self.store.talent(talent_id).record)
        open_ones = [
            stored.record for stored in self.store.iter_vacancies() if stored.record.status is VacancyStatus.OPEN
        ]
        found = sorted(open_ones, key=lambda one: (-len(about & _asked(one)), one.vacancy_id))
        return RankedVacancies(
            talent_id=talent_id,
            created_at=NOW,
            ranking_mode=RankingMode.LEXICAL,
            model_version=None,
            encoder_version="words-1",
            pool_size=len(open_ones),
            entries=[
                RankedVacancy(
                    rank=rank,
                    vacancy_id=one.vacancy_id,
                    title=one.title,
                    employer=one.employer.name,
                    score=float(len(about & _asked(one))),
                    retention=None,
                    similarity=0.0,
                    travel_km=None,
                    reasons=[],
                    gaps=[],
                    unknowns=[],
                )
                for rank, one in enumerate(found[:k], start=1)
            ],
        )

    def courses_for(self, gaps: Sequence[Gap], talent: Talent, vacancy: Vacancy) -> list[GapCourses]:
        book = CourseBook(self.store.active_courses(), BagOfWordsEncoder(dim=512), self.store.places())
        return book.courses_for(gaps, talent, vacancy, today=NOW.date())

    def same_trade(self, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> list[bool]:
        return TradeBook(BagOfWordsEncoder(dim=512)).same(pairs)

    def status(self) -> Status:
        return Status(
            ready=self.reason is None,
            ranking_mode=RankingMode.LEXICAL,
            model_version=None,
            encoder_version="words-1",
            index_version="none",
            talents=self.store.count_talents(),
            reason=self.reason,
        )

    def models(self) -> Models:
        return self.aside

    @staticmethod
    def _entry(rank: int, talent: Talent, asked: set[str]) -> Entry:
        n_words = len(asked & _about(talent))
        return Entry(
            rank=rank,
            talent_id=talent.talent_id,
            score=float(n_words),
            retention=None,
            similarity=n_words / max(len(asked), 1),
            travel_km=None,
            reasons=[],
            matched_skills=[],
            gaps=[],
            unknowns=["location"],
        )


def erase_with(store: Store) -> Callable[[str, datetime], Mapping[str, int]]:
    """Erases in the store; counts without the sequence number."""

    def erase(talent_id: str, now: datetime) -> Mapping[str, int]:
        report = asdict(store.erase(talent_id, now=now))
        return {name: value for name, value in report.items() if name not in {"talent_id", "seq"}}

    return erase


def service_on(store: Store, ranking: WordRanking) -> Callable[[], AbstractContextManager[Service]]:
    """A factory for ``create_app`` that hands out these parts and leaves closing to the test."""

    @contextmanager
    def opened() -> Iterator[Service]:
        yield Service(store=store, ranking=ranking, erase=erase_with(store), clock=lambda: NOW)

    return opened


def contents(store: Store) -> tuple[list[object], ...]:
    """Everything that a request could have written, to compare before and after."""
    talents: list[object] = [stored.record for stored in store.iter_talents()]
    vacancies: list[object] = [stored.record for stored in store.iter_vacancies()]
    return talents, vacancies, list(store.iter_events()), [store.last_seq()]
