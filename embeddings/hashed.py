"""The default encoder: character n-grams with learned vectors, in numpy alone.

A text is cut into pieces (sentences), a piece into words, a word into features: the word itself and its character
n-grams of 3 to 5, between ``<`` and ``>``. Each feature that the model knows has a learned vector; a word is the
sum of its features, a piece the sum of its words. Two steps make this more than a bag:

1. **Attention over pieces.** A piece counts by how much it looks like work: the largest cosine with the fields of
   work (one vector per ISCO unit group), to a power. Terms of employment hardly count.
2. **Association.** The text moves a little towards the anchors (one learned vector per ESCO occupation) that it
   resembles (one step of a modern Hopfield
   network, Ramsauer et al. 2021), which brings names of the same occupation together.

Sources: Bojanowski et al. 2017 (sub-word vectors), Weinberger et al. 2009 (feature hashing), ESCO v1.2.1.
"""

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file

from core.errors import ArtifactCorrupt, ArtifactMismatch, ArtifactMissing
from embeddings.encoder import MAX_TEXT_CHARS, TextKind, Vectors, unit_rows
from embeddings.ngrams import MAX_WORD_CHARS, word_features

FORMAT_VERSION = 1
CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"
_MAX_CACHED_WORDS = 20_000
"""Words whose vectors are kept: 20 MB. When full, the cache starts afresh."""
_TOKENS_PER_BLOCK = 16_384
"""Tokens whose vectors are in memory at once: 16 MB."""
_ROWS_PER_BLOCK = 2_048
_WORD = re.compile(r"[a-z0-9]+[+#]*")
_BREAK = re.compile(r"[.!?;:]+\s+|[\n\r•·▪]+")

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class HashedConfig:
    """What the weights do not say.

    Attributes:
        format_version: layout of the folder.
        dim: components of a vector.
        piece_words: longest piece, in words; a longer sentence is cut.
        attention_power: how strongly a piece's likeness to work weighs; 0 counts all pieces equally.
        association_weight: length of the step towards the anchors; 0 for none.
        phrase_association_weight: the same for phrases, of which few words must tell what trade they belong to.
        association_temperature: small for the nearest anchor only, large for a mix of many.
        unknown_weight: length of the fixed pseudo-random vector of a word that the model does not know.
    """

    format_version: int = FORMAT_VERSION
    dim: int = 256
    piece_words: int = 16
    attention_power: float = 2.0
    association_weight: float = 0.3
    phrase_association_weight: float = 2.0
    association_temperature: float = 0.05
    unknown_weight: float = 1.0


@dataclass(frozen=True, slots=True)
class HashedWeights:
    """What was learned.

    Attributes:
        keys: uint64 of shape (features,), ascending: the hashes of the known features.
        table: int8 of shape (features, dim).
        scales: float32 of shape (features,): a feature's vector is its row of the table times its scale.
        anchors: float32 of shape (occupations, dim), unit rows.
        fields: float32 of shape (fields of work, dim), unit rows: the mean anchor of each ISCO-08 unit group.
    """

    keys: npt.NDArray[np.uint64]
    table: npt.NDArray[np.int8]
    scales: Floats
    anchors: Floats
    fields: Floats


def words_of(text: str) -> list[str]:
    """Lower case, without accents, letters and digits; at most ``MAX_WORD_CHARS`` characters a word."""
    lowered = text.lower()
    if not lowered.isascii():
        lowered = unicodedata.normalize("NFKD", lowered).encode("ascii", "ignore").decode()
    return [word[:MAX_WORD_CHARS] for word in _WORD.findall(lowered)]


def pieces_of(text: str, piece_words: int) -> list[list[str]]:
    """The words of each sentence, in order; sentences without words are left out, long ones are cut."""
    pieces = []
    for part in _BREAK.split(text[:MAX_TEXT_CHARS]):
        words = words_of(part)
        pieces += [words[start : start + piece_words] for start in range(0, len(words), piece_words)]
    return pieces


class HashedNgramEncoder:
    """Learned character n-grams; implements :class:`embeddings.encoder.Encoder` without torch.

    Safe for threads: the word cache is only ever added to or replaced, and a lost addition is computed again.
    """

    def __init__(self, weights: HashedWeights, config: HashedConfig) -> None:
        self._weights = weights
        self._config = config
        self._version = _fingerprint(weights, config)
        self._words: dict[str, Floats] = {}

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Reads a model folder.

        Raises:
            ArtifactMissing: the folder lacks ``config.json`` or ``model.safetensors``.
            ArtifactMismatch: it is of another format.
            ArtifactCorrupt: its content cannot be read or does not fit together.
        """
        folder = Path(path)
        config = _read_config(folder)
        return cls(_read_weights(folder, config.dim), config)

    @property
    def version(self) -> str:
        """Fingerprint of weights and configuration."""
        return self._version

    @property
    def dim(self) -> int:
        """Number of components of a vector."""
        return self._config.dim

    @property
    def weights(self) -> HashedWeights:
        """What was learned."""
        return self._weights

    @property
    def n_features(self) -> int:
        """Number of features with a learned vector."""
        return len(self._weights.keys)

    @property
    def config(self) -> HashedConfig:
        """What the weights do not say."""
        return self._config

    def encode(self, texts: Sequence[str], *, kind: TextKind = TextKind.PASSAGE) -> Vectors:
        """Embeds texts; see :class:`embeddings.encoder.Encoder`.

        Queries and passages are treated alike; phrases move further towards the anchors. The order of a batch can
        move a component by the rounding of float32, about 1e-7.
        """
        pieces: list[list[str]] = []
        counts = np.zeros(len(texts), dtype=np.int64)
        for row, text in enumerate(texts):
            found = pieces_of(text, self._config.piece_words)
            counts[row] = len(found)
            pieces += found
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        if pieces:
            filled = np.flatnonzero(counts)
            pooled = self._pool(self._piece_vectors(pieces), counts[filled])
            is_phrase = kind is TextKind.PHRASE
            weight = self._config.phrase_association_weight if is_phrase else self._config.association_weight
            vectors[filled] = self._associate(unit_rows(pooled), weight)
        return vectors

    def _piece_vectors(self, pieces: list[list[str]]) -> Floats:
        """Sums word vectors to shape (len(pieces), dim), a block of tokens at a time."""
        lengths = np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces))
        ends = np.cumsum(lengths)
        out = np.empty((len(pieces), self.dim), dtype=np.float32)
        for first, last in _blocks(ends, _TOKENS_PER_BLOCK):
            numbers: dict[str, int] = {}
            tokens = [numbers.setdefault(word, len(numbers)) for piece in pieces[first:last] for word in piece]
            rows = self.word_vectors(list(numbers))[tokens]
            starts = ends[first:last] - lengths[first:last]
            out[first:last] = np.add.reduceat(rows, starts - starts[0], axis=0)
        return out

    def word_vectors(self, words: list[str]) -> Floats:
        """What each word, as :func:`words_of` gives it, adds to its piece: shape (len(words), dim), not unit rows."""
        cache = self._words
        new = [word for word in words if word not in cache]
        if new:
            if len(cache) + len(new) > _MAX_CACHED_WORDS:
                cache = self._words = {word: cache[word] for word in words if word in cache}
            cache.update(zip(new, self._compute_words(new), strict=True))
        return np.stack([cache[word] for word in words])

    def _compute_words(self, words: list[str]) -> Floats:
        hashes, offsets = word_features(words)
        keys = self._weights.keys
        found = np.minimum(np.searchsorted(keys, hashes), len(keys) - 1)
        known = keys[found] == hashes
        scales = np.where(known, self._weights.scales[found], np.float32(0.0))
        out = np.empty((len(words), self.dim), dtype=np.float32)
        for first, last in _blocks(offsets[1:], _TOKENS_PER_BLOCK):
            part = slice(offsets[first], offsets[last])
            rows = self._weights.table[found[part]] * scales[part, None]
            out[first:last] = np.add.reduceat(rows, offsets[first:last] - offsets[first], axis=0)
        if self._config.unknown_weight:
            unknown = ~known[offsets[:-1]]  # a word's first feature is the word itself
            signs = _sign_rows(hashes[offsets[:-1]][unknown], self.dim)
            out[unknown] += signs * np.float32(self._config.unknown_weight / math.sqrt(self.dim))
        return out

    def _pool(self, pieces: Floats, counts: Ints) -> Floats:
        """Weighs and sums the pieces of each text; ``counts`` are positive and sum to the number of pieces."""
        starts = np.cumsum(counts) - counts
        if self._config.attention_power == 0.0 or len(counts) == len(pieces):
            return np.add.reduceat(pieces, starts, axis=0)
        shared = np.repeat(counts > 1, counts)  # the only piece of a text needs no weight
        weights = np.ones(len(pieces), dtype=np.float32)
        weights[shared] = self.attention(unit_rows(pieces[shared]))
        return np.add.reduceat(pieces * weights[:, None], starts, axis=0)

    def attention(self, pieces: Floats) -> Floats:
        """Weight (n,) of pieces, given as unit rows: likeness to the nearest field of work, to a power; never zero."""
        likeness = np.empty(len(pieces), dtype=np.float32)
        for start in range(0, len(pieces), _ROWS_PER_BLOCK):
            block = slice(start, start + _ROWS_PER_BLOCK)
            likeness[block] = (pieces[block] @ self._weights.fields.T).max(axis=1)
        powered: Floats = np.maximum(likeness, np.float32(0.01)) ** np.float32(self._config.attention_power)
        return powered

    def _associate(self, units: Floats, weight: float) -> Vectors:
        """Moves each unit row towards the softmax-weighted mean of the anchors; a zero row stays zero."""
        if weight == 0.0:
            return units
        anchors, moved = self._weights.anchors, np.empty_like(units)
        for start in range(0, len(units), _ROWS_PER_BLOCK):
            block = units[start : start + _ROWS_PER_BLOCK]
            logits = (block @ anchors.T) / np.float32(self._config.association_temperature)
            logits -= logits.max(axis=1, keepdims=True)
            np.exp(logits, out=logits)
            logits /= logits.sum(axis=1, keepdims=True)
            step = (logits @ anchors) * np.float32(weight)
            moved[start : start + _ROWS_PER_BLOCK] = block + step * block.any(axis=1, keepdims=True)
        return unit_rows(moved)


def _blocks(ends: Ints, size: int) -> list[tuple[int, int]]:
    """Cuts rows with running totals ``ends`` into ranges of about ``size`` elements, at least a row each."""
    marks = np.arange(size, int(ends[-1]) + size, size)
    cuts = np.unique(np.concatenate(([0], np.searchsorted(ends, marks, side="right"), [len(ends)])))
    return list(pairwise(cuts.tolist()))


def _sign_rows(hashes: npt.NDArray[np.uint64], dim: int) -> Floats:
    """A fixed row of +1 and -1 per hash: the bits of a generator that starts there (splitmix64)."""
    n_words = -(-dim // 64)
    with np.errstate(over="ignore"):
        steps = np.arange(1, n_words + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        state = hashes[:, None] + steps[None, :]
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state ^= state >> np.uint64(31)
    bits = np.unpackbits(state.astype("<u8").view(np.uint8).reshape(len(hashes), 8 * n_words), axis=1)[:, :dim]
    return bits.astype(np.float32) * np.float32(2.0) - np.float32(1.0)


def _fingerprint(weights: HashedWeights, config: HashedConfig) -> str:
    digest = hashlib.sha256(json.dumps(asdict(config), sort_keys=True).encode())
    for array in (weights.keys, weights.table, weights.scales, weights.anchors, weights.fields):
        digest.update(np.ascontiguousarray(array).data)
    return f"hashed-{digest.hexdigest()[:16]}"


def _read_config(folder: Path) -> HashedConfig:
    try:
        values = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        if values.get("format_version") != FORMAT_VERSION:
            raise ArtifactMismatch(f"{folder} is of another format; make it again (kansrijk encoder train)")
        return HashedConfig(**values)
    except FileNotFoundError:
        raise ArtifactMissing(
            f"there is no encoder in {folder}; make one (kansrijk encoder train --esco DIR --out {folder})"
        ) from None
    except (ValueError, TypeError, AttributeError):
        raise ArtifactCorrupt(f"{folder / CONFIG_FILE} cannot be read; install or train it again") from None


def _read_weights(folder: Path, dim: int) -> HashedWeights:
    file = folder / WEIGHTS_FILE
    try:
        tensors = load_file(file)
        weights = HashedWeights(
            keys=tensors["keys"],
            table=tensors["table"],
            scales=tensors["scales"].astype(np.float32),
            anchors=tensors["anchors"].astype(np.float32),
            fields=tensors["fields"].astype(np.float32),
        )
    except FileNotFoundError:
        raise ArtifactMissing(f"there is no {file}; install or train the encoder again") from None
    except (SafetensorError, KeyError, OSError):
        raise ArtifactCorrupt(f"{file} cannot be read; install or train the encoder again") from None
    n_features = len(weights.keys)
    shapes = (weights.table.shape, weights.scales.shape, weights.anchors.shape[1:], weights.fields.shape[1:])
    if n_features == 0 or shapes != ((n_features, dim), (n_features,), (dim,), (dim,)):
        raise ArtifactCorrupt(f"the parts of {file} do not fit together; install or train the encoder again")
    return weights
