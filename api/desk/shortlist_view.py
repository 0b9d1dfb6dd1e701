"""The people of a shortlist as its pages show them: a card each, with what can be said and done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from api.desk.shortlist_filters import Filters
from api.desk.shortlist_opened import OpenedList
from api.desk.words import day
from api.service import Service
from core.errors import Unavailable
from core.records import Overruled, Talent, Vacancy
from core.shortlists import Entry, Gap, NearMiss, Reason
from core.vocabulary import BEHAVIOURS_NL, Band, Bridge, Transport
from ranking import dutch
from ranking.comparing import Difference, difference
from ranking.courses import CourseOffer
from ranking.deciding import Decision, objections
from ranking.own_order import last_moves
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
from ranking.standing import Standing

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
