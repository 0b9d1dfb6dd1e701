"""What there is to say about one pair, in the vacancy's and the talent's own words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from core.records import Vacancy
from core.shortlists import Gap, MatchedSkill
from core.vocabulary import BEHAVIOUR_CODE_MIN, BEHAVIOURS_NL, Bridge, GapKind
from embeddings.phrases import PhraseKind
from ranking import dutch
from ranking.bridges import certificate_bridge, is_new_trade, skill_bridge
from ranking.eligibility import is_taught, language_gap, missing_certificates
from ranking.features import ABLE, CLOSE, WORK, Candidates, asked_phrases
from ranking.matching import PhraseMatch
from ranking.qualifications import licence_categories, licences_held
from ranking.query import VacancyQuery
from ranking.travel import distance_km, travel_minutes

_LISTED = (PhraseKind.SKILL_REQUIRED,)
MAX_QUOTE = 90  # characters of someone's own words in a reason


@dataclass(frozen=True, slots=True)
class Pair:
    """One candidate beside one vacancy.

    Attributes:
        query: the vacancy.
        candidates: the pool.
        row: the candidate's row in the pool.
        match: phrase similarities of the retrieved candidates.
        number: the candidate's number in ``match``.
    """

    query: VacancyQuery
    candidates: Candidates
    row: int
    match: PhraseMatch
    number: int

    @property
    def vacancy(self) -> Vacancy:
        """The record."""
        return self.query.vacancy

    def quote(self, text: str) -> str:
        """Own words, cut at a length that fits a line."""
        return text if len(text) <= MAX_QUOTE else text[: MAX_QUOTE - 1].rsplit(" ", 1)[0] + "…"

    def text(self, phrase_row: int) -> str:
        """A phrase of the talent."""
        return self.quote(self.candidates.corpus.phrase_texts[phrase_row])

    def travel(self) -> tuple[float, float]:
        """Kilometres and minutes, NaN when unknown."""
        lat, lon = self.query.at
        if lat is None or lon is None:
            return np.nan, np.nan
        one = self.candidates.columns.take(np.array([self.row]))
        km = distance_km(one.lat, one.lon, lat, lon)
        return float(km[0]), float(travel_minutes(km, one.transport)[0])


def matched_skills(pair: Pair) -> list[MatchedSkill]:
    """Each asked phrase beside the nearest thing offered, best first, only where it comes close."""
    found = []
    for asked in asked_phrases(pair.match):
        nearest = pair.match.nearest(pair.number, int(asked), ABLE)
        if nearest is not None and nearest[1] >= CLOSE:
            found.append(
                MatchedSkill(
                    required=pair.match.asked_texts[asked],
                    offered=pair.candidates.corpus.phrase_texts[nearest[0]],
                    similarity=round(nearest[1], 3),
                )
            )
    return sorted(found, key=lambda skill: -skill.similarity)


def gaps(pair: Pair) -> list[Gap]:
    """What is known to be missing, each with what would close it."""
    vacancy, columns, row = pair.vacancy, pair.candidates.columns, pair.row
    found = [
        Gap(kind=GapKind.CERTIFICATE, what=need, bridge=certificate_bridge(vacancy, need))
        for need in missing_certificates(vacancy, columns.certificates[row])
    ]
    if columns.licences[row] is not None:
        needed = frozenset().union(*(licence_categories(text) for text in vacancy.licences_required))
        lacking = sorted(needed - licences_held(columns.licences[row]))
        found += [Gap(kind=GapKind.LICENCE, what=licence, bridge=Bridge.COURSE) for licence in lacking]
    one = columns.take(np.array([row]))
    found += [
        Gap(kind=GapKind.LANGUAGE, what=dutch.LANGUAGE_NL.get(need.code, need.code), bridge=Bridge.COURSE)
        for need in vacancy.languages_required
        if language_gap([need], one)[0] > 0
    ]
    short = (vacancy.education_level_min or 0) - columns.education[row]
    if short > 0:
        found.append(Gap(kind=GapKind.EDUCATION, what=f"niveau {vacancy.education_level_min}", bridge=None))
    return found + _skill_gaps(pair)


def _skill_gaps(pair: Pair) -> list[Gap]:
    """Listed skills that nothing offered comes close to. Sentences of a free text are too loose to call a gap."""
    match = pair.match
    nearest = {int(asked): match.nearest(pair.number, int(asked), ABLE) for asked in match.asked(_LISTED)}
    missing = [asked for asked, hit in nearest.items() if hit is not None and hit[1] < CLOSE]
    if not missing:
        return []
    new_trade = is_new_trade(match, pair.number, float(pair.candidates.columns.experience_months[pair.row]))
    return [
        Gap(kind=GapKind.SKILL, what=match.asked_texts[asked], bridge=skill_bridge(match, asked, new_trade=new_trade))
        for asked in missing
    ]


def unknowns(pair: Pair) -> list[str]:
    """Fields that this vacancy asks about and this talent's profile does not answer."""
    vacancy, columns, row = pair.vacancy, pair.candidates.columns, pair.row
    at_known = pair.query.at[0] is not None
    asks = {
        "licences": bool(vacancy.licences_required) and columns.licences[row] is None,
        "certificates": bool(vacancy.certificates_required) and columns.certificates[row] is None,
        "languages": bool(vacancy.languages_required)
        and bool(np.isnan(language_gap(vacancy.languages_required, columns.take(np.array([row])))[0])),
        "education_level": vacancy.education_level_min is not None and np.isnan(columns.education[row]),
        "hours": (vacancy.hours_min is not None or vacancy.hours_max is not None)
        and bool(np.isnan(columns.hours_min[row]) and np.isnan(columns.hours_max[row])),
        "irregular_hours": vacancy.irregular_hours is True and np.isnan(columns.irregular[row]),
        "location": at_known and np.isnan(columns.lat[row]),
        "max_travel_km": at_known and np.isnan(columns.max_km[row]),
        "transport": bool(vacancy.transport_required) and not columns.transport_known[row],
        "available_from": vacancy.starts_on is not None and np.isnat(columns.available_from[row]),
        "behaviours": bool(vacancy.behaviours)
        and bool(np.isnan(columns.behaviours[row][[b.code - BEHAVIOUR_CODE_MIN for b in vacancy.behaviours]]).all()),
    }
    return [name for name, unknown in asks.items() if unknown]


class Words(Mapping[str, str]):
    """Texts for the places between braces in :mod:`ranking.dutch`, each made when a sentence asks for it."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._made: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        if name not in self._made:
            self._made |= _MAKERS[name](self._pair)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_MAKERS)

    def __len__(self) -> int:
        return len(_MAKERS)


def _travel_words(pair: Pair) -> dict[str, str]:
    km, minutes = pair.travel()
    columns, row = pair.candidates.columns, pair.row
    limits = {dutch.kilometres: columns.max_km[row], dutch.minutes: columns.max_minutes[row]}
    own = [say(float(value)) for say, value in limits.items() if not np.isnan(value)]
    told = dutch.kilometres(km) if not np.isnan(km) else "afstand onbekend"
    return {
        "km": told,
        "minutes": f"{minutes:.0f}" if not np.isnan(minutes) else "?",
        "journey": told if np.isnan(minutes) else f"{told}, ongeveer {dutch.minutes(minutes)}",
        "limit": " of ".join(own) or "onbekend",
    }


def _hours_words(pair: Pair) -> dict[str, str]:
    columns = pair.candidates.columns
    offered = _range(pair.vacancy.hours_min, pair.vacancy.hours_max)
    wanted = _range(float(columns.hours_min[pair.row]), float(columns.hours_max[pair.row]))
    return {"hours": f": {offered} uur aangeboden, {wanted} uur gewenst", "offered": offered, "wanted": wanted}


def _vacancy_words(pair: Pair) -> dict[str, str]:
    vacancy = pair.vacancy
    missing = missing_certificates(vacancy, pair.candidates.columns.certificates[pair.row])
    return {
        "training": f" ({dutch.listed(vacancy.training_offered[:3])})" if vacancy.training_offered else "",
        # For what blocks: what the employer teaches does not.
        "certificates": dutch.listed([need for need in missing if not is_taught(vacancy, need)] or missing),
        "to_get": f": {dutch.listed(missing)}" if missing else "",
        "licences": dutch.listed(vacancy.licences_required),
        "starts_on": vacancy.starts_on.strftime("%d-%m-%Y") if vacancy.starts_on else "onbekend",
    }


def _skill_words(pair: Pair) -> dict[str, str]:
    match = pair.match
    asked = asked_phrases(match)
    near = [(int(phrase), match.nearest(pair.number, int(phrase), ABLE)) for phrase in asked]
    known = [(phrase, hit) for phrase, hit in near if hit is not None]
    blank = dict.fromkeys(("best_asked", "best_offered", "weak_asked", "weak_offered", "example"), "")
    if not known:
        return {**blank, "asked": str(len(asked)), "met": "0"}
    best, weak = max(known, key=lambda pair_: pair_[1][1]), min(known, key=lambda pair_: pair_[1][1])
    best_asked, best_offered = pair.quote(match.asked_texts[best[0]]), pair.text(best[1][0])
    return {
        "asked": str(len(asked)),
        "met": str(sum(hit[1] >= CLOSE for _, hit in known)),
        "best_asked": best_asked,
        "best_offered": best_offered,
        "weak_asked": pair.quote(match.asked_texts[weak[0]]),
        "weak_offered": pair.text(weak[1][0]),
        "example": f", zoals ‘{best_asked}’: ‘{best_offered}’",
    }


def _nearest_words(pair: Pair, offered: tuple[PhraseKind, ...]) -> str:
    work = pair.match.asked(WORK)
    asked = work if len(work) else asked_phrases(pair.match)
    hits = [hit for phrase in asked if (hit := pair.match.nearest(pair.number, int(phrase), offered))]
    return f": ‘{pair.text(max(hits, key=lambda hit: hit[1])[0])}’" if hits else ""


def _behaviour_words(pair: Pair) -> dict[str, str]:
    level = pair.candidates.columns.behaviours[pair.row]
    asked = [item.code for item in pair.vacancy.behaviours if item.code in BEHAVIOURS_NL]
    strong = [BEHAVIOURS_NL[code] for code in asked if level[code - BEHAVIOUR_CODE_MIN] > 0]
    weak = [BEHAVIOURS_NL[code] for code in asked if level[code - BEHAVIOUR_CODE_MIN] < 0]
    return {
        "behaviours": f": {dutch.listed(strong[:3])}" if strong else "",
        "weak_behaviours": f": {dutch.listed(weak[:3])}" if weak else "",
    }


def _range(low: float | None, high: float | None) -> str:
    known = [dutch.number(value) for value in dict.fromkeys((low, high)) if value is not None and not np.isnan(value)]
    return " tot ".join(known) or "een onbekend aantal"


_MAKERS: Mapping[str, Callable[[Pair], dict[str, str]]] = {
    **dict.fromkeys(
        ("asked", "met", "best_asked", "best_offered", "weak_asked", "weak_offered", "example"), _skill_words
    ),
    **dict.fromkeys(("behaviours", "weak_behaviours"), _behaviour_words),
    "interest": lambda pair: {"interest": _nearest_words(pair, (PhraseKind.INTEREST,))},
    "wish": lambda pair: {"wish": _nearest_words(pair, (PhraseKind.OCCUPATION,))},
    "experience": lambda pair: {"experience": _nearest_words(pair, (PhraseKind.EXPERIENCE,))},
    **dict.fromkeys(("km", "minutes", "journey", "limit"), _travel_words),
    **dict.fromkeys(("hours", "offered", "wanted"), _hours_words),
    **dict.fromkeys(("training", "certificates", "to_get", "licences", "starts_on"), _vacancy_words),
}
