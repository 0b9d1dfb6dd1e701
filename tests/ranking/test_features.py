"""Every feature against a slow oracle that looks at one pair in plain Python, and by hand."""

import math
from statistics import fmean

import numpy as np
import pytest
from feature_oracle import oracle
from hypothesis import given
from hypothesis import strategies as st
from ranking_parts import candidates_of, query_of, same, steady, talent, talents, vacancies, vacancy

from core.records import Talent, Vacancy
from embeddings.fakes import BagOfWordsEncoder
from ranking import dutch
from ranking.features import CLOSE, COLUMNS, FEATURE_NAMES, FEATURES, compute_features
from ranking.history import HistoryFeatures

ENCODER = BagOfWordsEncoder(dim=512)
HISTORY = HistoryFeatures(employer_retention=0.7, employer_placements=3.0, sector_retention=0.6)


def table(asked: Vacancy, people: list[Talent], rows: list[int] | None = None) -> np.ndarray:
    wanted = np.array(range(len(people)) if rows is None else rows, dtype=np.int64)
    values, _ = compute_features(query_of(asked, ENCODER), candidates_of(people, ENCODER), wanted, HISTORY)
    return values


def features(asked: Vacancy, person: Talent) -> dict[str, float]:
    return dict(zip(FEATURE_NAMES, table(asked, [person])[0].tolist(), strict=True))


def numbered(people: list[Talent]) -> list[Talent]:
    return [person.model_copy(update={"talent_id": f"t-{row}"}) for row, person in enumerate(people)]


@steady
@given(vacancies(), talents())
def test_every_feature_is_what_the_oracle_counts(asked: Vacancy, person: Talent) -> None:
    expected = oracle(asked, person, ENCODER, HISTORY)
    found = features(asked, person)
    assert set(found) == set(expected)
    for name, value in found.items():
        # The grid moves a cosine by up to a thousandth; everything else is exact.
        assert value == pytest.approx(expected[name], abs=3e-3, nan_ok=True), name


JOB = vacancy(
    title="kok",
    occupation="kok",
    skills_required=["koken gasten", "lassen"],
    skills_desired=["gasten"],
    behaviours=[{"code": 24105}, {"code": 24121}, {"code": 24120}],
    education_level_min=3,
    certificates_required=["HACCP", "BHV", "VCA"],
    licences_required=["BE", "C"],
    languages_required=[{"code": "nld", "spoken": 3, "written": 2}],
    location={"lat": 51.9, "lon": 4.4},
    hours_min=24,
    hours_max=40,
    irregular_hours=True,
    training_offered=["haccp", "lassen leren"],
)
COOK = talent(
    skills=["koken", "gasten"],
    interests=["kok"],
    preferred_occupations=["kok worden"],
    experience=[{"occupation": "kok", "months": 11}],
    behaviours=[{"code": 24105, "level": 1}, {"code": 24121, "level": 3}, {"code": 24126, "level": 1}],
    education_level=2,
    certificates=["VCA"],
    licences=["B"],
    languages=[{"code": "nld", "spoken": 2, "written": 0}],
    location={"lat": 51.945, "lon": 4.4},  # 0.045 degrees north: 5.004 km
    max_travel_km=10,
    max_travel_minutes=20,
    transport=["bicycle"],
    hours_min=16,
    hours_max=32,
    irregular_hours=False,
)
ONE_OF_TWO = 1 / math.sqrt(2)
HAND_COUNTED = {
    "skill_coverage": 0.5,  # koken for "koken gasten"; nothing for lassen
    "skill_weakest": 0.0,
    "skill_mean": ONE_OF_TWO / 2,
    "desired_mean": 1.0,
    "task_best": ONE_OF_TWO,
    "interest_occupation": 1.0,
    "wish_occupation": ONE_OF_TWO,
    "experience_occupation": 1.0,
    "experience_months": math.log(12),
    "behaviour_fit": (1.0 - 0.5) / 2,  # 24120 is not known
    "behaviour_short": 0.5,
    "education_short": 1.0,
    "education_over": 0.0,
    "certificates_to_get": 2.0,
    "certificates_taught": 1.0,
    "licences_missing": 2.0,
    "language_short": 2.0,
    "hours_below_wish": 0.0,
    "hours_above_wish": 0.0,
    "hours_overlap": 8 / 16,
    "hours_offered": 32.0,
    "irregular_refused": 1.0,
    "travel_km": 5.004,
    "travel_minutes": 5.004 * 1.3 / 15 * 60 + 2,
    "travel_share": (5.004 * 1.3 / 15 * 60 + 2) / 20,
    "training_gap_cover": ONE_OF_TWO,  # "lassen leren" for lassen
    "training_offered": 2.0,
    "employer_retention": 0.7,
    "employer_placements": math.log(4),
    "sector_retention": 0.6,
    "completeness": 14 / 16,  # no presentation, no first day
}


def test_hand_counted() -> None:
    found = features(JOB, COOK)
    for name, value in HAND_COUNTED.items():
        assert found[name] == pytest.approx(value, abs=2e-3), name


def test_nothing_known_gives_nothing_known() -> None:
    found = features(JOB, talent())
    told = {name for name, value in found.items() if not math.isnan(value)}
    assert told == {
        "similarity",
        "completeness",
        "hours_offered",
        "training_offered",
        "employer_retention",
        "employer_placements",
        "sector_retention",
    }
    assert found["similarity"] == 0.0
    assert found["completeness"] == 0.0


def test_what_is_not_asked_is_not_missing() -> None:
    asks_nothing = vacancy(title="kok", irregular_hours=False)
    for person in (talent(), COOK):
        found = features(asks_nothing, person)
        for name in ("certificates_to_get", "certificates_taught", "licences_missing", "language_short"):
            assert found[name] == 0.0, name
        assert found["education_short"] == 0.0
        assert found["irregular_refused"] == 0.0


def test_a_language_without_a_column_is_unknown() -> None:
    japanese = vacancy(languages_required=[{"code": "jpn", "spoken": 3}])
    assert math.isnan(features(japanese, COOK)["language_short"])


def test_a_person_who_has_everything_misses_nothing() -> None:
    rich = COOK.model_copy(update={"licences": ["CE"], "certificates": ["BHV", "VCA", "HACCP"], "education_level": 5})
    found = features(JOB, rich)
    assert (found["licences_missing"], found["certificates_to_get"], found["education_short"]) == (0.0, 0.0, 0.0)
    assert found["education_over"] == 2.0


@pytest.mark.parametrize(
    ("vacancy_hours", "talent_hours", "below", "above", "overlap"),
    [
        ((24, 40), (24, 40), 0, 0, 1.0),
        ((24, 40), (32, 36), 0, 0, 0.25),
        ((24, 40), (40, 60), 0, 0, 0.0),
        ((32, 32), (24, 40), 0, 0, 1.0),
        ((32, 32), (36, 40), 4, 0, 0.0),
        ((32, 32), (16, 24), 0, 8, 0.0),
        ((24, 40), (None, 32), math.nan, 0, 0.5),
        ((24, 40), (32, None), 0, math.nan, 0.5),
        ((24, 40), (None, None), math.nan, math.nan, math.nan),
        ((None, None), (24, 32), math.nan, math.nan, math.nan),
        ((None, 32), (36, 40), 4, math.nan, math.nan),
    ],
)
def test_hours(
    vacancy_hours: tuple[float | None, float | None],
    talent_hours: tuple[float | None, float | None],
    below: float,
    above: float,
    overlap: float,
) -> None:
    asked = vacancy(hours_min=vacancy_hours[0], hours_max=vacancy_hours[1])
    found = features(asked, talent(hours_min=talent_hours[0], hours_max=talent_hours[1]))
    for name, value in (("hours_below_wish", below), ("hours_above_wish", above), ("hours_overlap", overlap)):
        assert found[name] == pytest.approx(value, nan_ok=True), name


@steady
@given(vacancies(), st.lists(talents(), min_size=2, max_size=6), st.data())
def test_a_row_depends_on_its_own_candidate_alone(asked: Vacancy, people: list[Talent], data: st.DataObject) -> None:
    people = numbered(people)
    rows = data.draw(st.lists(st.integers(0, len(people) - 1), min_size=1, max_size=8))
    whole, some = table(asked, people), table(asked, people, rows)
    assert some.shape == (len(rows), len(FEATURES))
    for number, row in enumerate(rows):
        assert same(some[number], whole[row])
        assert same(table(asked, [people[row]])[0], whole[row])


def test_many_behaviours_sum_alike_alone_and_together() -> None:
    levels = np.random.default_rng(3).integers(1, 4, size=(6, 25))
    codes = [code for code in range(24100, 24127) if code not in {24103, 24117}]
    people = [
        talent(f"t-{row}", behaviours=[{"code": c, "level": int(v)} for c, v in zip(codes, line, strict=True)])
        for row, line in enumerate(levels)
    ]
    asked = vacancy(behaviours=[{"code": code} for code in codes])
    whole = table(asked, people)
    for row, person in enumerate(people):
        assert same(table(asked, [person])[0], whole[row])
    worth = {1: 1.0, 2: 0.6, 3: -0.5}
    assert whole[0, FEATURE_NAMES.index("behaviour_fit")] == pytest.approx(fmean(worth[int(v)] for v in levels[0]))


def test_nobody_gives_no_rows() -> None:
    assert table(JOB, [COOK], []).shape == (0, len(FEATURES))


@steady
@given(vacancies(), talents())
def test_who_someone_is_does_not_change_a_feature(asked: Vacancy, person: Talent) -> None:
    here = {"lat": 51.91, "lon": 4.45}
    plain = person.model_copy(update={"location": talent(location=here).location})
    other = plain.model_copy(
        update={
            "talent_id": "somebody-else",
            "location": talent(location=here | {"postcode": "3311ZZ"}).location,
            "municipality": "Dordrecht",
            "route": "back_to_work",
            "extra": {"age": 58, "note": "koken gasten"},
            "updated_at": None,
            "active": not plain.active,
        }
    )
    assert same(table(asked, [plain]), table(asked, [other]))


@steady
@given(vacancies(), st.lists(talents(), min_size=1, max_size=4))
def test_every_value_is_finite_or_unknown(asked: Vacancy, people: list[Talent]) -> None:
    values = table(asked, numbered(people))
    assert values.dtype == np.float64
    assert not np.isinf(values).any()


def test_every_feature_is_explained_and_can_be_said() -> None:
    assert len(set(FEATURE_NAMES)) == len(FEATURES)
    assert set(dutch.SENTENCES) == set(FEATURE_NAMES)
    assert COLUMNS.names == FEATURE_NAMES
    assert COLUMNS.monotone == tuple(feature.monotone for feature in FEATURES)
    for feature in FEATURES:
        assert feature.unit, feature.name
        assert len(feature.why.split()) >= 3, feature.name
        assert feature.monotone in {-1, 0, 1}


def test_unrelated_phrases_do_not_come_close() -> None:
    assert features(vacancy(skills_required=["lassen"]), COOK)["skill_coverage"] == 0.0
    assert 0 < CLOSE < ONE_OF_TWO


def test_behaviours_that_only_texts_tell() -> None:
    asked = vacancy(description="Je bent eerlijk. Je werkt nauwkeurig.")  # two behaviours
    examined = {"code": 24106, "level": 1}
    says = features(asked, talent(presentation="Ik ben heel precies.", behaviours=[examined]))
    silent = features(asked, talent(presentation="Goedemiddag.", behaviours=[examined]))
    assert says["behaviour_fit"] == silent["behaviour_fit"] == 1.0
    assert says["behaviour_expected"] == pytest.approx((1.0 + 0.6) / 2)
    assert silent["behaviour_expected"] == pytest.approx((1.0 + 1 / 4) / 2)  # one good mark beside three middling ones
    unexamined = features(asked, talent(presentation="Ik ben heel precies."))
    assert math.isnan(unexamined["behaviour_fit"])
    assert unexamined["behaviour_expected"] == pytest.approx(0.3)
