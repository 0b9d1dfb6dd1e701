import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from cli_people import fill
from cli_process import environment, run_here, serving

from api.examples import TALENT, VACANCY

KEY = "sleutel-voor-de-test"


@pytest.fixture(scope="module")
def served(indexed_home):
    with serving(indexed_home) as service:
        yield service


def test_ready_put_shortlist_and_replay(served):
    with httpx.Client(base_url=served.url, timeout=30) as client:
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["ranking_mode"]) == (200, "semantic")
        assert client.put("/v1/talents/T-nieuw", json=TALENT).status_code in {200, 201}
        assert client.put("/v1/vacancies/V-nieuw", json=VACANCY).status_code in {200, 201}
        given = client.post("/v1/vacancies/V-nieuw/shortlist", json={"k": 100})
        assert given.status_code == 200
        # A talent that was put after the index was made is found: the service follows the store.
        assert "T-nieuw" in [entry["talent_id"] for entry in given.json()["entries"]]
        assert client.delete("/v1/vacancies/V-nieuw").status_code == 405
        replayed = client.get(f"/v1/shortlists/{given.json()['shortlist_id']}")
        assert replayed.content == given.content


def test_health_answers_fast_while_shortlists_run(served):
    stop = threading.Event()

    def rank():
        made = 0
        with httpx.Client(base_url=served.url, timeout=60) as client:
            while not stop.is_set():
                made += client.post("/v1/shortlist", json={"text": "lasser", "k": 50}).status_code == 200
        return made

    with ThreadPoolExecutor(6) as pool, httpx.Client(base_url=served.url, timeout=30) as client:
        ranking = [pool.submit(rank) for _ in range(6)]
        try:
            time.sleep(0.3)
            waits = []
            for _ in range(40):
                started = time.perf_counter()
                assert client.get("/healthz").status_code == 200
                waits.append(time.perf_counter() - started)
        finally:
            stop.set()
        assert all(one.result() > 0 for one in ranking)
    assert sorted(waits)[len(waits) // 2] < 0.25


def test_a_request_that_is_under_way_is_finished_before_the_service_stops(tmp_path):
    fill(tmp_path)
    assert run_here("--home", tmp_path, "index").code == 0
    body = json.dumps({"text": "lasser", "k": 3}).encode()
    with serving(tmp_path) as service:
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
        connection.putrequest("POST", "/v1/shortlist")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body[:5])
        time.sleep(0.3)  # the service has the first half
        service.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert service.process.poll() is None
        connection.send(body[5:])
        answer = connection.getresponse()
        assert answer.status == 200
        assert len(json.loads(answer.read())["entries"]) == 3
        connection.close()
        assert service.process.wait(15) in {0, -signal.SIGTERM, 128 + signal.SIGTERM}


def test_ctrl_c_breaks_off_any_other_command_with_130(indexed_home, tmp_path):
    pipe = tmp_path / "tekst"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "cli.main", "--home", str(indexed_home), "shortlist", "--text", str(pipe)]
    with (
        subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process,
        pipe.open("wb"),  # opens when the command opened it to read: it is at work now
    ):
        # A signal that falls between its open and its read is heard only after the read: let it get there first,
        # and press again, as a person would, should it have come in between all the same.
        for _ in range(5):
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=8)
                break
        out, err = process.communicate(timeout=5)
    assert process.returncode == 130
    assert (out, b"Traceback" in err) == (b"", False)


def test_a_service_without_an_index_says_so_takes_records_and_stops_at_ctrl_c(tmp_path):
    with serving(tmp_path) as service, httpx.Client(base_url=service.url, timeout=30) as client:
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert "kansrijk index" in ready.json()["detail"]
        assert client.put("/v1/talents/T-1", json=TALENT).status_code == 201
        refused = client.post("/v1/shortlist", json={"text": "kok"})
        assert refused.status_code == 503
        # Once there is an index the same process is ready.
        fill(tmp_path)
        assert run_here("--home", tmp_path, "index").code == 0
        assert client.get("/readyz").status_code == 200
        assert client.post("/v1/shortlist", json={"text": "kok"}).status_code == 200

        service.process.send_signal(signal.SIGINT)
        assert service.process.wait(30) == 0
        assert "Traceback" not in (tmp_path / f"serve-{service.port}.log").read_text()


def test_several_workers_share_one_home(indexed_home):
    with serving(indexed_home, "--workers", "2", KANSRIJK_API_KEY=KEY) as service:
        with httpx.Client(base_url=service.url, timeout=60) as client:
            assert client.get("/v1/talents").status_code == 401
            headers = {"Authorization": f"Bearer {KEY}"}
            given = client.post("/v1/shortlist", json={"text": "lasser"}, headers=headers)
            for _ in range(6):
                replayed = client.get(f"/v1/shortlists/{given.json()['shortlist_id']}", headers=headers)
                assert replayed.content == given.content
        log = (indexed_home / f"serve-{service.port}.log").read_text()
    assert KEY not in log


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "kansrijk.example"])  # noqa: S104
def test_others_are_let_in_with_a_key_only(indexed_home, host):
    done = run_here("--home", indexed_home, "serve", "--host", host)
    assert done.code == 1
    assert "KANSRIJK_API_KEY" in done.err


def test_the_log_names_routes_and_never_people(served, indexed_home):
    with httpx.Client(base_url=served.url, timeout=30) as client:
        client.put("/v1/talents/T-geheim", json=TALENT)
        client.get("/v1/talents/T-geheim?geheim=1")
    log = (indexed_home / f"serve-{served.port}.log").read_text()
    assert "route=/v1/talents/{talent_id}" in log
    assert "geheim" not in log
