"""Ranked lists as a matchmaker reads them: plain Dutch, calm, readable at a hundred columns."""

from collections.abc import Sequence
from typing import Final

from rich.box import HORIZONTALS
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from core.records import Vacancy
from core.shortlists import Entry, NearMiss, RankedVacancies, RankedVacancy, Reason, Retention, Shortlist
from core.vocabulary import Band, Bridge, GapKind, RankingMode

MAX_WIDTH: Final = 110
_MAX_TEXT: Final = 600
_RATIOS: Final = (5, 9, 8)

_FIELDS: Final = {
    "licences": "rijbewijs",
    "certificates": "certificaten",
    "languages": "talen",
    "education_level": "werk- en denkniveau",
    "hours": "aantal uren",
    "irregular_hours": "onregelmatig werken",
    "location": "woonplaats",
    "max_travel_km": "hoe ver reizen",
    "transport": "vervoer",
    "available_from": "vanaf wanneer",
    "behaviours": "competenties",
}
_BRIDGES: Final = {
    Bridge.ON_THE_JOB: "De werkgever leert",
    Bridge.COURSE: "Leren met een cursus",
    Bridge.RETRAINING: "Leren met omscholing",
    None: "Mist",
}
_GAPS: Final = {
    GapKind.SKILL: "",
    GapKind.CERTIFICATE: "certificaat ",
    GapKind.LICENCE: "rijbewijs ",
    GapKind.LANGUAGE: "taal ",
    GapKind.EDUCATION: "",
}
_BAND_STYLES: Final = {Band.HIGH: "bold green", Band.MIDDLE: "yellow", Band.LOW: "red"}
_MODES: Final = {
    RankingMode.LEARNED: "geleerd van eerdere plaatsingen",
    RankingMode.SEMANTIC: "op gelijkenis van tekst",
    RankingMode.LEXICAL: "op gelijke woorden",
}


def show_shortlist(console: Console, shortlist: Shortlist, vacancy: Vacancy | None = None) -> None:
    """Prints a shortlist.

    Args:
        console: where to.
        shortlist: what was given.
        vacancy: what it was given for, to print above it.
    """
    if vacancy is not None:
        _show_vacancy(console, vacancy)
    console.print(
        f"Gezocht onder {_number(shortlist.pool_size)} mensen. Volgorde: {_MODES[shortlist.ranking_mode]}.",
        markup=False,
    )
    if shortlist.notice:
        console.print(shortlist.notice, style="yellow", markup=False)
    if not shortlist.entries:
        console.print("Niemand voldoet aan de eisen. Kijk of een eis anders kan.")
    else:
        console.print(_entries_table(shortlist.entries, _width(console)))
    if shortlist.near_misses:
        console.print("\nNet niet, maar misschien wel te regelen", style="bold")
        console.print(_near_misses_table(shortlist.near_misses, _width(console)))
    if any(entry.retention for entry in shortlist.entries):
        console.print(
            "Kans op blijven: de kans dat iemand na een plaatsing 1.040 uur werkt. "
            "Tussen haakjes staat hoe zeker dat is.",
            style="dim",
        )
    model = f", model {shortlist.model_version}" if shortlist.model_version else ""
    console.print(f"Bewaard als {shortlist.shortlist_id}{model}.", style="dim", markup=False)


def show_vacancies(console: Console, found: RankedVacancies) -> None:
    """Prints the open vacancies that suit a person."""
    console.print(f"Vacatures voor {found.talent_id}", style="bold", markup=False)
    console.print(
        f"Gezocht in {_number(found.pool_size)} open vacatures. Volgorde: {_MODES[found.ranking_mode]}.",
        markup=False,
    )
    if not found.entries:
        console.print("Er is nu geen open vacature die past.")
        return
    table = _table(_width(console), "Vacature", "Waarom", "Let op")
    for entry in found.entries:
        about = Text(f"{entry.title or entry.vacancy_id}\n", style="bold")
        about.append(f"{entry.employer}\n" if entry.employer else "", style="not bold")
        about.append(f"{entry.vacancy_id}\n", style="not bold dim")
        about.append_text(_chance(entry.retention, entry.travel_km))
        table.add_row(str(entry.rank), about, _reasons(entry.reasons), _to_do(entry))
    console.print(table)


def _width(console: Console) -> int:
    return min(console.width, MAX_WIDTH)


def _show_vacancy(console: Console, vacancy: Vacancy) -> None:
    if vacancy.title:
        employer = f", {vacancy.employer.name}" if vacancy.employer.name else ""
        console.print(f"{vacancy.title}{employer}", style="bold", markup=False)
    if vacancy.description:
        text = vacancy.description
        shown = text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT].rsplit(' ', 1)[0]} …"
        console.print(Padding(Text(shown, style="italic"), (0, 4)), width=_width(console))
    console.print()


def _table(width: int, *headings: str) -> Table:
    # Lines between people only: the eye goes from left to right.
    table = Table(box=HORIZONTALS, width=width, show_lines=True, border_style="dim", header_style="bold")
    table.add_column("Nr", justify="right", width=3)
    for heading, ratio in zip(headings, _RATIOS, strict=True):
        table.add_column(heading, ratio=ratio, overflow="fold")
    return table


def _entries_table(entries: Sequence[Entry], width: int) -> Table:
    table = _table(width, "Wie", "Waarom", "Let op")
    for entry in entries:
        table.add_row(str(entry.rank), _person(entry), _reasons(entry.reasons), _to_do(entry))
    return table


def _near_misses_table(misses: Sequence[NearMiss], width: int) -> Table:
    table = _table(width, "Wie", "Wat houdt het tegen", "Wat kan helpen")
    for miss in misses:
        blocked = "\n".join(one.text for one in miss.blocked_by)
        helps = "\n".join(f"• {one.text}" for one in miss.would_help)
        table.add_row(str(miss.rank), _person(miss), Text(blocked), Text(helps or "Vraag door."))
    return table


def _person(entry: Entry) -> Text:
    text = Text(f"{entry.talent_id}\n", style="bold")
    text.append_text(_chance(entry.retention, entry.travel_km))
    if entry.exploration:
        text.append("\nom van te leren", style="not bold dim")
    return text


def _chance(retention: Retention | None, travel_km: float | None) -> Text:
    text = Text(style="not bold")
    if retention is not None:
        text.append("kans op blijven: ", style="not bold")
        text.append(retention.band.value, style=_BAND_STYLES[retention.band])
        text.append(f"\n{_percent(retention)}\n", style="not bold")
    distance = "afstand onbekend" if travel_km is None else f"{_decimal(travel_km)} km"
    return text.append(distance, style="not bold")


def _percent(retention: Retention) -> str:
    return f"{retention.probability:.0%} ({retention.low:.0%} tot {retention.high:.0%})"


def _reasons(reasons: Sequence[Reason]) -> Text:
    text = Text()
    for number, reason in enumerate(reasons):
        text.append("\n" if number else "")
        lifts = reason.direction == "+"
        text.append("+ " if lifts else "− ", style="green" if lifts else "red")
        text.append(reason.text)
    return text


def _to_do(entry: Entry | RankedVacancy) -> Text:
    """What is missing, by what closes it, and what nobody knows yet."""
    lines = []
    for bridge, words in _BRIDGES.items():
        missing = [f"{_GAPS[gap.kind]}{gap.what}" for gap in entry.gaps if gap.bridge is bridge]
        if missing:
            lines.append(f"{words}: {', '.join(missing)}")
    if entry.unknowns:
        lines.append(f"Vraag naar: {', '.join(_FIELDS.get(name, name) for name in entry.unknowns)}")
    return Text("\n".join(lines) or "–")


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _decimal(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")
