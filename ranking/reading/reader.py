"""Reads a vacancy text: each field by its own rules, then what one field says about another."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from core.records import Place
from ranking.reading.dates import find_dates
from ranking.reading.findings import Finding, ReadField
from ranking.reading.hours import find_hours, find_irregular
from ranking.reading.languages import find_languages
from ranking.reading.lexicon import PhraseLexicon, pattern
from ranking.reading.passages import sentences
from ranking.reading.qualifications import certificates, find_certificates, find_education, find_licences
from ranking.reading.roles import find_positions, find_role
from ranking.reading.tasks import find_skills
from ranking.reading.training import find_training
from ranking.reading.whereabouts import find_postcode, find_transport

MAX_CHARS = 8_000
"""What stands beyond is not read; a vacancy's description is no longer."""


def read_vacancy(
    text: str,
    *,
    today: date,
    places: Mapping[str, Place] | None = None,
    phrases: PhraseLexicon | None = None,
) -> list[Finding]:
    """Reads what a free Dutch text says about a job; the same text and day give the same findings.

    Args:
        text: as written; at most the first ``MAX_CHARS`` characters are read.
        today: the day on which it is read, for "per direct" and dates without a year.
        places: place by four-digit postcode, to look up names of towns; without it only postcodes and some
            neighbourhoods of the region are known.
        phrases: known skill phrases, to put unsure clauses into known words.

    Returns:
        Findings in the order of the text, of equal places in the order of the fields; ``text[start:end]`` are the
        words that say it.
    """
    text = _calmed(text[:MAX_CHARS])
    parts = sentences(text)
    papers = find_certificates(parts)
    taught = _taught([*papers, *find_licences(parts), *find_training(text, parts)])
    found = [
        *find_role(text, parts),
        *find_positions(parts),
        *find_skills(parts, phrases),
        *taught,
        *find_hours(parts),
        *find_irregular(parts),
        *find_languages(parts),
        *find_dates(parts, today),
        *find_education(parts),
        *find_transport(parts),
        *find_postcode(text, places),
    ]
    order = {field: place for place, field in enumerate(ReadField)}
    return sorted(found, key=lambda one: (one.start, order[one.field], one.end, str(one.value)))


def _calmed(text: str) -> str:
    """The same length without long runs of white space, over which patterns would look again and again."""
    return pattern(r"(\s\s)(\s+)").sub(lambda run: run[1] + "\x01" * len(run[2]), text)


def _taught(found: list[Finding]) -> list[Finding]:
    """Training once, and no certificate required that the employer teaches."""
    training: dict[str, Finding] = {}
    for one in found:
        if one.field is ReadField.TRAINING_OFFERED:
            training.setdefault(str(one.value).casefold(), one)
    short_names = {one.name: one.short.casefold() for one in certificates()}
    papers = [
        replace(one, required=one.required and short_names.get(str(one.value)) not in training)
        for one in found
        if one.field is not ReadField.TRAINING_OFFERED
    ]
    return [*training.values(), *papers]
