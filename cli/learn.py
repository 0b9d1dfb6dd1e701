"""Commands about learning: train, and the registry of models; the text encoder."""

# ruff: noqa: PLC0415  commands import what they need: help must not wait for numpy, nor a shortlist for MLflow

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from cli.run import Run, give_json
from core.errors import TrainingRefused

if TYPE_CHECKING:
    from training.registry import Registry

GATE_REFUSED: Final = 4
DEFAULT_LABEL: Final = "retained-1040h-v1"

encoder_app = typer.Typer(help="Train and score the text encoder.", no_args_is_help=True, rich_markup_mode=None)


def add_commands(app: typer.Typer) -> None:
    """Adds ``train``, ``models``, ``promote``, ``rollback`` and ``encoder``."""
    app.command("train")(train)
    app.command("models")(models)
    app.command("promote")(promote)
    app.command("rollback")(rollback)
    encoder_app.command("train")(encoder_train)
    encoder_app.command("evaluate")(encoder_evaluate)
    app.add_typer(encoder_app, name="encoder")


def train(
    context: typer.Context,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Look at nothing after this day; default now."),
    ] = None,
    label: Annotated[str, typer.Option(help="What counts as lasting.")] = DEFAULT_LABEL,
) -> None:
    """Learn from past placements.

    The model is put in force when it is demonstrably better than what it replaces (else exit 4).
    """
    from cli.composition import encoder_in_force, existing_store
    from training.learning import train_ranker

    run: Run = context.obj
    day = as_of.date() if as_of else None
    with existing_store(run.settings) as store, run.console.status("training") as status:
        try:
            report = train_ranker(
                store,
                encoder_in_force(run.settings),
                run.settings,
                as_of=day,
                label=label,
                progress=lambda step: status.update(f"training: {step}"),
            )
        except TrainingRefused as refusal:
            _refuse(run, refusal)
            raise typer.Exit(GATE_REFUSED) from None
    run.give(asdict(report), lambda console: _tell_training(console, asdict(report)))
    if not report.promoted:
        raise typer.Exit(GATE_REFUSED)


def _refuse(run: Run, refusal: TrainingRefused) -> None:
    """Says why nothing was trained, in the shape of a report."""
    reasons = list(refusal.reasons)
    if run.as_json:
        give_json({"model_version": None, "metrics": {}, "baselines": {}, "promoted": False, "reasons": reasons})
        return
    run.console.print("No model was trained:", style="yellow")
    for reason in reasons:
        run.console.print(f"  - {reason}", markup=False)


def _tell_training(console: Console, report: dict[str, Any]) -> None:
    verdict = "promoted: it is the champion now" if report["promoted"] else "not promoted"
    console.print(f"Model {report['model_version']} was trained and {verdict}.", markup=False)
    table = Table(box=None, pad_edge=False)
    for heading in ("measure", "value", "from", "to", "n"):
        table.add_column(heading, justify="left" if heading == "measure" else "right")
    for name, estimate in {
        **report["metrics"],
        **{f"baseline {name}": value for name, value in report["baselines"].items()},
    }.items():
        table.add_row(name, *_cells(estimate))
    console.print(table)
    for reason in report["reasons"]:
        console.print(f"  - {reason}", markup=False)


def _cells(estimate: dict[str, float] | float) -> list[str]:
    if not isinstance(estimate, dict):
        return [f"{estimate:.4f}", "", "", ""]
    return [f"{value:.4f}" if isinstance(value, float) else str(value) for value in list(estimate.values())[:4]]


def models(context: typer.Context) -> None:
    """List the models, newest first."""
    run: Run = context.obj
    registry = _registry(run)
    versions = [asdict(version) for version in registry.versions()]
    champion = registry.champion_version()

    def tell(console: Console) -> None:
        if not versions:
            console.print("There is no model yet; run kansrijk train.")
        for version in versions:
            mark = "champion" if version["version"] == champion else ", ".join(version["aliases"])
            console.print(f"{version['version']:>4}  {version['created_at']:%Y-%m-%d %H:%M}  {mark}", markup=False)

    run.give({"versions": versions, "champion": champion}, tell)


def promote(
    context: typer.Context, version: Annotated[str, typer.Argument(metavar="VERSION", help="See models.")]
) -> None:
    """Put a model in force that passed the gate (else exit 4)."""
    _put_in_force(context.obj, lambda registry: registry.promote(version))


def rollback(context: typer.Context) -> None:
    """Put the champion before this one in force again."""
    _put_in_force(context.obj, lambda registry: registry.rollback())


def _put_in_force(run: Run, change: Callable[["Registry"], str]) -> None:
    registry = _registry(run)
    champion = change(registry)
    result = {"champion": champion, "versions": [asdict(version) for version in registry.versions()]}
    run.give(result, lambda console: console.print(f"Model {champion} is in force.", markup=False))


def _registry(run: Run) -> "Registry":
    """The registry, for commands that need what is in it."""
    from training.registry import Registry

    return Registry.open(run.settings)


def encoder_train(
    context: typer.Context,
    esco: Annotated[Path, typer.Option(metavar="DIR", help="Folder with the ESCO classification.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the encoder.")],
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Train the text encoder."""
    from training.encoder.train import train_encoder

    run: Run = context.obj
    run.settings  # noqa: B018  starts logging
    with run.console.status("training the encoder"):
        report = asdict(train_encoder(esco, out, seed=seed))
    run.give(report, lambda console: console.print(f"The encoder is in {out}.", markup=False))


def encoder_evaluate(
    context: typer.Context,
    directory: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Holds queries.tsv, corpus_elements.tsv and annotations.tsv."),
    ],
) -> None:
    """Score the encoder in force on a set of queries with known answers."""
    from cli.composition import encoder_in_force
    from training.encoder.evaluate import evaluate_encoder

    run: Run = context.obj
    with run.console.status("embedding"):
        scores = asdict(evaluate_encoder(encoder_in_force(run.settings), directory))

    def tell(console: Console) -> None:
        for name, value in scores.items():
            console.print(f"  {name}: {value:.4f}" if isinstance(value, float) else f"  {name}: {value}")

    run.give(scores, tell)
