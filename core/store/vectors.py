"""The embedding cache: content-addressed, so that a text is embedded once for each encoder."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from core.store.engine import Database
from core.store.schema import VectorRow

KEYS_PER_QUERY: Final = 1_000
_STORED: Final = np.dtype("<f4")


class VectorCache:
    """Reads and writes vectors by encoder version and key (a hash of the text)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, encoder_version: str, keys: Sequence[bytes]) -> dict[bytes, npt.NDArray[np.float32]]:
        """The vectors that are there, each of shape (dim,) and read-only."""
        wanted = list(dict.fromkeys(keys))
        found: dict[bytes, npt.NDArray[np.float32]] = {}
        with self._database.reading() as connection:
            for start in range(0, len(wanted), KEYS_PER_QUERY):
                rows = connection.execute(
                    sa.select(VectorRow.key, VectorRow.vector).where(
                        VectorRow.encoder_version == encoder_version,
                        VectorRow.key.in_(wanted[start : start + KEYS_PER_QUERY]),
                    )
                )
                found.update((bytes(row.key), np.frombuffer(row.vector, dtype=_STORED)) for row in rows)
        return found

    def put(self, encoder_version: str, keys: Sequence[bytes], vectors: npt.NDArray[np.float32]) -> None:
        """Stores rows; one that is there stays, for the same key means the same text."""
        if vectors.ndim != 2 or len(keys) != len(vectors):
            raise ValueError(f"vectors must have shape ({len(keys)}, dim), not {vectors.shape}")
        rows = dict(zip(keys, vectors.astype(_STORED), strict=True))
        with self._database.writing() as connection:
            wanted, known = list(rows), set[bytes]()
            for start in range(0, len(wanted), KEYS_PER_QUERY):
                known.update(
                    bytes(key)
                    for key in connection.scalars(
                        sa.select(VectorRow.key).where(
                            VectorRow.encoder_version == encoder_version,
                            VectorRow.key.in_(wanted[start : start + KEYS_PER_QUERY]),
                        )
                    )
                )
            fresh = [
                {"encoder_version": encoder_version, "key": key, "vector": row.tobytes()}
                for key, row in rows.items()
                if key not in known
            ]
            if fresh:
                connection.execute(sa.insert(VectorRow), fresh)

    def drop(self, *, keep_version: str | None, keys: Sequence[bytes] | None) -> int:
        """Deletes vectors; both conditions hold where both are given, everything goes where none is."""
        query = sa.delete(VectorRow)
        if keep_version is not None:
            query = query.where(VectorRow.encoder_version != keep_version)
        with self._database.writing() as connection:
            if keys is None:
                return connection.execute(query).rowcount
            wanted = list(dict.fromkeys(keys))
            return sum(
                connection.execute(query.where(VectorRow.key.in_(wanted[start : start + KEYS_PER_QUERY]))).rowcount
                for start in range(0, len(wanted), KEYS_PER_QUERY)
            )
