"""The ordered answer: a shortlist of entries, with everything that explains it (contract §3)."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from core.vocabulary import Band, Bridge, GapKind, KnockOut, RankingMode, SupportKind

MAX_SHORTLIST = 200


class Part(BaseModel):
    """Base of all parts of a shortlist: closed and unchangeable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Retention(Part):
    """The estimated chance that a placement lasts, with an interval."""

    probability: Annotated[float, Field(ge=0, le=1)]
    low: Annotated[float, Field(ge=0, le=1)]
    high: Annotated[float, Field(ge=0, le=1)]
    band: Band


class Reason(Part):
    """One feature's part in the score, in words."""

    feature: str
    direction: Literal["+", "-"]
    text: str


class MatchedSkill(Part):
    """What the vacancy asks, and the nearest thing that the talent offers."""

    required: str
    offered: str
    similarity: float


class Gap(Part):
    """What is missing, and what would close it."""

    kind: GapKind
    what: str
    bridge: Bridge | None = None


class Entry(Part):
    """A talent on a shortlist; ``rank`` 1 is best."""

    rank: Annotated[int, Field(ge=1)]
    talent_id: str
    score: float
    retention: Retention | None
    similarity: float
    travel_km: float | None
    reasons: list[Reason]
    matched_skills: list[MatchedSkill]
    gaps: list[Gap]
    unknowns: list[str]
    exploration: bool = False


class BlockedBy(Part):
    """A hard requirement that is known not to be met."""

    code: KnockOut
    text: str


class WouldHelp(Part):
    """An arrangement that could make a near miss possible."""

    support: SupportKind
    text: str


class NearMiss(Entry):
    """A talent kept off the entries by something that could be bridged."""

    blocked_by: list[BlockedBy]
    would_help: list[WouldHelp]


class Shortlist(Part):
    """An ordered answer to one vacancy, as it was given."""

    shortlist_id: str
    vacancy_id: str | None
    created_at: AwareDatetime
    ranking_mode: RankingMode
    model_version: str | None
    encoder_version: str
    index_version: str
    pool_size: Annotated[int, Field(ge=0)]
    entries: list[Entry]
    near_misses: list[NearMiss]
    notice: str | None = None


class RankedVacancy(Part):
    """A vacancy ranked for a person; ``rank`` 1 is best."""

    rank: Annotated[int, Field(ge=1)]
    vacancy_id: str
    title: str
    employer: str
    score: float
    retention: Retention | None
    similarity: float
    travel_km: float | None
    reasons: list[Reason]
    gaps: list[Gap]
    unknowns: list[str]


class RankedVacancies(Part):
    """The other direction: open vacancies for one talent."""

    talent_id: str
    created_at: AwareDatetime
    ranking_mode: RankingMode
    model_version: str | None
    encoder_version: str
    pool_size: Annotated[int, Field(ge=0)]
    entries: list[RankedVacancy]
