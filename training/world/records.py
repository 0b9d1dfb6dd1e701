"""Turns true columns into the contract's records: what a form, an intake and an employer would have put down."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import numpy as np

from training.world.content import BEHAVIOUR_CODES, Content
from training.world.firms import Employer, Job
from training.world.history import HOUR, Happening
from training.world.people import BACKGROUNDS, GENDERS, LICENCES, NOTHING, ROUTES, TRANSPORT, People
from training.world.talent_texts import STRONG_TASTE, present
from training.world.vacancy_texts import describe, draft, title_of

SYNTHETIC = {"synthetic": True}
MAX_SKILLS = 10
OTHER_LANGUAGES = (("eng",), ("pol", "spa", "por", "bul"), ("ara", "tur", "pap", "tir", "prs"))


def talent_id(row: int) -> str:
    """Id of the talent in row ``row`` (from 0)."""
    return f"t-{row + 1:06d}"


def vacancy_id(number: int) -> str:
    """Id of vacancy ``number`` (from 1)."""
    return f"v-{number:05d}"


def day_to_date(start: date, day: int) -> str:
    """Day of history as an ISO date."""
    return (start + timedelta(days=int(day))).isoformat()


def instant(start: date, day: int, hour: int, minute: int) -> str:
    """Day and time of history as an ISO instant."""
    moment = datetime(start.year, start.month, start.day, hour, minute, tzinfo=UTC) + timedelta(days=int(day))
    return moment.isoformat()


def _words(people: People, row: int, content: Content, rnd: Random) -> dict[str, Any]:
    """Skills, interests, wishes and history in the person's own words."""
    known = people.known
    fields: dict[str, Any] = {}
    if known["skills"][row]:
        have = np.flatnonzero(people.skills[row]).tolist()
        rnd.shuffle(have)
        told = [skill for skill in have if rnd.random() < 0.85][:MAX_SKILLS]
        fields["skills"] = [rnd.choice(content.skills[skill].own) for skill in told]
    if known["interests"][row]:
        taste = people.themes[row]
        liked = [i for i in np.argsort(-taste)[:5] if taste[i] > STRONG_TASTE / 2 and rnd.random() < 0.85]
        fields["interests"] = [rnd.choice(content.themes[i].interest) for i in liked]
    if known["preferred"][row]:
        wanted = [content.occupations[i] for i in people.preferred[row][: rnd.randint(1, 2)]]
        fields["preferred_occupations"] = [rnd.choice((*o.spoken, o.title)) for o in wanted]
    return fields


def _experience(people: People, row: int, content: Content, rnd: Random) -> list[dict[str, Any]]:
    jobs = []
    for occupation, months in zip(people.experience[row].tolist(), people.months[row].tolist(), strict=True):
        if occupation == NOTHING:
            continue
        trade = content.occupations[occupation]
        job: dict[str, Any] = {"occupation": rnd.choice((trade.title, *trade.titles[:2], trade.spoken[0]))}
        if rnd.random() < 0.65:
            job["months"] = months
        if rnd.random() < 0.5:
            done = [s for s in trade.skills if people.skills[row, s]][:3]
            job["text"] = ", ".join(rnd.choice(content.skills[s].own) for s in done)
        jobs.append(job)
    return jobs


def _behaviours(people: People, row: int, rnd: Random) -> list[dict[str, int]]:
    """Half and more of the competences, the outspoken ones first noticed; some not examined yet."""
    true = people.behaviours[row]
    order = sorted(range(len(true)), key=lambda i: -abs(true[i]) - rnd.random())
    found = []
    for i in order[: rnd.randint(12, 20)]:
        seen = true[i] + rnd.gauss(0.0, 0.2)
        level = 1 if seen > 0.7 else 2 if seen > -0.2 else 3 if seen > -1.1 else 4
        draw = rnd.random()
        found.append({"code": BEHAVIOUR_CODES[i], "level": 5 if draw < 0.08 else 9 if draw < 0.1 else level})
    return sorted(found, key=lambda item: item["code"])


def _languages(people: People, row: int, content: Content, rnd: Random) -> list[dict[str, Any]]:
    dutch = int(people.dutch[row])
    found: list[dict[str, Any]] = [{"code": "nld", "spoken": dutch}]
    if rnd.random() < 0.6:
        found[0]["written"] = max(0, dutch - (rnd.random() < 0.5))
    if people.skills[row, content.skill_index["engels"]]:
        found.append({"code": "eng", "spoken": rnd.choice((3, 4))})
    background = int(people.background[row])
    if background and rnd.random() < 0.4:
        found.append({"code": rnd.choice(OTHER_LANGUAGES[background]), "spoken": 4})
    return found


def _form(people: People, row: int, content: Content, start: date, rnd: Random) -> dict[str, Any]:
    """The ticked boxes: papers, way of travel, hours, dates."""
    known = people.known
    fields: dict[str, Any] = {}
    if known["licences"][row]:
        fields["licences"] = [x for x, has in zip(LICENCES, people.licences[row], strict=True) if has]
    if known["certificates"][row]:
        held = [key for key, has in zip(content.certificates, people.certificates[row], strict=True) if has]
        fields["certificates"] = [rnd.choice(content.certificates[key]["written"]) for key in held]
    if known["transport"][row]:
        fields["transport"] = [x for x, has in zip(TRANSPORT, people.transport[row], strict=True) if has]
    for name in ("max_km", "max_minutes"):
        if known[name][row]:
            fields[f"max_travel_{name.removeprefix('max_')}"] = int(getattr(people, name)[row])
    if known["hours"][row]:
        fields["hours_min"], fields["hours_max"] = int(people.hours_min[row]), int(people.hours_max[row])
    if known["irregular"][row]:
        fields["irregular_hours"] = bool(people.irregular[row])
    if known["available"][row]:
        fields["available_from"] = day_to_date(start, people.available_from[row])
        if people.available_until[row] != NOTHING:
            fields["available_until"] = day_to_date(start, people.available_until[row])
    return fields


def talent_record(people: People, row: int, content: Content, start: date, rnd: Random) -> dict[str, Any]:
    """The talent as the contract has it; unknown fields are absent."""
    known = people.known
    area = content.areas[people.area[row]]
    record: dict[str, Any] = {"talent_id": talent_id(row), "presentation": present(people, row, content, rnd)}
    record |= _words(people, row, content, rnd)
    if known["behaviours"][row]:
        record["behaviours"] = _behaviours(people, row, rnd)
    if known["experience"][row] and people.experience[row, 0] != NOTHING:
        record["experience"] = _experience(people, row, content, rnd)
    if known["education"][row]:
        record["education_level"] = int(people.education[row])
    if known["language"][row]:
        record["languages"] = _languages(people, row, content, rnd)
    record |= _form(people, row, content, start, rnd)
    if known["location"][row]:
        record["location"] = {"postcode": area.postcode}
        if rnd.random() < 0.25:
            record["location"] |= {"lat": area.lat, "lon": area.lon}
        record["municipality"] = area.municipality
    if rnd.random() < 0.8:
        record["route"] = ROUTES[people.route[row]]
    record["updated_at"] = instant(start, people.published[row], 8, 30)
    return {key: value for key, value in record.items() if value not in ("", [])} | {"extra": SYNTHETIC}


def audit_record(people: People, row: int) -> dict[str, Any]:
    """What only the fairness audit may see."""
    return {
        "talent_id": talent_id(row),
        "gender": GENDERS[people.gender[row]],
        "birth_year": int(people.birth_year[row]),
        "background": BACKGROUNDS[people.background[row]],
    }


def vacancy_record(job: Job, employer: Employer, content: Content, start: date, rnd: Random) -> dict[str, Any]:
    """The vacancy as the contract has it, without its status; what the form lacks the text mostly tells."""
    occupation, area = content.occupations[job.occupation], content.areas[job.area]
    title = title_of(occupation, job.register, rnd)
    text = draft(job, title, content, rnd)
    known = job.known
    core, rest = job.skills[: job.n_core], job.skills[job.n_core :]
    optional: dict[str, tuple[bool, Any]] = {
        "occupation": (known["occupation"], occupation.title),
        "skills_required": (known["skills"], [rnd.choice(content.skills[s].formal) for s in core]),
        "skills_desired": (known["skills"], [rnd.choice(content.skills[s].formal) for s in rest if rnd.random() < 0.6]),
        "behaviours": (known["behaviours"], [{"code": BEHAVIOUR_CODES[b]} for b in job.behaviours]),
        "education_level_min": (known["education"], job.education),
        "certificates_required": (known["certificates"], [content.certificates[c]["name"] for c in job.certificates]),
        "licences_required": (known["licences"], list(job.licences)),
        "languages_required": (known["language"] and job.dutch > 0, [{"code": "nld", "spoken": job.dutch}]),
        "location": (known["location"], {"postcode": area.postcode, "lat": area.lat, "lon": area.lon}),
        "hours_min": (known["hours"], job.hours[0]),
        "hours_max": (known["hours"], job.hours[1]),
        "irregular_hours": (known["irregular"], job.irregular),
        "transport_required": (known["wheels"] and job.own_wheels, ["car", "moped", "bicycle", "motorcycle"]),
        "starts_on": (known["starts_on"], day_to_date(start, job.starts)),
        "training_offered": (known["training"], list(job.training)),
    }
    return {
        "vacancy_id": vacancy_id(job.number),
        "title": capitalised(title),
        "description": describe(job, employer, text, content, rnd),
        "employer": {"employer_id": f"w-{employer.number + 1:04d}", "name": employer.name},
        "sector": occupation.sbi,
        **{key: value for key, (told, value) in optional.items() if told and value != []},
        "positions": job.positions,
        "closes_on": day_to_date(start, job.closes),
        "updated_at": instant(start, job.opened, 8, 0),
        "extra": SYNTHETIC,
    }


def capitalised(text: str) -> str:
    """Titles start with a capital."""
    return text[:1].upper() + text[1:]


def event_record(happening: Happening, number: int, start: date) -> dict[str, Any]:
    """The event as the contract has it."""
    fields = dict(happening.fields)
    for name in ("starts_on", "contract_ends_on", "ended_on"):
        if fields.get(name) is not None:
            fields[name] = day_to_date(start, fields[name])
    return {
        "event_id": f"e-{number:07d}",
        "occurred_at": instant(start, happening.day, HOUR[happening.kind], happening.minute),
        "kind": happening.kind,
        "vacancy_id": vacancy_id(happening.job),
        "talent_id": talent_id(happening.talent),
        "shortlist_id": f"s-{happening.shortlist:05d}",
        **fields,
    }
