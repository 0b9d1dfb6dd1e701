"""What Kansrijk keeps: records with their history, outcomes, shortlists, cached vectors. The only room with SQL."""

from core.store.columns import EventColumns
from core.store.store import MAX_PAGE, Store
from core.store.values import Change, ChangeKind, ErasureReport, KeptShortlist, PutOutcome, Stored

__all__ = [
    "MAX_PAGE",
    "Change",
    "ChangeKind",
    "ErasureReport",
    "EventColumns",
    "KeptShortlist",
    "PutOutcome",
    "Store",
    "Stored",
]
