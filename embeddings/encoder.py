"""The seam between texts and vectors: the Encoder protocol."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
"""Shape (n, dim), rows of unit length or zero."""

MAX_TEXT_CHARS = 20_000
"""What stands beyond this many characters of a text is not read: one text must not stall a service."""


class TextKind(StrEnum):
    """What a text is for; some encoders put another prompt before each."""

    QUERY = "query"
    PASSAGE = "passage"
    PHRASE = "phrase"


@runtime_checkable
class Encoder(Protocol):
    """Turns texts into vectors whose inner product is their similarity.

    Attributes:
        version: fingerprint of everything that determines the vectors; another version, other vectors.
        dim: number of components of a vector.
    """

    @property
    def version(self) -> str:
        """Fingerprint of everything that determines the vectors."""
        ...

    @property
    def dim(self) -> int:
        """Number of components of a vector."""
        ...

    def encode(self, texts: Sequence[str], *, kind: TextKind = TextKind.PASSAGE) -> Vectors:
        """Embeds texts; may be called from several threads at once.

        Args:
            texts: n texts; an empty text, or one of which the encoder knows nothing, becomes the zero vector.
                At most the first ``MAX_TEXT_CHARS`` characters of each are read.
            kind: what the texts are for.

        Returns:
            Float32 of shape (n, dim), in the order given; each row of unit length or zero.
        """
        ...


def unit_rows(matrix: npt.NDArray[np.floating]) -> Vectors:
    """Scales each row to unit length; a zero row stays zero.

    Args:
        matrix: shape (n, dim), finite.

    Returns:
        Float32 of shape (n, dim), contiguous. A row's result does not depend on the other rows.
    """
    exact = np.ascontiguousarray(matrix, dtype=np.float64)
    lengths = np.sqrt(np.einsum("ij,ij->i", exact, exact))
    lengths[lengths == 0.0] = 1.0
    scaled: Vectors = (exact / lengths[:, None]).astype(np.float32)
    return scaled
