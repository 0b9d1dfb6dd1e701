"""Whether the service computes what training learned from: the same rows by both, compared to the last bit.

A feature that is a little different in service than in training is the most common way in which a good model fails, and
nothing else shows it. So at every promotion a sample of the shown pairs is computed twice, each as of the moment of its
showing: by training's builder, and by the code that answers requests (:meth:`ranking.matcher.Matcher.scored`).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import NotFound
from core.settings import Settings
from core.store import Store
from embeddings.encoder import Encoder
from ranking.features import FEATURE_NAMES
from ranking.matcher import Matcher
from ranking.model import RankingModel
from ranking.outcomes import DEFAULT_LABEL, LABELS
from ranking.pool import pool_of
from training.dataset import FeatureRows
from training.replay import offline_rows
from training.shown import shown_pairs

Floats = npt.NDArray[np.float64]

N_LISTS: Final = 6
"""Lists compared, spread over all of history: some eighty pairs, of which each brings all its features."""


@dataclass(frozen=True, slots=True)
class Parity:
    """How far serving lies from training.

    Attributes:
        n_rows: pairs compared.
        max_difference: largest difference of any feature, score or chance; infinite where only one of the two knows a
            value, or only one knows the person.
        differs: what differs, by name; empty when nothing does.
    """

    n_rows: int
    max_difference: float
    differs: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Whether pairs were compared and there is no difference at all."""
        return self.n_rows > 0 and self.max_difference == 0.0

    def tags(self) -> dict[str, str]:
        """As the registry keeps it."""
        difference = repr(self.max_difference) if self.n_rows else "not checked"
        return {"parity_rows": str(self.n_rows), "parity_max_difference": difference}


def check_parity(
    store: Store,
    encoder: Encoder,
    settings: Settings,
    model: RankingModel,
    *,
    as_of: datetime | None = None,
    trained_on: FeatureRows | None = None,
) -> Parity:
    """Computes a sample of shown pairs by training's code and by the service's.

    Args:
        store: records and events.
        encoder: the one in force.
        settings: of the home.
        model: whose scores are compared.
        as_of: pairs shown after it are not looked at; None means now.
        trained_on: the shown pairs with the features that the model learned from, as far as these are at hand; None
            computes them anew.

    Raises:
        ArtifactMismatch: the model was trained with another encoder.
    """
    rows = _sampled(trained_on) if trained_on else _computed(store, encoder, as_of or datetime.now(UTC))
    empty = pool_of(store, encoder, [], as_of=None, places=store.places())
    matcher = Matcher(settings, store, encoder, lambda: model, empty, "none")
    served, scores = _served(matcher, store, rows)
    return compare(model, rows.features, served, scores)


def _sampled(rows: FeatureRows) -> FeatureRows:
    return rows.where(_in_sample(rows.frame))


def _computed(store: Store, encoder: Encoder, moment: datetime) -> FeatureRows:
    events = store.event_columns(until=moment)
    shown = shown_pairs(events, as_of=moment, label=LABELS[DEFAULT_LABEL])
    return offline_rows(store, encoder, shown[_in_sample(shown)].reset_index(drop=True), events, as_of=moment)


def _in_sample(shown: pd.DataFrame) -> npt.NDArray[np.bool_]:
    lists = shown["list_id"].unique()
    chosen = lists[np.unique(np.linspace(0, len(lists) - 1, N_LISTS).astype(int))] if len(lists) else lists
    return shown["list_id"].isin(chosen).to_numpy()


def compare(model: RankingModel, trained: Floats, served: Floats, served_scores: Floats) -> Parity:
    """Holds the two against each other.

    Args:
        model: that scores.
        trained: (n, f) features by training's code.
        served: (n, f) by the service's; a row of NaN in a score of NaN for someone whom it does not know.
        served_scores: (n,).
    """
    gaps = dict(zip(FEATURE_NAMES, _gap(trained, served), strict=True)) if len(trained) else {}
    if len(trained):
        gaps["score"] = float(_gap(model.ranker.score(trained)[:, None], served_scores[:, None])[0])
        if model.retention is not None:
            one, other = (np.column_stack(model.retention.predict(part)) for part in (trained, served))
            gaps["retention"] = float(_gap(one, other).max())
    differs = tuple(name for name, gap in gaps.items() if gap)
    return Parity(len(trained), float(max(gaps.values(), default=0.0)), differs)


def _served(matcher: Matcher, store: Store, rows: FeatureRows) -> tuple[Floats, Floats]:
    """Features (n, f) and scores (n,) of the same pairs by the service's code."""
    features = np.full(rows.features.shape, np.nan)
    scores = np.full(len(rows.frame), np.nan)
    for _, part in rows.frame.groupby("list_id", sort=False):
        moment = part["shown_at"].iloc[0].to_pydatetime().replace(tzinfo=UTC)
        try:
            vacancy = store.vacancy(str(part["vacancy_id"].iloc[0]), as_of=moment).record
        except NotFound:  # gone since: nobody can be served for it, nor does the builder know it
            continue
        found = matcher.scored(vacancy, part["talent_id"].tolist(), as_of=moment)
        for row, talent_id in zip(part.index.tolist(), part["talent_id"], strict=True):
            if talent_id in found:
                features[row], scores[row] = found[talent_id]
    return features, scores


def _gap(one: Floats, other: Floats) -> Floats:
    """Largest difference in each column (c,); 0 where both are unknown, infinite where one is."""
    unknown = np.isnan(one), np.isnan(other)
    gap = np.where(unknown[0] & unknown[1], 0.0, np.abs(one - other))
    largest: Floats = np.where(unknown[0] ^ unknown[1], np.inf, gap).max(axis=0)
    return largest
