"""Branches of industry: the sections of SBI 2008, by the first two digits of a code."""

import re
from bisect import bisect_right
from enum import StrEnum
from typing import Final


class Sector(StrEnum):
    """A section of SBI 2008 (Standaard Bedrijfsindeling, the Dutch NACE), by its letter."""

    AGRICULTURE = "A"
    MINING = "B"
    INDUSTRY = "C"
    ENERGY = "D"
    WATER = "E"
    CONSTRUCTION = "F"
    TRADE = "G"
    TRANSPORT = "H"
    HOSPITALITY = "I"
    INFORMATION = "J"
    FINANCE = "K"
    PROPERTY = "L"
    ADVICE = "M"
    SERVICES = "N"
    GOVERNMENT = "O"
    EDUCATION = "P"
    CARE = "Q"
    CULTURE = "R"
    OTHER_SERVICES = "S"
    HOUSEHOLDS = "T"
    INTERNATIONAL = "U"
    UNKNOWN = "unknown"
    """No code, or one that is none of SBI's."""


# The first and last division (two digits) of each section, in order.
_DIVISIONS: Final = (
    (1, 3), (5, 9), (10, 33), (35, 35), (36, 39), (41, 43), (45, 47), (49, 53), (55, 56), (58, 63), (64, 66), (68, 68),
    (69, 75), (77, 82), (84, 84), (85, 85), (86, 88), (90, 93), (94, 96), (97, 98), (99, 99),
)  # fmt: skip
_FIRSTS: Final = [first for first, _ in _DIVISIONS]
_SECTIONS: Final = tuple(Sector)
_LETTERS: Final = frozenset(sector.value for sector in _SECTIONS if len(sector.value) == 1)
_CODE: Final = re.compile(r"(\d{2})(?:\.?\d{1,2}){0,2}")


def sector_of(code: str | None) -> Sector:
    """The section of an SBI code.

    Args:
        code: such as ``81.21``, ``8121`` or ``N``; None or other text is unknown.
    """
    written = (code or "").strip()
    if written.upper() in _LETTERS:
        return Sector(written.upper())
    match = _CODE.fullmatch(written)
    if match is None:
        return Sector.UNKNOWN
    division = int(match[1])
    place = bisect_right(_FIRSTS, division) - 1
    inside = place >= 0 and division <= _DIVISIONS[place][1]
    return _SECTIONS[place] if inside else Sector.UNKNOWN
