import logging
import re

import pytest
from api_parts import LOCAL, WordRanking, service_on
from fastapi.testclient import TestClient

from api.app import create_app
from api.examples import TALENT
from api.service import Models
from core.errors import StoreUnavailable
from core.settings import Settings
from core.store import Store
from ranking.champion import Flaw, LeftAside


def test_alive_and_ready(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz").json()
    assert (ready["ready"], ready["ranking_mode"], ready["talents"]) == (True, "lexical", 0)


def test_not_ready_gives_the_reason(client, ranking):
    ranking.reason = "there is no index yet; run: kansrijk index"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == ranking.reason


class SilentStore(Store):
    """A store whose database went away."""

    def ping(self):
        raise StoreUnavailable("the database does not answer; check that it runs")


def test_not_ready_when_the_store_does_not_answer(settings):
    with (
        SilentStore.open(settings.store_url) as silent,
        TestClient(create_app(service_on(silent, WordRanking(silent)), settings), base_url=LOCAL) as client,
    ):
        answer = client.get("/readyz")
        assert client.get("/healthz").status_code == 200
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:kansrijk:problem:store-unavailable"


def test_every_answer_carries_a_request_id(client):
    given = client.get("/healthz", headers={"X-Request-ID": "abc-123"})
    assert given.headers["X-Request-ID"] == "abc-123"
    for bad in ("x" * 65, "a b", 'a"b', ""):
        made = client.get("/nowhere", headers={"X-Request-ID": bad}).headers["X-Request-ID"]
        assert re.fullmatch("[0-9a-f]{32}", made)


def test_security_headers_stand_on_every_answer(client):
    for path in ("/healthz", "/v1/talents", "/nowhere", "/docs"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_the_interactive_page_needs_no_network(client):
    page = client.get("/docs")
    assert page.status_code == 200
    asked = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(asked) >= 3  # a script, a style sheet, an icon
    for address in asked:
        assert address.startswith("/"), address
        answer = client.get(address)
        assert (answer.status_code, len(answer.content) > 1_000) == (200, True), address
    assert "http" not in page.headers["Content-Security-Policy"]
    assert client.get("/redoc").status_code == 404


def test_metrics_name_routes_and_never_people(client):
    client.put("/v1/talents/T-geheim", json=TALENT)
    client.get("/v1/talents/T-geheim")
    client.get("/v1/talents/T-weg")
    client.get("/nergens/T-geheim")
    client.request("BREW", "/v1/talents")
    client.post("/v1/shortlist", json={"text": "kok"})
    text = client.get("/metrics").text
    route = "/v1/talents/{talent_id}"
    for line in (
        f'kansrijk_http_requests_total{{method="GET",route="{route}",status="200"}} 1.0',
        f'kansrijk_http_requests_total{{method="GET",route="{route}",status="404"}} 1.0',
        f'kansrijk_http_requests_total{{method="PUT",route="{route}",status="201"}} 1.0',
        'kansrijk_http_requests_total{method="GET",route="unmatched",status="404"} 1.0',
        'kansrijk_shortlists_total{ranking_mode="lexical"} 1.0',
    ):
        assert line in text
    assert 'method="OTHER"' in text
    assert "geheim" not in text
    assert "BREW" not in text


def test_a_model_that_does_not_serve_is_told_with_its_reason(client, ranking):
    assert client.get("/readyz").json()["models_left_aside"] == []
    assert "kansrijk_model_left_aside{" not in client.get("/metrics").text
    ranking.aside = Models(
        LeftAside("7", Flaw.FAILED_REHEARSAL), LeftAside(None, Flaw.DAMAGED), {"scored": 4, "dropped": 1}
    )
    assert client.get("/readyz").json()["models_left_aside"] == [
        {"role": "champion", "version": "7", "reason": "failed_rehearsal"},
        {"role": "challenger", "version": None, "reason": "damaged"},
    ]
    text = client.get("/metrics").text
    for line in (
        'kansrijk_model_left_aside{reason="failed_rehearsal",role="champion",version="7"} 1.0',
        'kansrijk_model_left_aside{reason="damaged",role="challenger",version="unknown"} 1.0',
        'kansrijk_shadow_lists_total{outcome="scored"} 4.0',
        'kansrijk_shadow_lists_total{outcome="dropped"} 1.0',
        'kansrijk_shadow_lists_total{outcome="failed"} 0.0',
    ):
        assert line in text


def test_two_applications_count_apart(store, ranking, settings):
    factory = service_on(store, ranking)
    with (
        TestClient(create_app(factory, settings), base_url=LOCAL) as one,
        TestClient(create_app(factory, settings), base_url=LOCAL) as other,
    ):
        one.get("/healthz")
        assert 'route="/healthz"' in one.get("/metrics").text
        assert 'route="/healthz"' not in other.get("/metrics").text


def test_the_access_log_names_the_route_and_nothing_of_the_person(client, caplog):
    caplog.set_level(logging.INFO, logger="api")
    client.put("/v1/talents/T-geheim", json=TALENT, headers={"X-Request-ID": "r-1"})
    client.get("/v1/talents", params={"cursor": "T-geheim"})
    (line, *_) = [record.getMessage() for record in caplog.records if "r-1" in record.getMessage()]
    assert line.startswith("request_id=r-1 method=PUT route=/v1/talents/{talent_id} status=201 bytes=")
    assert "geheim" not in caplog.text
    assert TALENT["presentation"] not in caplog.text


class BrokenRanking(WordRanking):
    """Fails as a driver would: with a person's row in its message."""

    def shortlist(self, vacancy, *, k=20, as_of=None):  # noqa: ARG002
        raise RuntimeError(f"could not insert ({vacancy.description!r})")


def test_an_unforeseen_error_is_a_problem_without_a_word_of_it(store, settings, caplog):
    app = create_app(service_on(store, BrokenRanking(store)), settings)
    with TestClient(app, base_url=LOCAL) as client:
        answer = client.post("/v1/shortlist", json={"text": "Jan Jansen zoekt"}, headers={"X-Request-ID": "r-9"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["X-Request-ID"] == "r-9"
    assert "Jansen" not in answer.text
    assert "Traceback" not in answer.text
    assert "request_id=r-9 failed with RuntimeError at" in caplog.text
    assert "Jansen" not in caplog.text


KEY = "geheime-sleutel-0123456789"


@pytest.fixture
def locked(store, ranking, tmp_path):
    settings = Settings(home=tmp_path, api_key=KEY)
    with TestClient(create_app(service_on(store, ranking), settings), base_url="http://kansrijk.example") as client:
        yield client


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": KEY[:-1]},
        {"X-API-Key": KEY + "x"},
        {"Authorization": KEY},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer wrong", "X-API-Key": KEY},
    ],
)
@pytest.mark.parametrize("path", ["/v1/talents", "/metrics", "/openapi.json", "/docs", "/nowhere"])
def test_without_the_key_nothing_is_told(locked, headers, path):
    answer = locked.get(path, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["title"] == "Unauthorised"


@pytest.mark.parametrize(
    "headers", [{"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}, {"Authorization": f"bearer  {KEY}"}]
)
def test_with_the_key_everything_works(locked, headers):
    assert locked.get("/v1/talents", headers=headers).status_code == 200


def test_health_needs_no_key(locked):
    assert locked.get("/healthz").status_code == 200
    assert locked.get("/readyz").status_code == 200


def test_a_write_without_the_key_writes_nothing(locked, store):
    assert locked.put("/v1/talents/T-1", json={}).status_code == 401
    assert store.count_talents() == 0


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", ""])
def test_without_a_key_a_foreign_name_for_this_machine_is_refused(client, store, host):
    assert client.put("/v1/talents/T-1", json={}, headers={"Host": host}).status_code == 421
    assert store.count_talents() == 0


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1", "127.1.2.3:80", "[::1]:8000"])
def test_without_a_key_this_machine_may_call(client, host):
    assert client.get("/v1/talents", headers={"Host": host}).status_code == 200
