"""Columns against a plain reading of the same records."""

import numpy as np
import pytest
from embedding_parts import talent, vacancy
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_oracle import record_vector

from core.errors import ArtifactCorrupt, ArtifactMismatch
from core.records import Talent, Vacancy
from embeddings.cache import CachedEncoder, MemoryCache
from embeddings.corpus import EmbeddedCorpus
from embeddings.encoder import TextKind
from embeddings.fakes import BagOfWordsEncoder
from embeddings.views import talent_phrases, vacancy_phrases

ENCODER = BagOfWordsEncoder(dim=32)
TALENTS = [talent(number) for number in range(40)]


def assert_holds(corpus: EmbeddedCorpus, records: list[Talent] | list[Vacancy]) -> None:
    """The corpus says of each record what the views and the encoder say of it, one by one."""
    assert len(corpus) == len(corpus.ids) == len(records)
    assert corpus.vectors.shape == (len(records), corpus.dim)
    assert (corpus.vectors.dtype, corpus.phrase_vectors.dtype) == (np.float32, np.float32)
    assert (corpus.phrase_offsets.dtype, corpus.phrase_rows.dtype) == (np.int64, np.int32)
    assert corpus.phrase_kinds.dtype == np.uint8
    assert len(set(corpus.phrase_texts)) == len(corpus.phrase_texts) == len(corpus.phrase_vectors)
    for row, record in enumerate(records):
        is_talent = isinstance(record, Talent)
        phrases = talent_phrases(record) if is_talent else vacancy_phrases(record)
        assert corpus.ids[row] == (record.talent_id if is_talent else record.vacancy_id)
        assert corpus.row_of[corpus.ids[row]] == row
        np.testing.assert_allclose(corpus.vectors[row], record_vector(record, ENCODER), atol=1e-6)
        assert corpus.phrases(row) == phrases
        span = corpus.phrase_rows[corpus.phrase_offsets[row] : corpus.phrase_offsets[row + 1]]
        expected = ENCODER.encode([phrase.text for phrase in phrases], kind=TextKind.PHRASE)
        np.testing.assert_array_equal(corpus.phrase_vectors[span], expected)


def assert_same(one: EmbeddedCorpus, other: EmbeddedCorpus) -> None:
    assert (one.encoder_version, one.ids, one.phrase_texts) == (
        other.encoder_version,
        other.ids,
        other.phrase_texts,
    )
    for name in ("vectors", "phrase_vectors", "phrase_offsets", "phrase_rows", "phrase_kinds"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("records", [TALENTS, [vacancy(number) for number in range(20)]], ids=["talents", "vacancies"])
def test_build(records):
    assert_holds(EmbeddedCorpus.build(iter(records), ENCODER), records)


def test_build_of_nothing():
    corpus = EmbeddedCorpus.build([], ENCODER)
    assert_holds(corpus, [])
    assert_holds(corpus.take([]), [])
    assert corpus.dim == 32


def test_a_talent_without_words_has_a_zero_row_and_no_phrases():
    silent = Talent.model_validate({"talent_id": "silent"})
    corpus = EmbeddedCorpus.build([TALENTS[0], silent, TALENTS[1]], ENCODER)
    assert_holds(corpus, [TALENTS[0], silent, TALENTS[1]])
    assert not corpus.vectors[1].any()
    assert corpus.phrases(1) == []


def test_build_across_batches_embeds_a_phrase_once(monkeypatch):
    monkeypatch.setattr("embeddings.corpus._BATCH", 7)
    encoder = BagOfWordsEncoder(dim=32)
    corpus = EmbeddedCorpus.build(TALENTS, encoder)
    assert_holds(corpus, TALENTS)
    distinct = {phrase.text for one in TALENTS for phrase in talent_phrases(one)}
    assert encoder.encoded == len(distinct)


def test_two_records_with_one_id_are_refused():
    with pytest.raises(ValueError, match="same id"):
        EmbeddedCorpus.build([TALENTS[0], TALENTS[1], TALENTS[0]], ENCODER)


@pytest.mark.parametrize("rows", [[], [3], [5, 1, 30], list(range(39, -1, -1))])
def test_take(rows):
    corpus = EmbeddedCorpus.build(TALENTS, ENCODER)
    taken = corpus.take(np.array(rows, dtype=np.int64))
    assert_holds(taken, [TALENTS[row] for row in rows])
    assert taken.phrase_vectors is corpus.phrase_vectors


def test_replaced_follows_changes():
    corpus = EmbeddedCorpus.build(TALENTS, ENCODER)
    encoder = BagOfWordsEncoder(dim=32)
    changed = talent(1001, talent_id="t0005")
    early, late = talent(1002, talent_id="new"), talent(1003, talent_id="new")
    after = corpus.replaced([changed, early, late], encoder)
    expected = [*TALENTS[:5], changed, *TALENTS[6:], late]
    assert_holds(after, expected)
    assert encoder.encoded == len({p.text for one in (changed, late) for p in talent_phrases(one)})
    assert_holds(corpus, TALENTS)
    assert_same(corpus.replaced([], ENCODER), corpus)
    assert_holds(EmbeddedCorpus.build([], ENCODER).replaced(TALENTS[:3], ENCODER), TALENTS[:3])


def test_replaced_drops_phrases_that_nobody_uses_any_more():
    corpus = EmbeddedCorpus.build([TALENTS[0], talent(1, skills=["zeldzaam woord"])], ENCODER)
    assert "zeldzaam woord" in corpus.phrase_texts
    assert "zeldzaam woord" not in corpus.replaced([talent(1, skills=["lassen"])], ENCODER).phrase_texts


def test_replaced_refuses_another_encoder():
    with pytest.raises(ArtifactMismatch, match="kansrijk index"):
        EmbeddedCorpus.build(TALENTS, ENCODER).replaced([], BagOfWordsEncoder(dim=32, salt="x"))


def test_without_leaves_nothing_of_a_person():
    marked = talent(7, skills=["kwibuszwaluw", "koken"])
    records = [*TALENTS[:7], marked, talent(8, skills=["koken"])]
    after = EmbeddedCorpus.build(records, ENCODER).without(["t0007", "not there"])
    assert_holds(after, [*records[:7], records[8]])
    assert not [text for text in after.phrase_texts if "kwibuszwaluw" in text]
    assert "koken" in after.phrase_texts


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.tuples(st.booleans(), st.lists(st.integers(0, 12), max_size=5)), max_size=6))
def test_any_history_ends_as_if_built_at_once(steps):
    corpus, held = EmbeddedCorpus.build([], ENCODER), {}
    for version, (adds, numbers) in enumerate(steps):
        if adds:
            records = [talent(100 * version + number, talent_id=f"t{number}") for number in numbers]
            corpus = corpus.replaced(records, ENCODER)
            held |= {record.talent_id: record for record in records}
        else:
            corpus = corpus.without(f"t{number}" for number in numbers)
            held = {key: record for key, record in held.items() if int(key[1:]) not in numbers}
    assert_holds(corpus, list(held.values()))
    in_order = [record for _, record in sorted(held.items())]
    assert_same(corpus.sorted(), EmbeddedCorpus.build(in_order, ENCODER))


def test_saved_and_loaded_is_the_same_and_mapped(tmp_path):
    corpus = EmbeddedCorpus.build(TALENTS, ENCODER)
    corpus.save(tmp_path)
    loaded = EmbeddedCorpus.load(tmp_path)
    assert_same(loaded, corpus)
    assert_holds(loaded, TALENTS)
    assert isinstance(loaded.vectors, np.memmap)
    assert_holds(loaded.replaced([TALENTS[3]], ENCODER), TALENTS)


def test_an_empty_corpus_is_saved_and_loaded(tmp_path):
    EmbeddedCorpus.build([], ENCODER).save(tmp_path)
    assert_holds(EmbeddedCorpus.load(tmp_path), [])


def test_equal_content_gives_equal_files(tmp_path):
    for name, encoder in (("a", ENCODER), ("b", CachedEncoder(ENCODER, MemoryCache()))):
        (tmp_path / name).mkdir()
        EmbeddedCorpus.build(TALENTS, encoder).save(tmp_path / name)
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: (path / "names.json").unlink(),
        lambda path: (path / "names.json").write_bytes(b"{}"),
        lambda path: (path / "vectors.npy").write_bytes(b"x"),
        lambda path: np.save(path / "vectors.npy", np.zeros((39, 32), np.float32)),
        lambda path: np.save(path / "phrase_rows.npy", np.load(path / "phrase_rows.npy") + 10_000),
        lambda path: np.save(path / "phrase_rows.npy", np.load(path / "phrase_rows.npy") - 10),
        lambda path: np.save(path / "phrase_offsets.npy", np.load(path / "phrase_offsets.npy")[::-1]),
        lambda path: np.save(path / "phrase_kinds.npy", np.zeros(3, np.uint8)),
    ],
)
def test_damage_is_corrupt(tmp_path, damage):
    EmbeddedCorpus.build(TALENTS, ENCODER).save(tmp_path)
    damage(tmp_path)
    with pytest.raises(ArtifactCorrupt, match="kansrijk index"):
        EmbeddedCorpus.load(tmp_path)
