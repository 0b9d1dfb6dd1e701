"""A small home to run commands on."""

from datetime import UTC, datetime
from pathlib import Path

from core.records import Location, Talent, Vacancy
from core.store import Store

NOW = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
JOBS = ("magazijnmedewerker", "kok", "schoonmaker", "lasser", "verkoper", "verzorgende", "chauffeur", "monteur")


def fill(home: Path) -> None:
    """Eighty people and eight jobs; each person wants one of the jobs and says so."""
    home.mkdir(parents=True, exist_ok=True)
    talents = [
        Talent(
            talent_id=f"T-{number:02d}",
            presentation=f"Ik wil graag werken als {JOBS[number % 8]}.",
            skills=[JOBS[number % 8], "samenwerken"],
            licences=["B"] if number % 2 else [],
            location=Location(lat=51.9 + number / 1000, lon=4.4),
        )
        for number in range(80)
    ]
    vacancies = [
        Vacancy(vacancy_id=f"V-{job}", title=job, skills_required=[job], status="filled" if job == "kok" else "open")
        for job in JOBS
    ]
    with Store.open(f"sqlite:///{home / 'kansrijk.db'}") as store:
        store.put_talents(talents, now=NOW)
        store.put_vacancies(vacancies, now=NOW)
