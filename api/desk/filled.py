"""What somebody filled in, read field by field: each gives a value, or says what to do about it."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Final, TypeVar

from fastapi import Depends, Request

E = TypeVar("E", bound=StrEnum)

_THOUSANDS: Final = re.compile(r"(?<=\d)\.(?=\d{3}(?!\d))")  # 1.040 is more than a thousand here
_MAX_DIGITS: Final = 6
MAX_TEXT = 2_000  # characters that an event keeps


class Filled:
    """A form that was sent.

    Args:
        values: what was typed, by name of the field.

    Attributes:
        errors: by name of the field the key of the words that say what to do, and their values; empty when all is well.
    """

    def __init__(self, values: dict[str, str]) -> None:
        self.values = values
        self.errors: dict[str, tuple[str, dict[str, object]]] = {}

    def wrong(self, name: str, key: str, **values: object) -> None:
        """Notes what to do about a field; the first word on it stands."""
        self.errors.setdefault(name, (key, values))

    def raw(self, name: str) -> str:
        """What was typed, without white space around it."""
        # PostgreSQL cannot store NUL, and no one means it.
        return self.values.get(name, "").replace("\x00", "").strip()

    def text(self, name: str, *, missing: str | None = None) -> str:
        """A text; ``missing`` is what to say when it must be there and is not."""
        value = self.raw(name).replace("\r\n", "\n")
        if not value and missing is not None:
            self.wrong(name, missing)
        if len(value) > MAX_TEXT:
            self.wrong(name, "decisions.wrong.too_long")
        return value

    def choice(self, name: str, options: type[E], *, missing: str) -> E | None:
        """One of a closed set."""
        value = self.raw(name)
        if value in set(options):
            return options(value)
        self.wrong(name, missing)
        return None

    def number(self, name: str, low: float, high: float, *, missing: str) -> float | None:
        """A number as a Dutch reader types it, within bounds."""
        try:
            value = float(_THOUSANDS.sub("", self.raw(name)).replace(",", "."))
        except ValueError:
            value = float("nan")
        if low <= value <= high:
            return value
        self.wrong(name, missing, low=f"{low:g}", high=f"{high:g}")
        return None

    def day(self, name: str, *, required: bool) -> date | None:
        """A date, as a browser sends it (2027-01-31) or as people type it (31-1-2027)."""
        value = self.raw(name)
        if not value and not required:
            return None
        parts = value.split("-")
        if len(parts) == 3 and len(parts[2]) == 4:  # day first
            parts.reverse()
        try:
            year, month, day = (int(part) for part in parts)
            return date(year, month, day)
        except ValueError:
            self.wrong(name, "decisions.wrong.day")
            return None

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.values.get(name) == "ja"


def page_number(text: str) -> int:
    """The page that an address asks for, from 1; the first where it asks for none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < _MAX_DIGITS and int(text) else 1


async def _filled(request: Request) -> Filled:
    form = await request.form()
    return Filled({name: value for name, value in form.items() if isinstance(value, str)})


Posted = Annotated[Filled, Depends(_filled)]
"""Parameter type of endpoints that answer a form."""
