"""Hours per week, and whether they are irregular."""

import re
from collections.abc import Callable, Iterator

from ranking.reading.findings import CERTAIN, CLEAR, LIKELY, WEAK, Finding, ReadField
from ranking.reading.lexicon import number_of, pattern
from ranking.reading.passages import Sentence, hinting

MAX_HOURS = 60.0  # above this it is no working week
FULL_TIME = (36.0, 40.0)  # what "fulltime" means without a number
DAY_HOURS = 8.0
PART_OF_DAY_HOURS = (3.0, 4.0)  # a morning, afternoon or evening

_N = r"(?<![\d.,:€/-])(?<!€ )(\d{1,2}(?:[.,]5)?)(?![.,:]?\d)"
_M = r"(\d{1,2}(?:[.,]5)?)(?![.,:]?\d)"  # the second of two numbers
_UNIT = r"\s*-?(?:uur|uren|u|hours)\b"
_WEEKLY = r"\s*(?:per|in\s+de|p/|p\.?)\s*w(?:eek|k)?\b"
_BOTH = rf"\bmin(?:imaal|\.)?\s*{_N}(?:{_UNIT})?\W{{0,3}}(?:en|tot)?\s*max(?:imaal|\.)?\s*{_N}{_UNIT}"
_LIST = rf"{_N},\s*{_M}\s*(?:,|of|en)\s*{_M}{_UNIT}"
_RANGE = rf"{_N}(?:{_UNIT})?\s*(?:tot(?:\s+en\s+met|\s+max\w*\.?)?|t/m|[-–/à]|of|en)\s*{_M}{_UNIT}"
_SHIFTS = (
    rf"\b({{number}})\s+(?:dagen|diensten|dag|ochtenden|middagen|avonden)(?:{_WEEKLY})?\s+(?:van|à|x)\s+{_N}{_UNIT}"
)
_SHIFTS_IN_WORDS = (
    r"\b({number})\s+(?:werk)?(?:dagen|diensten|ochtenden|middagen|avonden)(?:\s+per\s+week)?"
    r"\s+van\s+({number})\s+uur\b"
)
_GROWING = rf"{_N}{_UNIT}[^.;]{{0,30}}\b(?:opbouwen|uitbreiden|groeien)\s+(?:naar|tot)\s*{_M}{_UNIT}"
_LEAST = rf"\b(?:min(?:imaal|\.)?|ten\s+minste|minstens|vanaf)\s*{_N}{_UNIT}"
_MOST = rf"\b(?:max(?:imaal|\.)?|ten\s+hoogste|hooguit)\s*{_N}{_UNIT}"
_WEEK = rf"{_N}\s*-?urige\s+werkweek"
_ONE = rf"{_N}{_UNIT}"
_CALL = r"\b(?:0|nul)\s*-?\s*uren|\boproep(?:basis|kracht(?:en)?|contract)\b"
_ANY_SIZE = r"\bfull-?\s?time\s*(?:/|of|en|-)\s*part-?\s?time\b|\bpart-?\s?time\s*(?:/|of|en|-)\s*full-?\s?time\b"
_FULL = r"\bfull\s?-?time\b"
_FTE = r"\b(0[.,]\d{1,2}|1)\s*fte\b"
_DAYS = r"\b({number})\s+(?:werk)?dagen(?=\s+per\s+week|\s+in\s+de\s+week|\s+werken|[,.]|$)"
_PARTS = r"\b({number})\s+(?:ochtenden|middagen|avonden|dagdelen)\b"

_CLOCK_BEFORE = (
    r"\b(?:om|vanaf|tot|tussen|rond|na)(?:\s+(?:ongeveer|circa|ca\.?|uiterlijk))?\s*$|[.:]\d\d\s*(?:-|tot|en)\s*$"
)
_SPAN_BEFORE = r"\b(?:van|tussen|werktijden|vanaf|openingstijden)\W*$"
_NOT_A_WEEK = (
    r"^\s*(?:per\s+(?:dag|maand|jaar|dienst|nacht|kwartaal)|p\.?m\.?\b|pauze|vrij|vakantie|bereikbaar|reis|rijden|onderweg"
    r"|tot|bellen|mailen|reageren|binnen|'s\s+(?:nachts|ochtends|morgens|avonds|middags)|les|school|begeleiding|service|zorg|open|ben\s+je)"
)
_NOT_A_WEEK_BEFORE = (
    r"\b(?:diensten\s+van(?:\s+gemiddeld)?|reistijd(?:\s+van)?(?:\s+maximaal)?|binnen|elke|iedere|om\s+de)\s*$"
)


def find_hours(sentences: list[Sentence]) -> list[Finding]:
    """The hours per week: of all ways in which the text says them, the surest, and of equals the first."""
    every = [found for sentence in sentences for found in _said(sentence)]
    if not every:
        return []
    confidence, start, end, low, high = max(every, key=lambda found: (found[0], -found[1]))
    bounds = ((ReadField.HOURS_MIN, low), (ReadField.HOURS_MAX, high))
    return [Finding(field, hours, start, end, confidence) for field, hours in bounds if hours is not None]


Bounds = tuple[float | None, float | None]  # least, most
Said = tuple[float, int, int, float | None, float | None]  # confidence, start, end, least, most


def _said(sentence: Sentence) -> Iterator[Said]:
    """Every reading of one sentence; a number that one pattern has read is not read again by a looser one."""
    digits = pattern(r"\d\s*-?(?:u|hours)").search(sentence.text) is not None
    if not digits and not sentence.hints(_HINTS):
        return
    taken: list[tuple[int, int]] = []
    for source, words, convert, confidence in _READERS:
        if (not digits and source in _NUMERIC) or not sentence.hints(words):
            continue
        for match in pattern(source).finditer(sentence.text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            taken.append(match.span())
            weekly = pattern(rf"^{_WEEKLY}").match(sentence.text[match.end() : match.end() + 20])
            low, high = convert(match)
            if _is_clock(sentence.text, match, weekly=weekly is not None, source=source):
                continue
            if max(low or 0.0, high or 0.0) <= MAX_HOURS and (low is None or high is None or low <= high):
                at = sentence.start + match.start(), sentence.start + match.end() + (weekly.end() if weekly else 0)
                yield CERTAIN if weekly and confidence >= LIKELY else confidence, *at, low, high


def _is_clock(text: str, match: re.Match[str], *, weekly: bool, source: str) -> bool:
    """Whether the number is a time of day or the length of something else than a week."""
    if source not in _NUMERIC:
        return False
    before, after = text[max(0, match.start() - 40) : match.start()], text[match.end() : match.end() + 20]
    if pattern(_NOT_A_WEEK).search(after) or pattern(_NOT_A_WEEK_BEFORE).search(before):
        return True
    if weekly:
        return False
    if source == _RANGE:
        return float(match[1].replace(",", ".")) <= 12 and bool(pattern(_SPAN_BEFORE).search(before))
    if source == _LEAST:
        return match[0].lower().startswith("vanaf")
    return source == _ONE and bool(pattern(_CLOCK_BEFORE).search(before))


def _number(written: str) -> float:
    return float(written.replace(",", "."))


def _range(match: re.Match[str]) -> tuple[float, float]:
    return _number(match[1]), _number(match[match.lastindex or 1])


def _shifts(match: re.Match[str]) -> tuple[float, float]:
    hours = number_of(match[1]) * _number(match[2])
    return hours, hours


def _shifts_in_words(match: re.Match[str]) -> tuple[float, float]:
    hours = float(number_of(match[1]) * number_of(match[2]))
    return hours, hours


def _days(match: re.Match[str]) -> tuple[float, float]:
    hours = number_of(match[1]) * DAY_HOURS
    return hours, hours


def _parts(match: re.Match[str]) -> tuple[float, float]:
    return number_of(match[1]) * PART_OF_DAY_HOURS[0], number_of(match[1]) * PART_OF_DAY_HOURS[1]


_NUMERIC = frozenset({_LIST, _RANGE, _LEAST, _MOST, _ONE})
_ALWAYS = ("",)
# Pattern, words of which one must be there before it is tried, what it says, how sure that is; strictest first.
_READERS: tuple[tuple[str, tuple[str, ...], Callable[[re.Match[str]], Bounds], float], ...] = (
    (_CALL, ("oproep", "uren"), lambda _: (0.0, None), LIKELY),
    (_BOTH, ("max",), _range, CERTAIN),
    (_LIST, (",",), _range, CLEAR),
    (_SHIFTS, (" van ", " x ", "à"), _shifts, CLEAR),
    (_SHIFTS_IN_WORDS, (" van ",), _shifts_in_words, CLEAR),
    (_GROWING, ("opbouwen", "uitbreiden", "groeien"), _range, CLEAR + 0.05),
    (_RANGE, _ALWAYS, _range, CLEAR + 0.05),
    (_LEAST, ("min", "vanaf"), lambda match: (_number(match[1]), None), CLEAR),
    (_MOST, ("max", "hoog"), lambda match: (None, _number(match[1])), CLEAR),
    (_WEEK, ("urige",), _range, CERTAIN),
    (_ONE, _ALWAYS, _range, CLEAR),
    (_FTE, ("fte",), lambda match: (_number(match[1]) * FULL_TIME[1], _number(match[1]) * FULL_TIME[1]), WEAK),
    (_ANY_SIZE, ("time",), lambda _: (None, FULL_TIME[1]), LIKELY),
    (_FULL, ("time",), lambda _: FULL_TIME, LIKELY),
    (_PARTS, ("ochtend", "middag", "avond", "dagdel"), _parts, WEAK),
    (_DAYS, ("dagen",), _days, WEAK),
)

_HINTS = ("uren", "time", "dag", "diensten", "avonden", "middagen", "ochtenden", "oproep")

_IRREGULAR = (
    r"\b(?:(?:\w+-?)?ploegen(?:dienst\w*|rooster)?|\d\s+ploegen|weekend\w*|nachtdienst\w*|nacht(?:en|s)?|avond(?:en|s|dienst\w*)?"
    r"|(?:vrijdag|donderdag|koop)avond\w*|onregelmatig\w*|wissel(?:dienst\w*|ende\s+(?:diensten|tijden|werktijden))"
    r"|diensten\s+wisselen|zaterdag\w*|zondag\w*|feestdagen|storingsdienst\w*|piketdienst\w*|consignatie\w*"
    r"|buiten\s+kantoor(?:uren|tijden)|vroege\s+en\s+late|t/m\s+z[oa]|vroeg/laat)\b"
)
_REGULAR = (
    r"(?<!buiten )\b(?:kantoor(?:uren|tijden)|dagdienst(?:en)?|doordeweeks|overdag"
    r"|ma(?:andag)?\s*(?:t/m|tot\s+en\s+met|-|tot)\s*vr(?:ijdag)?)\b"
)
_ROSTER_HINTS = (
    "ploeg", "weekend", "nacht", "avond", "regelmatig", "wissel", "zaterdag", "zondag", "dag", "dienst", "consignatie",
    "kantoor", "vroeg", "t/m", "ma", "doordeweeks",
)  # fmt: skip
_REFUSED = r"\b(?:geen|nooit|zonder|niet(?:\s+in\s+het)?|nimmer)\b[^.,;]{0,30}$"
_REFUSED_AFTER = (
    r"^\s*(?:vrij\b|(?:hebben|doen|kennen|draaien|werken)\s+(?:we|wij)\s+(?:er\s+)?niet|hoef|zijn\s+(?:we|wij)\s+(?:dicht|gesloten)"
    r"|niet\b|(?:en\s+in\s+het\s+weekend\s+)?ben\s+je\s+vrij)"
)


def find_irregular(sentences: list[Sentence]) -> list[Finding]:
    """Whether there is work in shifts, evenings, nights or weekends; one yes weighs more than any no."""
    yes: list[Finding] = []
    no: list[Finding] = []
    for sentence in hinting(sentences, _ROSTER_HINTS):
        for match in pattern(_IRREGULAR).finditer(sentence.text):
            before, after = sentence.text[: match.start()], sentence.text[match.end() : match.end() + 40]
            refused = pattern(_REFUSED).search(before) or pattern(_REFUSED_AFTER).search(after)
            (no if refused else yes).append(_irregular(sentence, match, found=not refused, confidence=CLEAR))
        no += [
            _irregular(sentence, match, found=False, confidence=LIKELY)
            for match in pattern(_REGULAR).finditer(sentence.text)
        ]
    return (yes or sorted(no, key=lambda found: -found.confidence))[:1]


def _irregular(sentence: Sentence, match: re.Match[str], *, found: bool, confidence: float) -> Finding:
    start = sentence.start + match.start()
    return Finding(ReadField.IRREGULAR_HOURS, found, start, start + len(match[0]), confidence, required=found)
