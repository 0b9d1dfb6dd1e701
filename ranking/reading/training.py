"""What the employer teaches or pays, beyond the certificates and licences that are named as such."""

import re
from collections.abc import Iterator

from ranking.reading.findings import CERTAIN, CLEAR, LIKELY, WEAK, Finding, ReadField, tidy
from ranking.reading.lexicon import pattern
from ranking.reading.passages import Section, Sentence, hinting
from ranking.reading.qualifications import certificates, short_name

ANAPHORA_CHARS = 160  # how far back "het certificaat" or "de cursus" still points

# What "leren wij je" teaches when it names nothing: the trade itself.
THE_TRADE = "het vak"
_NOTHING_NAMED = (
    r"^(?:alles|het(?:\s+zelf)?|de\s+(?:rest|kneepjes|fijne\s+kneepjes).*|zelf|graag|dat|(?:een"
    r"|het)\s+vak|zoals.*|hoe.*)$"
)

_SPAN = r"([^,.;:!?()]{2,60}?)"
_STOP = (
    r"(?=\s+(?:en|maar|zoals|met|bij|is|kan|kun|op\s+onze|onder|op\s+kosten|zelf|mogelijk|in\s+de\s+praktijk|van\s+ons"
    r"|van\s+de)\b|[,.;:!?()]|$)"
)
_TEACH_AFTER = r"(?:^|[,;]\s*)([\w'’ -]{3,40}?)\s+leren\s+(?:we|wij)\s+(?:je|jou)\s+(?:zelf|graag|hier|bij\s+ons)?"
# A list of what is taught: "Van ons leer je X en Y", "Wij leren je: X", "Scholing regelen wij: X".
_TEACH_LIST = (
    r"\b(?:(?:van|bij)\s+ons\s+leer\s+(?:je|jij)|leer\s+(?:je|jij)\s+(?:van|bij)\s+ons"
    r"|(?:wij|we)\s+leren\s+(?:je|jou)|leren\s+(?:wij|we)\s+(?:je|jou)"
    r"|(?:scholing|opleiding(?:en)?|cursus(?:sen)?|training(?:en)?)\s+(?:regelen|betalen|verzorgen|bieden)\s+(?:wij|we))"
    r"\s*:?\s*(?:zelf\s+|graag\s+)?([^.;:!?()]{2,100})"
)
_AFTER_LEARN = r"(?:^|[,;.]\s*)([\w'’ -]{3,40}?)\s+leer\s+(?:je|jij)\s+(?:hier\b|(?:van|bij)\s+\w+)"
_NO_NEED_YET = r"^\W*([\w'’ -]{3,40}?)\s+(?:hoef\s+je|kun\s+je)\s+(?:nog\s+)?niet\b[^.;!?]*\bleer(?:en|t)?\b"
_STUDY = rf"\b(?:studie|school)\s+(?:tot|als|voor|in)\s+(?:een\s+|het\s+)?{_SPAN}{_STOP}"
_LEARN_HERE = r"\bleren\s+([\w'’ -]{3,40}?)\s+doe\s+je\s+bij\s+ons"
_COURSE = (
    r"\b(?:opleiding|cursus|training|scholing|basis(?:opleiding|cursus|training)|bbl-(?:opleiding"
    r"|traject)|workshop)\s+(?:via\s+(?:de\s+)?bbl\s+)?(?:(?:tot|als|voor"
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
    r"|\b(?:dat|die|dit)\s+(?:leren|regelen|betalen|halen|vergoeden)\s+(?:we|wij)\b|\bhalen\s+(?:we|wij)\s+(?:het|hem|die|dat)\b"
    r"|\bzorgen\s+dat\s+je\s+(?:het|hem|die)\s+haalt\b|\bvolg\s+je\s+(?:de|een)\s+(?:cursus|training|opleiding)\b"
    r"|\b(?:leiden\s+(?:we|wij)|(?:we|wij)\s+leiden)\s+(?:je|jou)\s+op\b(?!\s+(?:tot|als|voor|in))"
)
_HINTS = (
    "leren", "leiden", "opleid", "cursus", "training", "diploma", "betalen", "vergoeden", "regelen", "les", "leer",
    "studie", "scholing", "haalt", "school", "halen", "workshop", "mbo",
)  # fmt: skip
_LIST_END = (
    r"\s+(?:en\s+)?(?:maar|zoals|met\s+de\s+cursus|op\s+onze|op\s+kosten|onder|zelf|mogelijk|van\s+ons|bij\s+ons|wij|we|je|jij|betalen"
    r"|regelen|is|als|in\s+(?:de\s+praktijk|\w+\s+(?:weken|dagen|maanden)))\b|\s+en\s+(?:betalen|regelen|vergoeden)\b|$"
)
# Words that such patterns catch and that name nothing: "HACCP leren we je zelf" names it before the verb.
_NOT_TAUGHT = (
    r"^(?:(?:zelf|graag|tot|als|voor|aan|je|mogelijk|ook|hier|snel|goed|nog|dat|die|dit|deze|eerste\s+\w+|alle|meer)$"
    r"|(?:wordt|regelen|bij|op|van|is|zijn|in|kennen|een\s+dag|elke|iedere|tijdens|dat|die|dit|ervaring)\b)"
)
_NOT_OFFERED = r"\b(?:geen|afgeronde?|in\s+het\s+bezit|vereist|start(?:datum)?)\b"


def find_training(text: str, sentences: list[Sentence]) -> list[Finding]:
    """What is taught, in the order of the text; shorter names for what we know ("heftruck rijden": heftruck)."""
    found = [one for sentence in hinting(sentences, _HINTS) for one in _of_sentence(text, sentence)]
    first: dict[object, Finding] = {}
    for one in found:
        if str(one.value):
            first.setdefault(str(one.value).casefold(), one)
    return list(first.values())


def _of_sentence(text: str, sentence: Sentence) -> Iterator[Finding]:
    for match in pattern(_TEACH_LIST).finditer(sentence.text):
        yield from _listed(sentence, match)
    for source, confidence in (
        (_TEACH_AFTER, CERTAIN), (_AFTER_LEARN, CERTAIN), (_NO_NEED_YET, CLEAR), (_LEARN_HERE, CLEAR), (_LEAD, CERTAIN),
    ):  # fmt: skip
        for match in pattern(source).finditer(sentence.text):
            yield from _finding(sentence, match.span(1), confidence)
    offered = sentence.section is Section.OFFERS or pattern(_OFFER).search(sentence.text)
    if offered and not pattern(_NOT_OFFERED).search(sentence.text):
        for source in (_COURSE, _STUDY, _COMPOUND):
            for match in pattern(source).finditer(sentence.text):
                yield from _finding(sentence, match.span(1), CLEAR)
        for match in pattern(_DIPLOMA).finditer(sentence.text):
            yield from _finding(sentence, match.span(1 if match[1] else 2), CLEAR)
    for match in pattern(_PAYS_IT).finditer(sentence.text):
        yield from _pointed_at(text, sentence, match)


def _listed(sentence: Sentence, match: re.Match[str]) -> Iterator[Finding]:
    """Each of "banket afwerken en taarten maken"; what follows the list, such as "in drie weken", is no item."""
    end = pattern(_LIST_END).search(sentence.text, match.start(1), match.end(1))
    begin, stop = match.start(1), end.start() if end else match.end(1)
    for comma in [*pattern(r"\s*,\s*|\s+en\s+").finditer(sentence.text, begin, stop), None]:
        until = comma.start() if comma else stop
        if begin < until:
            yield from _finding(sentence, (begin, until), CERTAIN)
        begin = comma.end() if comma else stop


def _finding(sentence: Sentence, span: tuple[int, int], confidence: float) -> Iterator[Finding]:
    value = tidy(sentence.text[span[0] : span[1]])
    if pattern(_NOT_TAUGHT).match(value):
        return
    if pattern(_NOTHING_NAMED).match(value):
        value, confidence = THE_TRADE, WEAK
    if len(value) > 2:
        yield Finding(
            ReadField.TRAINING_OFFERED,
            _short(value),
            sentence.start + span[0],
            sentence.start + span[1],
            confidence,
            required=False,
        )


def _short(value: str) -> str:
    """The name that a certificate's training goes by, when the words name one."""
    for name, short, _, written in certificates():
        if not name:
            continue
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
    named = [
        (hit.end(), one.short or short_name(tidy(hit[0].lower())))
        for one in known
        for hit in one.written.finditer(window)
    ]
    if named:
        at = start, sentence.start + match.end()
        yield Finding(ReadField.TRAINING_OFFERED, max(named)[1], *at, LIKELY, required=False)
