"""The ranking report: only lists after a model's cut-off count, beside baselines, with paired differences."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import ndcg_score

from core.errors import ArtifactMismatch, InputError, NotFound
from ranking.features import FEATURE_NAMES
from ranking.model import ModelInfo, RankingModel
from ranking.outcomes import LABELS, placements
from ranking.rankers import LinearRanker, SimilarityRanker
from training.dataset import FeatureBuilder
from training.gains import expected_gains
from training.model_report import LATER, MIN_LISTS, OWN, judge_models, report_on
from training.shown import shown_pairs
from training.splits import SETTLED_AFTER

LABEL = LABELS["retained-1040h-v1"]
SINCE = datetime(2024, 9, 1, tzinfo=UTC)


def model_of(ranker, encoder, since: datetime = SINCE) -> RankingModel:
    return RankingModel(ModelInfo("1", LABEL.name, encoder.version, since.isoformat(), FEATURE_NAMES), ranker, None)


@pytest.fixture(scope="module")
def distance(encoder) -> RankingModel:
    """Orders by distance alone."""
    weights = np.where(np.array(FEATURE_NAMES) == "travel_km", -1.0, 0.0)
    return model_of(LinearRanker(FEATURE_NAMES, np.full(len(weights), 5.0), np.ones(len(weights)), weights, 0), encoder)


@pytest.fixture(scope="module")
def report(market, encoder, distance) -> dict:
    same = model_of(SimilarityRanker(FEATURE_NAMES), encoder)
    late = replace(
        distance, info=replace(distance.info, trained_as_of=(market.cutoff - timedelta(days=50)).isoformat())
    )
    models = {"1": distance, "2": same, "3": late}
    return judge_models(models, market.store, encoder, market.settings, as_of=market.cutoff)


def test_only_later_lists_count_and_are_measured_by_hand(report, market, encoder, distance) -> None:
    events = market.store.event_columns(until=market.cutoff)
    shown = shown_pairs(events, as_of=market.cutoff, label=LABEL)
    at = shown["shown_at"]
    until = pd.Timestamp(market.cutoff.replace(tzinfo=None) - pd.Timedelta(SETTLED_AFTER))
    later = shown[(at > pd.Timestamp(SINCE.replace(tzinfo=None))) & (at <= until)].reset_index(drop=True)
    hired = placements(events, as_of=market.cutoff, label=LABEL)
    builder = FeatureBuilder(market.store, encoder, shown)
    rows = builder.rows(later, builder.history(events, as_of=market.cutoff))
    gains = expected_gains(rows.frame, hired, as_of=market.cutoff, label=LABEL)
    scores = distance.ranker.score(rows.features)
    values = [
        ndcg_score(gains[None, part], scores[None, part], k=10)
        for part in (np.flatnonzero(rows.frame["list_id"] == one) for one in rows.frame["list_id"].unique())
        if len(part) > 1 and gains[part].any()
    ]
    part = report["versions"]["1"]
    assert part["basis"] == LATER
    assert part["lists"]["with_an_outcome"] == len(values) >= MIN_LISTS
    assert part["metrics"]["ndcg_at_10"]["value"] == pytest.approx(np.mean(values))
    assert part["metrics"]["ndcg_at_10"]["n_lists"] == len(values)


def test_every_number_stands_beside_its_baselines(report) -> None:
    part = report["versions"]["1"]
    assert set(part["baselines"]) == {"similarity", "coverage", "random"}
    for values in [part["metrics"], *part["baselines"].values()]:
        assert set(values) == set(part["metrics"])
        for value in values.values():
            assert value["low"] <= value["value"] <= value["high"]
    low, known, high = (
        part["metrics"][f"retained_precision_at_5{name}"]["value"] for name in ("", "_expected", "_at_most")
    )
    assert low <= known <= high
    assert {one["dimension"] for one in part["segments"]} == {"route", "municipality", "sector", "history"}


def test_similarity_as_a_model_is_similarity(report) -> None:
    part = report["versions"]["2"]
    assert part["metrics"] == part["baselines"]["similarity"]
    assert part["differences"]["similarity"]["ndcg_at_10"] == {
        "value": 0.0,
        "low": 0.0,
        "high": 0.0,
        "n_lists": part["metrics"]["ndcg_at_10"]["n_lists"],
    }


def test_versions_are_compared_on_lists_later_than_both(report) -> None:
    (pair,) = report["differences"]  # of the third nothing can be said
    assert (pair["version"], pair["minus"]) == ("1", "2")
    first, second = (report["versions"][one]["metrics"]["ndcg_at_10"]["value"] for one in "12")
    assert pair["metrics"]["ndcg_at_10"]["value"] == pytest.approx(first - second)
    assert report["versions"]["3"]["metrics"] is None
    assert report["versions"]["3"]["lists"]["with_an_outcome"] < MIN_LISTS


def test_every_good_person_is_accounted_for(report, market) -> None:
    found = report["retrieval"]["placed"]
    assert found["n"] > 10
    assert set(found["lost_to"]) == {"similarity", "version 1", "version 2"}
    for lost in found["lost_to"].values():
        assert sum(lost.values()) == found["n"]
    assert found["lost_to"]["similarity"] == found["lost_to"]["version 2"]
    # Four hundred people: the nearest thousand are everyone who is eligible.
    assert found["recall"]["1000"]["retrieval"] == found["recall"]["1000"]["random"]


def test_labels_and_encoders_must_be_the_same(market, encoder, distance) -> None:
    other = replace(distance, info=replace(distance.info, label="contracted-1040h-v1"))
    with pytest.raises(InputError, match="evaluate them apart"):
        judge_models({"1": distance, "2": other}, market.store, encoder, market.settings, as_of=market.cutoff)
    foreign = replace(distance, info=replace(distance.info, encoder_version="another"))
    with pytest.raises(ArtifactMismatch):
        report_on(Shelf({"1": foreign}), ["1"], market.store, encoder, market.settings, as_of=market.cutoff)


@dataclass
class Shelf:
    """Of a registry, what the report asks: models and what their runs logged."""

    models: dict[str, RankingModel]
    logged: Callable[[str], str | None] = lambda _: None

    def model(self, version: str) -> RankingModel:
        return self.models[version]

    def report(self, version: str, name: str) -> str | None:
        assert name == "evaluation.json"
        return self.logged(version)


def test_without_later_lists_what_was_logged_is_given_and_named_so(market, encoder, distance) -> None:
    new = replace(distance, info=replace(distance.info, trained_as_of=market.cutoff.isoformat()))
    asked = (["9"], market.store, encoder, market.settings)
    with pytest.raises(NotFound, match="train --as-of"):
        report_on(Shelf({"9": new}), *asked, as_of=market.cutoff)
    logged = '{"metrics": {"ndcg_at_10": {"value": 0.5}}, "baselines": {}, "differences": {}, "segments": []}'
    report = report_on(Shelf({"9": new}, lambda _: logged), *asked, as_of=market.cutoff)
    assert report["versions"]["9"]["basis"] == OWN
    assert report["metrics"]["ndcg_at_10"]["value"] == 0.5
    assert set(report["retrieval"]["placed"]["lost_to"]) == {"similarity"}  # the model may have learned from them
