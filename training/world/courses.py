"""The world's catalogue of courses: the same for every seed, its days counted from the end of history."""

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

_FILE: Final = Path(__file__).parent / "courses.toml"
_SAME_NAME: Final = {"title": "title", "level": "level", "hours": "hours", "online": "online"}
_RENAMED: Final = {
    "skills": "skills_given",
    "certificates": "certificates_given",
    "licences": "licences_given",
    "education": "education_level_given",
    "weeks": "duration_weeks",
    "cost": "cost_eur",
}


def course_records(until: date) -> Iterator[dict[str, Any]]:
    """Every course as the catalogue's record; unknown fields are absent.

    Args:
        until: the day after the last of history.
    """
    world = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    for number, course in enumerate(world["given"]["course"], start=1):
        school = world["school"][course["school"]]
        record = {"course_id": f"c-{number:03d}", "provider": school["name"]}
        record |= {ours: course[told] for told, ours in (_SAME_NAME | _RENAMED).items() if told in course}
        if "languages" in course:
            record["languages_given"] = [
                {"code": code, "spoken": spoken, "written": written} for code, spoken, written in course["languages"]
            ]
        if not course.get("online") and "postcode" in school:
            record |= {"location": {"postcode": school["postcode"]}, "place": school["place"]}
        if "day" in course:
            record["starts_on"] = (until + timedelta(days=course["day"])).isoformat()
        yield record | {"funded_for": world["paid"][course["paid"]], "extra": {"synthetic": True}}
