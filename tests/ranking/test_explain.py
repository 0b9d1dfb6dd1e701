"""Reasons are the model's own contributions to that score, and every sentence is true of the pair at hand."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ranking_parts import candidates_of, query_of, steady, talent, talents, vacancies, vacancy

from core.records import Talent, Vacancy
from core.vocabulary import KnockOut
from embeddings.fakes import BagOfWordsEncoder
from ranking import dutch
from ranking.explain import MAX_MINUS, MAX_PLUS, blocked_by, reasons, would_help
from ranking.facts import Pair, Words
from ranking.features import FEATURE_NAMES, compute_features
from ranking.history import HistoryFeatures
from ranking.model import RankingModel

ENCODER = BagOfWordsEncoder(dim=512)
HISTORY = HistoryFeatures(0.5, 0.0, 0.5)


def pair_of(asked: Vacancy, person: Talent) -> tuple[Pair, np.ndarray]:
    query, candidates = query_of(asked, ENCODER), candidates_of([person], ENCODER)
    values, match = compute_features(query, candidates, np.array([0]), HISTORY)
    return Pair(query, candidates, 0, match, 0), values[0]


def said(asked: Vacancy, person: Talent, **weights: float) -> list[tuple[str, str, str]]:
    """Reasons when the model had given exactly these weights."""
    pair, values = pair_of(asked, person)
    contributions = np.array([weights.get(name, 0.0) for name in FEATURE_NAMES])
    return [(reason.feature, reason.direction, reason.text) for reason in reasons(pair, values, contributions)]


JOB = vacancy(
    title="kok",
    skills_required=["koken gasten", "lassen"],
    behaviours=[{"code": 24105}, {"code": 24121}],
    certificates_required=["HACCP", "VCA"],
    licences_required=["B"],
    languages_required=[{"code": "nld", "spoken": 3}],
    education_level_min=2,
    hours_min=24,
    hours_max=32,
    location={"lat": 51.9, "lon": 4.4},
    training_offered=["HACCP"],
    irregular_hours=True,
)
COOK = talent(
    skills=["koken", "gasten"],
    interests=["keuken bouwen"],
    preferred_occupations=["kok"],
    experience=[{"occupation": "kok", "months": 3}],
    behaviours=[{"code": 24105, "level": 1}, {"code": 24121, "level": 3}],
    certificates=["VCA"],
    licences=["B"],
    languages=[{"code": "nld", "spoken": 2}],
    education_level=2,
    hours_min=36,
    hours_max=40,
    location={"lat": 51.945, "lon": 4.4},
    max_travel_km=10,
    transport=["bicycle"],
    irregular_hours=True,
)


@pytest.mark.parametrize(
    ("feature", "weight", "text"),
    [
        ("skill_coverage", 1, "1 van de 2 gevraagde punten komen terug in het profiel, zoals ‘koken gasten’: ‘koken’."),
        ("skill_coverage", -1, "Van de 2 gevraagde punten komen er 1 terug in het profiel."),
        ("skill_mean", 1, "Gevraagd: ‘koken gasten’. In het profiel: ‘koken’."),
        ("skill_weakest", -1, "Bij ‘lassen’ zegt het profiel niets dat in de buurt komt."),
        ("interest_occupation", 1, "De interesses passen bij dit beroep: ‘keuken bouwen’."),
        ("wish_occupation", 1, "Dit werk lijkt op wat deze persoon zoekt: ‘kok’."),
        ("experience_occupation", 1, "Heeft werk gedaan dat hierop lijkt: ‘kok’."),
        ("behaviour_fit", 1, "Sterk in wat hier telt: samenwerken en overleggen."),
        ("behaviour_fit", -1, "Minder sterk in wat hier telt: instructies en procedures opvolgen."),
        ("behaviour_short", -1, "Een gevraagde competentie is nog onvoldoende: instructies en procedures opvolgen."),
        ("certificates_to_get", -1, "Moet nog een certificaat halen: HACCP."),
        ("certificates_taught", 1, "De werkgever leidt zelf op voor wat nog ontbreekt."),
        ("licences_missing", 1, "Heeft het gevraagde rijbewijs."),
        ("language_short", -1, "De gevraagde taal is nog lastig."),
        ("education_short", 1, "Het werk- en denkniveau is hoog genoeg."),
        (
            "hours_below_wish",
            -1,
            "De baan heeft minder uren dan gewenst: 24 tot 32 uur aangeboden, 36 tot 40 uur gewenst.",
        ),
        ("hours_above_wish", 1, "Het aantal uren is niet te veel."),
        ("irregular_refused", 1, "Het rooster is geen bezwaar."),
        ("travel_km", 1, "Woont dichtbij: 5 kilometer."),
        ("travel_minutes", -1, "Is lang onderweg: ongeveer 28 minuten."),
        ("training_offered", 1, "De werkgever leidt op (HACCP); dat helpt om te blijven."),
    ],
)
def test_a_feature_in_words(feature: str, weight: float, text: str) -> None:
    assert said(JOB, COOK, **{feature: weight}) == [(feature, "+" if weight > 0 else "-", text)]


@pytest.mark.parametrize(
    ("feature", "weight"),
    [
        ("licences_missing", -1),  # has it
        ("certificates_to_get", 1),  # misses one
        ("language_short", 1),
        ("education_short", -1),
        ("education_over", -1),
        ("behaviour_short", 1),
        ("hours_below_wish", 1),
        ("hours_above_wish", -1),
        ("irregular_refused", -1),
        ("skill_weakest", 1),
        ("wish_occupation", -1),
        ("experience_occupation", -1),
        ("employer_placements", 1),
    ],
)
def test_what_is_not_true_is_not_said(feature: str, weight: float) -> None:
    assert said(JOB, COOK, **{feature: weight}) == []


ASKED_BY = {
    "desired_mean": {"skills_desired": ["koken"]},
    "behaviour_fit": {"behaviours": [{"code": 24105}]},
    "behaviour_short": {"behaviours": [{"code": 24105}]},
    "education_short": {"education_level_min": 2},
    "education_over": {"education_level_min": 2},
    "certificates_to_get": {"certificates_required": ["VCA"]},
    "licences_missing": {"licences_required": ["B"]},
    "language_short": {"languages_required": [{"code": "nld", "spoken": 1}]},
    "irregular_refused": {"irregular_hours": True},
    "training_gap_cover": {"training_offered": ["koken"], "skills_required": ["koken"]},
}


@pytest.mark.parametrize("feature", ASKED_BY)
@pytest.mark.parametrize("person", [COOK, talent()], ids=["known", "unknown"])
def test_what_is_not_asked_is_no_reason(feature: str, person: Talent) -> None:
    for weight in (1.0, -1.0):
        assert said(vacancy(title="iets"), person, **{feature: weight}) == []
    asking = vacancy(title="iets", **ASKED_BY[feature])
    assert said(asking, person, **{feature: 1.0}) or said(asking, person, **{feature: -1.0})


def test_an_unknown_value_is_asked_about_and_never_praised() -> None:
    assert said(JOB, talent(), licences_missing=-1, language_short=0.5) == [
        ("licences_missing", "-", "We weten niets over het rijbewijs; vraag ernaar."),
    ]


def test_the_strongest_of_a_family_speaks_and_lifting_ones_come_first() -> None:
    told = said(JOB, COOK, travel_km=0.4, travel_minutes=0.9, skill_mean=0.5, skill_coverage=0.6, language_short=-2)
    assert [(feature, direction) for feature, direction, _ in told] == [
        ("travel_minutes", "+"),
        ("skill_coverage", "+"),
        ("language_short", "-"),
    ]


def test_what_is_asked_and_what_is_done_do_not_contradict_each_other() -> None:
    told = said(JOB, COOK, skill_mean=0.6, task_mean=-0.5, travel_minutes=0.4)
    assert [(feature, direction) for feature, direction, _ in told] == [("skill_mean", "+"), ("travel_minutes", "+")]
    told = said(JOB, COOK, task_mean=-0.6, skill_mean=0.5, travel_minutes=0.4)
    assert [(feature, direction) for feature, direction, _ in told] == [("travel_minutes", "+"), ("task_mean", "-")]


def test_only_so_many_reasons_and_no_trifles() -> None:
    many = said(JOB, COOK, **dict.fromkeys(FEATURE_NAMES, 1.0))
    assert len(many) == MAX_PLUS
    assert len(said(JOB, COOK, **dict.fromkeys(FEATURE_NAMES, -1.0))) == MAX_MINUS
    assert [feature for feature, _, _ in said(JOB, COOK, travel_km=1.0, skill_mean=0.01)] == ["travel_km"]
    assert said(JOB, COOK) == []


@steady
@given(vacancies(), talents(), st.integers(0, 1_000))
def test_any_pair_can_be_explained(asked: Vacancy, person: Talent, seed: int) -> None:
    pair, values = pair_of(asked, person)
    contributions = np.random.default_rng(seed).normal(size=len(FEATURE_NAMES))
    told = reasons(pair, values, contributions)
    families = [dutch.SENTENCES[reason.feature].family for reason in told]
    assert len(set(families)) == len(families)
    for reason in told:
        column = FEATURE_NAMES.index(reason.feature)
        assert reason.direction == ("+" if contributions[column] > 0 else "-")
        assert not re.search(r"[{}]|\bnan\b|None|‘’", reason.text), reason.text
        assert reason.text.endswith(".")


def test_reasons_are_the_contributions_to_that_score(model: RankingModel) -> None:
    pair, values = pair_of(JOB, COOK)
    parts = model.ranker.contributions(values[None, :])[0]
    bias = model.ranker.booster.predict(values[None, :], pred_contrib=True)[0, -1]
    assert parts.sum() + bias == pytest.approx(model.ranker.score(values[None, :])[0])
    told = reasons(pair, values, parts)
    assert told
    for reason in told:
        assert np.sign(parts[FEATURE_NAMES.index(reason.feature)]) == (1 if reason.direction == "+" else -1)
    for direction in "+-":
        weights = [abs(parts[FEATURE_NAMES.index(r.feature)]) for r in told if r.direction == direction]
        assert weights == sorted(weights, reverse=True)


# Words.


def test_every_place_in_a_sentence_can_be_filled() -> None:
    pair, _ = pair_of(JOB, COOK)
    words = Words(pair)
    assert len(list(words)) == len(words)
    for name in words:
        assert isinstance(words[name], str)
    sentences = [text for one in dutch.SENTENCES.values() for text in (one.plus, one.minus)]
    helps = [text for _, text in dutch.WOULD_HELP.values()]
    for text in [*sentences, *dutch.BLOCKED.values(), *helps]:
        assert text.format_map(words)
        assert text.endswith(".")


def test_long_words_are_cut_at_a_word() -> None:
    long = "ik kan heel goed koken en " * 4
    pair, _ = pair_of(JOB, talent(skills=[long.strip()]))
    cut = Words(pair)["best_offered"]
    assert len(cut) <= 90
    assert cut.endswith("…")
    assert long.startswith(cut[:-1])


def test_every_knock_out_can_be_said_and_what_bridges_it_can_be_offered() -> None:
    pair, _ = pair_of(JOB, COOK)
    everything = list(KnockOut)
    assert [block.code for block in blocked_by(pair, everything)] == everything
    assert len(would_help(pair, everything)) == len(everything) - 1  # nothing helps who is not looking
    texts = {block.code: block.text for block in blocked_by(pair, everything)}
    assert texts[KnockOut.TRAVEL] == "Te ver weg: 5 kilometer, ongeveer 28 minuten. De eigen grens is 10 kilometer."
    assert texts[KnockOut.HOURS] == "Wil 36 tot 40 uur, de baan is 24 tot 32 uur."
    assert texts[KnockOut.LICENCE] == "Heeft niet het gevraagde rijbewijs (B)."


def test_a_certificate_that_the_employer_teaches_does_not_block_so_it_is_not_named() -> None:
    pair, _ = pair_of(
        vacancy(certificates_required=["HACCP", "BHV"], training_offered=["HACCP"]), talent(certificates=[])
    )
    (block,), (offer,) = (made(pair, [KnockOut.CERTIFICATE]) for made in (blocked_by, would_help))
    assert block.text == "Mist een verplicht certificaat (BHV)."
    assert offer.text == "Een cursus voor BHV."


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "minder dan een kilometer"),
        (0.99, "minder dan een kilometer"),
        (1.0, "1 kilometer"),
        (3.14, "3,1 kilometer"),
        (9.96, "10 kilometer"),
        (12.6, "13 kilometer"),
        (100.0, "100 kilometer"),
    ],
)
def test_distances_in_dutch(value: float, text: str) -> None:
    assert dutch.kilometres(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(8.0, "8"), (7.5, "7,5"), (0.0, "0"), (10.0, "10"), (100.0, "100"), (36.25, "36,2")]
)
def test_numbers_in_dutch(value: float, text: str) -> None:
    assert dutch.number(value) == text


def test_lists_in_dutch() -> None:
    assert [dutch.listed(items) for items in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a en b",
        "a, b en c",
    ]


def test_a_phrase_that_the_gaps_name_as_missing_is_not_quoted_as_a_match() -> None:
    told = said(JOB, talent(skills=["zwemmen"]), skill_mean=1)
    assert [(feature, direction) for feature, direction, _ in told] == [("skill_mean", "+")]
    assert "zwemmen" not in told[0][2]
    assert "Gevraagd" not in told[0][2]
