"""A course that a person can follow: what it gives, where and when, and who pays for whom."""

# ruff: noqa: RUF012  pydantic copies a default, as in core/records.py, whose base class ruff does not see from here

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from core.records import (
    MAX_LIST_ITEMS,
    Education,
    Extra,
    Identifier,
    Language,
    Line,
    Lines,
    Location,
    Paragraph,
    Real,
    Record,
)
from core.vocabulary import Route

MAX_HOURS, MAX_WEEKS, MAX_COST_EUR = 10_000, 520, 100_000


class Course(Record):
    """A course of a provider; unknown is ``None``, and never the same as no.

    Attributes:
        course_id: of the catalogue that it came from.
        title: as the provider calls it.
        provider: who gives it.
        description: for people to read.
        skills_given: what whoever completes it can do.
        certificates_given: papers that it ends with, as employers name them.
        licences_given: driving licences, such as ``B``.
        languages_given: with the level, 0 to 4, that whoever completes it has.
        education_level_given: level of the diploma that it ends with, 1 to 6; ``None`` where it ends with none.
        level: level at which it is taught, 1 to 6.
        hours: study load in all, lessons and homework.
        duration_weeks: from the first lesson to the last.
        location: where the lessons are; not used where it is online.
        place: the town, for people to read.
        online: whether it can be followed from home.
        cost_eur: for whoever pays it themselves.
        funded_for: routes whose people need not pay; ``[]`` says nobody, ``None`` not known.
        starts_on: the first lesson; ``None`` where one may start at any time, or it is not known.
        url: where to enrol; https only.
        active: whether it can be followed still.
        extra: kept, never used.
    """

    course_id: Identifier
    title: Annotated[Line, StringConstraints(min_length=1)]
    provider: Line = ""
    description: Paragraph = ""
    skills_given: Lines = []
    certificates_given: Lines = []
    licences_given: Lines = []
    languages_given: Annotated[list[Language], Field(max_length=MAX_LIST_ITEMS)] = []
    education_level_given: Education = None
    level: Education = None
    hours: Annotated[Real, Field(ge=0, le=MAX_HOURS)] | None = None
    duration_weeks: Annotated[Real, Field(ge=0, le=MAX_WEEKS)] | None = None
    location: Location = Location()
    place: Line = ""
    online: bool | None = None
    cost_eur: Annotated[Real, Field(ge=0, le=MAX_COST_EUR)] | None = None
    funded_for: Annotated[list[Route], Field(max_length=len(Route))] | None = None
    starts_on: date | None = None
    url: Annotated[str, StringConstraints(max_length=500, pattern=r"^https://[^\s\x00<>\"]+$")] | None = None
    active: bool = True
    extra: Extra = {}

    @model_validator(mode="after")
    def _gives_something(self) -> "Course":
        given = (
            self.skills_given,
            self.certificates_given,
            self.licences_given,
            self.languages_given,
            self.education_level_given,
        )
        if not any(given):
            raise ValueError("nothing that this course gives; name a skill, certificate, licence, language or diploma")
        return self

    @property
    def gives(self) -> tuple[str, ...]:
        """What it gives in the catalogue's own words, papers first; languages are codes and stay out."""
        return (*self.certificates_given, *self.licences_given, *self.skills_given)
