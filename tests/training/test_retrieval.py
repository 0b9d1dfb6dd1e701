"""Retrieval: places by brute force, and each lost person counted at one step."""

import numpy as np
import pandas as pd
import pytest

from core.vocabulary import KnockOut
from ranking.features import FEATURE_NAMES
from ranking.outcomes import LABELS
from ranking.rankers import SimilarityRanker
from training.dataset import FeatureBuilder
from training.retrieval import Reach, Step, Trace, good_pairs, recall, retrieval_report, step_of, traced
from training.shown import Grade, shown_pairs

LABEL = LABELS["retained-1040h-v1"]
REACH = Reach(retrieve=60, k=20)


def trace(nearest: int | None, place: int | None, *blocked: KnockOut, list_id: str = "s-1") -> Trace:
    return Trace(list_id, retained=place == 1, blocked_by=blocked, n_eligible=400, nearest=nearest, place={"r": place})


TRACES = [
    trace(3, 1),
    trace(90, None, list_id="s-2"),
    trace(30, 21, list_id="s-2"),
    trace(None, None, list_id="s-3"),
    trace(None, None, KnockOut.HOURS, KnockOut.TRAVEL, list_id="s-4"),
    trace(60, 20, list_id="s-4"),
]


def test_everyone_is_lost_at_one_step_or_found() -> None:
    steps = [step_of(one, "r", REACH) for one in TRACES]
    assert steps == [Step.FOUND, Step.RETRIEVAL, Step.RANKING, Step.RETRIEVAL, Step.ELIGIBILITY, Step.FOUND]
    report = retrieval_report(TRACES, ["r"], REACH)
    assert report["placed"]["lost_to"]["r"] == {"eligibility": 1, "retrieval": 2, "ranking": 1, "found": 2}
    assert report["placed"]["blocked_by"] == {"hours": 1, "travel": 1}
    assert (report["placed"]["n"], report["retained"]["n"]) == (6, 1)


def test_recall_is_a_mean_over_lists_beside_that_of_a_draw() -> None:
    found = recall(TRACES, 100)
    assert found["retrieval"].value == pytest.approx((1 + 1 + 0 + 0.5) / 4)
    assert found["random"].value == pytest.approx((0.25 + 0.25 + 0.25 + 0.125) / 4)
    assert recall(TRACES, 1_000)["random"].value == pytest.approx((1 + 1 + 1 + 0.5) / 4)
    assert recall(TRACES, 50)["retrieval"].value == pytest.approx((1 + 0.5 + 0 + 0) / 4)


def test_places_are_those_of_brute_force(market, encoder) -> None:
    events = market.store.event_columns(until=market.cutoff)
    shown = shown_pairs(events, as_of=market.cutoff, label=LABEL)
    good = good_pairs(shown).iloc[:40]
    assert set(good["grade"]) <= {Grade.UNKNOWN, Grade.PLACED, Grade.RETAINED}
    people = [item.record.talent_id for item in market.store.iter_talents()]
    everyone = pd.DataFrame({"talent_id": people, "vacancy_id": np.resize(good["vacancy_id"].unique(), len(people))})
    builder = FeatureBuilder(market.store, encoder, everyone)
    history = builder.history(events, as_of=market.cutoff)
    rankers = {"similarity": SimilarityRanker(FEATURE_NAMES)}
    found = traced(good, builder, history, rankers, REACH)
    assert len(found) == len(good)
    vectors = builder.candidates.corpus.vectors.astype(np.float64)
    for one in found:
        pairs = good[good["list_id"] == one.list_id]
        query = builder.query(pairs["vacancy_id"].iloc[0], pairs["shown_at"].iloc[0].to_datetime64())
        cosine = vectors @ query.vector.astype(np.float64)
        own = [cosine[builder.everyone(np.datetime64("2025-01-01"))[talent]] for talent in pairs["talent_id"]]
        if one.blocked_by:
            assert one.nearest is None
            continue
        above = [int((cosine > value).sum()) for value in own]
        assert one.n_eligible <= len(people)
        # Among the eligible nobody can stand lower than among all.
        assert one.nearest is not None
        assert one.nearest <= max(above) + 1
        assert one.place["similarity"] == (one.nearest if one.nearest <= REACH.retrieve else None)
    assert any(one.nearest is not None and one.nearest > 1 for one in found)
