import json

import pytest

from api.examples import EVENTS

PLACED = EVENTS["placed"]["value"]


def test_an_event_is_taken_once(client, store):
    made = client.post("/v1/events", json=PLACED)
    assert (made.status_code, made.json()) == (201, {"event_id": "EV-0001", "outcome": "created"})
    again = client.post("/v1/events", json=PLACED)
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    (event,) = store.iter_events()
    assert event.contract_hours_per_week == 32


def test_another_event_under_the_same_id_is_a_conflict(client, store):
    client.post("/v1/events", json=PLACED)
    refused = client.post("/v1/events", json=PLACED | {"contract_hours_per_week": 38})
    assert refused.status_code == 409
    (event,) = store.iter_events()
    assert event.contract_hours_per_week == 32


def test_the_refused_kind_is_not_quoted(client):
    refused = client.post("/v1/events", json=PLACED | {"kind": "Jan Jansen"})
    assert refused.status_code == 422
    assert "Jansen" not in refused.text
    assert "'placed'" in refused.json()["errors"][0]["message"]


NOTED = {
    "event_id": "EV-0003", "kind": "noted", "occurred_at": "2026-01-19T11:00:00+01:00", "vacancy_id": "V-000042",
    "talent_id": "T-000123", "text": "Belt maandag terug.",
}  # fmt: skip
OVERRULED = NOTED | {"event_id": "EV-0004", "kind": "overruled", "rank": 2, "reason": "Kan morgen beginnen."}
del OVERRULED["text"]


@pytest.mark.parametrize("event", [NOTED, OVERRULED], ids=["noted", "overruled"])
def test_the_kinds_beyond_the_contract_come_in_one_by_one_and_in_bulk(client, store, event):
    assert client.post("/v1/events", json=event).status_code == 201
    lines = json.dumps(event) + "\n" + json.dumps(event | {"event_id": "EV-0009"})
    headers = {"content-type": "application/x-ndjson"}
    assert client.post("/v1/events:import", content=lines, headers=headers).status_code == 200
    first, second = store.iter_events()
    expected = {name: value for name, value in event.items() if name not in {"event_id", "occurred_at"}}
    for kept, key in ((first, event["event_id"]), (second, "EV-0009")):
        assert expected | {"event_id": key} == kept.model_dump(mode="json", exclude_unset=True, exclude={"occurred_at"})


@pytest.mark.parametrize(
    ("event", "change"),
    [
        (NOTED, {"text": ""}),
        (NOTED, {"text": "  "}),
        (NOTED, {"text": "a" * 2001}),
        (NOTED, {"reason": "Is van iets anders."}),
        (OVERRULED, {"reason": ""}),
        (OVERRULED, {"rank": 0}),
        (OVERRULED, {"rank": None}),
    ],
)
def test_a_note_without_words_or_a_move_without_a_place_or_reason_is_refused(client, store, event, change):
    assert client.post("/v1/events", json=event | change).status_code == 422
    assert not list(store.iter_events())
