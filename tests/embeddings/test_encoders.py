"""One contract for every encoder, judged from outside; then what is particular to each."""

import threading
import unicodedata

import numpy as np
import pytest
from embedding_parts import WORDS, save_tiny_model, talent, tiny_hashed

from core.errors import ArtifactCorrupt, ArtifactMissing, InputError
from embeddings.cache import CachedEncoder, MemoryCache
from embeddings.encoder import MAX_TEXT_CHARS, Encoder, TextKind, unit_rows
from embeddings.fakes import BagOfWordsEncoder
from embeddings.sentence_transformer import SentenceTransformerEncoder
from embeddings.tfidf import MAX_DIM, TfidfSvdEncoder
from embeddings.views import talent_phrases, talent_text

CORPUS = [text for number in range(60) for text in (talent_text(talent(number)), *WORDS[number % 20 :: 20])]
TEXTS = [
    "heftruck magazijn orders",
    "koken in de keuken",
    "Koken, in de keuken!",
    "zorg voor ouderen en kinderen begeleiden",
    "zonnepanelen monteren",
    *(phrase.text for phrase in talent_phrases(talent(3))),
]
ODD = [
    "",
    " \t\n",
    "\x00",
    "\ud800 koken",
    "koken \U0001f469\u200d\U0001f373",
    "\u202eneduoh",
    "ＫＯＫＥＮ",
    "кухня 厨房 مطبخ",
    "a" * 100,
    ".,;!?" * 20,
]


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory):
    return save_tiny_model(tmp_path_factory.mktemp("tiny") / "model")


NAMES = ["words", "tfidf", "tfidf saved", "hashed", "transformer", "prompted", "cached"]


@pytest.fixture(scope="session", params=NAMES)
def encoder(request, tiny_model, tmp_path_factory) -> Encoder:
    match request.param:
        case "words":
            made = BagOfWordsEncoder()
        case "tfidf":
            made = TfidfSvdEncoder.fit(CORPUS, seed=1, dim=32)
        case "tfidf saved":
            directory = tmp_path_factory.mktemp("tfidf")
            TfidfSvdEncoder.fit(CORPUS, seed=1, dim=32).save(directory)
            made = TfidfSvdEncoder.load(directory)
        case "hashed":
            made = tiny_hashed()
        case "transformer":
            made = SentenceTransformerEncoder(str(tiny_model))
        case "prompted":
            made = SentenceTransformerEncoder(str(tiny_model), "magazijn ", "kantoor ")
        case "cached":
            made = CachedEncoder(BagOfWordsEncoder(), MemoryCache())
    return made


@pytest.mark.parametrize("kind", TextKind)
def test_rows_are_unit_float32_in_the_order_given(encoder: Encoder, kind: TextKind):
    assert isinstance(encoder, Encoder)
    vectors = encoder.encode(TEXTS, kind=kind)
    assert vectors.shape == (len(TEXTS), encoder.dim)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    order = np.random.default_rng(0).permutation(len(TEXTS))
    shuffled = encoder.encode([TEXTS[row] for row in order], kind=kind)
    np.testing.assert_allclose(shuffled, vectors[order], atol=1e-6)


def test_meaning_orders_similarity(encoder: Encoder):
    vectors = encoder.encode(["heftruck in het magazijn", "magazijn heftruck", "koken in de keuken"])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


@pytest.mark.parametrize("size", [1, 2, 7])
def test_batches_do_not_change_a_vector(encoder: Encoder, size: int):
    whole = encoder.encode(TEXTS)
    parts = [encoder.encode(TEXTS[start : start + size]) for start in range(0, len(TEXTS), size)]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-6)


def test_no_texts_give_no_rows(encoder: Encoder):
    vectors = encoder.encode([])
    assert vectors.shape == (0, encoder.dim)
    assert vectors.dtype == np.float32


@pytest.mark.parametrize("kind", TextKind)
def test_an_empty_text_is_the_zero_vector_and_disturbs_no_other(encoder: Encoder, kind: TextKind):
    vectors = encoder.encode(["", "heftruck", " \n"], kind=kind)
    assert not vectors[[0, 2]].any()
    np.testing.assert_allclose(vectors[1], encoder.encode(["heftruck"], kind=kind)[0], atol=1e-6)


def test_odd_unicode_gives_unit_or_zero_rows(encoder: Encoder):
    vectors = encoder.encode(ODD)
    assert np.isfinite(vectors).all()
    lengths = np.linalg.norm(vectors, axis=1)
    assert all(length == 0 or abs(length - 1) < 1e-6 for length in lengths.tolist())


def test_a_very_long_text_is_read_up_to_the_bound(encoder: Encoder):
    words = "heftruck magazijn " * MAX_TEXT_CHARS
    head, tail = words[:MAX_TEXT_CHARS], words[MAX_TEXT_CHARS:] + " koken"
    np.testing.assert_array_equal(encoder.encode([head + tail]), encoder.encode([head]))


def test_threads_get_the_same_vectors(encoder: Encoder):
    alone = encoder.encode(TEXTS)
    answers: list[object] = [None] * 8

    def work(number: int) -> None:
        answers[number] = encoder.encode(TEXTS if number % 2 else TEXTS[::-1])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, answer in enumerate(answers):
        np.testing.assert_allclose(answer, alone if number % 2 else alone[::-1], atol=1e-6)


def test_versions_tell_encoders_apart(tiny_model, tmp_path):
    reworded = save_tiny_model(tmp_path / "other", seed=1)
    versions = [
        BagOfWordsEncoder().version,
        BagOfWordsEncoder(dim=128).version,
        BagOfWordsEncoder(salt="x").version,
        TfidfSvdEncoder.fit(CORPUS, seed=1, dim=32).version,
        TfidfSvdEncoder.fit(CORPUS, seed=1, dim=16).version,
        TfidfSvdEncoder.fit([*CORPUS, "een geheel ander woord"], seed=1, dim=32).version,
        tiny_hashed().version,
        tiny_hashed(seed=1).version,
        SentenceTransformerEncoder(str(tiny_model)).version,
        SentenceTransformerEncoder(str(tiny_model), "vraag: ").version,
        SentenceTransformerEncoder(str(tiny_model), "", "vraag: ").version,
        SentenceTransformerEncoder(str(reworded)).version,
    ]
    assert len(set(versions)) == len(versions)


def test_equal_content_has_an_equal_version(tiny_model, tmp_path):
    assert BagOfWordsEncoder().version == BagOfWordsEncoder().version
    fitted = TfidfSvdEncoder.fit(CORPUS, seed=1, dim=32)
    assert TfidfSvdEncoder.fit(CORPUS, seed=1, dim=32).version == fitted.version
    fitted.save(tmp_path)
    loaded = TfidfSvdEncoder.load(tmp_path)
    assert loaded.version == fitted.version
    np.testing.assert_array_equal(loaded.encode(TEXTS), fitted.encode(TEXTS))
    copy = save_tiny_model(tmp_path / "elsewhere")
    assert SentenceTransformerEncoder(str(copy)).version == SentenceTransformerEncoder(str(tiny_model)).version


class TestUnitRows:
    def test_by_hand(self):
        rows = unit_rows(np.array([[3.0, 4.0], [0.0, 0.0], [-2.0, 0.0]]))
        np.testing.assert_array_equal(rows, np.array([[0.6, 0.8], [0, 0], [-1, 0]], dtype=np.float32))

    def test_very_small_and_very_large_rows(self):
        rows = unit_rows(np.array([[1e-30, 0.0], [1e30, 1e30]]))
        np.testing.assert_allclose(rows, [[1, 0], [2**-0.5, 2**-0.5]], rtol=1e-6)


class TestBagOfWords:
    def test_similarity_by_hand(self):
        a, b = BagOfWordsEncoder(dim=4096).encode(["heftruck rijden", "heftruck laden lossen"])
        assert a @ b == pytest.approx(1 / (2**0.5 * 3**0.5), abs=1e-6)

    def test_bounds(self):
        with pytest.raises(ValueError, match="between 1 and 4096"):
            BagOfWordsEncoder(0)


class TestTfidfSvd:
    def test_sees_through_compounds_and_case(self):
        encoder = TfidfSvdEncoder.fit(CORPUS, seed=1, dim=32)
        a, b, c = encoder.encode(["heftruckchauffeur", "HEFTRUCK", "schoonmaken"])
        assert a @ b > 0.5 > a @ c

    def test_both_ways_to_write_an_accent_are_one(self):
        encoder = TfidfSvdEncoder.fit([*CORPUS, "financiële administratie"], seed=1, dim=32)
        composed, split = (unicodedata.normalize(form, "financiële") for form in ("NFC", "NFD"))
        assert composed != split
        np.testing.assert_array_equal(*encoder.encode([composed, split]).reshape(2, 1, -1))

    def test_a_text_of_unknown_letters_is_the_zero_vector(self):
        assert not TfidfSvdEncoder.fit(CORPUS, seed=1, dim=32).encode(["厨房"]).any()

    def test_equals_the_formula(self):
        """Rows are (1 + ln tf) · idf · components, scaled; counted here with Python dictionaries."""
        encoder = TfidfSvdEncoder.fit(CORPUS, seed=1, dim=8)
        counts: dict[str, int] = {}
        for word in ("koken", "koken", "kassa"):
            padded = f" {word} "
            for n in (3, 4, 5):
                for start in range(len(padded) - n + 1):
                    counts[padded[start : start + n]] = counts.get(padded[start : start + n], 0) + 1
        known = [(row, term) for row, term in enumerate(encoder._terms) if term in counts]
        assert len(known) > 10
        expected = sum(
            (1 + np.log(counts[term])) * encoder._vectorizer.idf_[row] * encoder._components[row].astype(float)
            for row, term in known
        )
        np.testing.assert_allclose(
            encoder.encode(["koken koken kassa"])[0], expected / np.linalg.norm(expected), atol=1e-5
        )

    @pytest.mark.parametrize("texts", [[], ["", " "], ["koken"]])
    def test_too_little_text_says_what_to_do(self, texts):
        with pytest.raises(InputError, match="import"):
            TfidfSvdEncoder.fit(texts)

    @pytest.mark.parametrize("dim", [1, MAX_DIM + 1])
    def test_bounds(self, dim):
        with pytest.raises(ValueError, match="dim between"):
            TfidfSvdEncoder.fit(CORPUS, dim=dim)

    def test_a_small_corpus_gives_fewer_components(self):
        assert TfidfSvdEncoder.fit(["koken", "bakken", "lassen", "tuin"]).dim == 3

    def test_a_large_corpus_is_sampled_by_seed(self, monkeypatch):
        monkeypatch.setattr("embeddings.tfidf.MAX_FIT_CHARS", 2_000)
        first, again, other = (TfidfSvdEncoder.fit(CORPUS, seed=seed, dim=8).version for seed in (1, 1, 2))
        assert first == again != other

    @pytest.mark.parametrize(
        "damage",
        [
            lambda path: (path / "terms.json").unlink(),
            lambda path: (path / "terms.json").write_bytes(b'["a"]'),
            lambda path: (path / "terms.json").write_bytes(b"["),
            lambda path: (path / "weights.npz").write_bytes(b"PK"),
            lambda path: np.savez(path / "weights.npz", idf=np.ones(3)),
        ],
    )
    def test_damage_is_corrupt(self, tmp_path, damage):
        TfidfSvdEncoder.fit(CORPUS, seed=1, dim=8).save(tmp_path)
        damage(tmp_path)
        with pytest.raises(ArtifactCorrupt, match="kansrijk index"):
            TfidfSvdEncoder.load(tmp_path)


class TestSentenceTransformer:
    def test_is_the_mean_of_the_word_vectors(self, tiny_model):
        from safetensors.numpy import load_file

        weights = load_file(tiny_model / "model.safetensors")["embedding.weight"].astype(float)
        mean = weights[[1 + WORDS.index("koken"), 1 + WORDS.index("kassa")]].mean(axis=0)
        vector = SentenceTransformerEncoder(str(tiny_model)).encode(["koken kassa"])[0]
        np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=1e-6)

    def test_prompts_go_before_their_kind_of_text(self, tiny_model):
        plain = SentenceTransformerEncoder(str(tiny_model))
        prompted = SentenceTransformerEncoder(str(tiny_model), "magazijn ", "kantoor ")
        for kind, prompt in (
            (TextKind.QUERY, "magazijn "),
            (TextKind.PASSAGE, "kantoor "),
            (TextKind.PHRASE, "magazijn "),
        ):
            np.testing.assert_allclose(
                prompted.encode(["koken"], kind=kind), plain.encode([f"{prompt}koken"]), atol=1e-6
            )

    def test_a_name_that_is_nowhere_says_what_to_do(self, tmp_path, monkeypatch):
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
        monkeypatch.setenv("HF_HOME", str(tmp_path))
        with pytest.raises(ArtifactMissing, match="KANSRIJK_ENCODER"):
            SentenceTransformerEncoder("kansrijk/there-is-no-such-model")

    def test_a_path_that_is_nowhere_says_what_to_do(self):
        with pytest.raises(ArtifactMissing, match="neither a directory nor a hub name"):
            SentenceTransformerEncoder("/there/is/no/such/directory")

    def test_a_directory_that_is_no_model_is_corrupt(self, tmp_path):
        (tmp_path / "modules.json").write_text("{")
        with pytest.raises(ArtifactCorrupt, match="no usable sentence-transformers model"):
            SentenceTransformerEncoder(str(tmp_path))
