"""The steps to a placement: which pairs teach each, by hand; and what is learned, from planted answers."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from training_parts import shown_frame

from ranking.rankers import LinearRanker
from ranking.trees import Columns, TreeSettings
from training.dataset import FeatureRows
from training.heads import Lessons, StepTable, fit_logistic, fit_trees, placed_step, proposed_step

AS_OF = datetime(2025, 12, 31, tzinfo=UTC)
COLUMNS = Columns(("good", "noise"), (1, 0))
SETTINGS = TreeSettings(min_data_in_leaf=20)


def lessons(lists: list[tuple[str, list[int]]], overruled: tuple[int, ...] = ()) -> Lessons:
    frame = shown_frame(lists)
    frame["overruled"] = frame.index.isin(overruled)
    rows = FeatureRows(frame, np.arange(len(frame), dtype=float)[:, None] * [1.0, 0.0])
    return Lessons(rows, pd.DataFrame(), AS_OF, COLUMNS, SETTINGS)


def told(step: StepTable) -> list[tuple[int, bool]]:
    return [(int(row), bool(yes)) for row, yes in zip(step.features[:, 0], step.labels, strict=True)]


def test_each_step_is_taught_by_who_could_take_it() -> None:
    known = lessons([("2025-01-01", [0, 1, 2, 3, -1]), ("2025-01-02", [0, 0])])
    proposed, placed = proposed_step(known), placed_step(known)
    assert told(proposed) == [(0, False), (1, True), (2, True), (3, True), (4, True), (5, False), (6, False)]
    # A running placement (row 4) was placed, whatever becomes of it.
    assert told(placed) == [(1, False), (2, True), (3, True), (4, True)]
    assert proposed.places is not None
    assert proposed.places.tolist() == [1, 2, 3, 4, 5, 1, 2]
    assert placed.places is None


def test_whom_the_matchmaker_took_back_was_refused_by_nobody() -> None:
    known = lessons([("2025-01-01", [0, 1, 1, 2])], overruled=(0, 1, 3))
    assert told(placed_step(known)) == [(2, False), (3, True)]
    # Not to propose someone is the matchmaker's choice, said aloud or not.
    assert told(proposed_step(known)) == [(0, False), (1, True), (2, True), (3, True)]


def test_lists_of_the_last_six_weeks_teach_nothing_yet() -> None:
    known = lessons([("2025-11-18", [0, 1]), ("2025-11-20", [2, 0]), ("2025-12-30", [0, 0])])
    assert told(proposed_step(known)) == [(0, False), (1, True)]


def planted(n: int, seed: int, *, place_effect: float) -> StepTable:
    """Whether a step is taken hangs on ``good`` and on the place, on which ``good`` stands too."""
    rng = np.random.default_rng(seed)
    places = rng.integers(1, 21, size=n).astype(float)
    good = rng.normal(size=n) - places / 10.0
    chance = 1 / (1 + np.exp(-(0.8 * good - place_effect * np.log(places))))
    features = np.column_stack([good, rng.normal(size=n)])
    return StepTable(features, rng.random(n) < chance, np.ones(n), places)


def slope(head: LinearRanker) -> float:
    return float(head.weights[0] / head.scale[0])


def test_what_the_place_did_is_learned_beside_and_left_out() -> None:
    seen = planted(50_000, 1, place_effect=1.0)  # so many that the penalty hardly shows
    head, place = fit_logistic(seen, COLUMNS)
    blind, _ = fit_logistic(StepTable(seen.features, seen.labels, seen.weights, None), COLUMNS)
    assert abs(slope(head) - 0.8) < 0.05
    assert slope(blind) > 1.0  # without the place its merit is good's
    first, last = place[seen.places == 1].mean(), place[seen.places == 20].mean()
    assert abs((first - last) - np.log(20)) < 0.3


def test_trees_leave_the_place_out_too_and_keep_the_level() -> None:
    seen = planted(20_000, 2, place_effect=1.0)
    head = fit_trees(seen, COLUMNS, SETTINGS)
    blind = fit_trees(StepTable(seen.features, seen.labels, seen.weights, None), COLUMNS, SETTINGS)
    grid = np.column_stack([np.linspace(-2.0, 1.0, 30), np.zeros(30)])
    assert np.ptp(head.score(grid)) < np.ptp(blind.score(grid)) - 0.3
    rate = seen.labels.mean()
    # At the middle place the chance is near the overall rate for people who are average.
    middle = 1 / (1 + np.exp(-head.score(seen.features)))
    assert abs(middle.mean() - rate) < 0.05
    unplaced = 1 / (1 + np.exp(-blind.score(seen.features)))
    assert abs(unplaced.mean() - rate) < 0.01


def test_trees_ask_one_thing_each() -> None:
    """What two features do together is the sum of what each does alone, also where it was not so."""
    rng = np.random.default_rng(4)
    features = rng.choice([-1.0, 1.0], size=(5_000, 2))
    both = features.min(axis=1) > 0
    step = StepTable(features, rng.random(5_000) < np.where(both, 0.8, 0.2), np.ones(5_000), None)
    head = fit_trees(step, Columns(("one", "other"), (0, 0)), replace(SETTINGS, num_leaves=8))
    low, one, other, high = head.score(np.array([[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]]))
    assert high - one == pytest.approx(other - low, abs=1e-9)


def test_too_few_yeses_teach_only_how_often() -> None:
    features = np.random.default_rng(0).normal(size=(200, 2))
    labels = np.arange(200) < 14
    step = StepTable(features, labels, np.ones(200), np.ones(200))
    assert not step.teaches
    for head in (fit_logistic(step, COLUMNS)[0], fit_trees(step, COLUMNS, SETTINGS)):
        assert np.allclose(head.score(features), np.log(15 / 187))
    assert StepTable(features, np.arange(200) < 15, np.ones(200), None).teaches
    assert not StepTable(features, np.arange(200) < 186, np.ones(200), None).teaches


def test_the_same_lessons_give_the_same_head() -> None:
    seen = planted(3_000, 3, place_effect=0.5)
    for fit in (lambda: fit_logistic(seen, COLUMNS)[0], lambda: fit_trees(seen, COLUMNS, SETTINGS)):
        assert fit().to_json() == fit().to_json()
