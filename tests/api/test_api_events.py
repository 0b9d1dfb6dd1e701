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
