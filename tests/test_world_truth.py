"""The whole product on a default world with a seed that no one developed on, held against that world's truth."""

from pathlib import Path

import pytest

from benchmarks.world_truth import against_truth


@pytest.mark.slow
def test_learned_ranking_beats_similarity_out_of_time_and_in_truth(tmp_path: Path) -> None:
    result = against_truth(tmp_path, n_talents=4_000, n_vacancies=1_200, seed=90_210, n_test=60)
    difference = result.report.metrics["ndcg_at_10_minus_similarity"]
    assert difference["low"] > 0, result.report.reasons
    assert result.report.promoted
    better, low, _ = result.difference()
    assert better > 0
    assert low > 0
    assert result.oracle.mean() > result.learned.mean() > result.similarity.mean() > result.random.mean()
