"""What the employer teaches or pays, beyond the certificates and licences that are named as such."""

import re
from collections.abc import Iterator

from ranking.reading.findings import CERTAIN, CLEAR, LIKELY, WEAK, Finding, ReadField, tidy
from ranking.reading.lexicon import pattern
from ranking.reading.passages import Section, Sentence
from ranking.reading.qualifications import certificates

ANAPHORA_CHARS = 160  # how far back "het certificaat" or "de cursus" still points

# What "leren wij je" teaches when it names nothing: the trade itself.
THE_TRADE = "het vak"
_NOTHING_NAMED = (
    r"^(?:alles|het(?:\s+zelf)?|de\s+(?:rest|kneepjes|fijne\s+kneepjes).*|zelf|graag|dat|(?:een"
    r"|het)\s+vak|zoals.*|hoe.*)$"
)

_SPAN = r"([^,.;:!?()]{2,60}?)"
_STOP = (
    r"(?=\s+(?:en|maar|zoals|met|op\s+onze|onder|op\s+kosten|zelf|mogelijk|in\s+de\s+praktijk|van\s+ons"
    r"|van\s+de)\b|[,.;:!?()]|$)"
)
_TEACH = (
    rf"\b(?:(?:wij|we)\s+leren\s+(?:je|jou)?|leren\s+(?:wij|we)\s+(?:je|jou))\s+(?:zelf\s+|graag\s+)?{_SPAN}{_STOP}"
)
_TEACH_AFTER = r"(?:^|[,;]\s*)([\w'’ -]{3,40}?)\s+leren\s+(?:we|wij)\s+(?:je|jou)\s+(?:zelf|graag|hier|bij\s+ons)?"
_LEARN_HERE = r"\bleren\s+([\w'’ -]{3,40}?)\s+doe\s+je\s+bij\s+ons"
_COURSE = (
    r"\b(?:opleiding|cursus|training|scholing|bbl-(?:opleiding|traject)|workshop)\s+(?:(?:tot|als|voor"
    r"|in)\s+)?(?:een\s+|het\s+)?"
    rf"{_SPAN}{_STOP}"
)
_LEAD = (
    rf"\b(?:leiden\s+(?:we|wij)\s+(?:je|jou)|(?:we|wij)\s+leiden\s+(?:je|jou))\s+(?:\w+\s+)?op\s+(?:tot"
    rf"|als|voor|in)\s+{_SPAN}{_STOP}"
)
_COMPOUND = r"\b([^\W\d_]{3,25}(?:training|cursus|opleiding|les(?:sen)?))\b"
_DIPLOMA = (
    r"\b((?:mbo[\s-]*[1-4]|vakdiploma|diploma)[\w\s-]{0,12}?diploma\s+[\w-]+)"
    r"|\bje\s+(mbo[\s-]*[1-4][\w\s-]{0,40}?)(?=[.,;]|$)"
)
_OFFER = (
    r"\b(?:wij|we)\s+(?:betalen|geven|bieden|sturen|regelen|vergoeden|verzorgen)\b|\b(?:betalen|geven"
    r"|bieden|regelen|verzorgen)\s+(?:wij|we)\b"
    r"|\b(?:je\s+krijgt|krijg\s+je|krijgt\s+van\s+ons|krijg\s+t)\b|\bje\s+(?:haalt|volgt)\b|\bhaal\s+je\b"
    r"|\bop\s+onze\s+kosten\b"
    r"|\bvan\s+ons\b|\bbij\s+ons\b|\bvia\s+ons\b|\bop\s+kosten\s+van\b"
)
_PAYS_IT = (
    r"\b(?:betalen|vergoeden|regelen)\s+(?:(?:wij|we)\s+)?(?:de|het|die|deze|dat)\s*(?:cursus|certificaat"
    r"|diploma|opleiding|examen)?\b"
    r"|\b(?:leiden\s+(?:we|wij)|(?:we|wij)\s+leiden)\s+(?:je|jou)\s+op\b(?!\s+(?:tot|als|voor|in))"
)
_HINTS = ("leren", "leiden", "opleid", "cursus", "training", "diploma", "betalen", "vergoeden", "regelen", "les")
_NOT_OFFERED = r"\b(?:geen|afgeronde?|in\s+het\s+bezit|vereist|start(?:datum)?)\b"


def find_training(text: str, sentences: list[Sentence]) -> list[Finding]:
    """What is taught, in the order of the text; shorter names for what we know ("heftruck rijden": heftruck)."""
    found = [one for sentence in sentences for one in _of_sentence(text, sentence)]
    first: dict[object, Finding] = {}
    for one in found:
        if str(one.value):
            first.setdefault(str(one.value).casefold(), one)
    return list(first.values())


def _of_sentence(text: str, sentence: Sentence) -> Iterator[Finding]:
    if not (sentence.section is Section.OFFERS or sentence.hints(_HINTS)):
        return
    for source, confidence in ((_TEACH, CERTAIN), (_TEACH_AFTER, CERTAIN), (_LEARN_HERE, CLEAR), (_LEAD, CERTAIN)):
        for match in pattern(source).finditer(sentence.text):
            yield from _finding(sentence, match, 1, confidence)
    offered = sentence.section is Section.OFFERS or pattern(_OFFER).search(sentence.text)
    if offered and not pattern(_NOT_OFFERED).search(sentence.text):
        for source in (_COURSE, _COMPOUND):
            for match in pattern(source).finditer(sentence.text):
                yield from _finding(sentence, match, 1, CLEAR)
        for match in pattern(_DIPLOMA).finditer(sentence.text):
            yield from _finding(sentence, match, 1 if match[1] else 2, CLEAR)
    for match in pattern(_PAYS_IT).finditer(sentence.text):
        yield from _pointed_at(text, sentence, match)


def _finding(sentence: Sentence, match: re.Match[str], group: int, confidence: float) -> Iterator[Finding]:
    value = tidy(match[group])
    if value.lower() in {"zelf", "graag"}:  # "HACCP leren we je zelf" names it before the verb
        return
    if pattern(r"^(?:wordt|regelen|bij|op|van|is|zijn)\b").match(value):
        return
    if pattern(_NOTHING_NAMED).match(value):
        value, confidence = THE_TRADE, WEAK
    if len(value) > 2 and value.lower() not in {"tot", "als", "voor", "aan", "je", "mogelijk"}:
        at = sentence.start + match.start(group), sentence.start + match.end(group)
        yield Finding(ReadField.TRAINING_OFFERED, _short(value), *at, confidence, required=False)


def _short(value: str) -> str:
    """The name that a certificate's training goes by, when the words name one."""
    for _, short, _, written in certificates():
        if written.search(value) or value.casefold() in {
            f"{short} rijden".casefold(),
            f"met de {short} rijden".casefold(),
        }:
            return short
    if value == THE_TRADE:
        return value
    value = re.sub(r"^(?:een|de|het|je|met\s+de|met\s+een)\s+", "", value)
    return re.sub(r"(mbo[\s-]*\d)\s*-?\s*diploma\s+", r"\1 ", value)


def _pointed_at(text: str, sentence: Sentence, match: re.Match[str]) -> Iterator[Finding]:
    """Reads "betalen wij de cursus": the certificate that was named just before."""
    start = sentence.start + match.start()
    before = max(0, start - ANAPHORA_CHARS)
    window = text[before:start]
    small = window.lower()
    known = [one for one in certificates() if any(hint in small for hint in one.hints)]
    named = [(hit.end(), one.short) for one in known for hit in one.written.finditer(window)]
    if named:
        at = start, sentence.start + match.end()
        yield Finding(ReadField.TRAINING_OFFERED, max(named)[1], *at, LIKELY, required=False)
