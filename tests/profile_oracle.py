"""The vector of a whole record, one number at a time: what ``embeddings.profiles`` and the weights in views promise."""

import hashlib
import math

import numpy as np

from core.records import Talent, Vacancy
from embeddings.encoder import Encoder, TextKind
from embeddings.views import talent_phrases, vacancy_phrases

TALENT = {"skill": 1.0, "experience": 1.0, "occupation": 0.5, "interest": 0.5, "certificate": 0.5, "sentence": 0.5}
VACANCY = {"sentence": 1.0, "skill_required": 0.75, "title": 0.5, "occupation": 0.5, "certificate": 0.5}
VACANCY |= {"skill_desired": 0.25, "training": 0.25}
LEVELS = {1: 1.0, 2: 0.6, 3: -0.5, 4: -1.0}


def record_vector(record: Talent | Vacancy, encoder: Encoder) -> np.ndarray:
    """Sums kinds by weight; a sentence counts by its cosine with everything together, at least a fiftieth."""
    if isinstance(record, Talent):
        phrases, weights, conduct_weight = talent_phrases(record), TALENT, 1.0
        conduct = [(one.code, LEVELS.get(int(one.level), 0.0)) for one in record.behaviours]
    else:
        phrases, weights, conduct_weight = vacancy_phrases(record), VACANCY, 1.5
        conduct = [(one.code, 1.0) for one in record.behaviours]

    def rows(texts: list[str]) -> list[list[float]]:
        return [[float(value) for value in encoder.encode([text], kind=TextKind.PHRASE)[0]] for text in texts]

    zero = [0.0] * encoder.dim
    listed, sentences = list(zero), rows([phrase.text for phrase in phrases if phrase.kind.value == "sentence"])
    for kind, weight in weights.items():
        if kind != "sentence":
            listed = _plus(listed, _unit(_sum(rows([p.text for p in phrases if p.kind.value == kind]), zero)), weight)
    listed = _plus(listed, _unit(_sum([_direction(*one, encoder.dim) for one in conduct], zero)), conduct_weight)
    centre = _unit(_plus(listed, _unit(_sum(sentences, zero)), 1.0))
    told = list(zero)
    for sentence in sentences:
        told = _plus(told, sentence, max(sum(a * b for a, b in zip(sentence, centre, strict=True)), 0.02))
    return np.array(_unit(_plus(listed, _unit(told), weights["sentence"])))


def _direction(code: int, worth: float, dim: int) -> list[float]:
    """Pairs of bytes of a hash as numbers around 0."""
    digest = hashlib.shake_256(f"behaviour {code}".encode()).digest(2 * dim)
    row = _unit([digest[place] + 256 * digest[place + 1] - 32_767.5 for place in range(0, 2 * dim, 2)])
    return [worth * value for value in row]


def _plus(one: list[float], other: list[float], weight: float) -> list[float]:
    return [a + weight * b for a, b in zip(one, other, strict=True)]


def _sum(rows: list[list[float]], zero: list[float]) -> list[float]:
    total = zero
    for row in rows:
        total = _plus(total, row, 1.0)
    return total


def _unit(row: list[float]) -> list[float]:
    length = math.sqrt(sum(value * value for value in row))
    return [value / length for value in row] if length else row
