"""What of a record becomes text, and what never does."""

from datetime import UTC, date, datetime

import pytest
from embedding_parts import talent, vacancy
from hypothesis import given, settings
from hypothesis import strategies as st

from core.records import Talent, Vacancy
from embeddings.phrases import MAX_PHRASES, Phrase, PhraseKind
from embeddings.sentences import MAX_SENTENCE_CHARS
from embeddings.views import talent_phrases, talent_text, vacancy_phrases, vacancy_text

FATMA = Talent.model_validate(
    {
        "talent_id": "t1",
        "presentation": "Ik ben handig. Mensen helpen geeft mij energie!",
        "behaviours": [
            {"code": 24105, "level": 2},
            {"code": 24104, "level": 1},
            {"code": 24101, "level": 3},
            {"code": 24109, "level": 4},
            {"code": 24113, "level": 5},
            {"code": 24116, "level": 9},
        ],
        "skills": ["haren knippen", "kassa"],
        "interests": ["mode"],
        "preferred_occupations": ["kapper"],
        "experience": [{"occupation": "verkoper", "months": 14, "text": "Klanten geholpen. Kassa gedaan"}],
        "certificates": ["BHV"],
    }
)
WAREHOUSE = Vacancy.model_validate(
    {
        "vacancy_id": "v1",
        "title": "Magazijnmedewerker",
        "occupation": "logistiek medewerker",
        "skills_required": ["orders verzamelen"],
        "skills_desired": ["heftruck rijden"],
        "certificates_required": ["VCA"],
        "training_offered": ["heftruckcertificaat"],
        "employer": {"employer_id": "e1", "name": "Jansen Groothandel"},
        "description": (
            "Voor onze groothandel zoeken wij een magazijnmedewerker (m/v/x), 32 tot 38 uur. "
            "Je verzamelt orders, laadt en lost vrachtwagens en start om 07.00 uur.\n"
            "- Je houdt de voorraad bij\n- Je werkt netjes\n"
            "Wij bieden een marktconform salaris en 25 vakantiedagen. Wij bieden ook een opleiding tot chauffeur. "
            "Interesse? Stuur je cv naar Jan. Acquisitie wordt niet op prijs gesteld."
        ),
    }
)


def test_talent_text_by_hand():
    assert talent_text(FATMA) == (
        "Ik ben handig. Mensen helpen geeft mij energie! Sterk in: aandacht en begrip tonen. "
        "Ook goed in: samenwerken en overleggen. Kan: haren knippen, kassa. Interesse in: mode. "
        "Zoekt werk als: kapper. Werkte als: verkoper. Klanten geholpen. Kassa gedaan."
    )


def test_talent_phrases_by_hand():
    assert talent_phrases(FATMA) == [
        Phrase(PhraseKind.SKILL, "haren knippen"),
        Phrase(PhraseKind.SKILL, "kassa"),
        Phrase(PhraseKind.EXPERIENCE, "verkoper"),
        Phrase(PhraseKind.EXPERIENCE, "Klanten geholpen"),
        Phrase(PhraseKind.EXPERIENCE, "Kassa gedaan"),
        Phrase(PhraseKind.OCCUPATION, "kapper"),
        Phrase(PhraseKind.INTEREST, "mode"),
        Phrase(PhraseKind.CERTIFICATE, "BHV"),
        Phrase(PhraseKind.SENTENCE, "Ik ben handig"),
        Phrase(PhraseKind.SENTENCE, "Mensen helpen geeft mij energie"),
    ]


def test_vacancy_text_by_hand():
    assert vacancy_text(WAREHOUSE) == (
        "Magazijnmedewerker. logistiek medewerker. Nodig: orders verzamelen. Handig: heftruck rijden. "
        "Voor onze groothandel zoeken wij een magazijnmedewerker, 32 tot 38 uur. "
        "Je verzamelt orders, laadt en lost vrachtwagens en start om 07.00 uur. "
        "Je houdt de voorraad bij. Je werkt netjes. Wij bieden ook een opleiding tot chauffeur. "
        "Je leert: heftruckcertificaat."
    )


def test_vacancy_phrases_by_hand():
    assert vacancy_phrases(WAREHOUSE) == [
        Phrase(PhraseKind.SKILL_REQUIRED, "orders verzamelen"),
        Phrase(PhraseKind.SKILL_DESIRED, "heftruck rijden"),
        Phrase(PhraseKind.OCCUPATION, "logistiek medewerker"),
        Phrase(PhraseKind.TITLE, "Magazijnmedewerker"),
        Phrase(PhraseKind.CERTIFICATE, "VCA"),
        Phrase(PhraseKind.TRAINING, "heftruckcertificaat"),
        Phrase(PhraseKind.SENTENCE, "Voor onze groothandel zoeken wij een magazijnmedewerker, 32 tot 38 uur"),
        Phrase(PhraseKind.SENTENCE, "Je verzamelt orders, laadt en lost vrachtwagens en start om 07.00 uur"),
        Phrase(PhraseKind.SENTENCE, "Je houdt de voorraad bij"),
        Phrase(PhraseKind.SENTENCE, "Je werkt netjes"),
        Phrase(PhraseKind.SENTENCE, "Wij bieden ook een opleiding tot chauffeur"),
    ]


def test_an_empty_talent_has_no_text_and_no_phrases():
    nobody = Talent.model_validate({"talent_id": "t1"})
    assert talent_text(nobody) == ""
    assert talent_phrases(nobody) == []


def test_a_vacancy_of_terms_only_keeps_its_text():
    poor = Vacancy.model_validate({"vacancy_id": "v", "description": "Goed salaris en vakantiedagen."})
    assert vacancy_text(poor) == "Goed salaris en vakantiedagen."


def test_a_full_record_is_bounded_and_every_kind_keeps_its_share():
    many = [f"ding {number}" for number in range(100)]
    full = talent(
        1,
        presentation=" ".join(f"Dit is zin {number}." for number in range(200)),
        skills=many,
        interests=many,
        preferred_occupations=many,
        certificates=many,
        experience=[{"occupation": one, "text": "Ik deed dit. Ik deed dat."} for one in many],
    )
    phrases = talent_phrases(full)
    assert len(phrases) == MAX_PHRASES
    assert {phrase.kind for phrase in phrases} == {
        PhraseKind.SKILL,
        PhraseKind.EXPERIENCE,
        PhraseKind.OCCUPATION,
        PhraseKind.INTEREST,
        PhraseKind.CERTIFICATE,
        PhraseKind.SENTENCE,
    }
    required = vacancy(1, skills_required=many)
    assert sum(phrase.kind is PhraseKind.SKILL_REQUIRED for phrase in vacancy_phrases(required)) > 50


def test_room_that_one_kind_leaves_goes_to_the_most_telling():
    many = [f"ding {number}" for number in range(100)]
    phrases = talent_phrases(Talent.model_validate({"talent_id": "t", "skills": many, "interests": many}))
    kinds = [phrase.kind for phrase in phrases]
    assert (kinds.count(PhraseKind.SKILL), kinds.count(PhraseKind.INTEREST)) == (58, 6)


def test_a_long_sentence_is_cut_at_a_word():
    (phrase,) = talent_phrases(Talent.model_validate({"talent_id": "t", "presentation": "helpen " * 300}))
    assert len(phrase.text) <= MAX_SENTENCE_CHARS
    assert set(phrase.text.split()) == {"helpen"}


def test_saying_a_thing_twice_counts_once():
    twice = talent(1, skills=["Lassen", "lassen", "LASSEN "])
    assert [p.text for p in talent_phrases(twice) if p.kind is PhraseKind.SKILL] == ["Lassen"]


CANARY = "kwibuszwaluw"
PROTECTED = {
    "talent_id": CANARY,
    "location": {"postcode": "9876ZW", "lat": 51.987, "lon": 4.987},
    "municipality": CANARY,
    "languages": [{"code": "tur", "spoken": 4}],
    "education_level": 6,
    "licences": [CANARY],
    "route": "back_to_work",
    "hours_min": 13,
    "hours_max": 37,
    "max_travel_km": 77,
    "max_travel_minutes": 88,
    "irregular_hours": True,
    "transport": ["moped"],
    "available_from": date(2031, 7, 9),
    "available_until": date(2032, 7, 9),
    "active": False,
    "updated_at": datetime(2033, 7, 9, tzinfo=UTC),
    "extra": {"name": CANARY, "gender": CANARY, "birth_year": 1971, "health": CANARY},
}
TEXT_FIELDS = {
    *("presentation", "behaviours", "skills", "interests", "preferred_occupations", "experience", "certificates"),
}


def test_every_field_of_a_talent_is_either_text_or_protected():
    """A field that is added to the record must be put in one of the two."""
    assert set(Talent.model_fields) == TEXT_FIELDS | set(PROTECTED)


short = st.text(max_size=60)


@settings(max_examples=100, deadline=None)
@given(
    words=st.fixed_dictionaries(
        {
            "presentation": short,
            "skills": st.lists(short, max_size=3),
            "interests": st.lists(short, max_size=3),
            "certificates": st.none() | st.lists(short, max_size=3),
            "experience": st.none() | st.lists(st.fixed_dictionaries({"occupation": short, "text": short}), max_size=2),
        }
    ),
    protected=st.fixed_dictionaries({}, optional={name: st.just(value) for name, value in PROTECTED.items()}),
)
def test_protected_fields_never_change_a_text(words, protected):
    try:
        plain = Talent.model_validate({"talent_id": "t1", **words})
    except ValueError:  # NUL is refused by the record
        return
    marked = Talent.model_validate({"talent_id": "t1", **words, **protected})
    assert talent_text(marked) == talent_text(plain)
    assert talent_phrases(marked) == talent_phrases(plain)
    everything = talent_text(marked) + " ".join(phrase.text for phrase in talent_phrases(marked))
    assert CANARY not in everything
    for phrase in talent_phrases(marked):
        assert phrase.text == phrase.text.strip() != ""
        everything.encode()  # nothing that cannot be written


def test_the_employers_name_is_no_text():
    assert "Jansen" not in vacancy_text(WAREHOUSE)
    assert not [phrase for phrase in vacancy_phrases(WAREHOUSE) if "Jansen" in phrase.text]


@pytest.mark.parametrize("kind", PhraseKind)
def test_codes_of_kinds_never_change(kind: PhraseKind):
    known = "skill experience interest occupation certificate sentence skill_required skill_desired title training"
    assert known.split()[kind.code] == kind
