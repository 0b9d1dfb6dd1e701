"""Exact nearest rows by inner product, eligibility applied inside the search; only this file names FAISS."""

from dataclasses import dataclass

import faiss
import numpy as np
import numpy.typing as npt

from embeddings.encoder import Vectors

MAX_K = 10_000
"""Rows that one query may ask for."""
_SLACK = 32  # rows beyond k that FAISS gives, so that equal similarities around the cut can be put in order
_ROUNDING = 1e-5  # FAISS sums in float32 in an order of its own; unit vectors differ by less than this
_CHUNK_ROWS = 4096  # keeps the float64 copy of an exact scan small


@dataclass(frozen=True, slots=True)
class Hits:
    """The nearest rows of each query, best first, ties by row.

    Attributes:
        rows: int64 of shape (q, h) with h = min(k, number of allowed rows): never -1.
        similarities: float32 of shape (q, h): inner products, cosines for unit vectors.
    """

    rows: npt.NDArray[np.int64]
    similarities: npt.NDArray[np.float32]


class VectorIndex:
    """Exact inner-product search over rows 0…n-1.

    The similarity of a pair is summed in float64 and the same whatever else is asked in the same call, so
    that a shortlist can be repeated to the bit. Searching from several threads is safe; adding while another
    thread searches is not: build another index and swap it in.
    """

    def __init__(self, dim: int, *, threads: int = 1) -> None:
        """Makes an empty index.

        Args:
            dim: components of a vector.
            threads: OpenMP threads of FAISS in the whole process. One query gains nothing from more than
                one, and the service gets its parallelism from requests.
        """
        if dim < 1 or threads < 1:
            raise ValueError("give a dim and a number of threads of at least 1")
        self._index = faiss.IndexFlatIP(dim)
        faiss.omp_set_num_threads(threads)

    @classmethod
    def of(cls, vectors: Vectors, *, threads: int = 1) -> "VectorIndex":
        """An index that holds ``vectors`` (n, dim) as rows 0…n-1."""
        index = cls(vectors.shape[1], threads=threads)
        index.add(vectors)
        return index

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dim(self) -> int:
        """Components of a vector."""
        return int(self._index.d)

    def add(self, vectors: Vectors) -> None:
        """Appends ``vectors`` (m, dim) as rows n…n+m-1; they are copied.

        Raises:
            ValueError: another number of components, or a component that is not finite.
        """
        self._index.add(self._checked(vectors))

    def search(self, queries: Vectors, k: int, allowed: npt.NDArray[np.bool_] | None = None) -> Hits:
        """Finds the ``k`` allowed rows with the largest inner product.

        Args:
            queries: float32 of shape (q, dim).
            k: rows wanted a query, 1…``MAX_K``.
            allowed: bool of shape (n,), rows that may be found; ``None`` means all.

        Returns:
            Exactly min(k, allowed rows) hits for each query.

        Raises:
            ValueError: a shape does not fit, or ``k`` is out of bounds.
        """
        if not 1 <= k <= MAX_K:
            raise ValueError(f"ask for 1 to {MAX_K} rows")
        queries = self._checked(queries)
        if allowed is not None and (allowed.shape != (len(self),) or allowed.dtype != np.bool_):
            raise ValueError(f"allowed must be a bool mask of {len(self)} rows")
        n_allowed = len(self) if allowed is None else int(np.count_nonzero(allowed))
        width = min(k, n_allowed)
        hits = Hits(np.empty((len(queries), width), np.int64), np.empty((len(queries), width), np.float32))
        if not width or not len(queries):
            return hits
        window = min(width + _SLACK, n_allowed)
        approximate, rows = self._window(queries, window, allowed)
        for number, query in enumerate(queries):
            found, similarities = self._ordered(query, rows[number], width)
            beyond = window < n_allowed and similarities[-1] <= approximate[number, -1] + _ROUNDING
            if beyond:  # so many equal similarities that the window may have cut them in any order
                every = np.arange(len(self)) if allowed is None else np.flatnonzero(allowed)
                found, similarities = self._ordered(query, every, width)
            hits.rows[number], hits.similarities[number] = found, similarities
        return hits

    def _window(
        self, queries: Vectors, size: int, allowed: npt.NDArray[np.bool_] | None
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
        """FAISS's own answer: similarities and rows, each (q, size), best first, order of ties undefined."""
        if allowed is None or allowed.all():
            similarities, rows = self._index.search(queries, size)
        else:
            bits = np.packbits(allowed, bitorder="little")
            # The selector reads ``bits`` without owning it: keep it alive until after the search.
            selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
            parameters = faiss.SearchParameters()
            parameters.sel = selector
            similarities, rows = self._index.search(queries, size, params=parameters)
        return similarities, rows

    def _ordered(
        self, query: npt.NDArray[np.float32], rows: npt.NDArray[np.int64], width: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """The best ``width`` of ``rows`` by exact similarity, then by row."""
        exact = query.astype(np.float64)
        stored = faiss.rev_swig_ptr(self._index.get_xb(), len(self) * self.dim).reshape(len(self), self.dim)
        similarities = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), _CHUNK_ROWS):
            chunk = stored[rows[start : start + _CHUNK_ROWS]].astype(np.float64)
            # einsum sums each row by itself, where a matrix product would let neighbours change the last bit.
            similarities[start : start + _CHUNK_ROWS] = np.einsum("ij,j->i", chunk, exact)
        order = np.lexsort((rows, -similarities))[:width]
        return rows[order], similarities[order]

    def _checked(self, vectors: Vectors) -> Vectors:
        if vectors.ndim != 2 or vectors.shape[1] != self.dim:
            raise ValueError(f"vectors must have shape (n, {self.dim})")
        if not np.isfinite(vectors).all():
            raise ValueError("vectors hold a component that is not finite; embed these texts again")
        return np.ascontiguousarray(vectors, dtype=np.float32)
