"""A pool that follows the store is the pool that a fresh start would load."""

import tempfile
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ranking_parts import NOW, PLACES, same, same_columns, steady, talent
from ranking_town import Town, person

from core.records import Place
from core.store import Store
from embeddings.corpus import EmbeddedCorpus
from embeddings.fakes import BagOfWordsEncoder
from embeddings.indexer import LoadedIndex, load_index, update_index
from ranking.columns import TalentColumns
from ranking.pool import TalentPool, follow, load_pool, pool_as_of

LATER = NOW + timedelta(days=1)


def assert_equal(left: TalentPool, right: TalentPool) -> None:
    assert left.ids == right.ids
    assert left.seqs == right.seqs
    assert left.last_seq == right.last_seq
    same_columns(left.candidates.columns, right.candidates.columns)
    assert same(left.candidates.corpus.vectors, right.candidates.corpus.vectors)
    for row in range(len(left)):
        assert told(left, row) == told(right, row)
    query = left.candidates.corpus.vectors[:1]
    if len(left):
        assert same(left.index.search(query, 5).rows, right.index.search(query, 5).rows)


def told(pool: TalentPool, row: int) -> list[tuple[str, str, bytes]]:
    """What one person says, each phrase with its vector."""
    corpus = pool.candidates.corpus
    vector = dict(zip(corpus.phrase_texts, corpus.phrase_vectors, strict=True))
    return [(phrase.kind, phrase.text, vector[phrase.text].tobytes()) for phrase in corpus.phrases(row)]


def fresh(town: Town, encoder: BagOfWordsEncoder) -> TalentPool:
    update_index(town.store, encoder, town.settings.index_dir)
    return load_pool(town.store, encoder, load_index(town.settings.index_dir, encoder))


@pytest.fixture
def small(empty_town: Town, encoder: BagOfWordsEncoder) -> Town:
    """Twelve people, indexed."""
    empty_town.store.put_places([PLACES["3013"], PLACES["3111"]], now=NOW)
    empty_town.store.put_talents([person(number) for number in range(12)], now=NOW)
    update_index(empty_town.store, encoder, empty_town.settings.index_dir)
    return empty_town


def pool_of(town: Town, encoder: BagOfWordsEncoder) -> TalentPool:
    return load_pool(town.store, encoder, load_index(town.settings.index_dir, encoder))


def test_the_same_pool_when_nothing_changed(small: Town, encoder: BagOfWordsEncoder) -> None:
    pool = pool_of(small, encoder)
    assert follow(small.store, encoder, pool) is pool


CHANGES = {
    "put": lambda store: store.put_talents([talent("a-first"), talent("t-003x", skills=["lassen"])], now=LATER),
    "changed": lambda store: store.put_talents(
        [person(3).model_copy(update={"skills": ["snoeien"], "licences": ["CE"]})], now=LATER
    ),
    "deactivated": lambda store: store.put_talents([person(4).model_copy(update={"active": False})], now=LATER),
    "erased": lambda store: store.erase("t-005", now=LATER),
    "erased and put": lambda store: (store.erase("t-006", now=LATER), store.put_talents([person(6)], now=LATER)),
    "put and erased": lambda store: (store.put_talents([talent("z")], now=LATER), store.erase("z", now=LATER)),
    "twice": lambda store: [
        store.put_talents([person(7).model_copy(update={"skills": [skill]})], now=LATER) for skill in ("haven", "zorg")
    ],
    "place": lambda store: store.put_places([Place(postcode="3111", lat=51.5, lon=4.1), PLACES["3311"]], now=LATER),
    "everything": lambda store: [CHANGES[name](store) for name in ("put", "erased", "place", "changed")],
    "someone and a job": lambda store: store.put_talents([talent("t-500")], now=LATER),
    "everyone gone": lambda store: [store.erase(f"t-{number:03d}", now=LATER) for number in range(12)],
}


@pytest.mark.parametrize("name", CHANGES)
def test_following_is_loading_afresh(small: Town, encoder: BagOfWordsEncoder, name: str) -> None:
    before = pool_of(small, encoder)
    vectors = before.candidates.corpus.vectors.copy()
    CHANGES[name](small.store)
    followed = follow(small.store, encoder, before)
    assert_equal(followed, fresh(small, encoder))
    assert len(before) == 12  # a pool is a value: whoever reads it is not disturbed
    assert same(before.candidates.corpus.vectors, vectors)


def test_an_index_that_lags_behind_is_completed_on_loading(small: Town, encoder: BagOfWordsEncoder) -> None:
    CHANGES["everything"](small.store)
    assert_equal(pool_of(small, encoder), fresh(small, encoder))


def test_only_what_changed_is_embedded(small: Town) -> None:
    counting = BagOfWordsEncoder(dim=512)
    pool = pool_of(small, counting)
    counting.encoded = 0
    CHANGES["place"](small.store)
    pool = follow(small.store, counting, pool)
    assert counting.encoded == 0
    small.store.put_talents([talent("new", skills=["lassen"])], now=LATER)
    follow(small.store, counting, pool)
    assert counting.encoded == 1  # its one phrase


def test_a_pool_of_the_past(small: Town, encoder: BagOfWordsEncoder) -> None:
    then = NOW + timedelta(hours=1)
    small.store.put_talents(
        [
            person(3).model_copy(update={"skills": ["snoeien"], "licences": ["CE"], "updated_at": LATER}),
            person(4).model_copy(update={"active": False, "updated_at": LATER}),
        ],
        now=LATER,
    )
    small.store.erase("t-005", now=LATER)
    live = pool_of(small, encoder)
    past = pool_as_of(small.store, encoder, live, then)
    assert past.ids == [f"t-{number:03d}" for number in range(12) if number != 5]
    everyone = [person(number) for number in range(12) if number != 5]
    places = {code: PLACES[code] for code in ("3013", "3111")}
    same_columns(past.candidates.columns, TalentColumns.build(everyone, places))
    row = past.ids.index("t-003")
    assert "snoeien" not in [phrase.text for phrase in past.candidates.corpus.phrases(row)]
    assert "snoeien" in [phrase.text for phrase in live.candidates.corpus.phrases(row)]
    now_again = pool_as_of(small.store, encoder, live, LATER + timedelta(days=1))
    assert_equal(now_again, live)


@steady
@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["put", "edit", "sleep", "erase"])), max_size=8))
def test_any_sequence_of_changes(steps: list[tuple[int, str]]) -> None:
    encoder = BagOfWordsEncoder(dim=64)
    with tempfile.TemporaryDirectory() as home, Store.open(f"sqlite:///{home}/kansrijk.db") as store:
        store.put_talents([person(number) for number in range(3)], now=NOW)
        start = _load(store, encoder)
        pool = start
        for number, (who, what) in enumerate(steps):
            changed = person(who).model_copy(
                update={"skills": [f"kunst {number}"] if what == "edit" else ["lassen"], "active": what != "sleep"}
            )
            if what != "erase":
                store.put_talents([changed], now=LATER)
            elif store.talents_by_id([changed.talent_id]):
                store.erase(changed.talent_id, now=LATER)
            if number % 2:
                pool = follow(store, encoder, pool)
        loaded = _load(store, encoder)
        assert_equal(follow(store, encoder, pool), loaded)
        assert_equal(follow(store, encoder, start), loaded)


def _load(store: Store, encoder: BagOfWordsEncoder) -> TalentPool:
    """A pool from an index that holds nobody."""
    nobody = EmbeddedCorpus.build([], encoder)
    return load_pool(store, encoder, LoadedIndex(nobody, nobody, "none", 0))


def test_the_town_is_whole(town: Town, encoder: BagOfWordsEncoder) -> None:
    pool = pool_of(town, encoder)
    assert pool.ids == [one.talent_id for one in town.people]
    assert len(pool) == len(pool.candidates.corpus) == len(pool.index) == 120
    assert np.isnan(pool.candidates.columns.lat).sum() == sum(one.location.postcode is None for one in town.people)
