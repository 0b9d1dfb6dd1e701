"""Certificates, driving licences and the level of education."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain, islice
from typing import NamedTuple

from ranking.reading.findings import CERTAIN, LIKELY, WEAK, Finding, ReadField, tidy
from ranking.reading.lexicon import pattern, words
from ranking.reading.passages import MAX_MENTIONS, Section, Sentence, hinting
from ranking.reading.stance import Stance, stance_of

_CONFIDENCE = {
    Stance.ASKED: CERTAIN,
    Stance.PRESUMED: LIKELY,
    Stance.LIKED: CERTAIN,
    Stance.WILLING: CERTAIN,
    Stance.TAUGHT: CERTAIN,
}
_HARD = frozenset({Stance.ASKED, Stance.PRESUMED})

_IN_PASSING = r"\b(?:volgens|werk\w*\s+met|richtlijn\w*|regels|conform)\s+(?:de\s+)?$"
_OR_EXPERIENCE = r"^[^.;]{0,25}\bof\s+(?:een\s+)?(?:(?:paar|aantal|\w+)\s+(?:jaar\s+)?)?(?:relevante\s+)?ervaring\b"
_CERTIFIED_FIRM = r"^[\s-]?(?:gecertificeerd|richtlijn|regels|normen)"

_CATEGORY = r"(?:C1E|D1E|AM|A1|A2|BE|C1|CE|D1|DE|A|B|C|D|T)"
_LICENCE = (
    rf"\b(?:rijbewijs\s*\(?\s*(?P<after>{_CATEGORY})(?:\s*[+/]\s*(?P<second>{_CATEGORY}))?\b\)?"
    rf"|(?P<before>{_CATEGORY})-?rijbewijs|(?P<named>(?:groot|vrachtwagen|bromfiets|brommer|scooter"
    rf"|trekker|tractor|motor|auto|aanhanger|aanhangwagen)"
    r"-?\s?rijbewijs)|(?P<bare>rijbewijs))(?!\w)"
)
# A second category of the sentence: "B is een vereiste, BE is een pré".
_ALSO = r"(?<![\w-])(?P<after>BE|C1|CE|C|D)(?=\s+(?:is|helemaal|ook)\b)(?P<second>)(?P<before>)(?P<named>)"
_NAMED = {
    "groot": "C", "vrachtwagen": "C", "bromfiets": "AM", "brommer": "AM", "scooter": "AM", "trekker": "T",
    "tractor": "T", "motor": "A", "auto": "B", "aanhang": "BE",
}  # fmt: skip

# Levels 1 to 6 as the exchange format counts work and thinking level: 1 basic or practical education, 2 vmbo or
# mbo-1, 3 mbo-2 or mbo-3, 4 mbo-4, havo or vwo, 5 hbo, 6 university. "mbo" alone is read as 3, the lower reading.
_EDUCATION = (
    (6, r"\bwo(?=[\s-](?:niveau|opleiding|werk|diploma|bachelor|master)|\s*(?:/|of)\s*hbo)|(?<=hbo/)wo\b|\buniversit"),
    (5, r"\bhbo(?:-?v)?\b"),
    (4, r"\bmbo\s?\+|\bmbo[\s-]*(?:niveau\s*)?4\b|\bhavo\b|\bvwo\b"),
    (3, r"\bmbo[\s-]*(?:niveau\s*)?[23]\b"),
    (2, r"\bvmbo\b|\bmavo\b|\blbo\b|\bmbo[\s-]*(?:niveau\s*)?1\b|\bentree-?opleiding"),
    (1, r"\bpraktijkonderwijs\b|\bpraktijkschool\b|\bbasisonderwijs\b|\bvso\b"),
)  # fmt: skip
_EDUCATION_HINTS = ("bo", "wo", "mavo", "havo", "univ", "acad", "praktijk", "onderwijs", "vso", "entree")
_PLAIN_MBO = r"\bmbo\b(?!\s?\+|[\s-]*(?:niveau\s*)?\d)"


class Certificate(NamedTuple):
    """A certificate: its name, how training for it is called, words that hint at it, and how it is written."""

    name: str
    short: str
    hints: tuple[str, ...]
    written: re.Pattern[str]


@cache
def certificates() -> tuple[Certificate, ...]:
    """The certificates we know, the longer names first."""
    return tuple(
        Certificate(
            entry["name"], entry["short"], tuple(entry["hints"]), pattern(rf"(?<![\w-])(?:{entry['pattern']})(?!\w)")
        )
        for entry in words()["certificate"]
    )


def find_certificates(sentences: list[Sentence]) -> list[Finding]:
    """Certificates, and the training that the employer gives for them.

    One that the employer teaches or pays, or that may be got later, is not required.
    """
    whole = "\n".join(sentence.text for sentence in sentences).lower()
    known = [one for one in certificates() if any(hint in whole for hint in one.hints)]
    found = [finding for sentence in sentences for finding in _certificates(sentence, known)]
    return [one for one in found if one.field is ReadField.TRAINING_OFFERED] + _one_each(found, ReadField.CERTIFICATE)


def _certificates(sentence: Sentence, known: Sequence[Certificate]) -> Iterator[Finding]:
    taken: list[tuple[int, int]] = []
    for name, short, hints, written in known:
        if not sentence.hints(hints):
            continue
        for match in islice(written.finditer(sentence.text), MAX_MENTIONS):
            start, end = match.span()
            if any(start < high and low < end for low, high in taken) or _in_passing(sentence, start, end):
                continue
            taken.append((start, end))
            called, training = (name, short) if name else _as_written(sentence.text[start:end])
            stance = stance_of(sentence, start, end)
            taught = stance is Stance.TAUGHT or (sentence.section is Section.OFFERS and stance is Stance.PRESUMED)
            at = sentence.start + start, sentence.start + end
            if taught:
                yield Finding(ReadField.TRAINING_OFFERED, training, *at, CERTAIN, required=False)
            if stance is not Stance.NOT_NEEDED:
                hard = stance in _HARD and not taught and not pattern(_OR_EXPERIENCE).match(sentence.text[end:])
                # Of a paper that is not in our list we do not know who else may call it what.
                confidence = _CONFIDENCE[stance] if name else min(_CONFIDENCE[stance], LIKELY)
                yield Finding(ReadField.CERTIFICATE, called, *at, confidence, required=hard)


def _as_written(words: str) -> tuple[str, str]:
    """A certificate that is not in our list, and how training for it is called: its name without "certificaat"."""
    name = tidy(words) if any(sign.isupper() for sign in words[1:]) else tidy(words.lower())
    return name, short_name(name)


def short_name(certificate: str) -> str:
    """How training for a certificate is called."""
    known = next((one.short for one in certificates() if one.name and one.name == certificate), None)
    return known or tidy(re.sub(r"-?(?:certificaat|diploma)$|^vakdiploma\s+", "", certificate)) or certificate


def _in_passing(sentence: Sentence, start: int, end: int) -> bool:
    before, after = sentence.text[max(0, start - 30) : start], sentence.text[end : end + 20]
    return bool(pattern(_IN_PASSING).search(before) or pattern(_CERTIFIED_FIRM).search(after))


def find_licences(sentences: list[Sentence]) -> list[Finding]:
    """Driving licences; "rijbewijs" without a category is B."""
    found: list[Finding] = []
    for sentence in hinting(sentences, ("rijbewijs",)):
        also = re.compile(_ALSO).finditer(sentence.text)
        for match in islice(chain(pattern(_LICENCE).finditer(sentence.text), also), MAX_MENTIONS):
            stance = stance_of(sentence, *match.span())
            at = sentence.start + match.start(), sentence.start + match.end()
            for category in _categories(match):
                if stance is Stance.TAUGHT:
                    value = f"rijbewijs {category}"
                    found.append(Finding(ReadField.TRAINING_OFFERED, value, *at, CERTAIN, required=False))
                elif stance is not Stance.NOT_NEEDED:
                    choice = pattern(r"^\s*(?:of|,)\s+(?:op\s+)?(?:de\s+|een\s+)?(?:e-bike|fiets|scooter)").search(
                        sentence.text[match.end() :]
                    )
                    hard = stance in _HARD and not choice
                    found.append(Finding(ReadField.LICENCE, category, *at, _CONFIDENCE[stance], required=hard))
    training = [one for one in found if one.field is ReadField.TRAINING_OFFERED]
    return training + _one_each(found, ReadField.LICENCE)


def _categories(match: re.Match[str]) -> list[str]:
    if match["named"]:
        return [next(category for word, category in _NAMED.items() if match["named"].lower().startswith(word))]
    named = [match[group].upper() for group in ("after", "second", "before") if match[group]]
    return named or ["B"]


def _one_each(found: list[Finding], field: ReadField) -> list[Finding]:
    """Each value once. What is optional anywhere is not required: one wrong demand costs someone a job."""
    best: dict[object, Finding] = {}
    for one in found:
        if one.field is field and (one.value not in best or (best[one.value].required and not one.required)):
            best[one.value] = one
    return list(best.values())


def find_education(sentences: list[Sentence]) -> list[Finding]:
    """The lowest level that is enough; asked for wins over liked."""
    found: list[Finding] = []
    for sentence in hinting(sentences, _EDUCATION_HINTS):
        for level, source in (*_EDUCATION, (3, _PLAIN_MBO)):
            for match in islice(pattern(source).finditer(sentence.text), MAX_MENTIONS):
                stance = stance_of(sentence, *match.span())
                if stance in {Stance.TAUGHT, Stance.NOT_NEEDED} or sentence.section is Section.OFFERS:
                    continue
                at = sentence.start + match.start(), sentence.start + match.end()
                confidence = WEAK if source == _PLAIN_MBO else _CONFIDENCE[stance]
                hard = stance in {Stance.ASKED, Stance.PRESUMED, Stance.WILLING}
                found.append(Finding(ReadField.EDUCATION_LEVEL, level, *at, confidence, required=hard))
    asked = [one for one in found if one.required] or found
    return [min(asked, key=lambda one: (one.value, one.start))] if asked else []
