"""A shortlist as a table that a Dutch spreadsheet opens as it is."""

import csv
import io
from collections.abc import Sequence
from typing import Final

from api.desk.shortlist_view import Card, is_near_miss
from api.desk.site import catalogue
from core.shortlists import NearMiss
from ranking import dutch

_BOM: Final = "\ufeff"  # by which Excel knows UTF-8
_COMMANDS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
COLUMNS: Final = (
    "kind", "place", "listed", "talent", "step", "chance", "certainty", "km", "hours", "hours_fit", "fits", "missing",
    "ask", "plus", "minus", "blocked", "helps", "by_lot", "notes",
)  # fmt: skip


def as_csv(people: Sequence[Card]) -> str:
    """Semicolons, decimal commas and Dutch headings, a row a person."""
    t, sheet = catalogue(), io.StringIO()
    writer = csv.writer(sheet, delimiter=";", lineterminator="\r\n")
    writer.writerow([t(f"shortlist.column.{name}") for name in COLUMNS])
    for person in people:
        cells = _cells(person)
        writer.writerow([_harmless(cells[name]) for name in COLUMNS])
    return _BOM + sheet.getvalue()


def _cells(person: Card) -> dict[str, str]:
    """A person's cells by column."""
    t, entry, talent = catalogue(), person.entry, person.talent
    beside = entry if isinstance(entry, NearMiss) else None
    wanted = [talent.hours_min, talent.hours_max] if talent else []
    return {
        "kind": t("shortlist.column.near" if is_near_miss(entry) else "shortlist.column.on_list"),
        "place": "" if beside else str(person.place),
        "listed": "" if beside else str(entry.rank),
        "talent": entry.talent_id,
        "step": t.label(person.standing.step),
        "chance": t.label(person.chance.band) if person.chance else t("shortlist.card.chance_unknown"),
        "certainty": t.label(person.chance.certainty) if person.chance else "",
        "km": "" if entry.travel_km is None else dutch.number(entry.travel_km),
        "hours": " tot ".join(dict.fromkeys(dutch.number(hours) for hours in wanted if hours is not None)),
        "hours_fit": t.label(person.hours),
        "fits": " | ".join(f"{one.asked}: {one.offered}" for one in person.met),
        "missing": " | ".join(_missing(person)),
        "ask": " | ".join(questions(person)),
        "plus": " | ".join(reason.text for reason in person.plus),
        "minus": " | ".join(reason.text for reason in person.minus),
        "blocked": " | ".join(one.text for one in beside.blocked_by) if beside else "",
        "helps": " | ".join(one.text for one in beside.would_help) if beside else "",
        "by_lot": t("shortlist.column.yes") if entry.exploration else "",
        "notes": " | ".join(note.text for note in person.standing.notes),
    }


def questions(person: Card) -> list[str]:
    """What to ask, in words."""
    t = catalogue()
    keys = ((f"shortlist.question.{name}", asked) for name, asked in person.questions)
    return [t(key if key in t.entries else "shortlist.question.other", asked=asked) for key, asked in keys]


def _missing(person: Card) -> list[str]:
    t = catalogue()
    return [
        f"{t('shortlist.bridge.' + (bridge.value if bridge else 'none'))}: "
        + "; ".join(t(f"shortlist.gap.{one.gap.kind}", what=one.gap.what) for one in gaps if one.gap)
        for bridge, gaps in person.missing
    ]


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a command (OWASP: CSV injection)."""
    return f"'{cell}" if cell.startswith(_COMMANDS) else cell
