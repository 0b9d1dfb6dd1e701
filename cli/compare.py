"""Commands about models in use: who challenges the champion, and what the lists say of the two."""

# ruff: noqa: PLC0415  commands import what they need: help must not wait for numpy, nor a shortlist for MLflow

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from cli.run import Run

if TYPE_CHECKING:
    from core.store import EventColumns, Store
    from training.credits import Judged

DIFFERENCES: Final = (0.05, 0.10, 0.15)
"""Shares above one half for which the calculator is asked when none is given."""


class GoalChoice(StrEnum):
    """As ``training.credits.Goal``, which takes too long to import for a help text; a test holds them together."""

    PROPOSED = "proposed"
    PLACED = "placed"
    RETAINED = "retained"


def add_commands(app: typer.Typer) -> None:
    """Adds ``challenge`` and ``compare``."""
    app.command("challenge")(challenge)
    app.command("compare")(compare)


def challenge(
    context: typer.Context,
    version: Annotated[str | None, typer.Argument(metavar="VERSION", help="See models.", show_default=False)] = None,
    *,
    nobody: Annotated[bool, typer.Option("--nobody", help="There is no challenger any more.")] = False,
) -> None:
    """Let a model rank along without being shown.

    A running service keeps what it would have shown beside every list that it gives.
    """
    from training.registry import Registry

    if (version is None) != nobody:
        raise typer.BadParameter("give a VERSION or --nobody, one of the two")
    run: Run = context.obj
    registry = Registry.open(run.settings)
    registry.challenge(version)
    result = {"champion": registry.champion_version(), "challenger": registry.challenger_version()}
    said = f"Model {version} ranks along from now on." if version else "There is no challenger any more."
    run.give(result, lambda console: console.print(said, markup=False))


def compare(
    context: typer.Context,
    *,
    goal: Annotated[GoalChoice, typer.Option(help="What a place on a list is to lead to.")] = GoalChoice.PROPOSED,
    difference: Annotated[
        float | None,
        typer.Option(min=0.005, max=0.5, help="How many weeks a share of wins this far above one half would need."),
    ] = None,
    offline: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Estimate this model's value from explored lists.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Lists from this day on.")
    ] = None,
) -> None:
    """Compare champion and challenger in use.

    Tells what the lists that were given say of them, and how many weeks a comparison takes.
    """
    from cli.composition import existing_store

    run: Run = context.obj
    asked = _Asked(goal, (difference,) if difference else DIFFERENCES, since.replace(tzinfo=UTC) if since else None)
    with existing_store(run.settings) as store, run.console.status("reading lists and events"):
        report = _report(run, store, asked, offline)
    run.give(report, lambda console: _tell(console, report))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is compared: by which goal, for which differences, from when on."""

    goal: GoalChoice
    differences: tuple[float, ...]
    since: datetime | None


def _report(run: Run, store: "Store", asked: _Asked, offline: str | None) -> dict[str, Any]:
    from ranking.outcomes import DEFAULT_LABEL, LABELS
    from training.comparison import duels, pace, plan, shadows
    from training.credits import Goal, judged
    from training.overrules import overrule_rates, shown_and_overruled
    from training.shown import shown_pairs

    now, goal = datetime.now(UTC), Goal(asked.goal.value)
    events = store.event_columns()
    kept = list(store.iter_shortlists(since=asked.since))
    lists = judged(kept, events, goal, as_of=now)
    rate = pace(shown_pairs(events, as_of=now, label=LABELS[DEFAULT_LABEL]), goal, as_of=now)
    return {
        "goal": goal.value,
        "lists": len(kept),
        "judged_lists": len(lists.lists),
        "interleaving": [{**asdict(duel), "verdict": duel.verdict} for duel in duels(lists)],
        "shadow": [asdict(one) for one in shadows(kept)],
        "overrules": [asdict(one) for one in overrule_rates(*shown_and_overruled(store.iter_events(), kept))],
        "pace": asdict(rate),
        "plans": [asdict(plan(size, goal, rate)) for size in asked.differences],
        "off_policy": None if offline is None else _estimated(run, store, offline, lists, events),
    }


def _estimated(run: Run, store: "Store", version: str, lists: "Judged", events: "EventColumns") -> dict[str, Any]:
    from cli.composition import encoder_in_force
    from core.errors import NotFound
    from training.examination import estimate_as_looked_at
    from training.registry import Registry
    from training.replay import logged_lists

    model, encoder = Registry.open(run.settings).model(version), encoder_in_force(run.settings)
    model.check_encoder(encoder.version)
    logged = logged_lists(lists, model, store, encoder, events, as_of=datetime.now(UTC))
    if not logged:
        raise NotFound(
            "no explored list was opened and had its time yet; set KANSRIJK_EXPLORATION_SHARE for the service and wait"
        )
    report, places = estimate_as_looked_at(logged)
    n_places = max(item.design.n_places for item in logged)
    seen = None if places is None else {**asdict(places), "by_place": [*places.by_place(n_places).values()]}
    return {"model_version": version, **report.to_json(), "examination": seen}


def _tell(console: Console, report: dict[str, Any]) -> None:
    console.print(f"{report['judged_lists']} of {report['lists']} lists were opened and had their time.", markup=False)
    for duel in report["interleaving"]:
        wins = duel["challenger_wins"]
        console.print(
            f"Interleaved: challenger {duel['challenger']} against champion {duel['champion']}: {duel['verdict']}; won "
            f"{wins['share']:.0%} [{wins['low']:.0%}, {wins['high']:.0%}] of {wins['n_decided']} lists with a winner, "
            f"{duel['n_ties']} without.",
            markup=False,
        )
    for one in report["shadow"]:
        console.print(
            f"Shadow: challenger {one['challenger']} beside {one['champion'] or 'similarity'} on {one['n_lists']} "
            f"lists: {one['mean_overlap']:.0%} of the people are the same.",
            markup=False,
        )
    for rate in report["overrules"]:
        console.print(
            f"Overruled by a matchmaker, {rate['model_version'] or 'lists of no model'}: {rate['n_overruled']} of "
            f"{rate['n_shown']} on the first places ({rate['share']:.1%} [{rate['low']:.1%}, {rate['high']:.1%}]).",
            markup=False,
        )
    console.print(_plans(report))
    if report["off_policy"]:
        _tell_estimate(console, report["off_policy"])


def _plans(report: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, title=f"Weeks at {report['pace']['lists_per_week']:.1f} lists a week")
    for heading in ("wins above half", "lists with a winner", "lists", "weeks"):
        table.add_column(heading, justify="right")
    for one in report["plans"]:
        weeks = "never at this rate" if one["weeks"] is None else f"{one['weeks']:.0f}"
        table.add_row(f"{one['difference']:.1%}", str(one["decided_lists"] or "more"), str(one["lists"] or "–"), weeks)
    return table


def _tell_estimate(console: Console, estimate: dict[str, Any]) -> None:
    for name in ("self_normalised", "ips", "clipped", "logged", "naive"):
        part = estimate[name]
        text = f"  {name:<16} {part['value']:.3f} [{part['low']:.3f}, {part['high']:.3f}]"
        console.print(text + (" (biased; for comparison)" if name == "naive" else ""), markup=False)
    console.print(
        f"  a list of model {estimate['model_version']}, from {estimate['n_lists']} explored lists; effective sample "
        f"size {estimate['effective_sample_size']:.0f}, largest weight {estimate['largest_weight']:.0f}",
        markup=False,
    )
    places = estimate["examination"]
    if places is None:
        console.print("  places are taken to be looked at alike: too few outcomes tell", markup=False)
    else:
        fifth, last = (places["by_place"][number] for number in (min(4, len(places["by_place"]) - 1), -1))
        console.print(
            f"  looked at beside the first place, as these lists tell: the fifth {fifth:.2f}, the last {last:.2f}",
            markup=False,
        )
