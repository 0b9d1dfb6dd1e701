"""The retention head: what it learns from histories with a known truth, open placements among them."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from training_parts import NOW

from ranking.features import COLUMNS, FEATURE_NAMES
from ranking.outcomes import Outcome, utc_instant
from ranking.survival import CalibrationKind
from ranking.trees import TreeSettings
from training.calibration import check_calibration
from training.dataset import FeatureRows
from training.forward import MIN_MATURE, as_told, forward_curves, judged_at
from training.retention import MIN_PLACEMENTS, LearnedRetention, learn_retention
from training.retention_methods import CANDIDATES, COMPARED, Method, fit_curve, fit_stay, placed_rows, selection_weights

CUTOFF = utc_instant(NOW)
COLUMN = FEATURE_NAMES.index("skill_mean")
NEEDED = 182
WIDTH = len(FEATURE_NAMES)


def history(
    n: int, *, seed: int = 0, strength: float = 1.5, days: int = 700, clock: int | None = None
) -> tuple[FeatureRows, pd.DataFrame, np.ndarray]:
    """Placements spread over the days before NOW, of which one feature decides how likely they last.

    Who leaves mostly leaves early. ``clock`` names a column that rises with the day of signature, as counts do.
    """
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, WIDTH))
    age = np.sort(rng.integers(0, days, n))[::-1]
    if clock is not None:
        features[:, clock] = -age / days
    chance = 1 / (1 + np.exp(-0.8 - strength * features[:, COLUMN]))
    lasts = rng.random(n) < chance
    left_on = (rng.beta(0.8, 1.5, n) * 175).astype(int)
    start = pd.Timestamp(CUTOFF).normalize() - pd.to_timedelta(age, unit="D")
    reached, left = lasts & (age >= NEEDED), ~lasts & (age >= left_on)
    known = np.where(reached, NEEDED, np.where(left, left_on, 0))
    resolved = pd.Series(start + pd.to_timedelta(known, unit="D")).where(reached | left)
    hired = pd.DataFrame(
        {
            "vacancy_id": [f"v-{row}" for row in range(n)],
            "talent_id": "t",
            "placed_at": (start - pd.Timedelta(days=5)).astype("datetime64[us]"),
            "starts_on": start.astype("datetime64[s]"),
            "days_needed": float(NEEDED),
            "outcome": np.where(reached, Outcome.RETAINED, np.where(left, Outcome.ENDED, Outcome.CENSORED)),
            "resolved_at": resolved.astype("datetime64[us]"),
            "ended_on": resolved.where(left).astype("datetime64[us]"),
        }
    )
    frame = hired[["vacancy_id", "talent_id"]].assign(rank=1.0)
    return FeatureRows(frame, features), hired, chance


@cache
def learned(n: int, seed: int = 0) -> LearnedRetention:
    rows, hired, _ = history(n, seed=seed)
    found = learn_retention(rows, hired, as_of=NOW, seed=7)
    assert found is not None
    return found


def fresh(n: int = 500) -> tuple[np.ndarray, np.ndarray]:
    rows, _, chance = history(n, seed=99)
    return rows.features, chance


def ece(said: np.ndarray, truth: np.ndarray) -> float:
    number = np.minimum((said * 10).astype(int), 9)
    return float(sum(abs((said - truth)[number == b].sum()) for b in range(10)) / len(said))


def test_it_learns_what_decides_and_how_likely_it_is() -> None:
    head, evidence = learned(700).head, learned(700).evidence
    features, chance = fresh()
    said = head.probability(features)
    assert head.names == FEATURE_NAMES
    assert evidence.chosen != Method.BASE_RATE
    assert head.method == evidence.chosen
    assert np.corrcoef(said, chance)[0, 1] > 0.85
    assert abs(said.mean() - chance.mean()) < 0.05
    assert ece(said, chance) < 0.06
    parts = np.abs(head.contributions(features)).mean(axis=0)
    assert int(parts.argmax()) == COLUMN


def test_known_placements_are_counted_and_open_ones_are_neither_successes_nor_failures() -> None:
    _, hired, chance = history(700)
    outcome = hired["outcome"]
    assert learned(700).head.n_placements == (outcome != Outcome.CENSORED).sum()
    among_known = (outcome == Outcome.RETAINED).sum() / (outcome != Outcome.CENSORED).sum()
    assert among_known < chance.mean() - 0.02  # what came out so far is not what will


def test_it_is_nearer_to_the_truth_than_the_naive_labels_and_the_weights() -> None:
    """A column that rises by the day, as an employer's number of placements does, gives away how old a placement is:
    of the young ones only failures are known.
    """
    clock = FEATURE_NAMES.index("employer_placements")
    rows, hired, _ = history(900, seed=1, clock=clock)
    placed = placed_rows(rows, hired, COLUMNS, TreeSettings())
    features, chance = fresh()
    features[:, clock] = 0.0  # asked now
    error = {
        method: abs(fit_curve(method, placed, CUTOFF).probability(features).mean() - chance.mean())
        for method in (Method.HAZARD_LINEAR, Method.HAZARD_TREES, *COMPARED)
    }
    for hazard in (Method.HAZARD_LINEAR, Method.HAZARD_TREES):
        assert error[hazard] < 0.06
        for other in COMPARED:
            assert error[hazard] < error[other] - 0.03


def test_less_data_gives_wider_intervals() -> None:
    """Over several histories: which method is chosen differs by chance, and with it how much it dares to say."""
    features, _ = fresh()
    widths = []
    for n in (700, 175):
        intervals = [learned(n, seed).head.predict(features)[1:] for seed in (0, 1, 2)]
        widths.append(np.mean([high - low for low, high in intervals]))
    assert widths[1] > 1.15 * widths[0]


def test_the_interval_holds_the_truth_more_often_than_not() -> None:
    features, chance = fresh()
    middle, low, high = learned(700).head.predict(features)
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert ((chance >= low) & (chance <= high)).mean() > 0.5


def test_the_same_data_gives_the_same_head() -> None:
    rows, hired, _ = history(175)
    again = learn_retention(rows, hired, as_of=NOW, seed=7)
    assert again is not None
    assert again.head.to_json() == learned(175).head.to_json()


def test_too_few_or_all_alike_gives_no_head() -> None:
    rows, hired, _ = history(400)
    known = (hired["outcome"] != Outcome.CENSORED).to_numpy()
    some = np.flatnonzero(known)[: MIN_PLACEMENTS - 1]
    few = FeatureRows(rows.frame.iloc[some].reset_index(drop=True), rows.features[some])
    assert learn_retention(few, hired.iloc[some], as_of=NOW, seed=7) is None
    alike = hired[hired["outcome"] != Outcome.ENDED]
    assert learn_retention(rows, alike, as_of=NOW, seed=7) is None


def test_a_feature_that_is_never_known_or_never_varies_does_no_harm() -> None:
    rows, hired, _ = history(175)
    features = rows.features.copy()
    features[:, 0], features[:, 1] = np.nan, 3.0
    features[::2, 2] = np.nan
    found = learn_retention(FeatureRows(rows.frame, features), hired, as_of=NOW, seed=7)
    assert found is not None
    assert np.isfinite(np.array(found.head.predict(features))).all()


def test_every_way_is_compared_and_the_choice_follows_the_evidence() -> None:
    evidence = learned(700).evidence
    assert set(evidence.period_loss) == set(CANDIDATES)
    assert set(evidence.log_loss) == set(evidence.brier) == {*CANDIDATES, *COMPARED}
    models = [method for method in CANDIDATES if method is not Method.BASE_RATE]
    assert evidence.chosen == min(models, key=evidence.period_loss.__getitem__)
    assert evidence.period_loss[evidence.chosen] < evidence.period_loss[Method.BASE_RATE]
    assert evidence.log_loss[Method.OPEN_FAILED] > evidence.log_loss[evidence.chosen]
    assert evidence.calibration.kind is CalibrationKind.PLATT
    assert evidence.reliability.n > 300
    assert check_calibration(evidence.reliability) == []
    assert evidence.to_json()["chosen"] == evidence.chosen.value


def test_where_nothing_tells_people_apart_nobody_is_told_apart() -> None:
    rows, hired, _ = history(700, seed=3, strength=0.0)
    found = learn_retention(rows, hired, as_of=NOW, seed=7)
    assert found is not None
    said = found.head.probability(fresh()[0])
    assert said.std() < 0.4 * learned(700).head.probability(fresh()[0]).std()
    assert said.mean() == pytest.approx(1 / (1 + np.exp(-0.8)), abs=0.05)


def test_predictions_are_made_from_what_was_signed_and_known_before() -> None:
    """Turning round every outcome that became known later changes no prediction."""
    rows, hired, _ = history(500, seed=5)
    placed = placed_rows(rows, hired, COLUMNS, TreeSettings())
    parts = forward_curves(Method.HAZARD_LINEAR, placed)
    assert len(parts) == 3
    last = parts[-1]
    moment = last.later.signed_from
    assert (last.earlier.frame["placed_at"] <= last.later.frame["placed_at"].min()).all()
    frame = placed.frame
    later = frame["resolved_at"] > pd.Timestamp(moment)
    assert later.sum() > 50
    turned = frame.assign(
        outcome=frame["outcome"].where(~later, Outcome.ENDED),
        ended_on=frame["ended_on"].where(~later, frame["resolved_at"]),
    )
    again = as_told(Method.HAZARD_LINEAR, forward_curves(Method.HAZARD_LINEAR, replace(placed, frame=turned)))[-1]
    told = as_told(Method.HAZARD_LINEAR, parts)[-1]
    np.testing.assert_array_equal(again.curve.probability(rows.features), told.curve.probability(rows.features))


def test_only_placements_that_could_have_come_to_their_hours_are_judged() -> None:
    rows, hired, _ = history(500, seed=6)
    placed = placed_rows(rows, hired, COLUMNS, TreeSettings())
    parts = forward_curves(Method.BASE_RATE, placed)
    judged = judged_at(parts, CUTOFF)
    frame = pd.concat([part.later.frame for part in parts])
    old = frame["starts_on"] <= pd.Timestamp(CUTOFF) - pd.Timedelta(days=NEEDED + 42)
    assert (judged.weights > 0).tolist() == old.tolist()
    assert 20 < len(judged) < len(frame)


def test_a_young_history_has_a_head_and_nothing_to_judge_it_on() -> None:
    rows, hired, _ = history(400, seed=7, days=200)
    found = learn_retention(rows, hired, as_of=NOW, seed=7)
    assert found is not None
    mature = hired["starts_on"] + pd.Timedelta(days=NEEDED + 42) <= pd.Timestamp(CUTOFF)
    assert mature.sum() < MIN_MATURE
    assert found.evidence.chosen is Method.HAZARD_BLEND
    assert found.evidence.calibration.kind is CalibrationKind.NONE
    assert (found.evidence.n_judged, found.evidence.reliability.n) == (0, 0)
    assert np.isnan(found.evidence.log_loss[Method.IPCW])


def test_a_label_known_at_signing_is_learned_too() -> None:
    rows, hired, chance = history(500, seed=8)
    lasts = np.random.default_rng(1).random(500) < chance
    signed = hired.assign(
        outcome=np.where(lasts, Outcome.RETAINED, Outcome.ENDED),
        resolved_at=hired["placed_at"],
        ended_on=pd.Series(pd.NaT, index=hired.index, dtype="datetime64[us]"),
    )
    found = learn_retention(rows, signed, as_of=NOW, seed=7)
    assert found is not None
    features, truth = fresh()
    assert np.corrcoef(found.head.probability(features), truth)[0, 1] > 0.8
    assert len(found.head.curve.baseline) == 1
    assert found.evidence.n_judged > 200


def test_who_was_unlikely_to_be_placed_stands_for_the_many_who_were_not() -> None:
    """Half of the shown have a quality that places them three times as often; weighted, they are half again."""
    rng = np.random.default_rng(2)
    n = 8_000
    features = rng.normal(size=(n, WIDTH))
    features[:, 0] = rng.random(n) < 0.5
    was = np.flatnonzero(rng.random(n) < np.where(features[:, 0] == 1, 0.15, 0.05))
    frame = pd.DataFrame({"vacancy_id": np.arange(n).astype(str), "talent_id": "t", "rank": rng.integers(1, 21, n)})
    weights = selection_weights(FeatureRows(frame.astype({"rank": float}), features), was)
    assert features[was, 0].mean() > 0.7
    assert np.average(features[was, 0], weights=weights) == pytest.approx(0.5, abs=0.05)
    assert weights.mean() == pytest.approx(1.0)
    assert weights.max() < 5


def test_the_correction_takes_optimism_away_where_the_features_show_who_was_picked() -> None:
    """A curve too plain for the truth follows those who were placed; weighted, it follows those who were shown."""
    rng = np.random.default_rng(4)
    rows, hired, chance = history(6_000, seed=11, days=3_000)
    picked = np.flatnonzero(rng.random(6_000) < np.clip(0.05 + 0.4 * (rows.features[:, COLUMN] > 0.5), 0, 1))
    some = hired.iloc[picked].reset_index(drop=True)
    plain, weighed = (
        fit_curve(
            Method.BASE_RATE, placed_rows(rows, some, COLUMNS, TreeSettings(), corrected=corrected), CUTOFF
        ).probability(rows.features[:1])[0]
        - chance.mean()
        for corrected in (False, True)
    )
    assert plain > 0.1
    assert abs(weighed) < 0.6 * plain


def test_a_ranker_by_chance_of_staying_is_one_fit_with_parts_that_add_up() -> None:
    rows, hired, _ = history(500, seed=9)
    ranker = fit_stay(rows, hired, as_of=NOW, columns=COLUMNS, settings=TreeSettings())
    features, chance = fresh()
    scores = ranker.score(features)
    assert np.corrcoef(scores, np.log(chance / (1 - chance)))[0, 1] > 0.75
    rest = scores - ranker.contributions(features).sum(axis=1)
    np.testing.assert_allclose(rest, rest[0], atol=1e-6)
