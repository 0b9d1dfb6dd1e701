"""What the rules know: word lists from the TOML files beside this one, and phrases that others pass in."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Self

from embeddings.encoder import Encoder, TextKind, Vectors


@cache
def words() -> dict[str, Any]:
    """Names of certificates, languages, numbers, jobs and places."""
    return _read("words.toml")


@cache
def verbs() -> dict[str, Any]:
    """Finite forms, infinitives and the words that separable verbs lose."""
    return _read("verbs.toml")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("ranking.reading").joinpath(name).read_text(encoding="utf-8"))


@cache
def number_words() -> str:
    """Alternatives of a pattern for a whole number in words or up to two digits, longest first."""
    return "|".join([*sorted(words()["numbers"], key=len, reverse=True), r"\d{1,2}"])


def number_of(written: str) -> int:
    """The number that ``number_words`` matched."""
    known: dict[str, int] = words()["numbers"]
    return known[written.lower()] if written.lower() in known else int(written)


@cache
def pattern(source: str) -> re.Pattern[str]:
    """A pattern without case, with ``{number}`` filled in; made when first needed, then kept."""
    return re.compile(source.replace("{number}", number_words()), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PhraseLexicon:
    """Known skill phrases, to put a clause that the rules read unsurely into known words.

    Attributes:
        texts: n phrases.
        vectors: shape (n, dim), unit rows, in the order of the texts.
        encoder: that made them.
    """

    texts: Sequence[str]
    vectors: Vectors
    encoder: Encoder

    def __post_init__(self) -> None:
        if self.vectors.shape != (len(self.texts), self.encoder.dim):
            raise ValueError("give one vector per phrase, made by the encoder that comes with them")

    @classmethod
    def build(cls, texts: Sequence[str], encoder: Encoder) -> Self:
        """Embeds known phrases."""
        return cls(tuple(texts), encoder.encode(texts, kind=TextKind.PHRASE), encoder)

    def nearest(self, clauses: Sequence[str]) -> list[tuple[str, float]]:
        """The nearest known phrase of each clause with its cosine, in order; the first of equals.

        Returns:
            As many pairs as clauses; an empty list when nothing is known.
        """
        if not clauses or not self.texts:
            return []
        similarity = self.encoder.encode(clauses, kind=TextKind.PHRASE) @ self.vectors.T
        best = similarity.argmax(axis=1)
        return [(self.texts[column], float(similarity[row, column])) for row, column in enumerate(best)]
