"""What a training run leaves in MLflow: parameters, figures, versions, data, trials and the report."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import orjson
import pandas as pd

from ranking.features import FEATURE_NAMES
from training.dataset import FeatureRows
from training.judging import Evaluation
from training.report import training_report
from training.sample import whole_lists
from training.shown import Grade
from training.tracking import DataUsed, RunRecord
from training.trained import Trained

_SAMPLE: Final = 5_000  # rows that the input example is the middle of


def run_record(trained: Trained) -> RunRecord:
    """Describes a run for the registry."""
    model, evaluation, past, split = trained.model, trained.evaluation, trained.past, trained.split
    data = fingerprint(past.rows)
    retention = model.retention.to_json() if model.retention else None
    content = hashlib.sha256(orjson.dumps([model.ranker.to_json(), retention, data])).hexdigest()
    reports = {
        "report.html": training_report(trained),
        "evaluation.json": _json(evaluation.to_json()),
        "features.json": _json(list(FEATURE_NAMES)),
    }
    if trained.retention is not None:
        reports["retention.json"] = _json(trained.retention.to_json())
    return RunRecord(
        parameters={
            **{name: str(value) for name, value in asdict(past.settings).items() if name != "threads"},
            "ranker": str(evaluation.choice.name),
            "rounds": evaluation.rounds,
            "tuned_over": len(trained.tuning.trials) if trained.tuning else 0,
            "test_from": str(split.test_from),
            "test_until": str(split.test_until),
        },
        metrics=_metrics(trained),
        curve=evaluation.curve,
        tags={
            "label": model.info.label,
            "encoder_version": model.info.encoder_version,
            "trained_as_of": model.info.trained_as_of,
            "data": data,
            "content": content,
            "synthetic": str(trained.synthetic).lower(),
        },
        reports=reports,
        promotable=trained.verdict.passed,
        data=_data(trained, data),
        trials=trained.tuning.trials if trained.tuning else (),
        example=_example(past.rows.features),
    )


def fingerprint(rows: FeatureRows) -> str:
    """SHA-256 over the pairs, their grades and features: equal data, equal fingerprint."""
    digest = hashlib.sha256()
    for name in ("vacancy_id", "talent_id", "list_id", "grade"):
        digest.update("\n".join([name, *map(str, rows.frame[name])]).encode())
    digest.update(np.ascontiguousarray(rows.features).tobytes())
    return digest.hexdigest()


def store_name(url: str) -> str:
    """A store's address without user, password and options: ``postgresql://host:5432/name``."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def _metrics(trained: Trained) -> dict[str, float]:
    evaluation, retention = trained.evaluation, trained.retention
    found = _evaluated(evaluation)
    if retention is not None and retention.reliability.n:
        reliability = retention.reliability
        found |= {"test_retention_ece": reliability.ece, "test_retention_ece_low": reliability.low}
        found |= {"test_retention_ece_high": reliability.high}
        found |= {f"test_retention_log_loss_{method.value}": loss for method, loss in retention.log_loss.items()}
    return {name: value for name, value in found.items() if np.isfinite(value)}


def _evaluated(evaluation: Evaluation) -> dict[str, float]:
    found = {
        f"test_{metric}_{name}": value.value
        for metric, values in (("ndcg_at_10", evaluation.ndcg), ("mrr_placed", evaluation.reciprocal_rank))
        for name, value in values.items()
    }
    found |= {
        f"test_ndcg_minus_{name}_{part}": getattr(difference, part)
        for name, difference in evaluation.differences.items()
        for part in ("value", "low", "high")
    }
    return found | {f"unseen_ndcg_at_10_{name}": value.value for name, value in (evaluation.unseen or {}).items()}


def _data(trained: Trained, digest: str) -> list[DataUsed]:
    """What the registered model was fitted on, and what the candidates were judged on."""
    rows, info = trained.past.rows, trained.model.info
    source = {"store": trained.store, "as_of": info.trained_as_of, "label": info.label, "made_by": "kansrijk train"}
    some = whole_lists(rows)  # of which the candidates were judged
    test = some.where(trained.split.test(some.frame["shown_at"]))
    return [
        DataUsed("training", "shown-pairs", digest, _table(rows), source, trained.counts),
        DataUsed("evaluation", "shown-pairs-test-period", fingerprint(test), _table(test), source, _counts(test)),
    ]


def _table(rows: FeatureRows) -> pd.DataFrame:
    table = pd.DataFrame(rows.features, columns=list(FEATURE_NAMES), copy=False)
    return table.assign(grade=rows.frame["grade"].to_numpy(dtype=np.float64))


def _counts(rows: FeatureRows) -> Mapping[str, int]:
    grade = rows.frame["grade"]
    placed = (grade >= Grade.PLACED) | (grade == Grade.UNKNOWN)
    return {"shown": len(grade), "lists": int(rows.frame["list_id"].nunique()), "placements": int(placed.sum())}


def _example(features: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Two rows (2, f) that are nobody's: the middle of what is known, and nothing known."""
    sample = features[:: max(1, len(features) // _SAMPLE)]
    unknown = np.full(features.shape[1], np.nan)
    known = ~np.isnan(sample).all(axis=0)
    middle = unknown.copy()
    middle[known] = np.nanmedian(sample[:, known], axis=0)
    return np.vstack([middle, unknown])


def _json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
