"""Closed sets of the contract, parsed once at the edge, with the Dutch words that people read for them."""

from enum import IntEnum, StrEnum


class Transport(StrEnum):
    """How a talent can travel (UM: vervoermiddel)."""

    CAR = "car"
    MOPED = "moped"
    BICYCLE = "bicycle"
    MOTORCYCLE = "motorcycle"
    PUBLIC_TRANSPORT = "public_transport"
    OTHER = "other"


class Route(StrEnum):
    """The trajectory that brought a talent here."""

    SCHOOL_TO_WORK = "school_to_work"
    WORK_TO_WORK = "work_to_work"
    BACK_TO_WORK = "back_to_work"


class VacancyStatus(StrEnum):
    """Where a vacancy stands."""

    OPEN = "open"
    FILLED = "filled"
    WITHDRAWN = "withdrawn"


class EventKind(StrEnum):
    """What happened between a talent and a vacancy."""

    SHOWN = "shown"
    PROPOSED = "proposed"
    DECLINED = "declined"
    INTERVIEWED = "interviewed"
    PLACED = "placed"
    CHECKPOINT = "checkpoint"
    HOURS = "hours"
    ENDED = "ended"
    SUPPORT = "support"
    # Beyond the contract: what a matchmaker writes down and where she disagrees with a list. Nothing learns from them.
    NOTED = "noted"
    OVERRULED = "overruled"


class DeclinedBy(StrEnum):
    """Who said no."""

    TALENT = "talent"
    EMPLOYER = "employer"
    MATCHMAKER = "matchmaker"


class CheckpointMoment(StrEnum):
    """The aftercare calls of the sector plan, in order."""

    FIRST_DAY = "first_day"
    FIRST_WEEK = "first_week"
    FIRST_MONTH = "first_month"
    BEFORE_CONTRACT_END = "before_contract_end"


class SupportKind(StrEnum):
    """An arrangement given to make a placement work: a treatment, never a feature."""

    JOB_COACH = "job_coach"
    TRAVEL = "travel"
    TRAINING = "training"
    WAGE_SUBSIDY = "wage_subsidy"
    WORK_TRIAL = "work_trial"
    OTHER = "other"


class BehaviourLevel(IntEnum):
    """How far a behavioural competence is mastered (UM: codeBeheersingGedragscompetentie)."""

    GOOD = 1
    SUFFICIENT = 2
    INSUFFICIENT = 3
    ABSENT = 4
    TO_BE_EXAMINED = 5
    NOT_APPLICABLE = 9


class RankingMode(StrEnum):
    """What ordered a shortlist."""

    LEARNED = "learned"
    SEMANTIC = "semantic"
    LEXICAL = "lexical"


class Band(StrEnum):
    """The chance of a lasting placement as a matchmaker reads it."""

    HIGH = "hoog"
    MIDDLE = "midden"
    LOW = "laag"


class GapKind(StrEnum):
    """What a talent misses for a vacancy."""

    SKILL = "skill"
    CERTIFICATE = "certificate"
    LICENCE = "licence"
    LANGUAGE = "language"
    EDUCATION = "education"


class Bridge(StrEnum):
    """What closes a gap: a course, another trade, or learning on the job."""

    COURSE = "bijscholing"
    RETRAINING = "omscholing"
    ON_THE_JOB = "inwerken"


class KnockOut(StrEnum):
    """Why a talent cannot be on a list: a requirement that is known not to be met."""

    INACTIVE = "inactive"
    LICENCE = "licence"
    CERTIFICATE = "certificate"
    HOURS = "hours"
    AVAILABILITY = "availability"
    LANGUAGE = "language"
    TRAVEL = "travel"
    TRANSPORT = "transport"


# The behavioural competences of the UM exchange (codes 24100-24126; 24103 and 24117 are unused).
BEHAVIOURS_NL: dict[int, str] = {
    24100: "beslissen en activiteiten initiëren",
    24101: "aansturen",
    24102: "begeleiden",
    24104: "aandacht en begrip tonen",
    24105: "samenwerken en overleggen",
    24106: "ethisch en integer handelen",
    24107: "relaties bouwen en netwerken",
    24108: "overtuigen en beïnvloeden",
    24109: "presenteren",
    24110: "formuleren en rapporteren",
    24111: "vakdeskundigheid toepassen",
    24112: "materialen en middelen inzetten",
    24113: "analyseren",
    24114: "onderzoeken",
    24115: "creëren en innoveren",
    24116: "leren",
    24118: "plannen en organiseren",
    24119: "op de behoeften en verwachtingen van de klant richten",
    24120: "kwaliteit leveren",
    24121: "instructies en procedures opvolgen",
    24122: "omgaan met verandering en aanpassen",
    24123: "met druk en tegenslag omgaan",
    24124: "gedrevenheid en ambitie tonen",
    24125: "ondernemend en commercieel handelen",
    24126: "bedrijfsmatig handelen",
}
BEHAVIOUR_CODE_MIN, BEHAVIOUR_CODE_MAX = 24100, 24126
