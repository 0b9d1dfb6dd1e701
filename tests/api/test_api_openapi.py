import pytest
from pydantic import TypeAdapter

from api import examples
from api.bodies import TalentBody, VacancyBody
from api.shortlists import ShortlistRequest
from core.records import EVENT_ADAPTER

CONTRACT = {
    ("put", "/v1/talents/{talent_id}"),
    ("get", "/v1/talents/{talent_id}"),
    ("delete", "/v1/talents/{talent_id}"),
    ("get", "/v1/talents"),
    ("put", "/v1/vacancies/{vacancy_id}"),
    ("get", "/v1/vacancies/{vacancy_id}"),
    ("get", "/v1/vacancies"),
    ("post", "/v1/talents:import"),
    ("post", "/v1/vacancies:import"),
    ("post", "/v1/events:import"),
    ("post", "/v1/courses:import"),  # beside the contract, as the import of the same name
    ("post", "/v1/events"),
    ("post", "/v1/vacancies/{vacancy_id}/shortlist"),
    ("post", "/v1/shortlist"),
    ("get", "/v1/shortlists/{shortlist_id}"),
    ("get", "/v1/talents/{talent_id}/vacancies"),
    ("get", "/v1/talents/{talent_id}/export"),
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("get", "/metrics"),
}
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json()


def operations(document):
    return {
        (method, path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_the_paths_are_those_of_the_contract(document):
    assert document["openapi"].startswith("3.1")
    assert set(operations(document)) == CONTRACT


def test_every_route_documents_its_problems(document):
    for (method, path), operation in operations(document).items():
        problems = {status: one for status, one in operation["responses"].items() if int(status) >= 400}
        assert {"401", "500", "503"} <= set(problems), path
        assert all(one["content"] == PROBLEM for one in problems.values()), path
        assert ("422" in problems) == ("{" in path or "parameters" in operation or path in BODIES), (method, path)
        assert ("413" in problems) == ("requestBody" in operation), (method, path)
        assert ("415" in problems) == ("requestBody" in operation), (method, path)
        assert operation["summary"]
        assert operation["description"]
    assert "HTTPValidationError" not in document["components"]["schemas"]


BODIES = {"/v1/events", "/v1/shortlist"}


def test_both_ways_to_send_the_key_are_documented(document):
    schemes = document["components"]["securitySchemes"].values()
    assert {(one["type"], one.get("scheme"), one.get("name")) for one in schemes} == {
        ("http", "bearer", None),
        ("apiKey", None, "X-API-Key"),
    }


def test_the_examples_are_good_requests():
    TypeAdapter(TalentBody).validate_python(examples.TALENT)
    TypeAdapter(VacancyBody).validate_python(examples.VACANCY)
    for example in examples.SHORTLIST_REQUESTS.values():
        TypeAdapter(ShortlistRequest).validate_python(example["value"])
    for example in examples.EVENTS.values():
        EVENT_ADAPTER.validate_python(example["value"])


def test_the_example_lines_go_in(client):
    headers = {"Content-Type": "application/x-ndjson"}
    answer = client.post("/v1/talents:import", content=examples.IMPORT_LINES, headers=headers)
    assert answer.json()["written"] == 2
