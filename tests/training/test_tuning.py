"""The search for settings: what it may see, and what it leaves."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from training_parts import Market

from core.errors import TrainingRefused
from embeddings.fakes import BagOfWordsEncoder
from ranking.outcomes import LABELS
from ranking.trees import TreeSettings
from training.dataset import FeatureBuilder
from training.judging import Past, moment_of
from training.shown import shown_pairs
from training.splits import TimeSplit, split_by_time
from training.tuning import MAX_TRIALS, SEARCHED, Tuning, tune

LABEL = LABELS["retained-1040h-v1"]


@pytest.fixture(scope="module")
def past(market: Market, encoder: BagOfWordsEncoder) -> Past:
    events = market.store.event_columns(until=market.cutoff)
    shown = shown_pairs(events, as_of=market.cutoff, label=LABEL)
    builder = FeatureBuilder(market.store, encoder, shown)
    rows = builder.rows(shown, builder.history(events, as_of=market.cutoff))
    return Past(rows, events, LABEL, TreeSettings(threads=1))


@pytest.fixture(scope="module")
def split(past: Past, market: Market) -> TimeSplit:
    return split_by_time(past.rows.frame, market.cutoff)


@pytest.fixture(scope="module")
def tuning(past: Past, split: TimeSplit) -> Tuning:
    return tune(past, split, 4, progress=lambda _: None)


def values(tuning: Tuning) -> list[tuple[dict[str, float], float]]:
    return [(dict(trial.parameters), trial.ndcg_at_10) for trial in tuning.trials]


def test_the_usual_settings_come_first_and_the_best_is_taken(past: Past, tuning: Tuning) -> None:
    usual = asdict(past.settings)
    assert tuning.trials[0].parameters == {name: usual[name] for name in SEARCHED}
    found = [trial.ndcg_at_10 for trial in tuning.trials]
    assert len(set(found)) > 1
    assert found[tuning.best] == max(found)
    assert tuning.settings == replace(past.settings, **tuning.trials[tuning.best].parameters)
    assert all(trial.started_at <= trial.ended_at for trial in tuning.trials)


def test_every_setting_lies_in_its_span_and_is_of_its_kind(tuning: Tuning) -> None:
    for trial in tuning.trials:
        assert set(trial.parameters) == set(SEARCHED)
        for name, span in SEARCHED.items():
            assert span.low <= trial.parameters[name] <= span.high, name
            assert isinstance(trial.parameters[name], int) == span.whole, name


def test_the_seed_decides(past: Past, split: TimeSplit, tuning: Tuning) -> None:
    steps: list[str] = []
    assert values(tune(past, split, 3, progress=steps.append)) == values(tuning)[:3]
    assert steps == [f"tried {number} of 3 settings" for number in (1, 2, 3)]


def test_what_happened_since_the_test_period_began_has_no_say(
    past: Past, split: TimeSplit, tuning: Tuning, market: Market
) -> None:
    """All events from then on are gone, and every number is the same; of one day more it would not be."""
    known = market.store.event_columns(until=moment_of(split.test_from))
    assert len(known) < len(past.events)
    assert values(tune(replace(past, events=known), split, 2, progress=lambda _: None)) == values(tuning)[:2]


def test_a_tuning_period_of_which_nothing_came_is_refused(past: Past, split: TimeSplit) -> None:
    late = past.rows.frame["shown_at"].to_numpy().max() + np.timedelta64(1, "D")
    with pytest.raises(TrainingRefused, match="tuning period"):
        tune(past, TimeSplit(late, late, late), 1, progress=lambda _: None)


@pytest.mark.parametrize("n_trials", [0, -1, MAX_TRIALS + 1])
def test_a_number_out_of_bounds(past: Past, split: TimeSplit, n_trials: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 500"):
        tune(past, split, n_trials, progress=lambda _: None)
