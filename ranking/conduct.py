"""Behavioural competences as texts tell them: what a vacancy asks in words, and what people say of themselves.

Less than half of all vacancies fill in the form for behaviours, nearly all texts ask for some.
"""

import re
import tomllib
from functools import cache, lru_cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from core.records import Vacancy
from core.vocabulary import BEHAVIOUR_CODE_MAX, BEHAVIOUR_CODE_MIN
from embeddings.redaction import redact
from embeddings.sentences import task_sentences

N_BEHAVIOURS = BEHAVIOUR_CODE_MAX - BEHAVIOUR_CODE_MIN + 1

_CLAUSE = re.compile(r"[.!?;,\n]|\bmaar\b|\bwant\b")
_REFUSES = re.compile(r"\b(?:niet|geen|niks|nooit|lastig|moeilijk|moeite)\b")
_NOT_REFUSED = re.compile(
    r"\b(?:wacht|laat|geeft?|raakt?) niet\b|\bniet (?:alleen|op|gek|snel)\b|\bgeen (?:probleem|moeite)\b"
)
_EMPLOYER = re.compile(r"\b(?:wij|we|ons|onze)\b")  # who says what they are themselves asks nothing


def asked_behaviours(vacancy: Vacancy) -> list[int]:
    """Columns of the behaviours that a vacancy asks for: those of its form, or of its text where that is empty."""
    if vacancy.behaviours:
        return sorted({item.code - BEHAVIOUR_CODE_MIN for item in vacancy.behaviours})
    return list(_asked_in(vacancy.description))


def told_behaviours(presentation: str) -> npt.NDArray[np.bool_]:
    """Which behaviours (N_BEHAVIOURS,) someone says to have."""
    told = np.zeros(N_BEHAVIOURS, dtype=bool)
    told[_found(redact(presentation), employer=False)] = True
    return told


@lru_cache(maxsize=4_096)
def _asked_in(description: str) -> tuple[int, ...]:
    return tuple(_found("\n".join(task_sentences(description)), employer=True))


def _found(text: str, *, employer: bool) -> list[int]:
    found = set()
    for clause in _CLAUSE.split(text.lower()):
        if (employer and _EMPLOYER.search(clause)) or _REFUSES.search(_NOT_REFUSED.sub(" ", clause)):
            continue
        found |= {int(str(words.lastgroup)[1:]) - BEHAVIOUR_CODE_MIN for words in _pattern().finditer(clause)}
    return sorted(found)


@cache
def _pattern() -> re.Pattern[str]:
    """All phrases in one, each competence a group named after its code: a clause is read once."""
    table = tomllib.loads(resources.files("ranking").joinpath("conduct.toml").read_text(encoding="utf-8"))
    told = (f"(?P<c{code}>{'|'.join(phrases)})" for code, phrases in table.items())
    return re.compile(rf"\b(?:{'|'.join(told)})")
