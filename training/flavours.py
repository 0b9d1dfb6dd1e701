"""Logging a model so that plain MLflow loads it, also where Kansrijk is not installed.

A ranker of trees alone is LightGBM's own flavour. Any other is a pyfunc whose loader and code travel with it
(``training/kansrijk_model.py``), and the trees in it are logged beside it in LightGBM's flavour. Nothing is pickled,
and the service reads none of this: it reads a checked folder of its own.
"""

import shutil
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

import core.errors
import ranking.rankers
import ranking.rankers_combined
import ranking.survival
import ranking.trees
import training.kansrijk_model
from ranking.model import RankingModel
from ranking.trees import TreeRanker

Floats = npt.NDArray[np.float64]

_CODE: Final = (core, core.errors, ranking, ranking.rankers, ranking.rankers_combined, ranking.survival, ranking.trees)
"""All that scoring needs; a test loads a model with nothing else."""
_NEEDS: Final = ("lightgbm", "numpy", "pandas", "scipy")


class Logged(NamedTuple):
    """A logged model: its id, and its address."""

    model_id: str
    uri: str


def log_model(mlflow: Any, model: RankingModel, example: Floats | None) -> Logged:
    """Logs a model in the active run, with signature and input example.

    Args:
        mlflow: the vendor's module.
        model: what is logged.
        example: (n, f) rows that show what it takes; None for one row of which nothing is known.
    """
    names = list(model.info.feature_names)
    rows = pd.DataFrame(np.full((1, len(names)), np.nan) if example is None else example, columns=names)
    scores = model.ranker.score(rows.to_numpy(dtype=np.float64))
    if isinstance(model.ranker, TreeRanker):
        return _log_trees(mlflow, "ranker", model.ranker, rows, scores)
    for name, trees in trees_of(model.ranker.to_json()):
        _log_trees(mlflow, name, trees, rows, trees.score(rows.to_numpy(dtype=np.float64)))
    with TemporaryDirectory() as folder:
        data = Path(folder) / "model"
        data.mkdir()
        model.save(data)
        _copy_code(data / "code")
        logged = mlflow.pyfunc.log_model(
            name="ranker",
            loader_module="kansrijk_model",
            data_path=str(data),
            code_paths=[str(_file(training.kansrijk_model))],
            signature=mlflow.models.infer_signature(rows, scores, params={"output": "score"}),
            input_example=rows,
            pip_requirements=_requirements(),
        )
    return Logged(str(logged.model_id), str(logged.model_uri))


def trees_of(node: Any, path: str = "trees") -> Iterator[tuple[str, TreeRanker]]:
    """The trees inside a ranker's JSON, each with a name that says where: steps by name, parts by number."""
    if isinstance(node, Mapping):
        if node.get("kind") == TreeRanker.kind:
            yield path, TreeRanker.from_json(node)
            return
        for value in node.values():
            yield from trees_of(value, path)
    elif isinstance(node, list):
        for number, value in enumerate(node):
            name = value.get("name", number) if isinstance(value, Mapping) else number
            yield from trees_of(value, f"{path}-{name}")


def _log_trees(mlflow: Any, name: str, ranker: TreeRanker, rows: pd.DataFrame, scores: Floats) -> Logged:
    logged = mlflow.lightgbm.log_model(
        ranker.booster,
        name=name,
        signature=mlflow.models.infer_signature(rows, scores),
        input_example=rows,
        pip_requirements=_requirements(),
    )
    return Logged(str(logged.model_id), str(logged.model_uri))


def _requirements() -> list[str]:
    """What loads the model, as it is here; MLflow would start a process of its own to find out."""
    return [f"{name}=={version(name)}" for name in _NEEDS]


def _copy_code(folder: Path) -> None:
    for module in _CODE:
        *package, _ = module.__name__.split(".") if "." in module.__name__ else (module.__name__, "")
        into = folder.joinpath(*package)
        into.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_file(module), into / _file(module).name)


def _file(module: Any) -> Path:
    return Path(str(module.__file__))
