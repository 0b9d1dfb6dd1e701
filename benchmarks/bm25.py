"""BM25 over whole words, as a baseline for benchmarks (Robertson and Zaragoza 2009, with Lucene's idf)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

from embeddings.encoder import TextKind, Vectors, unit_rows
from embeddings.hashed import words_of

K1, B = 1.2, 0.75


class Bm25:
    """Scores of texts against a corpus.

    Args:
        corpus: n texts, from which document frequencies and the mean length come.
        asked: all texts that will be asked for, when their words are to be the only axes: other words cannot score.
    """

    version = "bm25"

    def __init__(self, corpus: Sequence[str], asked: Sequence[str] | None = None) -> None:
        self._counter = CountVectorizer(analyzer=words_of).fit(asked or corpus)
        counts = self._counter.transform(corpus)
        found = np.bincount(counts.indices, minlength=counts.shape[1])
        self._idf = np.log1p((len(corpus) - found + 0.5) / (found + 0.5))
        self._mean_length = float(np.mean([len(words_of(text)) for text in corpus]))
        self.dim = len(self._idf)

    def passages(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """What each word of each text adds to the score of a question that has it once, (n, dim)."""
        counts = self._counter.transform(texts).astype(np.float64)
        lengths = np.array([len(words_of(text)) for text in texts])
        room = np.repeat(K1 * (1.0 - B + B * lengths / self._mean_length), np.diff(counts.indptr))
        counts.data = self._idf[counts.indices] * counts.data * (K1 + 1.0) / (counts.data + room)
        return counts

    def questions(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """How often each word stands in each text, (q, dim)."""
        return self._counter.transform(texts).astype(np.float64)

    def scores(self, questions: Sequence[str], passages: Sequence[str]) -> npt.NDArray[np.float64]:
        """Of each passage for each question, (q, n)."""
        found: npt.NDArray[np.float64] = (self.questions(questions) @ self.passages(passages).T).toarray()
        return found

    def encode(self, texts: Sequence[str], *, kind: TextKind = TextKind.PASSAGE) -> Vectors:
        """Dense rows whose inner product with those of the other kind is the score; phrases as unit rows."""
        if kind is TextKind.PHRASE:
            return unit_rows(self.passages(texts).toarray())
        rows = self.questions(texts) if kind is TextKind.QUERY else self.passages(texts)
        dense: Vectors = rows.toarray().astype(np.float32)
        return dense
