"""Each malformed request: a problem that says so, and nothing written."""

import json
from dataclasses import dataclass, field

import pytest
from api_parts import NOW, contents

from core.records import Talent, Vacancy

JSON = {"Content-Type": "application/json"}
NDJSON = {"Content-Type": "application/x-ndjson"}
TALENT, VACANCY, EVENTS, SHORTLIST = "/v1/talents/T-1", "/v1/vacancies/V-1", "/v1/events", "/v1/shortlist"
STORED = "/v1/vacancies/V-1/shortlist"
SECRET = "Geheim-Verhaal"


@dataclass(frozen=True)
class Bad:
    name: str
    method: str
    path: str
    content: bytes = b""
    status: int = 422
    headers: dict[str, str] = field(default_factory=lambda: dict(JSON))


def put(path, name, body, status=422):
    return Bad(f"{path[4:8]}: {name}", "PUT", path, json.dumps(body).encode(), status)


def post(path, name, body, status=422):
    return Bad(f"{path[4:]}: {name}", "POST", path, json.dumps(body).encode(), status)


def event(**fields):
    complete = {
        "event_id": "E-1",
        "kind": "shown",
        "rank": 1,
        "occurred_at": "2026-01-05T10:00:00+01:00",
        "vacancy_id": "V-1",
        "talent_id": "T-1",
    }
    return {key: value for key, value in (complete | fields).items() if value is not None}


NOT_JSON = [
    ("nothing but a brace", b"{"),
    ("a trailing comma", b'{"skills": ["lassen",]}'),
    ("single quotes", b"{'skills': []}"),
    ("a comment", b'{"skills": [] /* geen */}'),
    ("NaN", b'{"hours_min": NaN}'),
    ("Infinity", b'{"hours_min": Infinity}'),
    ("latin-1", b'{"presentation": "caf\xe9"}'),
    ("a lone surrogate", b'{"presentation": "\\ud800"}'),
    ("a raw line end in a text", b'{"presentation": "a\nb"}'),
    ("two documents", b"{} {}"),
    ("UTF-16", '{"skills": []}'.encode("utf-16")),
    ("a depth of 100,000", b'{"extra": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001),
    ("a byte order mark", b"\xef\xbb\xbf{}"),
]
NOT_A_RECORD = [
    ("a list", b"[]"),
    ("a number", b"1"),
    ("a text", b'"T-1"'),
    ("null", b"null"),
    ("nothing", b""),
]
TALENT_BODIES = [
    ("an unknown field", {"naam": SECRET}),
    ("another id", {"talent_id": "T-2"}),
    ("an id that is no text", {"talent_id": 1}),
    ("a presentation too long", {"presentation": "a" * 4_001}),
    ("a presentation with NUL", {"presentation": "a\u0000b"}),
    ("a presentation that is a list", {"presentation": [SECRET]}),
    ("skills that are a text", {"skills": SECRET}),
    ("skills of numbers", {"skills": [1]}),
    ("a skill too long", {"skills": ["a" * 121]}),
    ("too many skills", {"skills": [f"s{number}" for number in range(101)]}),
    ("a behaviour that is not there", {"behaviours": [{"code": 1}]}),
    ("a level that is not there", {"behaviours": [{"code": 24105, "level": 6}]}),
    ("education above the top", {"education_level": 8}),
    ("education as a boolean", {"education_level": True}),
    ("months below zero", {"experience": [{"months": -1}]}),
    ("months as a boolean", {"experience": [{"months": True}]}),
    ("a language code of two", {"languages": [{"code": "nl"}]}),
    ("a language level of 5", {"languages": [{"code": "nld", "spoken": 5}]}),
    ("a foreign postcode", {"location": {"postcode": "B-1000"}}),
    ("a latitude beyond the pole", {"location": {"lat": 91}}),
    ("a place that is a text", {"location": SECRET}),
    ("an unknown part of a place", {"location": {"straat": SECRET}}),
    ("travelling below zero", {"max_travel_km": -1}),
    ("travelling half a kilometre", {"max_travel_km": 0.5}),
    ("travelling around the world", {"max_travel_km": 40_000}),
    ("a helicopter", {"transport": ["helicopter"]}),
    ("hours of a boolean", {"hours_min": True}),
    ("hours of a word", {"hours_min": "veel"}),
    ("more hours than a week", {"hours_max": 169}),
    ("hours the wrong way round", {"hours_min": 30, "hours_max": 20}),
    ("a date that is none", {"available_from": "2026-02-30"}),
    ("a Dutch date", {"available_from": "12-01-2026"}),
    ("dates the wrong way round", {"available_from": "2026-02-02", "available_until": "2026-01-01"}),
    ("a route that is not there", {"route": "onbekend"}),
    ("active as a word", {"active": "misschien"}),
    ("an instant without offset", {"updated_at": "2026-01-01T10:00:00"}),
    ("an extra that is a list", {"extra": []}),
    ("an extra too large", {"extra": {"x": "y" * 17_000}}),
]
VACANCY_BODIES = [
    ("no text at all", {}),
    ("a title of blanks", {"title": "   "}),
    ("a title too long", {"title": "a" * 121}),
    ("a description too long", {"description": "a" * 8_001}),
    ("another id", {"title": "Kok", "vacancy_id": "V-2"}),
    ("an unknown field", {"title": "Kok", "salaris": SECRET}),
    ("no positions", {"title": "Kok", "positions": 0}),
    ("positions as a boolean", {"title": "Kok", "positions": True}),
    ("a status that is not there", {"title": "Kok", "status": "closed"}),
    ("a level with a behaviour", {"title": "Kok", "behaviours": [{"code": 24105, "level": 1}]}),
    ("an employer that is a text", {"title": "Kok", "employer": SECRET}),
    ("an employer id with a blank", {"title": "Kok", "employer": {"employer_id": "a b"}}),
    ("hours the wrong way round", {"title": "Kok", "hours_min": 30, "hours_max": 20}),
]
EVENT_BODIES = [
    ("no kind", event(kind=None)),
    ("an unknown kind", event(kind=SECRET)),
    ("no id", event(event_id=None)),
    ("an id with a slash", event(event_id="a/b")),
    ("shown without rank", event(rank=None)),
    ("a rank of zero", event(rank=0)),
    ("an instant without offset", event(occurred_at="2026-01-05T10:00:00")),
    ("no talent", event(talent_id=None)),
    ("a field of another kind", event(total_hours=5)),
    ("placed without a start", event(kind="placed", contract_hours_per_week=32)),
    ("placed for no hours", event(kind="placed", starts_on="2026-01-01", contract_hours_per_week=0)),
    ("declined by nobody", event(kind="declined")),
    ("a checkpoint without an answer", event(kind="checkpoint", moment="first_day")),
    ("hours below zero", event(kind="hours", total_hours=-1)),
    ("support that is not there", event(kind="support", support=SECRET)),
]
SHORTLIST_BODIES = [
    ("neither text nor vacancy", {}),
    ("both text and vacancy", {"text": "kok", "vacancy": {"title": "Kok"}}),
    ("an empty text", {"text": "  "}),
    ("a text too long", {"text": "a" * 8_001}),
    ("a text with NUL", {"text": "a\u0000b"}),
    ("a text that is a list", {"text": [SECRET]}),
    ("a vacancy without text", {"vacancy": {"hours_min": 3}}),
    ("k of zero", {"text": "kok", "k": 0}),
    ("k above the top", {"text": "kok", "k": 201}),
    ("k as a word", {"text": "kok", "k": "veel"}),
    ("an unknown option", {"text": "kok", "sorteer": SECRET}),
    ("an as_of without offset", {"text": "kok", "as_of": "2026-01-01T00:00:00"}),
    ("an as_of that is none", {"text": "kok", "as_of": "gisteren"}),
]
OTHERS = [
    Bad("an id with a blank", "PUT", "/v1/talents/T%201", b"{}"),
    Bad("an id too long", "PUT", "/v1/talents/" + "a" * 65, b"{}"),
    Bad("an id with NUL", "GET", "/v1/talents/T%00"),
    Bad("an id that is not ASCII", "GET", "/v1/talents/caf%C3%A9"),
    Bad("a path below an id", "PUT", "/v1/talents/T-1/x", b"{}", 404),
    Bad("no id", "PUT", "/v1/talents/", b"{}", 404),
    Bad("a method that is not there", "PATCH", TALENT, b"{}", 405),
    Bad("deleting a vacancy", "DELETE", VACANCY, b"", 405),
    Bad("reading an import", "DELETE", "/v1/talents:import", b"", 405),
    Bad("an import that is not there", "POST", "/v1/audit:import", b"{}", 404),
    Bad("a form", "PUT", TALENT, b"skills=lassen", 415, {"Content-Type": "application/x-www-form-urlencoded"}),
    Bad("plain text", "PUT", TALENT, b"{}", 415, {"Content-Type": "text/plain"}),
    Bad("no media type", "PUT", TALENT, b"{}", 415, {}),
    Bad("an event as text", "POST", EVENTS, b"{}", 415, {"Content-Type": "text/json"}),
    Bad("a shortlist as text", "POST", STORED, b"{}", 415, {"Content-Type": "text/plain"}),
    Bad("an import as JSON", "POST", "/v1/talents:import", b'{"talent_id": "T-2"}', 415),
    Bad("an import without media type", "POST", "/v1/events:import", b"{}", 415, {}),
    Bad("a body too large", "PUT", TALENT, b" " * (1024 * 1024 + 1), 413),
    Bad("an event too large", "POST", EVENTS, b" " * (1024 * 1024 + 1), 413),
    Bad("a size that is no number", "PUT", TALENT, b"{}", 413, JSON | {"Content-Length": "x"}),
    Bad("a size below zero", "PUT", TALENT, b"{}", 413, JSON | {"Content-Length": "-1"}),
    Bad("a bare entity tag", "PUT", TALENT, b"{}", 400, JSON | {"If-Match": "abc"}),
    Bad("an open entity tag", "PUT", TALENT, b"{}", 400, JSON | {"If-Match": '"abc'}),
    Bad("a version that must be absent", "PUT", TALENT, b"{}", 400, JSON | {"If-None-Match": '"a"'}),
    Bad("both conditions", "PUT", TALENT, b"{}", 400, JSON | {"If-Match": "*", "If-None-Match": "*"}),
    Bad("a long condition", "PUT", TALENT, b"{}", 422, JSON | {"If-Match": '"a",' * 2_000}),
    Bad("a condition of a reader", "GET", TALENT, b"", 400, {"If-None-Match": "abc"}),
    Bad("a page of none", "GET", "/v1/talents?limit=0"),
    Bad("a page too large", "GET", "/v1/talents?limit=201"),
    Bad("a page of words", "GET", "/v1/vacancies?limit=veel"),
    Bad("a cursor of nothing", "GET", "/v1/talents?cursor=x"),
    Bad("a cursor that is no list", "GET", "/v1/talents?cursor=MQ"),
    Bad("a cursor of a number", "GET", "/v1/talents?cursor=WyJ0YWxlbnRzIiwxXQ"),
    Bad("a cursor too long", "GET", "/v1/talents?cursor=" + "a" * 513),
    Bad("a status that is not there", "GET", "/v1/vacancies?status=closed"),
    Bad("too many vacancies", "GET", "/v1/talents/T-1/vacancies?k=201"),
]
CASES = [
    *(Bad(f"JSON: {name}", "PUT", TALENT, content, 400) for name, content in NOT_JSON),
    *(Bad(f"event JSON: {name}", "POST", EVENTS, content, 400) for name, content in NOT_JSON[:3]),
    *(Bad(f"shortlist JSON: {name}", "POST", SHORTLIST, content, 400) for name, content in NOT_JSON[:3]),
    *(Bad(f"record: {name}", "PUT", TALENT, content) for name, content in NOT_A_RECORD),
    *(Bad(f"request: {name}", "POST", SHORTLIST, content) for name, content in NOT_A_RECORD),
    *(put(TALENT, name, body) for name, body in TALENT_BODIES),
    *(put(VACANCY, name, body) for name, body in VACANCY_BODIES),
    *(post(EVENTS, name, body) for name, body in EVENT_BODIES),
    *(post(SHORTLIST, name, body) for name, body in SHORTLIST_BODIES),
    *(post(STORED, name, body) for name, body in [("k of zero", {"k": 0}), ("a text", {"text": "kok"})]),
    *OTHERS,
]


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """One service for all cases: none of them may change it."""
    from api_parts import LOCAL, WordRanking, service_on
    from fastapi.testclient import TestClient

    from api.app import create_app
    from core.settings import Settings
    from core.store import Store

    settings = Settings(home=tmp_path_factory.mktemp("home"))
    with Store.open(settings.store_url) as store:
        store.put_talents([Talent(talent_id="T-1", skills=["koken"])], now=NOW)
        store.put_vacancies([Vacancy(vacancy_id="V-1", title="Kok")], now=NOW)
        app = create_app(service_on(store, WordRanking(store)), settings)
        with TestClient(app, base_url=LOCAL, raise_server_exceptions=True) as client:
            yield client, store


def test_there_are_enough_cases_and_each_is_another():
    assert len(CASES) >= 140
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_malformed(filled, case):
    client, store = filled
    before = contents(store)
    answer = client.request(case.method, case.path, content=case.content or None, headers=case.headers)
    assert answer.status_code == case.status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == case.status
    assert all(problem[key] for key in ("type", "title", "detail"))
    assert SECRET not in answer.text
    assert (case.status == 405) == ("Allow" in answer.headers)
    assert contents(store) == before


@pytest.mark.parametrize("path", [TALENT, "/v1/talents:import"])
def test_a_body_of_undeclared_size_is_cut_off_at_the_limit(filled, path, monkeypatch):
    monkeypatch.setattr("api.limits.MAX_IMPORT_BYTES", 2 * 1024 * 1024)
    client, store = filled
    before = contents(store)

    def endless():
        for _ in range(64):
            yield b" " * 65_536

    answer = client.request(
        "POST" if path.endswith("import") else "PUT",
        path,
        content=endless(),
        headers=NDJSON if path.endswith("import") else JSON,
    )
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert contents(store) == before
