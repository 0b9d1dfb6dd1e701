"""Phrase against phrase: what a vacancy asks beside what each talent offers, for all candidates at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from embeddings.corpus import EmbeddedCorpus
from embeddings.encoder import Vectors
from embeddings.phrases import PhraseKind

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

# On multiples of 2^-11 every product of two components is a multiple of 2^-22, and sums of those stay below 1 for
# unit vectors: each fits a float32 exactly. So a similarity is the same bit for bit in any batch, order or thread,
# which a plain matrix product is not. The cost is an error of about 1e-4 in a cosine.
_GRID = np.float32(2.0**11)

MANY_PHRASES = 1_000
"""Offered phrases from which looking for the distinct ones takes less time than it saves."""


def on_grid(vectors: Vectors) -> Vectors:
    """Rounds unit vectors so that their inner products are exact whatever the order of summation."""
    return (np.round(vectors * _GRID) / _GRID).astype(np.float32, copy=False)


def gridded(corpus: EmbeddedCorpus) -> EmbeddedCorpus:
    """The same corpus with all vectors on the grid."""
    return replace(corpus, vectors=on_grid(corpus.vectors), phrase_vectors=on_grid(corpus.phrase_vectors))


@dataclass(frozen=True, eq=False)
class PhraseMatch:
    """Similarities between the phrases of one vacancy and those of n candidates.

    Attributes:
        asked_texts: m phrases of the vacancy.
        asked_bits: (m,) one bit per kind.
        asked_vectors: (m, dim).
        similarities: (m, t) cosines.
        offered_rows: (t,) rows in the corpus' phrase table.
        offered_bits: (t,) one bit per kind.
        starts: (n + 1,) candidate i offers the phrases starts[i] to starts[i + 1].
    """

    asked_texts: list[str]
    asked_bits: npt.NDArray[np.uint32]
    asked_vectors: Vectors
    similarities: Floats
    offered_rows: Rows
    offered_bits: npt.NDArray[np.uint32]
    starts: Rows
    _best: dict[int, Floats] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, vacancy: EmbeddedCorpus, vacancy_row: int, talents: EmbeddedCorpus, rows: Rows) -> Self:
        """Compares one vacancy with candidates.

        Args:
            vacancy: corpus that holds the vacancy, its phrase vectors on the grid.
            vacancy_row: its row there.
            talents: corpus of talents, its phrase vectors on the grid.
            rows: (n,) candidates.
        """
        span = slice(vacancy.phrase_offsets[vacancy_row], vacancy.phrase_offsets[vacancy_row + 1])
        asked = vacancy.phrase_rows[span]
        first = talents.phrase_offsets[rows]
        counts = talents.phrase_offsets[rows + 1] - first
        starts = np.concatenate(([0], np.cumsum(counts)))
        refs = np.arange(starts[-1]) + np.repeat(first - starts[:-1], counts)
        offered = talents.phrase_rows[refs]
        asked_vectors = vacancy.phrase_vectors[asked]
        return cls(
            asked_texts=[vacancy.phrase_texts[row] for row in asked],
            asked_bits=_bits(vacancy.phrase_kinds[span]),
            asked_vectors=asked_vectors,
            similarities=_similarities(asked_vectors, talents.phrase_vectors, offered),
            offered_rows=offered.astype(np.int64),
            offered_bits=_bits(talents.phrase_kinds[refs]),
            starts=starts,
        )

    @property
    def n(self) -> int:
        """Number of candidates."""
        return len(self.starts) - 1

    def asked(self, kinds: Iterable[PhraseKind]) -> Rows:
        """Numbers of the vacancy's phrases of some kinds."""
        return np.flatnonzero(self.asked_bits & _mask(kinds))

    def best(self, asked: Rows, offered: Iterable[PhraseKind]) -> Floats:
        """The nearest offered phrase of each candidate to each asked phrase.

        Args:
            asked: numbers of a phrases of the vacancy.
            offered: kinds of the talents' phrases to look among.

        Returns:
            Cosines (a, n); NaN for a candidate without such phrases.
        """
        mask = _mask(offered)
        if mask not in self._best:  # several features look among the same kinds
            self._best[mask] = self._best_of_all(mask)
        return self._best[mask][asked]

    def offered_mean(self, asked: Rows, offered: Iterable[PhraseKind]) -> npt.NDArray[np.float64]:
        """How well each candidate's own phrases return among the asked ones: best per phrase, averaged (n,)."""
        result = np.full(self.n, np.nan)
        columns = np.flatnonzero(self.offered_bits & _mask(offered))
        if not len(asked) or not len(columns):
            return result
        best = np.take(self.similarities[asked].max(axis=0), columns).astype(np.float64)
        owners = self._owners[columns]
        counts = np.bincount(owners, minlength=self.n)
        sums = np.bincount(owners, weights=best, minlength=self.n)
        np.divide(sums, counts, out=result, where=counts > 0)
        return result

    def nearest(self, candidate: int, asked: int, offered: Iterable[PhraseKind]) -> tuple[int, float] | None:
        """Row in the phrase table, and similarity, of one candidate's nearest phrase to one asked phrase."""
        span = slice(self.starts[candidate], self.starts[candidate + 1])
        fits = self.offered_bits[span] & _mask(offered)
        if not fits.any():
            return None
        sims = np.where(fits, self.similarities[asked, span], -np.inf)
        at = int(np.argmax(sims))
        return int(self.offered_rows[span][at]), float(sims[at])

    def _best_of_all(self, mask: int) -> Floats:
        """Best per asked phrase and candidate (m, n) among the kinds of a mask."""
        result = np.full((len(self.asked_texts), self.n), np.nan, dtype=np.float32)
        columns = np.flatnonzero(self.offered_bits & mask)
        if len(columns):
            owners = self._owners[columns]
            first = np.flatnonzero(np.concatenate(([True], owners[1:] != owners[:-1])))
            sims = np.take(self.similarities, columns, axis=1)
            result[:, owners[first]] = np.maximum.reduceat(sims, first, axis=1)
        return result

    @cached_property
    def _owners(self) -> Rows:
        """The candidate of each offered phrase (t,)."""
        return np.repeat(np.arange(self.n), np.diff(self.starts))


def _similarities(asked: Vectors, phrases: Vectors, offered: npt.NDArray[np.int32]) -> Floats:
    """Cosines (m, t) of asked vectors with rows of the phrase table."""
    if len(offered) < MANY_PHRASES:
        return asked @ np.take(phrases, offered, axis=0).T
    distinct, where = np.unique(offered, return_inverse=True)  # people share phrases: compare each once
    return np.take(asked @ np.take(phrases, distinct, axis=0).T, where, axis=1)


def _bits(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    return np.left_shift(np.uint32(1), codes, dtype=np.uint32)


def _mask(kinds: Iterable[PhraseKind]) -> int:
    mask = 0
    for kind in kinds:
        mask |= 1 << kind.code
    return mask
