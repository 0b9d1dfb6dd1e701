import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ranking_parts import same, steady

from core.errors import ArtifactCorrupt
from core.vocabulary import Band
from ranking.retention import RetentionHead, band, retention_of


def head_of(n_features: int = 35, resamples: int = 40, seed: int = 0) -> RetentionHead:
    rng = np.random.default_rng(seed)
    return RetentionHead(
        tuple(f"f{number}" for number in range(n_features)),
        rng.normal(size=n_features),
        rng.uniform(0.5, 2, size=n_features),
        rng.normal(size=(resamples, n_features + 1)),
        120,
    )


def test_by_hand() -> None:
    head = RetentionHead(
        ("a", "b"),
        np.array([10.0, 0.0]),
        np.array([2.0, 1.0]),
        np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 1.0], [1.0, 0.0, -1.0]]),
        3,
    )
    chances = sorted(1 / (1 + math.exp(-logit)) for logit in (1.0, 2.0, 0.0))
    middle, low, high = head.predict(np.array([[12.0, 5.0]]))  # (12 - 10) / 2 = 1
    assert middle[0] == pytest.approx(chances[1])
    assert low[0] == pytest.approx(chances[0] + 0.2 * (chances[1] - chances[0]))
    assert high[0] == pytest.approx(chances[1] + 0.8 * (chances[2] - chances[1]))


def test_unknown_counts_as_the_median_and_what_was_never_seen_as_the_edge() -> None:
    head = head_of()
    unknown, median = np.full((1, 35), np.nan), head.median[None, :]
    assert same(head.predict(unknown), head.predict(median))
    far, further = median + 4.0 * head.scale, median + 900.0 * head.scale
    np.testing.assert_allclose(head.predict(far), head.predict(further), rtol=1e-9)


@steady
@given(st.integers(0, 10_000), st.integers(1, 80), st.sampled_from([1, 2, 7, 35]))
def test_ordered_and_alike_alone_and_together(seed: int, n: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    features = rng.normal(scale=3, size=(n, width))
    features[rng.random(features.shape) < 0.2] = np.nan
    head = head_of(width, seed=seed)
    middle, low, high = whole = head.predict(features)
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert low.min() >= 0
    assert high.max() <= 1
    rows = rng.integers(n, size=4)
    assert same(head.predict(features[rows]), [part[rows] for part in whole])
    assert same(head.predict(np.asfortranarray(features)), whole)
    for row in rows.tolist():
        assert same([part[0] for part in head.predict(features[[row]])], [part[row] for part in whole])


def test_nobody_has_no_chance() -> None:
    assert [part.shape for part in head_of().predict(np.empty((0, 35)))] == [(0,), (0,), (0,)]


@pytest.mark.parametrize(
    ("probability", "word"),
    [
        (0.0, Band.LOW),
        (0.3999, Band.LOW),
        (0.4, Band.MIDDLE),
        (0.5999, Band.MIDDLE),
        (0.6, Band.HIGH),
        (1.0, Band.HIGH),
    ],
)
def test_bands(probability: float, word: Band) -> None:
    assert band(probability) == word
    assert retention_of(probability, 0, 1).band == word


def test_numbers_are_rounded_to_what_they_can_carry() -> None:
    found = retention_of(0.123456, 0.1, 0.98765)
    assert (found.probability, found.low, found.high) == (0.123, 0.1, 0.988)


def test_through_json_and_back_it_is_the_same() -> None:
    head = head_of()
    back = RetentionHead.from_json(json.loads(json.dumps(head.to_json())))
    features = np.random.default_rng(1).normal(size=(9, 35))
    assert same(back.predict(features), head.predict(features))
    assert back.n_placements == 120
    assert back.names == head.names


def broken(**changes: Any) -> dict[str, Any]:
    whole = head_of(3, 4).to_json() | changes
    return {name: value for name, value in whole.items() if value is not None}


@pytest.mark.parametrize(
    "data",
    [
        {},
        broken(names=None),
        broken(median=[1.0, 2.0]),
        broken(scale=[1.0]),
        broken(weights=[[1.0, 2.0]]),
        broken(weights=[]),
        broken(weights=[1.0, 2.0, 3.0, 4.0]),
        broken(median="abc"),
        broken(n_placements="many"),
        broken(scale=[1.0, 0.0, 1.0]),
        broken(median=[1.0, float("nan"), 1.0]),
    ],
)
def test_what_does_not_fit_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ArtifactCorrupt, match="train again"):
        RetentionHead.from_json(data)
