"""What a reading is: a field, a value, where it stands and how sure we are."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.records import Language

# Confidence is how often, by our own judgement and checked on hand-labelled texts, such a reading is right.
CERTAIN = 0.95  # said in so many words: "38 uur per week", "rijbewijs B is vereist"
CLEAR = 0.85  # one usual way of saying it: "Je verzamelt orders"
LIKELY = 0.7  # the mention is sure, what it means for the job is the usual reading: "VCA." on its own
WEAK = 0.6  # filled in by convention: four mornings are 12 to 16 hours
GUESS = 0.4  # one of several possibilities: a large town for a postcode; not used unless asked for

Value = str | float | int | bool | date | Language


class ReadField(StrEnum):
    """What can be read; the type of the value stands behind each."""

    OCCUPATION = "occupation"  # str
    SKILL = "skill"  # str, an infinitive phrase or a noun
    CERTIFICATE = "certificate"  # str
    LICENCE = "licence"  # str, a category
    HOURS_MIN = "hours_min"  # float, hours per week
    HOURS_MAX = "hours_max"  # float, hours per week
    IRREGULAR_HOURS = "irregular_hours"  # bool
    LANGUAGE = "language"  # Language
    STARTS_ON = "starts_on"  # date
    CONTRACT_ENDS_ON = "contract_ends_on"  # date
    TRAINING_OFFERED = "training_offered"  # str, what the employer teaches or pays
    TRANSPORT = "transport"  # str, a Transport
    POSTCODE = "postcode"  # str, four digits, with letters when they are given
    POSITIONS = "positions"  # int
    EDUCATION_LEVEL = "education_level"  # int, 1 to 6


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing read from a text.

    Attributes:
        field: what it is.
        value: in the type that the field names.
        start: first character of the words that say it.
        end: after their last character; ``text[start:end]`` are those words.
        confidence: 0 to 1, see the levels above.
        required: whether the job asks for it; false where it is only liked, optional, taught or handy.
    """

    field: ReadField
    value: Value
    start: int
    end: int
    confidence: float
    required: bool = True


def tidy(value: str) -> str:
    """A value as records take it: printable, single spaces, no marks at the edges, at most 120 characters."""
    if not value.isprintable():
        value = "".join(sign if sign.isprintable() else " " for sign in value)
    value = " ".join(value.split()).strip(" .,;:!?-–—()")
    return value if len(value) <= MAX_VALUE_CHARS else value[:MAX_VALUE_CHARS].rsplit(" ", 1)[0]


MAX_VALUE_CHARS = 120
