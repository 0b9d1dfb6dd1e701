"""The ranker on data with a known answer: what it must learn, what it may not, and that it is the same every time."""

from dataclasses import replace

import lightgbm
import numpy as np
import pytest
from ranking_parts import same

from core.errors import ArtifactCorrupt
from ranking.trees import Columns, RankingTable, TreeRanker, TreeSettings, fit_ranker, refit_ranker

COLUMNS = Columns(("good", "bad", "noise", "place"), (1, -1, 0, 0))
SETTINGS = TreeSettings(
    num_leaves=15, feature_fraction=0.6, lambda_l2=5.0, max_rounds=40, early_stopping_rounds=10, min_rounds=1
)


def planted(n_lists: int, seed: int) -> RankingTable:
    """Lists of ten in which ``good`` minus ``bad`` decides the grade."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n_lists * 10, 4))
    features[rng.random(len(features)) < 0.1, 2] = np.nan
    worth = features[:, 0] - features[:, 1] + rng.normal(scale=0.3, size=len(features))
    grades = np.digitize(worth, [0.5, 1.5, 2.5]).astype(np.int64)
    return RankingTable(features, grades, np.full(n_lists, 10), np.tile(np.arange(1, 11), n_lists))


@pytest.fixture(scope="module")
def fitted() -> tuple[TreeRanker, int]:
    return fit_ranker(planted(120, 1), planted(40, 2), COLUMNS, SETTINGS)


def test_it_finds_what_was_planted(fitted: tuple[TreeRanker, int]) -> None:
    ranker, rounds = fitted
    assert ranker.n_trees == rounds
    fresh = planted(50, 3)
    worth = fresh.features[:, 0] - fresh.features[:, 1]
    assert np.corrcoef(ranker.score(fresh.features), worth)[0, 1] > 0.8
    gain = ranker.importance()
    assert min(gain["good"], gain["bad"]) > 3 * max(gain["noise"], gain["place"])


def test_more_can_only_be_better_where_the_table_says_so(fitted: tuple[TreeRanker, int]) -> None:
    base = planted(20, 4).features
    for column, direction in ((0, 1), (1, -1)):
        scores = []
        for value in np.linspace(-3, 3, 25):
            moved = base.copy()
            moved[:, column] = value
            scores.append(fitted[0].score(moved))
        assert (np.diff(np.array(scores), axis=0) * direction >= -1e-12).all()
    assert len(np.unique(scores)) > 1


def test_contributions_add_up_to_the_score(fitted: tuple[TreeRanker, int]) -> None:
    ranker, _ = fitted
    features = planted(5, 5).features
    parts = ranker.contributions(features)
    assert parts.shape == features.shape
    bias = ranker.score(features) - parts.sum(axis=1)
    np.testing.assert_allclose(bias, bias[0], atol=1e-9)
    # The bias is the expected score: LightGBM's own last column says the same.
    own = ranker.booster.predict(features[:1], pred_contrib=True)[0, -1]
    assert bias[0] == pytest.approx(own)


def test_a_row_scores_the_same_in_any_company(fitted: tuple[TreeRanker, int]) -> None:
    ranker, _ = fitted
    features = planted(5, 6).features
    whole = ranker.score(features)
    order = np.random.default_rng(0).permutation(len(features))
    assert same(ranker.score(features[order]), whole[order])
    assert same([ranker.score(row[None, :])[0] for row in features], whole)
    assert ranker.score(features[:0]).shape == (0,)
    assert ranker.contributions(features[:0]).shape == (0, 4)


def test_the_same_data_gives_the_same_model(fitted: tuple[TreeRanker, int]) -> None:
    again, rounds = fit_ranker(planted(120, 1), planted(40, 2), COLUMNS, SETTINGS)
    assert again.to_text() == fitted[0].to_text()
    assert rounds == fitted[1]
    one, other = (refit_ranker(planted(60, 8), COLUMNS, SETTINGS, rounds=7) for _ in range(2))
    assert one.to_text() == other.to_text()
    assert one.n_trees == 7


def test_early_stopping_keeps_the_best_round() -> None:
    curve: list[tuple[int, float]] = []
    settings = replace(SETTINGS, max_rounds=60, early_stopping_rounds=8)
    ranker, rounds = fit_ranker(
        planted(60, 1), planted(20, 2), COLUMNS, settings, on_round=lambda number, value: curve.append((number, value))
    )
    assert [number for number, _ in curve] == list(range(1, len(curve) + 1))
    values = [value for _, value in curve]
    assert rounds == 1 + int(np.argmax(values))
    assert ranker.n_trees == rounds


@pytest.mark.parametrize(("min_rounds", "more"), [(1, False), (30, True), (500, True)])
def test_a_lucky_first_tree_does_not_end_the_training(min_rounds: int, more: bool) -> None:
    curve: list[float] = []
    settings = replace(SETTINGS, max_rounds=60, early_stopping_rounds=20, min_rounds=min_rounds)
    noise = planted(60, 1)
    lucky = replace(noise, features=noise.features[::-1].copy())  # features of others: nothing to learn
    ranker, rounds = fit_ranker(lucky, planted(20, 2), COLUMNS, settings, lambda _, value: curve.append(value))
    best = 1 + int(np.argmax(curve))
    assert best < 30
    assert rounds == (min(min_rounds, len(curve)) if more else best)
    assert ranker.n_trees == rounds


def test_the_text_is_the_whole_model(fitted: tuple[TreeRanker, int]) -> None:
    ranker, _ = fitted
    back = TreeRanker.from_text(ranker.to_text())
    features = planted(5, 7).features
    assert same(back.score(features), ranker.score(features))
    assert back.feature_names == COLUMNS.names
    plain = lightgbm.Booster(model_str=ranker.to_text())
    assert same(plain.predict(features), ranker.score(features))


@pytest.mark.parametrize("text", ["", "not a model", "tree\nversion=v4\n"])
def test_a_text_that_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(ArtifactCorrupt, match="train again"):
        TreeRanker.from_text(text)


def test_a_model_text_that_was_cut_short_is_refused(fitted: tuple[TreeRanker, int]) -> None:
    text = fitted[0].to_text()
    with pytest.raises(ArtifactCorrupt, match="train again"):
        TreeRanker.from_text(text[: len(text) // 3])


def test_the_place_at_which_someone_was_shown_is_taken_out() -> None:
    """Clicks that follow the place alone teach a ranker nothing about the people."""
    rng = np.random.default_rng(9)
    n_lists = 200
    features = rng.normal(size=(n_lists * 10, 4))
    places = np.tile(np.arange(1, 11), n_lists)
    features[:, 3] = -places + rng.normal(scale=0.5, size=len(places))  # a feature that knows the place
    grades = (rng.random(len(places)) < 1 / places).astype(np.int64)
    seen = RankingTable(features, grades, np.full(n_lists, 10), places)
    blind = RankingTable(features, grades, np.full(n_lists, 10), np.ones_like(places))
    gains = [refit_ranker(one, COLUMNS, SETTINGS, rounds=20).importance()["place"] for one in (seen, blind)]
    assert gains[0] < gains[1]
