"""What the tests of ranking share: records, hypothesis strategies for them, events."""

import dataclasses
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from core.records import EVENT_ADAPTER, Event, Place, Talent, Vacancy
from core.store import EventColumns
from core.vocabulary import BehaviourLevel, Transport
from embeddings.corpus import EmbeddedCorpus
from embeddings.encoder import Encoder
from ranking.columns import TalentColumns
from ranking.features import Candidates
from ranking.matching import gridded
from ranking.query import VacancyQuery, build_queries
from ranking.reading import ToldVacancy

# The same examples on every machine, however slow it is; no shrinking, for a pair is small enough to read.
steady = settings(
    deadline=None,
    derandomize=True,
    max_examples=30,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = NOW.date()

# Rotterdam Centraal, Schiedam Centrum, Dordrecht and Hoek van Holland.
PLACES = {
    "3013": Place(postcode="3013", place="Rotterdam", municipality="Rotterdam", lat=51.9249, lon=4.4690),
    "3111": Place(postcode="3111", place="Schiedam", municipality="Schiedam", lat=51.9214, lon=4.4086),
    "3311": Place(postcode="3311", place="Dordrecht", municipality="Dordrecht", lat=51.8078, lon=4.6678),
    "3151": Place(postcode="3151", place="Hoek van Holland", municipality="Rotterdam", lat=51.9770, lon=4.1330),
}
_WORDS = """
heftruck magazijn orders vrachtwagen laden lossen scanner voorraad koken keuken gasten bediening
zorg ouderen wassen schilderen timmeren lassen elektra kassa winkel schoonmaken kantoor planten
snoeien haven
"""
WORDS = _WORDS.split()


def talent(talent_id: str = "t-1", **fields: object) -> Talent:
    return Talent.model_validate({"talent_id": talent_id} | fields)


def vacancy(vacancy_id: str = "v-1", **fields: object) -> Vacancy:
    return Vacancy.model_validate({"vacancy_id": vacancy_id, "title": "werk"} | fields)


def candidates_of(talents: Sequence[Talent], encoder: Encoder) -> Candidates:
    return Candidates(TalentColumns.build(talents, PLACES), gridded(EmbeddedCorpus.build(talents, encoder)))


def query_of(asked: Vacancy, encoder: Encoder) -> VacancyQuery:
    return build_queries([ToldVacancy.as_given(asked)], encoder, PLACES)[0]


class Diary:
    """Writes events one after another, each with an id of its own."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(
        self, kind: str, on: str | date | datetime, pair: tuple[str, str] = ("v-1", "t-1"), **fields: object
    ) -> None:
        moment = on if isinstance(on, datetime) else datetime.fromisoformat(f"{on}T10:00:00+00:00")
        self.events.append(
            EVENT_ADAPTER.validate_python(
                {
                    "event_id": f"e-{len(self.events):05d}",
                    "occurred_at": moment,
                    "kind": kind,
                    "vacancy_id": pair[0],
                    "talent_id": pair[1],
                }
                | fields
            )
        )


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


_phrase = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
_phrases = st.lists(_phrase, max_size=4, unique=True)
_language = st.fixed_dictionaries(
    {"code": st.sampled_from(["nld", "eng", "pol", "jpn"])},
    optional={"spoken": st.integers(0, 4), "written": st.integers(0, 4)},
)
_languages = st.lists(_language, max_size=2, unique_by=lambda item: item["code"])
_hours = (
    st.lists(st.integers(8, 40).map(float), min_size=2, max_size=2)
    .map(sorted)
    .flatmap(
        lambda pair: st.sampled_from(
            [{}, {"hours_min": pair[0]}, {"hours_max": pair[1]}, {"hours_min": pair[0], "hours_max": pair[1]}]
        )
    )
)
_location = st.one_of(
    st.none(),
    st.sampled_from(sorted(PLACES)).map(lambda code: {"postcode": code}),
    st.builds(lambda lat, lon: {"lat": lat, "lon": lon}, st.floats(51.8, 52.0), st.floats(4.2, 4.7)),
    st.just({"postcode": "9999"}),
)
_certificates = st.lists(
    st.sampled_from(["VCA", "vca-vol", "heftruckcertificaat", "Heftruck", "BHV", "HACCP"]), max_size=3, unique=True
)
_licences = st.lists(st.sampled_from(["B", "BE", "C", "CE", "AM", "rijbewijs B"]), max_size=2, unique=True)
_day = st.integers(-60, 120).map(lambda days: TODAY + timedelta(days=days))
_transport = st.lists(st.sampled_from(list(Transport)), max_size=3, unique=True)
_behaviours = st.lists(
    st.fixed_dictionaries({"code": st.integers(24100, 24126), "level": st.sampled_from(list(BehaviourLevel))}),
    max_size=12,
    unique_by=lambda item: item["code"],
)


@st.composite
def talents(draw: st.DrawFn, talent_id: str = "t-1") -> Talent:
    """Any talent: each field may be unknown."""
    window = sorted([draw(_day), draw(_day)])
    fields = {
        "presentation": draw(st.sampled_from(["", "Ik hou van koken en gasten. Ik wil graag in de keuken werken."])),
        "skills": draw(_phrases),
        "interests": draw(_phrases),
        "preferred_occupations": draw(_phrases),
        "experience": draw(
            st.none()
            | st.lists(
                st.fixed_dictionaries({"occupation": _phrase, "months": st.none() | st.integers(0, 90)}), max_size=2
            )
        ),
        "behaviours": draw(_behaviours),
        "education_level": draw(st.none() | st.integers(1, 6)),
        "certificates": draw(st.none() | _certificates),
        "licences": draw(st.none() | _licences),
        "languages": draw(st.none() | _languages),
        "transport": draw(st.none() | _transport),
        "location": draw(_location),
        "max_travel_km": draw(st.none() | st.integers(0, 40)),
        "max_travel_minutes": draw(st.none() | st.integers(0, 90)),
        "irregular_hours": draw(st.none() | st.booleans()),
        "available_from": draw(st.sampled_from([None, window[0]])),
        "available_until": draw(st.sampled_from([None, window[1]])),
        "active": draw(st.sampled_from([True, True, True, False])),
    } | draw(_hours)
    return talent(talent_id, **fields)


@st.composite
def vacancies(draw: st.DrawFn) -> Vacancy:
    """Any vacancy: each field may be left open."""
    fields = {
        "title": draw(_phrase),
        "description": draw(
            st.sampled_from(["", "Je kookt voor gasten. Je houdt de keuken schoon en laadt de wagen."])
        ),
        "occupation": draw(st.none() | _phrase),
        "skills_required": draw(_phrases),
        "skills_desired": draw(_phrases),
        "behaviours": [{"code": item["code"]} for item in draw(_behaviours)],
        "education_level_min": draw(st.none() | st.integers(1, 6)),
        "certificates_required": draw(_certificates),
        "licences_required": draw(_licences),
        "languages_required": draw(_languages),
        "location": draw(_location),
        "irregular_hours": draw(st.none() | st.booleans()),
        "transport_required": draw(_transport),
        "starts_on": draw(st.none() | _day),
        "training_offered": draw(
            st.lists(st.sampled_from(["VCA", "heftruck rijden", "koken"]), max_size=2, unique=True)
        ),
    } | draw(_hours)
    return vacancy("v-1", **fields)


def same(left: object, right: object) -> bool:
    """Equal to the last digit, NaN equal to NaN."""
    return np.array_equal(np.asarray(left), np.asarray(right), equal_nan=True)


def same_columns(left: TalentColumns, right: TalentColumns) -> None:
    for field in dataclasses.fields(TalentColumns):
        one, other = getattr(left, field.name), getattr(right, field.name)
        assert one.dtype == other.dtype, field.name
        assert one.tolist() == other.tolist() if one.dtype == object else same(one, other), field.name


def event_columns(events: Sequence[Event]) -> EventColumns:
    """Events as the store gives them: sorted, one array a field."""
    ordered = sorted(events, key=lambda event: (event.occurred_at, event.event_id))

    def column(name: str, missing: object, dtype: str) -> np.ndarray:
        values = [getattr(event, name, None) for event in ordered]
        return np.array([missing if value is None else value for value in values], dtype=dtype)

    words = {name: column(name, None, "object") for name in ("vacancy_id", "talent_id", "event_id", "shortlist_id")}
    days = {name: column(name, "NaT", "datetime64[D]") for name in ("starts_on", "contract_ends_on", "ended_on")}
    amounts = ("rank", "contract_hours_per_week", "total_hours", "correction", "still_working")
    return EventColumns(
        **words,
        **days,
        **{name: column(name, np.nan, "float64") for name in amounts},
        kind=np.array([str(event.kind) for event in ordered], dtype=object),
        occurred_at=np.array([event.occurred_at.replace(tzinfo=None) for event in ordered], dtype="datetime64[us]"),
        moment=column("moment", None, "object"),
        declined_by=column("by", None, "object"),
    )
