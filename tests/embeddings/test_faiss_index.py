"""The index against brute force in plain Python."""

import threading

import numpy as np
import pytest
from embedding_parts import nearest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.encoder import unit_rows
from embeddings.faiss_index import MAX_K, VectorIndex


def random_rows(seed: int, n: int, dim: int) -> np.ndarray:
    return unit_rows(np.random.default_rng(seed).normal(size=(n, dim)))


def assert_equals_oracle(vectors, queries, k, allowed=None):
    hits = VectorIndex.of(vectors).search(queries, k, allowed)
    expected = nearest(queries, vectors, k, allowed)
    width = min(k, len(vectors) if allowed is None else int(allowed.sum()))
    assert hits.rows.shape == hits.similarities.shape == (len(queries), width)
    assert (hits.rows.dtype, hits.similarities.dtype) == (np.int64, np.float32)
    assert hits.rows.tolist() == [[row for _, row in answer] for answer in expected]
    np.testing.assert_allclose(
        hits.similarities, np.array([[s for s, _ in a] for a in expected]).reshape(hits.rows.shape), atol=1e-6
    )


def test_by_hand():
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8]], dtype=np.float32)
    hits = VectorIndex.of(vectors).search(np.array([[0, 1]], dtype=np.float32), 2)
    assert hits.rows.tolist() == [[1, 2]]
    np.testing.assert_array_equal(hits.similarities, np.array([[1, 0.8]], dtype=np.float32))


@pytest.mark.parametrize("k", [1, 5, 40, 200, 500])
@pytest.mark.parametrize("share", [None, 0.0, 0.05, 0.5, 1.0])
def test_equals_brute_force(k, share):
    vectors, queries = random_rows(1, 200, 12), random_rows(2, 3, 12)
    allowed = None if share is None else np.random.default_rng(3).random(200) < share
    assert_equals_oracle(vectors, queries, k, allowed)


def test_many_queries_at_once_take_another_path_in_faiss_and_answer_the_same():
    vectors, queries = random_rows(1, 300, 16), random_rows(2, 40, 16)
    index = VectorIndex.of(vectors)
    together = index.search(queries, 25)
    for number in range(len(queries)):
        alone = index.search(queries[number : number + 1], 25)
        np.testing.assert_array_equal(alone.rows[0], together.rows[number])
        np.testing.assert_array_equal(alone.similarities[0], together.similarities[number])


def test_duplicates_come_by_row_also_around_the_cut():
    base = random_rows(4, 3, 8)
    vectors = np.concatenate([base[[0]].repeat(100, axis=0), base[[1]], base[[0]].repeat(100, axis=0), base[[2]]])
    hits = VectorIndex.of(vectors).search(base[[0]], 150)
    assert hits.rows[0].tolist() == [row for row in range(201) if row != 100][:150]
    assert len(set(hits.similarities[0].tolist())) == 1


def test_rows_that_are_equally_near_but_not_equal_come_by_row():
    """FAISS sums in float32, so that it sees differences that are not there."""
    values = np.random.default_rng(1).uniform(0.1, 1.0, size=64)
    shuffled = np.random.default_rng(2).permuted(np.tile(values, (400, 1)), axis=1)
    query = unit_rows(np.ones((1, 64)))
    vectors = unit_rows(shuffled)
    plain = (vectors @ query[0]).astype(np.float32)
    assert len(set(plain.tolist())) > 1, "the trap is not set"
    assert_equals_oracle(vectors, query, 50)


def test_zero_vectors_and_a_zero_query():
    vectors = random_rows(5, 80, 6)
    vectors[::3] = 0.0
    assert_equals_oracle(vectors, np.concatenate([random_rows(6, 2, 6), np.zeros((1, 6), np.float32)]), 50)


def test_rows_that_are_not_allowed_never_stand_in_the_answer_even_when_nearest():
    vectors = random_rows(7, 1000, 8)
    query = vectors[[17]]
    allowed = np.ones(1000, dtype=bool)
    allowed[VectorIndex.of(vectors).search(query, 900).rows[0]] = False
    hits = VectorIndex.of(vectors).search(query, 100, allowed)
    assert sorted(hits.rows[0].tolist()) == np.flatnonzero(allowed).tolist()


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_equals_brute_force_on_anything(data):
    """Few distinct components, so that ties, zero rows and duplicates abound."""
    dim = data.draw(st.integers(1, 4))
    component = st.sampled_from([0.0, 1.0, -1.0, 0.5, 0.25])
    row = st.lists(component, min_size=dim, max_size=dim)
    vectors = np.array(data.draw(st.lists(row, max_size=80)), dtype=np.float32).reshape(-1, dim)
    queries = np.array(data.draw(st.lists(row, max_size=4)), dtype=np.float32).reshape(-1, dim)
    allowed = data.draw(st.none() | st.lists(st.booleans(), min_size=len(vectors), max_size=len(vectors)))
    mask = None if allowed is None else np.array(allowed, dtype=bool)
    assert_equals_oracle(vectors, queries, data.draw(st.integers(1, 100)), mask)


def test_rows_can_be_added():
    vectors, queries = random_rows(8, 90, 5), random_rows(9, 2, 5)
    index = VectorIndex(5)
    assert len(index) == 0
    assert index.search(queries, 3).rows.shape == (2, 0)
    for start in range(0, 90, 30):
        index.add(vectors[start : start + 30])
    assert len(index) == 90
    np.testing.assert_array_equal(index.search(queries, 7).rows, VectorIndex.of(vectors).search(queries, 7).rows)


def test_the_index_keeps_a_copy():
    vectors = random_rows(8, 10, 5)
    index = VectorIndex.of(vectors)
    query = vectors[[3]].copy()
    vectors[:] = 0.0
    assert index.search(query, 1).rows.tolist() == [[3]]


def test_threads_search_one_index():
    vectors, queries = random_rows(1, 2000, 16), random_rows(2, 8, 16)
    index = VectorIndex.of(vectors)
    masks = [np.random.default_rng(number).random(2000) < 0.3 for number in range(8)]
    alone = [index.search(queries, 50, mask) for mask in masks]
    together: list[object] = [None] * 8

    def work(number: int) -> None:
        for _ in range(20):
            together[number] = index.search(queries, 50, masks[number])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one.rows, other.rows)


@pytest.mark.parametrize(
    ("queries", "k", "allowed", "message"),
    [
        (np.zeros((1, 3), np.float32), 1, None, r"shape \(n, 2\)"),
        (np.zeros(2, np.float32), 1, None, r"shape \(n, 2\)"),
        (np.zeros((1, 2), np.float32), 0, None, "1 to"),
        (np.zeros((1, 2), np.float32), MAX_K + 1, None, "1 to"),
        (np.full((1, 2), np.nan, np.float32), 1, None, "not finite"),
        (np.zeros((1, 2), np.float32), 1, np.ones(3, bool), "bool mask of 4"),
        (np.zeros((1, 2), np.float32), 1, np.ones(4, np.int64), "bool mask of 4"),
    ],
)
def test_what_does_not_fit_is_refused(queries, k, allowed, message):
    with pytest.raises(ValueError, match=message):
        VectorIndex.of(np.eye(4, 2, dtype=np.float32)).search(queries, k, allowed)


@pytest.mark.parametrize(("dim", "threads"), [(0, 1), (3, 0)])
def test_bounds(dim, threads):
    with pytest.raises(ValueError, match="at least 1"):
        VectorIndex(dim, threads=threads)
