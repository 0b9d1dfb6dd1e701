"""What every feature should be, one pair at a time in plain Python: slow, and written from the table of features."""

import math
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from statistics import fmean

import numpy as np
from profile_oracle import record_vector
from ranking_parts import PLACES

from core.records import Talent, Vacancy
from core.vocabulary import Transport
from embeddings.encoder import Encoder
from embeddings.phrases import PhraseKind
from embeddings.sentences import task_sentences
from embeddings.views import talent_phrases, vacancy_phrases
from ranking import likings
from ranking.history import HistoryFeatures
from ranking.qualifications import certificate_satisfies, licence_categories, licences_held

NAN = math.nan
ABLE = {PhraseKind.SKILL, PhraseKind.EXPERIENCE, PhraseKind.SENTENCE}
TOLD = {PhraseKind.SENTENCE, PhraseKind.SKILL, PhraseKind.INTEREST}
LEVEL_WORTH = {1: 1.0, 2: 0.6, 3: -0.5, 4: -1.0}
COLUMNED = {"nld", "eng", "deu", "fra", "pol", "tur", "ara", "spa", "por", "ukr", "ron", "bul"}
SPEED = {
    Transport.CAR: (38, 8),
    Transport.MOTORCYCLE: (40, 6),
    Transport.MOPED: (26, 4),
    Transport.BICYCLE: (15, 2),
    Transport.PUBLIC_TRANSPORT: (24, 13),
    Transport.OTHER: (5, 0),
}
_PROFILE = """
presentation behaviours skills interests preferred_occupations experience education_level
certificates licences languages max_travel_km transport hours_min hours_max irregular_hours
available_from
"""
PROFILE = _PROFILE.split()


def oracle(asked: Vacancy, person: Talent, encoder: Encoder, history: HistoryFeatures) -> dict[str, float]:
    return {
        **_texts(asked, person, encoder),
        **_background(asked, person),
        **_likings(asked, person),
        **_qualifications(asked, person),
        **_hours(asked, person),
        **_travel(asked, person),
        "training_offered": len(asked.training_offered),
        "employer_retention": history.employer_retention,
        "employer_placements": math.log(1 + history.employer_placements),
        "sector_retention": history.sector_retention,
        "completeness": sum(getattr(person, name) not in (None, "", []) for name in PROFILE) / len(PROFILE),
    }


def _mean(values: list[float]) -> float:
    return fmean(values) if values and not any(map(math.isnan, values)) else NAN


def _texts(asked: Vacancy, person: Talent, encoder: Encoder) -> dict[str, float]:
    def cosine(left: str, right: str) -> float:
        one, other = encoder.encode([left, right])
        return sum(float(a) * float(b) for a, b in zip(one, other, strict=True))

    offered, wanted = talent_phrases(person), vacancy_phrases(asked)

    def mine(kinds: set[PhraseKind]) -> list[str]:
        return [phrase.text for phrase in offered if phrase.kind in kinds]

    def theirs(*kinds: PhraseKind) -> list[str]:
        return [phrase.text for phrase in wanted if phrase.kind in kinds]

    def nearest(text: str, among: list[str]) -> float:
        return max((cosine(text, other) for other in among), default=NAN)

    sentences, required = theirs(PhraseKind.SENTENCE), theirs(PhraseKind.SKILL_REQUIRED)
    needs = required or sentences
    tasks = sentences or needs
    work = theirs(PhraseKind.OCCUPATION, PhraseKind.TITLE) or tasks
    able = mine(ABLE)
    met = [nearest(need, able) for need in needs]
    task_met = [nearest(task, able) for task in tasks]
    told = [nearest(text, tasks + needs) for text in mine(TOLD)]
    training = theirs(PhraseKind.TRAINING)
    known = bool(needs and able)
    weakest = needs[int(np.argmin(met))] if known else ""

    def squares(kinds: set[PhraseKind]) -> float:
        wanted_texts = theirs(PhraseKind.SKILL_REQUIRED, PhraseKind.SKILL_DESIRED, PhraseKind.SENTENCE)
        return _mean([max(nearest(text, mine(kinds)), 0.0) ** 2 for text in wanted_texts]) if mine(kinds) else NAN

    def best(texts: list[str], kind: PhraseKind) -> float:
        pairs = [nearest(text, mine({kind})) for text in texts]
        return max(pairs) if pairs and mine({kind}) else NAN

    return {
        "similarity": float(record_vector(asked, encoder) @ record_vector(person, encoder)),
        "skill_coverage": fmean(value >= 0.45 for value in met) if known else NAN,
        "skill_weakest": min(met) if known else NAN,
        "skill_mean": _mean(met),
        "desired_mean": _mean([nearest(text, able) for text in theirs(PhraseKind.SKILL_DESIRED)]),
        "asked_match": squares(ABLE),
        "listed_match": squares({PhraseKind.SKILL}),
        "told_match": squares({PhraseKind.SENTENCE}),
        "experience_match": squares({PhraseKind.EXPERIENCE}),
        "interest_match": squares({PhraseKind.INTEREST}),
        "task_mean": _mean(task_met),
        "task_best": max(task_met) if tasks and able else NAN,
        "told_task_mean": _mean(told) if tasks or needs else NAN,
        "interest_occupation": best(work, PhraseKind.INTEREST),
        "interest_task": best(tasks, PhraseKind.INTEREST),
        "wish_occupation": best(work, PhraseKind.OCCUPATION),
        "experience_occupation": best(work, PhraseKind.EXPERIENCE),
        "training_gap_cover": nearest(weakest, training) if known and training else NAN,
    }


def _background(asked: Vacancy, person: Talent) -> dict[str, float]:
    level = {behaviour.code: int(behaviour.level) for behaviour in person.behaviours}
    known = [LEVEL_WORTH[level[code]] for code in {b.code for b in asked.behaviours} if level.get(code) in LEVEL_WORTH]
    need, have = asked.education_level_min, person.education_level
    months = NAN
    if person.experience is not None:
        counted = [work.months for work in person.experience if work.months is not None]
        months = sum(counted) if counted or not person.experience else NAN
    every = [LEVEL_WORTH[value] for value in level.values() if value in LEVEL_WORTH]
    own = sum(every) / (len(every) + 3) if every else NAN
    asked_codes = {b.code for b in asked.behaviours}
    expected = [LEVEL_WORTH.get(level.get(code, 5), own) for code in asked_codes]
    return {
        "behaviour_level": own,
        "behaviour_expected": fmean(expected) if expected else own,
        "experience_months": math.log(1 + months),
        "behaviour_fit": _mean(known),
        "behaviour_short": fmean(value < 0 for value in known) if known else NAN,
        "education_short": 0.0 if need is None else NAN if have is None else max(need - have, 0),
        "education_over": NAN if need is None or have is None else max(have - need, 0),
    }


_LIKINGS = tomllib.loads(Path(likings.__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_REFUSALS = {"niet", "geen", "niks", "nooit", "hekel", "vervelend", "saai", "haat"}


def _likings(asked: Vacancy, person: Talent) -> dict[str, float]:
    """By counting words, theme by theme. The texts of these tests hold no opposites and no excuses."""
    fit = against = 0.0
    counts, tastes = {}, {}
    named = [asked.title, asked.occupation or "", *asked.skills_required, *asked.skills_desired]
    told = [sentence.lower() for sentence in task_sentences(asked.description)]
    for theme, stems in _LIKINGS["themes"].items():

        def speaks(text: str, stems: list[str] = stems) -> bool:
            words = re.findall(r"[a-zà-ÿ]{2,}", text.lower())
            return any(re.search(stem, " ".join(words) if " " in stem else word) for word in words for stem in stems)

        whole = 3 if theme in _LIKINGS["climate"]["themes"] else 1  # said once of all the work
        counts[theme] = sum(map(speaks, named)) + whole * sum(map(speaks, told))
        tastes[theme] = _taste(person, speaks)
    length = math.sqrt(sum(counts.values()))
    if not length or not any(tastes.values()):
        return {"liking_fit": NAN, "liking_against": NAN}
    for theme, count in counts.items():
        fit += math.sqrt(count) / length * tastes[theme]
        against += math.sqrt(count) / length * min(tastes[theme], 0.0)
    return {"liking_fit": fit, "liking_against": against}


def _taste(person: Talent, speaks: Callable[[str], bool]) -> float:
    values = [1.0 for text in person.interests or [] if speaks(text)]
    values += [0.25 for text in person.preferred_occupations or [] if speaks(text)]
    for clause in re.split(r"[.,]", person.presentation.lower()):
        if speaks(clause):
            words = set(clause.split())
            values.append(-0.5 if words & _REFUSALS else 1.0 if words & {"hou", "graag"} else 0.15)
    return -0.5 if -0.5 in values else max(values, default=0.0)


def _qualifications(asked: Vacancy, person: Talent) -> dict[str, float]:
    needed = {category for text in asked.licences_required for category in licence_categories(text)}
    result = dict.fromkeys(("certificates_to_get", "certificates_taught", "licences_missing"), 0.0)
    if asked.certificates_required and person.certificates is None:
        result["certificates_to_get"] = result["certificates_taught"] = NAN
    for need in asked.certificates_required:
        if not any(certificate_satisfies(have, need) for have in person.certificates or []):
            result["certificates_to_get"] += 1
            result["certificates_taught"] += any(certificate_satisfies(t, need) for t in asked.training_offered)
    if needed:
        result["licences_missing"] = NAN if person.licences is None else len(needed - licences_held(person.licences))
    return result | {"language_short": _language(asked, person)}


def _language(asked: Vacancy, person: Talent) -> float:
    short = []
    for need in asked.languages_required:
        for skill in ("spoken", "written"):
            wanted = getattr(need, skill)
            if wanted is None:
                continue
            have = 0 if person.languages == [] and need.code in COLUMNED else None
            for language in person.languages or []:
                if language.code == need.code and need.code in COLUMNED:
                    have = getattr(language, skill)
            short.append(NAN if have is None else max(wanted - have, 0))
    known = [value for value in short if not math.isnan(value)]
    return max(known) if known else (NAN if short else 0.0)


def _hours(asked: Vacancy, person: Talent) -> dict[str, float]:
    low, high, least, most = asked.hours_min, asked.hours_max, person.hours_min, person.hours_max
    overlap = NAN
    if low is not None and high is not None and (least is not None or most is not None):
        start = low if least is None else max(low, least)
        end = high if most is None else min(high, most)
        overlap = float(start <= end) if low == high else max(end - start, 0) / max(high - low, 1)
    known = [hours for hours in (low, high) if hours is not None]
    refused = NAN
    if asked.irregular_hours is False:
        refused = 0.0
    elif asked.irregular_hours and person.irregular_hours is not None:
        refused = float(not person.irregular_hours)
    apart = NAN
    if (low, high) != (None, None) and (least, most) != (None, None):
        wish = fmean(hours for hours in (least, most) if hours is not None)
        apart = max(0.0, *((low - wish,) if low is not None else ()), *((wish - high,) if high is not None else ()))
    return {
        "hours_apart": apart,
        "hours_below_wish": NAN if least is None or high is None else max(least - high, 0),
        "hours_above_wish": NAN if most is None or low is None else max(low - most, 0),
        "hours_overlap": overlap,
        "hours_offered": _mean(known),
        "irregular_refused": refused,
    }


def _travel(asked: Vacancy, person: Talent) -> dict[str, float]:
    here, there = _at(person.location), _at(asked.location)
    if here is None or there is None:
        return dict.fromkeys(("travel_km", "travel_minutes", "travel_share", "travel_time", "travel_strain"), NAN)
    lat, lon, to_lat, to_lon = map(math.radians, (*here, *there))
    chord = math.sin((lat - to_lat) / 2) ** 2 + math.cos(lat) * math.cos(to_lat) * math.sin((lon - to_lon) / 2) ** 2
    km = 2 * 6371.0088 * math.atan2(math.sqrt(chord), math.sqrt(1 - chord))

    def ride(ways: list[Transport]) -> float:
        return min((km * 1.3 / SPEED[way][0] * 60 + SPEED[way][1] for way in ways), default=NAN)

    minutes = ride(person.transport or [])
    usual = ride(person.transport or [Transport.BICYCLE, Transport.PUBLIC_TRANSPORT])
    limit = 45 if person.max_travel_minutes is None else max(person.max_travel_minutes, 1)
    shares = [] if person.max_travel_km is None else [km / max(person.max_travel_km, 0.5)]
    if person.max_travel_minutes is not None and not math.isnan(minutes):
        shares.append(minutes / max(person.max_travel_minutes, 1))
    return {
        "travel_km": km,
        "travel_minutes": minutes,
        "travel_share": max(shares, default=NAN),
        "travel_time": usual,
        "travel_strain": usual / limit,
    }


def _at(location: object) -> tuple[float, float] | None:
    lat, lon = getattr(location, "lat", None), getattr(location, "lon", None)
    if lat is not None and lon is not None:
        return lat, lon
    place = PLACES.get(getattr(location, "pc4", None) or "")
    return (place.lat, place.lon) if place else None
