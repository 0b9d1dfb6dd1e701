"""A synthetic Rotterdam labour market with known truth: people, vacancies, two years of history.

Everything is invented; coordinates of postcode areas follow GeoNames (CC BY 4.0). The product learns from the
records; tests and reports hold it against :class:`Truth`.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import orjson

from training.world.content import Content, load_content
from training.world.courses import course_records
from training.world.firms import Employer, Job, draw_employers, draw_jobs
from training.world.history import History, live_through
from training.world.outcomes import Market
from training.world.people import draw_people
from training.world.records import audit_record, event_record, talent_id, talent_record, vacancy_id, vacancy_record
from training.world.truth import Truth, truth_rows

__all__ = ["Truth", "WorldCounts", "generate"]

HISTORY_DAYS = 730
# Streams of chance that do not disturb each other: more words in a text change no placement.
_PEOPLE, _FIRMS, _HISTORY, _TALENT_TEXT, _VACANCY_TEXT = range(5)


@dataclass(frozen=True)
class WorldCounts:
    """What was written. ``shown`` and ``proposed`` are events; ``censored`` placements still run below 1,040 hours."""

    talents: int
    vacancies: int
    events: int
    shown: int
    proposed: int
    placements: int
    retained: int
    censored: int
    places: int
    courses: int


def generate(
    out: Path, n_talents: int = 4000, n_vacancies: int = 1200, seed: int = 1, start: date = date(2024, 11, 1)
) -> WorldCounts:
    """Writes a world into ``out``: talents, vacancies, events, audit, places, courses and truth, each as ``.jsonl``.

    The same arguments give the same bytes. Each file is written beside and then renamed.

    Args:
        out: Folder; made when absent.
        n_talents: 1 or more.
        n_vacancies: 1 or more, opened over two years.
        seed: Any whole number of 0 or more.
        start: First day of the two years of history.

    Returns:
        What was written.

    Raises:
        ValueError: A count below 1 or a negative seed.
    """
    if n_talents < 1 or n_vacancies < 1 or seed < 0:
        raise ValueError("a world needs at least 1 talent, 1 vacancy and a seed of 0 or more")
    out.mkdir(parents=True, exist_ok=True)
    content = load_content()
    people = draw_people(np.random.default_rng([seed, _PEOPLE]), content, n_talents, HISTORY_DAYS)
    rng = np.random.default_rng([seed, _FIRMS])
    employers = draw_employers(rng, content, n_vacancies)
    jobs = draw_jobs(rng, content, employers, n_vacancies, HISTORY_DAYS)
    history = live_through(Market(people, content), jobs, np.random.default_rng([seed, _HISTORY]), HISTORY_DAYS)
    rows = range(n_talents)
    _write(
        out / "talents.jsonl",
        (talent_record(people, row, content, start, _voice(seed, _TALENT_TEXT, row)) for row in rows),
    )
    _write(out / "vacancies.jsonl", _vacancies(jobs, employers, history, content, start, seed))
    _write(
        out / "events.jsonl", (event_record(h, number, start) for number, h in enumerate(history.happenings, start=1))
    )
    _write(out / "audit.jsonl", (audit_record(people, row) for row in rows))
    _write(out / "places.jsonl", _places(content))
    courses = list(course_records(start + timedelta(days=HISTORY_DAYS)))
    _write(out / "courses.jsonl", courses)
    ids = [talent_id(row) for row in rows], [vacancy_id(job.number) for job in jobs]
    _write(out / "truth.jsonl", truth_rows(people, jobs, *ids))
    return WorldCounts(
        talents=n_talents,
        vacancies=n_vacancies,
        events=len(history.happenings),
        places=len(content.areas),
        courses=len(courses),
        **history.counts,
    )


def _voice(seed: int, stream: int, number: int) -> Random:
    """Chance for one text, the same whatever was written before it."""
    return Random(f"{seed}/{stream}/{number}")  # noqa: S311  no secret hangs on it


def _vacancies(
    jobs: list[Job], employers: list[Employer], history: History, content: Content, start: date, seed: int
) -> Iterator[dict[str, Any]]:
    for job in jobs:
        rnd = _voice(seed, _VACANCY_TEXT, job.number)
        record = vacancy_record(job, employers[job.employer], content, start, rnd)
        yield record | {"status": _status(job, history)}


def _status(job: Job, history: History) -> str:
    """How the vacancy stands at the end of history."""
    if history.placements.get(job.number, 0) >= job.positions:
        return "filled"
    return "withdrawn" if job.closes < HISTORY_DAYS else "open"


def _places(content: Content) -> Iterator[dict[str, Any]]:
    for area in content.areas:
        yield {
            "postcode": area.postcode,
            "place": area.place,
            "municipality": area.municipality,
            "lat": area.lat,
            "lon": area.lon,
        }


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Writes JSON Lines beside, then renames: a reader finds a whole file or none."""
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as file:
        for row in rows:
            file.write(orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE))
    os.replace(beside, path)  # noqa: PTH105  the name says what matters: it replaces at once
