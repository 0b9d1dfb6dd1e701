"""Proposals from a text: every value with the words that say it, and nothing that the ranker would not read."""

import tomllib
from datetime import date

import pytest
from reading_scores import DATA, TODAY, TOWNS

from core.records import Language, Location, Vacancy
from ranking.reading import Proposal, Sureness, completed, propose, read_vacancy

TEXT = """Magazijnmedewerker gezocht!
Wij zijn een groothandel in Schiedam en zoeken per direct twee magazijnmedewerkers voor 32 tot 38 uur per week.
Je verzamelt orders en telt de voorraad. Rijbewijs B is vereist. VCA. Je werkt in wisselende diensten.
Je spreekt goed Nederlands. Wij leren je heftruck rijden."""


def proposal(text: str) -> Proposal:
    return propose(text, today=TODAY, towns=TOWNS)


def texts() -> list[str]:
    """Every hand-written text of the tests of reading."""
    paths = sorted(DATA.glob("vacancy_texts_*.toml"))
    return [entry["text"] for path in paths for entry in tomllib.loads(path.read_text(encoding="utf-8"))["text"]]


def told(found: Proposal, field: str) -> list[tuple[object, str, Sureness]]:
    return [(one.value, one.quote.words, one.sureness) for one in found.of(field)]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("occupation", [("magazijnmedewerker", "Magazijnmedewerker", Sureness.CLEAR)]),
        ("positions", [(2, "twee", Sureness.CLEAR)]),
        ("hours_min", [(32, "32 tot 38 uur per week", Sureness.CLEAR)]),
        ("hours_max", [(38, "32 tot 38 uur per week", Sureness.CLEAR)]),
        ("licences_required", [("B", "Rijbewijs B", Sureness.CLEAR)]),
        ("certificates_required", [("VCA", "VCA", Sureness.LIKELY)]),
        ("irregular_hours", [(True, "wisselende diensten", Sureness.CLEAR)]),
        ("starts_on", [(TODAY, "per direct", Sureness.LIKELY)]),
        ("location", [("3111", "Schiedam", Sureness.LIKELY)]),
        ("contract_ends_on", []),
        ("education_level_min", []),
    ],
)
def test_a_value_comes_with_its_words(field: str, expected: list[tuple[object, str, Sureness]]) -> None:
    assert told(proposal(TEXT), field) == expected


def test_items_of_a_list_are_proposed_one_by_one() -> None:
    found = proposal(TEXT)
    assert told(found, "skills_required") == [
        ("orders verzamelen", "verzamelt orders", Sureness.CLEAR),
        ("voorraad tellen", "telt de voorraad", Sureness.CLEAR),
    ]
    (language,) = found.of("languages_required")
    assert isinstance(language.value, Language)
    assert (language.value.code, language.quote.words) == ("nld", "Nederlands")
    assert [one.value for one in found.of("training_offered")] == ["heftruck"]


def test_a_quote_brings_its_sentence_along() -> None:
    (hours,) = proposal(TEXT).of("hours_min")
    assert hours.quote.before == "…direct twee magazijnmedewerkers voor "
    assert hours.quote.after == ""
    (town,) = proposal(TEXT).of("location")
    assert town.quote.before == "Wij zijn een groothandel in "
    assert town.quote.after == " en zoeken per direct twee…"


@pytest.mark.parametrize("text", texts())
def test_what_is_proposed_is_what_the_ranker_would_read_and_the_text_says(text: str) -> None:
    found = proposal(text)
    record = completed(Vacancy(vacancy_id="v", description=text), read_vacancy(text, today=TODAY, towns=TOWNS))
    proposed: dict[str, object] = {}
    for field in {one.field for one in found.values}:
        values = [one.value for one in found.of(field)]
        proposed[field] = values if isinstance(getattr(record, field), list) else values[0]
    if "location" in proposed:
        proposed["location"] = Location(postcode=str(proposed["location"]))
    read = {name: getattr(record, name) for name in record.model_fields_set - {"vacancy_id", "description"}}
    assert proposed == read
    for one in found.values:
        assert text[one.quote.start : one.quote.end] == one.quote.words != ""
        around = " ".join(f"{one.quote.before}{one.quote.words}{one.quote.after}".strip("…").split())
        assert around in " ".join(text.split())
    filled = {one.field for one in found.values}
    assert not filled & {mention.field for mention in found.mentions}


def test_equal_numbers_keep_their_own_words() -> None:
    found = proposal("Wij zoeken drie lassers. Mbo 2 niveau is vereist.")
    assert told(found, "positions") == [(3, "drie", Sureness.CLEAR)]
    assert [(one.value, one.quote.words) for one in found.of("education_level_min")] == [(3, "Mbo 2")]


def test_what_is_too_unsure_is_told_and_not_filled() -> None:
    found = proposal("Wij zoeken een kok in Rotterdam. Contract voor een half jaar. Rijbewijs B is handig.")
    assert {one.field for one in found.values} == {"occupation"}
    assert [quote.words for quote in found.mentioned("location")] == ["Rotterdam"]
    assert [quote.words for quote in found.mentioned("contract_ends_on")] == ["Contract voor een half jaar"]
    assert [quote.words for quote in found.mentioned("licences_required")] == ["Rijbewijs B"]


def test_without_places_no_town_is_found() -> None:
    assert propose("Kok gezocht in Schiedam.", today=date(2026, 1, 1)).of("location") == []


def test_a_text_that_says_nothing_proposes_nothing() -> None:
    assert proposal("Bel ons even.") == proposal(" \n") == Proposal((), ())


def test_what_stands_beyond_the_longest_text_is_not_read() -> None:
    found = proposal("Kok gezocht. " + "Bel ons even. " * 600 + "Rijbewijs B is vereist.")
    assert {one.field for one in found.values} == {"occupation"}
