"""The model in force, followed as it changes on disk."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from core.artifacts import CURRENT, load_artifact
from core.errors import ArtifactError, ArtifactMismatch, ArtifactMissing
from ranking.model import RankingModel

logger = logging.getLogger(__name__)

MODEL_KIND = "model"
POLL_S: Final = 0.5  # far below the five seconds within which a service must follow
_ATTEMPTS: Final = 3


class Flaw(StrEnum):
    """Why a model was left aside."""

    DAMAGED = "damaged"  # it cannot be read
    UNFIT = "unfit"  # made for another encoder or for other features than are in force
    FAILED_REHEARSAL = "failed_rehearsal"  # it could not answer requests of before


@dataclass(frozen=True, slots=True)
class LeftAside:
    """A model that was put in force and does not serve.

    Attributes:
        version: of the registry; None where that cannot be read.
        flaw: why not.
    """

    version: str | None
    flaw: Flaw


Rehearsal = Callable[[RankingModel], None]
"""Tries a model out before it serves; raises when it cannot answer."""


class ChampionFollower:
    """Reads a model from its artifact, again only when another was put in force.

    Asking costs one small read, so that a promotion or rollback is followed by the next request.
    """

    def __init__(self, models_dir: Path) -> None:
        self._root = models_dir
        self._lock = threading.Lock()
        self._name: str | None = None
        self._model: RankingModel | None = None

    def __call__(self) -> RankingModel | None:
        """The model; None when none was ever put in force.

        Raises:
            ArtifactError: there is one, and it cannot be used.
        """
        name = pointer(self._root)
        if name is None:
            return None
        with self._lock:
            if name != self._name:
                self._model = read_model(self._root)
                self._name = name
            return self._model


class LiveModel:
    """As :class:`ChampionFollower`, for a service: another model is loaded and tried out beside, then swapped in.

    No request waits for a model to load, or meets one that was never run: whoever asks gets the model that serves now,
    whole. One that cannot be read or does not pass its rehearsal is left aside, and the one before it stays.
    """

    def __init__(self, root: Path, *, poll_s: float = POLL_S) -> None:
        self._root = root
        self._poll_s = poll_s
        self._name: str | None = None
        self._serving: RankingModel | ArtifactError | None = None
        self._rehearse: Rehearsal = lambda _: None
        self._left_aside: LeftAside | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=f"follow-{root.name}", daemon=True)

    def __enter__(self) -> Self:
        self._name = pointer(self._root)
        try:
            self._serving = read_model(self._root)
        except ArtifactError as error:
            self._serving = error
            self._left_aside = LeftAside(None, _flaw(error))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def __call__(self) -> RankingModel | None:
        """The model that serves; None when none was ever put in force. Never waits.

        Raises:
            ArtifactError: there is one, and it never could be used.
        """
        serving = self._serving  # one read of one reference: the swap happens before it or after it
        if isinstance(serving, ArtifactError):
            raise serving
        return serving

    @property
    def left_aside(self) -> LeftAside | None:
        """The model that should serve and does not; None when the one in force serves."""
        return self._left_aside

    def rehearse_with(self, rehearse: Rehearsal) -> None:
        """What every later model must go through before it serves."""
        self._rehearse = rehearse

    def _follow(self) -> None:
        while not self._stopped.wait(self._poll_s):
            try:
                name = pointer(self._root)
                if name != self._name:
                    self._name = name
                    self._take_over()
            except Exception as error:  # noqa: BLE001  the thread must outlive any model
                self._leave_aside(None, error)

    def _take_over(self) -> None:
        model = read_model(self._root)
        if model is not None:
            try:
                self._rehearse(model)
            except Exception as error:  # noqa: BLE001  whatever it cannot answer, the one before it can
                self._leave_aside(model.info.version, error)
                return
        self._serving, self._left_aside = model, None
        logger.info("%s: version %s serves", self._root.name, model.info.version if model else "none")

    def _leave_aside(self, version: str | None, error: Exception) -> None:
        self._left_aside = LeftAside(version, _flaw(error))
        # Its kind only: a rehearsal ranks real people, whom a message may quote.
        logger.warning("%s: version %s was left aside: %s", self._root.name, version or "?", type(error).__name__)


def _flaw(error: Exception) -> Flaw:
    if isinstance(error, ArtifactMismatch):
        return Flaw.UNFIT
    return Flaw.DAMAGED if isinstance(error, ArtifactError) else Flaw.FAILED_REHEARSAL


def pointer(root: Path) -> str | None:
    """Name of the version in force; None when there is none."""
    try:
        return (root / CURRENT).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def read_model(root: Path) -> RankingModel | None:
    """The model in force; None when there is none.

    Raises:
        ArtifactError: there is one, and it cannot be used.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        name = pointer(root)
        try:
            return RankingModel.load(load_artifact(root, MODEL_KIND).path)
        except ArtifactMissing:
            return None
        except ArtifactError:
            # Two promotions while this one was read cleared it away: read the one that is in force now.
            if attempt == _ATTEMPTS or pointer(root) == name:
                raise
    raise AssertionError  # pragma: no cover  the last attempt returns or raises
