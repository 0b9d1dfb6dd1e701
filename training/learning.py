"""The recipe of training: events → labels → features → leak checks → fit → choose → judge → register → promote."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

import pandas as pd

from core.errors import PromotionRefused
from core.settings import Settings
from core.store import Store
from embeddings.encoder import Encoder
from ranking.features import COLUMNS, FEATURE_NAMES
from ranking.model import ModelInfo, RankingModel
from ranking.outcomes import DEFAULT_LABEL, Outcome, label_definition, placements
from ranking.trees import TreeSettings
from training.calibration import check_calibration
from training.candidates import UNLEARNED, fit_candidates
from training.dataset import FeatureBuilder, FeatureRows
from training.gate import Verdict, check_data, judge
from training.heads import Lessons
from training.judging import Evaluation, Past, evaluate
from training.leakage import Source, check_leaks, in_time
from training.promotion import promote_checked
from training.registry import Registry
from training.retention import RetentionEvidence, learn_retention
from training.run_record import run_record, store_name
from training.sample import events_of, whole_lists
from training.segments import Traits
from training.shown import Grade, shown_pairs
from training.splits import split_by_time
from training.trained import Trained
from training.tuning import tune

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What a training run came to.

    Attributes:
        model_version: in the registry.
        ranker: which candidate it is.
        metrics: of that candidate on the test period.
        baselines: nDCG@10 of rankers without learning on the same lists.
        candidates: nDCG@10 of all candidates on the same lists.
        promoted: whether it is the champion now.
        reasons: why it was chosen, and why it was promoted or not.
        counts: of the data.
    """

    model_version: str
    ranker: str
    metrics: dict[str, dict[str, float]]
    baselines: dict[str, dict[str, float]]
    candidates: dict[str, dict[str, float]]
    promoted: bool
    reasons: list[str]
    counts: dict[str, int]


def train_ranker(  # noqa: PLR0913  each is a choice of who trains, all but three have a usual value
    store: Store,
    encoder: Encoder,
    settings: Settings,
    *,
    as_of: date | datetime | None = None,
    label: str = DEFAULT_LABEL,
    trials: int = 0,
    leave_out_late: bool = False,
    progress: Progress | None = None,
) -> TrainReport:
    """Trains, judges, registers, and promotes if the gate lets it pass.

    Args:
        store: records and events.
        encoder: the one that the index was made with.
        settings: where MLflow is, and how many threads to use.
        as_of: nothing after this moment is looked at; a date means its end. None means now.
        label: what counts as lasting.
        trials: settings of the trees to try on the tuning period; 0 takes the usual ones.
        leave_out_late: learn without the lists on which a record is only known as it was later, instead of refusing.
        progress: gets a line per step.

    Raises:
        TrainingRefused: the data cannot carry a model, or a feature could see the future.
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
    rows = builder.rows(shown, builder.history(events, as_of=moment))
    left_out = 0
    if leave_out_late:
        kept = in_time(rows, builder)
        left_out, rows = int(rows.frame["list_id"][~kept].nunique()), rows.where(kept)
        say(f"{left_out} lists with later records left out")
    say("look for leaks")
    check_leaks(rows, Source(store, encoder, builder, events))
    check_data(rows.frame)  # once more: pairs of which a record is gone take no part
    synthetic = builder.synthetic
    del builder  # on a large history gigabytes of people, vacancies and vectors
    past = Past(rows, events, definition, tree_settings)
    some = _judged(past, store)
    split = split_by_time(rows.frame, moment)
    tuning = tune(some, split, trials, progress=say) if trials else None
    if tuning:
        past, some = (replace(one, settings=tuning.settings) for one in (past, some))
    say("fit and evaluate out of time")
    evaluation = evaluate(some, split, moment, untuned=tree_settings)
    say("fit on everything that is known")
    hired = placements(events, as_of=moment, label=definition)
    model, evidence = _fitted(past, hired, moment, evaluation, encoder.version)
    miscalibrated = check_calibration(evidence.reliability) if evidence else []
    verdict = judge(evaluation.choice.name, evaluation.differences).unless(miscalibrated)
    counts, source = _counts(rows, hired) | {"lists_left_out": left_out}, store_name(settings.store_url)
    trained = Trained(model, past, split, evaluation, verdict, evidence, tuning, source, synthetic, counts)
    say("write the report and register")
    record = run_record(trained)
    registry = Registry.open(settings)
    version = registry.record(record, model)
    if verdict.passed:
        try:
            promote_checked(registry, store, encoder, settings, version, as_of=moment, trained_on=rows)
        except PromotionRefused as refusal:
            verdict = Verdict(False, [*verdict.reasons, *refusal.reasons])
    return _report(version, evaluation, verdict, counts)


def cutoff(as_of: date | datetime | None) -> datetime:
    """The end of a day, a given moment, or now."""
    if as_of is None:
        return datetime.now(UTC)
    if isinstance(as_of, datetime):
        return as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC)
    return datetime.combine(as_of, time.max, tzinfo=UTC)


def _judged(past: Past, store: Store) -> Past:
    """What the candidates are chosen on: choosing takes many fits, and a large history has more lists than it needs."""
    rows = whole_lists(past.rows)
    traits = Traits.read(store, rows.frame, past.events)
    return replace(
        past, rows=rows, traits=traits, events=past.events if rows is past.rows else events_of(past.events, rows)
    )


def _fitted(
    past: Past, hired: pd.DataFrame, moment: datetime, evaluation: Evaluation, encoder_version: str
) -> tuple[RankingModel, RetentionEvidence | None]:
    """The model of the chosen candidate on everything that is known, and the evidence for its retention head."""
    lessons, chosen = Lessons(past.rows, hired, moment, COLUMNS, past.settings), evaluation.choice.name
    ranker = fit_candidates(lessons, rounds=evaluation.rounds, wanted=[chosen])[chosen]
    found = learn_retention(past.rows, hired, as_of=moment, seed=past.settings.seed, settings=past.settings)
    info = ModelInfo("", past.label.name, encoder_version, moment.isoformat(), FEATURE_NAMES)
    return RankingModel(info, ranker, found.head if found else None), found.evidence if found else None


def _report(version: str, evaluation: Evaluation, verdict: Verdict, counts: dict[str, int]) -> TrainReport:
    ndcg = {name: value.to_json() for name, value in evaluation.ndcg.items()}
    chosen = str(evaluation.choice.name)
    metrics = {"ndcg_at_10": ndcg[chosen], "mrr_placed": evaluation.reciprocal_rank[chosen].to_json()}
    metrics |= {f"ndcg_at_10_minus_{name}": value.to_json() for name, value in evaluation.differences.items()}
    metrics |= {f"ndcg_at_10_unseen_{name}": value.to_json() for name, value in (evaluation.unseen or {}).items()}
    return TrainReport(
        model_version=version,
        ranker=chosen,
        metrics=metrics,
        baselines={name: ndcg[name] for name in ("random", *map(str, UNLEARNED))},
        candidates={name: value for name, value in ndcg.items() if name != "random"},
        promoted=verdict.passed,
        reasons=[evaluation.choice.reason, *verdict.reasons],
        counts=counts,
    )


def _counts(rows: FeatureRows, hired: pd.DataFrame) -> dict[str, int]:
    outcome = hired["outcome"].value_counts()
    return {
        "shown": len(rows.frame),
        "proposed": int((rows.frame["grade"] >= Grade.PROPOSED).sum()),
        "placements": len(hired),
        **{str(name): int(outcome.get(name, 0)) for name in Outcome},
    }
