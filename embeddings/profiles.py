"""One vector for a whole record, made of the vectors of its phrases: what is said counts, not how long it is said.

The phrases of a kind (all skills, all experience) add up to one direction, and the directions add up by the weights
that ``embeddings.views`` gives them. Twenty skills therefore weigh as much as two, and a long story no more than a
short one. Sentences of free text count by how much they resemble the record as a whole: terms of employment, and what
every advertisement says, resemble no job in particular. Behaviours are codes of a closed register with a level, so each
has a fixed direction of its own, on which a talent who lacks one stands on the other side.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from embeddings.encoder import Vectors

_FLOOR = 0.02
"""Weight of a sentence that does not resemble the record at all: a text of such sentences still has a direction."""


@dataclass(frozen=True, slots=True)
class Part:
    """Phrases of a record that together make one direction.

    Attributes:
        weight: of the direction, beside the other parts.
        vectors: float32 (n, dim), n of 0 or more.
        is_told: free text, of which a sentence counts by how much it resembles the rest.
    """

    weight: float
    vectors: Vectors
    is_told: bool = False


def profile(parts: Sequence[Part], dim: int) -> Vectors:
    """Adds up the parts of a record.

    Args:
        parts: in any order.
        dim: components of a vector.

    Returns:
        Float32 of shape (dim,), of unit length, or zero where nothing is known. Depends on this record alone.
    """
    listed = np.zeros(dim, dtype=np.float32)
    centre = np.zeros(dim, dtype=np.float32)
    for part in parts:
        direction = _unit(part.vectors.sum(axis=0))
        centre += direction * np.float32(1.0 if part.is_told else part.weight)
        if not part.is_told:
            listed += direction * np.float32(part.weight)
    centre = _unit(centre)
    for part in parts:
        if part.is_told:
            alike = np.maximum(part.vectors @ centre, np.float32(_FLOOR))
            listed += _unit((part.vectors * alike[:, None]).sum(axis=0)) * np.float32(part.weight)
    return _unit(listed)


def conduct_rows(behaviours: Sequence[tuple[int, float]], dim: int) -> Vectors:
    """A row for each behaviour: the direction of its code times its worth.

    Args:
        behaviours: code and worth of each.
        dim: components of a vector.

    Returns:
        Float32 of shape (len(behaviours), dim).
    """
    if not behaviours:
        return np.zeros((0, dim), dtype=np.float32)
    return np.stack([_direction(code, dim) * np.float32(worth) for code, worth in behaviours])


@cache
def _direction(code: int, dim: int) -> Vectors:
    """A fixed pseudo-random unit row: those of two codes have a cosine near 0 (Johnson and Lindenstrauss 1984).

    Not of signs alone: components of one size would all be rounded the same way where vectors are put on a grid.
    """
    digest = hashlib.shake_256(f"behaviour {code}".encode()).digest(2 * dim)
    row = np.frombuffer(digest, dtype="<u2").astype(np.float64) - 32_767.5
    unit: Vectors = (row / np.sqrt(row @ row)).astype(np.float32)
    return unit


def _unit(vector: Vectors) -> Vectors:
    length = np.sqrt(vector @ vector)
    return vector / length if length > 0.0 else vector
