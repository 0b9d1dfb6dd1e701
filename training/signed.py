"""Logistic regression whose weights keep the signs that are beyond doubt: what one knows need not be learned."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

STRENGTH = 0.01
"""Inverse of the L2 penalty on the standardised weights: strong, so that features that say the same share a weight."""
_BOUNDS = {1: (0.0, None), -1: (None, 0.0), 0: (None, None)}
_MOST_STEPS = 1_000


@dataclass(frozen=True, slots=True)
class SignedFit:
    """What was learned.

    Attributes:
        weights: (f,) of the standardised features, each of its sign or zero.
        intercept: log-odds where all columns are 0.
        free: (k,) weights of the other columns.
    """

    weights: Floats
    intercept: float
    free: Floats


def fit_signed(
    standard: Floats,
    others: Floats,
    labels: Bools,
    counts: Floats,
    signs: tuple[int, ...],
    *,
    strength: float = STRENGTH,
) -> SignedFit:
    """Fits log-odds by penalised likelihood within the signs.

    Args:
        standard: (n, f) standardised features, whose weights are penalised and keep their signs.
        others: (n, k) columns beside them, of any sign and without penalty.
        labels: (n,) true for yes.
        counts: (n,) how much each row counts.
        signs: per feature 1 for a weight of at least 0, -1 for one of at most 0, 0 for any.
        strength: inverse of the penalty.
    """
    width = len(signs)
    columns = np.column_stack([standard, others, np.ones(len(standard))])
    penalty = np.where(np.arange(columns.shape[1]) < width, 1.0 / strength, 0.0)
    yes = np.where(labels, 1.0, -1.0)

    def loss(weights: Floats) -> tuple[float, Floats]:
        margins = yes * (columns @ weights)
        value = counts @ np.logaddexp(0.0, -margins) + penalty @ weights**2 / 2.0
        return float(value), penalty * weights - columns.T @ (counts * yes * expit(-margins))

    bounds = [_BOUNDS[sign] for sign in signs] + [_BOUNDS[0]] * (columns.shape[1] - width)
    start = np.zeros(columns.shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": _MOST_STEPS})
    weights = np.asarray(found.x, dtype=np.float64)
    return SignedFit(weights[:width], float(weights[-1]), weights[width:-1])
