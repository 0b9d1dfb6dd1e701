"""The recipe of training: events → labels → features → fit → judge → register → promote."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time

import numpy as np
import orjson
import pandas as pd

from core.settings import Settings
from core.store import EventColumns, Store
from embeddings.encoder import Encoder
from ranking.features import COLUMNS, FEATURE_NAMES
from ranking.model import ModelInfo, RankingModel
from ranking.outcomes import DEFAULT_LABEL, LabelDefinition, Outcome, label_definition, placements
from ranking.trees import RankingTable, TreeRanker, TreeSettings, fit_ranker, refit_ranker
from training.dataset import FeatureBuilder, FeatureRows
from training.evaluation import (
    Estimate,
    baseline_scores,
    estimate,
    ndcg_per_list,
    reciprocal_rank_per_list,
)
from training.gate import Verdict, check_data, check_periods, judge
from training.registry import Registry, RunRecord
from training.report import training_report
from training.retention import fit_retention
from training.shown import Grade, shown_pairs
from training.splits import TimeSplit, split_by_time

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What a training run came to."""

    model_version: str
    metrics: dict[str, dict[str, float]]
    baselines: dict[str, dict[str, float]]
    promoted: bool
    reasons: list[str]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Out-of-time quality of the candidate and of the baselines, and where the candidate stopped learning."""

    ndcg: dict[str, Estimate]
    reciprocal_rank: dict[str, Estimate]
    difference: Estimate
    rounds: int
    curve: list[tuple[int, float]]


def train_ranker(
    store: Store,
    encoder: Encoder,
    settings: Settings,
    *,
    as_of: date | datetime | None = None,
    label: str = DEFAULT_LABEL,
    progress: Progress | None = None,
) -> TrainReport:
    """Trains, judges, registers, and promotes if the gate lets it pass.

    Args:
        store: records and events.
        encoder: the one that the index was made with.
        settings: where MLflow is, and how many threads to use.
        as_of: nothing after this moment is looked at; a date means its end. None means now.
        label: what counts as lasting.
        progress: gets a line per step.

    Raises:
        TrainingRefused: the data cannot carry a model.
        InputError: there is no such label.
    """
    say = progress or (lambda _: None)
    moment, definition, tree_settings = cutoff(as_of), label_definition(label), TreeSettings(threads=settings.threads)
    say("labels")
    events = store.event_columns(until=moment)
    shown = shown_pairs(events, as_of=moment, label=definition)
    check_data(shown)
    say(f"features of {len(shown)} shown pairs")
    builder = FeatureBuilder(store, encoder, shown)
    rows = builder.rows(shown, builder.history(events, as_of=moment, label=definition))
    check_data(rows.frame)  # once more: pairs of which a record is gone take no part
    say("fit and evaluate out of time")
    split = split_by_time(rows.frame, moment)
    evaluation = _evaluate(rows, _as_known(rows, split, events, definition), split, tree_settings)
    say("fit on everything that is known")
    hired = placements(events, as_of=moment, label=definition)
    ranker = refit_ranker(rows.table(), COLUMNS, tree_settings, rounds=evaluation.rounds)
    head = fit_retention(rows, hired, as_of=moment, seed=tree_settings.seed)
    info = ModelInfo("", definition.name, encoder.version, moment.isoformat(), FEATURE_NAMES)
    model = RankingModel(info, ranker, head)
    verdict = judge(evaluation.difference)
    say("register")
    registry = Registry.open(settings)
    version = registry.record(_run(model, evaluation, verdict, rows, split, tree_settings), model)
    if verdict.passed:
        registry.promote(version)
    return _report(version, evaluation, verdict, rows, hired)


def cutoff(as_of: date | datetime | None) -> datetime:
    """The end of a day, a given moment, or now."""
    if as_of is None:
        return datetime.now(UTC)
    if isinstance(as_of, datetime):
        return as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC)
    return datetime.combine(as_of, time.max, tzinfo=UTC)


def _as_known(rows: FeatureRows, split: TimeSplit, events: EventColumns, definition: LabelDefinition) -> FeatureRows:
    """The rows before the test period, graded by what was known when that period began."""
    then = pd.Timestamp(split.test_from).to_pydatetime().replace(tzinfo=UTC)
    return rows.graded(shown_pairs(events, as_of=then, label=definition))


def _evaluate(rows: FeatureRows, earlier: FeatureRows, split: TimeSplit, settings: TreeSettings) -> Evaluation:
    """Learns from the past as it was known then, and judges on what came after.

    The tuning period chooses the number of rounds; what is judged has then learned from both periods before the test.
    """
    curve: list[tuple[int, float]] = []
    train = earlier.where(split.train(earlier.frame["shown_at"])).table()
    tune = earlier.where(split.tune(earlier.frame["shown_at"])).table()
    test = rows.where(split.test(rows.frame["shown_at"])).table()
    check_periods({"training": len(train), "tuning": len(tune), "test": len(test)})
    _, rounds = fit_ranker(train, tune, COLUMNS, settings, on_round=lambda number, value: curve.append((number, value)))
    before = earlier.where(~split.test(earlier.frame["shown_at"])).table()
    ranker = refit_ranker(before, COLUMNS, settings, rounds=rounds)
    return compare(ranker, test, rounds, curve)


def compare(ranker: TreeRanker, test: RankingTable, rounds: int, curve: list[tuple[int, float]]) -> Evaluation:
    """Puts the ranker beside every baseline on the same lists."""
    scores = {"learned": ranker.score(test.features), **baseline_scores(test)}
    per_list = {name: ndcg_per_list(test, values) for name, values in scores.items()}
    return Evaluation(
        ndcg={name: estimate(values) for name, values in per_list.items()},
        reciprocal_rank={name: estimate(reciprocal_rank_per_list(test, values)) for name, values in scores.items()},
        difference=estimate(per_list["learned"] - per_list["similarity"]),
        rounds=rounds,
        curve=curve,
    )


def _run(
    model: RankingModel,
    evaluation: Evaluation,
    verdict: Verdict,
    rows: FeatureRows,
    split: TimeSplit,
    settings: TreeSettings,
) -> RunRecord:
    data = fingerprint(rows)
    content = hashlib.sha256(
        orjson.dumps([model.ranker.to_text(), model.retention and model.retention.to_json(), data])
    ).hexdigest()
    metrics = {
        f"test_{metric}_{name}": value.value
        for metric, values in (("ndcg_at_10", evaluation.ndcg), ("mrr_placed", evaluation.reciprocal_rank))
        for name, value in values.items()
        if value.n_lists
    }
    metrics |= {
        f"test_ndcg_difference_{part}": getattr(evaluation.difference, part) for part in ("value", "low", "high")
    }
    return RunRecord(
        parameters={
            **{name: str(value) for name, value in asdict(settings).items() if name != "threads"},
            "rounds": evaluation.rounds,
            "test_from": str(split.test_from),
            "test_until": str(split.test_until),
        },
        metrics={name: value for name, value in metrics.items() if np.isfinite(value)},
        curve=evaluation.curve,
        tags={
            "label": model.info.label,
            "encoder_version": model.info.encoder_version,
            "trained_as_of": model.info.trained_as_of,
            "data": data,
            "content": content,
        },
        reports={
            "report.md": training_report(model, evaluation.ndcg, evaluation.difference, verdict.reasons),
            "features.json": orjson.dumps(list(FEATURE_NAMES)).decode(),
        },
        promotable=verdict.passed,
    )


def fingerprint(rows: FeatureRows) -> str:
    """SHA-256 over the pairs, their grades and features: equal data, equal fingerprint."""
    digest = hashlib.sha256()
    frame = rows.frame[["vacancy_id", "talent_id", "list_id", "grade"]].astype(str)
    digest.update(frame.to_csv(index=False).encode())
    digest.update(np.ascontiguousarray(rows.features).tobytes())
    return digest.hexdigest()


def _report(
    version: str, evaluation: Evaluation, verdict: Verdict, rows: FeatureRows, hired: pd.DataFrame
) -> TrainReport:
    ndcg = {name: value.to_json() for name, value in evaluation.ndcg.items()}
    outcome = hired["outcome"].value_counts()
    return TrainReport(
        model_version=version,
        metrics={
            "ndcg_at_10": ndcg["learned"],
            "mrr_placed": evaluation.reciprocal_rank["learned"].to_json(),
            "ndcg_at_10_minus_similarity": evaluation.difference.to_json(),
        },
        baselines={name: value for name, value in ndcg.items() if name != "learned"},
        promoted=verdict.passed,
        reasons=verdict.reasons,
        counts={
            "shown": len(rows.frame),
            "proposed": int((rows.frame["grade"] >= Grade.PROPOSED).sum()),
            "placements": len(hired),
            **{str(name): int(outcome.get(name, 0)) for name in Outcome},
        },
    )
