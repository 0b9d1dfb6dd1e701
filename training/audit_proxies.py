"""Where a difference between groups enters: features that give a protected attribute away, and what they do to scores.

No protected attribute is a feature. Features can still know of one: who looks after children wants fewer hours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ranking.features import FEATURE_NAMES
from ranking.rankers import Ranker
from training.audit_cases import Case
from training.disparity import SEED, Figure

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

FOLDS = 5
NAMED = 5  # features
EXPLAINED_ROWS = 2_000  # of which the parts of the score are computed: a tree's parts take a hundred times its score


@dataclass(frozen=True, slots=True)
class Proxies:
    """What can be said of a group from the features alone.

    Attributes:
        auc: how well a logistic regression tells the group from the others, cross-validated over people; 0.5 is not.
        features: the most different ones: name, how many spreads the group's mean lies from the others', and what that
            feature adds to the group's scores more than to others' for the same vacancies, in spreads of the score.
    """

    auc: Figure
    features: list[dict[str, object]]

    def to_json(self) -> dict[str, object]:
        """Plain numbers."""
        return {"auc": self.auc.to_json(), "features": self.features}


@dataclass(frozen=True, slots=True)
class Looks:
    """How people look to the ranker.

    Attributes:
        people: (p,) rows in the pool of those who were ranked at least once.
        features: (p, f) the mean of each feature over the vacancies they were ranked for.
        rows: (s,) rows in the pool of a sample of ranked pairs.
        parts: (s, f) what each feature adds to their scores beyond the mean of its vacancy, in spreads of the score.
    """

    people: npt.NDArray[np.int64]
    features: Floats
    rows: npt.NDArray[np.int64]
    parts: Floats


def looks_of(cases: Sequence[Case], ranker: Ranker) -> Looks:
    """Averages features by person, and takes the scores of a sample of pairs apart."""
    rows = np.concatenate([case.ranked for case in cases])
    features = np.vstack([case.features for case in cases if case.features is not None])
    means = pd.DataFrame(features).groupby(rows).mean()
    rng = np.random.default_rng(SEED)
    each = max(EXPLAINED_ROWS // len(cases), 2)
    people, parts = [], []
    for case in cases:
        if case.features is None or case.scores is None or len(case.ranked) < 2:
            continue
        drawn = rng.choice(len(case.ranked), size=min(each, len(case.ranked)), replace=False)
        added = ranker.contributions(case.features[drawn])
        people.append(case.ranked[drawn])
        parts.append((added - added.mean(axis=0)) / (float(case.scores.std()) or 1.0))
    none = np.empty((0, len(FEATURE_NAMES)))
    return Looks(
        means.index.to_numpy(dtype=np.int64),
        means.to_numpy(dtype=np.float64),
        np.concatenate([np.empty(0, dtype=np.int64), *people]),
        np.vstack([none, *parts]),
    )


def proxies(looks: Looks, members: Bools, minimum: int) -> Proxies | None:
    """What the features give away of a group; None when too few of it, or of the others, were ranked.

    Args:
        looks: of :func:`looks_of`.
        members: (t,) the group.
        minimum: people of each side.
    """
    inside = members[looks.people]
    if min(inside.sum(), (~inside).sum()) < minimum:
        return None
    known: Bools = np.asarray(~np.isnan(looks.features).all(axis=0))
    model = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression(C=0.1, max_iter=1_000))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    guessed = cross_val_predict(model, looks.features[:, known], inside, cv=folds, method="predict_proba")[:, 1]
    return Proxies(_auc(inside, guessed), _most_different(looks, members, inside, known))


def _auc(inside: Bools, guessed: Floats) -> Figure:
    """Area under the curve with its interval after Hanley & McNeil (1982)."""
    area, mine = float(roc_auc_score(inside, guessed)), int(inside.sum())
    others = len(inside) - mine
    above, below = area / (2 - area) - area**2, 2 * area**2 / (1 + area) - area**2
    variance = (area * (1 - area) + (mine - 1) * above + (others - 1) * below) / (mine * others)
    reach = 1.96 * float(np.sqrt(variance))
    return Figure(area, area - reach, area + reach)


def _most_different(looks: Looks, members: Bools, inside: Bools, known: Bools) -> list[dict[str, object]]:
    spread = np.full(len(FEATURE_NAMES), np.nan)
    spread[known] = np.nanstd(looks.features[:, known], axis=0)
    gap = np.zeros(len(FEATURE_NAMES))
    for column in np.flatnonzero(spread > 0):
        mine, others = looks.features[inside, column], looks.features[~inside, column]
        if not (np.isnan(mine).all() or np.isnan(others).all()):
            gap[column] = (np.nanmean(mine) - np.nanmean(others)) / spread[column]
    mine = members[looks.rows]
    both = bool(mine.any() and (~mine).any())
    added = looks.parts[mine].mean(axis=0) - looks.parts[~mine].mean(axis=0) if both else np.zeros(len(gap))
    return [
        {
            "feature": FEATURE_NAMES[column],
            "difference": round(float(gap[column]), 3),
            "adds_to_score": round(float(added[column]), 3),
        }
        for column in np.argsort(-np.abs(gap), kind="stable")[:NAMED]
    ]
