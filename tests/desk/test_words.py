"""The catalogue read as a B1 reader would: short sentences, everyday Dutch, nothing left out and nothing left over."""

import re
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path

import pytest

from api.desk.words import CATALOGUES, Words, day, moment, number, short_day
from core import accounts, sectors, vocabulary

DESK = CATALOGUES.parent
TEXTS = Words.load().entries
MAX_WORDS = 18
MAX_LETTERS = 22
_SENTENCE_END = re.compile(r"(?<=[.!?:])\s+|\n+")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VALUE = re.compile(r"\{[^}]*\}")

# Words that a form of ours may not hold: English, office Dutch, and what only engineers say.
_ENGLISH = """
the and with for from your you are not have has this that please click submit cancel save delete edit search filter
page next previous home settings dashboard feedback match score ranking champion model update upload download login
logout user role error warning success failed unknown true false none null open_to back_to_work school_to_work
work_to_work tool skills gap bridge hire interview placement retention label sign password email account status
"""
ENGLISH = frozenset(_ENGLISH.split())
# The same letters are Dutch, or everybody in the Netherlands says them.
ALSO_DUTCH = frozenset({"model", "open", "filter", "status", "page", "tool", "account", "school"})
_OFFICE = """
middels teneinde derhalve desalniettemin aangaande betreffende conform dienen dient geschiedt inzake ingevolge
hieromtrent implementeren faciliteren optimaliseren genereren retourneren valideren validatie authenticatie
autorisatie parameter algoritme database cache token sessie query record endpoint json api kandidaat-id id
"""
OFFICE = frozenset(_OFFICE.split())
U_FORM = frozenset({"u", "uw"})


def sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE_END.split(_VALUE.sub("x", text)) if part.strip()]


@pytest.mark.parametrize("key", TEXTS)
def test_a_text_is_short_everyday_dutch(key: str) -> None:
    text = TEXTS[key]
    assert text.strip() == text, "white space around it"
    assert text, "nothing to read"
    words = [word.casefold() for word in _WORD.findall(_VALUE.sub(" ", text))]
    assert [word for word in words if word in ENGLISH - ALSO_DUTCH] == [], f"English in {text!r}"
    assert [word for word in words if word in OFFICE] == [], f"office words in {text!r}"
    assert [word for word in words if word in U_FORM] == [], f"say je, as on the other pages: {text!r}"
    assert [word for word in words if len(word) > MAX_LETTERS] == []
    assert [part for part in sentences(text) if len(_WORD.findall(part)) > MAX_WORDS] == []
    assert not re.search(r"[a-z]_[a-z]", _VALUE.sub("", text)), f"a code in {text!r}"


def templates() -> list[Path]:
    return sorted((DESK / "templates").rglob("*.html"))


def sources() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in [*templates(), *sorted(DESK.rglob("*.py"))])


def test_every_text_that_a_page_asks_for_is_there() -> None:
    code = sources()
    # A key that ends in a dot is the beginning of one that is put together.
    asked = {key for key in re.findall(r"""\bt\(\s*["']([a-z_0-9.]+)["']""", code) if not key.endswith(".")}
    counted = set(re.findall(r"""\bt\.n\(\s*["']([a-z_0-9.]+)["']""", code))
    asked |= {f"{key}_{form}" for key in counted for form in ("one", "many")}
    assert sorted(asked - set(TEXTS)) == []
    assert asked, "nothing found: the pattern above is wrong"


def test_no_text_is_left_over() -> None:
    """A key may also be put together in code; then its table stands there as ``"file.table."``."""
    code = sources()
    started = tuple(re.findall(r"""["']([a-z_]+(?:\.[a-z_0-9]+)*\.)["'{~]""", code)) + tuple(
        re.findall(r"""["']([a-z_]+(?:\.[a-z_0-9]+)*\.)\{""", code)
    )
    left = [
        key
        for key in TEXTS
        if not key.startswith(("labels.", *started))
        and not re.search(rf"""["']{re.escape(re.sub("_(one|many)$", "", key))}(_one|_many)?["']""", code)
    ]
    assert left == []


def closed_sets() -> list[type[Enum]]:
    shown = (vocabulary, accounts, sectors)
    hidden = {"EventKindOfTheStore", "KnockOut"}  # a knock-out comes with its own Dutch sentence
    return [
        item
        for module in shown
        for name, item in vars(module).items()
        if isinstance(item, type)
        and issubclass(item, Enum)
        and item.__module__ == module.__name__
        and name not in hidden
    ]


@pytest.mark.parametrize("codes", closed_sets(), ids=lambda codes: codes.__name__)
def test_every_code_that_a_page_may_show_has_a_dutch_word(codes: type[Enum]) -> None:
    texts = Words.load()
    assert [code for code in codes if not texts.label(code)] == []


def test_no_sentence_stands_in_a_template() -> None:
    """What is left of a template without its marks and its code holds no word of more than one letter."""
    left = []
    for path in templates():
        bare = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", path.read_text(), flags=re.DOTALL)
        bare = re.sub(r"<!doctype[^>]*>|<[^>]*>", " ", bare)
        bare = re.sub(r"[a-z-]+=\"[^\"]*\"", " ", bare)  # attributes that a macro gives to a tag elsewhere
        bare = re.sub(r"&[a-z]+;", " ", bare)
        left += [(path.name, word) for word in _WORD.findall(bare) if len(word) > 1 and word not in {"Kansrijk", "km"}]
    assert left == []


def test_dates_and_numbers_as_a_dutch_reader_writes_them() -> None:
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # half past twelve at night in Rotterdam, a day later
    assert day(date(2026, 1, 12)) == "12 januari 2026"
    assert day(late) == "2 maart 2026"
    assert short_day(date(2026, 3, 2)) == "2 mrt 2026"
    assert moment(late) == "2 maart 2026, 00:30"
    assert [number(1040), number(2.5, 1), number(2.04, 1)] == ["1.040", "2,5", "2"]


def test_one_and_many() -> None:
    words = Words({"a.people_one": "{n} mens", "a.people_many": "{n} mensen"})
    assert [words.n("a.people", n) for n in (0, 1, 1200)] == ["0 mensen", "1 mens", "1.200 mensen"]
