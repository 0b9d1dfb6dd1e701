"""Rates of employers and sectors, smoothed by hand: prior 0.5 with the weight of four placements, level by level."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from ranking_parts import NOW, Diary, noon, vacancy

from core.records import Vacancy
from core.store import Store, VacancyOwner
from ranking.history import PlacementHistory, read_history
from ranking.outcomes import Outcome

BAKER = vacancy("v-baker", employer={"employer_id": "baker"}, sector="10.7")
MILLER = vacancy("v-miller", employer={"employer_id": "miller"}, sector="10.7")
FERRY = vacancy("v-ferry", employer={"employer_id": "ferry"}, sector="50")
NAMELESS = vacancy("v-nameless")
VACANCIES = {one.vacancy_id: one for one in (BAKER, MILLER, FERRY, NAMELESS)}


def owner_of(one: Vacancy | None) -> VacancyOwner | None:
    return VacancyOwner(one.vacancy_id, one.employer.employer_id, one.sector, None) if one else None


def history_of(*rows: tuple[Vacancy, str, Outcome]) -> PlacementHistory:
    """Of placements whose outcome became known at a moment, and stayed so."""
    known = [row for row in rows if row[2] != Outcome.CENSORED]
    turns = pd.DataFrame(
        {
            "known_at": np.array([row[1] for row in known], dtype="datetime64[us]"),
            "resolved": np.ones(len(known)),
            "retained": np.array([row[2] == Outcome.RETAINED for row in known], dtype=float),
            "owner": np.array([owner_of(VACANCIES.get(row[0].vacancy_id)) for row in known], dtype=object),
        }
    ).sort_values("known_at")
    return PlacementHistory.build(turns.drop(columns="owner"), turns["owner"].tolist())


HISTORY = history_of(
    (MILLER, "2025-03-01T12:00", Outcome.ENDED),
    (BAKER, "2025-01-01T12:00", Outcome.RETAINED),
    (BAKER, "2025-02-01T12:00", Outcome.RETAINED),
    (FERRY, "2025-04-01T12:00", Outcome.ENDED),
    (vacancy("v-gone"), "2025-05-01T12:00", Outcome.ENDED),
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
    history = history_of((NAMELESS, "2025-01-01", Outcome.ENDED))
    found = history.features(NAMELESS, np.datetime64("2025-02-01"))
    assert found.employer_placements == 0
    assert found.employer_retention == found.sector_retention == pytest.approx(2 / 5)


def test_a_placement_is_never_its_own_evidence() -> None:
    placed_and_shown_before = np.datetime64("2025-01-01T12:00", "us")
    one = history_of((BAKER, "2025-01-01T12:00", Outcome.RETAINED))
    none = history_of()
    assert one.features(BAKER, placed_and_shown_before) == none.features(BAKER, placed_and_shown_before)
    later = np.datetime64("2025-01-02", "us")
    assert one.features(BAKER, later) != none.features(BAKER, later)


# Read from a store: whose placement it was, and what was known when.


def filled(store: Store) -> Diary:
    """The baker hires two people who leave; afterwards a miller takes the first vacancy over."""
    for owner, when in ((BAKER, "2025-01-01"), (MILLER, "2025-06-01")):
        record = owner.model_copy(update={"vacancy_id": "v-1", "updated_at": noon(when)})
        store.put_vacancies([record], now=noon(when))
    store.put_vacancies([BAKER.model_copy(update={"vacancy_id": "v-2"})], now=noon("2025-01-01"))
    diary = Diary()
    for number in (1, 2):
        pair = (f"v-{number}", f"t-{number}")
        diary.add("placed", "2025-02-03", pair, starts_on=date(2025, 2, 10), contract_hours_per_week=40)
        diary.add("ended", "2025-03-03", pair, ended_on=date(2025, 3, 1))
    return diary


def test_a_vacancy_that_changes_hands_leaves_its_past_where_it_was(sqlite_store: Store) -> None:
    filled(sqlite_store)
    diary = filled(sqlite_store)
    sqlite_store.put_events(diary.events, now=NOW)
    for as_of in ("2025-05-01", "2025-12-01"):  # before the change and after it: the same past
        known = read_history(sqlite_store, sqlite_store.event_columns(), as_of=noon(as_of))
        when = np.datetime64("2025-04-15", "us")
        assert known.features(BAKER, when).employer_placements == 2
        assert known.features(MILLER, when).employer_placements == 0


def test_open_placements_say_nothing(sqlite_store: Store) -> None:
    diary = filled(sqlite_store)
    ends = [event for event in diary.events if event.kind != "ended"]
    sqlite_store.put_events(ends, now=NOW)
    known = read_history(sqlite_store, sqlite_store.event_columns(), as_of=noon("2025-06-01"))
    assert known.features(BAKER, np.datetime64("2030-01-01")).employer_placements == 0


def test_what_a_late_message_takes_back_counted_until_then(sqlite_store: Store) -> None:
    diary = filled(sqlite_store)
    diary.add("ended", "2025-10-01", ("v-2", "t-2"), ended_on=date(2025, 3, 1))
    told = [event for event in diary.events if event.kind == "placed" or event.occurred_at > noon("2025-09-01")]
    sqlite_store.put_events(told, now=NOW)
    known = read_history(sqlite_store, sqlite_store.event_columns(), as_of=noon("2025-12-01"))
    full = date(2025, 2, 10) + timedelta(weeks=26)  # of 40 hours: both lasted, as far as was known then
    both = known.features(BAKER, np.datetime64(full + timedelta(days=1)))
    one = known.features(BAKER, np.datetime64("2025-11-01"))
    assert (both.employer_placements, one.employer_placements) == (2, 2)
    assert both.employer_retention > one.employer_retention
