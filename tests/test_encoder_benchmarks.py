"""The encoder's benchmarks measure what they say: by hand on small cases, and the shape of what they print."""

import math

import numpy as np
import pytest

from benchmarks.bm25 import K1, B, Bm25
from benchmarks.encoder_speed import AD_WORDS, advertisements, measured
from benchmarks.retrieval import Town, perfect, recalls, scored, with_interval
from core.records import Talent, Vacancy
from embeddings.encoder import TextKind
from embeddings.loading import shipped_model


def test_bm25_by_hand():
    passages = ["kok kok keuken", "lasser"]
    scores = Bm25(passages).scores(["kok", "lasser kok", "tuin"], passages)
    mean, idf = 2.0, math.log(1 + (2 - 1 + 0.5) / (1 + 0.5))
    kok = idf * 2 * (K1 + 1) / (2 + K1 * (1 - B + B * 3 / mean))
    lasser = idf * (K1 + 1) / (1 + K1 * (1 - B + B * 1 / mean))
    np.testing.assert_allclose(scores, [[kok, 0], [kok, lasser], [0, 0]], rtol=1e-9)


def test_bm25_as_an_encoder_gives_the_same_scores():
    passages = ["kok in de keuken", "lasser in de haven", "de kok"]
    asked = ["kok in de haven", "de"]
    model = Bm25(passages, asked)
    dense = model.encode(asked, kind=TextKind.QUERY) @ model.encode(passages).T
    np.testing.assert_allclose(dense, Bm25(passages).scores(asked, passages), rtol=1e-5)


def town() -> Town:
    people = [Talent.model_validate({"talent_id": f"t{n}", "presentation": f"Ik ben {n}."}) for n in range(4)]
    jobs = [Vacancy.model_validate({"vacancy_id": f"v{n}", "title": "Baan"}) for n in range(2)]
    eligible = np.array([[True, True, True, False], [True, True, True, True]])
    suitable = np.array([[True, False, True, False], [False, False, False, True]])
    return Town(people, jobs, eligible, suitable)


def test_recall_by_hand():
    """Scores fall with the row: of the first job rows 0 and 1 are found, one of two suitable; of the second none."""
    falling = scored(lambda asked, people: np.tile(-np.arange(len(people), dtype=float), (len(asked), 1)))
    assert recalls(falling, town(), 2).tolist() == [0.5, 0.0]
    assert recalls(perfect, town(), 1).tolist() == [0.5, 1.0]


def test_who_is_not_eligible_is_never_retrieved():
    rising = scored(lambda asked, people: np.tile(np.arange(len(people), dtype=float), (len(asked), 1)))
    assert recalls(rising, town(), 1).tolist() == [0.5, 1.0]


def test_an_interval_holds_the_mean():
    found = with_interval(np.array([0.0, 0.2, 0.4, 1.0] * 25))
    assert found["mean"] == pytest.approx(0.4)
    assert 0.3 < found["low"] < 0.4 < found["high"] < 0.5


def test_speed_of_the_default_encoder_is_told():
    if shipped_model() is None:
        pytest.skip("the product came without a model")
    figures = measured(n_short=40, n_ads=4, n_single=5, starts=1, threads=2)
    assert set(figures) == {
        *("threads", "short_texts_per_second", "advertisements_per_second"),
        "advertisements_with_new_words_per_second",
        *("one_text_ms_median", "one_text_ms_p95", "first_vector_s"),
    }
    assert all(value > 0 for value in figures.values())
    assert figures["one_text_ms_median"] <= figures["one_text_ms_p95"]
    assert {len(text.split()) for text in advertisements(3, seed=1, new=0.1)} == {AD_WORDS}
