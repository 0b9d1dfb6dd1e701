"""What a customer's own texts can teach the encoder: a shift of the vectors of whole words, and of nothing else.

A text is, before the encoder's last step, a weighted sum of word vectors. Learning moves the vectors of words that
several people or vacancies use, so that talents who stayed lie nearer to their vacancy than others whom a matchmaker
looked at in those weeks. A word's shift is added to the vector of its feature *the word itself*, so the result is
again a :class:`embeddings.hashed.HashedNgramEncoder`, as small and as fast, and every text without such a word keeps
its sum to the bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import minimize

from embeddings.encoder import unit_rows
from embeddings.hashed import HashedNgramEncoder, HashedWeights, pieces_of
from embeddings.ngrams import word_features
from training.encoder.export import quantise

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Question:
    """A vacancy, the talent who stayed in it, and the others among whom that talent is to be found.

    Attributes:
        list_id: the list on which the talent was shown.
        vacancy: row of its text.
        answer: row of the talent's text.
        others: rows of the other talents' texts; what is known of them is that someone else was the answer here.
        beside: those of ``others`` who stood on the same list.
    """

    list_id: str
    vacancy: int
    answer: int
    others: Ints
    beside: Ints


@dataclass(frozen=True, slots=True)
class ShiftPlan:
    """How to learn; nothing is drawn by chance.

    Attributes:
        pull: how strongly the old vectors hold: this times the squared length of all shifts is added to the loss,
            which is a sum over questions, so that few placements move little.
        temperature: of the softmax over the answer and the others.
        min_owners: a word is moved when this many people or vacancies use it: never for one person's own words.
        iterations: of L-BFGS (Byrd et al. 1995), at most.
    """

    pull: float = 1.0
    temperature: float = 0.1
    min_owners: int = 5
    iterations: int = 40


@dataclass(frozen=True, slots=True)
class WordShifts:
    """What was learned: the words, and float32 of shape (words, dim) to be added to their vectors."""

    words: list[str]
    vectors: Floats


def learn_shifts(
    encoder: HashedNgramEncoder,
    texts: Sequence[str],
    owners: Sequence[str],
    questions: Sequence[Question],
    plan: ShiftPlan,
) -> WordShifts:
    """Learns from questions with known answers (InfoNCE, van den Oord et al. 2018, over the talents of that time).

    The encoder's attention is held as it is, and its association left out; what results is judged with both.

    Args:
        encoder: where to start from.
        texts: of talents and vacancies, as they are indexed.
        owners: whose text each is.
        questions: rows of ``texts``.
        plan: how.
    """
    used = np.unique(np.concatenate([np.append(one.others, [one.vacancy, one.answer]) for one in questions]))
    place = np.full(len(texts), -1)
    place[used] = np.arange(len(used))
    members, words = _members(encoder, [texts[row] for row in used])
    sums = members @ encoder.word_vectors(words)
    kept = _shared(members, [owners[row] for row in used]) >= plan.min_owners
    columns = members[:, kept]
    if not columns.shape[1]:
        return WordShifts([], np.zeros((0, encoder.dim), dtype=np.float32))
    asked = [(int(place[one.vacancy]), place[np.append(one.others, one.answer)]) for one in questions]
    shape = (columns.shape[1], encoder.dim)

    def loss(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        shifts = flat.reshape(shape)
        value, slopes = _contrast(sums + columns @ shifts.astype(np.float32), asked, plan.temperature)
        gradient = columns.T @ slopes + 2.0 * plan.pull * shifts
        return value + plan.pull * float(np.sum(shifts**2)), gradient.ravel()

    found = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": plan.iterations})
    shifts = found.x.reshape(shape).astype(np.float32)
    return WordShifts([word for word, keep in zip(words, kept, strict=True) if keep], shifts)


def fold(encoder: HashedNgramEncoder, shifts: WordShifts) -> HashedNgramEncoder:
    """The encoder with its word vectors shifted; what it did not shift it keeps to the bit."""
    if not shifts.words:
        return encoder
    old = encoder.weights
    hashes, offsets = word_features(shifts.words)
    keys = hashes[offsets[:-1]]  # a word's first feature is the word itself
    places = np.minimum(np.searchsorted(old.keys, keys), len(old.keys) - 1)
    known = old.keys[places] == keys
    own = np.where(
        known[:, None], old.table[places] * old.scales[places, None], _unknown_parts(encoder, shifts.words)
    ).astype(np.float32)
    moved = quantise(keys, own + shifts.vectors, old.anchors, old.fields)
    stays = ~np.isin(old.keys, keys)
    order = np.argsort(np.concatenate([old.keys[stays], keys]), kind="stable")
    weights: HashedWeights = replace(
        old,
        keys=np.concatenate([old.keys[stays], moved.keys])[order],
        table=np.concatenate([old.table[stays], moved.table])[order],
        scales=np.concatenate([old.scales[stays], moved.scales])[order],
    )
    return HashedNgramEncoder(weights, encoder.config)


def _unknown_parts(encoder: HashedNgramEncoder, words: list[str]) -> Floats:
    """The fixed vector that each word has for being unknown, zero for known ones: it must stay when it gets a row."""
    silent = HashedNgramEncoder(encoder.weights, replace(encoder.config, unknown_weight=0.0))
    return encoder.word_vectors(words) - silent.word_vectors(words)


def _members(encoder: HashedNgramEncoder, texts: Sequence[str]) -> tuple[sp.csr_matrix, list[str]]:
    """How much each word counts in each text under the encoder's attention, (texts, words), and the words."""
    numbers: dict[str, int] = {}
    tokens: list[int] = []
    lengths: list[int] = []
    whose: list[int] = []
    for row, text in enumerate(texts):
        for piece in pieces_of(text, encoder.config.piece_words):
            tokens += [numbers.setdefault(word, len(numbers)) for word in piece]
            lengths.append(len(piece))
            whose.append(row)
    words = list(numbers)
    piece_of = np.repeat(np.arange(len(lengths)), lengths)
    ones = np.ones(len(tokens), dtype=np.float32)
    pieces = sp.csr_matrix((ones, (piece_of, tokens)), shape=(len(lengths), len(words)))
    weights = encoder.attention(unit_rows(pieces @ encoder.word_vectors(words)))
    weights[np.bincount(whose, minlength=len(texts))[whose] == 1] = 1.0  # the only piece of a text needs no weight
    gather = sp.csr_matrix((weights, (whose, np.arange(len(lengths)))), shape=(len(texts), len(lengths)))
    return (gather @ pieces).tocsr(), words


def _shared(members: sp.csr_matrix, owners: Sequence[str]) -> Ints:
    """Number of different owners that use each word."""
    _, numbers = np.unique(np.array(owners), return_inverse=True)
    gather = sp.csr_matrix((np.ones(len(owners)), (numbers, np.arange(len(owners)))))
    return np.asarray(((gather @ members) > 0).sum(axis=0)).ravel()


def _contrast(sums: Floats, asked: Sequence[tuple[int, Ints]], temperature: float) -> tuple[float, Floats]:
    """The loss over all questions, and its slope by the texts' sums of word vectors.

    Args:
        sums: (texts, dim).
        asked: for each question the row of the vacancy, and those of the candidates, the answer last.
        temperature: of the softmax.
    """
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    lengths[lengths == 0.0] = np.float32(1.0)
    units = sums / lengths
    slopes = np.zeros_like(units)
    total = 0.0
    for vacancy, rows in asked:
        candidates = units[rows]
        logits = candidates @ units[vacancy] / temperature
        logits -= logits.max()
        shares = np.exp(logits)
        total += float(np.log(shares.sum()) - logits[-1])
        shares /= shares.sum()
        shares[-1] -= 1.0
        shares /= temperature
        slopes[rows] += shares[:, None] * units[vacancy]  # rows are distinct
        slopes[vacancy] += shares @ candidates
    slopes -= units * np.einsum("ij,ij->i", units, slopes)[:, None]
    return total, slopes / lengths
