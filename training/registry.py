"""Runs, models and the champion in MLflow. The only file that names MLflow."""

import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from core.artifacts import write_artifact
from core.errors import NotFound, PromotionRefused, TrackingUnavailable
from core.settings import Settings
from ranking.champion import MODEL_KIND, ChampionFollower
from ranking.features import FEATURE_NAMES
from ranking.model import RankingModel

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion as MlflowVersion

EXPERIMENT = "kansrijk-ranking"
MODEL_NAME = "kansrijk-ranker"
CHAMPION, PREVIOUS = "champion", "previous"
_VENDORS = ("mlflow.", "sqlalchemy.")  # whose errors are mapped: MLflow lets those of its database through
_VARIABLE = "MLFLOW_TRACKING_URI"
_PARTS = "kansrijk"  # folder among a run's artifacts that holds the model as the service reads it


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One version in the registry, newest first in lists."""

    version: str
    created_at: datetime
    metrics: dict[str, float]
    aliases: list[str]
    promotable: bool


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What a training run leaves behind.

    Attributes:
        parameters: choices, as text or number.
        metrics: final figures by name.
        curve: nDCG@10 on the tuning period by round.
        tags: label, encoder and data versions; ``content`` tells equal models apart from new ones.
        reports: file name to content.
        promotable: whether the gate let it pass.
    """

    parameters: Mapping[str, object]
    metrics: Mapping[str, float]
    curve: Sequence[tuple[int, float]]
    tags: Mapping[str, str]
    reports: Mapping[str, str]
    promotable: bool


class Registry:
    """The versions of the ranker and which of them is in force.

    The alias in MLflow is the truth; a checked copy of the champion lies in the home, so that serving needs neither
    MLflow nor a network.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._models_dir = settings.models_dir
        import mlflow  # noqa: PLC0415  takes seconds: only who trains or looks at versions pays

        self._mlflow = mlflow
        self._client = mlflow.MlflowClient(settings.tracking_uri, settings.tracking_uri)

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Connects to the tracking store, making the embedded one when it is not there.

        Raises:
            TrackingUnavailable: it does not answer.
        """
        _quiet()
        settings.home.mkdir(parents=True, exist_ok=True)
        if settings.mlflow_tracking_uri is None:
            _make_embedded_store(settings.home / "mlflow.db")
        with _connected(settings.tracking_uri):
            registry = cls(settings)
            registry._experiment()
        return registry

    def record(self, run: RunRecord, model: RankingModel) -> str:
        """Logs a run and registers its model; a model that is already registered is not registered again.

        Returns:
            The version's number.
        """
        with _connected(self._settings.tracking_uri):
            self._close_abandoned_runs()
            known = self._client.search_model_versions(f"name='{MODEL_NAME}' and tags.content='{run.tags['content']}'")
            if known:
                return str(known[0].version)
            return self._log(run, model)

    def versions(self) -> list[ModelVersion]:
        """All versions, newest first."""
        with _connected(self._settings.tracking_uri):
            found = self._client.search_model_versions(f"name='{MODEL_NAME}'")
            aliases = self._aliases()
            return [self._version(item, aliases) for item in sorted(found, key=lambda item: -int(item.version))]

    def promote(self, version: str, *, force: bool = False) -> str:
        """Makes a version the champion, here and in the registry.

        Raises:
            NotFound: there is no such version.
            PromotionRefused: the gate did not let it pass when it was trained, and ``force`` is not given.
        """
        known = {item.version: item for item in self.versions()}
        if version not in known:
            raise NotFound(f"there is no model version {version}; kansrijk models lists them")
        if not known[version].promotable and not force:
            raise PromotionRefused(
                f"version {version} did not pass the gate when it was trained; look at its report in MLflow"
            )
        with _connected(self._settings.tracking_uri):
            aliases = self._aliases()
            before = aliases.get(CHAMPION)
            self._put_in_force(version)
            if before is not None and before != version:
                self._client.set_registered_model_alias(MODEL_NAME, PREVIOUS, before)
            self._client.set_registered_model_alias(MODEL_NAME, CHAMPION, version)
        return version

    def rollback(self) -> str:
        """Makes the champion before this one the champion again.

        Raises:
            NotFound: there is none before.
        """
        with _connected(self._settings.tracking_uri):
            before = self._aliases().get(PREVIOUS)
        if before is None:
            raise NotFound("there is no earlier champion to go back to; kansrijk models lists the versions")
        return self.promote(before, force=True)

    def champion_version(self) -> str | None:
        """The champion's number."""
        with _connected(self._settings.tracking_uri):
            return self._aliases().get(CHAMPION)

    def champion(self) -> RankingModel | None:
        """The champion as serving reads it."""
        return ChampionFollower(self._models_dir)()

    def _experiment(self) -> str:
        found = self._client.get_experiment_by_name(EXPERIMENT)
        if found is not None:
            return str(found.experiment_id)
        location = None
        if self._settings.mlflow_tracking_uri is None:
            location = (self._settings.home / "mlartifacts").resolve().as_uri()
        return str(self._client.create_experiment(EXPERIMENT, artifact_location=location))

    def _close_abandoned_runs(self) -> None:
        """Runs of killed processes stay RUNNING for ever unless someone says what happened."""
        for run in self._client.search_runs([self._experiment()], "attributes.status = 'RUNNING'"):
            if run.data.tags.get("kansrijk.home") == str(self._settings.home.resolve()):
                self._client.set_terminated(run.info.run_id, "KILLED")

    def _log(self, run: RunRecord, model: RankingModel) -> str:
        mlflow = self._mlflow
        home = str(self._settings.home.resolve())
        with mlflow.start_run(experiment_id=self._experiment(), tags={**run.tags, "kansrijk.home": home}) as active:
            mlflow.log_params(dict(run.parameters))
            mlflow.log_metrics(dict(run.metrics))
            self._log_curve(active.info.run_id, run.curve)
            for name, content in run.reports.items():
                mlflow.log_text(content, name)
            example = np.zeros((1, len(FEATURE_NAMES)))
            logged = mlflow.lightgbm.log_model(
                model.ranker.booster,
                name="ranker",
                signature=mlflow.models.infer_signature(_named(example), model.ranker.score(example)),
                pip_requirements=["lightgbm"],  # spelled out: finding them out takes a process of its own
            )
            with TemporaryDirectory() as folder:
                model.save(Path(folder))
                mlflow.log_artifacts(folder, _PARTS)
            self._ensure_registered()
            made = self._client.create_model_version(
                MODEL_NAME,
                source=logged.model_uri,
                run_id=active.info.run_id,
                tags={**run.tags, "promotable": str(run.promotable).lower()},
            )
        return str(made.version)

    def _log_curve(self, run_id: str, curve: Sequence[tuple[int, float]]) -> None:
        from mlflow.entities import Metric  # noqa: PLC0415

        stamp = int(datetime.now(UTC).timestamp() * 1000)
        points = [Metric("tune_ndcg_at_10", value, stamp, step) for step, value in curve]
        for start in range(0, len(points), 500):  # the store takes at most a thousand at a time
            self._client.log_batch(run_id, metrics=points[start : start + 500])

    def _ensure_registered(self) -> None:
        if not self._client.search_registered_models(f"name='{MODEL_NAME}'"):
            self._client.create_registered_model(MODEL_NAME, description="Orders talents by lasting placements")

    def _aliases(self) -> dict[str, str]:
        found = self._client.search_registered_models(f"name='{MODEL_NAME}'")
        return {str(alias): str(version) for alias, version in found[0].aliases.items()} if found else {}

    def _version(self, item: "MlflowVersion", aliases: Mapping[str, str]) -> ModelVersion:
        run = self._client.get_run(str(item.run_id))
        return ModelVersion(
            version=str(item.version),
            created_at=datetime.fromtimestamp(item.creation_timestamp / 1000, UTC),
            metrics={name: value for name, value in run.data.metrics.items() if not name.startswith("tune_")},
            aliases=sorted(alias for alias, version in aliases.items() if version == str(item.version)),
            promotable=item.tags.get("promotable") == "true",
        )

    def _put_in_force(self, version: str) -> None:
        """Copies a version from the registry into the home, checked before it replaces anything."""
        run_id = self._client.get_model_version(MODEL_NAME, version).run_id
        with TemporaryDirectory() as folder:
            parts = self._mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path=_PARTS, dst_path=folder)
            model = RankingModel.load(Path(parts))
        named = replace(model, info=replace(model.info, version=version))
        with write_artifact(self._models_dir, MODEL_KIND) as writer:
            named.save(writer.path)
            writer.metadata["version"] = version


def _make_embedded_store(path: Path) -> None:
    """Makes MLflow's database beside and renames it: killed half-way through its migrations it could not be mended."""
    if path.exists():
        return
    import mlflow  # noqa: PLC0415

    beside = path.with_suffix(".making")
    beside.unlink(missing_ok=True)
    uri = f"sqlite:///{beside.resolve()}"
    with _connected(uri):
        mlflow.MlflowClient(tracking_uri=uri).search_experiments(max_results=1)
    beside.replace(path)


def _named(example: "np.ndarray[Any, Any]") -> Any:
    import pandas as pd  # noqa: PLC0415

    return pd.DataFrame(example, columns=list(FEATURE_NAMES))


def _quiet() -> None:
    """Before MLflow is imported: no word to its makers, no migration log on our standard error."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    logging.getLogger("alembic").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="mlflow")


@contextmanager
def _connected(tracking_uri: str) -> Iterator[None]:
    """Points MLflow, which knows one store a process, to ours, and turns its errors into ours."""
    import mlflow  # noqa: PLC0415

    outside = os.environ.get(_VARIABLE)
    mlflow.set_tracking_uri(tracking_uri)
    mlflow.set_registry_uri(tracking_uri)
    # MLflow tells its child processes through the environment, from which our settings are read: put it back.
    if outside is None:
        os.environ.pop(_VARIABLE, None)
    else:
        os.environ[_VARIABLE] = outside
    try:
        yield
    except Exception as error:
        if not type(error).__module__.startswith(_VENDORS):
            raise
        raise TrackingUnavailable(
            f"MLflow refused: {type(error).__name__}; check MLFLOW_TRACKING_URI and that the server runs"
        ) from error
