"""When the job starts, and when its contract ends."""

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta

from ranking.reading.findings import CERTAIN, CLEAR, GUESS, LIKELY, WEAK, Finding, ReadField
from ranking.reading.lexicon import number_of, pattern, words
from ranking.reading.passages import Sentence, hinting

PAST_DAYS = 45  # "vanaf 1 maart" read in April is this year's; read in June it is next year's
MAX_MONTHS = 60

_MONTH = "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december"
_DATE = (
    rf"(?:(?P<day>\d{{1,2}})e?\s+(?P<month>{_MONTH})(?:\s+(?P<year>20\d\d))?"
    r"|(?P<d>\d{1,2})[-/](?P<m>\d{1,2})[-/](?P<y>20\d\d)"
    rf"|(?P<part>begin|half|medio|eind)?\s*(?P<only>{_MONTH})(?:\s+(?P<only_year>20\d\d))?)\b"
)
_FROM = (
    r"\b(?:vanaf|per|met\s+ingang\s+van|ingaande(?:\s+op)?|ingangsdatum|startdatum|start(?:en)?(?:\s+(?:training|per|op|is))?"
    r"|beginnen\s+op|begint\s+op|je\s+start|je\s+begint|van)\s*:?\s*(?:op\s+|per\s+|de\s+|uiterlijk\s+)?"
)
_NOW = (
    r"\bper\s+(?:direct|omgaande)\b|\bz\.?s\.?m\b\.?|\bzo\s+(?:snel|spoedig)\s+mogelijk\b|\b(?:direct|meteen|gelijk)\s+(?:starten"
    r"|beginnen|beschikbaar|aan\s+de\s+slag)\b|\b(?:starten|beginnen)\s+kan\s+(?:direct|meteen)\b|\bmet\s+spoed\b"
)
_UNTIL = r"\b(?:tot(?:\s+en\s+met)?|t/m|eindigt\s+op|einddatum:?)\s+"
_PART_DAYS = {"half": 15, "medio": 15, "eind": 28}
_END_HINTS = ("tot ", "t/m", "eind", "maand", "jaar")
_LENGTH_HINTS = ("contract", "dienstverband", "aanstelling", "opdracht", "periode", "duur", "functie", "project")
_START_HINTS = (
    *_MONTH.split("|"), "direct", "omgaande", "z.s.m", "zsm", "mogelijk", "meteen", "gelijk", "spoed", "/20", "-20",
)  # fmt: skip
_LENGTH = (
    r"\b(?:contract|dienstverband|aanstelling|opdracht|periode|duur|functie|project)\b[^.,;\d]{0,30}?"
    r"\b(?P<n>half|anderhalf|{number})\s+(?P<unit>maand(?:en)?|jaar)\b"
)
_NAMED_LENGTH = (
    r"\b(?:(?P<n>half|{number})?-?(?P<unit>jaar|maanden?)s?contract|(?P<word>\w+?)(?P<months>maanden)contract)\b"
)


def find_dates(sentences: list[Sentence], today: date) -> list[Finding]:
    """The start and the end of the contract.

    A length ("zes maanden") is counted from the start, the last day included: from 1 March to 31 August. Without a
    start it is counted from today, and that is a guess.
    """
    starts = sorted(
        (found for one in hinting(sentences, _START_HINTS) for found in _starts(one, today)),
        key=lambda found: found.start,
    )
    begin = starts[0] if starts else None
    ends = [found for one in hinting(sentences, _END_HINTS) for found in _ends(one, begin, today)]
    end = max(ends, key=lambda found: (found.confidence, -found.start), default=None)
    return [found for found in (begin, end) if found is not None]


def _starts(sentence: Sentence, today: date) -> Iterator[Finding]:
    for match in pattern(_NOW).finditer(sentence.text):
        yield _finding(ReadField.STARTS_ON, today, sentence, match, LIKELY)
    for match in pattern(_FROM + _DATE).finditer(sentence.text):
        day = _day(match, today - timedelta(days=PAST_DAYS))
        from_to = not match[0].lower().startswith("van ") or pattern(_UNTIL).match(
            sentence.text[match.end() :].lstrip()
        )
        if day is not None and from_to:
            yield _finding(ReadField.STARTS_ON, day, sentence, match, CERTAIN if match["day"] or match["d"] else LIKELY)


def _ends(sentence: Sentence, begin: Finding | None, today: date) -> Iterator[Finding]:
    begins = begin.value if begin is not None and isinstance(begin.value, date) else None
    for match in pattern(_UNTIL + _DATE).finditer(sentence.text):
        day = _day(match, begins or today)
        if day is None or day <= (begins or today):
            continue
        about = pattern(r"\bcontract|dienstverband|tijdelijk|duur|aanstelling|project\b").search(sentence.text)
        same = begin is not None and sentence.start <= begin.start < sentence.end
        if about or same:
            yield _finding(ReadField.CONTRACT_ENDS_ON, day, sentence, match, CLEAR)
    if not sentence.hints(_LENGTH_HINTS):
        return
    for source in (_LENGTH, _NAMED_LENGTH):
        for match in pattern(source).finditer(sentence.text):
            months = _months(match)
            if months is not None and 0 < months <= MAX_MONTHS:
                confidence = CLEAR if begins else GUESS
                last = _later(begins or today, months)
                yield _finding(ReadField.CONTRACT_ENDS_ON, last, sentence, match, confidence)


def _months(match: re.Match[str]) -> int | None:
    groups = match.groupdict()
    if groups.get("word"):
        known = words()["numbers"].get(groups["word"].lower())
        return int(known) if known else None
    written, unit = groups["n"], groups["unit"].lower()
    if written is None:
        return 12 if unit == "jaar" else None
    if written.lower() in {"half", "anderhalf"}:
        return 6 if written.lower() == "half" else 18
    return number_of(written) * (12 if unit == "jaar" else 1)


def _later(start: date, months: int) -> date:
    """The last day of so many months from a first day."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return date(year, month + 1, day) - timedelta(days=1)


def _day(match: re.Match[str], after: date) -> date | None:
    """The date written, without a year the first from ``after`` on. None when there is no such day."""
    months: dict[str, int] = words()["months"]
    if match["d"]:
        return _date(int(match["y"]), int(match["m"]), int(match["d"]))
    month = months[(match["month"] or match["only"]).lower()]
    part = (match["part"] or "").lower()
    day = int(match["day"]) if match["day"] else _PART_DAYS.get(part, 1)
    year = match["year"] or match["only_year"]
    if year:
        return _date(int(year), month, day)
    days = (_date(after.year + years, month, day) for years in (0, 1))
    return next((one for one in days if one is not None and one >= after), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _finding(field: ReadField, day: date, sentence: Sentence, match: re.Match[str], confidence: float) -> Finding:
    start = sentence.start + match.start()
    return Finding(field, day, start, start + len(match[0]), max(confidence, GUESS), required=confidence >= WEAK)
