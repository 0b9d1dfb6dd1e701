"""What job it is, and how many people are wanted."""

import re
from collections.abc import Iterator
from functools import cache

from ranking.reading.findings import CERTAIN, CLEAR, LIKELY, Finding, ReadField, tidy
from ranking.reading.lexicon import number_of, pattern, words
from ranking.reading.passages import Sentence

MAX_NAME_WORDS = 4
MAX_POSITIONS = 200
MIN_SHOUTED = 5  # letters from which capitals are a loud title and no abbreviation

_SEEK = (
    r"\b(?:zoek(?:en|t)?|gezocht|zijn\s+op\s+zoek\s+naar|op\s+zoek\s+naar|vacature|functie|word\s+jij"
    r"|word\s+(?:je|jij))\b"
    r"\s*:?\s*(?:(?:wij|we|ons|onze|jij|per\s+direct|voor\s+[^,.;:()]{1,40}?|naar|nog|nu|snel)\s+)*"
    r"(?:(?:een|de|ons|onze|het|{number})\s+)?"
)
_COUNTED = (
    r"\b(?:zoek(?:en|t)|gezocht|naar|(?:werk|plek|plaats|ruimte)\s+voor)\b[^.,;:()]{0,40}?\b({number})\s+(?=[a-z])"
)
_COUNT_ALONE = r"\b({number})\s+(?:stuks|vacatures|plekken|posities|arbeidsplaatsen)\b"
_AS = r"\b(?:als|functie\s+van|leerplek|leerwerkplek|aan\s+de\s+slag\s+als)\s+(?:een\s+)?"
_AS_END = r"^\s+\w+\s+(?:je|jij)\b|^\s*(?:\?|\(|$|,)"
_GENDER = r"\(?\bm ?/ ?v(?: ?/ ?x)?\b"
_WORD = r"[^\W\d_]+(?:[-/’'&][^\W\d_]+)*"
_PLURALS = (("chauffeurs", "chauffeur"), ("zzp'ers", ""), ("ers", "er"), ("eurs", "eur"), ("ors", "or"),
            ("isten", "ist"), ("koks", "kok"),
            ("lieden", "man"), ("ants", "ant"), ("ments", "ment"), ("enten", "ent"))  # fmt: skip


@cache
def _set(name: str) -> frozenset[str]:
    return frozenset(words()["role"][name])


@cache
def _endings() -> tuple[str, ...]:
    return tuple(words()["role"]["endings"])


def find_role(text: str, sentences: list[Sentence]) -> list[Finding]:
    """The occupation: the surest naming, and of equals the first."""
    named = [*_sought(text), *_as(text), *_opening(sentences), *_gendered(text)]
    return [max(named, key=lambda found: (found.confidence, -found.start))] if named else []


def _sought(text: str) -> Iterator[Finding]:
    """After "zoeken wij een", "vacature:", "word jij onze nieuwe"."""
    for match in pattern(_SEEK).finditer(text):
        yield from _named(text, match.end(), CLEAR)


def _as(text: str) -> Iterator[Finding]:
    """Reads "Als hovenier snoei je" and "aan de slag als dakdekker"."""
    for match in pattern(_AS).finditer(text):
        for found in _named(text, match.end(), CLEAR - 0.05, before_verb=True):
            if _is_job(str(found.value)) or pattern(_AS_END).match(text[found.end : found.end + 30]):
                yield found


def _opening(sentences: list[Sentence]) -> Iterator[Finding]:
    """A title as the first words, "Pakketbezorger worden?", "Chauffeur gezocht"."""
    if sentences:
        first = sentences[0]
        for found in _named(first.text, 0, LIKELY + 0.05):
            if _is_job(str(found.value)):
                start, end = first.start + found.start, first.start + found.end
                yield Finding(found.field, found.value, start, end, CERTAIN if start == 0 else found.confidence)


def _gendered(text: str) -> Iterator[Finding]:
    """The words before "(m/v/x)"."""
    if "/" not in text:
        return
    for match in pattern(_GENDER).finditer(text):
        head = text[max(0, match.start() - 60) : match.start()]
        taken = list(pattern(_WORD).finditer(head))
        if taken and _is_job(taken[-1][0]):
            start = match.start() - len(head) + taken[-1].start()
            yield Finding(ReadField.OCCUPATION, tidy(_named_value([taken[-1][0]])), start, match.start(), LIKELY)


def _named(text: str, at: int, confidence: float, *, before_verb: bool = False) -> Iterator[Finding]:
    """The name of a job that starts here, without words such as "enthousiaste" before it."""
    kept: list[re.Match[str]] = []
    position = at
    while len(kept) < MAX_NAME_WORDS:
        word = pattern(_WORD).match(text, position)
        if word is None:
            break
        small = word[0].lower()
        if not (kept or small not in _set("adjectives")):
            position = _after(text, word.end())
            continue
        if small in _set("stops") or (kept and _ends_name(text, word, kept, before_verb=before_verb)):
            break
        kept.append(word)
        position = _after(text, word.end())
        if position == word.end():
            break
    value = _named_value([word[0] for word in kept])
    a_job = bool(kept) and kept[0][0].lower() not in _set("nobody") | {"deze", "dit"} and len(value) > 2
    if a_job or _two_words(kept):
        yield Finding(ReadField.OCCUPATION, tidy(value), kept[0].start(), kept[-1].end(), confidence)


def _two_words(kept: list[re.Match[str]]) -> bool:
    """Reads "medewerker bediening" names a job, "medewerker" alone does not."""
    return len(kept) > 1 and kept[0][0].lower() in {"medewerker", "hulp"}


def _after(text: str, at: int) -> int:
    """Past one space; the same place when something else stands there."""
    return at + 1 if text[at : at + 1] == " " else at


def _ends_name(text: str, word: re.Match[str], kept: list[re.Match[str]], *, before_verb: bool) -> bool:
    """Whether a further word is no longer part of the name."""
    if before_verb and pattern(r"^\s+(?:je|jij|u)\b").match(text[word.end() : word.end() + 5]):
        return True
    return len(word[0]) > 2 and word[0][0].islower() is False and kept[-1][0][0].islower() and not word[0].isupper()


def _named_value(kept: list[str]) -> str:
    """Small letters, but abbreviations as they are; the plural as a singular."""
    kept = [word.lower() if word.isupper() and word.isalpha() and len(word) >= MIN_SHOUTED else word for word in kept]
    shown = [word if any(sign.isupper() for sign in word[1:]) or len(word) < 2 else word.lower() for word in kept]
    if shown:
        shown = [_singular(shown[0]), *shown[1:]]
    return " ".join(shown)


def _singular(word: str) -> str:
    for plural, single in _PLURALS:
        if word.endswith(plural) and len(word) > len(plural) + 2:
            return word[: -len(plural)] + single
    return word


def _is_job(name: str) -> bool:
    return any(word.endswith(_endings()) for word in name.lower().replace("/", " ").split()) or name.lower().endswith(
        _endings()
    )


def find_positions(sentences: list[Sentence]) -> list[Finding]:
    """How many people are wanted, when it is more than one."""
    for sentence in sentences:
        if not sentence.hints(
            ("zoek", "gezocht", "naar", "stuks", "vacature", "plek", "werk voor", "ruimte voor", "posities", "plaatsen")
        ):
            continue
        for source in (_COUNTED, _COUNT_ALONE):
            for match in pattern(source).finditer(sentence.text):
                count = number_of(match[1])
                plural = pattern(r"(?:\w+e\s+)?\w+(?:en|s)\b").match(sentence.text, match.end())
                unit = pattern(r"(?:uur|dagen|jaar|maanden|avonden|ochtenden|middagen|weken|keer|minuten)").match(
                    sentence.text, match.end()
                )
                alone = source == _COUNT_ALONE
                if 1 < count <= MAX_POSITIONS and (alone or (plural and not unit)):
                    start = sentence.start + match.start(1)
                    return [Finding(ReadField.POSITIONS, count, start, sentence.start + match.end(1), CLEAR)]
    return []
