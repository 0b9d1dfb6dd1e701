"""Everything that a training run came to: what its record and its report are made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from ranking.model import RankingModel
from training.gate import Verdict
from training.judging import Evaluation, Past
from training.retention import RetentionEvidence
from training.splits import TimeSplit
from training.tuning import Tuning


@dataclass(frozen=True, slots=True)
class Trained:
    """The model, and the evidence for it.

    Attributes:
        model: the one that is registered: fitted on everything up to the cut-off.
        past: what it was fitted on, with the settings that were used.
        split: the periods.
        evaluation: of the candidates, out of time.
        verdict: of the gate, before the comparison of training and serving.
        retention: why the retention head is what it is; None when there is no head.
        tuning: the search for settings; None when there was none.
        store: where the data came from, without secrets.
        synthetic: whether it comes from a synthetic world.
        counts: of the data.
    """

    model: RankingModel
    past: Past
    split: TimeSplit
    evaluation: Evaluation
    verdict: Verdict
    retention: RetentionEvidence | None
    tuning: Tuning | None
    store: str
    synthetic: bool
    counts: Mapping[str, int]

    @property
    def reasons(self) -> list[str]:
        """Why this candidate, and why it passed or not."""
        return [self.evaluation.choice.reason, *self.verdict.reasons]
