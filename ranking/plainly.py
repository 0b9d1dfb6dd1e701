"""Numbers as a matchmaker reads them: how well something fits and how sure a chance is, without a figure.

The cuts stand here with their reasons. The words for them are the desk's (``api/desk/words/labels.toml``).
"""

from enum import StrEnum
from typing import Final

import numpy as np

from core.records import Talent, Vacancy
from core.shortlists import Retention
from core.vocabulary import Band, Transport
from ranking.retention import band
from ranking.travel import TRANSPORT_ORDER, travel_minutes

# From here on two phrases mean the same to a reader; below it, down to ``ranking.features.CLOSE``, they are kin. On the
# synthetic world, whose truth is known, people who come this near can do what is asked in about four cases of five,
# and those below in about half; nearly all of both can do something of the same family.
FITS_WELL_FROM: Final = 0.60
# Widths of the interval that holds eight times in ten. The middle band is 0.25 wide: an interval of under half of that
# seldom leaves its band, one nearly as wide as the band itself says little about which band it is.
SURE_BELOW: Final = 0.12
UNSURE_FROM: Final = 0.20
BARELY: Final = 0.05  # part of the whole list's range of scores below which two people stand equal to the eye


class Closeness(StrEnum):
    """How well what is offered meets what is asked."""

    GOOD = "good"
    FAIR = "fair"


class Certainty(StrEnum):
    """How sure an estimated chance is."""

    SURE = "sure"
    FAIR = "fair"
    UNSURE = "unsure"


class HoursFit(StrEnum):
    """How the hours of a job lie to those that someone wants."""

    FITS = "fits"
    MORE = "more"  # than wanted
    FEWER = "fewer"
    UNKNOWN = "unknown"


def closeness(similarity: float) -> Closeness:
    """In words, of a cosine that counts as a match."""
    return Closeness.GOOD if similarity >= FITS_WELL_FROM else Closeness.FAIR


def certainty(chance: Retention) -> Certainty:
    """In words, by the width of the interval."""
    width = round(chance.high - chance.low, 3)  # as it was given: three decimals
    if width < SURE_BELOW:
        return Certainty.SURE
    return Certainty.UNSURE if width >= UNSURE_FROM else Certainty.FAIR


def other_bands(chance: Retention) -> list[Band]:
    """The bands that it may turn out to be instead, as the ends of the interval say; the lower one first."""
    return [other for other in dict.fromkeys((band(chance.low), band(chance.high))) if other is not chance.band]


def hours_fit(talent: Talent, vacancy: Vacancy) -> HoursFit:
    """Whether the hours of a job overlap with those that someone wants, by the rule of :mod:`ranking.eligibility`."""
    if {vacancy.hours_min, vacancy.hours_max} == {None} or {talent.hours_min, talent.hours_max} == {None}:
        return HoursFit.UNKNOWN
    if _above(vacancy.hours_min, talent.hours_max):
        return HoursFit.MORE
    return HoursFit.FEWER if _above(talent.hours_min, vacancy.hours_max) else HoursFit.FITS


def _above(one: float | None, other: float | None) -> bool:
    """Whether it is known to be above; an open end reaches as far as needed."""
    return one is not None and other is not None and one > other


def fastest(km: float | None, talent: Talent) -> tuple[Transport, int] | None:
    """The quickest of someone's own ways to travel so far, and its minutes by :mod:`ranking.travel`'s model.

    Args:
        km: great-circle distance; None unknown.
        talent: who travels.

    Returns:
        None where the distance or the ways are unknown.
    """
    ways = np.array([way in (talent.transport or ()) for way in TRANSPORT_ORDER])
    if km is None or not ways.any():
        return None
    each = travel_minutes(np.full(len(ways), km), np.diag(ways))
    best = int(np.nanargmin(each))
    return TRANSPORT_ORDER[best], round(float(each[best]))
