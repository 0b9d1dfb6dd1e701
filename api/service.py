"""What the HTTP service needs of the rest of Kansrijk, handed in by whoever composes it.

``api`` opens nothing itself: :data:`ServiceFactory` is called in the lifespan, so that resources live
as long as the application and no longer.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import Depends, Request

from core.passwords import Passwords
from core.records import Talent, Vacancy
from core.shortlists import Gap, RankedVacancies, Shortlist
from core.store import Store
from core.vocabulary import RankingMode
from ranking.champion import LeftAside
from ranking.courses import GapCourses


class RankingStatus(Protocol):
    """Whether shortlists can be made, and with which parts."""

    @property
    def ready(self) -> bool:
        """Whether a shortlist can be made now."""
        ...

    @property
    def ranking_mode(self) -> RankingMode | None:
        """What orders a shortlist now."""
        ...

    @property
    def model_version(self) -> str | None:
        """The champion, when there is one."""
        ...

    @property
    def encoder_version(self) -> str | None:
        """The encoder in use."""
        ...

    @property
    def index_version(self) -> str | None:
        """The index in use."""
        ...

    @property
    def talents(self) -> int:
        """Talents that can be found."""
        ...

    @property
    def reason(self) -> str | None:
        """Why not ready, and what to do about it."""
        ...


@dataclass(frozen=True, slots=True)
class Models:
    """What became of the models that were put in force.

    Attributes:
        champion: the one that was left aside, when the one in force does not serve.
        challenger: the same of the challenger.
        shadowed: lists by what the challenger made of them; see ``ranking.shadow.Shadow``.
    """

    champion: LeftAside | None = None
    challenger: LeftAside | None = None
    shadowed: Mapping[str, int] = field(default_factory=dict)


class Ranking(Protocol):
    """The ranking seam, thread-safe; the real one is ``ranking.matcher.Matcher``."""

    def shortlist(self, vacancy: Vacancy, *, k: int = 20, as_of: datetime | None = None) -> Shortlist:
        """Ranks talents for a vacancy and stores the answer for replay.

        Raises:
            core.errors.Unavailable: the index or the store cannot be used now.
        """
        ...

    def vacancies(self, talent_id: str, *, k: int) -> RankedVacancies:
        """Ranks open vacancies for a talent.

        Raises:
            core.errors.NotFound: no such talent.
            core.errors.Unavailable: the index or the store cannot be used now.
        """
        ...

    def courses_for(self, gaps: Sequence[Gap], talent: Talent, vacancy: Vacancy) -> list[GapCourses]:
        """The courses that close a person's gaps for a vacancy, one answer for each gap, in the order given."""
        ...

    def same_trade(self, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> list[bool]:
        """For each pair of earlier occupations and names of a job: whether any of the one is about any of the other.

        Raises:
            core.errors.Unavailable: there is no encoder to compare them with now.
        """
        ...

    def status(self) -> RankingStatus:
        """Whether it can rank now."""
        ...

    def models(self) -> Models:
        """Whether the models that were put in force serve."""
        ...


@dataclass(frozen=True, slots=True)
class Service:
    """The opened parts behind the endpoints.

    Attributes:
        store: the database.
        ranking: makes shortlists.
        erase: removes a talent everywhere, given its id and the time; returns counts of what went, by name.
        clock: the time now, with offset.
        passwords: hashes and checks the passwords of the desk.
        warm: whether to read what the pages keep in memory before the first request.
    """

    store: Store
    ranking: Ranking
    erase: Callable[[str, datetime], Mapping[str, int]]
    clock: Callable[[], datetime]
    passwords: Passwords = field(default_factory=Passwords)
    warm: bool = False


ServiceFactory = Callable[[], AbstractContextManager[Service]]


async def _service_of(request: Request) -> Service:
    """The service that the lifespan opened."""
    service = request.state.service
    if not isinstance(service, Service):  # pragma: no cover  a composition mistake, not a state that occurs
        raise TypeError("the lifespan did not open a service; make the application with api.app.create_app")
    return service


OpenService = Annotated[Service, Depends(_service_of)]
"""Parameter type of endpoints that use the service."""
