"""What Kansrijk keeps: records with their history, outcomes, shortlists, cached vectors. The only room with SQL."""

from core.store.columns import EventColumns
from core.store.desk import Desk, ShortlistLine, Tally, VacancyLine, folded, text_key
from core.store.happenings import HistoryStamp
from core.store.people import StandsOn, TalentLine
from core.store.store import MAX_PAGE, Store
from core.store.values import (
    Change,
    ChangeKind,
    CoursePage,
    CourseStamp,
    ErasureReport,
    KeptShortlist,
    PutOutcome,
    Stored,
    VacancyOwner,
)

__all__ = [
    "MAX_PAGE",
    "Change",
    "ChangeKind",
    "CoursePage",
    "CourseStamp",
    "Desk",
    "ErasureReport",
    "EventColumns",
    "HistoryStamp",
    "KeptShortlist",
    "PutOutcome",
    "ShortlistLine",
    "StandsOn",
    "Store",
    "Stored",
    "TalentLine",
    "Tally",
    "VacancyLine",
    "VacancyOwner",
    "folded",
    "text_key",
]
