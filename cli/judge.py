"""Commands that judge models: the ranking report, and the fairness audit."""

# ruff: noqa: PLC0415  commands import what they need: help must not wait for numpy, nor a shortlist for MLflow

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from cli.run import Run

_MEASURES: Final = {
    "ndcg_at_10": "nDCG@10",
    "mrr_placed": "MRR",
    "retained_precision_at_5": "first 5 retained",
    "retained_precision_at_5_expected": "… expected",
    "retained_precision_at_5_at_most": "… at most",
}


def add_commands(app: typer.Typer) -> None:
    """Adds ``evaluate`` and ``audit``."""
    app.command("evaluate")(evaluate)
    app.command("audit")(audit)


def evaluate(
    context: typer.Context,
    runs: Annotated[
        list[str] | None, typer.Argument(metavar="[RUNS]...", help="Model versions; default the champion.")
    ] = None,
) -> None:
    """Judge models on lists that were shown after they were trained."""
    from cli.composition import encoder_in_force, existing_store
    from core.errors import NotFound
    from training.model_report import report_on
    from training.registry import Registry

    run: Run = context.obj
    with existing_store(run.settings) as store, run.console.status("ranking past lists once more"):
        registry = Registry.open(run.settings)
        champion = None if runs else registry.champion_version()
        versions = list(runs or ([champion] if champion else []))
        if not versions:
            raise NotFound("there is no champion to evaluate; name versions of kansrijk models, or run kansrijk train")
        encoder = encoder_in_force(run.settings)
        report = _plain(report_on(registry, versions, store, encoder, run.settings, as_of=datetime.now(UTC)))
    run.give(report, lambda console: _tell_report(console, report))


def audit(
    context: typer.Context,
    *,
    k: Annotated[int, typer.Option("-k", min=1, max=200, help="Places of a list that count as selected.")] = 20,
) -> None:
    """Audit the champion for unequal treatment, with the audit vault."""
    from cli.composition import encoder_in_force, existing_store
    from ranking.champion import read_model
    from training.audit import audit_champion

    run: Run = context.obj
    with existing_store(run.settings) as store, run.console.status("ranking vacancies"):
        model, encoder = read_model(run.settings.models_dir), encoder_in_force(run.settings)
        report = _plain(audit_champion(store, encoder, run.settings, model, k=k, moment=datetime.now(UTC)))
    run.give(report, lambda console: _tell_audit(console, report))


def _plain(value: Any) -> Any:
    """The same with null for a number that there is not: JSON knows no NaN."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _tell_report(console: Console, report: dict[str, Any]) -> None:
    for version, part in report["versions"].items():
        console.print(f"Model {version} ({part['ranker']}), trained as of {part['trained_as_of']}", markup=False)
        if part["metrics"] is None:
            console.print("  too few later lists, and its run logged no figures", style="yellow")
            continue
        console.print(f"  judged on {part['basis']}", markup=False)
        console.print(_quality(part))
        console.print(_gains(part))
        if part.get("entity_split"):
            console.print(_sheet("no talent or vacancy on both sides", part["entity_split"]))
        console.print(_segments(part["segments"]))
    for pair in report["differences"]:
        console.print(f"Model {pair['version']} minus model {pair['minus']}, on lists later than both:", markup=False)
        for name, value in pair["metrics"].items():
            console.print(f"  {_MEASURES[name]}: {_interval(value, signed=True)}", markup=False)
    _tell_retrieval(console, report["retrieval"])


def _quality(part: dict[str, Any]) -> Table:
    return _sheet("", {"the model": part["metrics"], **part["baselines"]})


def _gains(part: dict[str, Any]) -> Table:
    return _sheet("", {f"minus {name}": value for name, value in part["differences"].items()}, signed=True)


def _sheet(title: str, columns: dict[str, dict[str, Any]], *, signed: bool = False) -> Table:
    """A column per ranker, a row per measure."""
    table = _table(title, "", *columns)
    for key, name in _MEASURES.items():
        if any(key in measures for measures in columns.values()):
            table.add_row(name, *(_interval(one.get(key), signed=signed) for one in columns.values()))
    return table


def _segments(segments: list[dict[str, Any]]) -> Table:
    table = _table("nDCG@10 minus similarity by segment", "segment", "lists", "difference", "verdict")
    for one in segments:
        name = f"{one['dimension']}: {one['segment']}"
        table.add_row(name, str(one["n_lists"]), _interval(one["minus_similarity"], signed=True), one["verdict"])
    return table


def _tell_retrieval(console: Console, report: dict[str, Any]) -> None:
    for name in ("placed", "retained"):
        part = report[name]
        if not part["n"]:
            continue
        table = _table(f"Where {part['n']} people who were {name} would have been lost", "recall", "nearest", "by lot")
        for depth, found in part["recall"].items():
            table.add_row(f"at {depth}", _interval(found["retrieval"]), _interval(found["random"]))
        console.print(table)
        for ranker, lost in part["lost_to"].items():
            said = ", ".join(f"{step} {n}" for step, n in lost.items())
            console.print(f"  {ranker}, first {report['k']} of {report['retrieve']} retrieved: {said}", markup=False)
        if part["blocked_by"]:
            said = ", ".join(f"{code} {n}" for code, n in part["blocked_by"].items())
            console.print(f"  not eligible because of: {said}", markup=False)


def _tell_audit(console: Console, report: dict[str, Any]) -> None:
    vacancies = report["vacancies"]
    console.print(
        f"Champion {report['model_version']}: first {report['k']} places for {vacancies['open']} open and "
        f"{vacancies['earlier']} earlier vacancies, {report['people']} people; {report['lists_given']} lists given.",
        markup=False,
    )
    for attribute in report["attributes"]:
        console.print(f"\n{attribute['attribute']}: {attribute['verdict']}", style="bold", markup=False)
        console.print(f"  {attribute['advice']}", markup=False)
        table = _table("", "group", "people", "selected", "impact ratio", "exposure ratio", "score", "verdict")
        for group in attribute["groups"]:
            names = ("selection_rate", "impact_ratio", "exposure_ratio", "score_difference")
            figures = [_interval(group.get(name)) for name in names]
            table.add_row(group["group"], str(group["n"]), *figures, group["verdict"])
        console.print(table)
        for group in attribute["groups"]:
            _tell_group(console, group)


def _tell_group(console: Console, group: dict[str, Any]) -> None:
    """What is known beyond being selected, of groups for which there is enough."""
    said = []
    if (steps := group.get("steps")) and not group["reference"]:
        said.append("by step: " + ", ".join(f"{name} {_interval(value)}" for name, value in steps.items()))
    if (chance := group.get("equal_opportunity")) and chance["first_five"]:
        said.append(f"of {chance['n']} who lasted in the first five: {_interval(chance['first_five'])}")
    if (promise := group.get("calibration")) and promise["bias"]:
        said.append(
            f"promised minus real chance of lasting: {_interval(promise['bias'], signed=True)}, n {promise['n']}"
        )
    if found := group.get("proxies"):
        named = ", ".join(f"{one['feature']} {one['difference']:+.2f}" for one in found["features"][:3])
        said.append(f"features tell the group with AUC {_interval(found['auc'])}: {named}")
    for line in said:
        console.print(f"  {group['group']}: {line}", markup=False)


def _table(title: str, *headings: str) -> Table:
    table = Table(box=None, pad_edge=False, title=title or None, title_justify="left")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="left" if number == 0 else "right")
    return table


def _interval(value: dict[str, Any] | None, *, signed: bool = False) -> str:
    """Value with its interval; a dash where there is none."""
    if not value or value["value"] is None:
        return "–"
    form = "+.3f" if signed else ".3f"
    if value["low"] is None:
        return f"{value['value']:{form}}"
    return f"{value['value']:{form}} [{value['low']:{form}}, {value['high']:{form}}]"
