"""What standardised features are measured by."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def scaling(features: Floats) -> tuple[Floats, Floats]:
    """Median and spread of each column (f,); one that is never known or never varies gets 0 or its value, and 1."""
    known = ~np.isnan(features)
    median, scale = np.zeros(features.shape[1]), np.ones(features.shape[1])
    for column in np.flatnonzero(known.any(axis=0)):
        values = features[known[:, column], column]
        median[column] = np.median(values)
        scale[column] = values.std() or 1.0
    return median, scale
