"""Runs in MLflow: what a training leaves behind, on the embedded store or on a remote server."""

import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import TrackingUnavailable
from core.settings import Settings
from training.tuning import Trial

EXPERIMENT, ENCODER_EXPERIMENT = "kansrijk-ranking", "kansrijk-encoder"
CURVE: Final = "tune_ndcg_at_10"
"""nDCG@10 of the LambdaMART trees on the tuning period, by step of their rounds."""
TRIED: Final = "trial_ndcg_at_10"
"""nDCG@10 of the blend on the tuning period: of each trial, and of the best trial in the run above them."""

_VENDORS = ("mlflow.", "sqlalchemy.", "requests.", "urllib3.")  # MLflow lets errors of its database through
_VARIABLE = "MLFLOW_TRACKING_URI"
_HOME_TAG = "kansrijk.home"
_DIGEST_CHARACTERS = 32  # of the 36 that MLflow keeps; the whole is in the tag ``data``
_MAX_POINTS = 500  # the store takes at most a thousand at a time


@dataclass(frozen=True, slots=True)
class DataUsed:
    """Rows that a run used, of which only the description is kept in MLflow.

    Attributes:
        context: ``training`` or ``evaluation``.
        name: of the data.
        digest: its fingerprint.
        rows: columns of features and the grade, for names and kinds.
        source: where it comes from and as of when, without secrets.
        counts: of lists, people, placements and so on.
    """

    context: str
    name: str
    digest: str
    rows: pd.DataFrame
    source: Mapping[str, str]
    counts: Mapping[str, int]


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
        data: what it learned from and what it was judged on.
        trials: settings that were tried; each becomes a run under this one.
        example: (n, f) rows that show what the model takes; None for a row of which nothing is known.
    """

    parameters: Mapping[str, object]
    metrics: Mapping[str, float]
    curve: Sequence[tuple[int, float]]
    tags: Mapping[str, str]
    reports: Mapping[str, str]
    promotable: bool
    data: Sequence[DataUsed] = ()
    trials: Sequence[Trial] = ()
    example: npt.NDArray[np.float64] | None = field(default=None, repr=False)


class Tracking:
    """Writes runs to the store that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        import mlflow  # noqa: PLC0415  takes seconds: only who trains or looks at versions pays

        self.mlflow = mlflow
        self.client = mlflow.MlflowClient(settings.tracking_uri, settings.tracking_uri)

    def experiment(self, name: str = EXPERIMENT) -> str:
        """Its id; made when it is not there."""
        found = self.client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        location = None
        if self._settings.mlflow_tracking_uri is None:
            location = (self._settings.home / "mlartifacts").resolve().as_uri()
        return str(self.client.create_experiment(name, artifact_location=location))

    @contextmanager
    def run(self, record: RunRecord, experiment: str = EXPERIMENT) -> Iterator[str]:
        """Logs all but the model, and gives the run's id while the run is open."""
        mlflow = self.mlflow
        tags = {**record.tags, "promotable": str(record.promotable).lower(), _HOME_TAG: self._home}
        experiment_id = self.experiment(experiment)
        with mlflow.start_run(experiment_id=experiment_id, tags=tags) as active:
            run_id = str(active.info.run_id)
            mlflow.log_params(dict(record.parameters))
            mlflow.log_metrics(dict(record.metrics))
            self._log_curve(run_id, record.curve)
            for used in record.data:
                mlflow.log_input(_dataset(used), used.context, {name: str(n) for name, n in used.counts.items()})
            for name, content in record.reports.items():
                mlflow.log_text(content, name)
            if record.trials:
                mlflow.log_metric(TRIED, max(trial.ndcg_at_10 for trial in record.trials))
            for number, trial in enumerate(record.trials):
                self._log_trial(experiment_id, run_id, number, trial)
            yield run_id

    def close_abandoned(self) -> None:
        """Runs of killed processes stay RUNNING for ever unless someone says what happened."""
        for run in self.client.search_runs([self.experiment()], "attributes.status = 'RUNNING'"):
            if run.data.tags.get(_HOME_TAG) == self._home:
                self.client.set_terminated(run.info.run_id, "KILLED")

    def _log_curve(self, run_id: str, curve: Sequence[tuple[int, float]]) -> None:
        from mlflow.entities import Metric  # noqa: PLC0415

        stamp = _milliseconds(datetime.now(UTC))
        points = [Metric(CURVE, value, stamp, step) for step, value in curve]
        for start in range(0, len(points), _MAX_POINTS):
            self.client.log_batch(run_id, metrics=points[start : start + _MAX_POINTS])

    def _log_trial(self, experiment_id: str, parent: str, number: int, trial: Trial) -> None:
        from mlflow.entities import Metric, Param  # noqa: PLC0415

        ended = _milliseconds(trial.ended_at)
        run_id = self.client.create_run(
            experiment_id,
            start_time=_milliseconds(trial.started_at),
            run_name=f"trial-{number:03d}",
            tags={"mlflow.parentRunId": parent, _HOME_TAG: self._home},
        ).info.run_id
        parameters = [Param(name, repr(value)) for name, value in trial.parameters.items()]
        self.client.log_batch(run_id, [Metric(TRIED, trial.ndcg_at_10, ended, 0)], parameters)
        self.client.set_terminated(run_id, end_time=ended)

    @property
    def _home(self) -> str:
        return str(self._settings.home.resolve())


def _dataset(used: DataUsed) -> Any:
    """As MLflow describes data: names and kinds of its columns and how much there is, none of its rows."""
    from mlflow.data.code_dataset_source import CodeDatasetSource  # noqa: PLC0415
    from mlflow.data.pandas_dataset import from_pandas  # noqa: PLC0415

    source = CodeDatasetSource(dict(used.source))  # it comes out of a database by way of code: no file to point to
    return from_pandas(
        used.rows, source=source, targets="grade", name=used.name, digest=used.digest[:_DIGEST_CHARACTERS]
    )


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def make_embedded_store(path: Path) -> None:
    """Makes MLflow's database beside and renames it: killed half-way through its migrations it could not be mended."""
    if path.exists():
        return
    import mlflow  # noqa: PLC0415

    beside = path.with_suffix(".making")
    beside.unlink(missing_ok=True)
    uri = f"sqlite:///{beside.resolve()}"
    with connected(uri):
        mlflow.MlflowClient(tracking_uri=uri).search_experiments(max_results=1)
    beside.replace(path)


def quiet() -> None:
    """Before MLflow is imported: no word to its makers, no migration log on our standard error."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")  # there stands our JSON and nothing else
    # A server that is away is told after some fifteen seconds: MLflow itself keeps trying for minutes.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "4")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "1")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    logging.getLogger("alembic").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="mlflow")


@contextmanager
def connected(tracking_uri: str) -> Iterator[None]:
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
            f"MLflow refused: {getattr(error, 'error_code', type(error).__name__)}; check MLFLOW_TRACKING_URI and that "
            "the server runs"
        ) from error
