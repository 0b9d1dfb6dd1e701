"""Searching, filtering and ordering the list of vacancies, judged by hand and by plain loops."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from core.sectors import Sector
from core.store import VacancyLine, folded, text_key
from core.vocabulary import VacancyStatus
from ranking.vacancy_list import (
    VacancyFilter,
    VacancyOrder,
    VacancyState,
    known_employer,
    same_open_vacancy,
    select_vacancies,
    state_of,
)

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TOWNS = {"3111": "Schiedam", "3131": "Vlaardingen"}


def line(vacancy_id: str, *, days: int = 0, text: str = "", **fields: object) -> VacancyLine:
    given: dict[str, object] = {
        "title": "Kok", "employer_id": None, "employer": "", "sector": None, "occupation": None, "pc4": None,
        "positions": 1, "closes_on": None, "status": VacancyStatus.OPEN, "since": NOW - timedelta(days=days),
    } | fields  # fmt: skip
    words = folded(f"{given['title']} {given['employer']} {given['occupation'] or ''} {text}")
    return VacancyLine(vacancy_id=vacancy_id, words=words, text_key=text_key(text), **given)  # type: ignore[arg-type]


def ids(lines: list[VacancyLine], wanted: VacancyFilter, with_shortlist: set[str] | None = None) -> list[str]:
    found = select_vacancies(lines, wanted, municipalities=TOWNS, with_shortlist=with_shortlist or set(), today=TODAY)
    return [one.vacancy_id for one in found]


LINES = [
    line("v1", days=3, employer="Café Zee", sector="56.10", pc4="3111", text="Je kookt voor gasten."),
    line("v2", days=9, title="Lasser", employer="Staal BV", sector="25.11", pc4="3131", occupation="lasser"),
    line("v3", days=1, title="Bakker", sector="10.71", closes_on=date(2026, 3, 1)),
    line("v4", days=5, title="Kok", status=VacancyStatus.FILLED, pc4="3111", closes_on=date(2026, 1, 1)),
    line("v5", days=2, title="Chef-kok", status=VacancyStatus.WITHDRAWN, sector="55.10"),
    line("v6", days=3, title="Kapper", closes_on=TODAY),
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (VacancyFilter(), ["v2", "v4", "v1", "v6", "v5", "v3"]),
        (VacancyFilter(order=VacancyOrder.NEWEST), ["v3", "v5", "v1", "v6", "v4", "v2"]),
        (VacancyFilter(state=VacancyState.OPEN), ["v2", "v1", "v6"]),
        (VacancyFilter(state=VacancyState.EXPIRED), ["v3"]),
        (VacancyFilter(state=VacancyState.FILLED), ["v4"]),
        (VacancyFilter(state=VacancyState.WITHDRAWN), ["v5"]),
        (VacancyFilter(search="KOK"), ["v4", "v1", "v5"]),
        (VacancyFilter(search="cafe gasten"), ["v1"]),
        (VacancyFilter(search="café lasser"), []),
        (VacancyFilter(search="staal"), ["v2"]),
        (VacancyFilter(sector=Sector.HOSPITALITY), ["v1", "v5"]),
        (VacancyFilter(sector=Sector.UNKNOWN), ["v4", "v6"]),
        (VacancyFilter(municipality="Schiedam"), ["v4", "v1"]),
        (VacancyFilter(municipality="Schiedam", state=VacancyState.OPEN), ["v1"]),
        (VacancyFilter(municipality="Delft"), []),
    ],
)
def test_what_is_found_in_which_order(wanted: VacancyFilter, found: list[str]) -> None:
    assert ids(LINES, wanted) == found
    assert ids(LINES[::-1], wanted) == found


def test_without_a_shortlist_comes_first_when_asked() -> None:
    wanted = VacancyFilter(order=VacancyOrder.NO_SHORTLIST)
    assert ids(LINES, wanted, {"v2", "v1", "other"}) == ["v4", "v6", "v5", "v3", "v2", "v1"]


def test_on_its_closing_date_a_vacancy_is_still_open() -> None:
    for closes_on, state in ((TODAY, VacancyState.OPEN), (TODAY - timedelta(days=1), VacancyState.EXPIRED)):
        assert state_of(line("v", closes_on=closes_on), TODAY) is state


def test_any_filter_finds_what_a_plain_loop_finds() -> None:
    chance = random.Random(5)
    titles = ("Kok", "Lasser", "Bakker", "Kapper")
    lines = [
        line(
            f"v{number}", days=chance.randrange(50), title=chance.choice(titles), pc4=chance.choice(["3111", "3131"]),
            sector=chance.choice(["56.10", "25.11", None]), status=chance.choice(list(VacancyStatus)),
        )
        for number in range(200)
    ]  # fmt: skip
    wanted = VacancyFilter("ko", Sector.HOSPITALITY, "Schiedam", VacancyState.OPEN)
    expected = {
        one.vacancy_id
        for one in lines
        if "Kok" in one.title and one.sector == "56.10" and one.pc4 == "3111" and one.status == "open"
    }
    found = ids(lines, wanted)
    assert set(found) == expected
    assert 0 < len(found) < 50
    ages = {one.vacancy_id: one.since for one in lines}
    assert [ages[key] for key in found] == sorted(ages[key] for key in found)


def test_the_same_text_of_the_same_open_employer_is_told() -> None:
    text = "Je kookt  voor onze GASTEN."
    same = line("v1", employer="Café Zee", text=text)
    others = [
        line("v2", employer="Café Meer", text=text),
        line("v3", employer="Café Zee", text="Je bakt voor onze gasten."),
        line("v4", employer="Café Zee", text=text, status=VacancyStatus.FILLED),
    ]
    assert same_open_vacancy([*others, same], "cafe zee", "je kookt voor onze gasten.") is same
    assert same_open_vacancy(others, "Café Zee", text) is None


def test_an_employer_is_known_by_its_name() -> None:
    first = line("v1", days=9, employer="Staal BV", employer_id="w1")
    last = line("v2", days=1, employer="STAAL  bv", employer_id="w2")
    nameless = line("v3", employer="Staal BV")
    assert known_employer([first, last, nameless], " staal bv ") is last
    assert known_employer([nameless], "Staal BV") is None
