"""Sentences as a Dutch reader would split them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.sentences import MAX_SENTENCE_CHARS, clean, sentences, task_sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ik kook graag. Ik bak ook!", ["Ik kook graag", "Ik bak ook"]),
        ("Wat ik kan:\n- orders pikken\n- heftruck rijden", ["Wat ik kan", "orders pikken", "heftruck rijden"]),
        ("Start om 07.00 uur; einde om 15.30 uur", ["Start om 07.00 uur", "einde om 15.30 uur"]),
        ("Ik deed o.a. de kassa en bijv. de voorraad.", ["Ik deed o.a. de kassa en bijv. de voorraad"]),
        ("Ja. Nee. Ik help graag.", ["Ik help graag"]),
        ("", []),
    ],
)
def test_by_hand(text, expected):
    assert sentences(text) == expected


@given(st.text(max_size=400))
def test_sentences_are_clean_and_bounded(text):
    for sentence in sentences(text):
        assert 0 < len(sentence) <= MAX_SENTENCE_CHARS
        assert clean(sentence) == sentence
        assert " " in sentence
        sentence.encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cafe\u0301  met\tkoffie\n", "café met koffie"),
        ("a\u200bb\ufeffc\x07", "abc"),
        ("half \ud800 paar", "half paar"),
    ],
)
def test_clean(text, expected):
    assert clean(text) == expected


@pytest.mark.parametrize(
    "terms",
    [
        "Solliciteer direct via de site.",
        "Wij bieden een goed pensioen.",
        "Je salaris is 14 euro bruto per uur.",
        "Bel met Anita voor vragen.",
        "Acquisitie stellen wij niet op prijs.",
        "Herken je jezelf hierin?",
    ],
)
def test_terms_of_employment_go(terms):
    assert task_sentences(f"Je wast de ramen. {terms} Je werkt buiten.") == ["Je wast de ramen", "Je werkt buiten"]


def test_an_offer_to_teach_stays():
    offer = "Wij bieden een opleiding tot lasser"
    assert task_sentences(f"Je wast de ramen. {offer}.") == ["Je wast de ramen", offer]
