from concurrent.futures import ThreadPoolExecutor

from api_parts import NOW

from api.examples import TALENT, VACANCY
from core.records import Talent

PATH = "/v1/talents/T-1"


def test_a_talent_is_made_read_and_replaced(client, store):
    made = client.put(PATH, json=TALENT)
    assert made.status_code == 201
    assert made.headers["Location"] == PATH

    read = client.get(PATH)
    assert read.status_code == 200
    assert read.headers["ETag"] == made.headers["ETag"]
    assert read.json() == made.json()
    assert read.json()["presentation"] == TALENT["presentation"]

    changed = client.put(PATH, json=TALENT | {"skills": ["schoonmaken"]})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != made.headers["ETag"]
    assert store.talent("T-1").record.skills == ["schoonmaken"]


def test_the_same_content_again_changes_nothing(client, store):
    first = client.put(PATH, json=TALENT)
    seq = store.last_seq()
    again = client.put(PATH, json=TALENT | {"talent_id": "T-1"})
    assert again.status_code == 200
    assert again.headers["ETag"] == first.headers["ETag"]
    assert store.last_seq() == seq


def test_unknown_stays_unknown_and_none_stays_none(client, store):
    client.put(PATH, json={"licences": []})
    record = store.talent("T-1").record
    assert record.licences == []
    assert record.certificates is None


def test_the_path_names_the_talent(client, store):
    refused = client.put(PATH, json=TALENT | {"talent_id": "T-2"})
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert "talent_id" in refused.json()["detail"]
    assert store.count_talents() == 0


def test_a_reader_who_has_this_version_gets_304(client):
    etag = client.put(PATH, json=TALENT).headers["ETag"]
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        answer = client.get(PATH, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b""), known
        assert answer.headers["ETag"] == etag
    assert client.get(PATH, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_writer_with_an_old_version_gets_412(client, store):
    old = client.put(PATH, json=TALENT).headers["ETag"]
    new = client.put(PATH, json=TALENT | {"skills": ["lassen"]}, headers={"If-Match": old})
    assert new.status_code == 200

    refused = client.put(PATH, json=TALENT | {"skills": ["solderen"]}, headers={"If-Match": old})
    assert refused.status_code == 412
    assert refused.json()["type"] == "urn:kansrijk:problem:precondition-failed"
    assert store.talent("T-1").record.skills == ["lassen"]


def test_conditions_of_a_write(client):
    missing = "/v1/talents/T-9"
    assert client.put(missing, json={}, headers={"If-Match": "*"}).status_code == 412
    assert client.put(missing, json={}, headers={"If-Match": '"a"'}).status_code == 412
    assert client.put(missing, json={}, headers={"If-Match": '"a", "b"'}).status_code == 412
    made = client.put(missing, json={}, headers={"If-None-Match": "*"})
    assert made.status_code == 201
    assert client.put(missing, json={}, headers={"If-None-Match": "*"}).status_code == 412
    etag = made.headers["ETag"]
    assert client.put(missing, json={}, headers={"If-Match": f'"a", {etag}'}).status_code == 200
    # A write compares strongly (RFC 9110 §13.1.1): a weak tag never holds.
    assert client.put(missing, json={}, headers={"If-Match": f"W/{etag}"}).status_code == 412
    assert client.put(missing, json={"skills": ["lassen"]}, headers={"If-Match": "*"}).status_code == 200


def test_of_many_writers_with_one_version_exactly_one_wins(client, store):
    etag = client.put(PATH, json={"skills": ["begin"]}).headers["ETag"]

    def write(number: int) -> int:
        body = {"skills": [f"schrijver {number}"]}
        return client.put(PATH, json=body, headers={"If-Match": etag}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(write, range(16)))
    assert sorted(statuses) == [200] + [412] * 15
    winner = statuses.index(200)
    assert store.talent("T-1").record.skills == [f"schrijver {winner}"]


def test_the_list_pages_through_everyone_once(client, store):
    ids = [f"T-{number:03d}" for number in range(11)]
    store.put_talents([Talent(talent_id=one) for one in ids], now=NOW)
    seen, cursor, pages = [], None, 0
    while True:
        page = client.get("/v1/talents", params={"limit": 4} | ({"cursor": cursor} if cursor else {})).json()
        seen += [talent["talent_id"] for talent in page["items"]]
        cursor, pages = page["next_cursor"], pages + 1
        if cursor is None:
            break
    assert seen == ids
    assert pages == 3


def test_a_full_last_page_has_no_next(client, store):
    store.put_talents([Talent(talent_id=f"T-{number}") for number in range(4)], now=NOW)
    assert client.get("/v1/talents", params={"limit": 4}).json()["next_cursor"] is None


def test_the_cursor_of_another_list_is_refused(client, store):
    for number in range(3):
        client.put(f"/v1/vacancies/V-{number}", json=VACANCY)
    cursor = client.get("/v1/vacancies", params={"limit": 1}).json()["next_cursor"]
    assert client.get("/v1/vacancies", params={"limit": 1, "cursor": cursor}).status_code == 200
    assert client.get("/v1/talents", params={"cursor": cursor}).status_code == 422
    filtered = client.get("/v1/vacancies", params={"cursor": cursor, "status": "open"})
    assert filtered.status_code == 422


def test_erasing_removes_everything_and_says_what(client, store):
    client.put(PATH, json=TALENT)
    client.put(PATH, json=TALENT | {"skills": ["lassen"]})
    exported = client.get(f"{PATH}/export")
    assert exported.status_code == 200
    assert TALENT["presentation"] in exported.text

    erased = client.delete(PATH)
    assert erased.status_code == 200
    assert erased.json()["removed"]["talents"] == 1
    assert erased.json()["removed"]["revisions"] == 2
    assert client.get(PATH).status_code == 404
    assert client.get("/v1/talents").json()["items"] == []


def test_nobody_there_is_404(client):
    for answer in (client.get(PATH), client.get(f"{PATH}/export"), client.get(f"{PATH}/vacancies")):
        assert answer.status_code == 404
        assert answer.json()["type"] == "urn:kansrijk:problem:not-found"
