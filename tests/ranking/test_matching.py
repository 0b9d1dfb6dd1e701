"""Phrase against phrase, held against Python loops; and the claim that a similarity never depends on its batch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ranking_parts import candidates_of, query_of, same, steady, talent, talents, vacancies, vacancy

from core.records import Talent, Vacancy
from embeddings.corpus import EmbeddedCorpus
from embeddings.encoder import unit_rows
from embeddings.fakes import BagOfWordsEncoder
from embeddings.phrases import PhraseKind
from ranking.matching import PhraseMatch, on_grid

ENCODER = BagOfWordsEncoder(dim=512)
KINDS = [
    (PhraseKind.SKILL,),
    (PhraseKind.INTEREST,),
    (PhraseKind.SKILL, PhraseKind.EXPERIENCE, PhraseKind.SENTENCE),
    tuple(PhraseKind),
]

PEOPLE = [
    talent("cook", skills=["koken", "gasten"], interests=["keuken"], presentation="Ik wil graag koken."),
    talent("silent"),
    talent("driver", skills=["vrachtwagen", "koken"], experience=[{"occupation": "vrachtwagen laden"}]),
    talent("dreamer", interests=["haven", "keuken"]),
    talent("twin", skills=["koken", "gasten"], interests=["keuken"], presentation="Ik wil graag koken."),
]
ASKED = vacancy(skills_required=["koken gasten", "lassen"], skills_desired=["vrachtwagen"], occupation="kok")


def matched(
    asked: Vacancy, people: list[Talent], rows: list[int]
) -> tuple[PhraseMatch, EmbeddedCorpus, EmbeddedCorpus]:
    query, candidates = query_of(asked, ENCODER), candidates_of(people, ENCODER)
    match = PhraseMatch.of(query.corpus, query.row, candidates.corpus, np.array(rows, dtype=np.int64))
    return match, query.corpus, candidates.corpus


def cosines(asked: EmbeddedCorpus, offered: EmbeddedCorpus, row: int, kinds: tuple[PhraseKind, ...]) -> np.ndarray:
    """Cosine of each asked phrase (rows) with each phrase of these kinds of one talent, pair by pair."""
    texts = [phrase.text for phrase in asked.phrases(0)]
    own = [phrase.text for phrase in offered.phrases(row) if phrase.kind in kinds]
    left, right = ENCODER.encode(texts), ENCODER.encode(own)
    return np.array([[sum(map(float, a * b)) for b in right] for a in left]).reshape(len(texts), len(own))


@pytest.mark.parametrize("many", [0, 1_000])  # phrases from which those that people share are compared once
def test_shared_phrases_are_compared_alike_in_long_lists_and_short(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ranking.matching.MANY_PHRASES", many)
    match, vacancy_corpus, corpus = matched(ASKED, PEOPLE, [0, 4, 2, 0])  # a twin, and one person twice
    expected = np.hstack([cosines(vacancy_corpus, corpus, row, tuple(PhraseKind)) for row in (0, 4, 2, 0)])
    np.testing.assert_allclose(match.similarities, expected, atol=1e-3)


@steady
@given(vacancies(), st.lists(talents(), min_size=1, max_size=4), st.data())
def test_best_mean_and_nearest_are_those_of_loops(asked: Vacancy, people: list[Talent], data: st.DataObject) -> None:
    named = [person.model_copy(update={"talent_id": f"t-{row}"}) for row, person in enumerate(people)]
    rows = data.draw(st.lists(st.integers(0, len(named) - 1), max_size=6))
    match, vacancy_corpus, corpus = matched(asked, named, rows)
    every = np.arange(len(match.asked_texts))
    for kinds in KINDS:
        best, mean = match.best(every, kinds), match.offered_mean(every, kinds)
        assert best.shape == (len(every), len(rows))
        for number, row in enumerate(rows):
            expected = cosines(vacancy_corpus, corpus, row, kinds)
            if not expected.size:
                assert np.isnan(best[:, number]).all()
                assert np.isnan(mean[number])
                assert all(match.nearest(number, phrase, kinds) is None for phrase in every.tolist())
                continue
            np.testing.assert_allclose(best[:, number], expected.max(axis=1), atol=2e-3)
            np.testing.assert_allclose(mean[number], expected.max(axis=0).mean(), atol=2e-3)
            for phrase in every.tolist():
                nearest = match.nearest(number, phrase, kinds)
                assert nearest is not None
                assert nearest[1] == best[phrase, number]
                text = corpus.phrase_texts[nearest[0]]
                assert text in [own.text for own in corpus.phrases(row) if own.kind in kinds]
                mine = float(ENCODER.encode([match.asked_texts[phrase]])[0] @ ENCODER.encode([text])[0])
                assert mine == pytest.approx(expected[phrase].max(), abs=2e-3)


def test_hand_counted() -> None:
    match, _, corpus = matched(ASKED, PEOPLE, [0, 1, 2])
    (first,) = (number for number, text in enumerate(match.asked_texts) if text == "koken gasten")
    one_word_of_two = 1 / np.sqrt(2)
    best = match.best(np.array([first]), [PhraseKind.SKILL])[0]
    assert best[[0, 2]] == pytest.approx([one_word_of_two, one_word_of_two], abs=1e-3)
    assert np.isnan(best[1])
    nearest = match.nearest(2, first, [PhraseKind.SKILL])
    assert nearest is not None
    assert corpus.phrase_texts[nearest[0]] == "koken"


def test_asked_kinds_are_kept_apart() -> None:
    match, _, _ = matched(ASKED, PEOPLE, [0])
    assert [match.asked_texts[row] for row in match.asked([PhraseKind.SKILL_REQUIRED])] == ["koken gasten", "lassen"]
    assert [match.asked_texts[row] for row in match.asked([PhraseKind.SKILL_DESIRED])] == ["vrachtwagen"]
    assert match.asked([PhraseKind.TRAINING]).tolist() == []


def test_one_who_is_named_twice_is_answered_twice() -> None:
    match, _, _ = matched(ASKED, PEOPLE, [0, 1, 0, 4])
    best = match.best(np.arange(len(match.asked_texts)), [PhraseKind.SKILL])
    assert same(best[:, 0], best[:, 2])
    assert same(best[:, 0], best[:, 3])
    assert np.isnan(best[:, 1]).all()


def test_without_candidates_or_phrases_there_is_nothing() -> None:
    match, _, _ = matched(ASKED, PEOPLE, [])
    assert match.n == 0
    assert match.best(np.arange(2), [PhraseKind.SKILL]).shape == (2, 0)
    assert match.offered_mean(np.arange(2), [PhraseKind.SKILL]).shape == (0,)
    silent, _, _ = matched(ASKED, PEOPLE, [1, 1])
    assert np.isnan(silent.best(np.arange(2), list(PhraseKind))).all()
    nothing_asked, _, _ = matched(ASKED, PEOPLE, [0])
    assert np.isnan(nothing_asked.offered_mean(np.empty(0, dtype=np.int64), [PhraseKind.SKILL])).all()


# Exactness: real-valued vectors, where a plain matrix product does differ from batch to batch.


def cloud(seed: int, n: int, dim: int) -> np.ndarray:
    return unit_rows(np.random.default_rng(seed).normal(size=(n, dim)))


@steady
@given(st.integers(0, 10_000), st.sampled_from([3, 17, 64, 257, 1024]), st.data())
def test_on_the_grid_a_product_is_the_same_in_any_batch_and_order(seed: int, dim: int, data: st.DataObject) -> None:
    left, right = on_grid(cloud(seed, 5, dim)), on_grid(cloud(seed + 1, 40, dim))
    whole = left @ right.T
    rows = data.draw(st.lists(st.integers(0, 39), min_size=1, max_size=40))
    assert same(np.ascontiguousarray(whole[:, rows]), left @ right[rows].T)
    assert same(whole[:, rows[0]].copy(), np.array([left[row] @ right[rows[0]] for row in range(5)]))
    order = (
        data.draw(st.permutations(range(dim))) if dim < 64 else np.random.default_rng(seed).permutation(dim).tolist()
    )
    assert same(whole, left[:, order] @ right[:, order].T)
    exact = left.astype(np.float64) @ right.astype(np.float64).T
    assert np.array_equal(whole, exact)


def test_off_the_grid_it_is_not_the_same() -> None:
    left, right = cloud(1, 40, 256), cloud(2, 40, 256)
    assert not np.array_equal(left @ right.T, left.astype(np.float64) @ right.astype(np.float64).T)


@steady
@given(st.integers(0, 10_000), st.integers(1, 600))
def test_the_grid_moves_a_cosine_by_less_than_a_thousandth(seed: int, dim: int) -> None:
    vectors = cloud(seed, 8, dim)
    moved = on_grid(vectors)
    assert moved.dtype == np.float32
    assert same(on_grid(moved), moved)
    assert np.abs(moved @ moved.T - vectors @ vectors.T).max() < 2e-3


@steady
@given(st.lists(talents(), min_size=2, max_size=5), st.data())
def test_similarities_do_not_depend_on_who_else_is_asked(people: list[Talent], data: st.DataObject) -> None:
    named = [person.model_copy(update={"talent_id": f"t-{row}"}) for row, person in enumerate(people)]
    rows = data.draw(st.lists(st.integers(0, len(named) - 1), min_size=1, max_size=5))
    together, _, _ = matched(ASKED, named, rows)
    every = np.arange(len(together.asked_texts))
    for number, row in enumerate(rows):
        alone, _, _ = matched(ASKED, named, [row])
        for kinds in KINDS:
            assert same(together.best(every, kinds)[:, number].copy(), alone.best(every, kinds)[:, 0].copy())
            assert same(together.offered_mean(every, kinds)[number], alone.offered_mean(every, kinds)[0])
