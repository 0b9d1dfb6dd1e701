"""The contract's records as bounded pydantic models.

Unknown is ``None`` and never the same as no. Unknown extra fields are refused by name, except under ``extra``,
which is kept and never used for ranking. See ``docs/data-model.md``.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    TypeAdapter,
    model_validator,
)
from pydantic_core import PydanticSerializationError, to_json

from core.vocabulary import (
    BEHAVIOUR_CODE_MAX,
    BEHAVIOUR_CODE_MIN,
    BehaviourLevel,
    CheckpointMoment,
    DeclinedBy,
    EventKind,
    Route,
    SupportKind,
    Transport,
    VacancyStatus,
)

MAX_LIST_ITEMS = 100  # nobody lists more skills by hand; keeps a hostile record small
MAX_EXTRA_BYTES = 16_384
MAX_AUDIT_ATTRIBUTES = 32
MIN_YEAR, MAX_YEAR = 1900, 2200


def _refuse_boolean(value: object) -> object:
    """JSON ``true`` is not the number 1, though Python thinks so."""
    if isinstance(value, bool):
        raise ValueError("a number is needed here, not true or false")  # noqa: TRY004  pydantic wants ValueError
    return value


def _unknown_education(value: object) -> object:
    """UM codes 0 (n/a) and 7 (not known) mean unknown."""
    return None if isinstance(value, int | str) and value in {0, 7, "0", "7"} else value


def _unique(values: list[Any]) -> list[Any]:
    """Keeps the first of equal items, in order; empty texts go."""
    return list(dict.fromkeys(value for value in values if value not in {"", None}))


def _plausible_instant(value: datetime) -> datetime:
    """In UTC, so that one instant is written in one way."""
    if not MIN_YEAR <= value.year <= MAX_YEAR:
        raise ValueError(f"a year within {MIN_YEAR} and {MAX_YEAR} is needed; check the date")
    return value.astimezone(UTC)


# PostgreSQL cannot store NUL in text, and no one means it.
_NO_NUL = r"^[^\x00]*$"
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120, pattern=_NO_NUL)]
Paragraph = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000, pattern=_NO_NUL)]
Written = Annotated[Paragraph, Field(min_length=1)]
Lines = Annotated[list[Line], Field(max_length=MAX_LIST_ITEMS), AfterValidator(_unique)]
Instant = Annotated[AwareDatetime, AfterValidator(_plausible_instant)]
Whole = Annotated[int, BeforeValidator(_refuse_boolean)]
Real = Annotated[float, BeforeValidator(_refuse_boolean)]
HoursPerWeek = Annotated[Real, Field(ge=0, le=100)]
Education = Annotated[
    Annotated[int, Field(ge=1, le=6)] | None,
    BeforeValidator(_unknown_education),
    BeforeValidator(_refuse_boolean),
]
LanguageLevel = Annotated[Whole, Field(ge=0, le=4)]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{3}$", strip_whitespace=True, to_lower=True)]
BehaviourCode = Annotated[Whole, Field(ge=BEHAVIOUR_CODE_MIN, le=BEHAVIOUR_CODE_MAX)]
Postcode = Annotated[
    str,
    BeforeValidator(lambda value: value.replace(" ", "").upper() if isinstance(value, str) else value),
    StringConstraints(pattern=r"^[1-9][0-9]{3}([A-Z]{2})?$"),
]


class Record(BaseModel):
    """Base of all records: unknown fields are refused, numbers are finite, records do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: object) -> object:
        """Unknown may be written as ``null`` or left out; both are the field's default."""
        if isinstance(data, dict) and None in data.values():
            return {key: value for key, value in data.items() if value is not None}
        return data


class Behaviour(Record):
    """A behavioural competence with the level at which it is mastered."""

    code: BehaviourCode
    level: BehaviourLevel = BehaviourLevel.TO_BE_EXAMINED


class RequiredBehaviour(Record):
    """A behavioural competence that a vacancy asks for."""

    code: BehaviourCode


class Experience(Record):
    """Work done before."""

    occupation: Line = ""
    months: Annotated[Whole, Field(ge=0, le=800)] | None = None
    text: Paragraph = ""


class Language(Record):
    """A language with levels 0 (none) to 4 (native), or unknown."""

    code: LanguageCode
    spoken: LanguageLevel | None = None
    written: LanguageLevel | None = None


class Location(Record):
    """Where someone lives or works; each part may be unknown."""

    postcode: Postcode | None = None
    lat: Annotated[Real, Field(ge=-90, le=90)] | None = None
    lon: Annotated[Real, Field(ge=-180, le=180)] | None = None

    @property
    def pc4(self) -> str | None:
        """The four digits, the key of :class:`Place`."""
        return self.postcode[:4] if self.postcode else None


def _bounded_extra(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    try:
        size = len(to_json(value))
    except PydanticSerializationError:
        raise ValueError("extra holds text that is not Unicode; write it as UTF-8") from None
    if size > MAX_EXTRA_BYTES:
        raise ValueError(f"extra holds more than {MAX_EXTRA_BYTES} bytes; keep what does not rank elsewhere")
    return value


Extra = Annotated[dict[str, JsonValue], AfterValidator(_bounded_extra)]


def _check_order(low: float | None, high: float | None, what: str) -> None:
    if low is not None and high is not None and low > high:
        raise ValueError(f"{what}_min is above {what}_max; swap them or leave one empty")


class Talent(Record):
    """A person who looks for work, talents first (UM: werkzoekende)."""

    talent_id: Identifier
    presentation: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4_000, pattern=_NO_NUL)] = ""
    behaviours: Annotated[list[Behaviour], Field(max_length=MAX_LIST_ITEMS)] = []
    skills: Lines = []
    interests: Lines = []
    preferred_occupations: Lines = []
    # In the next lists an empty list says "none" and None says "not known": only the first can exclude someone.
    experience: Annotated[list[Experience], Field(max_length=MAX_LIST_ITEMS)] | None = None
    education_level: Education = None
    certificates: Lines | None = None
    licences: Lines | None = None
    languages: Annotated[list[Language], Field(max_length=MAX_LIST_ITEMS)] | None = None
    location: Location = Location()
    max_travel_km: Annotated[Whole, Field(ge=0, le=500)] | None = None
    max_travel_minutes: Annotated[Whole, Field(ge=0, le=600)] | None = None
    transport: Annotated[list[Transport], Field(max_length=len(Transport)), AfterValidator(_unique)] | None = None
    hours_min: HoursPerWeek | None = None
    hours_max: HoursPerWeek | None = None
    irregular_hours: bool | None = None
    available_from: date | None = None
    available_until: date | None = None
    route: Route | None = None
    municipality: Line | None = None
    active: bool = True
    updated_at: Instant | None = None
    extra: Extra = {}

    @model_validator(mode="after")
    def _ordered(self) -> "Talent":
        _check_order(self.hours_min, self.hours_max, "hours")
        if self.available_from and self.available_until and self.available_from > self.available_until:
            raise ValueError("available_from is after available_until; swap them or leave one empty")
        return self


class Employer(Record):
    """The firm that offers the job."""

    employer_id: Identifier | None = None
    name: Line = ""


class Vacancy(Record):
    """A job (UM: vacature). A title or a description must be there."""

    vacancy_id: Identifier
    title: Line = ""
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=8_000, pattern=_NO_NUL)] = ""
    employer: Employer = Employer()
    sector: Line | None = None
    occupation: Line | None = None
    skills_required: Lines = []
    skills_desired: Lines = []
    behaviours: Annotated[list[RequiredBehaviour], Field(max_length=MAX_LIST_ITEMS)] = []
    education_level_min: Education = None
    certificates_required: Lines = []
    licences_required: Lines = []
    languages_required: Annotated[list[Language], Field(max_length=MAX_LIST_ITEMS)] = []
    location: Location = Location()
    hours_min: HoursPerWeek | None = None
    hours_max: HoursPerWeek | None = None
    irregular_hours: bool | None = None
    transport_required: Annotated[list[Transport], Field(max_length=len(Transport)), AfterValidator(_unique)] = []
    starts_on: date | None = None
    contract_ends_on: date | None = None
    training_offered: Lines = []
    positions: Annotated[Whole, Field(ge=1, le=1_000)] = 1
    closes_on: date | None = None
    status: VacancyStatus = VacancyStatus.OPEN
    # Extends the contract: a person compared the fields with the text, so what is empty is meant to be empty.
    text_checked: bool = False
    updated_at: Instant | None = None
    extra: Extra = {}

    @model_validator(mode="after")
    def _usable(self) -> "Vacancy":
        if not self.title and not self.description:
            raise ValueError("give a title or a description; without text nobody can be found")
        _check_order(self.hours_min, self.hours_max, "hours")
        return self


class _EventBase(Record):
    event_id: Identifier
    occurred_at: Instant
    vacancy_id: Identifier
    talent_id: Identifier
    shortlist_id: Identifier | None = None
    rank: Annotated[Whole, Field(ge=1, le=10_000)] | None = None
    extra: Extra = {}


class Shown(_EventBase):
    """The talent stood on a shortlist that a matchmaker opened, at ``rank`` (1 is best)."""

    kind: Literal[EventKind.SHOWN]
    rank: Annotated[Whole, Field(ge=1, le=10_000)]


class Proposed(_EventBase):
    """The matchmaker proposed the talent to the employer."""

    kind: Literal[EventKind.PROPOSED]


class Declined(_EventBase):
    """Someone said no."""

    kind: Literal[EventKind.DECLINED]
    by: DeclinedBy
    reason: Paragraph = ""


class Interviewed(_EventBase):
    """The employer and the talent met."""

    kind: Literal[EventKind.INTERVIEWED]


class Placed(_EventBase):
    """An appointment was signed."""

    kind: Literal[EventKind.PLACED]
    starts_on: date
    contract_hours_per_week: Annotated[Real, Field(gt=0, le=100)]
    contract_ends_on: date | None = None


class Checkpoint(_EventBase):
    """An aftercare call."""

    kind: Literal[EventKind.CHECKPOINT]
    moment: CheckpointMoment
    still_working: bool


class Hours(_EventBase):
    """Hours worked since the placement started, from a timecard."""

    kind: Literal[EventKind.HOURS]
    total_hours: Annotated[Real, Field(ge=0, le=100_000)]
    # Extends the contract: totals told before this one were a mistake, and do not count.
    correction: bool = False


class Ended(_EventBase):
    """The appointment ended."""

    kind: Literal[EventKind.ENDED]
    ended_on: date
    reason: Paragraph = ""


class Support(_EventBase):
    """An arrangement given."""

    kind: Literal[EventKind.SUPPORT]
    support: SupportKind
    note: Paragraph = ""


class Noted(_EventBase):
    """A matchmaker wrote something down; extends the contract, and is never learned from."""

    kind: Literal[EventKind.NOTED]
    text: Written


class Overruled(_EventBase):
    """A matchmaker gave the talent another place, ``rank``, on a list; extends the contract, and is never a label."""

    kind: Literal[EventKind.OVERRULED]
    rank: Annotated[Whole, Field(ge=1, le=10_000)]
    reason: Written


Event = Annotated[
    Shown | Proposed | Declined | Interviewed | Placed | Checkpoint | Hours | Ended | Support | Noted | Overruled,
    Field(discriminator="kind"),
]
EVENT_ADAPTER: TypeAdapter[Event] = TypeAdapter(Event)


class AuditAttributes(BaseModel):
    """Protected attributes, in a vault of their own: only the fairness audit reads them.

    Attributes beyond the three named are kept as short texts.
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Line | None]

    talent_id: Identifier
    gender: Line | None = None
    birth_year: Annotated[Whole, Field(ge=1900, le=2100)] | None = None
    background: Line | None = None

    @model_validator(mode="after")
    def _few_and_named(self) -> "AuditAttributes":
        names = self.__pydantic_extra__
        if len(names) > MAX_AUDIT_ATTRIBUTES:
            raise ValueError(f"more than {MAX_AUDIT_ATTRIBUTES} attributes; keep only what the audit needs")
        if not all(name.isidentifier() and name.isascii() and len(name) <= 64 for name in names):
            raise ValueError("an attribute's name is up to 64 of a-z, 0-9 and _, and starts with a letter")
        return self


class Place(Record):
    """Coordinates of a four-digit postcode area."""

    postcode: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{3}$")]
    place: Line = ""
    municipality: Line = ""
    lat: Annotated[Real, Field(ge=-90, le=90)]
    lon: Annotated[Real, Field(ge=-180, le=180)]
