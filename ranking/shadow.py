"""What the challenger would have made of the same candidates: computed after the answer, kept beside it, never shown.

Nothing here can delay, change or fail a request: the request puts its candidates in a queue that has an end, and a
thread of its own does the rest. When the queue is full, or the challenger cannot answer, the list simply has no note.
"""

import logging
import queue
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from core.errors import ArtifactError
from core.store import Store
from ranking.model import RankingModel
from ranking.selection import in_order

logger = logging.getLogger(__name__)

NOTE: Final = "challenger"
"""Under which the would-be ranking is kept beside a shortlist."""
MAX_WAITING: Final = 64
_GRACE_S: Final = 10.0  # what closing waits for lists that are still to be scored


@dataclass(frozen=True, slots=True)
class Observed:
    """Candidates of one list, in the champion's order.

    Attributes:
        shortlist_id: of the stored list.
        talent_ids: (n,).
        rows: (n,) in the pool: they break ties as the champion's do.
        features: (n, f).
        k: places of the list.
        encoder_version: that the features were made with.
    """

    shortlist_id: str
    talent_ids: Sequence[str]
    rows: npt.NDArray[np.int64]
    features: npt.NDArray[np.float64]
    k: int
    encoder_version: str


class Shadow:
    """Scores with the challenger in a thread of its own; a context manager.

    Attributes:
        counts: lists by what became of them: ``scored``, ``dropped`` because the queue was full, or ``failed``.
    """

    def __init__(
        self,
        store: Store,
        challenger: Callable[[], RankingModel | None],
        *,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        self._store = store
        self._challenger = challenger
        self._queue: queue.Queue[Observed | None] = queue.Queue(max_waiting)
        self._thread = threading.Thread(target=self._work, name="shadow", daemon=True)
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._queue.put(None, timeout=_GRACE_S)
        except queue.Full:
            logger.warning("the challenger's rankings of the last lists are lost: the queue did not empty")
            return
        self._thread.join(_GRACE_S)

    def rival(self, encoder_version: str) -> RankingModel | None:
        """The challenger, when there is one that can rank; an error in it is logged and harms nobody."""
        try:
            model = self._challenger()
            if model is not None:
                model.check_encoder(encoder_version)
        except ArtifactError as error:
            logger.warning("the challenger cannot be used: %s", error)
            return None
        return model

    def observe(self, observed: Observed) -> None:
        """Puts a list in the queue, or lets it go when that is full. Never waits, never raises."""
        try:
            self._queue.put_nowait(observed)
        except queue.Full:
            self.counts["dropped"] += 1

    def _work(self) -> None:
        while (observed := self._queue.get()) is not None:
            try:
                self._score(observed)
            except Exception as error:  # noqa: BLE001  whatever the challenger does, the service goes on
                self.counts["failed"] += 1
                # Its kind only: a message may quote a person's row.
                logger.warning("the challenger could not rank a list: %s", type(error).__name__)

    def _score(self, observed: Observed) -> None:
        model = self.rival(observed.encoder_version)
        if model is None:
            return
        order = in_order(observed.rows, observed.features, model.ranker.score(observed.features))[: observed.k]
        ranks = {observed.talent_ids[number]: place for place, number in enumerate(order.tolist(), start=1)}
        self._store.annotate_shortlist(observed.shortlist_id, NOTE, {"model_version": model.info.version}, ranks)
        self.counts["scored"] += 1
