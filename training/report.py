"""The report of a training run, as text that a person can read in MLflow."""

from collections.abc import Mapping

from ranking.features import FEATURES
from ranking.model import RankingModel
from training.evaluation import Estimate


def training_report(model: RankingModel, ndcg: Mapping[str, Estimate], difference: Estimate, reasons: list[str]) -> str:
    """Writes Markdown: the verdict, quality beside baselines, and what the ranker looks at.

    Args:
        model: the model that is registered: fitted on all data with the settings that were judged.
        ndcg: nDCG@10 by ranker on the test period, of the model fitted on what was known before it.
        difference: of the learned ranker over similarity, paired per list.
        reasons: the gate's.
    """
    lines = [
        f"# Ranker trained as of {model.info.trained_as_of}",
        "",
        *(f"- {reason}" for reason in reasons),
        f"- label {model.info.label}, encoder {model.info.encoder_version}, {model.ranker.n_trees} trees",
        "",
        "Judged out of time: fitted on what was known before the test period. The registered model has the same",
        "settings and number of rounds, fitted on everything up to the cut-off.",
        "",
        "| ranker | nDCG@10 | 95 % interval | lists |",
        "|---|---|---|---|",
        *(_row(name, value) for name, value in ndcg.items()),
        _row("learned − similarity", difference),
        "",
        "## What it looks at",
        "",
        "| feature | share of gain | unit | direction | why |",
        "|---|---|---|---|---|",
    ]
    gain = model.ranker.importance()
    total = sum(gain.values()) or 1.0
    arrows = {1: "more is better", -1: "less is better", 0: "the data decides"}
    lines += [
        f"| {feature.name} | {gain[feature.name] / total:.1%} | {feature.unit} | {arrows[feature.monotone]} "
        f"| {feature.why} |"
        for feature in sorted(FEATURES, key=lambda feature: -gain[feature.name])
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, value: Estimate) -> str:
    return f"| {name} | {value.value:.3f} | {value.low:.3f} to {value.high:.3f} | {value.n_lists} |"
