"""LightGBM's own public lambdarank example: our training code must reach what its authors ask of theirs."""

import os
from pathlib import Path

import pytest

from benchmarks.public_ranking import FILES, FLOORS, measured

FOLDER = Path(os.environ.get("LTR_DATA", Path(__file__).parent.parent.parent / "shared" / "data" / "ltr"))


@pytest.mark.skipif(
    not all((FOLDER / name).is_file() for name in FILES),
    reason="LightGBM's examples/lambdarank is not here: name its folder in LTR_DATA",
)
def test_the_floors_of_lightgbms_own_test_are_reached() -> None:
    found = measured(FOLDER)
    assert set(found) == {1, 3}
    for cut, floor in FLOORS.items():
        assert found[cut] > floor
