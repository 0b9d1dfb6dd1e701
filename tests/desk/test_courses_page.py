"""Cursussen: what stands on the page, for whom, and how it is searched."""

import re

import pytest
from desk_client import NOW

from core.courses import Course


def course(number: int, **fields: object) -> Course:
    given = {"course_id": f"c-{number:03d}", "title": f"Cursus {number:03d}", "skills_given": ["lassen"]}
    return Course.model_validate(given | fields)


def rows(html: str) -> list[list[str]]:
    """The cells of the table, as a reader sees them."""
    body = html.partition("<tbody>")[2].partition("</tbody>")[0]
    cells = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("</tr>"))
    return [[" ".join(re.sub(r"<[^>]*>", " ", cell).split()) for cell in row] for row in cells if row]


@pytest.mark.parametrize(("role", "may"), [
    ("matchmaker", True), ("municipality", True), ("administrator", True), ("data_scientist", False),
    ("employer", False),
])  # fmt: skip
def test_who_may_see_the_catalogue(signed_in, role, may):
    visitor = signed_in(role)
    answer = visitor.get("/cursussen")
    assert answer.status_code == (200 if may else 403)
    if may:
        assert 'href="/cursussen" aria-current="page"' in answer.text
    else:
        assert 'href="/cursussen"' not in answer.text


def test_what_is_known_is_said_and_what_is_not_known_too(signed_in, store):
    store.put_courses(
        [
            course(
                1,
                title="Alles & meer",
                provider="School",
                certificates_given=["VCA"],
                licences_given=["B"],
                languages_given=[{"code": "nld", "spoken": 2}],
                education_level_given=2,
                hours=12.5,
                duration_weeks=1,
                cost_eur=1250,
                funded_for=["work_to_work", "back_to_work"],
                place="Schiedam",
                starts_on="2099-02-01",
                url="https://school.example/a",
            ),
            course(2),
            course(3, funded_for=[], online=True, cost_eur=0, starts_on=NOW.date().replace(year=2020)),
            course(4, funded_for=["school_to_work", "work_to_work", "back_to_work"]),
        ]
    )
    html = signed_in("matchmaker").get("/cursussen").text
    assert "4 cursussen" in html
    assert rows(html) == [
        [
            "Alles & meer School Naar de website".replace("&", "&amp;"),
            "VCA, rijbewijs B, taal: Nederlands, diploma op niveau 2, lassen",
            "12,5 uur in 1 week, 1.250 euro",
            "van werk naar werk, terug naar werk",
            "Schiedam, vanaf 1 feb 2099",
        ],
        ["Cursus 002", "lassen", "kosten niet bekend", "niet bekend", "niet bekend"],
        ["Cursus 003", "lassen", "gratis", "niemand", "online, begonnen op 12 jan 2020"],
        ["Cursus 004", "lassen", "kosten niet bekend", "alle routes", "niet bekend"],
    ]  # fmt: skip
    assert 'href="https://school.example/a" rel="noreferrer"' in html
    assert "work_to_work" not in html


def test_searching_and_turning_pages(signed_in, store):
    store.put_courses([course(number, place="Schiedam" if number % 2 else "Rotterdam") for number in range(60)])
    visitor = signed_in("matchmaker")
    first = visitor.get("/cursussen").text
    assert "60 cursussen" in first
    assert [row[0] for row in rows(first)] == [f"Cursus {number:03d}" for number in range(25)]
    assert 'href="/cursussen?pagina=2"' in first
    assert 'rel="prev"' not in first
    last = visitor.get("/cursussen?pagina=3").text
    assert [row[0] for row in rows(last)] == [f"Cursus {number:03d}" for number in range(50, 60)]
    assert 'rel="next"' not in last
    found = visitor.get("/cursussen?zoek=schiedam").text
    assert "30 cursussen" in found
    assert 'href="/cursussen?zoek=schiedam&amp;pagina=2"' in found
    assert 'value="schiedam"' in found
    assert "1 cursus<" in visitor.get("/cursussen?zoek=007").text


def test_nothing_to_show_says_what_to_do(signed_in, store):
    visitor = signed_in("matchmaker")
    assert "Er staan nog geen cursussen in" in visitor.get("/cursussen").text
    store.put_courses([course(1)])
    answer = visitor.get("/cursussen", params={"zoek": '"><script>'}).text
    assert "Geen cursus gevonden met" in answer
    assert "<script>" not in answer.replace("<script src=", "")
    assert "Deze bladzijde is leeg" in visitor.get("/cursussen?pagina=9").text
    for wrong in ("pagina=0", "pagina=nee", "pagina=1001", f"zoek={'a' * 101}"):
        answer = visitor.get(f"/cursussen?{wrong}")
        assert (answer.status_code, "<h1>" in answer.text) == (422, True)
