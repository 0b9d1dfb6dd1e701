"""Rates of employers and sectors, smoothed by hand: prior 0.5 with the weight of four placements, level by level."""

import numpy as np
import pandas as pd
import pytest
from ranking_parts import vacancy

from core.records import Vacancy
from ranking.history import PlacementHistory
from ranking.outcomes import Outcome

BAKER = vacancy("v-baker", employer={"employer_id": "baker"}, sector="10.7")
MILLER = vacancy("v-miller", employer={"employer_id": "miller"}, sector="10.7")
FERRY = vacancy("v-ferry", employer={"employer_id": "ferry"}, sector="50")
NAMELESS = vacancy("v-nameless")
VACANCIES = {one.vacancy_id: one for one in (BAKER, MILLER, FERRY, NAMELESS)}


def resolved(*rows: tuple[Vacancy, str, Outcome]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "vacancy_id": [row[0].vacancy_id for row in rows],
            "talent_id": [f"t-{number}" for number in range(len(rows))],
            "outcome": np.array([row[2] for row in rows], dtype=object),
            "resolved_at": np.array([row[1] for row in rows], dtype="datetime64[us]"),
        }
    )


HISTORY = PlacementHistory.build(
    resolved(
        (MILLER, "2025-03-01T12:00", Outcome.ENDED),
        (BAKER, "2025-01-01T12:00", Outcome.RETAINED),
        (BAKER, "2025-02-01T12:00", Outcome.RETAINED),
        (FERRY, "2025-04-01T12:00", Outcome.ENDED),
        (BAKER, "NaT", Outcome.CENSORED),
        (vacancy("v-gone"), "2025-05-01T12:00", Outcome.ENDED),
    ),
    VACANCIES,
)


def at(moment: str, asked: Vacancy = BAKER) -> tuple[float, float, float]:
    found = HISTORY.features(asked, np.datetime64(moment, "us"))
    return found.employer_retention, found.employer_placements, found.sector_retention


@pytest.mark.parametrize(
    ("moment", "everyone", "sector", "employer"),
    [
        # (retained, resolved) by then of all, of the sector and of the employer.
        ("2024-12-31", (0, 0), (0, 0), (0, 0)),
        ("2025-01-01T12:00", (0, 0), (0, 0), (0, 0)),  # strictly before
        ("2025-01-01T12:00:00.000001", (1, 1), (1, 1), (1, 1)),
        ("2025-02-15", (2, 2), (2, 2), (2, 2)),
        ("2025-03-15", (2, 3), (2, 3), (2, 2)),
        ("2025-04-15", (2, 4), (2, 3), (2, 2)),
        ("2025-06-01", (2, 5), (2, 3), (2, 2)),
    ],
)
def test_as_of(moment: str, everyone: tuple[int, int], sector: tuple[int, int], employer: tuple[int, int]) -> None:
    overall = (everyone[0] + 4 * 0.5) / (everyone[1] + 4)
    in_sector = (sector[0] + 4 * overall) / (sector[1] + 4)
    at_employer = (employer[0] + 4 * in_sector) / (employer[1] + 4)
    assert at(moment) == pytest.approx((at_employer, employer[1], in_sector))


def test_by_numbers() -> None:
    # Of all two of two with the prior two of four: 2/3. Of the sector (2 + 8/3) of 6, of the employer (2 + 28/9) of 6.
    assert at("2025-02-15") == pytest.approx((23 / 27, 2, 7 / 9))
    assert at("2024-01-01") == (0.5, 0, 0.5)


def test_who_is_not_known_gets_the_rate_above() -> None:
    newcomer = vacancy("v-new", employer={"employer_id": "new"}, sector="10.7")
    assert at("2025-02-15", newcomer) == pytest.approx((7 / 9, 0, 7 / 9))
    assert at("2025-02-15", NAMELESS) == pytest.approx((2 / 3, 0, 2 / 3))


def test_vacancies_without_employer_or_sector_are_nobodys_record() -> None:
    history = PlacementHistory.build(resolved((NAMELESS, "2025-01-01", Outcome.ENDED)), VACANCIES)
    found = history.features(NAMELESS, np.datetime64("2025-02-01"))
    assert found.employer_placements == 0
    assert found.employer_retention == found.sector_retention == pytest.approx(2 / 5)


def test_a_placement_is_never_its_own_evidence() -> None:
    placed_and_shown_before = np.datetime64("2025-01-01T12:00", "us")
    one = PlacementHistory.build(resolved((BAKER, "2025-01-01T12:00", Outcome.RETAINED)), VACANCIES)
    none = PlacementHistory.build(resolved(), VACANCIES)
    assert one.features(BAKER, placed_and_shown_before) == none.features(BAKER, placed_and_shown_before)
    later = np.datetime64("2025-01-02", "us")
    assert one.features(BAKER, later) != none.features(BAKER, later)


def test_open_placements_say_nothing() -> None:
    running = PlacementHistory.build(resolved((BAKER, "NaT", Outcome.CENSORED)), VACANCIES)
    assert running.features(BAKER, np.datetime64("2030-01-01")).employer_placements == 0
