"""Samples of large histories: whole, in order, the same every time, and everything where that is little."""

import numpy as np
from training_parts import Diary, noon, shown_frame

from core.store import Store
from ranking.trees import Columns
from training.dataset import FeatureRows
from training.heads import StepTable, fit_logistic
from training.sample import drawn, events_of, whole_lists


def rows_of(n_lists: int) -> FeatureRows:
    frame = shown_frame([(f"2025-01-{1 + number % 28:02}", [0, 1, 0]) for number in range(n_lists)])
    return FeatureRows(frame, np.arange(3.0 * n_lists)[:, None])


def test_little_is_taken_whole() -> None:
    rows = rows_of(5)
    assert whole_lists(rows, 15) is rows
    assert drawn(7, 7).tolist() == list(range(7))


def test_lists_are_drawn_whole_and_stay_in_order() -> None:
    rows = rows_of(40)
    some = whole_lists(rows, 31)
    assert len(some.frame) == 30
    assert some.frame.groupby("list_id").size().tolist() == [3] * 10
    assert (np.diff(some.features[:, 0]) > 0).all()
    numbers = some.features[:, 0].astype(int)
    assert some.frame["talent_id"].tolist() == rows.frame["talent_id"].iloc[numbers].tolist()
    assert numbers.max() > 60  # not simply the first
    np.testing.assert_array_equal(whole_lists(rows, 31).features, some.features)


def test_rows_are_drawn_once_each_and_in_order() -> None:
    numbers = drawn(1_000, 100)
    assert len(set(numbers.tolist())) == 100
    assert (np.diff(numbers) > 0).all()
    assert set(numbers.tolist()) <= set(range(1_000))
    assert abs(numbers.mean() - 500) < 100


def test_a_regression_on_a_sample_is_close_to_that_on_all(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(5)
    features = rng.normal(size=(6_000, 2))
    labels = rng.random(6_000) < 1 / (1 + np.exp(-features @ [1.0, -0.5]))
    places = rng.integers(1, 20, size=6_000).astype(float)
    step = StepTable(features, labels, np.ones(6_000), places)
    columns = Columns(("a", "b"), (0, 0))
    whole, _ = fit_logistic(step, columns)
    monkeypatch.setattr("training.heads.MAX_LINEAR_ROWS", 3_000)
    some, place = fit_logistic(step, columns)
    assert place.shape == (6_000,)  # what the place did is told of every row
    assert some.to_json() != whole.to_json()
    np.testing.assert_allclose(some.score(features), whole.score(features), atol=0.35)


def test_a_sample_keeps_all_that_happened_around_its_vacancies(sqlite_store: Store) -> None:
    diary = Diary()
    for vacancy in ("v-1", "v-2"):
        for kind in ("shown", "proposed"):
            diary.add(kind, noon("2025-02-03"), (vacancy, "t-1"), **({"rank": 1} if kind == "shown" else {}))
    diary.add("proposed", noon("2025-02-04"), ("v-2", "t-9"))  # never shown: it happened to the vacancy all the same
    sqlite_store.put_events(diary.events, now=noon("2025-03-01"))
    frame = shown_frame([("2025-02-03", [0])]).assign(vacancy_id="v-2")
    some = events_of(sqlite_store.event_columns(), FeatureRows(frame, np.zeros((1, 1))))
    assert list(zip(some.vacancy_id, some.talent_id, some.kind, strict=True)) == [
        ("v-2", "t-1", "shown"),
        ("v-2", "t-1", "proposed"),
        ("v-2", "t-9", "proposed"),
    ]
