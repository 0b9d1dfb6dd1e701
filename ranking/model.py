"""A model as serving reads it: ranker and retention head in one checked directory."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import orjson

from core.errors import ArtifactCorrupt, ArtifactMismatch
from ranking.features import FEATURE_NAMES
from ranking.rankers import Ranker
from ranking.rankers_combined import ranker_from_json
from ranking.retention import RetentionHead

_RANKER, _ABOUT = "ranker.json", "about.json"


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a model is and what it was made for.

    Attributes:
        version: of the registry; empty until it is registered.
        label: name of the label definition.
        encoder_version: of the encoder whose similarities it has learned.
        trained_as_of: the cut-off of its data, ISO 8601.
        feature_names: its columns, in order.
    """

    version: str
    label: str
    encoder_version: str
    trained_as_of: str
    feature_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RankingModel:
    """The ranker that orders, and the head that says how likely a placement lasts (None when data was too thin)."""

    info: ModelInfo
    ranker: Ranker
    retention: RetentionHead | None

    def save(self, directory: Path) -> None:
        """Writes the parts into an existing directory as JSON, trees as text in it; nothing in it can run."""
        (directory / _RANKER).write_bytes(orjson.dumps(self.ranker.to_json(), option=orjson.OPT_INDENT_2))
        about: dict[str, Any] = {
            "version": self.info.version,
            "label": self.info.label,
            "encoder_version": self.info.encoder_version,
            "trained_as_of": self.info.trained_as_of,
            "feature_names": list(self.info.feature_names),
            "retention": self.retention.to_json() if self.retention else None,
        }
        (directory / _ABOUT).write_bytes(orjson.dumps(about, option=orjson.OPT_INDENT_2))

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Reads what :meth:`save` wrote.

        Raises:
            ArtifactCorrupt: a part is missing or unreadable.
            ArtifactMismatch: it was trained on other features than this version of Kansrijk computes.
        """
        try:
            about = orjson.loads((directory / _ABOUT).read_bytes())
            ranker = ranker_from_json(orjson.loads((directory / _RANKER).read_bytes()))
            head = RetentionHead.from_json(about["retention"]) if about["retention"] else None
            info = ModelInfo(
                version=str(about["version"]),
                label=str(about["label"]),
                encoder_version=str(about["encoder_version"]),
                trained_as_of=str(about["trained_as_of"]),
                feature_names=tuple(about["feature_names"]),
            )
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise ArtifactCorrupt(f"the model in {directory} cannot be read; roll back or train again") from error
        _check_features(info.feature_names)
        _check_features(ranker.feature_names)
        if head is not None:
            _check_features(head.names)
        return cls(info, ranker, head)

    def check_encoder(self, encoder_version: str) -> None:
        """Refuses an encoder that this model was not trained with.

        Raises:
            ArtifactMismatch: the versions differ.
        """
        if self.info.encoder_version != encoder_version:
            raise ArtifactMismatch(
                f"model {self.info.version} was trained with encoder {self.info.encoder_version}, the index has "
                f"{encoder_version}; run kansrijk train, or set KANSRIJK_ENCODER to the encoder it knows"
            )


def _check_features(names: tuple[str, ...]) -> None:
    if names != FEATURE_NAMES:
        odd = sorted(set(names) ^ set(FEATURE_NAMES)) or ["their order"]
        raise ArtifactMismatch(f"the model knows other features ({', '.join(odd)}); run kansrijk train")
