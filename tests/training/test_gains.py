"""What running placements are worth, by hand."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from training_parts import shown_frame

from ranking.outcomes import LABELS
from training.gains import expected_gains
from training.shown import GAIN

LABEL = LABELS["retained-1040h-v1"]
AS_OF = datetime(2025, 12, 31, tzinfo=UTC)


def hired(frame: pd.DataFrame, stays: list[tuple[int, str, float]]) -> pd.DataFrame:
    """Placements of the first pair of each list as (days so far, outcome, hours per week)."""
    first = frame.drop_duplicates("list_id")[["vacancy_id", "talent_id"]].reset_index(drop=True)[: len(stays)]
    now = pd.Timestamp(AS_OF.replace(tzinfo=None))
    starts = [now - timedelta(days=days) for days, _, _ in stays]
    resolved = [pd.NaT if outcome == "censored" else now for _, outcome, _ in stays]
    return first.assign(
        starts_on=pd.Series(starts).astype("datetime64[s]"),
        resolved_at=pd.Series(resolved).astype("datetime64[us]"),
        outcome=[outcome for _, outcome, _ in stays],
        hours_per_week=[hours for _, _, hours in stays],
    )


def test_a_running_placement_is_worth_its_chance_to_get_there() -> None:
    frame = shown_frame(
        [("2025-01-01", [2, 1]), ("2025-01-02", [2, 0]), ("2025-01-03", [-1, 0]), ("2025-01-04", [3, 0])]
    )
    # Of four: one ends on day 10 (4 at risk: 3/4 left), one on day 100 (2 at risk: the running one left at 50 days).
    stays = [(10, "ended", 40.0), (100, "ended", 40.0), (50, "censored", 40.0), (182, "retained", 40.0)]
    found = expected_gains(frame, hired(frame, stays), as_of=AS_OF, label=LABEL)
    # Needs 26 weeks = 182 days; after 50 days 3/4 are left, after 182 days 3/4 × 1/2.
    chance = (0.75 * 0.5) / 0.75
    assert found.tolist() == pytest.approx([3.0, 1.0, 3.0, 0.0, 3.0 + 7.0 * chance, 0.0, 10.0, 0.0])


def test_who_has_all_days_behind_them_is_worth_all() -> None:
    frame = shown_frame([("2025-01-01", [-1, 0]), ("2025-01-02", [2, 0])])
    stays = [
        (400, "censored", 40.0),
        (20, "ended", 40.0),
    ]  # timecards lag behind: the days are there, the hours not yet
    found = expected_gains(frame, hired(frame, stays), as_of=AS_OF, label=LABEL)
    assert found.tolist() == pytest.approx([10.0, 0.0, 3.0, 0.0])


def test_without_placements_grades_are_all_there_is() -> None:
    frame = shown_frame([("2025-01-01", [0, 1])])
    found = expected_gains(frame, hired(frame, []), as_of=AS_OF, label=LABEL)
    assert found.tolist() == [0.0, 1.0]


def test_the_mean_over_many_is_that_of_the_outcomes_to_come() -> None:
    """Half-way into a history whose end is known, the expected gains are right on average."""
    rng = np.random.default_rng(5)
    n = 4_000
    lives = rng.exponential(300.0, n)
    started = rng.uniform(0, 400, n)  # days before the cut-off
    followed = np.minimum(lives, started)
    outcome = np.where(lives <= np.minimum(started, 182), "ended", np.where(started >= 182, "retained", "censored"))
    stays = [(int(days), one, 40.0) for days, one in zip(followed, outcome, strict=True)]
    grade = {"ended": 2, "retained": 3, "censored": -1}
    frame = shown_frame([("2025-01-01", [grade[one]]) for one in outcome])
    placed = hired(frame, stays)
    placed.loc[outcome == "retained", "resolved_at"] = placed["starts_on"].astype("datetime64[us]") + timedelta(
        days=182
    )
    placed["resolved_at"] = placed["resolved_at"].where(
        placed["outcome"] != "ended",
        placed["starts_on"].astype("datetime64[us]") + pd.to_timedelta(lives.astype(int), "D"),
    )
    running = outcome == "censored"
    found = expected_gains(frame, placed, as_of=AS_OF, label=LABEL)[running]
    truth = np.where(lives[running] >= 182, GAIN[3], GAIN[2])
    assert abs(found.mean() - truth.mean()) < 0.25
    assert truth.mean() < 9.5
