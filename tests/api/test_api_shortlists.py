import threading
import time
from concurrent.futures import ThreadPoolExecutor

import anyio
import pytest
from api_parts import NOW

from api.examples import VACANCY, VACANCY_TEXT
from api.pool import RankingPool
from api.problems import Busy
from core.errors import ArtifactMissing
from core.records import Talent


@pytest.fixture
def people(store):
    store.put_talents(
        [
            Talent(talent_id="T-kok", skills=["koken voor groepen"]),
            Talent(talent_id="T-magazijn", skills=["orders verzamelt met een scanner", "vrachtwagens laadt"]),
            Talent(talent_id="T-fiets", presentation="Ik kom met de fiets en werk graag met een scanner."),
        ],
        now=NOW,
    )


@pytest.mark.usefixtures("people")
def test_a_shortlist_for_a_stored_vacancy_and_its_replay(client):
    client.put("/v1/vacancies/V-1", json=VACANCY)
    given = client.post("/v1/vacancies/V-1/shortlist", json={"k": 2})
    assert given.status_code == 200
    body = given.json()
    assert [entry["talent_id"] for entry in body["entries"]] == ["T-magazijn", "T-fiets"]
    assert [entry["rank"] for entry in body["entries"]] == [1, 2]
    assert body["vacancy_id"] == "V-1"

    client.put("/v1/talents/T-nieuw", json={"presentation": VACANCY_TEXT})
    replayed = client.get(f"/v1/shortlists/{body['shortlist_id']}")
    assert replayed.content == given.content


@pytest.mark.usefixtures("people")
def test_without_a_body_the_defaults_hold(client):
    client.put("/v1/vacancies/V-1", json=VACANCY)
    assert len(client.post("/v1/vacancies/V-1/shortlist").json()["entries"]) == 3


@pytest.mark.usefixtures("people")
def test_plain_text_and_a_vacancy_in_the_body(client):
    by_text = client.post("/v1/shortlist", json={"text": VACANCY_TEXT, "k": 1}).json()
    assert by_text["entries"][0]["talent_id"] == "T-magazijn"
    again = client.post("/v1/shortlist", json={"text": VACANCY_TEXT, "k": 1}).json()
    assert again["vacancy_id"] == by_text["vacancy_id"]
    assert again["shortlist_id"] != by_text["shortlist_id"]

    named = client.post("/v1/shortlist", json={"vacancy": VACANCY | {"vacancy_id": "V-9"}}).json()
    assert named["vacancy_id"] == "V-9"
    assert client.get("/v1/vacancies/V-9").status_code == 404


def test_a_shortlist_as_of_an_instant(client, store):
    store.put_talents([Talent(talent_id="T-1", skills=["koken"], updated_at=NOW.replace(year=2024))], now=NOW)
    store.put_talents([Talent(talent_id="T-1", skills=["scanner"], updated_at=NOW)], now=NOW)
    request = {"text": "werken met een scanner", "k": 1}
    now = client.post("/v1/shortlist", json=request).json()
    then = client.post("/v1/shortlist", json=request | {"as_of": "2025-01-01T00:00:00+01:00"}).json()
    assert (now["entries"][0]["score"], then["entries"][0]["score"]) == (1.0, 0.0)


@pytest.mark.usefixtures("people")
def test_the_other_direction(client):
    client.put("/v1/vacancies/V-kok", json={"title": "Kok", "skills_required": ["koken voor groepen"]})
    client.put("/v1/vacancies/V-magazijn", json=VACANCY)
    client.put("/v1/vacancies/V-dicht", json=VACANCY | {"status": "filled"})
    found = client.get("/v1/talents/T-kok/vacancies", params={"k": 5}).json()
    assert [entry["vacancy_id"] for entry in found["entries"]] == ["V-kok", "V-magazijn"]
    assert len(client.get("/v1/talents/T-kok/vacancies", params={"k": 1}).json()["entries"]) == 1


def test_nothing_to_rank_for_is_404(client):
    assert client.post("/v1/vacancies/V-404/shortlist", json={}).status_code == 404
    assert client.get("/v1/shortlists/none").status_code == 404


def test_without_an_index_a_shortlist_is_503_and_says_what_to_do(client, ranking):
    def missing() -> None:
        raise ArtifactMissing("there is no index yet; run: kansrijk index")

    ranking.before = missing
    answer = client.post("/v1/shortlist", json={"text": "schoonmaker"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["detail"] == "there is no index yet; run: kansrijk index"


def test_health_and_records_answer_while_every_ranking_thread_is_busy(client, ranking, settings):
    release = threading.Event()
    ranking.before = lambda: release.wait(30) and None
    n_asked = settings.threads + 3
    with ThreadPoolExecutor(n_asked) as pool:
        asked = [pool.submit(client.post, "/v1/shortlist", json={"text": "kok"}) for _ in range(n_asked)]
        try:
            started = time.perf_counter()
            assert client.get("/healthz").status_code == 200
            assert client.get("/readyz").status_code == 200
            assert client.put("/v1/talents/T-1", json={}).status_code == 201
            assert time.perf_counter() - started < 5
            assert not any(one.done() for one in asked)
        finally:
            release.set()
        assert [one.result().status_code for one in asked] == [200] * n_asked


def test_more_rankings_than_may_wait_are_told_to_come_back():
    release = threading.Event()
    pool = RankingPool(n_threads=2, max_waiting=3)
    outcomes = []

    async def ask(number):
        try:
            await pool.run(lambda: release.wait(30))
            outcomes.append("made")
        except Busy:
            outcomes.append("busy")
            if outcomes.count("busy") == 3:
                release.set()

    async def all_at_once():
        async with anyio.create_task_group() as tasks:
            for number in range(8):
                tasks.start_soon(ask, number)
        await ask(8)

    anyio.run(all_at_once)
    assert outcomes == ["busy"] * 3 + ["made"] * 6
