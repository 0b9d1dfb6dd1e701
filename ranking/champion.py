"""The model in force, followed as it changes on disk."""

import threading
from pathlib import Path

from core.artifacts import CURRENT, load_artifact
from core.errors import ArtifactMissing
from ranking.model import RankingModel

MODEL_KIND = "model"


class ChampionFollower:
    """Reads the champion from its artifact, again only when another was put in force.

    Asking costs one small read, so that a promotion or rollback is followed by the next request.
    """

    def __init__(self, models_dir: Path) -> None:
        self._root = models_dir
        self._lock = threading.Lock()
        self._name: str | None = None
        self._model: RankingModel | None = None

    def __call__(self) -> RankingModel | None:
        """The champion; None when no model was ever promoted.

        Raises:
            ArtifactError: there is one, and it cannot be used.
        """
        try:
            name = (self._root / CURRENT).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        with self._lock:
            if name != self._name:
                try:
                    self._model = RankingModel.load(load_artifact(self._root, MODEL_KIND).path)
                except ArtifactMissing:
                    self._model = None
                self._name = name
            return self._model
