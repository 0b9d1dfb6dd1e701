"""The candidates on planted data: who is proposed and who stays hang on different things, and both must be found."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from ranking.features import COLUMNS, FEATURE_NAMES
from ranking.outcomes import PAIR
from ranking.rankers import LinearRanker, Ranker
from ranking.rankers_combined import BlendRanker, StagedRanker
from ranking.trees import TreeSettings
from training.candidates import PLACEMENTS_FOR_HALF, UNLEARNED, Candidate, fit_candidates
from training.curve import draw, learning_curve
from training.dataset import FeatureRows
from training.heads import Lessons

AS_OF = datetime(2025, 12, 31, tzinfo=UTC)
DAY = pd.Timestamp("2024-01-01")
SEEN, STAYS = FEATURE_NAMES.index("task_mean"), FEATURE_NAMES.index("interest_task")


def chances(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """P(proposed), of whom half are placed; and P(stays)."""
    return 1 / (1 + np.exp(1.2 - 1.5 * features[:, SEEN])), 1 / (1 + np.exp(-1.5 * features[:, STAYS]))


def market(n_lists: int, seed: int) -> Lessons:
    rng = np.random.default_rng(seed)
    n = n_lists * 10
    features = rng.normal(size=(n, len(FEATURE_NAMES)))
    p, q = chances(features)
    proposed = rng.random(n) < p
    placed = proposed & (rng.random(n) < 0.5)
    stays = rng.random(n) < q
    grade = np.where(placed, np.where(stays, 3, 2), np.where(proposed, 1, 0))
    lists = np.repeat(np.arange(n_lists), 10)
    shown_at = DAY + pd.to_timedelta(lists * 300 / n_lists, unit="D").round("s")
    frame = pd.DataFrame(
        {
            "vacancy_id": [f"v-{number}" for number in lists],
            "talent_id": [f"t-{number}" for number in range(n)],
            "list_id": [f"s-{number}" for number in lists],
            "shown_at": shown_at.as_unit("us"),
            "rank": np.tile(np.arange(1.0, 11.0), n_lists),
            "outcome": np.where(placed, np.where(stays, "retained", "ended"), None),
            "overruled": False,
            "grade": grade,
        }
    )
    return Lessons(FeatureRows(frame, features), hired(frame[placed], rng), AS_OF, COLUMNS, TreeSettings())


def hired(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    starts = frame["shown_at"].dt.floor("D") + pd.Timedelta(days=7)
    ended = (frame["outcome"] == "ended").to_numpy()
    days = np.where(ended, rng.integers(1, 180, len(frame)), 182)
    last = starts + pd.to_timedelta(days, unit="D")
    return (
        frame[[*PAIR, "outcome"]]
        .assign(
            placed_at=frame["shown_at"] + pd.Timedelta(days=3),
            starts_on=starts.astype("datetime64[s]"),
            hours_per_week=40.0,
            hours_worked=days / 7 * 40.0,
            weeks_in_job=days / 7,
            days_in_job=days.astype(float),
            days_needed=182.0,
            ended_on=last.where(ended).astype("datetime64[us]"),
            ended_by=None,
            resolved_at=last.astype("datetime64[us]"),
        )
        .reset_index(drop=True)
    )


@pytest.fixture(scope="module")
def fitted() -> dict[Candidate, Ranker]:
    return fit_candidates(market(400, 1), rounds=100)


def expected_gain(ranker: Ranker, seed: int) -> float:
    """Of the first ten of a thousand people, in lasting placements."""
    features = np.random.default_rng(seed).normal(size=(1_000, len(FEATURE_NAMES)))
    p, q = chances(features)
    return float((p * 0.5 * q)[np.argsort(-ranker.score(features))[:10]].sum())


def test_all_are_fitted_in_the_order_in_which_they_are_kept(fitted: dict[Candidate, Ranker]) -> None:
    assert list(fitted) == list(Candidate)
    assert tuple(fitted)[: len(UNLEARNED)] == UNLEARNED
    blend = fitted[Candidate.BLEND]
    assert isinstance(blend, StagedRanker)
    assert [type(step.head) for step in blend.steps[:2]] == [BlendRanker] * 2
    assert isinstance(fitted[Candidate.TWO_HEAD], StagedRanker)
    assert all(ranker.feature_names == FEATURE_NAMES for ranker in fitted.values())


def test_every_learned_one_finds_what_is_to_be_found(fitted: dict[Candidate, Ranker]) -> None:
    worth = {name: np.mean([expected_gain(ranker, seed) for seed in range(5)]) for name, ranker in fitted.items()}
    chance = 10 * np.mean(
        [
            np.prod(chances(np.random.default_rng(s).normal(size=(1_000, len(FEATURE_NAMES)))), 0).mean() / 2
            for s in range(5)
        ]
    )
    for name in set(Candidate) - set(UNLEARNED):
        assert worth[name] > 2 * chance, name
        assert worth[name] > 1.5 * max(worth[name] for name in UNLEARNED), name


def test_two_heads_look_at_both_things_and_nothing_else(fitted: dict[Candidate, Ranker]) -> None:
    importance = fitted[Candidate.TWO_HEAD].importance()
    first, second = sorted(importance, key=lambda name: -importance[name])[:2]
    assert {first, second} == {"task_mean", "interest_task"}


def test_the_blend_orders_by_the_chance_of_a_placement_that_lasts(fitted: dict[Candidate, Ranker]) -> None:
    blend = fitted[Candidate.BLEND]
    assert isinstance(blend, StagedRanker)
    some = np.random.default_rng(0).normal(size=(50, len(FEATURE_NAMES)))
    chance = np.prod([1 / (1 + np.exp(-step.head.score(some))) for step in blend.steps], axis=0)
    assert np.allclose(blend.score(some), np.log(chance))


def test_more_placements_give_the_trees_more_of_the_blend() -> None:
    few, many = market(20, 1), market(400, 1)
    shares = []
    for lessons in (few, many):
        blend = fit_candidates(lessons, rounds=20, wanted=[Candidate.BLEND])[Candidate.BLEND]
        assert isinstance(blend, StagedRanker)
        for step in blend.steps[:2]:
            assert isinstance(step.head, BlendRanker)
            trees, regression = step.head.parts
            assert isinstance(regression.ranker, LinearRanker)
            assert trees.weight + regression.weight == pytest.approx(1.0)
            shares.append(trees.weight)
    assert shares[0] == shares[1] < 0.5 < shares[2] == shares[3]
    assert len(few.placements) < PLACEMENTS_FOR_HALF < len(many.placements)


def test_only_what_is_wanted_is_made_and_it_is_the_same(fitted: dict[Candidate, Ranker]) -> None:
    again = fit_candidates(market(400, 1), rounds=100, wanted=[Candidate.BLEND])
    assert list(again) == [Candidate.BLEND]
    assert again[Candidate.BLEND].to_json() == fitted[Candidate.BLEND].to_json()


# The learning curve.


def test_a_part_holds_whole_vacancies_and_about_as_many_placements() -> None:
    lessons = market(100, 2)
    part = draw(lessons, 50, np.random.default_rng(0))
    assert 50 <= len(part.placements) <= 60
    vacancies = set(part.rows.frame["vacancy_id"])
    assert set(part.placements["vacancy_id"]) <= vacancies
    assert len(part.rows.frame) == 10 * len(vacancies)
    assert len(part.placements) == int((part.rows.frame["grade"] >= 2).sum())


def test_more_placements_teach_more() -> None:
    lessons = market(400, 3)

    def worth(rankers: dict[Candidate, Ranker]) -> dict[Candidate, np.ndarray]:
        return {name: np.array([expected_gain(ranker, seed) for seed in range(4)]) for name, ranker in rankers.items()}

    points = learning_curve(lessons, {"worth": worth}, sizes={500: 1, 40: 3, 10**6: 1}, rounds=60, seed=1)
    assert [point.draws for point in points] == [3, 1]
    assert 40 <= points[0].placements < 60
    assert 500 <= points[1].placements < 520
    few, many = (point.measured["worth"] for point in points)
    assert many["blend"].value > few["blend"].value
    assert many["similarity"].value == pytest.approx(few["similarity"].value)
