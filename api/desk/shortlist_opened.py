"""A shortlist as it was given, with the people, what happened since, and where everyone stands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.desk.shortlist_filters import OF_THE_LIST, Filters
from api.service import Service
from core.accounts import User
from core.errors import NotFound
from core.records import Event, Overruled, Shown, Talent, Vacancy
from core.shortlists import Entry, Shortlist
from ranking.freshness import Staleness, staleness
from ranking.own_order import moves_of, reordered
from ranking.standing import UNSEEN, Standing, standings


@dataclass(frozen=True, slots=True)
class OpenedList:
    """A shortlist with everything that its pages need.

    Attributes:
        shortlist: as it was given.
        asked: the vacancy as it was asked about, with what was read from its text.
        vacancy: as it is stored now; None when it is not.
        talents: the people, by id.
        events: of this vacancy, by time.
        standings: where everyone stands on it.
        moves: that were made on this list.
        names: of the users who did something here.
        now: the time of looking.
    """

    shortlist: Shortlist
    asked: Vacancy
    vacancy: Vacancy | None
    talents: Mapping[str, Talent]
    events: Sequence[Event]
    standings: Mapping[str, Standing]
    moves: Sequence[Overruled]
    names: Mapping[str, str]
    now: datetime

    @property
    def vacancy_id(self) -> str:
        """The vacancy that decisions are about."""
        return self.asked.vacancy_id

    @property
    def stale(self) -> Staleness | None:
        """Why a new list would be better."""
        return staleness(self.shortlist, self.vacancy, now=self.now)

    def standing(self, talent_id: str) -> Standing:
        """Where someone stands."""
        return self.standings.get(talent_id, UNSEEN)

    def entry(self, talent_id: str) -> Entry:
        """Someone on the list or among the near misses.

        Raises:
            NotFound: nobody of that id is on it.
        """
        for entry in (*self.shortlist.entries, *self.shortlist.near_misses):
            if entry.talent_id == talent_id:
                return entry
        raise NotFound(f"{talent_id} is not on this shortlist (any more); open it again")

    def order(self, filters: Filters) -> list[str]:
        """Everyone on the list in the matchmaker's order, or in that of the list when she asks for it."""
        listed = [entry.talent_id for entry in self.shortlist.entries]
        return listed if filters.volgorde == OF_THE_LIST else reordered(listed, self.moves)

    def shown(self) -> set[str]:
        """Whom a matchmaker has already seen on this list."""
        key = self.shortlist.shortlist_id
        return {event.talent_id for event in self.events if isinstance(event, Shown) and event.shortlist_id == key}


def open_list(service: Service, shortlist_id: str, user: User) -> OpenedList:
    """Reads a shortlist with its people and events: by id and by vacancy, never all of anything.

    Raises:
        NotFound: there is no such shortlist.
    """
    now = service.clock()
    shortlist = service.store.shortlist(shortlist_id)
    vacancy = _stored(service, shortlist.vacancy_id)
    ids = [entry.talent_id for entry in (*shortlist.entries, *shortlist.near_misses)]
    talents = {key: found.record for key, found in service.store.talents_by_id(ids).items()}
    events = list(service.store.iter_events(vacancy_id=shortlist.vacancy_id)) if shortlist.vacancy_id else []
    return OpenedList(
        shortlist=shortlist,
        asked=_as_asked(service, shortlist, vacancy),
        vacancy=vacancy,
        talents=talents,
        events=events,
        standings=standings(events, as_of=now),
        moves=moves_of(events, shortlist_id),
        names=_names(service, events, user),
        now=now,
    )


def _stored(service: Service, vacancy_id: str | None) -> Vacancy | None:
    """The vacancy now; a list can also be of one that was never kept."""
    found = service.store.vacancies_by_id([vacancy_id]) if vacancy_id else {}
    return found[vacancy_id].record if vacancy_id in found else None


def _as_asked(service: Service, shortlist: Shortlist, vacancy: Vacancy | None) -> Vacancy:
    """The vacancy that was ranked for, kept beside the list."""
    kept = service.store.shortlist_features(shortlist.shortlist_id).get("vacancy")
    if kept is not None:
        return Vacancy.model_validate(kept)
    key = shortlist.vacancy_id or shortlist.shortlist_id
    return vacancy or Vacancy(vacancy_id=key, title=key)


def _names(service: Service, events: Iterable[Event], user: User) -> dict[str, str]:
    """Names of the users behind the events, but the visitor's own; who has no account (any more) is left out."""
    wanted = {by for event in events if isinstance(by := event.extra.get("by"), str)} - {user.user_id}
    found = {}
    for key in wanted:
        try:
            found[key] = service.store.accounts.get(key).display_name
        except NotFound:
            continue
    return found
