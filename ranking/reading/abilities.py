"""Skills that a text names outright: what one must know or be able to, deeds as nouns, errands."""

from collections.abc import Iterator

from ranking.reading.findings import CERTAIN, CLEAR, LIKELY, Finding, ReadField, tidy
from ranking.reading.infinitives import ARTICLES, is_infinitive, is_separable
from ranking.reading.lexicon import pattern
from ranking.reading.passages import Section, Sentence
from ranking.reading.stance import Stance, stance_of

_ASKED_NOUN = (
    r"\b(?:(?:werk)?ervaring\s+(?:met|in|op\s+het\s+gebied\s+van)|kennis\s+van|vaardig\w*\s+(?:met|in)"
    r"|handig\s+(?:in|met)"
    r"|bekend\s+met|affiniteit\s+met)\s+(?:(?:het|de|een|gebruik\s+van)\s+)*"
)
_NOUN = (
    r"(?:[^\W_][\w'’&+/.-]*)(?:\s+(?!(?:is|zijn|en|of|met|maar|die|dat|vereist|gewenst|heb|in"
    r"|bij)\b)[^\W_][\w'’&+/-]*){0,4}"
)
_CAN = (
    r"\b(?:je\s+kunt|kunt|je\s+kan)\s+(?:goed\s+|snel\s+|netjes\s+"
    r"|zelfstandig\s+)?([^,.;:!?]{3,60}?)(?=[,.;:!?]|\s+en\s|$)"
)
# Able to, said otherwise: "zorg dat je goed met de computer kunt omgaan", "je moet kunnen tillen".
_THAT_YOU_CAN = (
    r"\bdat\s+je\s+(?:goed\s+|snel\s+|netjes\s+|zelfstandig\s+)*([^,.;:!?]{0,50}?)\s*\bkunt\s+(\w+en|omgaan)\b"
)
_MUST_BE_ABLE = r"\bmoet\s+(?:[\w'’]+\s+){0,3}?kunnen\s+(\w+en)\b"
_ABLE = frozenset({"werken", "halen", "starten", "beginnen", "zijn", "krijgen", "hebben", "leven", "komen", "worden"})
# "het verwerken van bankmutaties": a deed as a noun, and what it is done to.
_DEED = (
    r"\bhet\s+([a-zë]+en)\s+van\s+((?:de\s+|het\s+|een\s+)?[^,.;:!?]{2,50}?)"
    r"(?=\s+en\s+(?:het|de)\s|[,.;:!?]|\s+en\s+\w+en\s+van\b|$)"
)
_ERRAND = r"\bom\s+([^.;:!?]{3,120})"
_TO_DO = r"^(?P<what>.*?)\s*\b(?:(?P<particle>[a-zë]+)\s+)?te\s+(?P<verb>[a-zë]+n)$"
_GOES_OUT = (
    r"\b(?:langs|op\s+pad|op\s+weg|naar\s+(?:klanten|mensen|bedrijven)|bij\s+(?:klanten|mensen)|samen)\b[^.;:!?]{0,60}$"
)


def abilities(sentence: Sentence) -> Iterator[Finding]:
    """Experience with, knowledge of, being able to."""
    if sentence.hints(("ervaring", "kennis", "vaardig", "handig", "bekend", "affiniteit")):
        yield from _known(sentence)
    if sentence.hints(("kunt", "kan ", "kunnen")):
        yield from _able(sentence)


def _known(sentence: Sentence) -> Iterator[Finding]:
    for match in pattern(_ASKED_NOUN).finditer(sentence.text):
        noun = pattern(_NOUN).match(sentence.text, match.end())
        if noun is None or pattern(r"\b(?:taal|nederlands\w*|engels\w*|duits\w*)\b").search(noun[0]):
            continue
        stance = stance_of(sentence, match.start(), noun.end())
        if stance in {Stance.NOT_NEEDED, Stance.TAUGHT}:
            continue
        hard = stance in {Stance.ASKED, Stance.PRESUMED}
        confidence = LIKELY if stance is Stance.PRESUMED else CERTAIN
        yield skill(sentence, noun.start(), noun.end(), noun[0], confidence, hard=hard)


def _able(sentence: Sentence) -> Iterator[Finding]:
    if pattern(r"\b(?:leren|leer)\b").search(sentence.text):
        return
    for match in pattern(_CAN).finditer(sentence.text):
        last = match[1].split()[-1].lower()
        if is_infinitive(last) and last not in _ABLE:
            yield skill(sentence, match.start(1), match.end(1), match[1], CLEAR)
    for match in pattern(_THAT_YOU_CAN).finditer(sentence.text):
        if match[2].lower() not in _ABLE and (is_infinitive(match[2].lower()) or match[2].lower() == "omgaan"):
            yield skill(sentence, match.start(), match.end(), f"{match[1]} {match[2]}", CLEAR)
    for match in pattern(_MUST_BE_ABLE).finditer(sentence.text):
        if match[1].lower() not in _ABLE:
            yield skill(sentence, match.start(1), match.end(1), match[1], CLEAR)


def named_deeds(sentence: Sentence) -> list[Finding]:
    """Reads "het verwerken van bankmutaties" as "bankmutaties verwerken", where tasks are listed."""
    if sentence.section is not Section.TASKS and not sentence.hints(("bestaan uit", "verantwoordelijk voor", "houd")):
        return []
    return [
        skill(sentence, match.start(1), match.end(), f"{_bare(match[2])} {match[1].lower()}", CLEAR)
        for match in pattern(_DEED).finditer(sentence.text)
        if is_infinitive(match[1].lower())
    ]


def errands(sentence: Sentence) -> Iterator[Finding]:
    """Reads "je gaat langs bij klanten om ketels te onderhouden en storingen op te lossen"."""
    if not sentence.hints(("om ",)) or not sentence.hints((" te ",)):
        return
    for errand in pattern(_ERRAND).finditer(sentence.text):
        if not pattern(_GOES_OUT).search(sentence.text[: errand.start()]):
            continue
        begin = errand.start(1)
        for piece in pattern(r"(.+?)(?:\s*,\s*|\s+en\s+|$)").finditer(sentence.text, begin, errand.end(1)):
            deed = pattern(_TO_DO).match(piece[1].strip())
            if deed is None:
                continue
            joined = (deed["particle"] or "") + deed["verb"]
            if deed["particle"] and is_separable(deed["particle"].lower(), deed["verb"].lower()):
                value = f"{_bare(deed['what'])} {joined}"
            elif is_infinitive(deed["verb"]):
                value = f"{_bare(' '.join(filter(None, (deed['what'], deed['particle']))))} {deed['verb']}"
            else:
                continue
            yield skill(sentence, piece.start(1), piece.end(1), value, CLEAR)


def _bare(words: str) -> str:
    """Without the first article."""
    first, _, rest = words.strip().partition(" ")
    return rest if rest and first.lower() in ARTICLES else words.strip()


def skill(sentence: Sentence, start: int, end: int, value: str, confidence: float, *, hard: bool = True) -> Finding:
    """A reading of a skill, at a place in its sentence."""
    at = sentence.start + start, sentence.start + end
    return Finding(ReadField.SKILL, tidy(value), *at, confidence, required=hard)
