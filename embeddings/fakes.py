"""A small real encoder for tests: words hashed to axes, so that similarity can be counted by hand."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from embeddings.encoder import MAX_TEXT_CHARS, TextKind, Vectors, unit_rows

_WORD = re.compile(r"\w+")


class BagOfWordsEncoder:
    """Counts words on hashed axes: texts with the same words are equal, texts without a common word near 0.

    Attributes:
        encoded: number of texts embedded so far, for tests that count work.
    """

    def __init__(self, dim: int = 256, *, salt: str = "") -> None:
        if not 1 <= dim <= 4096:
            raise ValueError("give a dim between 1 and 4096")
        self._dim = dim
        self._salt = salt
        self.encoded = 0

    @property
    def version(self) -> str:
        """Fingerprint of the dimension and the salt."""
        return "bow-" + hashlib.sha256(f"{self._dim}|{self._salt}".encode()).hexdigest()[:16]

    @property
    def dim(self) -> int:
        """Number of axes."""
        return self._dim

    def encode(self, texts: Sequence[str], *, kind: TextKind = TextKind.PASSAGE) -> Vectors:  # noqa: ARG002
        """Embeds texts, the same for every kind; see :class:`embeddings.encoder.Encoder`."""
        counts = np.zeros((len(texts), self._dim), dtype=np.float64)
        for row, text in enumerate(texts):
            for word in _WORD.findall(text[:MAX_TEXT_CHARS].casefold()):
                counts[row, self._axis(word)] += 1.0
        self.encoded += len(texts)
        return unit_rows(counts)

    def _axis(self, word: str) -> int:
        digest = hashlib.blake2b(f"{self._salt}|{word}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return int.from_bytes(digest, "big") % self._dim
