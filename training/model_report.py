"""The ranking report on models: what each makes of lists that were shown after it had learned all that it knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from typing import Protocol

import numpy as np
import numpy.typing as npt
import orjson
import pandas as pd

from core.errors import InputError, NotFound
from core.settings import Settings
from core.store import EventColumns, Store
from embeddings.encoder import Encoder
from ranking.features import FEATURE_NAMES
from ranking.history import PlacementHistory
from ranking.model import RankingModel
from ranking.outcomes import LabelDefinition, label_definition, placements, utc_instant
from ranking.rankers import CoverageRanker, Ranker, SimilarityRanker
from training.dataset import FeatureBuilder, FeatureRows
from training.evaluation import estimate, random_scores
from training.gains import expected_gains
from training.judging import Judged, in_lists, sheet_json
from training.measures import Measure, measured
from training.retrieval import Reach, good_pairs, retrieval_report, traced
from training.segments import Traits, by_segment
from training.shown import shown_pairs
from training.splits import SETTLED_AFTER, split_by_time

Floats = npt.NDArray[np.float64]

MIN_LISTS = 30
"""Later lists with somebody good below which nothing is said of a model out of time."""
K = 20  # places of a list, as people ask for it
UNLEARNED: Mapping[str, Ranker] = {
    "similarity": SimilarityRanker(FEATURE_NAMES),
    "coverage": CoverageRanker(FEATURE_NAMES),
}
LATER, OWN = "lists shown after it was trained", "its own test period, as logged when it was trained"


@dataclass(frozen=True, slots=True)
class Later:
    """What was shown and has had its time: features as of the showing, outcomes as known now."""

    rows: FeatureRows
    events: EventColumns
    hired: pd.DataFrame
    label: LabelDefinition
    as_of: datetime
    traits: Traits

    def judged(self, since: np.datetime64) -> Judged:
        """The lists that were shown after a moment."""
        rows = in_lists(self.rows.where(self.rows.frame["shown_at"].to_numpy() > since))
        return Judged.of(rows, expected_gains(rows.frame, self.hired, as_of=self.as_of, label=self.label))


class Versions(Protocol):
    """What is asked of a registry; :class:`training.registry.Registry` is one."""

    def model(self, version: str) -> RankingModel:
        """A version as serving would read it."""
        ...

    def report(self, version: str, name: str) -> str | None:
        """A report that its run logged; None when it has none."""
        ...


def report_on(
    registry: Versions,
    versions: Sequence[str],
    store: Store,
    encoder: Encoder,
    settings: Settings,
    *,
    as_of: datetime,
) -> dict[str, object]:
    """Judges versions of the registry on what is in the store.

    A version with fewer than ``MIN_LISTS`` later lists is reported by what was logged when it was trained.

    Args:
        registry: holds the versions.
        versions: one or more; the report's own metrics are those of the first.
        store: records and events.
        encoder: the one in force.
        settings: how many talents serving retrieves.
        as_of: nothing after this moment is looked at.

    Raises:
        NotFound: a version is not there, or nothing can be said of any of them.
        InputError: they learned different labels.
        ArtifactMismatch: one was trained with another encoder.
    """
    models = {version: registry.model(version) for version in dict.fromkeys(versions)}
    for model in models.values():
        model.check_encoder(encoder.version)
    report = judge_models(models, store, encoder, settings, as_of=as_of)
    parts = report["versions"]
    assert isinstance(parts, dict)  # noqa: S101  made a few lines below
    for version in [version for version, part in parts.items() if part["metrics"] is None]:
        logged = registry.report(version, "evaluation.json")
        if logged is not None:
            parts[version] |= {"basis": OWN} | orjson.loads(logged)
    if all(part["metrics"] is None for part in parts.values()):
        raise NotFound(
            f"fewer than {MIN_LISTS} lists with an outcome were shown after these models were trained, and their runs "
            "logged no figures; wait for outcomes, or kansrijk train --as-of an earlier day and evaluate that version"
        )
    first = parts[next(iter(models))]
    return {"metrics": first["metrics"], "baselines": first["baselines"], **report}


def judge_models(
    models: Mapping[str, RankingModel], store: Store, encoder: Encoder, settings: Settings, *, as_of: datetime
) -> dict[str, object]:
    """Judges models, each on the lists that were shown after its own cut-off.

    Returns:
        label, as_of, versions (by version: trained_as_of, lists, basis, metrics, baselines, differences, segments;
        without enough later lists metrics is None), differences (pairs of versions on the lists that are later for
        both), retrieval.
    """
    labels = {model.info.label for model in models.values()}
    if len(labels) > 1:
        raise InputError(f"these versions learned different labels ({', '.join(sorted(labels))}); evaluate them apart")
    label, events = label_definition(labels.pop()), store.event_columns(until=as_of)
    shown = shown_pairs(events, as_of=as_of, label=label)
    if not len(shown):
        raise NotFound("no list was shown yet; import events first")
    since = {version: utc_instant(datetime.fromisoformat(one.info.trained_as_of)) for version, one in models.items()}
    first = min(*since.values(), split_by_time(shown, as_of).test_from)
    settled = shown["shown_at"].to_numpy() <= utc_instant(as_of) - SETTLED_AFTER
    kept = shown[settled & (shown["shown_at"].to_numpy() >= first)].reset_index(drop=True)
    builder = FeatureBuilder(store, encoder, _everyone(store, kept, placements(events, as_of=as_of, label=label)))
    history = builder.history(events, as_of=as_of)
    hired = placements(events, as_of=as_of, label=label)
    later = Later(builder.rows(kept, history), events, hired, label, as_of, Traits.read(store, kept, events))
    lists = {version: later.judged(moment) for version, moment in since.items()}
    parts = {version: _part(models[version], lists[version], later.traits) for version in models}
    fair = {version: models[version].ranker for version, part in parts.items() if part["metrics"] is not None}
    return {
        "label": label.name,
        "as_of": as_of.astimezone(UTC).isoformat(),
        "versions": parts,
        "differences": _between(models, lists, since),
        "retrieval": _retrieval(later, builder, history, fair, since, Reach(settings.retrieve, K)),
    }


def _everyone(store: Store, shown: pd.DataFrame, hired: pd.DataFrame) -> pd.DataFrame:
    """Pairs that name everyone who may be ranked, and every vacancy whose outcome an employer's history holds."""
    people = [item.record.talent_id for item in store.iter_talents()]
    vacancies = pd.concat([shown["vacancy_id"], hired["vacancy_id"]]).unique()
    n = max(len(people), len(vacancies), 1)
    return pd.DataFrame({"talent_id": np.resize(people or [""], n), "vacancy_id": np.resize(vacancies, n)})


def _part(model: RankingModel, lists: Judged, traits: Traits) -> dict[str, object]:
    """One version's part of the report."""
    telling = int(pd.Series(lists.gains > 0).groupby(lists.frame["list_id"].to_numpy(dtype=object)).any().sum())
    about: dict[str, object] = {
        "ranker": model.ranker.kind,
        "trained_as_of": model.info.trained_as_of,
        "encoder_version": model.info.encoder_version,
        "lists": {"shown": len(lists.table.group_sizes), "with_an_outcome": telling},
    }
    if telling < MIN_LISTS:
        nothing = dict.fromkeys(("basis", "metrics", "baselines", "differences", "segments"))
        return about | nothing
    scores = {"model": lists.scores(model.ranker), **{name: lists.scores(one) for name, one in UNLEARNED.items()}}
    sheet = sheet_json(lists.sheet({**scores, "random": random_scores(len(lists.table))}))
    per_list = {name: _per_list(lists, one) for name, one in scores.items()}
    segments = by_segment(lists.frame, lists.gains, scores, traits, judged="model")
    return about | {
        "basis": LATER,
        "metrics": sheet.pop("model"),
        "baselines": sheet,
        "differences": {name: _difference(per_list["model"], per_list[name]) for name in UNLEARNED},
        "segments": [segment.to_json() for segment in segments],
    }


def _per_list(lists: Judged, scores: Floats) -> dict[Measure, Floats]:
    return measured(lists.table, lists.gains, lists.frame["outcome"].to_numpy(dtype=object), scores)


def _difference(one: Mapping[Measure, Floats], other: Mapping[Measure, Floats]) -> dict[str, dict[str, float]]:
    """One minus the other by measure, paired per list."""
    return {str(measure): estimate(one[measure] - other[measure]).to_json() for measure in Measure}


def _between(
    models: Mapping[str, RankingModel],
    lists: Mapping[str, Judged],
    since: Mapping[str, np.datetime64],
) -> list[dict[str, object]]:
    """Differences of every two versions on the lists that neither has learned from."""
    found: list[dict[str, object]] = []
    for one, other in combinations(models, 2):
        both = lists[one] if since[one] >= since[other] else lists[other]
        if not len(both.table):
            continue
        first, second = (_per_list(both, both.scores(models[version].ranker)) for version in (one, other))
        known = int((~np.isnan(first[Measure.NDCG])).sum())
        if known >= MIN_LISTS:
            found.append({"version": one, "minus": other, "metrics": _difference(first, second)})
    return found


def _retrieval(
    later: Later,
    builder: FeatureBuilder,
    history: PlacementHistory,
    fair: Mapping[str, Ranker],
    since: Mapping[str, np.datetime64],
    reach: Reach,
) -> dict[str, object]:
    """Recall of retrieval on the lists that no version has learned from; without such, on the latest lists.

    Retrieval itself learns from no outcome, so it can be judged on any list; rankers only on later ones.
    """
    frame = later.rows.frame
    if fair:
        frame = frame[frame["shown_at"].to_numpy() > max(since[version] for version in fair)]
    rankers = {"similarity": UNLEARNED["similarity"], **{f"version {version}": one for version, one in fair.items()}}
    traces = traced(good_pairs(frame), builder, history, rankers, reach)
    return retrieval_report(traces, list(rankers), reach)
