"""Tastes of people and themes of work, read from Dutch sentences by hand."""

import math

import numpy as np
import pytest
from ranking_parts import talent, vacancy

from ranking.likings import MENTIONED, REFUSED, SAID, WISH, talent_likings, themes, work_themes


def taste(**fields: object) -> dict[str, float]:
    values = talent_likings([talent(**fields)])[0]
    return {
        name: value for name, value in zip(themes(), values.tolist(), strict=True) if value and not math.isnan(value)
    }


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("Ik ben het liefst buiten.", {"outdoors": SAID}),
        ("Ik heb vorig jaar in een kas gewerkt.", {"green": MENTIONED}),
        ("Achter een computer zitten is niks voor mij.", {"screen": REFUSED}),
        ("Regen vind ik geen probleem.", {"outdoors": SAID}),
        ("Elke dag hetzelfde hoeft voor mij niet.", {"routine": REFUSED, "variety": SAID}),
        ("Ik kook graag, maar van cijfers word ik niet vrolijk.", {"food": SAID, "numbers": REFUSED}),
        ("Ik hou van dieren. Honden uitlaten wil ik niet.", {"animals": REFUSED}),
    ],
)
def test_what_people_say_they_like(told: str, expected: dict[str, float]) -> None:
    assert taste(presentation=told) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ik werk graag alleen.", {"alone": SAID}),
        ("Niet alleen, maar samen: dat vind ik leuk.", {"team": SAID}),  # a word of all sorts
        ("Ik zorg dat het af komt.", {}),
        ("Ik wil graag voor mensen zorgen.", {"care": SAID, "people": SAID}),
        ("Werken in weer en wind vind ik prima.", {"outdoors": SAID}),
        ("Ik stuur graag mijn cv.", {}),
        ("Achter het stuur zit ik graag.", {"driving": SAID}),
    ],
)
def test_what_only_several_words_say(text: str, expected: dict[str, float]) -> None:
    assert taste(presentation=text) == expected


def test_a_listed_interest_weighs_more_than_a_wished_trade() -> None:
    assert taste(interests=["dieren"], preferred_occupations=["receptionist"]) == {
        "animals": SAID,
        "people": WISH,
    }


def test_nothing_told_is_unknown_and_not_indifference() -> None:
    rows = talent_likings([talent("t-1"), talent("t-2", interests=["dieren"])])
    assert np.isnan(rows[0]).all()
    assert not np.isnan(rows[1]).any()
    assert talent_likings([]).shape == (0, len(themes()))


def test_what_the_work_is_like() -> None:
    work = work_themes(vacancy(title="dierverzorger", description="Je verzorgt honden. Geen dag is hetzelfde."))
    found = {name: value for name, value in zip(themes(), work.tolist(), strict=True) if value}
    # animals twice (title, dogs), variety once, but of all the work: that counts three times
    assert found == pytest.approx({"animals": math.sqrt(2 / 5), "variety": math.sqrt(3 / 5)})
    assert np.linalg.norm(work) == pytest.approx(1.0)


def test_a_vacancy_that_tells_nothing_has_no_themes() -> None:
    assert not work_themes(vacancy(title="medewerker")).any()
