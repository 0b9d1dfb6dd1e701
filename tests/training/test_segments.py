"""Segments: who is in which, what is measured, and what is not said of a small one."""

import numpy as np
import orjson
import pandas as pd
import pytest
from sklearn.metrics import ndcg_score

from training.segments import MIN_LISTS, NOT_SAID, Dimension, SegmentVerdict, Traits, by_segment, plotted

N_LISTS, SIZE = 120, 8
T0 = np.datetime64("2025-01-06T10:00", "us")


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rows = [(f"v-{number}", f"t-{number}-{place}", f"s-{number}") for number in range(N_LISTS) for place in range(SIZE)]
    frame = pd.DataFrame(rows, columns=["vacancy_id", "talent_id", "list_id"])
    return frame.assign(shown_at=pd.Timestamp(T0))


@pytest.fixture(scope="module")
def traits(frame: pd.DataFrame) -> Traits:
    """Every other person works from route a or b; ten lists are of sector 43, the rest of 56; one town is tiny."""
    people, vacancies = frame["talent_id"].tolist(), frame["vacancy_id"].unique().tolist()
    return Traits(
        route={one: "ab"[number % 2] for number, one in enumerate(people)},
        municipality=dict.fromkeys(people[: 3 * SIZE], "Maassluis"),
        sector={one: "43" if number < 10 else "56" for number, one in enumerate(vacancies)},
        first_event={one: T0 - np.timedelta64(1 if number % 4 == 0 else 0, "D") for number, one in enumerate(people)},
    )


@pytest.fixture(scope="module")
def world(frame: pd.DataFrame) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The model knows who is good on route a and is wrong about route b; similarity knows nothing."""
    rng = np.random.default_rng(4)
    gains = np.where(rng.random(len(frame)) < 0.25, 10.0, 0.0)
    route_a = np.arange(len(frame)) % 2 == 0
    model = np.where(route_a, gains, -gains) + rng.normal(size=len(frame))
    return gains, {"model": model, "similarity": rng.normal(size=len(frame))}


def test_a_planted_strength_and_weakness_are_found(frame, traits, world) -> None:
    gains, scores = world
    found = {(one.dimension, one.name): one for one in by_segment(frame, gains, scores, traits, judged="model")}
    assert found[Dimension.ROUTE, "a"].verdict is SegmentVerdict.BETTER
    assert found[Dimension.ROUTE, "b"].verdict is SegmentVerdict.WORSE
    assert plotted(list(found.values()), "model")["route: a"]["value"] > 0.9
    assert "sector: 43" not in plotted(list(found.values()), "model")


def test_a_route_is_measured_among_those_of_whom_nothing_came(frame, traits, world) -> None:
    gains, scores = world
    found = next(one for one in by_segment(frame, gains, scores, traits, judged="model") if one.name == "a")
    values = []
    for number in range(N_LISTS):
        rows = [row for row in range(number * SIZE, (number + 1) * SIZE) if row % 2 == 0 or gains[row] == 0]
        if gains[rows].any() and len(rows) > 1:
            values.append(ndcg_score(gains[None, rows], scores["similarity"][None, rows], k=10))
    assert found.n_lists == len(values)
    assert found.ndcg["similarity"].value == pytest.approx(np.mean(values))


def test_a_small_segment_shows_how_many_and_nothing_else(frame, traits, world) -> None:
    gains, scores = world
    segments = by_segment(frame, gains, scores, traits, judged="model")
    small = [one for one in segments if one.n_lists < MIN_LISTS]
    assert {(one.dimension, one.name) for one in small} == {
        (Dimension.SECTOR, "43"),
        (Dimension.MUNICIPALITY, "Maassluis"),
    }
    for one in small:
        assert (one.ndcg, one.difference, one.verdict) == ({}, None, SegmentVerdict.TOO_FEW)
    text = orjson.dumps([one.to_json() for one in segments]).decode()
    assert "t-" not in text
    assert "v-" not in text


def test_who_was_never_seen_before_is_a_newcomer(frame, traits) -> None:
    names = traits.names(frame)
    assert names[Dimension.HISTORY][:5].tolist() == ["seen before", "newcomer", "newcomer", "newcomer", "seen before"]
    assert names[Dimension.MUNICIPALITY][3 * SIZE] == NOT_SAID
    assert set(names[Dimension.SECTOR][: 10 * SIZE]) == {"43"}


def test_traits_are_read_from_the_store(market) -> None:
    events = market.store.event_columns(until=market.cutoff)
    shown = pd.DataFrame({"talent_id": events.talent_id, "vacancy_id": events.vacancy_id}).iloc[:50]
    shown = shown.assign(shown_at=events.occurred_at[:50])
    read = Traits.read(market.store, shown, events)
    first = shown.iloc[0]
    record = market.store.talent(first["talent_id"]).record
    assert read.route.get(first["talent_id"]) == (record.route.value if record.route else None)
    assert read.sector[first["vacancy_id"]] == market.store.vacancy(first["vacancy_id"]).record.sector[:2]
    earliest = min(line["occurred_at"] for line in market.events if line["talent_id"] == first["talent_id"])
    assert read.first_event[first["talent_id"]] == pd.Timestamp(earliest).tz_convert(None).to_datetime64()


def test_where_nobody_says_anything_there_is_one_segment(frame, world) -> None:
    gains, scores = world
    silent = Traits({}, {}, {}, {})
    segments = by_segment(frame, gains, scores, silent, judged="model")
    assert {(one.dimension.value, one.name) for one in segments} == {
        ("route", NOT_SAID),
        ("municipality", NOT_SAID),
        ("sector", NOT_SAID),
        ("history", "newcomer"),
    }
