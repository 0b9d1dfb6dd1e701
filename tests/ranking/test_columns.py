import math
from datetime import date

import numpy as np
import pytest
from ranking_parts import PLACES, same_columns, talent

from core.vocabulary import Transport
from ranking.columns import LANGUAGE_ORDER, TalentColumns, coordinates
from ranking.travel import TRANSPORT_ORDER

FULL = talent(
    "full",
    presentation="Ik werk graag buiten.",
    behaviours=[{"code": 24105, "level": 1}, {"code": 24121, "level": 3}, {"code": 24126, "level": 5}],
    skills=["snoeien"],
    interests=["tuinen"],
    preferred_occupations=["hovenier"],
    experience=[{"occupation": "hovenier", "months": 7}, {"occupation": "kok", "months": 5}],
    education_level=3,
    certificates=["VCA", "BHV"],
    licences=["B"],
    languages=[{"code": "nld", "spoken": 3}, {"code": "eng", "written": 0}, {"code": "jpn", "spoken": 4}],
    location={"postcode": "3111AB"},
    max_travel_km=15,
    max_travel_minutes=45,
    transport=["bicycle", "car"],
    hours_min=24,
    hours_max=32,
    irregular_hours=False,
    available_from=date(2026, 4, 1),
    available_until=date(2027, 4, 1),
)
NOBODY = talent("unknown")
NONE_AT_ALL = talent("none", experience=[], certificates=[], licences=[], languages=[], transport=[], active=False)


@pytest.fixture(scope="module")
def columns() -> TalentColumns:
    return TalentColumns.build([FULL, NOBODY, NONE_AT_ALL], PLACES)


def test_what_is_known_stands_in_its_column(columns: TalentColumns) -> None:
    assert columns.education[0] == 3
    assert (columns.lat[0], columns.lon[0]) == (PLACES["3111"].lat, PLACES["3111"].lon)
    assert (columns.max_km[0], columns.max_minutes[0]) == (15, 45)
    assert {way for way, has in zip(TRANSPORT_ORDER, columns.transport[0], strict=True) if has} == {
        Transport.CAR,
        Transport.BICYCLE,
    }
    assert (columns.hours_min[0], columns.hours_max[0], columns.irregular[0]) == (24, 32, 0)
    assert columns.available_from[0] == np.datetime64("2026-04-01")
    assert columns.available_until[0] == np.datetime64("2027-04-01")
    assert columns.experience_months[0] == 12
    assert columns.licences[0] == ("B",)
    assert columns.certificates[0] == ("VCA", "BHV")


def test_a_behaviour_is_worth_its_level_and_an_open_one_nothing_known(columns: TalentColumns) -> None:
    known = {24100 + code: value for code, value in enumerate(columns.behaviours[0]) if not math.isnan(value)}
    assert known == {24105: 1.0, 24121: -0.5}


def test_languages_by_skill(columns: TalentColumns) -> None:
    nld, eng = LANGUAGE_ORDER.index("nld"), LANGUAGE_ORDER.index("eng")
    assert columns.spoken[0, nld] == 3
    assert columns.written[0, eng] == 0
    assert np.isnan([columns.written[0, nld], columns.spoken[0, eng]]).all()


def test_unknown_is_not_none(columns: TalentColumns) -> None:
    unknown, none = 1, 2
    for name in ("education", "lat", "lon", "max_km", "max_minutes", "hours_min", "hours_max", "irregular"):
        assert math.isnan(getattr(columns, name)[unknown]), name
    assert np.isnat([columns.available_from[unknown], columns.available_until[unknown]]).all()
    assert columns.licences[unknown] is None
    assert columns.licences[none] == ()
    assert columns.certificates[unknown] is None
    assert columns.certificates[none] == ()
    assert columns.transport_known.tolist() == [True, False, True]
    assert not columns.transport[[unknown, none]].any()
    assert math.isnan(columns.experience_months[unknown])
    assert columns.experience_months[none] == 0
    assert np.isnan(columns.spoken[unknown]).all()
    assert (columns.spoken[none] == 0).all()
    assert (columns.written[none] == 0).all()
    assert columns.active.tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("months", "total"), [([None], math.nan), ([None, None], math.nan), ([None, 4], 4), ([0], 0), ([3, 9], 12)]
)
def test_months_of_work_that_nobody_counted_are_unknown(months: list[int | None], total: float) -> None:
    worked = talent(experience=[{"occupation": "kok", "months": each} for each in months])
    assert TalentColumns.build([worked], {}).experience_months[0] == pytest.approx(total, nan_ok=True)


def test_completeness_counts_filled_fields(columns: TalentColumns) -> None:
    # Sixteen fields count: not those of who someone is or where they live.
    assert columns.completeness[0] == 1.0
    assert columns.completeness[1] == 0.0
    half = talent(presentation="Hallo allemaal.", skills=["koken"], hours_min=8, irregular_hours=False)
    assert TalentColumns.build([half], {}).completeness[0] == 4 / 16


@pytest.mark.parametrize(
    ("pc4", "lat", "lon", "expected"),
    [
        ("3111", 51.0, 4.0, (51.0, 4.0)),
        ("3111", None, None, (PLACES["3111"].lat, PLACES["3111"].lon)),
        ("3111", 51.0, None, (PLACES["3111"].lat, PLACES["3111"].lon)),
        ("9999", None, None, (None, None)),
        ("9999", 51.0, 4.0, (51.0, 4.0)),
        (None, None, None, (None, None)),
        (None, 0.0, 0.0, (0.0, 0.0)),
    ],
)
def test_own_coordinates_go_before_those_of_the_postcode(
    pc4: str | None, lat: float | None, lon: float | None, expected: tuple[float | None, float | None]
) -> None:
    assert coordinates(pc4, lat, lon, PLACES) == expected


def test_take_and_concatenate_give_what_building_gives(columns: TalentColumns) -> None:
    built = TalentColumns.build([NONE_AT_ALL, FULL], PLACES)
    taken = columns.take(np.array([2, 0]))
    joined = TalentColumns.concatenate(
        [
            TalentColumns.build([NONE_AT_ALL], PLACES),
            TalentColumns.build([], PLACES),
            TalentColumns.build([FULL], PLACES),
        ]
    )
    assert len(built) == len(taken) == len(joined) == 2
    for other in (taken, joined):
        same_columns(built, other)


def test_nobody_is_a_table_too() -> None:
    nobody = TalentColumns.build([], {})
    assert len(nobody) == 0
    assert nobody.transport.shape == (0, len(TRANSPORT_ORDER))
