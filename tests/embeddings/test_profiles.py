"""The vector of a whole record: by hand, and against what it is for: long texts must not drown the job."""

from pathlib import Path

import numpy as np
import pytest

from core.records import Talent, Vacancy
from embeddings.corpus import EmbeddedCorpus
from embeddings.encoder import TextKind
from embeddings.fakes import BagOfWordsEncoder
from embeddings.hashed import HashedNgramEncoder
from embeddings.loading import shipped_model
from embeddings.phrases import PhraseKind
from embeddings.profiles import Part, conduct_rows, profile
from embeddings.sentences import sentences
from embeddings.views import TALENT_WEIGHTS, VACANCY_WEIGHTS, vacancy_phrases

FRAMES = Path(__file__).parents[2] / "training" / "encoder" / "data" / "ad_frames_nl.txt"


def rows(*given):
    return np.array(given, dtype=np.float32).reshape(-1, 2)


def test_kinds_weigh_by_their_weight_and_not_by_their_number():
    many = Part(1.0, rows([1, 0], [1, 0], [1, 0], [1, 0]))
    one = Part(0.5, rows([0, 1]))
    np.testing.assert_allclose(profile([many, one], 2), np.array([1.0, 0.5]) / 1.25**0.5, atol=1e-6)


def test_a_sentence_counts_by_its_likeness_to_the_whole():
    """Centre: (1, 0) + (1, 1)/√2, of length √(2 + √2); the sentences have cosines 0.9239 and 0.3827 with it."""
    listed = Part(1.0, rows([1, 0]))
    told = Part(1.0, rows([1, 0], [0, 1]), is_told=True)
    direction = np.array([0.92388, 0.38268])
    expected = np.array([1.0, 0.0]) + direction / np.linalg.norm(direction)
    np.testing.assert_allclose(profile([told, listed], 2), expected / np.linalg.norm(expected), atol=1e-5)


def test_sentences_alone_still_have_a_direction():
    opposite = Part(1.0, rows([1, 0], [-1, 0]), is_told=True)
    np.testing.assert_allclose(profile([opposite], 2), [0, 0], atol=1e-6)
    np.testing.assert_allclose(profile([Part(0.5, rows([0, 1]), is_told=True)], 2), [0, 1], atol=1e-6)


@pytest.mark.parametrize("parts", [[], [Part(1.0, rows())], [Part(1.0, rows([0, 0])), Part(1.0, rows(), is_told=True)]])
def test_nothing_known_is_the_zero_vector(parts):
    np.testing.assert_array_equal(profile(parts, 2), [0.0, 0.0])


def test_who_lacks_what_is_asked_stands_on_the_other_side():
    asked = Vacancy.model_validate({"vacancy_id": "v", "title": ",", "behaviours": [{"code": 24105}, {"code": 24121}]})
    levels = {"good": 1, "enough": 2, "short": 3, "absent": 4, "unknown": 5}
    people = [
        Talent.model_validate({"talent_id": name, "behaviours": [{"code": 24105, "level": level}]})
        for name, level in levels.items()
    ]
    encoder = BagOfWordsEncoder(dim=256)
    query = EmbeddedCorpus.build([asked], encoder).vectors[0]
    good, enough, short, absent, unknown = EmbeddedCorpus.build(people, encoder).vectors @ query
    assert good == pytest.approx(0.5**0.5, abs=0.1)  # one of two that are asked, which are nearly at right angles
    assert enough == pytest.approx(good, abs=1e-6)  # with nothing else known, a level has nothing to weigh against
    assert short == pytest.approx(-good, abs=1e-6)
    assert absent == pytest.approx(-good, abs=1e-6)
    assert unknown == 0.0


def test_levels_weigh_against_each_other():
    rows = conduct_rows([(24105, 1.0), (24121, 0.6), (24110, -1.0)], 64)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), [1.0, 0.6, 1.0], atol=1e-6)
    assert abs(rows[0] @ rows[1]) < 0.3
    np.testing.assert_array_equal(rows[0], conduct_rows([(24105, 1.0)], 64)[0])


def test_every_kind_has_a_weight_in_its_own_table():
    assert set(TALENT_WEIGHTS) | set(VACANCY_WEIGHTS) == set(PhraseKind)


def test_boilerplate_moves_a_vacancy_less_than_it_would_an_average():
    model = shipped_model()
    if model is None:
        pytest.skip("the product came without a model")
    encoder = HashedNgramEncoder.load(model)
    job = ["Je last onderdelen van staalconstructies volgens tekening", "Je slijpt lasnaden af en meet na"]
    drowned = [*sentences(FRAMES.read_text(encoding="utf-8")), *job]
    title = Part(0.5, encoder.encode(["Lasser"], kind=TextKind.PHRASE))

    def vector(text: list[str], *, is_told: bool) -> np.ndarray:
        told = encoder.encode(text, kind=TextKind.PHRASE)
        return profile([title, Part(1.0, told, is_told=is_told)], encoder.dim)

    average = vector(job, is_told=False) @ vector(drowned, is_told=False)
    assert vector(job, is_told=True) @ vector(drowned, is_told=True) > average + 0.05


def test_a_job_that_is_told_last_is_read():
    """After twenty sentences of another kind, as some advertisements have it."""
    words = ["scanner", "koken", "lassen", "tuin", "kassa"]
    text = " ".join(f"Wij zijn een {word} bedrijf nummer {n}." for n, word in enumerate(words * 4))
    record = Vacancy.model_validate({"vacancy_id": "v", "description": text + " Je gaat metselen in weer en wind."})
    assert "Je gaat metselen in weer en wind" in [phrase.text for phrase in vacancy_phrases(record)]
