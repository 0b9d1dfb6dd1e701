"""Only what is new is embedded."""

from hashlib import sha256

import numpy as np

from core.store import Store
from embeddings.cache import CachedEncoder, MemoryCache, VectorCache, vector_key
from embeddings.encoder import MAX_TEXT_CHARS, TextKind
from embeddings.fakes import BagOfWordsEncoder


def test_a_text_is_embedded_once():
    inner, cache = BagOfWordsEncoder(), MemoryCache()
    encoder = CachedEncoder(inner, cache)
    first = encoder.encode(["koken", "bakken", "koken", ""])
    assert (inner.encoded, encoder.embedded) == (3, 3)
    again = encoder.encode(["bakken", "lassen", "koken"])
    assert (inner.encoded, encoder.embedded, len(cache)) == (4, 4, 4)
    np.testing.assert_array_equal(again[[2, 0]], first[:2])
    np.testing.assert_array_equal(first, inner.encode(["koken", "bakken", "koken", ""]))


def test_kinds_and_versions_are_kept_apart():
    cache = MemoryCache()
    one, other = (CachedEncoder(BagOfWordsEncoder(salt=salt), cache) for salt in "ab")
    one.encode(["koken"], kind=TextKind.QUERY)
    one.encode(["koken"], kind=TextKind.PASSAGE)
    other.encode(["koken"], kind=TextKind.QUERY)
    assert (one.embedded, other.embedded, len(cache)) == (2, 1, 3)


def test_the_key_is_the_head_of_the_sha256_of_kind_and_text():
    assert vector_key("kóken", TextKind.QUERY) == sha256("query\0kóken".encode()).digest()[:16]
    assert vector_key("\ud800", TextKind.QUERY) != vector_key("\ud801", TextKind.QUERY)
    assert vector_key("a" * MAX_TEXT_CHARS, TextKind.QUERY) == vector_key("a" * MAX_TEXT_CHARS + "b", TextKind.QUERY)


def test_more_texts_than_one_batch():
    texts = [f"woord{number}" for number in range(9000)]
    inner = BagOfWordsEncoder()
    np.testing.assert_array_equal(CachedEncoder(inner, MemoryCache()).encode(texts), inner.encode(texts))


def test_the_store_is_a_cache(tmp_path):
    with Store.open(f"sqlite:///{tmp_path / 'k.db'}") as store:
        cache: VectorCache = store
        first = CachedEncoder(BagOfWordsEncoder(), cache).encode(["koken", "bakken"])
        again = CachedEncoder(BagOfWordsEncoder(), cache)
        np.testing.assert_array_equal(again.encode(["bakken", "koken"]), first[::-1])
        assert again.embedded == 0


def test_memory_cache_drops_as_the_store_does(tmp_path):
    keys = [vector_key(text, TextKind.QUERY) for text in "abc"]
    for arguments in ({"keep_version": "v1"}, {"keys": keys[:2]}, {"keep_version": "v1", "keys": keys[:2]}, {}):
        with Store.open(f"sqlite:///{tmp_path / 'k.db'}") as store:
            caches = (store, MemoryCache())
            for cache in caches:
                for version in ("v1", "v2"):
                    cache.put_vectors(version, keys, np.eye(3, dtype=np.float32))
            assert len({cache.drop_vectors(**arguments) for cache in caches}) == 1
            for version in ("v1", "v2"):
                left = [set(cache.vectors(version, keys)) for cache in caches]
                assert left[0] == left[1]
            store.drop_vectors()
