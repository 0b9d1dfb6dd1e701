"""Judging models from the command line: the ranking report and the fairness audit."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import orjson
import pytest
from cli_people import NOW, fill
from cli_process import Result, run_here

from cli.composition import encoder_in_force
from core.artifacts import write_artifact
from core.records import EVENT_ADAPTER, AuditAttributes
from core.settings import Settings
from core.store import Store
from ranking.champion import MODEL_KIND
from ranking.features import FEATURE_NAMES
from ranking.model import ModelInfo, RankingModel
from ranking.rankers import LinearRanker
from training.registry import Registry
from training.tracking import RunRecord

WIDTH = len(FEATURE_NAMES)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Indexed, with a list that was shown, a champion, and its run without lists after its training."""
    home = tmp_path_factory.mktemp("judged")
    fill(home)
    assert run_here("--home", home, "index").code == 0
    with Store.open(f"sqlite:///{home / 'kansrijk.db'}") as store:
        shown = {"event_id": "e-1", "kind": "shown", "vacancy_id": "V-kok", "talent_id": "T-01", "rank": 1}
        store.put_events([EVENT_ADAPTER.validate_python({**shown, "occurred_at": NOW})], now=NOW)
    return home


@pytest.fixture
def kansrijk(home: Path) -> Callable[..., Result]:
    return lambda *arguments: run_here("--home", home, *arguments)


@pytest.fixture(scope="module")
def champion(home: Path) -> RankingModel:
    version = encoder_in_force(Settings(home=home)).version
    weights = np.random.default_rng(1).normal(size=WIDTH)
    ranker = LinearRanker(FEATURE_NAMES, np.full(WIDTH, 0.3), np.ones(WIDTH), weights, 0.0)
    info = ModelInfo("1", "retained-1040h-v1", version, "2026-02-01T00:00:00+00:00", FEATURE_NAMES)
    return RankingModel(info, ranker, None)


def test_without_a_champion_both_say_what_to_do(kansrijk: Callable[..., Result]) -> None:
    for command in ("evaluate", "audit"):
        done = kansrijk(command, "--json")
        assert done.code == 1
        assert "kansrijk train" in done.json["error"]
    assert kansrijk("evaluate", "77").code == 1


def test_a_new_model_is_reported_by_its_own_test_period(
    kansrijk: Callable[..., Result], home: Path, champion: RankingModel
) -> None:
    estimate = {"value": 0.5, "low": 0.4, "high": 0.6, "n_lists": 80}
    segment = {"dimension": "route", "segment": "x", "n_lists": 3, "ndcg_at_10": {}, "minus_similarity": None}
    logged = {
        "metrics": {"ndcg_at_10": estimate, "mrr_placed": estimate | {"value": float("nan")}},
        "baselines": {"similarity": {"ndcg_at_10": estimate}},
        "differences": {"similarity": {"ndcg_at_10": estimate}},
        "entity_split": {"blend": {"ndcg_at_10": estimate}},
        "segments": [segment | {"verdict": "too few to say"}],
    }
    reports = {"evaluation.json": orjson.dumps(logged).decode()}
    registry = Registry.open(Settings(home=home))
    version = registry.record(RunRecord({}, {}, [], {"content": "c1"}, reports, promotable=True), champion)
    done = kansrijk("evaluate", version, "--json")
    assert done.code == 0, done.err
    report = done.json
    assert report["versions"][version]["basis"].startswith("its own test period")
    assert report["metrics"]["ndcg_at_10"] == estimate
    assert report["metrics"]["mrr_placed"]["value"] is None
    for_people = kansrijk("evaluate", version)
    assert (for_people.code, for_people.out) == (0, "")
    assert "its own test period" in for_people.err
    assert "too few to say" in for_people.err
    bare = registry.record(RunRecord({}, {}, [], {"content": "c2"}, {}, promotable=True), champion)
    refused = kansrijk("evaluate", bare, "--json")
    assert refused.code == 1
    assert "--as-of" in refused.json["error"]


def test_the_audit_reads_the_vault_and_names_nobody(
    kansrijk: Callable[..., Result], home: Path, champion: RankingModel
) -> None:
    with write_artifact(home / "models", MODEL_KIND) as writer:
        champion.save(writer.path)
        writer.metadata["version"] = "1"
    nobody = kansrijk("audit", "--json")
    assert nobody.code == 1
    assert "kansrijk import audit" in nobody.json["error"]
    vault = [
        AuditAttributes(talent_id=f"T-{number:02d}", gender="vrouw" if number % 2 else "man", birth_year=1990)
        for number in range(80)
    ]
    with Store.open(f"sqlite:///{home / 'kansrijk.db'}") as store:
        store.put_audit(vault, now=NOW)
    assert kansrijk("shortlist", "V-lasser", "-k", "5").code == 0
    done = kansrijk("audit", "-k", "5", "--json")
    assert done.code == 0, done.err
    report = done.json
    assert (report["model_version"], report["k"], report["people"], report["lists_given"]) == ("1", 5, 80, 1)
    found = {one["attribute"]: one for one in report["attributes"]}
    assert set(found) == {"age", "gender", "gender × age"}
    assert {group["group"]: group["n"] for group in found["gender"]["groups"]} == {"man": 40, "vrouw": 40}
    assert all("given" in group for group in found["gender"]["groups"])
    assert found["age"]["verdict"] == "too few to say"  # all are of one age: there is nobody to compare with
    assert "T-" not in done.out
    for_people = kansrijk("audit")
    assert (for_people.code, for_people.out) == (0, "")
    assert "impact ratio" in for_people.err
    assert kansrijk("audit", "-k", "0").code == 2
