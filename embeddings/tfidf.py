"""An encoder that needs no download: character n-grams, TF-IDF and truncated SVD on a home's own texts.

Latent semantic analysis (Deerwester et al. 1990, "Indexing by latent semantic analysis") over character
n-grams inside words, which see through Dutch compounds and inflection: "heftruckrijder" is near "heftruck".
The only file that names scikit-learn's text encoders.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import orjson

from core.errors import ArtifactCorrupt, InputError
from embeddings.encoder import MAX_TEXT_CHARS, TextKind, Vectors, unit_rows

MAX_DIM = 256
MAX_TERMS = 30_000
"""Most frequent n-grams kept: rarer ones are mostly typing errors, and each costs ``dim`` floats."""
MAX_FIT_CHARS = 3_000_000
"""Characters to fit on, some seconds of work; a larger corpus is sampled, which hardly moves the subspace."""
if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

_NGRAMS = (3, 5)
_BATCH = 4096  # bounds the sparse matrix of one call
_WEIGHTS, _TERMS = "weights.npz", "terms.json"


class TfidfSvdEncoder:
    """Encodes texts by the character n-grams inside their words; the same for every kind of text.

    Make one with :meth:`fit` or :meth:`load`.
    """

    def __init__(self, terms: Sequence[str], idf: np.ndarray, components: np.ndarray) -> None:
        """Takes fitted parts.

        Args:
            terms: t distinct n-grams.
            idf: float64 of shape (t,), inverse document frequency of each.
            components: float32 of shape (t, dim), direction of each n-gram in the latent space.
        """
        self._terms = list(terms)
        self._components = np.ascontiguousarray(components, dtype=np.float32)
        self._vectorizer = _vectorizer(vocabulary={term: column for column, term in enumerate(self._terms)})
        self._vectorizer.idf_ = np.asarray(idf, dtype=np.float64)
        digest = hashlib.sha256(f"tfidf-svd 1|{_NGRAMS}".encode())
        digest.update(orjson.dumps(self._terms))
        digest.update(self._vectorizer.idf_.tobytes())
        digest.update(self._components.tobytes())
        self._version = "tfidf-svd-" + digest.hexdigest()[:16]

    @classmethod
    def fit(cls, texts: Sequence[str], seed: int = 0, *, dim: int = MAX_DIM) -> "TfidfSvdEncoder":
        """Learns n-grams, their weights and the latent space.

        Args:
            texts: the corpus; beyond ``MAX_FIT_CHARS`` a sample drawn with ``seed``.
            seed: of the sample and of the randomised SVD.
            dim: components wanted, at most ``MAX_DIM``; a small corpus gives fewer.

        Raises:
            InputError: the texts are too few to learn from.
        """
        if not 2 <= dim <= MAX_DIM:
            raise ValueError(f"give a dim between 2 and {MAX_DIM}")
        from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415  see _vectorizer

        sample = _sample(texts, seed)
        vectorizer = _vectorizer(min_df=2 if len(sample) >= 200 else 1, max_features=MAX_TERMS)
        try:
            weights = vectorizer.fit_transform(sample)
        except ValueError:
            raise InputError("no text to fit an encoder on; import talents and vacancies first") from None
        # The randomised SVD wants fewer components than either side of the matrix has.
        n_components = min(dim, min(weights.shape) - 1)
        if n_components < 2:
            raise InputError("too few texts to fit an encoder on; import at least three talents or vacancies")
        svd = TruncatedSVD(n_components, algorithm="randomized", n_iter=4, random_state=seed)
        svd.fit(weights)
        return cls(vectorizer.get_feature_names_out().tolist(), vectorizer.idf_, svd.components_.T)

    @property
    def version(self) -> str:
        """Fingerprint of n-grams, weights and latent space."""
        return self._version

    @property
    def dim(self) -> int:
        """Number of latent components."""
        return int(self._components.shape[1])

    def encode(self, texts: Sequence[str], *, kind: TextKind = TextKind.PASSAGE) -> Vectors:  # noqa: ARG002
        """Embeds texts; see :class:`embeddings.encoder.Encoder`."""
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            batch = [text[:MAX_TEXT_CHARS] for text in texts[start : start + _BATCH]]
            vectors[start : start + _BATCH] = unit_rows(self._vectorizer.transform(batch) @ self._components)
        return vectors

    def save(self, directory: Path) -> None:
        """Writes the encoder into an existing directory; nothing in it is code."""
        np.savez(directory / _WEIGHTS, idf=self._vectorizer.idf_, components=self._components)
        (directory / _TERMS).write_bytes(orjson.dumps(self._terms))

    @classmethod
    def load(cls, directory: Path) -> "TfidfSvdEncoder":
        """Reads what :meth:`save` wrote.

        Raises:
            ArtifactCorrupt: a file is missing or does not hold what it should.
        """
        try:
            terms = orjson.loads((directory / _TERMS).read_bytes())
            with np.load(directory / _WEIGHTS, allow_pickle=False) as parts:
                idf, components = parts["idf"], parts["components"]
        except (OSError, ValueError, KeyError) as error:
            raise ArtifactCorrupt(
                f"encoder {directory} cannot be read ({type(error).__name__}); fit it again: kansrijk index"
            ) from error
        if not len(terms) == len(idf) == len(components):
            raise ArtifactCorrupt(
                f"the encoder in {directory} does not fit together; run kansrijk index to fit it again"
            )
        return cls(terms, idf, components)


def _vectorizer(**options: object) -> "TfidfVectorizer":
    """The vectoriser with every option that changes a vector; options for fitting come on top."""
    # Importing scikit-learn takes seconds, and a home with a shipped encoder never needs it.
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

    return TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=_NGRAMS,
        lowercase=True,
        strip_accents="unicode",  # "café" and "cafe", and both ways to write é, are one word
        sublinear_tf=True,  # the tenth time a word is said tells little
        norm=None,  # rows are scaled after the projection; before it, length only scales the result
        dtype=np.float32,
        **options,
    )


def _sample(texts: Sequence[str], seed: int) -> list[str]:
    """All texts, or as many as fit in ``MAX_FIT_CHARS``, drawn without regard to length."""
    cut = [text[:MAX_TEXT_CHARS] for text in texts if text.strip()]
    order = np.random.default_rng(seed).permutation(len(cut))
    lengths = np.cumsum([len(cut[row]) for row in order]) if cut else np.zeros(0)
    kept = order[: max(int(np.searchsorted(lengths, MAX_FIT_CHARS)), 1)]
    return [cut[row] for row in sorted(kept)]
