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
    tune: Annotated[
        int | None,
        typer.Option(min=1, max=500, metavar="N", help="Try N settings of the trees first, on the tuning period."),
    ] = None,
    *,
    leave_out_late: Annotated[
        bool, typer.Option("--leave-out-late", help="Learn without lists of which records are only known from later.")
    ] = False,
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
                trials=tune or 0,
                leave_out_late=leave_out_late,
                progress=lambda step: status.update(f"training: {step}"),
            )
        except TrainingRefused as refusal:
            _refuse(run, refusal, {"model_version": None, "metrics": {}, "baselines": {}})
            raise typer.Exit(GATE_REFUSED) from None
    run.give(asdict(report), lambda console: _tell_training(console, asdict(report)))
    if not report.promoted:
        raise typer.Exit(GATE_REFUSED)


def _refuse(run: Run, refusal: TrainingRefused, empty: dict[str, Any]) -> None:
    """Says why nothing was trained, in the shape of a report, of which ``empty`` are the parts without a value."""
    reasons = list(refusal.reasons)
    if run.as_json:
        give_json({**empty, "promoted": False, "reasons": reasons})
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
    champion, challenger = registry.champion_version(), registry.challenger_version()

    def tell(console: Console) -> None:
        if not versions:
            console.print("There is no model yet; run kansrijk train.")
        for version in versions:
            for line in _version_lines(version):
                console.print(line, markup=False, soft_wrap=True)

    run.give({"versions": versions, "champion": champion, "challenger": challenger}, tell)


def _version_lines(version: dict[str, Any]) -> list[str]:
    """What it is and how good; what it was made of and for."""
    mark = ", ".join(version["aliases"])
    gate = "passed the gate" if version["promotable"] else "did not pass the gate"
    parts = [version["ranker"], _quality(version["metrics"], version["ranker"])]
    made = [f"as of {version['trained_as_of'][:10]}", version["label"], f"encoder {version['encoder_version']}", gate]
    return [
        f"{version['version']:>4}  {mark:<10}  {'  '.join(parts).rstrip()}".rstrip(),
        f"      {', '.join(made)}",
    ]


def _quality(metrics: dict[str, float], ranker: str) -> str:
    """nDCG@10 on the test period, and its difference with similarity with the interval; empty where unknown."""
    value = metrics.get(f"test_ndcg_at_10_{ranker}")
    parts = [metrics.get(f"test_ndcg_minus_similarity_{part}") for part in ("value", "low", "high")]
    known = [part for part in parts if part is not None]
    if value is None:
        return ""
    over = ", {:+.3f} [{:+.3f}, {:+.3f}] over similarity".format(*known) if len(known) == len(parts) else ""
    return f"nDCG@10 {value:.3f}{over}"


def promote(
    context: typer.Context, version: Annotated[str, typer.Argument(metavar="VERSION", help="See models.")]
) -> None:
    """Put a model in force that passed the gate (else exit 4).

    Training and serving are compared first, to the last bit; any difference is a refusal too.
    """
    from cli.composition import encoder_in_force, existing_store
    from training.promotion import promote_checked

    run: Run = context.obj

    def checked(registry: "Registry") -> str:
        with existing_store(run.settings) as store, run.console.status("comparing training and serving"):
            promote_checked(registry, store, encoder_in_force(run.settings), run.settings, version)
        return version

    _put_in_force(run, checked)


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
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the encoder.")],
    *,
    esco: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder with the ESCO classification.")] = None,
    placements: Annotated[
        bool, typer.Option("--placements", help="Adapt the encoder with the retained placements of this home.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="With --esco; on placements nothing is drawn by chance.")] = 0,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="With --placements: look at nothing after this day."),
    ] = None,
) -> None:
    """Train the text encoder: on ESCO, or on your own placements.

    What was adapted with placements is written when it is demonstrably better than what it started from (else exit 4).
    """
    if placements == (esco is not None):
        raise typer.BadParameter("give either --esco DIR or --placements")
    run: Run = context.obj
    run.settings  # noqa: B018  starts logging
    if esco is None:
        _adapt_encoder(run, out, as_of)
        return
    from training.encoder.train import train_encoder

    with run.console.status("training the encoder"):
        report = asdict(train_encoder(esco, out, seed=seed))
    run.give(report, lambda console: console.print(f"The encoder is in {out}.", markup=False))


def _adapt_encoder(run: Run, out: Path, as_of: datetime | None) -> None:
    from cli.composition import encoder_in_force, existing_store
    from training.encoder.placements import adapt_encoder, encoder_to_adapt

    with existing_store(run.settings) as store, run.console.status("adapting the encoder") as status:
        try:
            report = adapt_encoder(
                store,
                encoder_to_adapt(encoder_in_force(run.settings), run.settings),
                run.settings,
                out,
                as_of=as_of.date() if as_of else None,
                progress=lambda step: status.update(f"adapting the encoder: {step}"),
            )
        except TrainingRefused as refusal:
            _refuse(run, refusal, {"version": None, "metrics": {}})
            raise typer.Exit(GATE_REFUSED) from None
    run.give(report.as_json(), lambda console: _tell_adapting(console, report.as_json(), out))
    if not report.promoted:
        raise typer.Exit(GATE_REFUSED)


def _tell_adapting(console: Console, report: dict[str, Any], out: Path) -> None:
    for reason in report["reasons"]:
        console.print(f"  - {reason}", markup=False)
    if report["promoted"]:
        console.print(
            f"To use it, set KANSRIJK_ENCODER={out}; then run kansrijk index and kansrijk train.",
            markup=False,
            soft_wrap=True,
        )
    else:
        console.print("Nothing was written; the run with its figures is in MLflow.", style="yellow")


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
