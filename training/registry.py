"""The versions of the ranker in MLflow's registry, and which of them is in force."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from core.artifacts import write_artifact
from core.errors import NotFound, PromotionRefused
from core.settings import Settings
from ranking.champion import MODEL_KIND, ChampionFollower
from ranking.model import RankingModel
from training.flavours import log_model
from training.tracking import CURVE, ENCODER_EXPERIMENT, RunRecord, Tracking, connected, make_embedded_store, quiet

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion as MlflowVersion

MODEL_NAME = "kansrijk-ranker"
CHAMPION, PREVIOUS, CHALLENGER = "champion", "previous", "challenger"
_PARTS = "kansrijk"  # folder among a run's artifacts that holds the model as the service reads it


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One version in the registry, newest first in lists.

    Attributes:
        version: its number.
        created_at: when it was registered.
        trained_as_of: the cut-off of its data, ISO 8601.
        label: what counted as lasting.
        encoder_version: of the encoder that it was trained with.
        ranker: which candidate it is.
        metrics: of its run; ``test_…`` are of the test period.
        aliases: champion, challenger, previous.
        promotable: whether the gate let it pass.
    """

    version: str
    created_at: datetime
    trained_as_of: str
    label: str
    encoder_version: str
    ranker: str
    metrics: dict[str, float]
    aliases: list[str]
    promotable: bool


class Registry:
    """The versions of the ranker and which of them is in force.

    The alias in MLflow is the truth; a checked copy of the champion lies in the home, so that serving needs neither
    MLflow nor a network.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._models_dir = settings.models_dir
        self._tracking = Tracking(settings)
        self._mlflow, self._client = self._tracking.mlflow, self._tracking.client

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Connects to the tracking store, making the embedded one when it is not there.

        Raises:
            TrackingUnavailable: it does not answer.
        """
        quiet()
        settings.home.mkdir(parents=True, exist_ok=True)
        if settings.mlflow_tracking_uri is None:
            make_embedded_store(settings.home / "mlflow.db")
        with connected(settings.tracking_uri):
            registry = cls(settings)
            registry._tracking.experiment()
        return registry

    def record(self, run: RunRecord, model: RankingModel) -> str:
        """Logs a run and registers its model; a model that is already registered is not registered again.

        Returns:
            The version's number.
        """
        with connected(self._settings.tracking_uri):
            self._tracking.close_abandoned()
            known = self._client.search_model_versions(f"name='{MODEL_NAME}' and tags.content='{run.tags['content']}'")
            if known and not run.trials:
                return str(known[0].version)
            with self._tracking.run(run) as run_id:  # a search is kept, also when it ends where it began
                return str(known[0].version) if known else self._register(run, model, run_id)

    def record_encoder(self, run: RunRecord) -> str:
        """Logs a training of the encoder; the folder it wrote is the model, so nothing is registered.

        Returns:
            The run's id.
        """
        with connected(self._settings.tracking_uri), self._tracking.run(run, ENCODER_EXPERIMENT) as run_id:
            return run_id

    def versions(self) -> list[ModelVersion]:
        """All versions, newest first."""
        with connected(self._settings.tracking_uri):
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
        with connected(self._settings.tracking_uri):
            aliases = self._aliases()
            before = aliases.get(CHAMPION)
            self._copy(version, self._models_dir)
            if aliases.get(CHALLENGER) == version:  # it has won: nobody competes with itself
                self._withdraw_challenger()
            if before is not None and before != version:
                self._client.set_registered_model_alias(MODEL_NAME, PREVIOUS, before)
            self._client.set_registered_model_alias(MODEL_NAME, CHAMPION, version)
        return version

    def rollback(self) -> str:
        """Makes the champion before this one the champion again.

        Raises:
            NotFound: there is none before.
        """
        with connected(self._settings.tracking_uri):
            before = self._aliases().get(PREVIOUS)
        if before is None:
            raise NotFound("there is no earlier champion to go back to; kansrijk models lists the versions")
        return self.promote(before, force=True)

    def challenge(self, version: str | None) -> None:
        """Makes a version the challenger, which scores along without being shown; None ends that.

        Raises:
            NotFound: there is no such version.
        """
        if version is not None and version not in {item.version for item in self.versions()}:
            raise NotFound(f"there is no model version {version}; kansrijk models lists them")
        with connected(self._settings.tracking_uri):
            if version is None:
                self._withdraw_challenger()
            else:
                self._copy(version, self._settings.challenger_dir)
                self._client.set_registered_model_alias(MODEL_NAME, CHALLENGER, version)

    def model(self, version: str) -> RankingModel:
        """A version as serving would read it.

        Raises:
            NotFound: there is no such version.
        """
        if version not in {item.version for item in self.versions()}:
            raise NotFound(f"there is no model version {version}; kansrijk models lists them")
        with connected(self._settings.tracking_uri):
            return self._fetched(version)

    def report(self, version: str, name: str) -> str | None:
        """A report that the run of a version logged, by file name; None when it has none.

        Raises:
            NotFound: there is no such version.
        """
        if version not in {item.version for item in self.versions()}:
            raise NotFound(f"there is no model version {version}; kansrijk models lists them")
        with connected(self._settings.tracking_uri):
            run_id = str(self._client.get_model_version(MODEL_NAME, version).run_id)
            if name not in {item.path for item in self._client.list_artifacts(run_id)}:
                return None
            return str(self._mlflow.artifacts.load_text(f"runs:/{run_id}/{name}"))

    def tag(self, version: str, tags: Mapping[str, str]) -> None:
        """Writes something on a version."""
        with connected(self._settings.tracking_uri):
            for name, value in tags.items():
                self._client.set_model_version_tag(MODEL_NAME, version, name, value)

    def champion_version(self) -> str | None:
        """The champion's number."""
        with connected(self._settings.tracking_uri):
            return self._aliases().get(CHAMPION)

    def challenger_version(self) -> str | None:
        """The challenger's number."""
        with connected(self._settings.tracking_uri):
            return self._aliases().get(CHALLENGER)

    def champion(self) -> RankingModel | None:
        """The champion as serving reads it."""
        return ChampionFollower(self._models_dir)()

    def _register(self, run: RunRecord, model: RankingModel, run_id: str) -> str:
        logged = log_model(self._mlflow, model, run.example)
        with TemporaryDirectory() as folder:
            model.save(Path(folder))
            self._mlflow.log_artifacts(folder, _PARTS)
        self._ensure_registered()
        tags = {**run.tags, "promotable": str(run.promotable).lower()}
        made = self._client.create_model_version(
            MODEL_NAME, source=logged.uri, run_id=run_id, tags=tags, model_id=logged.model_id
        )
        return str(made.version)

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
            **{name: item.tags.get(name, "") for name in ("trained_as_of", "label", "encoder_version")},
            ranker=run.data.params.get("ranker", ""),
            metrics={name: value for name, value in run.data.metrics.items() if name != CURVE},
            aliases=sorted(alias for alias, version in aliases.items() if version == str(item.version)),
            promotable=item.tags.get("promotable") == "true",
        )

    def _fetched(self, version: str) -> RankingModel:
        """A version from the registry, checked and named."""
        run_id = self._client.get_model_version(MODEL_NAME, version).run_id
        with TemporaryDirectory() as folder:
            parts = self._mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path=_PARTS, dst_path=folder)
            model = RankingModel.load(Path(parts))
        return replace(model, info=replace(model.info, version=version))

    def _copy(self, version: str, root: Path) -> None:
        """Copies a version from the registry into the home, checked before it replaces anything."""
        named = self._fetched(version)
        with write_artifact(root, MODEL_KIND) as writer:
            named.save(writer.path)
            writer.metadata["version"] = version

    def _withdraw_challenger(self) -> None:
        if CHALLENGER in self._aliases():
            self._client.delete_registered_model_alias(MODEL_NAME, CHALLENGER)
        if self._settings.challenger_dir.exists():
            with write_artifact(self._settings.challenger_dir, MODEL_KIND) as writer:
                writer.withdrawn = True
