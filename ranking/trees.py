"""Gradient-boosted trees that order candidates. The only file that names LightGBM."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from core.errors import ArtifactCorrupt

if TYPE_CHECKING:
    import lightgbm as lgb  # at run time only where a model is: importing it takes a second or two

Floats = npt.NDArray[np.float64]

MIN_ROWS_TO_SHARE = 100_000
"""Rows from which several threads gain time; on fewer they wait for each other longer than they work."""
MAX_POSITION = 30  # places below share one bias: few rows stand there


@dataclass(frozen=True, slots=True)
class RankingTable:
    """Rows in groups: one group is one shortlist that was shown.

    Attributes:
        features: (n, f), NaN where unknown.
        grades: (n,) whole numbers, higher is better.
        group_sizes: (g,) rows of each group, in row order; they add up to n.
        positions: (n,) place at which each row was shown, 1 is first; the learner takes out what the place did.
    """

    features: Floats
    grades: npt.NDArray[np.int64]
    group_sizes: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.grades)


@dataclass(frozen=True, slots=True)
class BinaryTable:
    """Rows with a yes or a no.

    Attributes:
        features: (n, f), NaN where unknown.
        labels: (n,) true for yes.
        weights: (n,) how much each row counts; None for all alike.
        offsets: (n,) log-odds that are known before and left out of the score, such as what the place did; None is 0.
    """

    features: Floats
    labels: npt.NDArray[np.bool_]
    weights: Floats | None = None
    offsets: Floats | None = None

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class Columns:
    """The ranker's input: names, and per column 1, -1 or 0 for a score that may only rise, only fall, or both."""

    names: tuple[str, ...]
    monotone: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TreeSettings:
    """Choices of the learner; the defaults are for some thousand shown pairs."""

    num_leaves: int = 4
    min_data_in_leaf: int = 50
    learning_rate: float = 0.05
    feature_fraction: float = 0.4
    bagging_fraction: float = 0.7
    lambda_l2: float = 20.0
    min_rounds: int = 80
    max_rounds: int = 200  # a request scores hundreds of people within milliseconds
    early_stopping_rounds: int = 60
    label_gain: tuple[float, ...] = (0.0, 1.0, 3.0, 10.0)
    eval_at: tuple[int, ...] = (10,)
    seed: int = 7
    threads: int = 1

    def ranking_parameters(self, monotone: tuple[int, ...], n_rows: int) -> dict[str, Any]:
        """The options of LambdaMART as LightGBM takes them, every one that matters said."""
        return self._common(monotone, n_rows) | {
            "objective": "lambdarank",
            "metric": "ndcg",
            "eval_at": list(self.eval_at),
            "label_gain": list(self.label_gain),
            "lambdarank_truncation_level": 30,  # whole lists: data is too small to look at heads only
        }

    def binary_parameters(self, monotone: tuple[int, ...], n_rows: int) -> dict[str, Any]:
        """The options of a yes-or-no head."""
        return self._common(monotone, n_rows) | {
            "objective": "binary",
            "metric": "binary_logloss",
            "boost_from_average": True,
        }

    def _common(self, monotone: tuple[int, ...], n_rows: int) -> dict[str, Any]:
        return {
            "num_leaves": self.num_leaves,
            "min_data_in_leaf": self.min_data_in_leaf,
            "learning_rate": self.learning_rate,
            "feature_fraction": self.feature_fraction,
            "bagging_fraction": self.bagging_fraction,
            "bagging_freq": 1,
            "lambda_l2": self.lambda_l2,
            "monotone_constraints": list(monotone),
            "monotone_constraints_method": "intermediate",
            "use_missing": True,
            "zero_as_missing": False,
            "num_threads": self.threads if n_rows >= MIN_ROWS_TO_SHARE else 1,
            "seed": self.seed,
            # Same data, same model: without these the order of summation varies.
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }


class TreeRanker:
    """Trees as a :class:`ranking.rankers.Ranker`; of a yes-or-no head the score is in log-odds."""

    kind: ClassVar[str] = "trees"

    def __init__(self, booster: "lgb.Booster") -> None:
        self._booster = booster

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Reads a model in LightGBM's own text format, which holds no code.

        Raises:
            ArtifactCorrupt: it is not such a text.
        """
        refusal = "the ranker's model text cannot be read; roll back or train again"
        if not _is_whole(text):
            raise ArtifactCorrupt(refusal)
        import lightgbm as lgb  # noqa: PLC0415

        try:
            return cls(lgb.Booster(model_str=text))
        except lgb.basic.LightGBMError as error:
            raise ArtifactCorrupt(refusal) from error

    @property
    def booster(self) -> Any:
        """The vendor's object, for the model registry."""
        return self._booster

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns it was trained on."""
        return tuple(self._booster.feature_name())

    @property
    def n_trees(self) -> int:
        """Number of trees."""
        return int(self._booster.num_trees())

    def to_text(self) -> str:
        """The model in LightGBM's text format."""
        return str(self._booster.model_to_string())

    def to_json(self) -> dict[str, Any]:
        """See :class:`ranking.rankers.Ranker`."""
        return {"kind": self.kind, "text": self.to_text()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Reads what :meth:`to_json` wrote.

        Raises:
            ArtifactCorrupt: the text is not a whole model.
        """
        return cls.from_text(str(data["text"]))

    def score(self, features: Floats) -> Floats:
        """Scores (n,) of feature rows (n, f); only their order has a meaning."""
        if not len(features):
            return np.empty(0)
        # One thread: a list is too small to share, and the service gets its parallelism from requests.
        return np.asarray(self._booster.predict(features, raw_score=True, num_threads=1), dtype=np.float64)

    def contributions(self, features: Floats) -> Floats:
        """TreeSHAP values (n, f) of those scores (Lundberg et al. 2020); with the bias they add up to the score."""
        if not len(features):
            return np.empty((0, len(self.feature_names)))
        values = np.asarray(self._booster.predict(features, pred_contrib=True, num_threads=1), dtype=np.float64)
        return values[:, :-1]

    def importance(self) -> dict[str, float]:
        """Total gain by feature name."""
        gains = self._booster.feature_importance(importance_type="gain")
        return dict(zip(self.feature_names, gains.tolist(), strict=True))


def _is_whole(text: str) -> bool:
    """Whether the trees fill the space that the header says: LightGBM aborts the process on a text cut short."""
    sizes = re.search(r"^tree_sizes=([0-9 ]*)$", text, re.MULTILINE)
    first, end = text.find("\nTree=0\n"), text.find("\nend of trees\n")
    if sizes is None or end < 0:
        return False
    trees = text[first:end].encode() if first >= 0 else b""
    return len(trees) == sum(map(int, sizes[1].split()))


def fit_ranker(
    train: RankingTable,
    tune: RankingTable,
    columns: Columns,
    settings: TreeSettings,
    on_round: Callable[[int, float], None] | None = None,
) -> tuple[TreeRanker, int]:
    """Fits LambdaMART (Burges 2010) with early stopping on a later period.

    Args:
        train: groups to learn from.
        tune: later groups that decide when to stop.
        columns: what the features are.
        settings: choices of the learner.
        on_round: gets the round (1 is first) and nDCG@10 on the tuning period.

    Returns:
        The ranker cut at its best round, and that number of rounds.
    """
    import lightgbm as lgb  # noqa: PLC0415

    parameters = settings.ranking_parameters(columns.monotone, len(train))
    data = _dataset(train, columns, parameters)
    history: dict[str, Any] = {}
    callbacks: list[Callable[..., Any]] = [
        lgb.early_stopping(settings.early_stopping_rounds, verbose=False),
        lgb.record_evaluation(history),
    ]
    booster = lgb.train(
        parameters,
        data,
        num_boost_round=settings.max_rounds,
        valid_sets=[_dataset(tune, columns, parameters, reference=data)],
        valid_names=["tune"],
        callbacks=callbacks,
        keep_training_booster=True,  # otherwise the trees beyond the best round are gone, and min_rounds with them
    )
    for number, value in enumerate(history.get("tune", {}).get("ndcg@10", []), start=1):
        if on_round is not None:
            on_round(number, float(value))
    # A tuning period of a hundred lists is noisy: a lucky first tree must not end the training.
    rounds = min(max(int(booster.best_iteration), settings.min_rounds), booster.num_trees())
    return TreeRanker.from_text(str(booster.model_to_string(num_iteration=rounds))), rounds


def refit_ranker(table: RankingTable, columns: Columns, settings: TreeSettings, *, rounds: int) -> TreeRanker:
    """Fits the same learner on all that is known, for a number of rounds that was chosen before."""
    import lightgbm as lgb  # noqa: PLC0415

    parameters = settings.ranking_parameters(columns.monotone, len(table))
    booster = lgb.train(parameters, _dataset(table, columns, parameters), num_boost_round=rounds)
    return TreeRanker.from_text(str(booster.model_to_string()))


def fit_classifier(table: BinaryTable, columns: Columns, settings: TreeSettings, *, rounds: int) -> TreeRanker:
    """Fits the log-odds of a yes, for a number of rounds that was chosen before."""
    import lightgbm as lgb  # noqa: PLC0415

    parameters = settings.binary_parameters(columns.monotone, len(table.labels))
    data = lgb.Dataset(
        table.features,
        label=table.labels.astype(np.float64),
        weight=table.weights,
        init_score=table.offsets,
        feature_name=list(columns.names),
        params=dict(parameters),
        free_raw_data=True,
    )
    return TreeRanker.from_text(str(lgb.train(parameters, data, num_boost_round=rounds).model_to_string()))


def _dataset(
    table: RankingTable,
    columns: Columns,
    parameters: Mapping[str, Any],
    reference: "lgb.Dataset | None" = None,
) -> "lgb.Dataset":
    import lightgbm as lgb  # noqa: PLC0415

    return lgb.Dataset(
        table.features,
        label=table.grades,
        group=table.group_sizes,
        # Unbiased LambdaMART (Hu et al. 2019): whoever stood on top was looked at first, whatever they could do.
        position=np.minimum(table.positions, MAX_POSITION),
        feature_name=list(columns.names),
        params=dict(parameters),
        reference=reference,
        free_raw_data=True,
    )
