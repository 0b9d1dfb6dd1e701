"""Whether two names of occupations mean about the same work: equal names, or names that come close in meaning.

``CLOSE`` is the same distance at which work counts as known to a person (:mod:`ranking.bridges`). On the 80
occupations of the synthetic world and four names for each, it finds 88 of 100 names of the same occupation and takes
2 of 100 others for it, mostly neighbours such as receptionist and hotel receptionist.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from embeddings.encoder import Encoder, TextKind, Vectors
from ranking.features import CLOSE

_MAX_KEPT: Final = 20_000  # names whose vectors are remembered


class TradeBook:
    """Compares occupations; every name is embedded once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vectors: dict[str, Vectors] = {}

    def same(self, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> list[bool]:
        """For each pair of earlier occupations and names of a job: whether any of the one is about any of the other.

        A pair with nothing on either side is not the same; whoever does not know asks nothing.
        """
        self._learn({name for pair in pairs for names in pair for name in names})
        return [self._is_same(done, work) for done, work in pairs]

    def _learn(self, names: set[str]) -> None:
        if len(self._vectors) > _MAX_KEPT:
            self._vectors = {}
        new = sorted(names - self._vectors.keys())
        if new:
            vectors = self._encoder.encode(new, kind=TextKind.PHRASE)
            self._vectors |= {name: vectors[row] for row, name in enumerate(new)}

    def _is_same(self, done: Sequence[str], work: Sequence[str]) -> bool:
        if {name.casefold() for name in done} & {name.casefold() for name in work}:
            return True
        if not done or not work:
            return False
        before, after = (np.stack([self._vectors[name] for name in names]) for names in (done, work))
        return float((before @ after.T).max()) >= CLOSE
