"""Every Dutch word of the pages, from the catalogues in ``words/``: one file a page, found by ``file.key``.

A template never holds a sentence, so that one test can read all of them as a B1 reader would.
"""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

CATALOGUES: Final = Path(__file__).parent / "words"
_LOCALE: Final = "nl_NL"
ZONE: Final = ZoneInfo("Europe/Amsterdam")
"""The clock that a matchmaker looks at."""


class Words:
    """The catalogue, callable in a template: ``t("vacancies.title")``, ``t("vacancies.placed_of", n=1, all=3)``.

    Args:
        entries: text by dotted key; ``{name}`` stands for a value.
    """

    def __init__(self, entries: Mapping[str, str]) -> None:
        self.entries = entries

    @classmethod
    def load(cls) -> "Words":
        """Reads all catalogues."""
        found: dict[str, str] = {}
        for path in sorted(CATALOGUES.glob("*.toml")):
            found |= _flat(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
        return cls(found)

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key with its values filled in.

        Raises:
            KeyError: the key is in no catalogue, or a value is missing: a mistake in a template.
        """
        return self.entries[key].format(**values)

    def n(self, key: str, n: int, **values: object) -> str:
        """The text for a number of things: ``key_one`` for one, ``key_many`` for any other number."""
        return self(f"{key}_one" if n == 1 else f"{key}_many", n=number(n), **values)

    def label(self, code: Enum) -> str:
        """A code as people say it, from ``labels.toml``: table by the name of the set, key by the code."""
        return self.entries[f"labels.{type(code).__name__}.{code.value}"]


def _flat(prefix: str, table: Mapping[str, Any]) -> dict[str, str]:
    """Dotted keys of a TOML table."""
    found: dict[str, str] = {}
    for key, value in table.items():
        found |= _flat(f"{prefix}.{key}", value) if isinstance(value, Mapping) else {f"{prefix}.{key}": str(value)}
    return found


def day(value: date | datetime) -> str:
    """``12 januari 2026``; an instant by the clock of the Netherlands."""
    return format_date(_local(value), format="d MMMM y", locale=_LOCALE)


def short_day(value: date | datetime) -> str:
    """``12 jan 2026``, for tables."""
    return format_date(_local(value), format="d MMM y", locale=_LOCALE).replace(".", "")


def moment(value: datetime) -> str:
    """``12 januari 2026, 09:05``."""
    return format_datetime(value.astimezone(ZONE), format="d MMMM y, HH:mm", locale=_LOCALE)


def number(value: float, decimals: int = 0) -> str:
    """``1.040`` or ``2,5``: as a Dutch reader writes it, at most so many decimals."""
    return str(format_decimal(round(value, decimals), locale=_LOCALE))


def _local(value: date | datetime) -> date:
    return value.astimezone(ZONE).date() if isinstance(value, datetime) else value
