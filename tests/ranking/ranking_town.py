"""A small town for the tests of serving: people, jobs and a history that depend on a number alone."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from ranking_parts import NOW, PLACES, WORDS, Diary

from core.records import Talent, Vacancy
from core.settings import Settings
from core.store import Store
from embeddings.fakes import BagOfWordsEncoder
from embeddings.indexer import update_index

N_PEOPLE, N_JOBS = 120, 12


def person(number: int) -> Talent:
    """Someone whose wishes, skills and limits depend on their number alone; a good part is unknown."""
    rng = np.random.default_rng(number)
    pick = rng.choice(WORDS, size=8, replace=False).tolist()
    fields = {
        "presentation": f"Ik werk graag met {pick[0]}. Van {pick[1]} en {pick[2]} word ik blij.",
        "skills": [f"{pick[3]} {pick[4]}", pick[5]],
        "interests": [pick[6]],
        "preferred_occupations": [f"medewerker {pick[7]}"],
        "experience": [{"occupation": f"hulp {pick[3]}", "months": int(rng.integers(1, 60))}],
        "behaviours": [{"code": 24105, "level": int(rng.integers(1, 4))}, {"code": 24121, "level": 1}],
        "education_level": int(rng.integers(1, 5)),
        "certificates": [["VCA"], [], ["heftruck"]][number % 3],
        "licences": [[], ["B"], ["CE"]][number % 3],
        "languages": [{"code": "nld", "spoken": int(rng.integers(1, 5))}],
        "location": {"postcode": sorted(PLACES)[number % len(PLACES)]},
        "max_travel_km": int(rng.integers(4, 40)),
        "transport": [["bicycle"], ["car", "bicycle"], ["public_transport"]][number % 3],
        "hours_min": 16,
        "hours_max": int(rng.choice([24, 32, 40])),
        "irregular_hours": bool(number % 2),
        "available_from": NOW.date() - timedelta(days=10),
    }
    silent = rng.choice(sorted(fields.keys() - {"presentation", "skills"}), size=number % 6, replace=False)
    told = {name: value for name, value in fields.items() if name not in silent}
    return Talent.model_validate({"talent_id": f"t-{number:03d}", "updated_at": NOW} | told)


def job(number: int) -> Vacancy:
    """A job; the even ones ask much, the odd ones little."""
    pick = np.random.default_rng(1000 + number).choice(WORDS, size=6, replace=False).tolist()
    strict = {
        "certificates_required": ["VCA"],
        "licences_required": ["B"],
        "languages_required": [{"code": "nld", "spoken": 2}],
        "education_level_min": 2,
        "transport_required": ["car", "bicycle"],
        "starts_on": NOW.date(),
        "irregular_hours": True,
    }
    return Vacancy.model_validate(
        {
            "vacancy_id": f"v-{number:02d}",
            "title": f"Medewerker {pick[0]}",
            "occupation": f"medewerker {pick[0]}",
            "description": f"Je werkt met {pick[1]} en {pick[2]}. Je helpt bij {pick[3]}.",
            "skills_required": [f"{pick[1]} {pick[2]}", pick[4]],
            "skills_desired": [pick[5]],
            "behaviours": [{"code": 24105}, {"code": 24121}],
            "employer": {"employer_id": f"w-{number % 4}", "name": f"Firma {number % 4}"},
            "sector": str(number % 2),
            "location": {"postcode": sorted(PLACES)[number % len(PLACES)]},
            "hours_min": 24,
            "hours_max": 36,
            "training_offered": [pick[4]] if number % 3 == 0 else [],
            "updated_at": NOW,
        }
        | (strict if number % 2 == 0 else {})
    )


def history() -> Diary:
    """A year of placements before NOW, some of which lasted."""
    diary = Diary()
    for number in range(24):
        pair = (f"v-{number % N_JOBS:02d}", f"t-{number:03d}")
        signed = NOW - timedelta(days=360 - number * 5)
        diary.add("placed", signed, pair, starts_on=signed.date(), contract_hours_per_week=36)
        if number % 3 == 0:
            left = signed + timedelta(days=40)
            diary.add("ended", left, pair, ended_on=left.date())
    return diary


@dataclass(frozen=True)
class Town:
    """A home with a store and an index of it."""

    store: Store
    settings: Settings
    people: list[Talent]
    jobs: list[Vacancy]


def settle(town: Town, encoder: BagOfWordsEncoder) -> Town:
    """Everyone moves in, and is indexed."""
    people, jobs = [person(number) for number in range(N_PEOPLE)], [job(number) for number in range(N_JOBS)]
    town.store.put_places(list(PLACES.values()), now=NOW)
    town.store.put_talents(people, now=NOW)
    town.store.put_vacancies(jobs, now=NOW)
    town.store.put_events(history().events, now=NOW)
    update_index(town.store, encoder, town.settings.index_dir)
    return Town(town.store, town.settings, people, jobs)
