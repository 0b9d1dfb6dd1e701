"""One suite for every ranker: rows on their own, contributions that add up, nothing lost on disk; and known answers."""

import json
import math
from collections.abc import Callable

import numpy as np
import pytest
from ranking_parts import same
from sklearn.linear_model import LogisticRegression

from core.errors import ArtifactCorrupt
from ranking.features import FEATURE_NAMES, FEATURES
from ranking.rankers import CoverageRanker, LinearRanker, Ranker, SimilarityRanker
from ranking.rankers_combined import BlendRanker, Part, StagedRanker, Step, ranker_from_json
from ranking.trees import BinaryTable, Columns, RankingTable, TreeSettings, fit_classifier, refit_ranker

WIDTH = len(FEATURE_NAMES)
COLUMNS = Columns(FEATURE_NAMES, (0,) * WIDTH)
SETTINGS = TreeSettings(min_data_in_leaf=10)


def rows_of(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, WIDTH))
    features[rng.random(features.shape) < 0.2] = np.nan
    return features


def linear(seed: int, intercept: float = -1.0) -> LinearRanker:
    rng = np.random.default_rng(seed)
    spread = rng.uniform(0.5, 2.0, WIDTH)
    return LinearRanker(FEATURE_NAMES, rng.normal(size=WIDTH), spread, rng.normal(scale=0.3, size=WIDTH), intercept)


def classifier(seed: int) -> Ranker:
    features = rows_of(600, seed)
    yes = (
        np.nan_to_num(features[:, 0]) - np.nan_to_num(features[:, 3]) + np.random.default_rng(seed).normal(size=600) > 0
    )
    return fit_classifier(BinaryTable(features, yes), COLUMNS, SETTINGS, rounds=30)


def lambdamart() -> Ranker:
    features = rows_of(600, 3)
    grades = np.digitize(np.nan_to_num(features[:, 1]), [0.5, 1.0, 1.5]).astype(np.int64)
    return refit_ranker(
        RankingTable(features, grades, np.full(60, 10), np.tile(np.arange(1, 11), 60)), COLUMNS, SETTINGS, rounds=20
    )


def staged() -> StagedRanker:
    return StagedRanker(
        (Step("proposed", classifier(1), 1.0), Step("placed", linear(2), 2.0), Step("retained", linear(4, 0.5), 7.0))
    )


MAKERS: dict[str, Callable[[], Ranker]] = {
    "similarity": lambda: SimilarityRanker(FEATURE_NAMES),
    "coverage": lambda: CoverageRanker(FEATURE_NAMES),
    "linear": lambda: linear(0),
    "trees": lambda: classifier(0),
    "lambdamart": lambdamart,
    "staged": staged,
    "two heads": lambda: StagedRanker((Step("placed", linear(5), 0.0), Step("retained", linear(6), 1.0))),
    "blend": lambda: BlendRanker((Part(staged(), 0.5, 0.7), Part(lambdamart(), 0.5, 1.3))),
}


@pytest.fixture(scope="module", params=MAKERS)
def ranker(request: pytest.FixtureRequest) -> Ranker:
    return MAKERS[request.param]()


def test_a_row_scores_the_same_in_any_company(ranker: Ranker) -> None:
    features = rows_of(67, 9)
    features[0], features[1] = np.nan, 50.0
    whole = ranker.score(features)
    assert whole.shape == (67,)
    assert same([ranker.score(row[None, :])[0] for row in features], whole)
    order = np.random.default_rng(0).permutation(67)
    assert same(ranker.score(features[order]), whole[order])
    assert same(ranker.score(np.asfortranarray(features)), whole)
    assert same(ranker.score(features[::-2]), whole[::-2])
    assert ranker.score(features[:0]).shape == (0,)
    assert ranker.contributions(features[:0]).shape == (0, WIDTH)


def test_contributions_add_up_to_the_score_less_a_constant(ranker: Ranker) -> None:
    features = rows_of(50, 10)
    features[:, FEATURE_NAMES.index("similarity")] = np.linspace(0, 1, 50)  # the one feature that is never unknown
    parts = ranker.contributions(features)
    assert parts.shape == features.shape
    scores = ranker.score(features)
    assert len(np.unique(scores)) > 10
    rest = scores - parts.sum(axis=1)
    np.testing.assert_allclose(rest, rest[0], atol=1e-8)


def test_what_is_read_back_is_the_same(ranker: Ranker) -> None:
    text = json.dumps(ranker.to_json())
    back = ranker_from_json(json.loads(text))
    features = rows_of(30, 11)
    assert same(back.score(features), ranker.score(features))
    assert same(back.contributions(features), ranker.contributions(features))
    assert back.feature_names == FEATURE_NAMES
    assert back.kind == ranker.kind
    assert json.dumps(back.to_json()) == text


def test_importance_names_every_feature(ranker: Ranker) -> None:
    importance = ranker.importance()
    assert set(importance) == set(FEATURE_NAMES)
    assert min(importance.values()) >= 0
    assert max(importance.values()) > 0


# Known answers.


def test_linear_is_the_regression_that_it_was_made_of() -> None:
    rng = np.random.default_rng(1)
    features = rng.normal(size=(300, WIDTH))
    model = LogisticRegression().fit(features, features[:, 0] > 0)
    mine = LinearRanker(FEATURE_NAMES, np.zeros(WIDTH), np.ones(WIDTH), model.coef_[0], float(model.intercept_[0]))
    inside = np.clip(features, -4.0, 4.0)
    np.testing.assert_allclose(mine.score(features), model.decision_function(inside))


def test_unknown_counts_as_the_median_and_the_far_as_four_spreads() -> None:
    one = LinearRanker(("a",), np.array([2.0]), np.array([0.5]), np.array([3.0]), 1.0)
    found = one.score(np.array([[np.nan], [2.0], [2.5], [4.0], [99.0]]))
    assert found.tolist() == [1.0, 1.0, 1.0 + 3.0, 1.0 + 12.0, 1.0 + 12.0]


def test_staged_is_the_expected_gain_by_hand() -> None:
    ranker = staged()
    features = rows_of(5, 12)
    heads = [step.head.score(features) for step in ranker.steps]
    for row, found in enumerate(ranker.score(features)):
        p, q, r = (1 / (1 + math.exp(-head[row])) for head in heads)
        assert found == pytest.approx(math.log(p * (1 + q * (2 + r * 7))))


def test_two_heads_are_a_product_of_chances() -> None:
    features = rows_of(5, 13)
    one, other = linear(5), linear(6)
    product = 1 / (1 + np.exp(-one.score(features))) / (1 + np.exp(-other.score(features)))
    ranker = StagedRanker((Step("placed", one, 0.0), Step("retained", other, 1.0)))
    np.testing.assert_allclose(ranker.score(features), np.log(product))


def test_staged_shares_the_score_out_over_the_heads_that_moved_it() -> None:
    """Only one head listens to each feature: what a feature gets is what its head did."""
    flat = np.zeros(WIDTH)
    first, second = flat.copy(), flat.copy()
    first[0], second[1] = 1.0, 1.0
    ones = np.ones(WIDTH)
    ranker = StagedRanker(
        (
            Step("placed", LinearRanker(FEATURE_NAMES, flat, ones, first, 0.0), 0.0),
            Step("retained", LinearRanker(FEATURE_NAMES, flat, ones, second, 0.0), 1.0),
        )
    )
    features = np.zeros((1, WIDTH))
    features[0, :2] = 1.5, -2.0
    parts = ranker.contributions(features)[0]
    # log p(z) moves from log ½; for the product of two chances the heads do not mix.
    assert parts[0] == pytest.approx(-math.log1p(math.exp(-1.5)) + math.log(2))
    assert parts[1] == pytest.approx(-math.log1p(math.exp(2.0)) + math.log(2))
    assert not parts[2:].any()


def test_blend_by_hand() -> None:
    features = rows_of(4, 14)
    one, other = linear(1), lambdamart()
    blend = BlendRanker((Part(one, 0.25, 2.0), Part(other, 0.75, 0.5)))
    np.testing.assert_allclose(
        blend.score(features), 0.25 * one.score(features) / 2 + 0.75 * other.score(features) / 0.5
    )


def test_coverage_by_hand() -> None:
    features = np.full((3, WIDTH), np.nan)
    column = {name: number for number, name in enumerate(FEATURE_NAMES)}
    features[1, column["skill_mean"]] = 1.0
    features[1, column["travel_share"]] = 3.0
    features[2, column["irregular_refused"]] = 1.0
    # All unknown: 2 × 0.5 + 0.5 + 0 + 0.5 + 0.5 = 2.5; full skills, too far: 2 + 0.5 + 0 + 0 + 0.5 = 3.
    assert CoverageRanker(FEATURE_NAMES).score(features) == pytest.approx([2.5, 3.0, 1.5])


def test_similarity_is_the_feature() -> None:
    features = rows_of(5, 15)
    features[:, FEATURE_NAMES.index("similarity")] = [0.1, 0.5, 0.3, -0.2, 0.9]
    assert SimilarityRanker(FEATURE_NAMES).score(features).tolist() == [0.1, 0.5, 0.3, -0.2, 0.9]


# What cannot be read.


def changed(data: dict[str, object], **changes: object) -> dict[str, object]:
    return data | changes


LINEAR = linear(0).to_json()


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"kind": "oracle"},
        {"kind": ["linear"]},
        {key: value for key, value in LINEAR.items() if key != "weights"},
        LINEAR | {"weights": LINEAR["weights"][:-1]},
        LINEAR | {"scale": [0.0] * WIDTH},
        LINEAR | {"intercept": float("nan")},
        LINEAR | {"median": ["x"] * WIDTH},
        {"kind": "trees", "text": "tree"},
        {"kind": "coverage", "names": ["similarity"]},
        {"kind": "similarity", "names": ["skill_mean"]},
        {"kind": "staged", "steps": []},
        {"kind": "staged", "steps": [{"name": "placed", "head": LINEAR, "gain": 0.0}]},
        {"kind": "staged", "steps": [{"name": "placed", "head": LINEAR, "gain": -1.0}]},
        {"kind": "staged", "steps": [{"name": "placed", "head": {"kind": "oracle"}, "gain": 1.0}]},
        {"kind": "blend", "parts": []},
        {"kind": "blend", "parts": [{"ranker": LINEAR, "weight": 1.0, "spread": 0.0}]},
        {"kind": "blend", "parts": [{"ranker": LINEAR, "weight": float("inf"), "spread": 1.0}]},
        {
            "kind": "blend",
            "parts": [
                {"ranker": ranker, "weight": 1.0, "spread": 1.0}
                for ranker in (LINEAR, SimilarityRanker(("similarity",)).to_json())
            ],
        },
    ],
)
def test_what_is_no_ranker_is_refused(data: object) -> None:
    with pytest.raises(ArtifactCorrupt, match="train again"):
        ranker_from_json(data)


def test_every_feature_says_why_and_every_direction_has_its_reason() -> None:
    for feature in FEATURES:
        assert feature.monotone in (-1, 0, 1)
        what, _, reason = feature.why.partition("; ")
        assert what, feature.name
        assert feature.monotone == 0 or len(reason.split()) >= 3, f"{feature.name} may only go one way: why?"
