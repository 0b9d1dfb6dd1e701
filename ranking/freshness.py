"""Whether a kept shortlist still answers the question that is asked today."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from core.records import Vacancy
from core.shortlists import Shortlist

FRESH_FOR: Final = timedelta(days=7)  # people come and go by the week; so long the list is a fair picture of them


class Staleness(StrEnum):
    """Why a new list would be better."""

    CHANGED = "changed"  # the vacancy is another than the one that was asked about
    OLD = "old"


def staleness(shortlist: Shortlist, vacancy: Vacancy | None, *, now: datetime) -> Staleness | None:
    """Why this list should be made again; None when it is still good.

    Args:
        shortlist: as it was given.
        vacancy: as it is stored now; None when it is not stored.
        now: the time of asking.
    """
    if vacancy is not None and vacancy.updated_at is not None and vacancy.updated_at > shortlist.created_at:
        return Staleness.CHANGED
    return Staleness.OLD if now - shortlist.created_at > FRESH_FOR else None
