"""A shortlist of five people made by hand, each with a story of their own, and one near miss."""

from collections.abc import Sequence
from datetime import timedelta

from desk_client import NOW, NoRanking

from core.courses import Course
from core.records import Talent, Vacancy
from core.shortlists import Entry, Gap, NearMiss, Shortlist
from core.store import Store
from ranking.courses import CourseOffer, GapCourses

LIST = "/shortlists/s-1"
VACANCY = Vacancy(
    vacancy_id="v-1",
    title="Heftruckchauffeur",
    employer={"employer_id": "e-1", "name": "Haven & Zoon"},
    skills_required=["heftruck rijden", "orders verzamelen"],
    certificates_required=["VCA"],
    languages_required=[{"code": "nld", "spoken": 2}],
    hours_min=32,
    hours_max=36,
    starts_on="2026-03-02",
    positions=2,
    updated_at=NOW - timedelta(days=2),
)
TALENTS = [
    Talent(
        talent_id="anna",
        presentation="Ik rij al jaren op de heftruck & dat doe ik graag.",
        skills=["heftruck rijden"],
        hours_min=24,
        hours_max=32,
        transport=["bicycle"],
        max_travel_km=15,
        route="back_to_work",
        municipality="Rotterdam",
    ),
    Talent(talent_id="bert", skills=["orders pakken"], hours_max=24, transport=["car"], route="work_to_work"),
    Talent(talent_id="cem", interests=["buiten zijn"], route="back_to_work"),
    Talent(talent_id="dina", presentation="<script>alert(1)</script>", active=False),
    Talent(talent_id="eva", presentation="Ik leer snel."),
    Talent(talent_id="fred", hours_max=20, presentation="Ik wil graag werken naast mijn zorgtaken."),
]


def entry(rank: int, who: str, km: float | None, **more: object) -> dict[str, object]:
    return {
        "rank": rank, "talent_id": who, "score": 10.0 - rank, "retention": None, "similarity": 0.4, "travel_km": km,
        "reasons": [], "matched_skills": [], "gaps": [], "unknowns": [], **more,
    }  # fmt: skip


def chance(band: str, probability: float, low: float, high: float) -> dict[str, object]:
    return {"probability": probability, "low": low, "high": high, "band": band}


def reason(feature: str, direction: str, text: str) -> dict[str, object]:
    return {"feature": feature, "direction": direction, "text": text}


def skill(what: str) -> dict[str, object]:
    return {"kind": "skill", "what": what, "bridge": "inwerken"}


ENTRIES = [
    entry(
        1,
        "anna",
        3.84,
        retention=chance("hoog", 0.873, 0.842, 0.901),
        reasons=[
            reason("travel_km", "+", "Woont dichtbij: 3,8 kilometer."),
            reason("wish_occupation", "+", "Zoekt dit."),
        ],
        matched_skills=[
            {"required": "heftruck rijden", "offered": "ik rij op de heftruck", "similarity": 0.91},
            {"required": "orders verzamelen", "offered": "pakjes sorteren", "similarity": 0.51},
        ],
        gaps=[{"kind": "certificate", "what": "VCA", "bridge": "bijscholing"}],
        unknowns=["languages"],
    ),
    entry(
        2,
        "bert",
        14.2,
        retention=chance("midden", 0.632, 0.434, 0.771),
        reasons=[
            reason("skill_mean", "+", "Kan orders pakken."),
            reason("travel_km", "-", "Woont verder weg: 14 kilometer."),
        ],
        gaps=[skill("heftruck rijden"), {"kind": "education", "what": "niveau 3", "bridge": None}],
    ),
    entry(3, "cem", None, retention=chance("laag", 0.4, 0.31, 0.46), unknowns=["hours", "location", "available_from"]),
    entry(4, "dina", 2.0, exploration=True, reasons=[reason("exploration", "+", "Staat hier door loting.")]),
    entry(5, "eva", 30.0, gaps=[skill("orders verzamelen")]),
]  # fmt: skip
MISSES = [
    entry(
        1,
        "fred",
        1.0,
        blocked_by=[{"code": "hours", "text": "Wil 20 uur, de baan is 32 tot 36 uur."}],
        would_help=[{"support": "other", "text": "Met de werkgever praten over andere uren."}],
    )
]
SHORTLIST = Shortlist(
    shortlist_id="s-1",
    vacancy_id="v-1",
    created_at=NOW - timedelta(days=1),
    ranking_mode="learned",
    model_version="7",
    encoder_version="taal-3",
    index_version="reg-9",
    pool_size=1234,
    entries=[Entry.model_validate(one) for one in ENTRIES],
    near_misses=[NearMiss.model_validate(one) for one in MISSES],
    notice="Gelezen uit de tekst, kijk of het klopt: uren: 32 tot 36.",
)
COURSE = Course(
    course_id="c-1",
    title="VCA in een dag",
    provider="Havenschool",
    certificates_given=["VCA"],
    url="https://havenschool.example/vca",
)


class Courses(NoRanking):
    """A service that cannot rank now, and knows one course, for VCA."""

    def courses_for(self, gaps: Sequence[Gap], talent: Talent, vacancy: Vacancy) -> list[GapCourses]:
        assert (talent.talent_id, vacancy.vacancy_id) in {(one.talent_id, "v-1") for one in TALENTS}
        offer = CourseOffer(COURSE, 1.0, funded=None, travel_km=None, in_time=None, why=("Geeft precies dit.",))
        return [GapCourses(gap, (offer,) if gap.what == "VCA" else ()) for gap in gaps]


def fill(store: Store) -> None:
    store.put_vacancies([VACANCY], now=NOW)
    store.put_talents(TALENTS, now=NOW)
    store.save_shortlist(SHORTLIST, {"vacancy": VACANCY.model_dump(mode="json", exclude_defaults=True)})
