"""What work people say they like or rather not do, and what work a vacancy tells of: themes read from plain words.

People stay where they like the work, and they say so in other words than employers do: ``sporten`` beside ``je tilt
veel``. Nearness of texts misses that; a list of themes with the words of both sides does not.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from core.records import Talent, Vacancy
from embeddings.redaction import redact
from embeddings.sentences import task_sentences

Floats = npt.NDArray[np.float64]

# How much a mention says of someone's taste: a listed interest or a sentence that says so counts whole, a wish for a
# trade a quarter (there are other reasons to want it), a word in any other sentence a little. What is refused weighs
# less than what is liked, for people name what they fear, not all that they would mind.
INTEREST, SAID, WISH, MENTIONED, REFUSED = 1.0, 1.0, 0.25, 0.15, -0.5

# One sentence tells what all of the work is like (alone, in a hurry); of tasks there is one among many.
CLIMATE = 3.0

_WORD = re.compile(r"[a-zà-ÿ]{2,}")
_CLAUSE = re.compile(r"[.!?;,\n]|\bmaar\b|\bwant\b")
_LIKES = re.compile(
    r"\b(?:graag|leuk\w*|fijn\w*|houd?|liefst|liever|mooi\w*|blij|vrolijk|gelukkig|trots|energie|interesse\w*"
    r"|interessant|hobby|liefde|trekt|plezier|genie\w*|passie|vrijheid|rust|rustig|droom\w*|vind|best|beste|prettig|prima|belangrijk|heerlijk"
    r"|geweldig|prachtig|zoek|(?:dol|gek) op|past bij|goed tegen|voel ik me thuis|zou willen)\b"
)
_REFUSES = re.compile(r"\b(?:niet|geen|niks|nooit|hekel|vervelend|saai|haat)\b")
_NO_REFUSAL = re.compile(
    r"\b(?:geen|weinig)\s+(?:probleem|punt|moeite|last)\b|\bniet\s+(?:erg|bang|vies|opgeven|alleen|stil|snel|moe)\b"
    r"|\b(?:kan|kon|zou)\s+niet\s+zonder\b|\bniets\s+(?:leuker|mooier|fijner)\b"
)


@cache
def themes() -> dict[str, re.Pattern[str]]:
    """The stems of each theme, for single words, in the order of the columns."""
    return {
        name: re.compile("|".join(stem for stem in stems if " " not in stem))
        for name, stems in _table()["themes"].items()
    }


@cache
def _phrases() -> tuple[tuple[int, re.Pattern[str]], ...]:
    """What only several words together say, by theme."""
    told = [[stem for stem in stems if " " in stem] for stems in _table()["themes"].values()]
    return tuple((theme, re.compile(rf"\b(?:{'|'.join(one)})")) for theme, one in enumerate(told) if one)


@cache
def _opposites() -> dict[int, int]:
    names = list(themes())
    return {names.index(one): names.index(other) for one, other in _table()["opposites"].items()}


@cache
def _climates() -> Floats:
    """What one mention in a vacancy's text counts, by theme."""
    climate = set(_table()["climate"]["themes"])
    return np.array([CLIMATE if name in climate else 1.0 for name in themes()])


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(resources.files("ranking").joinpath("likings.toml").read_text(encoding="utf-8"))


def talent_likings(talents: Iterable[Talent]) -> Floats:
    """Taste by theme (n, themes) from -0.5 (would rather not) to 1 (likes it); NaN rows where nothing is told."""
    rows = [_taste(talent) for talent in talents]
    return np.array(rows).reshape(len(rows), len(themes()))


def work_themes(vacancy: Vacancy) -> Floats:
    """How much of the work and its climate each theme makes up (themes,), of length 1, or 0 where nothing is told."""
    named = (vacancy.title, vacancy.occupation or "", *vacancy.skills_required, *vacancy.skills_desired)
    counts = np.zeros(len(themes()))
    for mentions in map(_named, named):
        for theme, _ in mentions:
            counts[theme] += 1.0
    for mentions in _told(vacancy.description):
        for theme, sign in mentions:
            counts[theme] += sign * _climates()[theme]
    weights: Floats = np.sqrt(np.maximum(counts, 0.0))  # the tenth task of a kind says less than the first
    length = float(np.sqrt((weights**2).sum()))
    return weights / length if length else weights


def _taste(talent: Talent) -> Floats:
    taste = np.zeros(len(themes()))
    listed = ((talent.interests or (), INTEREST), (talent.preferred_occupations or (), WISH))
    for texts, weight in listed:
        for theme, _ in (mention for text in texts for mention in _named(text)):
            taste[theme] = max(taste[theme], weight)
    for clause in _CLAUSE.split(redact(talent.presentation).lower()):
        mentions = _clause(clause)
        if not mentions:
            continue
        said = SAID if _LIKES.search(clause) or _REFUSES.search(clause) else MENTIONED
        for theme, sign in mentions:
            weight = REFUSED if sign < 0 else said
            if taste[theme] >= 0:  # what was refused once stays refused
                taste[theme] = weight if weight < 0 else max(taste[theme], weight)
    return taste if taste.any() else np.full(len(taste), np.nan)


def _told(description: str) -> list[frozenset[tuple[int, int]]]:
    """The mentions in each sentence about the work."""
    return [_mentions(sentence) for sentence in task_sentences(description)]


@lru_cache(maxsize=16_384)  # of vacancies only; employers repeat themselves
def _mentions(sentence: str) -> frozenset[tuple[int, int]]:
    return frozenset(mention for clause in _CLAUSE.split(sentence.lower()) for mention in _clause(clause))


def _named(text: str) -> frozenset[tuple[int, int]]:
    """Mentions in a short text that only names things."""
    return frozenset((theme, 1) for theme in _themes_in(text.lower()))


def _clause(clause: str) -> frozenset[tuple[int, int]]:
    """(theme, 1 for or -1 against) of a clause in small letters; against one theme is for its opposite."""
    found = frozenset(_themes_in(clause))
    if not found:
        return frozenset()
    if not _REFUSES.search(_NO_REFUSAL.sub(" ", clause)):
        return frozenset((theme, 1) for theme in found)
    opposites = _opposites()
    return frozenset((theme, -1) for theme in found) | {(opposites[t], 1) for t in found if t in opposites}


def _themes_in(text: str) -> Iterator[int]:
    yield from (theme for word in _WORD.findall(text) for theme in _themes_of(word))
    yield from (theme for theme, pattern in _phrases() if pattern.search(text))


@lru_cache(maxsize=65_536)  # of single words only: what a person wrote must not outlive them in a cache
def _themes_of(word: str) -> tuple[int, ...]:
    return tuple(number for number, stems in enumerate(themes().values()) if stems.search(word))
