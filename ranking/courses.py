"""Which courses of the catalogue close a person's gaps for a vacancy, best first, each with why.

Papers are matched by name (:mod:`ranking.qualifications`), skills by meaning. A skill is taught where a course names
one that comes ``CLOSE``; of several courses only those count that come within ``LEAD`` of the nearest, for phrases of
neighbouring trades come close too. Both were chosen on pairs of skills and courses written for it;
``benchmarks/courses.py`` measures them on others that were held out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from core.courses import Course
from core.records import Language, Place, Talent, Vacancy
from core.shortlists import Gap
from core.vocabulary import GapKind
from embeddings.encoder import Encoder, TextKind
from ranking import dutch
from ranking.columns import coordinates
from ranking.features import CLOSE
from ranking.qualifications import certificate_gives, licence_categories, licences_held
from ranking.travel import distance_km

LEAD: Final = 0.10
MAX_OFFERS: Final = 3
REACH_KM: Final = 15  # for whoever does not say how far they travel: across the city
_MAX_KEPT: Final = 10_000  # gaps whose courses are remembered
_LANGUAGE_CODE: Final = {name: code for code, name in dutch.LANGUAGE_NL.items()}


@dataclass(frozen=True, slots=True)
class CourseOffer:
    """A course that closes a gap of a person.

    Attributes:
        course: the catalogue's record.
        fit: 1 where a paper is given by name, else the cosine of what is taught and what is missing.
        funded: whether the person's route is paid for; ``None`` where either is not known.
        travel_km: as the crow flies; ``None`` where not known, and for what is online.
        in_time: whether it begins before the work does; ``None`` where either day is not known.
        why: in Dutch, a sentence each.
    """

    course: Course
    fit: float
    funded: bool | None
    travel_km: float | None
    in_time: bool | None
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GapCourses:
    """What is missing, and at most ``MAX_OFFERS`` courses for it, best first; none where the catalogue has none."""

    gap: Gap
    offers: tuple[CourseOffer, ...]


@dataclass(frozen=True, slots=True)
class _Fit:
    """That a course gives what is missing, and how the course puts it."""

    course: Course
    fit: float
    said: str


class CourseBook:
    """The courses that can be followed, ready to be matched. Safe to share between threads."""

    def __init__(self, courses: Sequence[Course], encoder: Encoder, places: Mapping[str, Place]) -> None:
        self._courses = list(courses)
        self._encoder = encoder
        self._places = places
        taught = [(course, skill) for course in self._courses for skill in course.skills_given]
        self._taught = taught
        self._vectors = encoder.encode([skill for _, skill in taught], kind=TextKind.PHRASE)
        self._found: dict[tuple[GapKind, str], list[_Fit]] = {}

    def __len__(self) -> int:
        """Number of courses."""
        return len(self._courses)

    def courses_for(self, gaps: Sequence[Gap], talent: Talent, vacancy: Vacancy, *, today: date) -> list[GapCourses]:
        """The courses for each gap.

        Args:
            gaps: what this person misses for this vacancy.
            talent: where they live, how far they travel, and who may pay for them.
            vacancy: when the work starts, and which level of a language it asks for.
            today: what began before is not offered.

        Returns:
            One for each gap, in the order given.
        """
        return [GapCourses(gap, self._offers(gap, talent, vacancy, today)) for gap in gaps]

    def _offers(self, gap: Gap, talent: Talent, vacancy: Vacancy, today: date) -> tuple[CourseOffer, ...]:
        fits = [fit for fit in self._fits(gap) if fit.course.starts_on is None or fit.course.starts_on >= today]
        if gap.kind is GapKind.LANGUAGE:
            fits = [fit for fit in fits if _reaches(fit.course, gap.what, vacancy)]
        offers = [self._offer(fit, talent, vacancy) for fit in fits]
        return tuple(sorted(offers, key=lambda offer: _order(offer, talent))[:MAX_OFFERS])

    def _fits(self, gap: Gap) -> list[_Fit]:
        key = (gap.kind, gap.what)
        if key not in self._found:
            if len(self._found) >= _MAX_KEPT:
                self._found = {}
            self._found[key] = self._by_meaning(gap.what) if gap.kind is GapKind.SKILL else self._by_name(gap)
        return self._found[key]

    def _by_meaning(self, skill: str) -> list[_Fit]:
        if not self._taught:
            return []
        near = self._vectors @ self._encoder.encode([skill], kind=TextKind.PHRASE)[0]
        enough = max(CLOSE, float(near.max()) - LEAD)
        best: dict[str, _Fit] = {}
        for row in np.argsort(-near, kind="stable"):
            course, said = self._taught[row]
            if near[row] < enough:
                break
            best.setdefault(course.course_id, _Fit(course, float(near[row]), dutch.COURSE_TEACHES.format(given=said)))
        return list(best.values())

    def _by_name(self, gap: Gap) -> list[_Fit]:
        said = [(course, _gives(course, gap)) for course in self._courses]
        return [_Fit(course, 1.0, sentence) for course, sentence in said if sentence]

    def _offer(self, fit: _Fit, talent: Talent, vacancy: Vacancy) -> CourseOffer:
        course = fit.course
        km = None if course.online else self._km(course, talent)
        unknown = talent.route is None or course.funded_for is None
        funded = None if unknown else talent.route in (course.funded_for or ())
        days = course.starts_on, vacancy.starts_on
        in_time = None if days[0] is None or days[1] is None else days[0] <= days[1]
        why = (
            fit.said,
            *_who_pays(course, talent, funded=funded),
            *_where(course, km),
            *_when(course, in_time=in_time),
        )
        return CourseOffer(course, fit.fit, funded, km, in_time, why)

    def _km(self, course: Course, talent: Talent) -> float | None:
        homes, lessons = (
            coordinates(at.pc4, at.lat, at.lon, self._places) for at in (talent.location, course.location)
        )
        if None in homes or lessons[0] is None or lessons[1] is None:
            return None
        lat, lon = np.array([homes[0]], dtype=np.float64), np.array([homes[1]], dtype=np.float64)
        return float(distance_km(lat, lon, lessons[0], lessons[1])[0])


def _gives(course: Course, gap: Gap) -> str | None:
    """What a course says to give of a paper, a language or a level; ``None`` where it does not give it."""
    match gap.kind:
        case GapKind.CERTIFICATE:
            named = next((one for one in course.certificates_given if certificate_gives(one, gap.what)), None)
            return named and dutch.COURSE_GIVES.format(given=named)
        case GapKind.LICENCE:
            needed = licence_categories(gap.what)
            is_given = bool(needed) and needed <= licences_held(course.licences_given)
            return dutch.COURSE_GIVES_LICENCE.format(given=dutch.listed(course.licences_given)) if is_given else None
        case GapKind.LANGUAGE:
            is_given = any(item.code == _code(gap.what) for item in course.languages_given)
            return dutch.COURSE_TEACHES_LANGUAGE.format(given=gap.what) if is_given else None
        case GapKind.EDUCATION:
            level = course.education_level_given
            is_given = level is not None and level >= int(gap.what.removeprefix("niveau "))
            return dutch.COURSE_DIPLOMA.format(given=level) if is_given else None
        case GapKind.SKILL:
            return None


def _code(language: str) -> str:
    return _LANGUAGE_CODE.get(language, language)


def _reaches(course: Course, language: str, vacancy: Vacancy) -> bool:
    """Whether a language course ends at the level that the vacancy asks for, as far as both are known."""
    code = _code(language)
    needs = [item for item in vacancy.languages_required if item.code == code]
    given = [item for item in course.languages_given if item.code == code]
    return all(any(_covers(one, need) for one in given) for need in needs)


def _covers(given: Language, need: Language) -> bool:
    pairs = ((given.spoken, need.spoken), (given.written, need.written))
    return all(level is None or asked is None or level >= asked for level, asked in pairs)


def _order(offer: CourseOffer, talent: Talent) -> tuple[float, ...]:
    """Small is better: fit in tenths, paid for, within reach, cost, in time; then the nearest."""
    km, cost = offer.travel_km, offer.course.cost_eur
    reach = talent.max_travel_km if talent.max_travel_km is not None else REACH_KM
    far = 0.0 if offer.course.online else 1.0 if km is None else 2.0 * (km > reach)
    return (
        -round(offer.fit, 1),
        _doubt(answer=offer.funded),
        far,
        0.0 if offer.funded else np.inf if cost is None else cost,
        _doubt(answer=offer.in_time),
        np.inf if km is None else km,
        -offer.fit,
    )


def _doubt(*, answer: bool | None) -> float:
    """Yes before not known before no."""
    return 0.5 if answer is None else 1.0 - answer


def _who_pays(course: Course, talent: Talent, *, funded: bool | None) -> list[str]:
    if funded and talent.route is not None:
        return [dutch.COURSE_PAID[talent.route]]
    if course.cost_eur == 0:
        return [dutch.COURSE_FREE]
    costs = [] if course.cost_eur is None else [dutch.COURSE_COSTS.format(cost=dutch.number(course.cost_eur))]
    return costs if funded is False else [*costs, dutch.COURSE_ASK_WHO_PAYS]


def _where(course: Course, km: float | None) -> list[str]:
    if course.online:
        return [dutch.COURSE_ONLINE]
    if not course.place:
        return []
    if km is None:
        return [dutch.COURSE_AT.format(place=course.place)]
    return [dutch.COURSE_NEAR.format(place=course.place, km=dutch.kilometres(km))]


def _when(course: Course, *, in_time: bool | None) -> list[str]:
    if course.starts_on is None:
        return []
    sentence = {True: dutch.COURSE_IN_TIME, False: dutch.COURSE_TOO_LATE, None: dutch.COURSE_STARTS}[in_time]
    return [sentence.format(day=f"{course.starts_on:%d-%m-%Y}")]
