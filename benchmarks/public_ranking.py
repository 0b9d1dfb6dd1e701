"""Our ranking trees on LightGBM's own public example, beside the floors that its authors test for.

    python -m benchmarks.public_ranking --data DIR

The folder holds ``rank.train``, ``rank.test`` (LibSVM) and ``rank.train.query``, ``rank.test.query`` of
https://github.com/microsoft/LightGBM/tree/master/examples/lambdarank. The data is public and says nothing of people.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_svmlight_file

from ranking.trees import Columns, RankingTable, TreeSettings, fit_ranker, refit_ranker
from training.evaluation import ndcg_per_list

FLOORS = {1: 0.5674, 3: 0.578}
"""nDCG by cut that LightGBM's test_sklearn.py asks of its own LGBMRanker on these files."""
FILES = ("rank.train", "rank.train.query", "rank.test", "rank.test.query")
# The product's own settings, with the example's gains 2^grade - 1 for its five grades.
SETTINGS = TreeSettings(label_gain=(0.0, 1.0, 3.0, 7.0, 15.0))
TUNE_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Lists:
    """One file of the example: the table, and the exponential gains of its grades (n,)."""

    table: RankingTable
    gains: npt.NDArray[np.float64]


def read(folder: Path, name: str, n_features: int | None = None) -> Lists:
    """Reads ``name`` and ``name.query``."""
    features, grades = load_svmlight_file(str(folder / name), n_features=n_features)
    sizes = np.loadtxt(folder / f"{name}.query", dtype=np.int64)
    places = np.ones(len(grades), dtype=np.int64)  # nobody was shown anything: there is no place to take out
    table = RankingTable(features.toarray(), grades.astype(np.int64), sizes, places)
    return Lists(table, np.asarray(SETTINGS.label_gain)[table.grades])


def measured(folder: Path) -> dict[int, float]:
    """Scores the test file in nDCG by cut; a list without a relevant row counts 1, as LightGBM has it.

    The number of rounds is chosen on the last lists of the training file; the authors' test chooses it on the test
    file, which flatters.
    """
    train = read(folder, "rank.train").table
    width = train.features.shape[1]
    test = read(folder, "rank.test", n_features=width)
    columns = Columns(tuple(f"f{number}" for number in range(width)), (0,) * width)
    n_lists = int(len(train.group_sizes) * (1.0 - TUNE_SHARE))
    _, rounds = fit_ranker(_lists(train, 0, n_lists), _lists(train, n_lists, None), columns, SETTINGS)
    scores = refit_ranker(train, columns, SETTINGS, rounds=rounds).score(test.table.features)
    return {
        cut: float(np.nan_to_num(ndcg_per_list(test.table, scores, k=cut, gains=test.gains), nan=1.0).mean())
        for cut in FLOORS
    }


def _lists(table: RankingTable, first: int, end: int | None) -> RankingTable:
    """Some lists of a table."""
    starts = np.concatenate(([0], np.cumsum(table.group_sizes)))
    span = slice(int(starts[first]), int(starts[len(table.group_sizes) if end is None else end]))
    return RankingTable(table.features[span], table.grades[span], table.group_sizes[first:end], table.positions[span])


def main() -> None:
    """Prints the figures beside the floors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    for cut, value in measured(parser.parse_args().data).items():
        print(f"nDCG@{cut} {value:.4f}, floor {FLOORS[cut]}")


if __name__ == "__main__":
    main()
