"""Which bridge closes a gap, by hand."""

import numpy as np
import pytest
from ranking_parts import candidates_of, query_of, talent, vacancy

from core.records import Talent, Vacancy
from core.vocabulary import Bridge, GapKind
from embeddings.fakes import BagOfWordsEncoder
from ranking.facts import Pair, gaps
from ranking.matching import PhraseMatch

WELDER: dict[str, object] = {"title": "lasser", "occupation": "lasser", "skills_required": ["lassen van rvs"]}


def bridge_of(person: Talent, asked: Vacancy, encoder: BagOfWordsEncoder) -> Bridge | None:
    """The bridge of the one skill that is missing."""
    candidates, query = candidates_of([person], encoder), query_of(asked, encoder)
    match = PhraseMatch.of(query.corpus, query.row, candidates.corpus, np.array([0]))
    (gap,) = [gap for gap in gaps(Pair(query, candidates, 0, match, 0)) if gap.kind is GapKind.SKILL]
    return gap.bridge


@pytest.mark.parametrize(
    ("person", "bridge"),
    [
        ({"experience": [{"occupation": "kok", "months": 12}]}, Bridge.RETRAINING),
        ({"experience": []}, Bridge.RETRAINING),
        ({"experience": [{"occupation": "lasser"}]}, Bridge.COURSE),
        ({"experience": [{"occupation": "kok"}, {"occupation": "lasser"}]}, Bridge.COURSE),
        ({"experience": [{"occupation": "kok"}], "preferred_occupations": ["lasser"]}, Bridge.COURSE),
        # Nothing is known of earlier work: the work may not be new at all.
        ({}, Bridge.COURSE),
        ({"preferred_occupations": ["kok"]}, Bridge.COURSE),
    ],
)
def test_work_that_is_new_asks_for_another_trade(
    encoder: BagOfWordsEncoder, person: dict[str, object], bridge: Bridge
) -> None:
    assert bridge_of(talent(skills=["soep koken"], **person), vacancy(**WELDER), encoder) is bridge


def test_an_employer_closes_the_gap_that_they_train_for_and_no_other(encoder: BagOfWordsEncoder) -> None:
    cook = talent(skills=["soep koken"], experience=[{"occupation": "kok"}])
    asked = {**WELDER, "training_offered": ["leren lassen van rvs"]}
    assert bridge_of(cook, vacancy(**asked), encoder) is Bridge.ON_THE_JOB
    asked = {**WELDER, "training_offered": ["BHV", "werken met de kassa"]}
    assert bridge_of(cook, vacancy(**asked), encoder) is Bridge.RETRAINING
