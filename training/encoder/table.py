"""The trainable table of feature vectors: which features are known, their vectors, and the step that learns them.

Plain numpy and scipy: with sparse matrices a step takes a fraction of the time that torch's sparse gradients take, and
the result is the same on every machine that rounds alike.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from embeddings.ngrams import word_features

Floats = npt.NDArray[np.float32]
_EPSILON = 1e-8
_MEAN_DECAY, _SQUARE_DECAY = 0.9, 0.999  # Adam's usual ones
_ROWS_PER_BLOCK = 256
"""Rows that Adam changes at once: few enough to stay in the processor's cache, three times as fast as all at once."""


def known_features(
    dutch: Mapping[str, int], english: Mapping[str, int], *, min_dutch: int = 3, min_total: int = 6
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Chooses the features that get a vector.

    Args:
        dutch: number of Dutch texts that a word occurs in.
        english: the same for English.
        min_dutch: a feature is known when it occurs in this many Dutch texts,
        min_total: or in this many texts of either language.

    Returns:
        Ascending hashes, and how many texts each occurs in.
    """
    words = sorted({*dutch, *english})
    hashes, offsets = word_features(words)
    lengths = np.diff(offsets)
    in_dutch = np.repeat([dutch.get(word, 0) for word in words], lengths)
    in_english = np.repeat([english.get(word, 0) for word in words], lengths)
    keys, inverse = np.unique(hashes, return_inverse=True)
    n_dutch = np.bincount(inverse, in_dutch, len(keys))
    n_total = n_dutch + np.bincount(inverse, in_english, len(keys))
    kept = (n_dutch >= min_dutch) | (n_total >= min_total)
    return keys[kept], n_total[kept].astype(np.int64)


@dataclass(slots=True)
class WordBatch:
    """The words of a step and what is needed to learn from them.

    Attributes:
        rows: numbers of the features that occur.
        members: shape (words, rows), how often each feature counts in each word.
        vectors: shape (words, dim).
    """

    rows: npt.NDArray[np.int64]
    members: sp.csr_matrix
    vectors: Floats


class FeatureTable:
    """Vectors of the known features, learned by Adam (Kingma and Ba 2015) on the rows that a step touches.

    Adam, for its sums fade: with Adagrad the steps of frequent features ("de", "je", "wij") shrink to nothing before
    they have lost their weight, and advertisements, which are full of them, suffer (``docs/encoder.md``).

    Args:
        keys: ascending hashes.
        counts: how many texts each feature occurs in; rare features start longer (inverse document frequency).
        dim: components of a vector.
        rng: of the start and of the dropout.
    """

    def __init__(
        self, keys: npt.NDArray[np.uint64], counts: npt.NDArray[np.int64], dim: int, rng: np.random.Generator
    ) -> None:
        self.keys = keys
        rarity = np.log(counts.sum() / (50.0 * (counts + 1.0)) + 1.0)
        lengths = np.clip(rarity / rarity.mean(), 0.05, 2.0) / np.sqrt(dim)
        self.vectors = (rng.standard_normal((len(keys), dim)) * lengths[:, None]).astype(np.float32)
        self._means = np.zeros_like(self.vectors)
        self._squares = np.zeros_like(self.vectors)
        self._steps = 0
        self._rng = rng

    def words(self, words: Sequence[str], dropout: float) -> WordBatch:
        """Sums the vectors of each word's known features, leaving out a share ``dropout`` of them at random."""
        hashes, offsets = word_features(words)
        places = np.minimum(np.searchsorted(self.keys, hashes), len(self.keys) - 1)
        kept = self.keys[places] == hashes
        if dropout:
            kept &= self._rng.random(len(kept)) >= dropout
        owners = np.repeat(np.arange(len(words)), np.diff(offsets))[kept]
        rows, columns = np.unique(places[kept], return_inverse=True)
        weights = np.full(len(owners), 1.0 / (1.0 - dropout), dtype=np.float32)
        members = sp.csr_matrix((weights, (owners, columns)), shape=(len(words), len(rows)))
        return WordBatch(rows, members, members @ self.vectors[rows])

    def learn(self, batch: WordBatch, gradient: Floats, rate: float) -> None:
        """Takes a step against ``gradient``, of shape (words, dim), of the loss by the word vectors."""
        self._steps += 1
        bias = (1.0 - _SQUARE_DECAY**self._steps) ** 0.5 / (1.0 - _MEAN_DECAY**self._steps)
        slopes = batch.members.T.tocsr() @ gradient
        for start in range(0, len(batch.rows), _ROWS_PER_BLOCK):
            block = slice(start, start + _ROWS_PER_BLOCK)
            self._adam(batch.rows[block], slopes[block], np.float32(rate * bias))

    def _adam(self, rows: npt.NDArray[np.int64], slopes: Floats, rate: np.float32) -> None:
        means = self._means[rows]
        means += (1.0 - _MEAN_DECAY) * (slopes - means)
        self._means[rows] = means
        squares = self._squares[rows]
        squares += (1.0 - _SQUARE_DECAY) * (slopes * slopes - squares)
        self._squares[rows] = squares
        np.sqrt(squares, out=squares)
        squares += _EPSILON
        means /= squares
        means *= rate
        self.vectors[rows] -= means


def text_counts(texts: Sequence[Sequence[str]]) -> Counter[str]:
    """Number of texts, given as words, that each word occurs in."""
    counts: Counter[str] = Counter()
    for words in texts:
        counts.update(set(words))
    return counts
