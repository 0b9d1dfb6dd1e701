"""Judging out of time on a market: who learned from what, and what is held against what."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from training_parts import Market

from ranking.features import FEATURE_NAMES
from ranking.outcomes import LABELS, placements
from ranking.rankers import SimilarityRanker
from ranking.trees import TreeSettings
from training import judging
from training.candidates import UNLEARNED, Candidate
from training.curve import draw
from training.dataset import FeatureRows
from training.gains import expected_gains
from training.gate import judge
from training.heads import Lessons
from training.judging import Evaluation, Past, evaluate
from training.shown import Grade, list_sizes, shown_pairs
from training.splits import split_by_time

LABEL = LABELS["retained-1040h-v1"]


@pytest.fixture(scope="module")
def past(market: Market) -> Past:
    """Features are noise, but for one that tells who was proposed: what can be found is known."""
    events = market.store.event_columns(until=market.cutoff)
    shown = shown_pairs(events, as_of=market.cutoff, label=LABEL)
    features = np.random.default_rng(0).normal(size=(len(shown), len(FEATURE_NAMES)))
    told = features[:, FEATURE_NAMES.index("interest_task")]
    told += 2.0 * (shown["grade"] != Grade.SHOWN).to_numpy()
    return Past(FeatureRows(shown, features), events, LABEL, TreeSettings(max_rounds=120))


@pytest.fixture(scope="module")
def seen() -> list[Lessons]:
    """What the candidates were fitted on, in order."""
    return []


@pytest.fixture(scope="module")
def evaluation(past: Past, market: Market, seen: list[Lessons]) -> Evaluation:
    fit = judging.fit_candidates

    def spied(lessons: Lessons, **options: object) -> object:
        seen.append(lessons)
        return fit(lessons, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "fit_candidates", spied)
        return evaluate(past, split_by_time(past.rows.frame, market.cutoff), market.cutoff)


def test_lessons_are_what_was_known_at_the_moment(past: Past, market: Market) -> None:
    then = datetime(2024, 6, 3, tzinfo=UTC)
    lessons = past.lessons(then)
    known = shown_pairs(market.store.event_columns(until=then), as_of=then, label=LABEL)
    known = known[known["shown_at"] < pd.Timestamp(then.replace(tzinfo=None))]
    expected = {(row.vacancy_id, row.talent_id): row.grade for row in known.itertuples()}
    graded = {(row.vacancy_id, row.talent_id): row.grade for row in lessons.rows.frame.itertuples()}
    assert graded == expected
    now = {(row.vacancy_id, row.talent_id): row.grade for row in past.rows.frame.itertuples()}
    assert any(now[pair] == Grade.RETAINED and grade != Grade.RETAINED for pair, grade in graded.items())
    hired = placements(market.store.event_columns(until=then), as_of=then, label=LABEL)
    pd.testing.assert_frame_equal(lessons.placements, hired)


def test_each_period_is_judged_by_what_learned_before_it(
    past: Past, market: Market, evaluation: Evaluation, seen: list[Lessons]
) -> None:
    split = split_by_time(past.rows.frame, market.cutoff)
    first, second, entities = seen
    assert first.rows.frame["shown_at"].max() < pd.Timestamp(split.tune_from)
    assert split.tune_from <= second.rows.frame["shown_at"].max().to_datetime64() < split.test_from
    assert first.as_of < second.as_of == entities.as_of
    test = past.rows.frame[split.test(past.rows.frame["shown_at"])]
    assert not set(entities.rows.frame["talent_id"]) & set(test["talent_id"])
    assert not set(entities.rows.frame["vacancy_id"]) & set(test["vacancy_id"])
    assert 0 < len(entities.rows.frame) < len(second.rows.frame)


def test_what_is_there_to_be_found_is_found_and_chosen(evaluation: Evaluation) -> None:
    assert evaluation.choice.name not in UNLEARNED
    assert evaluation.ndcg[str(evaluation.choice.name)].value > evaluation.ndcg["similarity"].value + 0.1
    assert set(evaluation.ndcg) == {"random", *map(str, Candidate)}
    assert set(evaluation.differences) == set(UNLEARNED)
    for difference in evaluation.differences.values():
        assert difference.low > 0
    assert evaluation.unseen is not None
    assert evaluation.unseen[str(evaluation.choice.name)].low > evaluation.unseen["similarity"].value


def test_baselines_are_what_they_are_by_hand(past: Past, market: Market, evaluation: Evaluation) -> None:
    split = split_by_time(past.rows.frame, market.cutoff)
    rows = past.rows.where(split.test(past.rows.frame["shown_at"]))
    hired = placements(past.events, as_of=market.cutoff, label=LABEL)
    gains = expected_gains(rows.frame, hired, as_of=market.cutoff, label=LABEL)
    similarity = rows.features[:, FEATURE_NAMES.index("similarity")]
    values, start = [], 0
    for size in list_sizes(rows.frame["list_id"]):
        worth, order = gains[start : start + size], np.argsort(-similarity[start : start + size])
        start += size
        if size > 1 and worth.any():
            discount = 1 / np.log2(np.arange(2, min(size, 10) + 2))
            values.append((worth[order][:10] @ discount) / (np.sort(worth)[::-1][:10] @ discount))
    assert evaluation.ndcg["similarity"].value == pytest.approx(np.mean(values))
    assert evaluation.ndcg["similarity"].n_lists == len(values)


@pytest.mark.parametrize(("told", "passes"), [(2.0, True), (0.0, False), (0.2, False)])
def test_of_a_hundred_placements_only_what_is_plain_passes_the_gate(
    past: Past, market: Market, told: float, passes: bool
) -> None:
    """One world, one size; only how much the features tell differs. What does not pass leaves similarity in place."""
    lessons = draw(past.lessons(market.cutoff), 100, np.random.default_rng(3))
    frame = lessons.rows.frame
    assert 100 <= len(lessons.placements) < 110
    features = np.random.default_rng(2).normal(size=lessons.rows.features.shape)
    features[:, FEATURE_NAMES.index("interest_task")] += told * (frame["grade"] != Grade.SHOWN).to_numpy()
    small = replace(past, rows=FeatureRows(frame, features))
    found = evaluate(small, split_by_time(frame, market.cutoff), market.cutoff)
    assert judge(found.choice.name, found.differences).passed is passes
    if passes:
        assert found.choice.name not in UNLEARNED


def test_on_the_period_of_the_search_it_is_the_settings_from_before_that_compete(
    past: Past, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[TreeSettings] = []

    def stop(lessons: Lessons, **_: object) -> object:
        seen.append(lessons.settings)
        if len(seen) == 2:
            raise InterruptedError
        return {Candidate.SIMILARITY: SimilarityRanker(FEATURE_NAMES)}

    monkeypatch.setattr(judging, "fit_candidates", stop)
    tuned = replace(past, settings=replace(past.settings, num_leaves=3))
    with pytest.raises(InterruptedError):
        evaluate(tuned, split_by_time(past.rows.frame, market.cutoff), market.cutoff, untuned=past.settings)
    assert seen == [past.settings, tuned.settings]


def test_with_nothing_to_learn_similarity_or_the_like_is_kept(past: Past, market: Market) -> None:
    noise = np.random.default_rng(1).normal(size=past.rows.features.shape)
    blind = Past(FeatureRows(past.rows.frame, noise), past.events, LABEL, past.settings)
    found = evaluate(blind, split_by_time(past.rows.frame, market.cutoff), market.cutoff)
    assert found.choice.name in UNLEARNED or found.differences[Candidate.SIMILARITY].low < 0
