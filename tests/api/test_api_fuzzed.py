"""Schemathesis: whatever the OpenAPI document allows, and much that it does not, is answered as documented."""

import socket
import threading
import time
from pathlib import Path

import pytest
import schemathesis
import uvicorn
from api_parts import NOW, WordRanking, service_on
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from api.app import create_app
from core.records import Talent, Vacancy
from core.settings import Settings
from core.store import Store

# Not among them: positive_data_acceptance, for a schema cannot say that hours_min is at most hours_max; and
# negative_data_rejection, for a number that is sent as text ("20") is taken.
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A service on a real port, with a talent and a vacancy in it."""
    home = tmp_path_factory.mktemp("home")
    chosen = Settings(home=home)
    with Store.open(chosen.store_url) as store, socket.socket() as listening:
        store.put_talents([Talent(talent_id="T-000123", skills=["koken"])], now=NOW)
        store.put_vacancies([Vacancy(vacancy_id="V-000042", title="Kok")], now=NOW)
        app = create_app(service_on(store, WordRanking(store)), chosen)
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@schemathesis.serializer("application/x-ndjson")
def _lines(_context, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def _not_opened():
    raise AssertionError("describing the service opens nothing")


schema = schemathesis.openapi.from_dict(create_app(_not_opened, Settings(home=Path("unused"))).openapi())


@schema.parametrize()
@settings(
    max_examples=5,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_answers_as_documented(case, address):
    case.call_and_validate(base_url=address, checks=CHECKS, timeout=20)
