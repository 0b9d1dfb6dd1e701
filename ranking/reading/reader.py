"""Reads a vacancy text: each field by its own rules, then what one field says about another."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from ranking.reading.dates import find_dates
from ranking.reading.findings import Finding, ReadField
from ranking.reading.hours import find_hours, find_irregular
from ranking.reading.languages import find_languages
from ranking.reading.lexicon import pattern
from ranking.reading.passages import Sentence, sentences
from ranking.reading.qualifications import find_certificates, find_education, find_licences, short_name
from ranking.reading.roles import find_positions, find_role
from ranking.reading.tasks import find_skills
from ranking.reading.training import find_training
from ranking.reading.whereabouts import Towns, find_postcode, find_transport

ALL_FIELDS = frozenset(ReadField)
_Finder = tuple[frozenset[ReadField], Callable[[], list[Finding]]]  # what it reads, and how
_QUALIFICATIONS = frozenset({ReadField.CERTIFICATE, ReadField.LICENCE, ReadField.TRAINING_OFFERED})
MAX_CHARS = 8_000
"""What stands beyond is not read; a vacancy's description is no longer."""


def read_vacancy(
    text: str,
    *,
    today: date,
    towns: Towns | None = None,
    fields: frozenset[ReadField] = ALL_FIELDS,
) -> list[Finding]:
    """Reads what a free Dutch text says about a job; the same text and day give the same findings.

    Args:
        text: as written; at most the first ``MAX_CHARS`` characters are read.
        today: the day on which it is read, for "per direct" and dates without a year.
        towns: postcodes by town, from :meth:`ranking.reading.whereabouts.Towns.of`; without it only postcodes and
            some neighbourhoods of the region are known.
        fields: what to read; the rest costs no time.

    Returns:
        Findings in the order of the text, of equal places in the order of the fields; ``text[start:end]`` are the
        words that say it.
    """
    text = _calmed(text[:MAX_CHARS])
    parts = sentences(text)
    finders: tuple[_Finder, ...] = (
        (frozenset({ReadField.OCCUPATION}), lambda: find_role(text, parts)),
        (frozenset({ReadField.POSITIONS}), lambda: find_positions(parts)),
        (frozenset({ReadField.SKILL}), lambda: find_skills(parts)),
        (_QUALIFICATIONS, lambda: _qualifications(text, parts)),
        (frozenset({ReadField.HOURS_MIN, ReadField.HOURS_MAX}), lambda: find_hours(parts)),
        (frozenset({ReadField.IRREGULAR_HOURS}), lambda: find_irregular(parts)),
        (frozenset({ReadField.LANGUAGE}), lambda: find_languages(parts)),
        (frozenset({ReadField.STARTS_ON, ReadField.CONTRACT_ENDS_ON}), lambda: find_dates(parts, today)),
        (frozenset({ReadField.EDUCATION_LEVEL}), lambda: find_education(parts)),
        (frozenset({ReadField.TRANSPORT}), lambda: find_transport(parts)),
        (frozenset({ReadField.POSTCODE}), lambda: find_postcode(text, towns)),
    )
    found = [one for about, find in finders if about & fields for one in find() if one.field in fields]
    order = {field: place for place, field in enumerate(ReadField)}
    return sorted(found, key=lambda one: (one.start, order[one.field], one.end, str(one.value)))


def _calmed(text: str) -> str:
    """The same length without long runs of white space, over which patterns would look again and again."""
    return pattern(r"(\s\s)(\s+)").sub(lambda run: run[1] + "\x01" * len(run[2]), text)


def _qualifications(text: str, parts: list[Sentence]) -> list[Finding]:
    return _taught([*find_certificates(parts), *find_licences(parts), *find_training(text, parts)])


def _taught(found: list[Finding]) -> list[Finding]:
    """Training once, and no certificate required that the employer teaches."""
    training: dict[str, Finding] = {}
    for one in found:
        if one.field is ReadField.TRAINING_OFFERED:
            training.setdefault(str(one.value).casefold(), one)
    papers = [
        replace(one, required=one.required and short_name(str(one.value)).casefold() not in training)
        for one in found
        if one.field is not ReadField.TRAINING_OFFERED
    ]
    return [*training.values(), *papers]
