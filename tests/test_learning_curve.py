"""The learning-curve benchmark measures what it says: the share of the way from random to the world's oracle."""

import numpy as np
import pytest

from benchmarks.learning_curve import K, Later
from ranking.rankers import SimilarityRanker
from training.candidates import Candidate


def test_share_of_truth_by_hand() -> None:
    rng = np.random.default_rng(0)
    gains = [rng.random(40), rng.random(25)]
    perfect = [gain[:, None].copy() for gain in gains]
    oracle = np.array([np.sort(gain)[-K:].sum() for gain in gains])
    random = np.array([gain.mean() * K for gain in gains])
    ranker = {Candidate.SIMILARITY: SimilarityRanker(("similarity",))}
    best = Later(perfect, gains, random, oracle).share(ranker)[Candidate.SIMILARITY]
    assert best.mean() == pytest.approx(1.0)
    worst = Later([-one for one in perfect], gains, random, oracle).share(ranker)[Candidate.SIMILARITY]
    lowest = np.array([np.sort(gain)[:K].sum() for gain in gains])
    assert worst.mean() == pytest.approx((lowest - random).sum() / (oracle - random).sum())
