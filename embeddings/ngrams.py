"""Words to hashed features: the word itself and its character n-grams, for many words at once.

The same code serves training and inference. A hash is polynomial over the bytes of ``<word>`` (modulo 2^64),
salted by the kind of feature and mixed by the finaliser of MurmurHash3, so that any bits of it are usable.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

NGRAM_SIZES = (3, 4, 5)
MAX_WORD_CHARS = 48
BASE = 0x9E3779B97F4A7C15
WORD_SALT = 0xABCDEF
SIZE_SALT = 0x1234567

Hashes = npt.NDArray[np.uint64]
_MIX_1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT = np.uint64(33)


def word_features(words: Sequence[str]) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """Hashes the features of words.

    Args:
        words: n words in ASCII, at most ``MAX_WORD_CHARS`` characters each.

    Returns:
        The hashes of all words' features in order, and n + 1 offsets: word i owns ``offsets[i]:offsets[i + 1]``.
        A word's first feature is the word itself, then its n-grams by size and place.
    """
    marked = [f"<{word}>".encode("ascii") for word in words]
    lengths = np.fromiter(map(len, marked), dtype=np.int64, count=len(marked))
    if not len(lengths):
        return np.zeros(0, dtype=np.uint64), np.zeros(1, dtype=np.int64)
    codes = np.frombuffer(b"".join(marked), dtype=np.uint8).astype(np.uint64) + np.uint64(1)
    ends = np.cumsum(lengths)
    owners = np.repeat(np.arange(len(words)), lengths)
    with np.errstate(over="ignore"):
        found = [_whole(codes, ends, lengths)]
        whose = [np.arange(len(words))]
        for size in NGRAM_SIZES:
            places, hashes = _ngrams(codes, ends[owners], lengths[owners], size)
            found.append(hashes)
            whose.append(owners[places])
        owner = np.concatenate(whose)
        order = np.argsort(owner, kind="stable")
        mixed = _mix(np.concatenate(found)[order])
    offsets = np.zeros(len(words) + 1, dtype=np.int64)
    np.cumsum(np.bincount(owner, minlength=len(words)), out=offsets[1:])
    return mixed, offsets


def _whole(codes: Hashes, ends: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> Hashes:
    powers = np.ones(int(lengths.max()), dtype=np.uint64)
    for exponent in range(1, len(powers)):
        powers[exponent] = powers[exponent - 1] * np.uint64(BASE)
    remaining = np.repeat(ends, lengths) - 1 - np.arange(len(codes))
    hashes: Hashes = np.add.reduceat(codes * powers[remaining], ends - lengths)
    return hashes ^ np.uint64(WORD_SALT)


def _ngrams(
    codes: Hashes, ends: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], size: int
) -> tuple[npt.NDArray[np.int64], Hashes]:
    """Places and hashes of the n-grams of one size that stay inside their word and are not all of it."""
    places = np.flatnonzero((np.arange(len(codes)) + size <= ends) & (lengths != size))
    hashes = np.zeros(len(places), dtype=np.uint64)
    for step in range(size):
        hashes = hashes * np.uint64(BASE) + codes[places + step]
    return places, hashes + np.uint64(size * SIZE_SALT)


def _mix(hashes: Hashes) -> Hashes:
    hashes = (hashes ^ (hashes >> _SHIFT)) * _MIX_1
    hashes = (hashes ^ (hashes >> _SHIFT)) * _MIX_2
    return hashes ^ (hashes >> _SHIFT)
