"""Every knock-out by hand, and all of them against a slow oracle that judges one pair at a time."""

import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from feature_oracle import SPEED
from hypothesis import given
from hypothesis import strategies as st
from ranking_parts import PLACES, TODAY, steady, talent, talents, vacancies, vacancy

from core.records import Talent, Vacancy
from core.vocabulary import KnockOut
from ranking.columns import LANGUAGE_ORDER, TalentColumns, coordinates
from ranking.eligibility import Eligibility, check_eligibility
from ranking.qualifications import certificate_satisfies, licence_categories, licences_held
from ranking.travel import distance_km


def judged(asked: Vacancy, *people: Talent, today: date = TODAY) -> Eligibility:
    at = coordinates(asked.location.pc4, asked.location.lat, asked.location.lon, PLACES)
    return check_eligibility(asked, TalentColumns.build(people, PLACES), at, today)


SCHIEDAM = {"postcode": "3111"}
DORDRECHT = {"postcode": "3311"}  # 18.9 km from Rotterdam Centraal
ROTTERDAM = {"postcode": "3013"}
BIKE = {"transport": ["bicycle"]}
IN_MAY = date(2026, 5, 1)

NOT_MET = [
    (KnockOut.INACTIVE, {}, {"active": False}, False),
    (KnockOut.LICENCE, {"licences_required": ["CE"]}, {"licences": ["C"]}, True),
    (KnockOut.LICENCE, {"licences_required": ["B"]}, {"licences": []}, True),
    (KnockOut.CERTIFICATE, {"certificates_required": ["VCA"]}, {"certificates": []}, True),
    (KnockOut.CERTIFICATE, {"certificates_required": ["VCA", "BHV"]}, {"certificates": ["BHV"]}, True),
    (KnockOut.HOURS, {"hours_min": 32}, {"hours_max": 31}, True),
    (KnockOut.HOURS, {"hours_min": 32}, {"hours_max": 24}, True),
    (KnockOut.HOURS, {"hours_min": 32}, {"hours_max": 23.5}, False),
    (KnockOut.HOURS, {"hours_max": 16}, {"hours_min": 24, "hours_max": 36}, True),
    (KnockOut.HOURS, {"hours_max": 16}, {"hours_min": 25}, False),
    (KnockOut.AVAILABILITY, {"starts_on": IN_MAY}, {"available_from": date(2026, 5, 2)}, True),
    (KnockOut.AVAILABILITY, {"starts_on": IN_MAY}, {"available_from": IN_MAY + timedelta(days=42)}, True),
    (KnockOut.AVAILABILITY, {"starts_on": IN_MAY}, {"available_from": IN_MAY + timedelta(days=43)}, False),
    (KnockOut.AVAILABILITY, {"starts_on": IN_MAY}, {"available_until": date(2026, 4, 30)}, False),
    (KnockOut.AVAILABILITY, {}, {"available_until": TODAY - timedelta(days=1)}, False),
    # A vacancy that should have started already starts today.
    (
        KnockOut.AVAILABILITY,
        {"starts_on": TODAY - timedelta(days=90)},
        {"available_from": TODAY + timedelta(days=1)},
        True,
    ),
    (
        KnockOut.AVAILABILITY,
        {"starts_on": TODAY - timedelta(days=90)},
        {"available_until": TODAY - timedelta(days=1)},
        False,
    ),
    (
        KnockOut.LANGUAGE,
        {"languages_required": [{"code": "nld", "spoken": 3}]},
        {"languages": [{"code": "nld", "spoken": 2}]},
        True,
    ),
    (
        KnockOut.LANGUAGE,
        {"languages_required": [{"code": "nld", "spoken": 3}]},
        {"languages": [{"code": "nld", "spoken": 1}]},
        False,
    ),
    (
        KnockOut.LANGUAGE,
        {"languages_required": [{"code": "nld", "written": 1}]},
        {"languages": [{"code": "nld", "spoken": 4, "written": 0}]},
        True,
    ),
    (KnockOut.LANGUAGE, {"languages_required": [{"code": "nld", "spoken": 2}]}, {"languages": []}, False),
    (KnockOut.TRAVEL, {"location": DORDRECHT}, {"location": ROTTERDAM, "max_travel_km": 18}, True),
    (KnockOut.TRAVEL, {"location": DORDRECHT}, {"location": ROTTERDAM, "max_travel_km": 12}, True),
    (KnockOut.TRAVEL, {"location": DORDRECHT}, {"location": ROTTERDAM, "max_travel_km": 11}, False),
    # By bicycle about 100 minutes, of which 1.15 is margin: 87.
    (KnockOut.TRAVEL, {"location": DORDRECHT}, {"location": ROTTERDAM, **BIKE, "max_travel_minutes": 86}, True),
    (KnockOut.TRAVEL, {"location": DORDRECHT}, {"location": ROTTERDAM, **BIKE, "max_travel_minutes": 56}, True),
    (KnockOut.TRAVEL, {"location": DORDRECHT}, {"location": ROTTERDAM, **BIKE, "max_travel_minutes": 53}, False),
    (KnockOut.TRANSPORT, {"transport_required": ["car"]}, {"transport": ["bicycle"]}, True),
    (KnockOut.TRANSPORT, {"transport_required": ["car", "moped"]}, {"transport": []}, True),
]


@pytest.mark.parametrize(("code", "asked", "offered", "bridgeable"), NOT_MET)
def test_known_not_to_be_met_blocks(
    code: KnockOut, asked: dict[str, Any], offered: dict[str, Any], bridgeable: bool
) -> None:
    answer = judged(vacancy(**asked), talent(**offered))
    assert answer.reasons(0) == [code]
    assert not answer.eligible[0]
    assert answer.bridgeable[0] == bridgeable


MET = [
    ({"licences_required": ["B"]}, {"licences": ["CE"]}),
    ({"licences_required": ["rijbewijs B"]}, {"licences": ["BE"]}),
    ({"licences_required": ["rijbewijs is fijn"]}, {"licences": []}),
    ({"certificates_required": ["heftruckcertificaat"]}, {"certificates": ["Heftruck"]}),
    ({"certificates_required": ["heftruck"], "training_offered": ["heftruck rijden"]}, {"certificates": []}),
    ({"hours_min": 32}, {"hours_max": 32}),
    ({"hours_max": 24}, {"hours_min": 24}),
    ({"hours_min": 24, "hours_max": 40}, {"hours_min": 30, "hours_max": 32}),
    ({"starts_on": IN_MAY}, {"available_from": IN_MAY, "available_until": IN_MAY}),
    ({}, {"available_until": TODAY}),
    ({}, {"available_from": date(2027, 1, 1)}),
    ({"starts_on": TODAY - timedelta(days=90)}, {"available_from": TODAY - timedelta(days=30)}),
    ({"languages_required": [{"code": "nld", "spoken": 2}]}, {"languages": [{"code": "nld", "spoken": 2}]}),
    ({"languages_required": [{"code": "jpn", "spoken": 4}]}, {"languages": [{"code": "jpn", "spoken": 0}]}),
    ({"languages_required": [{"code": "nld"}]}, {"languages": []}),
    ({"location": DORDRECHT}, {"location": ROTTERDAM, "max_travel_km": 19}),
    ({"location": DORDRECHT}, {"location": ROTTERDAM, **BIKE, "max_travel_minutes": 89}),
    ({"location": DORDRECHT}, {"location": ROTTERDAM, "max_travel_minutes": 5}),  # nobody knows with what
    ({"transport_required": ["car", "bicycle"]}, {"transport": ["bicycle"]}),
    ({}, {"transport": [], "licences": [], "certificates": [], "languages": []}),
]


@pytest.mark.parametrize(("asked", "offered"), MET)
def test_met_does_not_block(asked: dict[str, Any], offered: dict[str, Any]) -> None:
    answer = judged(vacancy(**asked), talent(**offered))
    assert answer.reasons(0) == []
    assert answer.eligible[0]
    assert not answer.bridgeable[0]


EVERYTHING_ASKED = vacancy(
    licences_required=["CE"],
    certificates_required=["VCA"],
    hours_min=36,
    hours_max=36,
    starts_on=TODAY,
    languages_required=[{"code": "nld", "spoken": 4, "written": 4}],
    location=SCHIEDAM,
    transport_required=["car"],
)


@steady
@given(talents())
def test_what_is_unknown_never_blocks(person: Talent) -> None:
    known_by = {
        KnockOut.LICENCE: {"licences": None},
        KnockOut.CERTIFICATE: {"certificates": None},
        KnockOut.HOURS: {"hours_min": None, "hours_max": None},
        KnockOut.AVAILABILITY: {"available_from": None, "available_until": None},
        KnockOut.LANGUAGE: {"languages": None},
        KnockOut.TRAVEL: {"max_travel_km": None},
        KnockOut.TRANSPORT: {"transport": None},
    }
    for code, nothing in known_by.items():
        silent = person.model_copy(update=nothing)
        assert not judged(EVERYTHING_ASKED, silent).blocked[code][0], code
    unknown_place = talent(location={"postcode": "9999"}, max_travel_km=1)
    assert judged(EVERYTHING_ASKED, unknown_place).reasons(0) == []


def test_one_hopeless_reason_outweighs_the_bridgeable_ones() -> None:
    answer = judged(
        vacancy(licences_required=["B"], hours_min=40),
        talent("a", licences=[]),
        talent("b", licences=[], hours_max=20),
        talent("c", licences=["B"], hours_max=36),
        talent("d"),
    )
    assert [answer.reasons(row) for row in range(4)] == [
        [KnockOut.LICENCE],
        [KnockOut.LICENCE, KnockOut.HOURS],
        [KnockOut.HOURS],
        [],
    ]
    assert answer.bridgeable.tolist() == [True, False, True, False]
    assert answer.eligible.tolist() == [False, False, False, True]


def test_nobody_can_be_judged() -> None:
    answer = judged(EVERYTHING_ASKED)
    assert answer.eligible.shape == (0,)
    assert answer.bridgeable.shape == (0,)


# The oracle: one pair, plain Python, one requirement after another.


def oracle(asked: Vacancy, person: Talent, today: date) -> dict[KnockOut, bool]:
    """Knock-outs of one pair, each with whether it could be bridged."""
    found: dict[KnockOut, bool] = {}
    if not person.active:
        found[KnockOut.INACTIVE] = False
    needed = {category for text in asked.licences_required for category in licence_categories(text)}
    if person.licences is not None and not needed <= licences_held(person.licences):
        found[KnockOut.LICENCE] = True
    for need in asked.certificates_required:
        taught = any(certificate_satisfies(offer, need) for offer in asked.training_offered)
        held = person.certificates is None or any(certificate_satisfies(have, need) for have in person.certificates)
        if not taught and not held:
            found[KnockOut.CERTIFICATE] = True
    gap = max(_minus(person.hours_min, asked.hours_max), _minus(asked.hours_min, person.hours_max))
    if gap > 0:
        found[KnockOut.HOURS] = gap <= 8
    _availability(found, asked, person, today)
    short = max((_shortfall(need, person) for need in asked.languages_required), default=0)
    if short > 0:
        found[KnockOut.LANGUAGE] = short <= 1
    _travel(found, asked, person)
    ways = asked.transport_required
    if ways and person.transport is not None and not set(ways) & set(person.transport):
        found[KnockOut.TRANSPORT] = True
    return found


def _minus(left: float | None, right: float | None) -> float:
    return 0.0 if left is None or right is None else left - right


def _availability(found: dict[KnockOut, bool], asked: Vacancy, person: Talent, today: date) -> None:
    start = max(asked.starts_on or today, today)
    if person.available_until is not None and person.available_until < start:
        found[KnockOut.AVAILABILITY] = False
    elif asked.starts_on is not None and person.available_from is not None and person.available_from > start:
        found[KnockOut.AVAILABILITY] = (person.available_from - start).days <= 42


def _shortfall(need: Any, person: Talent) -> int:
    if need.code not in LANGUAGE_ORDER or person.languages is None:
        return 0
    spoken = written = 0 if person.languages == [] else None
    for language in person.languages:
        if language.code == need.code:
            spoken, written = language.spoken, language.written
    return max(
        0 if wanted is None or have is None else wanted - have
        for wanted, have in ((need.spoken, spoken), (need.written, written))
    )


def _travel(found: dict[KnockOut, bool], asked: Vacancy, person: Talent) -> None:
    here = coordinates(person.location.pc4, person.location.lat, person.location.lon, PLACES)
    there = coordinates(asked.location.pc4, asked.location.lat, asked.location.lon, PLACES)
    if None in here or None in there:
        return
    km = distance_km(np.array([here[0]]), np.array([here[1]]), there[0] or 0.0, there[1] or 0.0)[0]
    minutes = min((km * 1.3 / SPEED[way][0] * 60 + SPEED[way][1] for way in person.transport or []), default=0.0)
    ratios = [km / limit if limit else math.inf for limit in (person.max_travel_km,) if limit is not None and km > 0]
    if person.max_travel_minutes is not None and minutes > 0:
        own = person.max_travel_minutes
        ratios.append(minutes / 1.15 / own if own else math.inf)
    if any(ratio > 1 for ratio in ratios):
        found[KnockOut.TRAVEL] = all(ratio <= 1.6 for ratio in ratios)


@steady
@given(vacancies(), st.lists(talents(), min_size=1, max_size=5))
def test_all_at_once_says_what_one_by_one_says(asked: Vacancy, people: list[Talent]) -> None:
    answer = judged(asked, *people)
    for row, person in enumerate(people):
        expected = oracle(asked, person, TODAY)
        assert set(answer.reasons(row)) == set(expected)
        assert answer.eligible[row] == (not expected)
        assert answer.bridgeable[row] == (bool(expected) and all(expected.values()))
