"""A shortlist as a page shows it: what was given then, beside the people and what happened since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.desk.shortlist_filters import OF_THE_LIST, Filters
from api.desk.words import day
from api.service import Service
from core.accounts import User
from core.errors import NotFound, Unavailable
from core.records import Event, Overruled, Shown, Talent, Vacancy
from core.shortlists import Entry, Gap, NearMiss, Reason, Shortlist
from core.vocabulary import BEHAVIOURS_NL, Band, Bridge, Transport
from ranking import dutch
from ranking.comparing import Difference, difference
from ranking.courses import CourseOffer
from ranking.deciding import Decision, objections
from ranking.freshness import Staleness, staleness
from ranking.own_order import last_moves, moves_of, reordered
from ranking.plainly import (
    Certainty,
    Closeness,
    HoursFit,
    certainty,
    closeness,
    fastest,
    hours_fit,
    other_bands,
)
from ranking.standing import UNSEEN, Standing, standings

PER_PAGE: Final = 25


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that the vacancy asks, and what this person has for it.

    Attributes:
        asked: in the words of the vacancy.
        offered: in the words of the person; None when nothing comes near.
        closeness: how well the two fit.
        gap: what is missing, when that is known.
        offers: courses for it, best first.
    """

    asked: str
    offered: str | None = None
    closeness: Closeness | None = None
    gap: Gap | None = None
    offers: tuple[CourseOffer, ...] = ()


@dataclass(frozen=True, slots=True)
class Chance:
    """The chance of a lasting placement without a figure."""

    band: Band
    certainty: Certainty
    others: list[Band]


@dataclass(frozen=True, slots=True)
class Card:
    """One person on the page.

    Attributes:
        entry: as it was given.
        talent: as the record is now; None when it is gone.
        place: on this page's order, of those that are looked at; 1 is first.
        asked: what the vacancy asks, met first.
        questions: what nobody knows yet: the field, and what the vacancy asks of it.
        travel: the quickest of the own ways and its minutes; None unknown.
        standing: on this vacancy.
        move: the last move that a matchmaker made with this person.
        below: why this person stands above the next one of the list.
        below_id: who that is.
        can: what may be decided.
    """

    entry: Entry
    talent: Talent | None
    place: int
    asked: tuple[Asked, ...]
    questions: tuple[tuple[str, str], ...]
    chance: Chance | None
    travel: tuple[Transport, int] | None
    hours: HoursFit
    standing: Standing
    move: Overruled | None
    below: Difference | None
    below_id: str | None
    can: frozenset[Decision]

    def may(self, name: str) -> bool:
        """For templates: whether a decision, by its name, can be taken; one that must be asked about can."""
        return Decision(name) in self.can

    @property
    def plus(self) -> list[Reason]:
        """What lifts this person, strongest first."""
        return [reason for reason in self.entry.reasons if reason.direction == "+"]

    @property
    def minus(self) -> list[Reason]:
        """What weighs against."""
        return [reason for reason in self.entry.reasons if reason.direction == "-"]

    @property
    def met(self) -> list[Asked]:
        """What fits."""
        return [one for one in self.asked if one.offered is not None]

    @property
    def missing(self) -> list[tuple[Bridge | None, list[Asked]]]:
        """What is missing, by what closes it; what nothing closes comes first, for it decides most."""
        by_bridge: dict[Bridge | None, list[Asked]] = {bridge: [] for bridge in (None, *Bridge)}
        for one in self.asked:
            if one.gap is not None:
                by_bridge[one.gap.bridge].append(one)
        return [(bridge, missing) for bridge, missing in by_bridge.items() if missing]

    @property
    def offers(self) -> bool:
        """Whether there is a course for anything that is missing."""
        return any(one.offers for one in self.asked)


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


def cards(service: Service, opened: OpenedList, filters: Filters, *, whole: bool = False) -> list[Card]:
    """Those who are looked at, in order: a page of ``PER_PAGE``, the one that the filters name, or the whole list."""
    entries = {entry.talent_id: entry for entry in opened.shortlist.entries}
    ordered = [entries[key] for key in opened.order(filters)]
    kept = [entry for entry in ordered if kept_by(opened, entry, filters)]
    first, last = (0, None) if whole else ((filters.pagina - 1) * PER_PAGE, filters.pagina * PER_PAGE)
    return [card(service, opened, entry, place) for place, entry in enumerate(kept[first:last], start=first + 1)]


def kept_by(opened: OpenedList, entry: Entry, filters: Filters) -> bool:
    """Whether the filters leave this person on the page."""
    return filters.keeps(entry, opened.talents.get(entry.talent_id), opened.standing(entry.talent_id))


def near_cards(service: Service, opened: OpenedList) -> list[Card]:
    """Those whom something that can be arranged keeps off the list."""
    return [card(service, opened, miss, miss.rank) for miss in opened.shortlist.near_misses]


def card(service: Service, opened: OpenedList, entry: Entry, place: int) -> Card:
    """One person, with what can be said and done."""
    talent, standing = opened.talents.get(entry.talent_id), opened.standing(entry.talent_id)
    others = [found for key, found in opened.standings.items() if key != entry.talent_id]
    after = _next(opened.shortlist.entries, entry)
    chance = entry.retention
    return Card(
        entry=entry,
        talent=talent,
        place=place,
        asked=requirements(service, entry, talent, opened.asked),
        questions=tuple((name, asked_about(name, opened.asked)) for name in entry.unknowns),
        chance=Chance(chance.band, certainty(chance), other_bands(chance)) if chance else None,
        travel=fastest(entry.travel_km, talent) if talent else None,
        hours=hours_fit(talent, opened.asked) if talent else HoursFit.UNKNOWN,
        standing=standing,
        move=last_moves(opened.moves).get(entry.talent_id),
        below=difference(entry, after, _spread(opened.shortlist.entries)) if after else None,
        below_id=after.talent_id if after else None,
        can=frozenset(
            decision
            for decision in Decision
            if not any(found.is_final for found in objections(decision, standing, opened.vacancy, others))
        ),
    )


def requirements(service: Service, entry: Entry, talent: Talent | None, vacancy: Vacancy) -> tuple[Asked, ...]:
    """What is asked: first what fits, best first, then what is missing with the courses for it."""
    met = [Asked(item.required, item.offered, closeness(item.similarity)) for item in entry.matched_skills]
    bare = [Asked(gap.what, gap=gap) for gap in entry.gaps]
    if talent is None or not bare:
        return (*met, *bare)
    try:
        found = service.ranking.courses_for(entry.gaps, talent, vacancy)
    except Unavailable:  # what was ranked before can be read while nothing can be ranked now
        return (*met, *bare)
    return (*met, *(Asked(one.gap.what, gap=one.gap, offers=one.offers) for one in found))


def asked_about(field: str, vacancy: Vacancy) -> str:
    """What a vacancy asks of something that is unknown of a person, in words; empty where it needs no telling."""
    hours = [dutch.number(value) for value in (vacancy.hours_min, vacancy.hours_max) if value is not None]
    behaviours = [BEHAVIOURS_NL[one.code] for one in vacancy.behaviours if one.code in BEHAVIOURS_NL]
    told = {
        "licences": dutch.listed(vacancy.licences_required),
        "certificates": dutch.listed(vacancy.certificates_required),
        "languages": dutch.listed([dutch.LANGUAGE_NL.get(one.code, one.code) for one in vacancy.languages_required]),
        "hours": " tot ".join(dict.fromkeys(hours)),
        "available_from": day(vacancy.starts_on) if vacancy.starts_on else "",
        "behaviours": dutch.listed(behaviours),
    }
    return told.get(field, "")


def is_near_miss(entry: Entry) -> bool:
    """Whether something keeps this person off the list."""
    return isinstance(entry, NearMiss)


def _next(entries: Sequence[Entry], entry: Entry) -> Entry | None:
    """Who stands below on the list as it was given."""
    if is_near_miss(entry):
        return None
    return next((other for other in entries if other.rank > entry.rank), None)


def _spread(entries: Sequence[Entry]) -> float:
    scores = [entry.score for entry in entries if not entry.exploration]
    return max(scores) - min(scores) if scores else 0.0


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
