"""Splits free Dutch text into clean sentences; leaves out those of a vacancy that are not about the work."""

import re
import unicodedata
from functools import lru_cache

MAX_SENTENCE_CHARS = 240
"""Longer sentences are cut at a word: a phrase says one thing."""
MIN_SENTENCE_WORDS = 2

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ud800-\udfff]")
_BREAK = re.compile(
    r"(?<=[.!?…])(?<!\bbijv\.)(?<!o\.a\.)(?<!e\.d\.)(?<!d\.m\.v\.)(?<!\bca\.)(?<!\bnr\.)(?<!\bincl\.)(?<!\bmin\.)\s+"
    r"|\s*[\n\r•·▪;]+\s*|(?:^|\s)[-–*]\s+"
)
_EDGE = " \t.,:;-–—•*!?…\"'"
_INCLUSIVE = re.compile(r"\s*\(?\b[mv]\s?/\s?[vm](?:\s?/\s?x)?\b\)?", re.IGNORECASE)
_TERMS = re.compile(
    r"\b(?:sollicit\w+|cv|curriculum|motivatiebrief|acquisitie|reageer\w*|whats\W?app|salaris\w*|bruto|uurloon|pensioen\w*"
    r"|vakantiedagen|vakantiegeld|vakantietoeslag|reiskosten\w*|cao|proeftijd|kerstpakket|borrel\w*|marktconform\w*"
    r"|arbeidsvoorwaarden|wervingsbureau\w*|uitzendbureau\w*|referentienummer|vacaturenummer)\b"
    r"|\b(?:wij|we)\s+bieden\b|\bwat\s+(?:bieden\s+)?(?:wij|we)\s+(?:jou\s+)?(?:bieden)?|\bbel\s+(?:met|naar|ons|even)\b"
    r"|\b(?:mail|app)\s+(?:naar|ons)\b|\binteresse\s*\?|\bword\s+jij\s+onze\b|\bherken\s+je\s+jezelf\b|\bcontact\s+op\b",
    re.IGNORECASE,
)
_TEACHES = re.compile(
    r"\b(?:leer\w*|leren|opleid\w*|cursus\w*|certifica\w*|diploma\w*|training\w*|inwerk\w*)\b", re.IGNORECASE
)


def clean(text: str) -> str:
    """One form for equal texts: composed Unicode, single spaces, nothing unprintable, line breaks gone."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():  # also true of line breaks, which the split below turns into spaces
        text = _UNPRINTABLE.sub("", text)
    return " ".join(text.split())


def sentences(text: str) -> list[str]:
    """Splits text at sentence ends, line ends and list marks.

    Args:
        text: free text.

    Returns:
        Clean sentences in order, of at least two words and at most ``MAX_SENTENCE_CHARS`` characters.
    """
    found = (clean(part).strip(_EDGE) for part in _BREAK.split(text) if part)
    return [_cut(sentence) for sentence in found if sentence.count(" ") >= MIN_SENTENCE_WORDS - 1]


def task_sentences(description: str) -> list[str]:
    """Sentences of a vacancy about the work, without terms of employment and how to apply.

    A sentence that offers to teach something stays. A description that holds nothing else stays whole: a poor
    text is better than none.
    """
    return list(_task_sentences(description))


@lru_cache(maxsize=4_096)  # asked for phrases and for likings
def _task_sentences(description: str) -> tuple[str, ...]:
    every = sentences(_INCLUSIVE.sub("", description))
    return tuple([one for one in every if not _TERMS.search(one) or _TEACHES.search(one)] or every)


def _cut(sentence: str) -> str:
    if len(sentence) <= MAX_SENTENCE_CHARS:
        return sentence
    head = sentence[:MAX_SENTENCE_CHARS]
    return head.rsplit(" ", 1)[0].strip(_EDGE) or head
