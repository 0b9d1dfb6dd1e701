"""Content-addressed cache in front of an encoder: only texts that were never seen are embedded."""

import hashlib
import threading
from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from embeddings.encoder import MAX_TEXT_CHARS, Encoder, TextKind, Vectors

_BATCH = 4096  # texts per round trip: bounds memory, and a killed build loses at most one batch of work
KEY_BYTES = 16


class VectorCache(Protocol):
    """Keeps vectors by encoder version and key. ``core.store.Store`` is one."""

    def vectors(self, encoder_version: str, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """Those of ``keys`` that are known, each with its vector of shape (dim,)."""
        ...

    def put_vectors(self, encoder_version: str, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Keeps ``vectors`` (n, dim) under n distinct ``keys``; known keys are left or overwritten."""
        ...


def vector_key(text: str, kind: TextKind) -> bytes:
    """Key of a text: the first 16 bytes of the SHA-256 of its kind and content."""
    content = f"{kind}\0{text[:MAX_TEXT_CHARS]}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(content).digest()[:KEY_BYTES]


class CachedEncoder:
    """An encoder that remembers.

    Attributes:
        embedded: texts that the inner encoder has embedded since this object was made.
    """

    def __init__(self, encoder: Encoder, cache: VectorCache) -> None:
        self._encoder = encoder
        self._cache = cache
        self._lock = threading.Lock()
        self.embedded = 0

    @property
    def version(self) -> str:
        """Of the inner encoder: the cache does not change a vector."""
        return self._encoder.version

    @property
    def dim(self) -> int:
        """Of the inner encoder."""
        return self._encoder.dim

    def encode(self, texts: Sequence[str], *, kind: TextKind = TextKind.PASSAGE) -> Vectors:
        """Embeds texts, each distinct one at most once; see :class:`embeddings.encoder.Encoder`."""
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            vectors[start : start + _BATCH] = self._encode_batch(texts[start : start + _BATCH], kind)
        return vectors

    def _encode_batch(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        keys = [vector_key(text, kind) for text in texts]
        known = self._cache.vectors(self.version, list(dict.fromkeys(keys)))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            fresh = self._encoder.encode(list(missing.values()), kind=kind)
            self._cache.put_vectors(self.version, list(missing), fresh)
            known |= zip(missing, fresh, strict=True)
            with self._lock:
                self.embedded += len(missing)
        return np.stack([known[key] for key in keys])


class MemoryCache:
    """A cache that lives as long as the process: for encoders without a store, and for tests."""

    def __init__(self) -> None:
        self._vectors: dict[tuple[str, bytes], Vectors] = {}

    def __len__(self) -> int:
        return len(self._vectors)

    def vectors(self, encoder_version: str, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        """See :class:`VectorCache`."""
        found = ((key, self._vectors.get((encoder_version, key))) for key in keys)
        return {key: vector for key, vector in found if vector is not None}

    def put_vectors(self, encoder_version: str, keys: Sequence[bytes], vectors: Vectors) -> None:
        """See :class:`VectorCache`."""
        for key, vector in zip(keys, vectors, strict=True):
            self._vectors[encoder_version, key] = vector

    def drop_vectors(self, *, keep_version: str | None = None, keys: Iterable[bytes] | None = None) -> int:
        """Drops what is not of ``keep_version`` and is under ``keys``; ``None`` sets no condition."""
        unwanted = None if keys is None else set(keys)
        gone = [
            (version, key)
            for version, key in self._vectors
            if version != keep_version and (unwanted is None or key in unwanted)
        ]
        for slot in gone:
            del self._vectors[slot]
        return len(gone)
