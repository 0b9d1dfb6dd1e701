"""Commands about data: a synthetic world, import, index, and the rights of those whom the data is about."""

# ruff: noqa: PLC0415  commands import what they need: help must not wait for numpy, nor a shortlist for MLflow

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console

if TYPE_CHECKING:
    from cli.run import Run
    from core.exchange import ImportKind, ImportProgress, ImportReport

ROWS_REJECTED: Final = 3
MAX_WORLD: Final = 1_000_000

TalentId = Annotated[str, typer.Argument(metavar="TALENT_ID", help="Id of the talent.")]


def add_commands(app: typer.Typer) -> None:
    """Adds ``world``, ``import``, ``index``, ``erase`` and ``export``."""
    app.command("world")(world)
    app.command("import")(import_)
    app.command("index")(index)
    app.command("erase")(erase)
    app.command("export")(export)


def world(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
    talents: Annotated[int, typer.Option(min=1, max=MAX_WORLD, help="People in it.")] = 4_000,
    vacancies: Annotated[int, typer.Option(min=1, max=MAX_WORLD, help="Jobs in it.")] = 1_200,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same world.")] = 1,
) -> None:
    """Write a synthetic labour market with known truth."""
    from training.world import generate

    run: Run = context.obj
    run.settings  # noqa: B018  starts logging
    with run.console.status(f"making a world of {talents:,} talents and {vacancies:,} vacancies"):
        counts = asdict(generate(out, n_talents=talents, n_vacancies=vacancies, seed=seed))
    run.give(counts, lambda console: _tell_counts(console, f"A synthetic world in {out}:", counts))


def import_(
    context: typer.Context,
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="talents, vacancies, events, audit, places, courses, um-talents, um-vacancies or jobposting.",
        ),
    ],
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="JSONL, CSV or Parquet, .gz too.")],
) -> None:
    """Add or replace records from files.

    A bad row goes to a rejects file with its line and reason, the rest goes in (exit 3).
    """
    run: Run = context.obj
    chosen = _import_kind(kind)
    report = imported(run, chosen, files)
    result = asdict(report)
    run.give(result, lambda console: _tell_counts(console, f"Imported {kind}:", result))
    if report.rejected:
        raise typer.Exit(ROWS_REJECTED)


def imported(run: "Run", kind: "ImportKind", files: Sequence[Path]) -> "ImportReport":
    """Imports files into the home of this run, with a progress bar."""
    from cli.composition import now, writable_store
    from core.exchange import import_files

    with writable_store(run.settings) as store, run.progress(f"importing {kind}") as bar:

        def tell(progress: "ImportProgress") -> None:
            # A file that is given twice counts at its first place: the bar may pause, never run back.
            share = (files.index(progress.file) + progress.fraction) / len(files)
            bar.reach(share, f"{progress.read:,} rows")

        return import_files(store, kind, files, rejects_dir=run.settings.rejects_dir, now=now(), progress=tell)


def _import_kind(kind: str) -> "ImportKind":
    from core.exchange import ImportKind

    try:
        return ImportKind(kind)
    except ValueError:
        kinds = ", ".join(ImportKind)
        raise typer.BadParameter(f"there is no kind {kind!r}; choose from {kinds}", param_hint="KIND") from None


def index(context: typer.Context) -> None:
    """Embed what changed and bring the index up to date."""
    from cli.composition import encoder_made, existing_store
    from embeddings.indexer import update_index

    run: Run = context.obj
    with existing_store(run.settings) as store:
        with run.console.status("the encoder"):
            encoder = encoder_made(run.settings, store)
        with run.progress("indexing records") as bar:
            report = update_index(store, encoder, run.settings.index_dir, progress=bar.advance)
    result = asdict(report)
    run.give(result, lambda console: _tell_counts(console, "The index is up to date:", result))


def erase(context: typer.Context, talent_id: TalentId) -> None:
    """Remove everything held on a person."""
    from cli.composition import erased, existing_store, now

    run: Run = context.obj
    with existing_store(run.settings) as store:
        removed = dict(erased(run.settings, store, talent_id, now()))
    result = {"talent_id": talent_id, "removed": removed}
    run.give(result, lambda console: _tell_counts(console, f"Removed of {talent_id}:", removed))


def export(context: typer.Context, talent_id: TalentId) -> None:
    """Give everything held on a person.

    In full with --json, else a summary.
    """
    from cli.composition import existing_store

    run: Run = context.obj
    with existing_store(run.settings) as store:
        held = store.export(talent_id)
    sizes = {name: len(value) if isinstance(value, list) else 1 for name, value in held.items()}

    def tell(console: Console) -> None:
        _tell_counts(console, f"Held on {talent_id}:", sizes)
        console.print("Add --json for all of it.")

    run.give(held, tell)


def _tell_counts(console: Console, title: str, counts: dict[str, Any]) -> None:
    console.print(title, markup=False)
    for name, value in counts.items():
        if value is not None:
            console.print(f"  {name.replace('_', ' ')}: {_shown(value)}", markup=False)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
