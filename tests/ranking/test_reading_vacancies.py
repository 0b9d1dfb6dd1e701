"""Vacancies whose open fields are read from their own text: what is filled, and what may exclude."""

import re
from datetime import UTC, date, datetime

import pytest
from reading_scores import PLACES

from core.records import Language, Vacancy
from core.vocabulary import Transport
from ranking import dutch
from ranking.reading import ToldVacancy, VacancyReader
from ranking.reading.languages import _HINTS
from ranking.reading.lexicon import words

WRITTEN = datetime(2025, 2, 10, 9, tzinfo=UTC)
TEXT = "Je maakt tuinen schoon. Je hebt rijbewijs B. VCA. Je werkt 24 uur per week en start per direct in Schiedam."


@pytest.fixture
def reader() -> VacancyReader:
    return VacancyReader(PLACES)


def stored(**fields: object) -> Vacancy:
    return Vacancy.model_validate({"vacancy_id": "v", "title": "hovenier", "updated_at": WRITTEN} | fields)


def test_open_fields_are_filled_and_the_record_stays_as_it_is(reader: VacancyReader) -> None:
    asked = stored(description=TEXT)
    told = reader.told(asked)
    assert told.record.skills_required == ["tuinen schoonmaken"]
    assert told.record.licences_required == ["B"]
    assert told.record.certificates_required == ["VCA"]
    assert (told.record.hours_min, told.record.hours_max) == (24, 24)
    assert told.record.starts_on == date(2025, 2, 10)
    assert told.record.location.postcode == "3111"
    assert told.read == {
        "skills_required", "licences_required", "certificates_required", "hours_min", "hours_max", "starts_on",
        "location",
    }  # fmt: skip
    assert asked == stored(description=TEXT)


def test_what_was_given_is_not_read(reader: VacancyReader) -> None:
    told = reader.told(stored(description=TEXT, licences_required=["C"], hours_max=32.0, skills_required=["snoeien"]))
    assert told.record.licences_required == ["C"]
    assert (told.record.hours_min, told.record.hours_max) == (24, 32)
    assert told.record.skills_required == ["snoeien"]
    assert not told.read & {"licences_required", "hours_max", "skills_required"}


def test_a_title_names_the_job_better_than_a_sentence_does(reader: VacancyReader) -> None:
    text = "Wij zoeken een enthousiaste kok."
    assert reader.told(stored(description=text)).record.occupation is None
    assert reader.told(stored(title="", description=text)).record.occupation == "kok"


def test_only_what_is_said_surely_may_exclude(reader: VacancyReader) -> None:
    """Said in so many words: the licence and the hours. Only named: VCA, the town, "per direct"."""
    told = reader.told(stored(description=TEXT))
    assert told.hard.licences_required == ["B"]
    assert told.hard.hours_max == 24
    assert told.hard.certificates_required == []
    assert told.hard.starts_on is None
    assert told.hard.location.postcode is None
    assert told.unsure == {"certificates_required", "starts_on", "location"}
    assert told.hard.skills_required == told.record.skills_required


def test_of_two_demands_only_the_sure_one_excludes(reader: VacancyReader) -> None:
    told = reader.told(stored(description="BHV is vereist. Werken in de haven, VCA."))
    assert told.record.certificates_required == ["BHV", "VCA"]
    assert told.hard.certificates_required == ["BHV"]
    assert told.unsure == {"certificates_required"}


def test_dates_count_from_the_day_on_which_the_text_was_written(reader: VacancyReader) -> None:
    text = "Je start per direct, contract voor zes maanden."
    told = reader.told(stored(description=text), asked_on=date(2026, 1, 1))
    assert (told.record.starts_on, told.record.contract_ends_on) == (date(2025, 2, 10), date(2025, 8, 9))
    adhoc = Vacancy(vacancy_id="v", description=text)
    assert reader.told(adhoc, asked_on=date(2026, 1, 1)).record.starts_on == date(2026, 1, 1)
    assert reader.told(adhoc).record.starts_on is None


def test_nothing_to_read_is_the_vacancy_as_given(reader: VacancyReader) -> None:
    for asked in (stored(), stored(description="Een leuke baan.")):
        assert reader.told(asked) == ToldVacancy.as_given(asked)
        assert reader.told(asked).record is asked


def test_a_text_is_read_once(reader: VacancyReader) -> None:
    first = reader.told(stored(description=TEXT))
    again = reader.told(stored(description=TEXT, vacancy_id="w"))
    assert again.record.model_copy(update={"vacancy_id": "v"}) == first.record
    assert (reader._findings.cache_info().hits, reader._findings.cache_info().misses) == (1, 1)


def test_every_field_that_can_be_read_is_told(reader: VacancyReader) -> None:
    everything = Vacancy(
        vacancy_id="v",
        title="x",
        occupation="kok",
        skills_required=["koken"],
        skills_desired=["bakken"],
        education_level_min=3,
        certificates_required=["HACCP"],
        licences_required=["B"],
        languages_required=[Language(code="nld", spoken=3)],
        location={"postcode": "3011"},
        hours_min=0,
        hours_max=24,
        irregular_hours=True,
        transport_required=[Transport.CAR, Transport.BICYCLE],
        starts_on=date(2025, 3, 1),
        contract_ends_on=date(2025, 9, 1),
        training_offered=["afwassen"],
        positions=3,
    )
    said = dutch.what_was_read(everything, dutch.READ_FIELDS, ["starts_on", "location"])
    assert said == (
        "Gelezen uit de tekst, kijk of het klopt: beroep: kok; uren: 0 tot 24; rooster: onregelmatig; "
        "vaardigheden: koken; mooi meegenomen: bakken; werk- en denkniveau: 3; verplichte certificaten: HACCP; "
        "rijbewijs: B; talen: Nederlands; eigen vervoer: auto of fiets; leert van de werkgever: afwassen; "
        "start: 01-03-2025; einde contract: 01-09-2025; postcode: 3011; aantal plaatsen: 3. "
        "Niet zeker gelezen; niemand valt hierom af: start en postcode."
    )
    assert dutch.what_was_read(everything, []) is None


def test_every_language_has_a_hint_and_a_name() -> None:
    for code, names in words()["languages"].items():
        for name in re.sub(r"\[[^]]*\]", "i", names).replace("s?", "s").split("|"):
            assert any(hint in name for hint in _HINTS), name
        assert code in dutch.LANGUAGE_NL


def test_nothing_is_read_where_a_person_checked_the_text(reader: VacancyReader) -> None:
    """She took out the licence: it must not come back from the text."""
    checked = stored(description=TEXT, hours_max=24.0, text_checked=True)
    assert reader.told(checked) == ToldVacancy.as_given(checked)
    assert reader.told(stored(description=TEXT, hours_max=24.0)).record.licences_required == ["B"]
