import json
import tracemalloc

import pytest
from api_parts import NOW

from api import imports
from api.imports import MAX_LINE_BYTES, lines_of
from api.problems import RequestRefused
from core.records import Talent

NDJSON = {"Content-Type": "application/x-ndjson"}


def send(client, what, records, **headers):
    body = b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in records)
    return client.post(f"/v1/{what}:import", content=body, headers=NDJSON | headers)


def event(number, **fields):
    return {
        "event_id": f"E-{number}",
        "kind": "interviewed",
        "occurred_at": "2026-01-05T10:00:00+01:00",
        "vacancy_id": "V-1",
        "talent_id": "T-1",
    } | fields


def test_good_lines_go_in_and_bad_ones_say_why(client, store):
    answer = send(
        client,
        "talents",
        [
            {"talent_id": "T-1", "skills": ["lassen"]},
            {"talent_id": "T-2", "hours_min": "veel"},
            b"",
            b"geen json",
            {"talent_id": "T-3", "naam": "Jan Jansen"},
            b'{"talent_id": "T-4", "hours_min": NaN}',
            b'{"talent_id": "T-\xff"}',
            {"talent_id": "T-5"},
        ],
    )
    assert answer.status_code == 200
    body = answer.json()
    assert {key: body[key] for key in ("read", "written", "unchanged", "rejected")} == {
        "read": 7,
        "written": 2,
        "unchanged": 0,
        "rejected": 5,
    }
    outcomes = [(one["line"], one["outcome"]) for one in body["results"]]
    assert outcomes == [(1, "created"), (2, "rejected"), (4, "rejected"), (5, "rejected"), (6, "rejected"),
                        (7, "rejected"), (8, "created")]  # fmt: skip
    reasons = {one["line"]: one["reason"] for one in body["results"]}
    assert reasons[2].startswith("hours_min: ")
    assert reasons[5].startswith("naam: ")
    assert reasons[1] is None
    assert "Jansen" not in answer.text
    assert "veel" not in answer.text
    assert [stored.record.talent_id for stored in store.iter_talents()] == ["T-1", "T-5"]


def test_the_same_lines_again_change_nothing(client, store):
    people = [{"talent_id": f"T-{number}"} for number in range(5)]
    send(client, "talents", people)
    seq = store.last_seq()
    again = send(client, "talents", people).json()
    assert (again["written"], again["unchanged"]) == (0, 5)
    assert store.last_seq() == seq


def test_batches_meet_without_a_gap(client, store, monkeypatch):
    monkeypatch.setattr(imports, "BATCH", 3)
    for n_lines in (2, 3, 4, 6, 7):
        answer = send(client, "vacancies", [{"vacancy_id": f"V-{n_lines}-{i}", "title": "Kok"} for i in range(n_lines)])
        assert answer.json()["written"] == n_lines
    assert len(store.page_vacancies(limit=100)) == 2 + 3 + 4 + 6 + 7


def test_events_are_appended_once_and_never_changed(client, store):
    assert send(client, "events", [event(1), event(2)]).json()["written"] == 2
    again = send(client, "events", [event(1), event(2, talent_id="T-2"), event(3)]).json()
    assert [one["outcome"] for one in again["results"]] == ["unchanged", "rejected", "created"]
    assert {(one.event_id, one.talent_id) for one in store.iter_events()} == {
        ("E-1", "T-1"),
        ("E-2", "T-1"),
        ("E-3", "T-1"),
    }


def test_too_many_lines_are_refused_and_what_came_before_stays(client, store, monkeypatch):
    monkeypatch.setattr(imports, "MAX_LINES", 4)
    monkeypatch.setattr(imports, "BATCH", 2)
    answer = send(client, "talents", [{"talent_id": f"T-{number}"} for number in range(6)])
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert "were written" in answer.json()["detail"]
    assert store.count_talents() == 4


def test_a_line_that_is_too_long_is_rejected_alone(client, store):
    long_line = json.dumps({"talent_id": "T-1", "extra": {"x": "y" * MAX_LINE_BYTES}}).encode()
    answer = send(client, "talents", [long_line, {"talent_id": "T-2"}]).json()
    assert [one["outcome"] for one in answer["results"]] == ["rejected", "created"]
    assert store.count_talents() == 1


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_do_not_depend_on_how_the_stream_is_cut(size):
    import anyio

    body = b'{"a": 1}\r\n\n  \n{"b": "\xc3\xa9"}\n{"c": 3}'

    async def chunks():
        for start in range(0, len(body), size):
            yield body[start : start + size]

    async def collect():
        return [(line.number, line.text) async for line in lines_of(chunks())]

    assert anyio.run(collect) == [(1, b'{"a": 1}\r'), (4, '{"b": "é"}'.encode()), (5, b'{"c": 3}')]


def test_a_stream_without_line_ends_is_not_kept_in_memory():
    import anyio

    async def chunks():
        for _ in range(64):
            yield bytes(MAX_LINE_BYTES)
        yield b"\nshort\n"

    async def collect():
        return [(line.number, line.text) async for line in lines_of(chunks())]

    tracemalloc.start()
    found = anyio.run(collect)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == [(1, None), (2, b"short")]
    assert peak < 8 * MAX_LINE_BYTES


def test_line_numbers_above_the_limit_stop_the_stream(monkeypatch):
    import anyio

    monkeypatch.setattr(imports, "MAX_LINES", 1)

    async def chunks():
        yield b"a\nb\n"

    async def collect():
        return [line async for line in lines_of(chunks())]

    with pytest.raises(RequestRefused, match="1 lines at most"):
        anyio.run(collect)


def test_another_media_type_is_refused(client, store):
    answer = client.post("/v1/talents:import", content=b'{"talent_id": "T-1"}', headers={"Content-Type": "text/csv"})
    assert answer.status_code == 415
    assert store.count_talents() == 0


def test_an_import_overwrites_what_was_put(client, store):
    store.put_talents([Talent(talent_id="T-1", skills=["oud"])], now=NOW)
    assert send(client, "talents", [{"talent_id": "T-1", "skills": ["nieuw"]}]).json()["results"] == [
        {"line": 1, "id": "T-1", "outcome": "updated", "reason": None}
    ]
    assert store.talent("T-1").record.skills == ["nieuw"]


def test_a_catalogue_of_courses_goes_in(client, store):
    rows = [{"course_id": "C-1", "title": "VCA", "certificates_given": ["VCA"]}, {"course_id": "C-2", "title": "Niets"}]
    body = send(client, "courses", rows).json()
    assert [(one["id"], one["outcome"]) for one in body["results"]] == [("C-1", "created"), (None, "rejected")]
    assert [course.course_id for course in store.active_courses()] == ["C-1"]
    assert send(client, "courses", rows[:1]).json()["unchanged"] == 1
