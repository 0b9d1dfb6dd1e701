"""The retention head: Kaplan-Meier weights by hand, and what it learns from data with a known truth."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from training_parts import NOW, noon

from ranking.features import FEATURE_NAMES
from ranking.outcomes import Outcome
from training.dataset import FeatureRows
from training.retention import MAX_WEIGHT, MIN_PLACEMENTS, censoring_weights, fit_retention

AS_OF = noon("2025-12-31")


def placed(*spans: tuple[int, bool]) -> pd.DataFrame:
    """Placements by days of follow-up, and whether the outcome was known then; the others still run at AS_OF."""
    end = pd.Timestamp(AS_OF.replace(tzinfo=None))
    starts = [end - pd.Timedelta(days=days) for days, _ in spans]
    known = [
        start + pd.Timedelta(days=days) if out else pd.NaT for start, (days, out) in zip(starts, spans, strict=True)
    ]
    return pd.DataFrame(
        {
            "starts_on": np.array(starts, dtype="datetime64[s]"),
            "resolved_at": pd.Series(known, dtype="datetime64[us]"),
        }
    )


def test_without_anyone_running_all_weigh_the_same() -> None:
    assert censoring_weights(placed((10, True), (20, True), (30, True)), AS_OF).tolist() == [1, 1, 1]


def test_kaplan_meier_by_hand() -> None:
    # In order of days: 10 known, 20 running (4 of 5 at risk stay), 30 known, 40 running (1 of 2 stays), 50 known.
    weights = censoring_weights(placed((30, True), (10, True), (50, True), (20, False), (40, False)), AS_OF)
    assert weights[1] == pytest.approx(1.0)
    assert weights[0] == pytest.approx(1 / (3 / 4))
    assert weights[2] == pytest.approx(1 / (3 / 4 * 1 / 2))


def kaplan_meier(spans: list[tuple[int, bool]], days: int) -> float:
    """P(not censored before ``days``), by the definition."""
    survival = 1.0
    for moment in sorted({span for span, known in spans if not known and span < days}):
        at_risk = sum(span >= moment for span, _ in spans)
        censored = sum(span == moment and not known for span, known in spans)
        survival *= 1 - censored / at_risk
    return survival


def test_kaplan_meier_on_many_placements() -> None:
    rng = np.random.default_rng(4)
    days = rng.permutation(400)[:120]
    spans = [(int(day), bool(known)) for day, known in zip(days, rng.random(120) < 0.7, strict=True)]
    weights = censoring_weights(placed(*spans), AS_OF)
    for (span, known), weight in zip(spans, weights, strict=True):
        if known:
            assert weight == pytest.approx(min(1 / kaplan_meier(spans, span), MAX_WEIGHT))


def test_no_one_weighs_more_than_the_cap() -> None:
    spans = [(day, False) for day in range(1, 60)] + [(100, True)]
    weights = censoring_weights(placed(*spans), AS_OF)
    assert weights[-1] == MAX_WEIGHT
    assert weights.max() == MAX_WEIGHT


def test_known_outcomes_are_no_loss_on_the_day_on_which_someone_is_lost() -> None:
    """On a tie the outcome counts as known just before the follow-up of the other ended."""
    weights = censoring_weights(placed((20, True), (20, False), (30, True)), AS_OF)
    assert weights[0] == pytest.approx(1.0)
    again = censoring_weights(placed((20, False), (20, True), (30, True)), AS_OF)
    assert again[1] == pytest.approx(1.0)


COLUMN = FEATURE_NAMES.index("skill_mean")


def history(n: int, *, seed: int = 0, strength: float = 2.0) -> tuple[FeatureRows, pd.DataFrame, np.ndarray]:
    """Placements of which one feature decides how likely they last."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, len(FEATURE_NAMES)))
    chance = 1 / (1 + np.exp(-strength * features[:, COLUMN]))
    lasted = rng.random(n) < chance
    start = pd.Timestamp((NOW - timedelta(days=700)).replace(tzinfo=None)).as_unit("s")
    hired = pd.DataFrame(
        {
            "vacancy_id": [f"v-{row}" for row in range(n)],
            "talent_id": "t",
            "starts_on": start,
            "resolved_at": (start + pd.to_timedelta(np.where(lasted, 182, 60), unit="D")).astype("datetime64[us]"),
        }
    )
    outcome = np.where(lasted, Outcome.RETAINED, Outcome.ENDED)
    frame = hired[["vacancy_id", "talent_id"]].assign(outcome=outcome)
    return FeatureRows(frame, features), hired, chance


def test_it_learns_what_decides() -> None:
    rows, hired, _ = history(600)
    head = fit_retention(rows, hired, as_of=NOW, seed=7)
    assert head is not None
    assert head.n_placements == 600
    assert head.names == FEATURE_NAMES
    weight = np.abs(np.median(head.weights[:, :-1], axis=0))
    assert int(np.argmax(weight)) == COLUMN
    fresh, _, chance = history(400, seed=1)
    middle, low, high = head.predict(fresh.features)
    assert np.corrcoef(middle, chance)[0, 1] > 0.85
    assert abs(middle.mean() - chance.mean()) < 0.05
    assert (low < high).all()


def test_less_data_gives_wider_intervals() -> None:
    widths = []
    for n in (80, 1200):
        rows, hired, _ = history(n)
        head = fit_retention(rows, hired, as_of=NOW, seed=7)
        assert head is not None
        _, low, high = head.predict(history(200, seed=5)[0].features)
        widths.append((high - low).mean())
    assert widths[0] > 1.5 * widths[1]


def test_the_same_data_gives_the_same_head() -> None:
    rows, hired, _ = history(100)
    one, other = (fit_retention(rows, hired, as_of=NOW, seed=7) for _ in range(2))
    assert one is not None
    assert other is not None
    assert np.array_equal(one.weights, other.weights)


def test_too_few_or_all_alike_gives_no_head() -> None:
    rows, hired, _ = history(MIN_PLACEMENTS - 1)
    assert fit_retention(rows, hired, as_of=NOW, seed=7) is None
    rows, hired, _ = history(200)
    alike = FeatureRows(rows.frame.assign(outcome=Outcome.RETAINED), rows.features)
    assert fit_retention(alike, hired, as_of=NOW, seed=7) is None


def test_who_still_works_is_neither_a_success_nor_a_failure() -> None:
    rows, hired, _ = history(300)
    running = np.arange(300) % 3 == 0
    censored = FeatureRows(
        rows.frame.assign(outcome=rows.frame["outcome"].where(~running, Outcome.CENSORED)), rows.features
    )
    head = fit_retention(censored, hired.assign(resolved_at=hired["resolved_at"].where(~running)), as_of=NOW, seed=7)
    assert head is not None
    assert head.n_placements == 200


def test_weighing_corrects_for_failures_that_show_sooner() -> None:
    """Half last, but successes take six months to show: among what is resolved, failures are too many."""
    rng = np.random.default_rng(3)
    n = 3000
    lasted = rng.random(n) < 0.5
    age = rng.integers(0, 400, size=n)  # days since the start, as of NOW
    takes = np.where(lasted, 182, 60)
    known = takes <= age
    now = pd.Timestamp(NOW.replace(tzinfo=None))
    starts = now - pd.to_timedelta(age, unit="D")
    hired = pd.DataFrame(
        {
            "vacancy_id": [f"v-{row}" for row in range(n)],
            "talent_id": "t",
            "starts_on": starts.astype("datetime64[s]"),
            "resolved_at": pd.Series(starts + pd.to_timedelta(takes, unit="D")).where(known).astype("datetime64[us]"),
        }
    )
    outcome = np.where(known, np.where(lasted, Outcome.RETAINED, Outcome.ENDED), Outcome.CENSORED)
    features = np.zeros((n, len(FEATURE_NAMES)))
    frame = hired[["vacancy_id", "talent_id"]].assign(outcome=outcome)
    head = fit_retention(FeatureRows(frame, features), hired, as_of=NOW, seed=7)
    assert head is not None
    assert lasted[known].mean() < 0.42
    assert head.predict(features[:1])[0][0] == pytest.approx(0.5, abs=0.04)


def test_a_feature_that_is_never_known_or_never_varies_does_no_harm() -> None:
    rows, hired, _ = history(200)
    features = rows.features.copy()
    features[:, 0] = np.nan
    features[:, 1] = 3.0
    features[::2, 2] = np.nan
    head = fit_retention(FeatureRows(rows.frame, features), hired, as_of=NOW, seed=7)
    assert head is not None
    assert np.isfinite(head.weights).all()
    assert np.isfinite(head.predict(features)[0]).all()
    assert (head.median[0], head.scale[0], head.scale[1]) == (0.0, 1.0, 1.0)
