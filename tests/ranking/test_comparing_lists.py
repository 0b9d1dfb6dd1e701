"""Lists on which something else than the best may stand, as the service makes and keeps them."""

import math
import threading
from dataclasses import replace

import numpy as np
import pytest
from ranking_parts import NOW
from ranking_town import Town, settle

from core.errors import ArtifactCorrupt
from core.settings import Settings
from embeddings.fakes import BagOfWordsEncoder
from ranking import dutch, selection
from ranking.features import FEATURE_NAMES
from ranking.matcher import Matcher
from ranking.model import RankingModel
from ranking.rankers import LinearRanker
from ranking.retention import LOW_BELOW
from ranking.shadow import NOTE, Shadow

WIDTH = len(FEATURE_NAMES)


def other_model(model: RankingModel, version: str = "8", seed: int = 3) -> RankingModel:
    """One that orders quite otherwise."""
    weights = np.random.default_rng(seed).normal(size=WIDTH)
    ranker = LinearRanker(FEATURE_NAMES, np.full(WIDTH, 0.5), np.ones(WIDTH), weights, 0.0)
    return replace(model, info=replace(model.info, version=version), ranker=ranker)


def matcher_of(
    town: Town, encoder: BagOfWordsEncoder, model: RankingModel, *, shadow: Shadow | None = None, **settings: object
) -> Matcher:
    chosen = Settings(home=town.settings.home, threads=1, **settings)
    return Matcher.open(chosen, town.store, encoder, lambda: model, shadow)


# Exploration.


def test_off_by_default_and_nothing_is_kept_of_it(town: Town, encoder: BagOfWordsEncoder, model: RankingModel) -> None:
    found = matcher_of(town, encoder, model).shortlist(town.jobs[1], k=20)
    assert not any(entry.exploration for entry in found.entries)
    assert set(town.store.shortlist_features(found.shortlist_id)) == {"as_of", "vacancy", "names", "values"}


def test_explored_places_hold_eligible_people_who_are_told_of_and_the_others_the_best(
    town: Town, encoder: BagOfWordsEncoder, model: RankingModel
) -> None:
    plain = matcher_of(town, encoder, model)
    exploring = matcher_of(town, encoder, model, exploration_share=0.2)
    by_lot: set[str] = set()
    for job in town.jobs[1::2]:  # these ask little, so that many are left to draw from
        everyone = [entry.talent_id for entry in plain.shortlist(job, k=200).entries]
        found = exploring.shortlist(job, k=20)
        explored = [entry for entry in found.entries if entry.exploration]
        assert len(explored) == 4
        assert len(found.entries) == 20
        best = [entry.talent_id for entry in found.entries if not entry.exploration]
        assert best == everyone[:16]
        assert {entry.talent_id for entry in explored} <= set(everyone[16:])  # eligible, all of them
        assert min(entry.rank for entry in explored) > 3
        for entry in explored:
            assert entry.reasons[0].text == dutch.BY_LOT
            assert entry.reasons[0].feature == "exploration"
        by_lot |= {entry.talent_id for entry in explored}
        kept = town.store.shortlist_features(found.shortlist_id)["exploration"]
        assert list(kept["order"]) == everyone
        assert (kept["n_places"], kept["n_slots"], kept["n_candidates"]) == (20, 4, len(everyone))
        chance = 4 / (len(everyone) - 16)
        assert kept["propensity"] == {
            entry.talent_id: pytest.approx(chance if entry.exploration else 1.0) for entry in found.entries
        }
    assert len(by_lot) > 8


def test_an_explored_list_is_replayed_as_given_and_its_draw_can_be_done_again(
    town: Town, encoder: BagOfWordsEncoder, model: RankingModel
) -> None:
    from ranking.exploration import draw, seed_of

    found = matcher_of(town, encoder, model, exploration_share=0.2).shortlist(town.jobs[1], k=20)
    assert town.store.shortlist(found.shortlist_id) == found
    order = list(town.store.shortlist_features(found.shortlist_id)["exploration"]["order"])
    again = draw(len(order), 20, 0.2, seed_of(found.shortlist_id))
    assert [entry.talent_id for entry in found.entries] == [order[number] for number in again.order]


def test_a_look_back_is_not_explored(town: Town, encoder: BagOfWordsEncoder, model: RankingModel) -> None:
    found = matcher_of(town, encoder, model, exploration_share=0.3).shortlist(town.jobs[1], k=20, as_of=NOW)
    assert not any(entry.exploration for entry in found.entries)


def test_whoever_is_erased_is_gone_from_the_log_too(
    empty_town: Town, encoder: BagOfWordsEncoder, model: RankingModel
) -> None:
    town = settle(empty_town, encoder)
    found = matcher_of(town, encoder, model, exploration_share=0.2).shortlist(town.jobs[1], k=5)
    order = town.store.shortlist_features(found.shortlist_id)["exploration"]["order"]
    passed_over = next(one for one in order if one not in {entry.talent_id for entry in found.entries})
    assert passed_over in str(town.store.export(passed_over)["shortlists"])
    town.store.erase(passed_over, now=NOW)
    kept = town.store.shortlist_features(found.shortlist_id)
    assert passed_over not in str(kept)
    assert len(kept["exploration"]["order"]) == len(order) - 1


# Interleaving.


def test_an_interleaved_list_mixes_both_and_keeps_who_chose_whom(
    town: Town, encoder: BagOfWordsEncoder, model: RankingModel
) -> None:
    rival = other_model(model)
    champions = {one.vacancy_id: matcher_of(town, encoder, model).shortlist(one, k=200) for one in town.jobs[:4]}
    rivals = {one.vacancy_id: matcher_of(town, encoder, rival).shortlist(one, k=200) for one in town.jobs[:4]}
    shadow = Shadow(town.store, lambda: rival)
    mixing = matcher_of(town, encoder, model, shadow=shadow, interleave=True, exploration_share=0.2)
    for job in town.jobs[:4]:
        found = mixing.shortlist(job, k=10)
        kept = town.store.shortlist_features(found.shortlist_id)["interleaving"]
        assert (found.model_version, kept["challenger_version"]) == ("7", "8")
        assert not any(entry.exploration for entry in found.entries)
        ids = [entry.talent_id for entry in found.entries]
        assert set(kept["teams"]) == set(ids)
        assert list(kept["teams"].values()).count("champion") == 5
        for team, full in (("champion", champions), ("challenger", rivals)):
            own = [one for one in ids if kept["teams"][one] == team]
            ranked = [entry.talent_id for entry in full[job.vacancy_id].entries]
            assert own == sorted(own, key=ranked.index)
        scores = {entry.talent_id: entry.score for entry in champions[job.vacancy_id].entries}
        assert all(entry.score == scores[entry.talent_id] for entry in found.entries)


def test_without_a_challenger_there_is_nothing_to_mix(
    town: Town, encoder: BagOfWordsEncoder, model: RankingModel
) -> None:
    plain = matcher_of(town, encoder, model).shortlist(town.jobs[1], k=10)
    for shadow in (None, Shadow(town.store, lambda: None)):
        found = matcher_of(town, encoder, model, shadow=shadow, interleave=True).shortlist(town.jobs[1], k=10)
        assert found.entries == plain.entries
        assert "interleaving" not in town.store.shortlist_features(found.shortlist_id)


# The shadow.


def test_the_challengers_list_is_kept_beside_the_answer_which_stays_as_it_was(
    town: Town, encoder: BagOfWordsEncoder, model: RankingModel
) -> None:
    rival = other_model(model)
    expected = matcher_of(town, encoder, rival).shortlist(town.jobs[1], k=10)
    plain = matcher_of(town, encoder, model).shortlist(town.jobs[1], k=10)
    with Shadow(town.store, lambda: rival) as shadow:
        matcher = matcher_of(town, encoder, model, shadow=shadow)
        found = matcher.shortlist(town.jobs[1], k=10)
        matcher.shortlist(town.jobs[1], k=10, as_of=NOW)  # a look back is not a request
    assert shadow.counts == {"scored": 1}
    assert found.entries == plain.entries
    assert town.store.shortlist(found.shortlist_id) == found
    note = town.store.shortlist_features(found.shortlist_id)[NOTE]
    assert note["model_version"] == "8"
    assert note["talents"] == {entry.talent_id: entry.rank for entry in expected.entries}
    assert [entry.talent_id for entry in found.entries] != list(note["talents"])


class Stumbling(LinearRanker):
    """A ranker that cannot."""

    def score(self, features: np.ndarray) -> np.ndarray:
        raise ZeroDivisionError(f"row {features[0]}")


def test_whatever_the_challenger_does_the_answer_comes(
    town: Town, encoder: BagOfWordsEncoder, model: RankingModel, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> RankingModel:
        raise ArtifactCorrupt("the model cannot be read; roll back or train again")

    rival = other_model(model)
    stumbling = replace(rival, ranker=Stumbling(FEATURE_NAMES, np.zeros(WIDTH), np.ones(WIDTH), np.ones(WIDTH), 0.0))
    stranger = replace(rival, info=replace(rival.info, encoder_version="another"))
    for challenger, counts in (
        (broken, {}),
        (lambda: None, {}),
        (lambda: stranger, {}),
        (lambda: stumbling, {"failed": 1}),
    ):
        with Shadow(town.store, challenger) as shadow:
            found = matcher_of(town, encoder, model, shadow=shadow).shortlist(town.jobs[1], k=10)
        assert len(found.entries) == 10
        assert shadow.counts == counts
        assert NOTE not in town.store.shortlist_features(found.shortlist_id)
    assert "ZeroDivisionError" in caplog.text
    assert "row" not in caplog.text


def test_a_challenger_that_hangs_holds_nobody_up(town: Town, encoder: BagOfWordsEncoder, model: RankingModel) -> None:
    go_on = threading.Event()
    rival = other_model(model)

    def slow() -> RankingModel:
        assert go_on.wait(30)
        return rival

    with Shadow(town.store, slow, max_waiting=2) as shadow:
        matcher = matcher_of(town, encoder, model, shadow=shadow)
        made = [matcher.shortlist(town.jobs[1], k=3) for _ in range(8)]
        assert all(len(one.entries) == 3 for one in made)
        assert shadow.counts["dropped"] >= 5
        go_on.set()
    assert shadow.counts["scored"] + shadow.counts["dropped"] == 8


# Nobody with a fair chance.


class Gloomy:
    """A head with the same chance for everyone, and a little more for who is told."""

    def __init__(self, high: float, fair_similarity: float = math.inf) -> None:
        self.high, self.fair_similarity = high, fair_similarity

    def predict(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        n = len(features)
        fair = features[:, FEATURE_NAMES.index("similarity")] >= self.fair_similarity
        return np.full(n, 0.1), np.full(n, 0.05), np.where(fair, 0.9, self.high)


def test_when_nobody_has_a_fair_chance_the_list_says_so_and_stays_short(
    town: Town, encoder: BagOfWordsEncoder, model: RankingModel
) -> None:
    plain = matcher_of(town, encoder, model).shortlist(town.jobs[1], k=20)
    gloomy = replace(model, retention=Gloomy(LOW_BELOW - 0.01))
    for share in (0.0, 0.3):
        found = matcher_of(town, encoder, gloomy, exploration_share=share).shortlist(town.jobs[1], k=20)
        assert found.notice == dutch.NOBODY
        assert [entry.talent_id for entry in found.entries] == [
            entry.talent_id for entry in plain.entries[: selection.FEW]
        ]
        assert not any(entry.exploration for entry in found.entries)
        assert len(town.store.shortlist_features(found.shortlist_id)["values"]) == selection.FEW
    assert len(matcher_of(town, encoder, gloomy).shortlist(town.jobs[1], k=2).entries) == 2


def test_one_person_with_a_fair_chance_is_enough_for_a_whole_list(
    town: Town, encoder: BagOfWordsEncoder, model: RankingModel
) -> None:
    for k in (20, 3):  # on the list, or behind it
        everyone = matcher_of(town, encoder, model).shortlist(town.jobs[1], k=200).entries
        similar = [entry.similarity for entry in everyone]
        head = Gloomy(LOW_BELOW - 0.01, fair_similarity=max(similar) - 1e-3)
        found = matcher_of(town, encoder, replace(model, retention=head)).shortlist(town.jobs[1], k=k)
        assert found.notice is None
        assert len(found.entries) == k
    at_threshold = replace(model, retention=Gloomy(LOW_BELOW))
    assert len(matcher_of(town, encoder, at_threshold).shortlist(town.jobs[1], k=20).entries) == 20
    silent = replace(model, retention=None)
    assert len(matcher_of(town, encoder, silent).shortlist(town.jobs[1], k=20).entries) == 20
