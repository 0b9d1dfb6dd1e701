"""What the champion does with people whose outcome is known: equal opportunity, and calibration, by group."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ranking.model import RankingModel
from ranking.outcomes import PAIR, Outcome
from training.calibration import reliability
from training.dataset import FeatureRows
from training.disparity import RESAMPLES, SEED, Figure, figure
from training.hazard import PersonPeriods, person_periods
from training.measures import FIRST
from training.shown import list_sizes

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MIN_OUTCOMES = 30
"""People who lasted, or placements, of a group below which nothing is said of its outcomes."""


@dataclass(frozen=True, slots=True)
class Past:
    """People who were shown, with what the champion makes of them.

    Attributes:
        lasted: (n,) row in the pool of each shown pair that lasted.
        first: (n,) whether the champion puts them among the first five of that list.
        placed: (m,) row in the pool of each placement.
        predicted: (m,) the champion's chance that it lasts; empty without a retention head.
        periods: what the placements lived through.
        learned_from: share of the placements that were signed before the champion was trained.
    """

    lasted: npt.NDArray[np.int64]
    first: Bools
    placed: npt.NDArray[np.int64]
    predicted: Floats
    periods: PersonPeriods
    learned_from: float


def past_of(
    rows: FeatureRows, hired: pd.DataFrame, model: RankingModel, row_of: dict[str, int], *, as_of: np.datetime64
) -> Past:
    """Looks at all shown pairs through the champion.

    Args:
        rows: shown pairs with features as of the showing, list by list.
        hired: placements as known at ``as_of``.
        model: the champion.
        row_of: row in the pool by talent_id.
        as_of: the cut-off.
    """
    frame = rows.frame
    here = frame["talent_id"].isin(row_of).to_numpy()
    person = frame["talent_id"].map(row_of).fillna(-1).to_numpy(dtype=np.int64)
    lasted = here & (frame["outcome"] == Outcome.RETAINED).to_numpy()
    first = _places(list_sizes(frame["list_id"]), model.ranker.score(rows.features)) <= FIRST
    number = frame[PAIR].assign(row=np.arange(len(frame))).merge(hired, on=PAIR)
    number = number[here[number["row"].to_numpy()]].reset_index(drop=True)
    features = rows.features[number["row"].to_numpy()]
    predicted = model.retention.probability(features) if model.retention and len(number) else np.empty(0)
    trained = pd.Timestamp(model.info.trained_as_of).tz_convert(None)
    return Past(
        lasted=np.asarray(person[lasted], dtype=np.int64),
        first=first[lasted],
        placed=person[number["row"].to_numpy()],
        predicted=predicted,
        periods=person_periods(number, as_of),
        learned_from=float((number["placed_at"] <= trained).mean()) if len(number) else 0.0,
    )


def opportunity(past: Past, members: Bools) -> tuple[int, Figure | None, Figure | None]:
    """Equal opportunity (Hardt, Price & Srebro 2016): of people who lasted, the share the champion would put first.

    Args:
        past: of :func:`past_of`.
        members: (t,) the group.

    Returns:
        How many of the group lasted; the share of them among the first five of their list; that share minus everyone
        else's. Both None below ``MIN_OUTCOMES``, the second too when the others are too few.
    """
    inside = members[past.lasted]
    n = int(inside.sum())
    if n < MIN_OUTCOMES:
        return n, None, None
    times = _resampled(len(inside))
    rates = [(times @ (past.first & part)) / np.maximum(times @ part, 1) for part in (inside, ~inside)]
    others = int((~inside).sum())
    return n, figure(rates[0]), figure(rates[0] - rates[1]) if others >= MIN_OUTCOMES else None


def calibration(past: Past, members: Bools) -> dict[str, object]:
    """How far the promised chance of lasting lies from what came of a group's placements (n, ece, bias).

    The bias is the mean promise minus the share that lasted (Kaplan-Meier over the periods, so that open placements
    count as far as they have come): above 0 the group is promised too much.
    """
    inside = members[past.placed]
    n = int(inside.sum())
    nothing: dict[str, object] = {"n": n, "ece": None, "bias": None}
    if n < MIN_OUTCOMES or not len(past.predicted):
        return nothing
    own = _of_some(past.periods, inside)
    found = reliability(past.predicted[inside], own, seed=SEED)
    if not found.n:
        return nothing
    times = _resampled(n)
    bias = (times @ past.predicted[inside]) / n - _lasting(times, own)
    ece = Figure(found.ece, found.low, found.high)
    return {"n": n, "ece": ece.to_json(), "bias": figure(bias).to_json()}


def _of_some(periods: PersonPeriods, inside: Bools) -> PersonPeriods:
    """The periods of some placements, numbered anew."""
    kept = inside[periods.rows]
    number = np.cumsum(inside) - 1
    return PersonPeriods(
        number[periods.rows[kept]], periods.period[kept], periods.stayed[kept], periods.weights[kept], periods.n_periods
    )


def _lasting(times: Floats, periods: PersonPeriods) -> Floats:
    """Share (d,) that stays through all periods, in d resamples (d, n) of the placements."""
    weights = times[:, periods.rows] * periods.weights
    at = np.eye(periods.n_periods)[periods.period]
    at_risk, left = weights @ at, (weights * ~periods.stayed) @ at
    hazard = np.divide(left, at_risk, out=np.zeros_like(left), where=at_risk > 0)
    return np.asarray(np.prod(1.0 - hazard, axis=1), dtype=np.float64)


def _resampled(n: int) -> Floats:
    """How often each of n is drawn (1 + RESAMPLES, n); first the data as they are."""
    draws = np.random.default_rng(SEED).multinomial(n, np.full(n, 1.0 / n), size=RESAMPLES)
    return np.vstack([np.ones(n), draws])


def _places(sizes: npt.NDArray[np.int64], scores: Floats) -> npt.NDArray[np.int64]:
    """Place of each row on its list by score, 1 is best; equal scores by row."""
    number = np.repeat(np.arange(len(sizes)), sizes)
    order = np.lexsort((-scores, number))
    places = np.empty(len(scores), dtype=np.int64)
    places[order] = np.arange(len(scores)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + 1
    return places
