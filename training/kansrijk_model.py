"""Reads a registered model wherever MLflow is: this file and the code it needs are copied into the model.

It asks for numpy, scipy and LightGBM, not for Kansrijk. Where Kansrijk is installed, that reads the model; elsewhere
the copy of the very same code beside the model does. Everything it reads is JSON and LightGBM's text: no pickle.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import expit

if TYPE_CHECKING:
    from ranking.rankers import Ranker

Floats = npt.NDArray[np.float64]

OUTPUTS: Final = ("score", "retention")


class KansrijkModel:
    """What ``mlflow.pyfunc.load_model`` gives back, wrapped by MLflow."""

    def __init__(self, ranker: "Ranker", stay: "Ranker | None") -> None:
        self._ranker, self._stay = ranker, stay

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Floats:
        """Scores rows of features.

        Args:
            data: a data frame with the features as columns, NaN where unknown.
            params: ``output``: ``score`` (the default; higher is better, only the order has a meaning) or
                ``retention``, the probability that a placement lasts.

        Returns:
            One number a row (n,).

        Raises:
            ValueError: there is no such output, or the model has no retention head.
        """
        output = (params or {}).get("output", OUTPUTS[0])
        features = np.asarray(data[list(self._ranker.feature_names)], dtype=np.float64)
        if output == "score":
            return self._ranker.score(features)
        if output == "retention" and self._stay is not None:
            return np.asarray(expit(self._stay.score(features)), dtype=np.float64)
        raise ValueError(f"this model gives no {output!r}; ask for one of {', '.join(OUTPUTS)}")


def _load_pyfunc(data_path: str) -> KansrijkModel:
    """Called by MLflow with the folder that holds the model."""
    folder = Path(data_path)
    try:
        import ranking.rankers_combined as rankers  # noqa: PLC0415
    except ModuleNotFoundError:
        sys.path.insert(0, str(folder / "code"))
        import ranking.rankers_combined as rankers  # noqa: PLC0415
    from ranking.survival import StayRanker  # noqa: PLC0415

    ranker = rankers.ranker_from_json(json.loads((folder / "ranker.json").read_bytes()))
    head = json.loads((folder / "about.json").read_bytes())["retention"]
    stay = StayRanker.from_json({"curve": head["curve"]}, rankers.ranker_from_json) if head else None
    return KansrijkModel(ranker, stay)
