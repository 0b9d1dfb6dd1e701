"""Kaplan-Meier weights by hand and by definition."""

import numpy as np
import pandas as pd
import pytest
from training_parts import noon

from ranking.outcomes import utc_instant
from training.censoring import MAX_WEIGHT, follow_up_days, inverse_censoring, progress_weights

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


def weights_in_days(frame: pd.DataFrame) -> np.ndarray:
    return inverse_censoring(*follow_up_days(frame, utc_instant(AS_OF)))


def test_without_anyone_running_all_weigh_the_same() -> None:
    assert weights_in_days(placed((10, True), (20, True), (30, True))).tolist() == [1, 1, 1]


def test_kaplan_meier_by_hand() -> None:
    # In order of days: 10 known, 20 running (3 of 4 at risk stay), 30 known, 40 running (1 of 2 stays), 50 known.
    weights = weights_in_days(placed((30, True), (10, True), (50, True), (20, False), (40, False)))
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
    weights = weights_in_days(placed(*spans))
    for (span, known), weight in zip(spans, weights, strict=True):
        if known:
            assert weight == pytest.approx(min(1 / kaplan_meier(spans, span), MAX_WEIGHT))


def test_no_one_weighs_more_than_the_cap() -> None:
    spans = [(day, False) for day in range(1, 60)] + [(100, True)]
    weights = weights_in_days(placed(*spans))
    assert weights[-1] == MAX_WEIGHT
    assert weights.max() == MAX_WEIGHT


def test_known_outcomes_are_no_loss_on_the_day_on_which_someone_is_lost() -> None:
    """On a tie the outcome counts as known just before the follow-up of the other ended."""
    weights = weights_in_days(placed((20, True), (20, False), (30, True)))
    assert weights[0] == pytest.approx(1.0)
    again = weights_in_days(placed((20, False), (20, True), (30, True)))
    assert again[1] == pytest.approx(1.0)


def test_on_the_clock_of_hours_full_timers_stand_for_part_timers() -> None:
    """Half way: after 91 days of 182 and after 200 of 400. In days the full-timer's success came before all of it."""
    frame = placed((182, True), (91, False), (200, False), (60, True))
    frame = frame.assign(days_needed=[182.0, 182.0, 400.0, 400.0])
    weights = progress_weights(frame, utc_instant(AS_OF))
    assert weights[3] == pytest.approx(1.0)  # at 0.15, before anyone was lost
    assert weights[0] == pytest.approx(3.0)  # two of three lost at a half
    assert weights_in_days(frame)[0] == pytest.approx(3 / 2)


def test_who_needed_longer_than_signed_has_come_no_further_than_the_end() -> None:
    frame = placed((190, True), (182, True), (185, False)).assign(days_needed=182.0)
    assert progress_weights(frame, utc_instant(AS_OF)).tolist() == [1.0, 1.0, 1.0]


def test_what_was_known_later_is_open() -> None:
    days, running = follow_up_days(placed((100, True), (200, True)), utc_instant(AS_OF) - np.timedelta64(50, "D"))
    assert (days.tolist(), running.tolist()) == ([50, 150], [True, True])
