"""What the HTTP service needs of the rest of Kansrijk, handed in by whoever composes it.

``api`` opens nothing itself: :data:`ServiceFactory` is called in the lifespan, so that resources live
as long as the application and no longer.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import Depends, Request

from core.records import Vacancy
from core.shortlists import RankedVacancies, Shortlist
from core.store import Store
from core.vocabulary import RankingMode


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

    def status(self) -> RankingStatus:
        """Whether it can rank now."""
        ...


@dataclass(frozen=True, slots=True)
class Service:
    """The opened parts behind the endpoints.

    Attributes:
        store: the database.
        ranking: makes shortlists.
        erase: removes a talent everywhere, given its id and the time; returns counts of what went, by name.
        clock: the time now, with offset.
    """

    store: Store
    ranking: Ranking
    erase: Callable[[str, datetime], Mapping[str, int]]
    clock: Callable[[], datetime]


ServiceFactory = Callable[[], AbstractContextManager[Service]]


async def _service_of(request: Request) -> Service:
    """The service that the lifespan opened."""
    service = request.state.service
    if not isinstance(service, Service):  # pragma: no cover  a composition mistake, not a state that occurs
        raise TypeError("the lifespan did not open a service; make the application with api.app.create_app")
    return service


OpenService = Annotated[Service, Depends(_service_of)]
"""Parameter type of endpoints that use the service."""
