"""Fills what a vacancy's record leaves open with what its text says."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.records import MAX_LIST_ITEMS, Location, Vacancy
from ranking.reading.findings import WEAK, Finding, ReadField

Facts = dict[str, Any]

# The field of a record that each reading fills. Readings of one group are judged together: what is taught is not
# required, and a certificate that is only liked is a liked skill.
_QUALIFICATIONS = frozenset({ReadField.CERTIFICATE, ReadField.LICENCE, ReadField.TRAINING_OFFERED})
_FILLED_BY: Mapping[str, frozenset[ReadField]] = {
    "occupation": frozenset({ReadField.OCCUPATION}),
    "skills_required": frozenset({ReadField.SKILL}),
    "skills_desired": _QUALIFICATIONS | {ReadField.SKILL},
    "education_level_min": frozenset({ReadField.EDUCATION_LEVEL}),
    "certificates_required": _QUALIFICATIONS,
    "licences_required": _QUALIFICATIONS,
    "languages_required": frozenset({ReadField.LANGUAGE}),
    "location": frozenset({ReadField.POSTCODE}),
    "hours_min": frozenset({ReadField.HOURS_MIN, ReadField.HOURS_MAX}),
    "hours_max": frozenset({ReadField.HOURS_MIN, ReadField.HOURS_MAX}),
    "irregular_hours": frozenset({ReadField.IRREGULAR_HOURS}),
    "transport_required": frozenset({ReadField.TRANSPORT}),
    "starts_on": frozenset({ReadField.STARTS_ON, ReadField.CONTRACT_ENDS_ON}),
    "contract_ends_on": frozenset({ReadField.STARTS_ON, ReadField.CONTRACT_ENDS_ON}),
    "training_offered": _QUALIFICATIONS,
    "positions": frozenset({ReadField.POSITIONS}),
}


def open_fields(vacancy: Vacancy) -> frozenset[ReadField]:
    """What of a text could still fill a field of this record."""
    return frozenset().union(*(fields for name, fields in _FILLED_BY.items() if _is_empty(vacancy, name)))


def completed(vacancy: Vacancy, findings: Sequence[Finding], *, min_confidence: float = WEAK) -> Vacancy:
    """Fills empty structured fields; what the employer filled in stays as it is.

    Certificates that are only liked go to ``skills_desired``: the record has no better place for them. Licences and
    languages that are only liked are left out. A reading that contradicts a filled field is left out.

    Args:
        vacancy: the record.
        findings: of its text, from :func:`ranking.reading.read_vacancy`.
        min_confidence: readings below this are not used, 0 to 1.

    Returns:
        A new record, or the same object when there is nothing to fill.
    """
    sure = [one for one in findings if one.confidence >= min_confidence]
    facts = {
        name: value for name, value in _facts(sure).items() if _is_empty(vacancy, name) and value not in (None, [])
    }
    facts = _consistent(vacancy, facts)
    if not facts:
        return vacancy
    given = {name: getattr(vacancy, name) for name in vacancy.model_fields_set}
    return Vacancy.model_validate({**given, **facts})


def _facts(sure: Sequence[Finding]) -> Facts:
    """The fields of a record as the text has them."""

    def values(field: ReadField, *, required: bool | None = None) -> list[Any]:
        found = [one.value for one in sure if one.field is field and required in {None, one.required}]
        return list(dict.fromkeys(found))[:MAX_LIST_ITEMS]

    def one_of(field: ReadField, *, required: bool | None = None) -> Any:
        return next(iter(values(field, required=required)), None)

    training = values(ReadField.TRAINING_OFFERED)
    postcode = one_of(ReadField.POSTCODE)
    desired = values(ReadField.SKILL, required=False) + _untaught(
        values(ReadField.CERTIFICATE, required=False), training
    )
    return {
        "occupation": one_of(ReadField.OCCUPATION),
        "skills_required": values(ReadField.SKILL, required=True),
        "skills_desired": desired[:MAX_LIST_ITEMS],
        "education_level_min": one_of(ReadField.EDUCATION_LEVEL, required=True),
        "certificates_required": values(ReadField.CERTIFICATE, required=True),
        "licences_required": values(ReadField.LICENCE, required=True),
        "languages_required": values(ReadField.LANGUAGE, required=True),
        "location": Location(postcode=postcode) if postcode else None,
        "hours_min": one_of(ReadField.HOURS_MIN),
        "hours_max": one_of(ReadField.HOURS_MAX),
        "irregular_hours": one_of(ReadField.IRREGULAR_HOURS),
        "transport_required": values(ReadField.TRANSPORT, required=True),
        "starts_on": one_of(ReadField.STARTS_ON),
        "contract_ends_on": one_of(ReadField.CONTRACT_ENDS_ON),
        "training_offered": training,
        "positions": one_of(ReadField.POSITIONS),
    }


def _untaught(certificates: list[str], training: list[str]) -> list[str]:
    """Certificates that no training on offer is about."""
    taught = [name.casefold() for name in training]
    return [name for name in certificates if not any(one in name.casefold() for one in taught)]


def _is_empty(vacancy: Vacancy, name: str) -> bool:
    """Whether the employer left a field open.

    ``positions`` has a default, so it is open when it was not given. A title names the job better than a sentence of
    the description does, so beside one the occupation is not open.
    """
    value = getattr(vacancy, name)
    if name == "positions":
        return name not in vacancy.model_fields_set
    if name == "occupation" and vacancy.title:
        return False
    if isinstance(value, Location):
        return value == Location()
    return value in (None, [], "")


_CHECKS: tuple[tuple[str, str, Callable[[Any, Any], bool]], ...] = (
    ("hours_min", "hours_max", lambda low, high: low <= high),
    ("starts_on", "contract_ends_on", lambda start, end: start < end),
)


def _consistent(vacancy: Vacancy, facts: Facts) -> Facts:
    """Without readings that contradict what the record says."""
    kept = dict(facts)
    for first, last, fits in _CHECKS:
        low, high = kept.get(first, getattr(vacancy, first)), kept.get(last, getattr(vacancy, last))
        if low is not None and high is not None and not fits(low, high):
            kept.pop(first, None)
            kept.pop(last, None)
    if "skills_desired" in kept:
        required = {skill.casefold() for skill in [*vacancy.skills_required, *kept.get("skills_required", [])]}
        kept["skills_desired"] = [skill for skill in kept["skills_desired"] if skill.casefold() not in required]
        if not kept["skills_desired"]:
            del kept["skills_desired"]
    return kept
