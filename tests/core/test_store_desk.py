"""The lists of the desk, judged by what was put into the store."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.records import EVENT_ADAPTER, Event, Place, Vacancy
from core.shortlists import Shortlist
from core.store import Store, Tally, folded, text_key
from core.store.desk import MAX_ASKED
from core.vocabulary import RankingMode, VacancyStatus

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def vacancy(vacancy_id: str, **fields: object) -> Vacancy:
    return Vacancy.model_validate({"vacancy_id": vacancy_id, "title": "kok"} | fields)


def event(number: int, kind: str, vacancy_id: str, talent_id: str, day: int, **fields: object) -> Event:
    given = {"event_id": f"e{number}", "kind": kind, "vacancy_id": vacancy_id, "talent_id": talent_id}
    return EVENT_ADAPTER.validate_python(given | {"occurred_at": MONDAY + day * DAY} | fields)


def shortlist(shortlist_id: str, vacancy_id: str, day: int) -> Shortlist:
    return Shortlist(
        shortlist_id=shortlist_id, vacancy_id=vacancy_id, created_at=MONDAY + day * DAY,
        ranking_mode=RankingMode.SEMANTIC, model_version=None, encoder_version="e", index_version="i", pool_size=9,
        entries=[], near_misses=[],
    )  # fmt: skip


def test_a_line_says_what_was_stored(store: Store) -> None:
    store.put_vacancies(
        [
            vacancy(
                "v1", title="Kok", occupation="zelfstandig werkend kok", description="Je kookt in  ons Café.",
                employer={"employer_id": "w1", "name": "Café Zee"}, sector="56.10", location={"postcode": "3011AB"},
                positions=3, closes_on=date(2026, 4, 1), status="filled",
            ),
            vacancy("v2", title="", occupation="bakker", description="Brood!"),
            vacancy("v3", title="", description="Iemand voor de tuin."),
        ],
        now=MONDAY,
    )  # fmt: skip
    lines = {line.vacancy_id: line for line in store.desk.vacancies()}
    first = lines["v1"]
    assert (first.title, first.occupation, first.employer_id, first.employer) == (
        "Kok", "zelfstandig werkend kok", "w1", "Café Zee",
    )  # fmt: skip
    assert (first.sector, first.pc4, first.positions, first.closes_on) == ("56.10", "3011", 3, date(2026, 4, 1))
    assert (first.status, first.since) == (VacancyStatus.FILLED, MONDAY)
    assert first.words == "kok cafe zee zelfstandig werkend kok je kookt in ons cafe."
    assert [lines[key].title for key in ("v2", "v3")] == ["bakker", ""]
    assert (lines["v2"].pc4, lines["v2"].closes_on, lines["v2"].employer) == (None, None, "")
    assert lines["v2"].words == "bakker brood!"
    assert first.text_key == text_key("je  kookt in ons cafe.") != text_key("") == ""


def test_the_list_follows_the_store(store: Store) -> None:
    assert store.desk.vacancies() == ()
    store.put_vacancies([vacancy("a"), vacancy("b")], now=MONDAY)
    before = store.desk.vacancies()
    assert {line.vacancy_id for line in before} == {"a", "b"}
    assert store.desk.vacancies() is before  # nothing changed, nothing read
    store.put_vacancies([vacancy("b", title="bakker"), vacancy("c")], now=MONDAY + DAY)
    after = {line.vacancy_id: line for line in store.desk.vacancies()}
    assert {key: line.title for key, line in after.items()} == {"a": "kok", "b": "bakker", "c": "kok"}
    assert any(line is after["a"] for line in before)  # what did not change was not read again


def test_another_process_sees_the_change_too(database_url: str) -> None:
    with Store.open(database_url) as one, Store.open(database_url) as other:
        one.put_vacancies([vacancy("a")], now=MONDAY)
        assert [line.title for line in other.desk.vacancies()] == ["kok"]
        one.put_vacancies([vacancy("a", title="bakker")], now=MONDAY)
        assert [line.title for line in other.desk.vacancies()] == ["bakker"]


def test_since_counts_from_the_last_change_of_status(store: Store) -> None:
    def written(day: int, **fields: object) -> None:
        store.put_vacancies([vacancy("a", **fields)], now=MONDAY + day * DAY)

    def since() -> datetime:
        return store.desk.vacancies()[0].since

    written(0)
    assert since() == MONDAY
    written(1, title="bakker")
    assert since() == MONDAY
    written(2, status="filled")
    assert since() == MONDAY + 2 * DAY
    written(3, status="filled", positions=2)
    assert since() == MONDAY + 2 * DAY
    written(9)
    assert since() == MONDAY + 9 * DAY
    written(10, title="kok met diploma")
    assert since() == MONDAY + 9 * DAY
    with_date = vacancy("b", updated_at=MONDAY - 30 * DAY)  # imported: the record itself says since when
    store.put_vacancies([with_date], now=MONDAY + 10 * DAY)
    assert {line.vacancy_id: line.since for line in store.desk.vacancies()}["b"] == MONDAY - 30 * DAY


def test_people_are_counted_once_and_those_who_stopped_not_as_placed(store: Store) -> None:
    placed = {"starts_on": date(2026, 3, 9), "contract_hours_per_week": 32}
    store.put_events(
        [
            event(1, "proposed", "a", "t1", 0),
            event(2, "proposed", "a", "t1", 1),
            event(3, "proposed", "a", "t2", 1),
            event(4, "placed", "a", "t1", 2, **placed),
            event(5, "placed", "a", "t2", 3, **placed),
            event(6, "ended", "a", "t2", 4, ended_on=date(2026, 3, 20)),
            event(7, "placed", "a", "t3", 3, **placed),
            event(8, "ended", "a", "t3", 4, ended_on=date(2026, 3, 20)),
            event(9, "placed", "a", "t3", 5, **placed),  # came back
            event(10, "shown", "b", "t1", 0, rank=1),
            event(11, "proposed", "c", "t1", 0),
            event(12, "placed", "d", "t1", 0, **placed),
            event(13, "checkpoint", "d", "t1", 8, moment="first_week", still_working=True),
            event(14, "placed", "d", "t2", 0, **placed),
            event(16, "placed", "d", "t3", 0, **placed),
            event(17, "checkpoint", "d", "t3", 8, moment="first_week", still_working=True),
            event(15, "checkpoint", "d", "t2", 8, moment="first_week", still_working=False),
        ],
        now=MONDAY,
    )
    today = date(2026, 3, 20)
    assert store.desk.tallies(["a", "b"], today=today) == {"a": Tally(proposed=2, placed=2)}
    announced = today - DAY  # whoever leaves tomorrow, works today
    assert store.desk.tallies(["a", "d"], today=announced) == {"a": Tally(2, 3), "d": Tally(0, 2)}
    assert store.desk.tallies([], today=today) == {}
    with pytest.raises(ValueError, match="ask for fewer"):
        store.desk.tallies([str(number) for number in range(MAX_ASKED + 1)], today=today)


def test_shortlists_of_a_vacancy_newest_first(store: Store) -> None:
    for shortlist_id, vacancy_id, day in (("s1", "a", 0), ("s2", "a", 2), ("s3", "b", 1), ("s4", "a", 1)):
        store.save_shortlist(shortlist(shortlist_id, vacancy_id, day), {})
    found = store.desk.shortlists_of("a", limit=2)
    assert [(one.shortlist_id, one.created_at, one.n_entries) for one in found] == [
        ("s2", MONDAY + 2 * DAY, 0), ("s4", MONDAY + DAY, 0),
    ]  # fmt: skip
    assert found[0].ranking_mode is RankingMode.SEMANTIC
    assert store.desk.with_shortlist() == {"a", "b"}
    assert store.desk.shortlists_of("c", limit=5) == []
    with pytest.raises(ValueError, match="ask for fewer"):
        store.desk.shortlists_of("a", limit=MAX_ASKED + 1)


def test_what_happened_on_a_vacancy_without_who_was_shown(store: Store) -> None:
    told = [
        event(3, "proposed", "a", "t1", 1),
        event(1, "shown", "a", "t1", 0, rank=1),
        event(2, "declined", "a", "t1", 2, by="employer", reason="te ver"),
        event(4, "proposed", "b", "t1", 0),
    ]
    store.put_events(told, now=MONDAY)
    assert store.desk.happenings("a") == [told[0], told[2]]


def test_the_book_of_places_is_read_again_when_it_changed(sqlite_store: Store) -> None:
    schiedam = Place(postcode="3111", place="Schiedam", municipality="Schiedam", lat=51.9, lon=4.4)
    assert sqlite_store.desk.places() == {}
    sqlite_store.put_places([schiedam], now=MONDAY)
    book = sqlite_store.desk.places()
    assert book == {"3111": schiedam}
    sqlite_store.put_vacancies([vacancy("a")], now=MONDAY)
    assert sqlite_store.desk.places() is book
    moved = schiedam.model_copy(update={"place": "Schiedam-Centrum"})
    sqlite_store.put_places([moved], now=MONDAY)
    assert sqlite_store.desk.places() == {"3111": moved}


@pytest.mark.parametrize(
    ("text", "found"),
    [("Één  KOK\n", "een kok"), ("Café Oekraïne", "cafe oekraine"), ("Straße 5", "strasse 5"), ("Łódź", "łodz")],
)
def test_a_search_does_not_mind_capitals_and_accents(text: str, found: str) -> None:
    assert folded(text) == found
