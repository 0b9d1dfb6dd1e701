"""Requests as they come in practice, for the OpenAPI document. All of it is made up."""

from typing import Any

from fastapi.openapi.models import Example

VACANCY_TEXT = (
    "Voor onze groothandel op de Spaanse Polder zoeken wij een magazijnmedewerker (m/v/x), 32 tot 38 uur. "
    "Je verzamelt orders, laadt en lost vrachtwagens en houdt de voorraad bij met een scanner. "
    "Ervaring is mooi, maar aanpakken is belangrijker: wij leren je heftruck rijden en betalen het "
    "certificaat. Je werkt in een team van acht, start om 07.00 uur en komt het handigst met de fiets of "
    "de metro."
)

TALENT: dict[str, Any] = {
    "presentation": (
        "Ik zit niet graag stil. Thuis ben ik degene die alles op orde houdt. Ik vind het fijn als je aan "
        "het eind van de dag ziet wat er gedaan is. Vroeg beginnen is voor mij geen probleem."
    ),
    "behaviours": [{"code": 24105, "level": 1}, {"code": 24121, "level": 2}],
    "skills": ["orders verzamelen", "werken met een handscanner"],
    "interests": ["logistiek", "fietsen repareren"],
    "preferred_occupations": ["magazijnmedewerker"],
    "experience": [{"occupation": "vakkenvuller", "months": 14, "text": "Avonden en zaterdagen."}],
    "education_level": 2,
    "certificates": [],
    "licences": [],
    "languages": [{"code": "nld", "spoken": 3, "written": 2}],
    "location": {"postcode": "3027"},
    "max_travel_minutes": 40,
    "transport": ["bicycle", "public_transport"],
    "hours_min": 24,
    "hours_max": 36,
    "available_from": "2026-01-05",
    "route": "back_to_work",
    "municipality": "Rotterdam",
}

VACANCY: dict[str, Any] = {
    "title": "Magazijnmedewerker (m/v/x)",
    "description": VACANCY_TEXT,
    "employer": {"employer_id": "E-0007", "name": "Groothandel Van Dalen"},
    "sector": "46",
    "occupation": "magazijnmedewerker",
    "skills_required": ["orders verzamelen", "laden en lossen"],
    "skills_desired": ["voorraad bijhouden met een scanner"],
    "behaviours": [{"code": 24105}, {"code": 24112}],
    "location": {"postcode": "3044"},
    "hours_min": 32,
    "hours_max": 38,
    "training_offered": ["heftruck"],
    "starts_on": "2026-02-02",
}

SHORTLIST_REQUESTS: dict[str, Example] = {
    "text": {"summary": "Alleen de tekst van de werkgever", "value": {"text": VACANCY_TEXT, "k": 10}},
    "vacancy": {"summary": "Een vacature als record", "value": {"vacancy": VACANCY, "k": 10}},
}

EVENTS: dict[str, Example] = {
    "placed": {
        "summary": "Een plaatsing",
        "value": {
            "event_id": "EV-0001",
            "kind": "placed",
            "occurred_at": "2026-01-19T10:30:00+01:00",
            "vacancy_id": "V-000042",
            "talent_id": "T-000123",
            "starts_on": "2026-02-02",
            "contract_hours_per_week": 32,
        },
    },
    "checkpoint": {
        "summary": "Een gesprek na de eerste week",
        "value": {
            "event_id": "EV-0002",
            "kind": "checkpoint",
            "occurred_at": "2026-02-09T16:00:00+01:00",
            "vacancy_id": "V-000042",
            "talent_id": "T-000123",
            "moment": "first_week",
            "still_working": True,
        },
    },
}

IMPORT_LINES = (
    '{"talent_id": "T-000124", "skills": ["schoonmaken"], "location": {"postcode": "3071"}}\n'
    '{"talent_id": "T-000125", "presentation": "Ik werk graag buiten."}\n'
)
