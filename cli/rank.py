"""Commands that rank: people for a vacancy, vacancies for a person."""

# ruff: noqa: PLC0415  commands import what they need: help must not wait for numpy, nor a shortlist for MLflow

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cli.run import Run
from core.errors import FileUnreadable

if TYPE_CHECKING:
    from core.records import Vacancy
    from core.store import Store
    from ranking.matcher import Matcher

MAX_TEXT_BYTES: Final = 4 * 8_000  # the longest description in UTF-8

K = Annotated[int, typer.Option("-k", min=1, max=200, help="How many at most.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="As seen at the end of this day, or at this instant; default now."),
]


def add_commands(app: typer.Typer) -> None:
    """Adds ``shortlist`` and ``vacancies``."""
    app.command("shortlist")(shortlist)
    app.command("vacancies")(vacancies)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a shortlist is asked for; exactly one of the first three.

    Attributes:
        vacancy_id: a stored vacancy.
        text: a file with the employer's text; ``-`` is standard input.
        all_open: every open vacancy, into ``out``.
        out: JSON Lines.
    """

    vacancy_id: str | None
    text: str | None
    all_open: bool
    out: Path | None

    def check(self) -> None:
        """Refuses what cannot be meant (exit 2)."""
        if sum((self.vacancy_id is not None, self.text is not None, self.all_open)) != 1:
            raise typer.BadParameter("give a VACANCY_ID, --text FILE or --all-open, one of the three")
        if self.all_open != (self.out is not None):
            raise typer.BadParameter("--all-open and --out FILE go together")


def shortlist(  # noqa: PLR0913  the contract's options, one parameter each
    context: typer.Context,
    vacancy_id: Annotated[
        str | None, typer.Argument(metavar="VACANCY_ID", help="Id of a stored vacancy.", show_default=False)
    ] = None,
    *,
    text: Annotated[
        str | None, typer.Option(metavar="FILE", help="The text of a vacancy; - reads standard input.")
    ] = None,
    all_open: Annotated[bool, typer.Option("--all-open", help="Every open vacancy; needs --out.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="JSON Lines, one shortlist a line.")] = None,
    k: K = 20,
    as_of: AsOf = None,
) -> None:
    """Rank people for a vacancy, with reasons."""
    from cli.composition import existing_store, opened_matcher

    run: Run = context.obj
    asked = Asked(vacancy_id, text, all_open, out)
    asked.check()
    moment = instant(as_of)
    with existing_store(run.settings) as store, opened_matcher(run.settings, store) as matcher:
        if out is not None:
            _shortlist_all(run, store, matcher, out, k=k, as_of=moment)
            return
        vacancy = _wanted(asked, store, moment)
        made = matcher.shortlist(vacancy, k=k, as_of=moment)

    from cli.rendering import show_shortlist

    run.give(made.model_dump(mode="json"), lambda console: show_shortlist(console, made, vacancy))


def _wanted(asked: Asked, store: "Store", as_of: datetime | None) -> "Vacancy":
    from api.adhoc import vacancy_of_text

    if asked.text is not None:
        return vacancy_of_text(_read_text(asked.text))
    return store.vacancy(str(asked.vacancy_id), as_of=as_of).record


def _shortlist_all(run: Run, store: "Store", matcher: "Matcher", out: Path, *, k: int, as_of: datetime | None) -> None:
    """Writes beside the file and renames, so that the file is whole or not there."""
    beside = out.with_name(f".{out.name}.part")
    n_written = 0
    with run.progress("shortlists") as bar, beside.open("w", encoding="utf-8") as lines:
        for vacancy in _open_vacancies(store, as_of):
            lines.write(matcher.shortlist(vacancy, k=k, as_of=as_of).model_dump_json() + "\n")
            n_written += 1
            bar.advance(1)
        lines.flush()
        os.fsync(lines.fileno())
    beside.replace(out)
    result: dict[str, Any] = {"shortlists": n_written, "out": str(out)}
    run.give(result, lambda console: console.print(f"{n_written} shortlists in {out}.", markup=False))


def _open_vacancies(store: "Store", as_of: datetime | None) -> Iterator["Vacancy"]:
    from core.vocabulary import VacancyStatus

    for stored in store.iter_vacancies(as_of=as_of):
        if stored.record.status is VacancyStatus.OPEN:
            yield stored.record


def _read_text(source: str) -> str:
    """The text of a vacancy.

    Raises:
        FileUnreadable: it is not there, too long, empty or not UTF-8.
    """
    try:
        if source == "-":
            content = sys.stdin.buffer.read(MAX_TEXT_BYTES + 1)
        else:
            with Path(source).open("rb") as file:
                content = file.read(MAX_TEXT_BYTES + 1)
        text = content.decode("utf-8").strip()
    except FileNotFoundError:
        raise FileUnreadable(f"there is no file {source}; check the path") from None
    except UnicodeDecodeError:
        raise FileUnreadable(f"{source} is not UTF-8 text; save it as UTF-8 and run it again") from None
    if not text or len(content) > MAX_TEXT_BYTES:
        raise FileUnreadable(f"{source} must hold between 1 and 8,000 characters; shorten or fill it")
    return text


def instant(as_of: str | None) -> datetime | None:
    """A day means its end, in UTC; an instant must bring its offset.

    Raises:
        typer.BadParameter: it is neither (exit 2).
    """
    if as_of is None:
        return None
    try:
        if len(as_of) == len("2026-01-31"):
            return datetime.combine(date.fromisoformat(as_of), time.max, tzinfo=UTC)
        moment = datetime.fromisoformat(as_of)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise typer.BadParameter(
            "write a day (2026-01-31) or an instant with offset (2026-01-31T12:00+01:00)", param_hint="--as-of"
        )
    return moment


def vacancies(
    context: typer.Context,
    talent_id: Annotated[str, typer.Argument(metavar="TALENT_ID", help="Id of the talent.")],
    k: K = 20,
) -> None:
    """Rank open vacancies for a person."""
    from cli.composition import existing_store, opened_matcher

    run: Run = context.obj
    with existing_store(run.settings) as store, opened_matcher(run.settings, store) as matcher:
        found = matcher.vacancies(talent_id, k=k)

    from cli.rendering import show_vacancies

    run.give(found.model_dump(mode="json"), lambda console: show_vacancies(console, found))
