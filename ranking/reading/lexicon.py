"""What the rules know: word lists from the TOML files beside this one, and the patterns made of them."""

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any


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
