"""Versions and the champion, on a real embedded MLflow store."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from training_parts import Market, table_of

from core.errors import NotFound, PromotionRefused, TrackingUnavailable
from core.settings import Settings
from ranking.champion import ChampionFollower
from ranking.features import COLUMNS, FEATURE_NAMES
from ranking.model import ModelInfo, RankingModel
from ranking.rankers import LinearRanker
from ranking.retention import RetentionHead
from ranking.survival import Calibration, SurvivalCurve
from ranking.trees import TreeSettings, refit_ranker
from training.learning import TrainReport
from training.registry import Registry
from training.tracking import RunRecord

WIDTH = len(FEATURE_NAMES)
PROBE = np.random.default_rng(1).normal(size=(20, WIDTH))


def model_of(seed: int) -> RankingModel:
    rng = np.random.default_rng(seed)
    table = table_of([[0, 1, 2, 3]] * 40, rng.normal(size=(160, WIDTH)))
    ranker = refit_ranker(table, COLUMNS, TreeSettings(min_data_in_leaf=5), rounds=3)
    curve, *copies = (
        SurvivalCurve(
            LinearRanker(FEATURE_NAMES, np.zeros(WIDTH), np.ones(WIDTH), row, 0.0), np.array([1.0]), Calibration()
        )
        for row in rng.normal(size=(6, WIDTH))
    )
    head = RetentionHead("hazard_linear", curve, tuple(copies), 80)
    return RankingModel(ModelInfo("", "retained-1040h-v1", "bow-1", "2026-01-01", FEATURE_NAMES), ranker, head)


def run_of(content: str, *, promotable: bool = True) -> RunRecord:
    return RunRecord(
        parameters={"num_leaves": 15},
        metrics={"test_ndcg_at_10_learned": 0.61},
        curve=[(number, number / 2000) for number in range(1, 1201)],
        tags={"label": "retained-1040h-v1", "content": content, "data": "d" * 64},
        reports={"report.md": "# Report\n"},
        promotable=promotable,
    )


@pytest.fixture(scope="module")
def settings(new_home: Callable[[str], Settings]) -> Settings:
    return new_home("registry")


@pytest.fixture(scope="module")
def registry(settings: Settings) -> Registry:
    """Three versions: the first two passed the gate, the third did not."""
    registry = Registry.open(settings)
    for number in (1, 2, 3):
        assert registry.record(run_of(f"c{number}", promotable=number < 3), model_of(number)) == str(number)
    return registry


def test_an_empty_registry_has_no_champion(home: Settings) -> None:
    registry = Registry.open(home)
    assert registry.versions() == []
    assert registry.champion() is None
    assert registry.champion_version() is None
    with pytest.raises(NotFound, match="kansrijk models"):
        registry.promote("1")
    with pytest.raises(NotFound, match="earlier champion"):
        registry.rollback()


def test_versions_newest_first(registry: Registry) -> None:
    versions = registry.versions()
    assert [item.version for item in versions] == ["3", "2", "1"]
    assert [item.promotable for item in versions] == [False, True, True]
    assert versions[0].metrics == {"test_ndcg_at_10_learned": 0.61}
    assert versions[0].created_at.tzinfo is not None


def test_the_same_content_is_the_same_version(registry: Registry) -> None:
    assert registry.record(run_of("c2"), model_of(2)) == "2"
    assert len(registry.versions()) == 3


def test_promotion_and_rollback_are_followed(registry: Registry, settings: Settings) -> None:
    follower = ChampionFollower(settings.home / "models")

    def in_force() -> tuple[str, list[float]]:
        model = follower()
        assert model is not None
        return model.info.version, model.ranker.score(PROBE).tolist()

    def expected(number: int) -> tuple[str, list[float]]:
        return str(number), model_of(number).ranker.score(PROBE).tolist()

    assert registry.promote("1") == "1"
    assert in_force() == expected(1)
    assert registry.champion_version() == "1"
    with pytest.raises(NotFound, match="earlier champion"):
        registry.rollback()
    assert registry.promote("2") == "2"
    assert in_force() == expected(2)
    aliases = {item.version: item.aliases for item in registry.versions()}
    assert aliases == {"1": ["previous"], "2": ["champion"], "3": []}
    assert registry.promote("2") == "2"  # once more changes nothing
    assert {item.version: item.aliases for item in registry.versions()} == aliases
    assert registry.rollback() == "1"
    assert in_force() == expected(1)
    assert registry.rollback() == "2"  # and forth again
    assert in_force() == expected(2)


def test_what_did_not_pass_the_gate_is_not_promoted_unless_forced(registry: Registry, settings: Settings) -> None:
    registry.promote("2")
    with pytest.raises(PromotionRefused, match="version 3"):
        registry.promote("3")
    assert registry.champion_version() == "2"
    assert registry.promote("3", force=True) == "3"
    assert registry.champion_version() == "3"
    champion = registry.champion()
    assert champion is not None
    assert champion.info.version == "3"


@pytest.mark.parametrize("version", ["99", "0", "", "champion", "1'; --"])
def test_a_version_that_is_not_there(registry: Registry, version: str) -> None:
    before = registry.champion_version()
    with pytest.raises(NotFound, match="kansrijk models"):
        registry.promote(version, force=True)
    assert registry.champion_version() == before


def test_the_champion_in_the_home_is_the_model_that_was_recorded(registry: Registry) -> None:
    registry.promote("1", force=True)
    champion, original = registry.champion(), model_of(1)
    assert champion is not None
    assert champion.info == replace(original.info, version="1")
    assert champion.ranker.to_text() == original.ranker.to_text()
    assert champion.retention is not None
    assert original.retention is not None
    assert np.array_equal(champion.retention.predict(PROBE)[0], original.retention.predict(PROBE)[0])


def test_plain_mlflow_loads_the_model_and_scores_the_same(registry: Registry, settings: Settings) -> None:
    import mlflow

    mlflow.set_tracking_uri(settings.tracking_uri)
    loaded = mlflow.lightgbm.load_model("models:/kansrijk-ranker/2")
    assert np.array_equal(loaded.predict(PROBE), model_of(2).ranker.score(PROBE))
    assert tuple(loaded.feature_name()) == FEATURE_NAMES
    info = mlflow.models.get_model_info("models:/kansrijk-ranker/2")
    assert info.signature.inputs.input_names() == list(FEATURE_NAMES)


def test_a_run_keeps_parameters_figures_curve_and_report(registry: Registry, settings: Settings) -> None:
    import mlflow

    client = mlflow.MlflowClient(tracking_uri=settings.tracking_uri)
    version = client.get_model_version("kansrijk-ranker", "1")
    run = client.get_run(version.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params == {"num_leaves": "15"}
    curve = client.get_metric_history(version.run_id, "tune_ndcg_at_10")
    assert [(point.step, point.value) for point in curve] == [(n, n / 2000) for n in range(1, 1201)]
    assert mlflow.artifacts.load_text(f"{run.info.artifact_uri}/report.md") == "# Report\n"


def test_a_run_that_was_killed_is_said_to_be_killed(registry: Registry, settings: Settings) -> None:
    import mlflow

    client = mlflow.MlflowClient(tracking_uri=settings.tracking_uri)
    experiment = client.get_experiment_by_name("kansrijk-ranking").experiment_id
    ours = client.create_run(experiment, tags={"kansrijk.home": str(settings.home.resolve())}).info.run_id
    others = client.create_run(experiment, tags={"kansrijk.home": "/another"}).info.run_id
    registry.record(run_of("c1"), model_of(1))
    assert client.get_run(ours).info.status == "KILLED"
    assert client.get_run(others).info.status == "RUNNING"


def test_a_store_that_cannot_be_had_is_unavailable(tmp_path: Path) -> None:
    file = tmp_path / "a-file"
    file.write_text("not a database", encoding="utf-8")
    broken = Settings(home=tmp_path / "home", mlflow_tracking_uri=f"sqlite:///{file}")
    with pytest.raises(TrackingUnavailable, match="MLFLOW_TRACKING_URI"):
        Registry.open(broken)


def test_the_environment_stays_as_it_was(
    registry: Registry, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings are read from it: one home must not get the store of another."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    Registry.open(settings).versions()
    assert Settings(home=tmp_path).mlflow_tracking_uri is None
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://elsewhere")
    registry.versions()
    assert Settings(home=tmp_path).mlflow_tracking_uri == "http://elsewhere"


def test_two_registries_in_one_process_do_not_meet(registry: Registry, home: Settings) -> None:
    other = Registry.open(home)
    assert other.record(run_of("other"), model_of(9)) == "1"
    assert len(registry.versions()) == 3
    assert registry.record(run_of("c3"), model_of(3)) == "3"
    assert [item.version for item in other.versions()] == ["1"]


def test_the_champion_needs_no_mlflow(registry: Registry, settings: Settings) -> None:
    registry.promote("1", force=True)
    (settings.home / "mlflow.db").rename(settings.home / "elsewhere.db")
    try:
        champion = ChampionFollower(settings.home / "models")()
    finally:
        (settings.home / "elsewhere.db").rename(settings.home / "mlflow.db")
    assert champion is not None
    assert champion.info.version == "1"


def test_a_trained_model_is_registered_with_its_figures(trained: TrainReport, market: Market) -> None:
    registry = Registry.open(market.settings)
    (version,) = registry.versions()
    assert version.version == trained.model_version
    assert version.promotable == trained.promoted
    assert version.metrics[f"test_ndcg_at_10_{trained.ranker}"] == pytest.approx(trained.metrics["ndcg_at_10"]["value"])
    assert version.metrics["test_ndcg_at_10_similarity"] == pytest.approx(trained.baselines["similarity"]["value"])
    champion = registry.champion()
    assert (champion is not None) == trained.promoted
    registry.promote(version.version, force=True)
    champion = registry.champion()
    assert champion is not None
    assert champion.info.label == "retained-1040h-v1"
    assert champion.info.trained_as_of == market.cutoff.isoformat()
    assert champion.info.feature_names == FEATURE_NAMES


SLOPES: list[tuple[str, Callable[[np.ndarray], np.ndarray]]] = [
    (name, np.diff) for name, direction in zip(COLUMNS.names, COLUMNS.monotone, strict=True) if direction
]


def test_a_trained_model_keeps_to_the_table_of_directions(trained: TrainReport, market: Market) -> None:
    registry = Registry.open(market.settings)
    registry.promote(trained.model_version, force=True)
    champion = registry.champion()
    assert champion is not None
    base = np.abs(PROBE) * 3
    for name, difference in SLOPES:
        column = FEATURE_NAMES.index(name)
        scores = []
        for value in np.linspace(-1, 60, 40):
            moved = base.copy()
            moved[:, column] = value
            scores.append(champion.ranker.score(moved))
        steps = difference(np.array(scores), axis=0) * COLUMNS.monotone[column]
        assert steps.min() >= -1e-9, name
