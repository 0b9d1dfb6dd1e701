"""Choosing the trees' settings by what they do on the tuning period. The only file that names Optuna.

What a trial is fitted on was known when the tuning period began, and what it is held against was known when the test
period began: nothing of the test period, on which the result is judged, can have had a say.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from ranking.trees import TreeSettings
from training.candidates import Candidate, fit_candidates
from training.gains import expected_gains
from training.gate import check_periods
from training.heads import Lessons
from training.judging import Judged, Past, in_lists, moment_of
from training.splits import TimeSplit

if TYPE_CHECKING:
    import optuna

MAX_TRIALS: Final = 500

Parameters = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Span:
    """Values that may be tried, from the lowest to the highest."""

    low: float
    high: float
    whole: bool = False
    even: bool = False

    def of(self, trial: "optuna.Trial", name: str) -> float:
        """The value that a trial proposes; on a logarithmic scale unless ``even``."""
        if self.whole:
            return trial.suggest_int(name, int(self.low), int(self.high), log=not self.even)
        return trial.suggest_float(name, self.low, self.high, log=not self.even)


SEARCHED: Final = {
    "num_leaves": Span(2, 31, whole=True),
    "min_data_in_leaf": Span(10, 200, whole=True),
    "learning_rate": Span(0.02, 0.2),
    "feature_fraction": Span(0.2, 1.0, even=True),
    "bagging_fraction": Span(0.4, 1.0, even=True),
    "lambda_l2": Span(0.1, 100.0),
}
"""What is searched, by the names of :class:`ranking.trees.TreeSettings`, and between which values."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One setting that was tried.

    Attributes:
        parameters: by the names of :class:`ranking.trees.TreeSettings`.
        ndcg_at_10: mean over the lists of the tuning period.
        started_at: moment.
        ended_at: moment.
    """

    parameters: Parameters
    ndcg_at_10: float
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Tuning:
    """What came of it.

    Attributes:
        trials: in the order in which they were tried; the first is what was there before.
        best: number of the best trial, the first of equals.
        settings: of the best trial.
    """

    trials: tuple[Trial, ...]
    best: int
    settings: TreeSettings


def tune(past: Past, split: TimeSplit, n_trials: int, *, progress: Callable[[str], None]) -> Tuning:
    """Searches with a tree-structured Parzen estimator (Bergstra et al. 2011), seeded by the settings' seed.

    Args:
        past: the shown pairs; its settings are tried first.
        split: of which the training and tuning periods are used.
        n_trials: settings to try, 1 to ``MAX_TRIALS``.
        progress: gets a line per trial.

    Raises:
        ValueError: ``n_trials`` is out of bounds.
        TrainingRefused: one of the two periods holds nothing.
    """
    if not 1 <= n_trials <= MAX_TRIALS:
        raise ValueError(f"between 1 and {MAX_TRIALS} settings can be tried, not {n_trials}")
    import optuna  # noqa: PLC0415  a second that only who tunes should pay

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    lessons, tuning_period = past.lessons(moment_of(split.tune_from)), tuning_lists(past, split)
    check_periods({"training": len(lessons.rows.table()), "tuning": int((tuning_period.gains > 0).sum())})
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=past.settings.seed))
    usual = asdict(past.settings)
    study.enqueue_trial({name: usual[name] for name in SEARCHED})
    trials: list[Trial] = []
    for number in range(1, n_trials + 1):
        asked, started_at = study.ask(), datetime.now(UTC)
        parameters = {name: span.of(asked, name) for name, span in SEARCHED.items()}
        value = _ndcg(lessons, tuning_period, _with(past.settings, parameters))
        study.tell(asked, value)
        trials.append(Trial(parameters, value, started_at, datetime.now(UTC)))
        progress(f"tried {number} of {n_trials} settings")
    best = max(range(n_trials), key=lambda number: trials[number].ndcg_at_10)  # of equals the first
    return Tuning(tuple(trials), best, _with(past.settings, trials[best].parameters))


def tuning_lists(past: Past, split: TimeSplit) -> Judged:
    """The lists of the tuning period with what was known of them when the test period began."""
    moment = moment_of(split.test_from)
    known = past.lessons(moment)
    rows = in_lists(known.rows.where(split.tune(known.rows.frame["shown_at"])))
    return Judged.of(rows, expected_gains(rows.frame, known.placements, as_of=moment, label=past.label))


def _ndcg(lessons: Lessons, later: Judged, settings: TreeSettings) -> float:
    """Of the blend: it holds every kind of trees that there is, and stands in front of the learned candidates."""
    name = Candidate.BLEND
    fitted = fit_candidates(replace(lessons, settings=settings), rounds=settings.min_rounds, wanted=[name])
    return float(np.nanmean(later.ndcg(fitted)[name]))


def _with(settings: TreeSettings, parameters: Parameters) -> TreeSettings:
    return replace(settings, **parameters)  # type: ignore[arg-type]  # names and kinds are those of SEARCHED
