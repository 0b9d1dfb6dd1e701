"""Where the work is, and how one gets there."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Self

from core.records import Place
from core.vocabulary import Transport
from ranking.reading.findings import CERTAIN, GUESS, LIKELY, WEAK, Finding, ReadField
from ranking.reading.lexicon import pattern, words
from ranking.reading.passages import Sentence, hinting
from ranking.reading.stance import Stance, stance_of

MAX_AREAS_SURE, MAX_AREAS_LIKELY = 3, 12  # postcode areas of a place of which the first still says where it is

_POSTCODE = r"(?<!\d)(?<!€ )([1-9]\d{3})\s?([A-Z]{2})(?![\w])"
_DIGITS = r"\bpostcode(?:gebied)?\s*:?\s*([1-9]\d{3})\b"
_BEFORE = (
    r"\b(?:in|te|bij|nabij|rond|omgeving|regio|naar|vanuit|uit|waar|werkgebied|haven\s+van|plaats|standplaats|locatie|vestiging|werkplek"
    r"|op|aan|omgeving\s+van"
    r"|buurt\s+van)\s*:?\s+(?:de\s+|het\s+|onze\s+|ons\s+)?(?:station\s+)?"
)
_NAME = (
    r"(?:(?:'[st]|[dD]e|[dD]en|[hH]et)[\s-])?[^\W\d_][\w'’-]*(?:[\s-](?:aan|den|de|en|op|ter|van|[^\W\d_][\w'’]*)){0,4}"
)

_PICKED_UP = (
    r"\b(?:vervoer|opstappen|bus|busje|pendel\w*|rijden|rijdt)\s+(?:\w+\s+)?(?:vanaf|vanuit)\s+"
    r"(?:(?:station|metro|rotterdam)\s+){0,2}$"
)

_WAYS: tuple[tuple[str, tuple[Transport, ...], bool], ...] = (
    (r"\beigen\s+auto\b|\bin\s+het\s+bezit\s+van\s+een\s+auto\b|\bauto\s+(?:is\s+)?(?:vereist|noodzakelijk|nodig)\b",
     (Transport.CAR,), True),
    (r"\beigen\s+(?:vervoer|transport)\b", (Transport.CAR, Transport.MOPED, Transport.MOTORCYCLE), True),
    (r"\beigen\s+fiets\b(?:\s+of\s+(?P<moped>brommer|scooter))?|\bfiets\s+(?:is|heb\s+je)\s+(?:wel\s+)?nodig\b",
     (Transport.BICYCLE,), True),
    (r"\b(?:hebt|heb\s+je)\s+(?:wel\s+)?een\s+fiets\b(?:\s+of\s+(?P<moped>brommer|scooter))?(?=\s+nodig)",
     (Transport.BICYCLE,), True),
    (r"\bwel\s+een\s+(?:\(?elektrische\)?\s+)?fiets\b", (Transport.BICYCLE,), True),
    (r"\bmet\s+de\s+(?:\w+\s+of\s+(?:de\s+)?)?fiets\b|\bfietsafstand\b|\bminuten\s+fietsen\b",
     (Transport.BICYCLE,), False),
    (r"\b(?:metro|openbaar\s+vervoer|ov|trein|bus\s+stopt|bus\s+\d+|tram|busstation|metrostation)\b",
     (Transport.PUBLIC_TRANSPORT,), False),
    (r"(?:\bbij|\bvan|\bnaast)\s+station\b",
     (Transport.PUBLIC_TRANSPORT,), False),
    (r"\b(?:met\s+de|per)\s+auto\b|\bparkeren\b", (Transport.CAR,), False),
)  # fmt: skip
_REACH = (
    r"\b(?:bereik\w*|kom\s+je|komt|naast|minuten|halte|station|stopt|lopen|fiets\w*|reis\w*|parkeren"
    r"|handigst|dichtbij|deur|vlak\s?bij|loopafstand|stap)\b"
)
_HINTS = ("auto", "vervoer", "transport", "fiets", "metro", "ov", "trein", "bus", "tram", "station", "parkeren")
_NO_REACH = r"\b(?:niet|slecht|moeilijk|lastig)\s+(?:goed\s+)?(?:met|per|via|te\s+bereik|bereik)"


def find_transport(sentences: list[Sentence]) -> list[Finding]:
    """Ways to travel: required when the text demands one's own, else a hint of what is handy.

    Of several required ways one is enough (contract: ``transport_required``).
    """
    found: dict[tuple[object, bool], Finding] = {}
    for sentence in hinting(sentences, _HINTS):
        for source, ways, own in _WAYS:
            for match in pattern(source).finditer(sentence.text):
                for one in _travel(sentence, match, ways, own=own):
                    found.setdefault((one.value, one.required), one)
    hard = {value for value, required in found if required}
    return [one for one in found.values() if one.required or one.value not in hard]


def _travel(sentence: Sentence, match: re.Match[str], ways: tuple[Transport, ...], *, own: bool) -> Iterator[Finding]:
    at = sentence.start + match.start(), sentence.start + match.end()
    if not own:
        around = sentence.text[max(0, match.start() - 60) : match.end() + 40]
        if pattern(_REACH).search(around) and not pattern(_NO_REACH).search(around):
            yield from (Finding(ReadField.TRANSPORT, str(way), *at, LIKELY, required=False) for way in ways)
        return
    stance = stance_of(sentence, *match.span())
    if stance in {Stance.NOT_NEEDED, Stance.TAUGHT}:
        return
    hard = stance is not Stance.LIKED
    confidence = LIKELY if stance is Stance.PRESUMED else CERTAIN
    if match.groupdict().get("moped"):
        ways = (*ways, Transport.MOPED)
    yield from (Finding(ReadField.TRANSPORT, str(way), *at, confidence, required=hard) for way in ways)


@dataclass(frozen=True, slots=True)
class Towns:
    """A book of places by town, made once: to go through all places for each text would take longer than to read it.

    Attributes:
        postcodes: four digits, by the folded name of the town.
        first_words: of those names.
    """

    postcodes: Mapping[str, Sequence[str]]
    first_words: frozenset[str]

    @classmethod
    def of(cls, places: Iterable[Place]) -> Self:
        """Groups places by town, in their order."""
        postcodes: dict[str, list[str]] = {}
        for place in places:
            postcodes.setdefault(place.place.casefold(), []).append(place.postcode)
        return cls(postcodes, frozenset(_first_word(name) for name in postcodes))


def _first_word(name: str) -> str:
    return re.split(r"[\s-]", name, maxsplit=1)[0]


def find_postcode(text: str, towns: Towns | None) -> list[Finding]:
    """The postcode of the work: written out, else of a neighbourhood of the region, else of a place in the book.

    Args:
        text: the whole text.
        towns: postcodes by town; of a town with many postcodes the first stands for all, less surely the more there
            are.
    """
    small = text.lower()
    for match in pattern(_DIGITS).finditer(text) if "postcode" in small else ():
        return [Finding(ReadField.POSTCODE, match[1], match.start(1), match.end(1), CERTAIN)]
    for match in _postcode().finditer(text):
        return [Finding(ReadField.POSTCODE, match[1] + match[2], *match.span(), CERTAIN)]
    named = any(name in small for name in words()["neighbourhoods"])  # quicker than a pattern that does not match
    for match in _neighbourhood().finditer(text) if named else ():
        if pattern(_PICKED_UP).search(text[max(0, match.start() - 30) : match.start()]):
            continue
        pc4 = words()["neighbourhoods"][" ".join(match[0].lower().split())]
        return [Finding(ReadField.POSTCODE, pc4, *match.span(), LIKELY)]
    return _named_place(text, towns) if towns else []


@cache
def _postcode() -> re.Pattern[str]:
    return re.compile(_POSTCODE)  # with case: "2025 en" is no postcode


@cache
def _neighbourhood() -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in sorted(words()["neighbourhoods"], key=len, reverse=True))
    return pattern(rf"(?<![\w-])(?:{names})(?![\w-])")


def _named_place(text: str, towns: Towns) -> list[Finding]:
    """The first place of the book that the text names behind a word such as "in" or "standplaats"."""
    candidates = _place_candidates(text, towns)
    if not candidates:
        return []
    areas = {name: towns.postcodes[name] for name in candidates if name in towns.postcodes}
    if not areas:
        return []
    name = min(areas, key=lambda known: (candidates[known][0], -len(known)))
    count = len(areas[name])
    confidence = LIKELY if count <= MAX_AREAS_SURE else WEAK if count <= MAX_AREAS_LIKELY else GUESS
    return [Finding(ReadField.POSTCODE, min(areas[name]), *candidates[name], confidence)]


def _place_candidates(text: str, towns: Towns) -> dict[str, tuple[int, int]]:
    """Names that could be places, folded, with where each stands first: every head of every stretch of name words."""
    found: dict[str, tuple[int, int]] = {}
    for before in pattern(_BEFORE).finditer(text):
        match = _name().match(text, before.end())
        if match is None or _first_word(match[0].casefold()) not in towns.first_words:
            continue
        ends = [end.start() for end in pattern(r"(?=[\s-]|$)").finditer(match[0] + " ") if end.start()]
        for end in ends:
            written = match[0][:end]
            # Small "best" or "made" is a word; a long name in small letters is likely a place after all.
            if written and (written[0].isupper() or written[0] == "'" or len(written) >= 6):
                found.setdefault(written.casefold(), (match.start(), match.start() + end))
    return found


@cache
def _name() -> re.Pattern[str]:
    return re.compile(_NAME)
