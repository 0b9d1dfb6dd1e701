"""From schema.org JobPosting (https://schema.org/JobPosting) to contract records.

What the web writes is loose: a text where an object may be, one where a list may be. What is not understood is left
unknown rather than guessed, above all where it could exclude someone.
"""

import re
from datetime import UTC, date, datetime, time
from typing import Final

from core.errors import RecordInvalid
from core.exchange.plain_text import plain_text
from core.exchange.untrusted import JsonObject, child, our_id, text

_DESCRIPTION_CHARS, _LINE_CHARS, _MAX_SKILLS = 8_000, 120, 100
_HOURS: Final = re.compile(
    r"(?<!\d)(\d{1,2})(?:\s*(?:-|–|tot|t/m|to)\s*(\d{1,2}))?\s*(?:uur|uren|hours|hrs|h\b|u\b)", re.IGNORECASE
)
_POSTCODE: Final = re.compile(r"[1-9][0-9]{3}(?:\s?[A-Za-z]{2})?")
_SEPARATORS: Final = re.compile(r"[,;\n•|]|\s-\s")
# The work and thinking levels of the contract by words of schema.org and of Dutch schools, most telling first.
_EDUCATION: Final = (
    (re.compile(r"\bpostgraduate\b|\bmaster\b|\bwo\b|\buniversitair", re.IGNORECASE), 6),
    (re.compile(r"\bbachelor\b|\bassociate\b|\bhbo\b", re.IGNORECASE), 5),
    (re.compile(r"\bmbo\b|\bhavo\b|\bvwo\b|\bhigh school\b", re.IGNORECASE), 4),
    (re.compile(r"\bvmbo\b|\blbo\b|\bmavo\b", re.IGNORECASE), 3),
)


def vacancy(posting: JsonObject) -> dict[str, object]:
    """A JobPosting as the fields of a vacancy, to be judged by the contract.

    Raises:
        RecordInvalid: it is not a JobPosting, or has no identifier.
    """
    kinds = posting.get("@type")
    if "JobPosting" not in (kinds if isinstance(kinds, list) else [kinds]):
        raise RecordInvalid("@type: JobPosting is needed here; give each posting as an object of its own")
    theirs = _identifier(posting)
    key = our_id(theirs, prefix="jp")
    hours = _hours(posting)
    fields: dict[str, object] = {
        "vacancy_id": key,
        "title": plain_text(_words(posting, "title"), cut=_LINE_CHARS),
        "description": plain_text(_words(posting, "description"), cut=_DESCRIPTION_CHARS),
        "employer": {"name": plain_text(_words(posting, "hiringOrganization"), cut=_LINE_CHARS)},
        "sector": _words(posting, "industry")[:_LINE_CHARS],
        "occupation": (_words(posting, "relevantOccupation") or _words(posting, "occupationalCategory"))[:_LINE_CHARS],
        "skills_required": _skills(posting),
        "education_level_min": _education(posting),
        "location": _location(posting),
        "hours_min": hours[0],
        "hours_max": hours[1],
        "starts_on": _day(posting, "jobStartDate"),
        "closes_on": _day(posting, "validThrough"),
        "positions": _positions(posting),
        "updated_at": _instant(posting, "dateModified") or _instant(posting, "datePosted"),
        "extra": {"identifier": theirs[:1_000]} if key != theirs else None,
    }
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def _identifier(posting: JsonObject) -> str:
    """Its identifier (text or PropertyValue), or else the address at which it stands."""
    for name in ("identifier", "@id", "url"):
        value = posting.get(name)
        if isinstance(value, dict):
            value = value.get("value")
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    raise RecordInvalid("identifier: missing; give identifier, @id or url, so that a second import finds it again")


def _words(parent: JsonObject, name: str) -> str:
    """A text, or the name of the thing, or the first of several."""
    value = parent.get(name)
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("name")
    return value.strip() if isinstance(value, str) else ""


def _skills(posting: JsonObject) -> list[str]:
    value = posting.get("skills")
    found: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        words = item.get("name") if isinstance(item, dict) else item
        if isinstance(words, str):
            found += _SEPARATORS.split(plain_text(words, cut=_DESCRIPTION_CHARS))
    cleaned = (skill.strip(" .-") for skill in found)
    return [skill for skill in cleaned if 0 < len(skill) <= _LINE_CHARS][:_MAX_SKILLS]


def _education(posting: JsonObject) -> int | None:
    value = posting.get("educationRequirements")
    words = (
        str(value.get("credentialCategory") or "")
        if isinstance(value, dict)
        else _words(posting, "educationRequirements")
    )
    # The lowest level that is named: "mbo of hbo" asks for mbo.
    return min((level for pattern, level in _EDUCATION if pattern.search(words)), default=None)


def _location(posting: JsonObject) -> dict[str, object]:
    value = posting.get("jobLocation")
    place = value[0] if isinstance(value, list) and value else value
    if not isinstance(place, dict):
        return {}
    address, geo = place.get("address"), place.get("geo")
    found: dict[str, object] = {}
    if isinstance(address, dict) and _POSTCODE.fullmatch(text(address, "postalCode")):
        found["postcode"] = text(address, "postalCode")
    if isinstance(geo, dict):
        found |= {"lat": child(place, "geo").get("latitude"), "lon": child(place, "geo").get("longitude")}
    return found


def _hours(posting: JsonObject) -> tuple[int | None, int | None]:
    match = _HOURS.search(_words(posting, "workHours"))
    if match is None:
        return None, None
    low, high = int(match[1]), int(match[2] or match[1])
    return (low, high) if low <= high else (None, None)


def _positions(posting: JsonObject) -> int | None:
    value = posting.get("totalJobOpenings")
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1_000 else None


def _day(posting: JsonObject, name: str) -> date | None:
    """A date, or the date of an instant; words such as "per direct" stay unknown."""
    try:
        return date.fromisoformat(_words(posting, name)[:10])
    except ValueError:
        return None


def _instant(posting: JsonObject, name: str) -> datetime | None:
    """An instant; a date alone counts from midnight UTC."""
    words = _words(posting, name)
    try:
        instant = datetime.fromisoformat(words)
    except ValueError:
        return None
    if len(words) <= len("2026-01-31"):
        return datetime.combine(instant.date(), time(), tzinfo=UTC)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
