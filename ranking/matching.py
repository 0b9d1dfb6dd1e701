"""Phrase against phrase: what a vacancy asks beside what each talent offers, for all candidates at once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
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


def on_grid(vectors: Vectors) -> Vectors:
    """Rounds unit vectors so that their inner products are exact whatever the order of summation."""
    return (np.round(vectors * _GRID) / _GRID).astype(np.float32, copy=False)


def gridded(corpus: EmbeddedCorpus) -> EmbeddedCorpus:
    """The same corpus with all vectors on the grid."""
    return replace(corpus, vectors=on_grid(corpus.vectors), phrase_vectors=on_grid(corpus.phrase_vectors))


@dataclass(frozen=True, slots=True)
class PhraseMatch:
    """Similarities between the phrases of one vacancy and those of n candidates.

    Attributes:
        asked_texts: m phrases of the vacancy.
        asked_kinds: (m,) kind codes.
        asked_vectors: (m, dim).
        similarities: (m, t) cosines.
        offered_rows: (t,) rows in the corpus' phrase table.
        offered_kinds: (t,) kind codes.
        owners: (t,) candidate number 0…n-1 of each offered phrase, ascending.
        n: number of candidates.
    """

    asked_texts: list[str]
    asked_kinds: npt.NDArray[np.uint8]
    asked_vectors: Vectors
    similarities: Floats
    offered_rows: Rows
    offered_kinds: npt.NDArray[np.uint8]
    owners: Rows
    n: int

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
        starts, ends = talents.phrase_offsets[rows], talents.phrase_offsets[rows + 1]
        counts = (ends - starts).astype(np.int64)
        owners = np.repeat(np.arange(len(rows), dtype=np.int64), counts)
        within = np.arange(int(counts.sum()), dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
        refs = np.repeat(starts.astype(np.int64), counts) + within
        offered = talents.phrase_rows[refs].astype(np.int64)
        distinct, where = np.unique(offered, return_inverse=True)
        sims = vacancy.phrase_vectors[asked] @ talents.phrase_vectors[distinct].T
        return cls(
            asked_texts=[vacancy.phrase_texts[row] for row in asked],
            asked_kinds=vacancy.phrase_kinds[span],
            asked_vectors=vacancy.phrase_vectors[asked],
            similarities=sims[:, where].astype(np.float32, copy=False),
            offered_rows=offered,
            offered_kinds=talents.phrase_kinds[refs],
            owners=owners,
            n=len(rows),
        )

    def asked(self, kinds: Iterable[PhraseKind]) -> Rows:
        """Numbers of the vacancy's phrases of some kinds."""
        return np.flatnonzero(np.isin(self.asked_kinds, [kind.code for kind in kinds])).astype(np.int64)

    def best(self, asked: Rows, offered: Iterable[PhraseKind]) -> Floats:
        """The nearest offered phrase of each candidate to each asked phrase.

        Args:
            asked: numbers of a phrases of the vacancy.
            offered: kinds of the talents' phrases to look among.

        Returns:
            Cosines (a, n); NaN for a candidate without such phrases.
        """
        result = np.full((len(asked), self.n), np.nan, dtype=np.float32)
        columns = self._columns(offered)
        if not len(asked) or not len(columns):
            return result
        owners = self.owners[columns]
        first = np.flatnonzero(np.diff(owners, prepend=-1))
        result[:, owners[first]] = np.maximum.reduceat(self.similarities[np.ix_(asked, columns)], first, axis=1)
        return result

    def offered_mean(self, asked: Rows, offered: Iterable[PhraseKind]) -> npt.NDArray[np.float64]:
        """How well each candidate's own phrases return among the asked ones: best per phrase, averaged (n,)."""
        result = np.full(self.n, np.nan)
        columns = self._columns(offered)
        if not len(asked) or not len(columns):
            return result
        owners = self.owners[columns]
        best = self.similarities[np.ix_(asked, columns)].max(axis=0).astype(np.float64)
        counts = np.bincount(owners, minlength=self.n)
        sums = np.bincount(owners, weights=best, minlength=self.n)
        np.divide(sums, counts, out=result, where=counts > 0)
        return result

    def nearest(self, candidate: int, asked: int, offered: Iterable[PhraseKind]) -> tuple[int, float] | None:
        """Row in the phrase table, and similarity, of one candidate's nearest phrase to one asked phrase."""
        columns = self._columns(offered)
        columns = columns[self.owners[columns] == candidate]
        if not len(columns):
            return None
        sims = self.similarities[asked, columns]
        at = int(np.argmax(sims))
        return int(self.offered_rows[columns[at]]), float(sims[at])

    def _columns(self, offered: Iterable[PhraseKind]) -> npt.NDArray[np.intp]:
        return np.flatnonzero(np.isin(self.offered_kinds, [kind.code for kind in offered]))
