"""The registry on a real MLflow server, and models that load where Kansrijk is not."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import TrackingUnavailable
from core.settings import Settings
from ranking.champion import ChampionFollower
from ranking.features import COLUMNS, FEATURE_NAMES
from ranking.model import ModelInfo, RankingModel
from ranking.rankers import CoverageRanker, LinearRanker, Ranker
from ranking.rankers_combined import BlendRanker, Part, StagedRanker, Step
from ranking.retention import RetentionHead
from ranking.survival import Calibration, StayRanker, SurvivalCurve
from ranking.trees import BinaryTable, TreeSettings, fit_classifier
from training.registry import Registry
from training.tracking import DataUsed, RunRecord
from training.tuning import Trial

WIDTH = len(FEATURE_NAMES)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
# What is asked of a model by someone who has MLflow and the address of a server, and nothing of ours.
ELSEWHERE = """
import importlib.util, json, sys
sys.path[:] = [path for path in sys.path if "kansrijk" not in path and path not in ("", sys.argv[1])]
sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in repr(finder).lower()]
assert importlib.util.find_spec("ranking") is None, "Kansrijk is here"
import mlflow, numpy as np, pandas as pd
rows = pd.read_parquet("probe.parquet")
model = mlflow.pyfunc.load_model("models:/kansrijk-ranker@champion")
np.save("score.npy", model.predict(rows[rows.columns[::-1]]))
np.save("retention.npy", model.predict(rows, params={"output": "retention"}))
example = mlflow.artifacts.download_artifacts("models:/kansrijk-ranker@champion")
logged = mlflow.search_logged_models(
    [mlflow.get_experiment_by_name("kansrijk-ranking").experiment_id], output_format="list"
)
trees = next(one for one in logged if one.name == "trees-1")
np.save("trees.npy", mlflow.lightgbm.load_model(trees.model_uri).predict(rows.to_numpy(), raw_score=True))
json.dump(
    {
        "inputs": model.metadata.signature.inputs.input_names(),
        "example": mlflow.models.Model.load(example).load_input_example(example).to_numpy().shape,
        "flavours": json.dumps(model.metadata.flavors),
        "from": importlib.util.find_spec("ranking").origin,
    },
    open("said.json", "w"),
)
"""


@dataclass(frozen=True)
class Server:
    """A server and the process that it is."""

    uri: str
    process: "subprocess.Popen[bytes]"


@pytest.fixture(scope="module")
def server(new_home: Callable[[str], Settings]) -> Iterator[Server]:
    home = new_home("server").home
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = f"--host 127.0.0.1 --port {port} --workers 1 --backend-store-uri sqlite:///{home / 'mlflow.db'}"
    words += " --serve-artifacts --artifacts-destination"
    process = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "server", *words.split(), str(home / "artifacts")],
        cwd=home,
        env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_up(f"http://127.0.0.1:{port}", process)
        yield Server(f"http://127.0.0.1:{port}", process)
    finally:
        stop(process)


def wait_until_up(uri: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{uri}/health", timeout=2):  # noqa: S310
                return
        except OSError:
            assert process.poll() is None, "the MLflow server stopped at once"
            time.sleep(0.1)
    pytest.fail("the MLflow server did not come up within a minute")


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=10)


def model_of(seed: int) -> RankingModel:
    """A model with every kind of part, and a retention head."""
    rng = np.random.default_rng(seed)
    rows, settings = rng.normal(size=(400, WIDTH)), TreeSettings(min_data_in_leaf=5)

    def trees(column: int) -> Ranker:
        return fit_classifier(BinaryTable(rows, rows[:, column] > 0), COLUMNS, settings, rounds=4)

    def linear() -> LinearRanker:
        return LinearRanker(FEATURE_NAMES, np.zeros(WIDTH), np.ones(WIDTH), rng.normal(size=WIDTH), 0.3)

    curve = SurvivalCurve(linear(), np.array([1.0, 0.5]), Calibration())
    steps = (Step("proposed", trees(0), 1.0), Step("placed", linear(), 2.0), Step("retained", StayRanker(curve), 7.0))
    parts = (
        Part(StagedRanker(steps), 0.6, 1.3),
        Part(trees(1), 0.3, 0.7),
        Part(CoverageRanker(FEATURE_NAMES), 0.1, 1.0),
    )
    head = RetentionHead("hazard_linear", curve, (SurvivalCurve(linear(), np.array([1.0, 0.5]), Calibration()),), 80)
    return RankingModel(
        ModelInfo("", "retained-1040h-v1", "bow-1", "2026-01-01", FEATURE_NAMES), BlendRanker(parts), head
    )


def run_of(content: str) -> RunRecord:
    rows = pd.DataFrame(np.zeros((5, WIDTH)), columns=list(FEATURE_NAMES)).assign(grade=0.0)
    source = {"store": "postgresql://db.example/kansrijk", "as_of": "2026-01-01"}
    return RunRecord(
        parameters={"num_leaves": 15},
        metrics={"test_ndcg_at_10_blend": 0.61},
        curve=[(1, 0.4), (2, 0.5)],
        tags={"label": "retained-1040h-v1", "encoder_version": "bow-1", "content": content, "data": "d" * 64},
        reports={"report.html": "<!doctype html><title>Report</title>"},
        promotable=True,
        data=[
            DataUsed(name, f"pairs-{name}", "d" * 64, rows, source, {"lists": 3}) for name in ("training", "evaluation")
        ],
        trials=[
            Trial({"num_leaves": n, "lambda_l2": 0.1 * n}, 0.4 + n / 100, NOON, NOON + timedelta(seconds=n))
            for n in (4, 9)
        ],
        example=np.vstack([np.arange(WIDTH, dtype=np.float64), np.full(WIDTH, np.nan)]),
    )


@pytest.fixture(scope="module")
def settings(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("client"), mlflow_tracking_uri=server.uri, threads=1)


@pytest.fixture(scope="module")
def registry(settings: Settings) -> Registry:
    """Two versions, the second in force after the first."""
    registry = Registry.open(settings)
    for number in (1, 2):
        assert registry.record(run_of(f"c{number}"), model_of(number)) == str(number)
        registry.promote(str(number))
    return registry


@pytest.fixture(scope="module")
def probe() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    values = rng.normal(size=(60, WIDTH))
    values[rng.random(values.shape) < 0.2] = np.nan
    return pd.DataFrame(values, columns=list(FEATURE_NAMES))


def test_record_promote_and_roll_back_on_a_server(registry: Registry, settings: Settings, probe: pd.DataFrame) -> None:
    follower = ChampionFollower(settings.models_dir)

    def in_force(number: int) -> bool:
        model, rows = follower(), probe.to_numpy()
        assert model is not None
        same = np.array_equal(model.ranker.score(rows), model_of(number).ranker.score(rows))
        return same and model.info.version == str(number) == registry.champion_version()

    assert in_force(2)
    assert registry.rollback() == "1"
    assert in_force(1)
    assert {one.version: one.aliases for one in registry.versions()} == {"1": ["champion"], "2": ["previous"]}
    assert registry.rollback() == "2"
    assert in_force(2)
    assert not (settings.home / "mlflow.db").exists()


def test_a_run_on_a_server_has_its_trials_data_and_report(registry: Registry, server: Server) -> None:
    import mlflow

    mlflow.set_tracking_uri(server.uri)
    client = mlflow.MlflowClient(tracking_uri=server.uri)
    run = client.get_run(client.get_model_version("kansrijk-ranker", "1").run_id)
    experiment, parent = run.info.experiment_id, run.info.run_id
    assert run.info.status == "FINISHED"
    assert "<title>Report</title>" in mlflow.artifacts.load_text(f"{run.info.artifact_uri}/report.html")
    assert run.data.metrics["trial_ndcg_at_10"] == 0.49
    inside = client.search_runs([experiment], f"tags.mlflow.parentRunId = '{parent}'", order_by=["start_time"])
    trials = {one.info.run_name: (one.data.params, one.data.metrics, one.info.status) for one in inside}
    assert trials == {
        "trial-000": ({"num_leaves": "4", "lambda_l2": "0.4"}, {"trial_ndcg_at_10": 0.44}, "FINISHED"),
        "trial-001": ({"num_leaves": "9", "lambda_l2": "0.9"}, {"trial_ndcg_at_10": 0.49}, "FINISHED"),
    }
    assert {one.info.end_time - one.info.start_time for one in inside} == {4_000, 9_000}
    data = {
        tag.value: used for used in run.inputs.dataset_inputs for tag in used.tags if tag.key == "mlflow.data.context"
    }
    assert set(data) == {"training", "evaluation"}
    used = data["training"]
    assert used.dataset.digest == "d" * 32
    assert '"num_rows": 5' in used.dataset.profile
    assert {tag.key: tag.value for tag in used.tags}["lists"] == "3"
    assert mlflow.data.get_source(used).to_dict()["tags"]["store"] == "postgresql://db.example/kansrijk"
    assert FEATURE_NAMES[0] in used.dataset.schema
    assert client.get_model_version_by_alias("kansrijk-ranker", "champion").tags["encoder_version"] == "bow-1"


def test_a_search_that_ends_where_it_began_is_kept_without_a_new_version_and_without_a_word(
    registry: Registry, server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    """MLflow would print the server's address where our JSON stands."""
    import mlflow

    mlflow.set_tracking_uri(server.uri)
    before = len(mlflow.search_runs(experiment_names=["kansrijk-ranking"], output_format="list"))
    assert registry.record(run_of("c1"), model_of(1)) == "1"
    assert len(registry.versions()) == 2
    assert len(mlflow.search_runs(experiment_names=["kansrijk-ranking"], output_format="list")) == before + 3
    assert capfd.readouterr() == ("", "")


def test_a_model_loads_and_scores_the_same_without_kansrijk(
    registry: Registry, server: Server, probe: pd.DataFrame, tmp_path: Path
) -> None:
    probe.to_parquet(tmp_path / "probe.parquet")
    root = str(Path(__file__).parent.parent.parent)
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, root],
        cwd=tmp_path,
        env={**kept, "MLFLOW_TRACKING_URI": server.uri, "MLFLOW_DISABLE_TELEMETRY": "true"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    said = pd.read_json(tmp_path / "said.json", typ="series")
    model = model_of(int(registry.champion_version() or 0))
    rows = probe.to_numpy()
    assert model.retention is not None
    assert np.array_equal(np.load(tmp_path / "score.npy"), model.ranker.score(rows))
    assert np.array_equal(np.load(tmp_path / "retention.npy"), model.retention.probability(rows))
    assert isinstance(model.ranker, BlendRanker)
    assert np.array_equal(np.load(tmp_path / "trees.npy"), model.ranker.parts[1].ranker.score(rows))
    assert said["inputs"] == list(FEATURE_NAMES)
    assert said["example"] == [2, WIDTH]
    assert "pickle" not in said["flavours"]
    assert not said["from"].startswith(root)


def test_a_server_that_went_away_is_told_with_what_to_do(
    registry: Registry, server: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Last of this file: it stops the server. What serves goes on without."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    stop(server.process)
    with pytest.raises(TrackingUnavailable, match="MLFLOW_TRACKING_URI"):
        registry.versions()
    with pytest.raises(TrackingUnavailable, match="server runs"):
        Registry.open(replace_home(settings))
    champion = ChampionFollower(settings.models_dir)()
    assert champion is not None
    assert champion.info.version == "2"


def replace_home(settings: Settings) -> Settings:
    return settings.model_copy(update={"home": settings.home / "another"})
