"""Comparing models with real commands and a real service."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
import pytest
from cli_people import JOBS, fill
from cli_process import Result, run_here, serving

from cli.compare import GoalChoice
from cli.composition import encoder_in_force
from core.artifacts import write_artifact
from core.records import EVENT_ADAPTER
from core.settings import Settings
from core.store import Store
from ranking.champion import MODEL_KIND
from ranking.features import FEATURE_NAMES
from ranking.model import ModelInfo, RankingModel
from ranking.rankers import LinearRanker
from training.credits import Goal
from training.registry import Registry
from training.replay import offline_rows
from training.tracking import RunRecord

WIDTH = len(FEATURE_NAMES)


def linear(encoder_version: str, number: int) -> RankingModel:
    weights = np.random.default_rng(number).normal(size=WIDTH)
    ranker = LinearRanker(FEATURE_NAMES, np.full(WIDTH, 0.3), np.ones(WIDTH), weights, float(number))
    info = ModelInfo(str(number), "retained-1040h-v1", encoder_version, "2026-01-01", FEATURE_NAMES)
    return RankingModel(info, ranker, None)


def put_in_force(root: Path, model: RankingModel) -> None:
    with write_artifact(root, MODEL_KIND) as writer:
        model.save(writer.path)
        writer.metadata["version"] = model.info.version


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Indexed, with a history of shown pairs; tests put models in force and add shortlists."""
    home = tmp_path_factory.mktemp("compared")
    fill(home)
    assert run_here("--home", home, "index").code == 0
    events, now = [], datetime.now(UTC)
    for week in range(20):
        for place in range(1, 6):
            shown = {
                "event_id": f"e-{week}-{place}",
                "kind": "shown",
                "occurred_at": now - timedelta(weeks=week, hours=1),
                "vacancy_id": f"V-{JOBS[week % 8]}",
                "talent_id": f"T-{(7 * week + place) % 80:02d}",
                "shortlist_id": f"old-{week}",
                "rank": place,
            }
            events.append(EVENT_ADAPTER.validate_python(shown))
            if place == 1:
                said_no = {"kind": "declined", "by": "matchmaker", "event_id": f"d-{week}", "reason": "Geen beeld bij"}
                kept = {key: value for key, value in shown.items() if key != "rank"}
                events.append(EVENT_ADAPTER.validate_python(kept | said_no))
    with Store.open(f"sqlite:///{home / 'kansrijk.db'}") as store:
        store.put_events(events, now=now)
    return home


@pytest.fixture
def kansrijk(home: Path) -> Callable[..., Result]:
    return lambda *arguments: run_here("--home", home, *arguments)


@pytest.fixture(scope="module")
def models(home: Path) -> dict[str, RankingModel]:
    version = encoder_in_force(Settings(home=home)).version
    return {str(number): linear(version, number) for number in range(1, 7)}


def test_the_service_serves_what_training_computes_and_follows_promotions_without_a_failure(
    home: Path, models: dict[str, RankingModel]
) -> None:
    put_in_force(home / "models", models["1"])
    put_in_force(home / "challenger", models["6"])
    with serving(home) as service, httpx.Client(base_url=service.url, timeout=60) as client:
        started = datetime.now(UTC)
        given = [
            client.post(f"/v1/vacancies/V-{job}/shortlist", json={"k": 15}).json() for job in ("lasser", "monteur")
        ]
        answers, promoted = [], time.monotonic()

        def ask() -> tuple[int, str, list[tuple[str, float]], float]:
            answer = client.post("/v1/vacancies/V-verkoper/shortlist", json={"k": 6})
            found = answer.json()
            pairs = [(entry["talent_id"], entry["score"]) for entry in found["entries"]]
            return answer.status_code, found["model_version"], pairs, time.monotonic()

        with ThreadPoolExecutor(3) as threads:
            for number in range(2, 6):
                put_in_force(home / "models", models[str(number)])
                promoted = time.monotonic()
                while time.monotonic() < promoted + 8:
                    batch = [threads.submit(ask) for _ in range(3)]
                    answers += [one.result() for one in batch]
                    if answers[-1][1] == str(number):
                        break
                assert answers[-1][1] == str(number)
                assert answers[-1][3] - promoted < 5

    assert {status for status, *_ in answers} == {200}
    with Store.open(f"sqlite:///{home / 'kansrijk.db'}") as store:
        encoder = encoder_in_force(Settings(home=home))
        asked = [("lasser", given[0]), ("monteur", given[1])]
        frame = pd.concat([_pairs(f"V-{job}", found, started) for job, found in asked], ignore_index=True)
        rows = offline_rows(store, encoder, frame, store.event_columns(), as_of=datetime.now(UTC))
        offline = models["1"].ranker.score(rows.features)
        served = [entry["score"] for _, found in asked for entry in found["entries"]]
        expected = dict(zip(zip(rows.frame["vacancy_id"], rows.frame["talent_id"], strict=True), offline, strict=True))
        keys = [(f"V-{job}", entry["talent_id"]) for job, found in asked for entry in found["entries"]]
        assert len(served) == 30
        assert np.abs(np.array([expected[key] for key in keys]) - np.array(served)).max() == 0.0
        assert np.isnan(rows.features).any()
        # The challenger ranked along, and none of it was shown.
        notes = [item.features.get("challenger") for item in store.iter_shortlists(since=started)]
        assert {note["model_version"] for note in notes if note} == {"6"}
        assert store.shortlist(given[0]["shortlist_id"]).model_dump(mode="json") == given[0]
        # Each answer of the busy minute is of exactly one model.
        frame = pd.DataFrame({"vacancy_id": "V-verkoper", "talent_id": sorted({p[0] for a in answers for p in a[2]})})
        frame = frame.assign(list_id="x", shown_at=pd.Timestamp(started.replace(tzinfo=None)))
        rows = offline_rows(store, encoder, frame, store.event_columns(), as_of=datetime.now(UTC))
        scores = {
            version: dict(zip(rows.frame["talent_id"], model.ranker.score(rows.features), strict=True))
            for version, model in models.items()
        }
        for _, version, pairs, _ in answers:
            assert all(scores[version][talent_id] == score for talent_id, score in pairs)


def _pairs(vacancy_id: str, found: dict, shown_at: datetime) -> pd.DataFrame:
    ids = sorted(entry["talent_id"] for entry in found["entries"])
    moment = pd.Timestamp(shown_at.replace(tzinfo=None)).as_unit("us")
    return pd.DataFrame({"vacancy_id": vacancy_id, "talent_id": ids, "list_id": vacancy_id, "shown_at": moment})


def test_compare_tells_what_there_is(kansrijk: Callable[..., Result]) -> None:
    done = kansrijk("compare", "--difference", "0.2", "--json")
    assert done.code == 0, done.err
    report = done.json
    assert report["goal"] == "proposed"
    assert report["interleaving"] == []
    assert report["pace"]["lists_per_week"] == pytest.approx(1.0)
    assert report["plans"][0]["weeks"] is None  # nobody was ever proposed: no list can have a winner
    (rate,) = report["overrules"]
    assert (rate["model_version"], rate["n_overruled"]) == (None, 20)
    assert rate["reasons"] == {"Geen beeld bij": 20}
    for_people = kansrijk("compare", "--goal", "placed")
    assert (for_people.code, for_people.out) == (0, "")
    assert "20 of 100" in for_people.err
    assert "never at this rate" in for_people.err


def test_a_challenger_is_named_shown_and_taken_away(
    kansrijk: Callable[..., Result], home: Path, models: dict[str, RankingModel]
) -> None:
    registry = Registry.open(Settings(home=home))
    for number in ("1", "2"):
        run = RunRecord({}, {}, [], {"content": f"c{number}"}, {}, promotable=True)
        assert registry.record(run, models[number]) == number
    assert kansrijk("promote", "1", "--json").json["champion"] == "1"
    tags = registry._client.get_model_version("kansrijk-ranker", "1").tags
    assert tags["parity_max_difference"] == "0.0"
    assert int(tags["parity_rows"]) > 0
    assert kansrijk("challenge", "2", "--json").json == {"champion": "1", "challenger": "2"}
    listed = kansrijk("models", "--json").json
    assert (listed["champion"], listed["challenger"]) == ("1", "2")
    assert "challenger" in kansrijk("models").err
    refused = kansrijk("compare", "--offline", "2", "--json")
    assert refused.code == 1
    assert "KANSRIJK_EXPLORATION_SHARE" in refused.json["error"]
    assert kansrijk("challenge", "--nobody", "--json").json == {"champion": "1", "challenger": None}
    for wrong in ([], ["2", "--nobody"]):
        assert kansrijk("challenge", *wrong).code == 2
    assert kansrijk("challenge", "77").code == 1


def test_the_goals_of_the_command_are_those_of_training() -> None:
    assert {one.value for one in GoalChoice} == {one.value for one in Goal}
