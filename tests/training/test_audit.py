"""The fairness audit on worlds in which a group is favoured, or is not, by construction."""

import dataclasses
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import orjson
import pytest

from core.errors import NotFound
from core.records import AuditAttributes
from core.store import Store
from embeddings.indexer import update_index
from ranking.features import FEATURE_NAMES
from ranking.model import ModelInfo, RankingModel
from ranking.rankers import LinearRanker
from training.audit import Evidence, Verdict, audit_champion, judged, verdict_of
from training.audit_cases import Case, ballot
from training.audit_groups import MIN_GROUP, POOLED, Attribute
from training.audit_outcomes import Past, calibration, opportunity
from training.audit_proxies import looks_of, proxies
from training.disparity import Figure, figure, shares
from training.hazard import PersonPeriods

N, V, K, F = 600, 60, 20, len(FEATURE_NAMES)
WEIGHTS = np.zeros(F)
WEIGHTS[[3, 7]] = (1.0, 0.5)
RANKER = LinearRanker(FEATURE_NAMES, np.zeros(F), np.ones(F), WEIGHTS, 0.0)
NOTHING = PersonPeriods(np.empty(0, int), np.empty(0, int), np.empty(0, bool), np.empty(0), 1)
NO_PAST = Past(np.empty(0, int), np.empty(0, bool), np.empty(0, int), np.empty(0), NOTHING, 0.0)


def market_of(bias: float, seed: int) -> tuple[list[Case], np.ndarray]:
    """Lists on which the second group's feature 3 lies lower by a bias, in spreads; a third of people are of it."""
    rng = np.random.default_rng(seed)
    second = rng.random(N) < 1 / 3
    own = rng.normal(size=(N, F))  # people differ, on every list alike
    cases = []
    for _ in range(V):
        eligible = np.flatnonzero(rng.random(N) < 0.7)
        ranked = rng.permutation(eligible)[:200]
        features = 0.5 * own[ranked] + rng.normal(size=(len(ranked), F))
        features[:, 3] -= bias * second[ranked]
        scores = RANKER.score(features)
        order = np.argsort(-scores)
        cases.append(Case(eligible, ranked[order], features[order], scores[order]))
    return cases, second


def attribute(second: np.ndarray, minimum: int = MIN_GROUP) -> Attribute:
    return Attribute("gender", ("first", "second"), np.column_stack([~second, second]), minimum)


def evidence(cases: list[Case]) -> Evidence:
    return Evidence(ballot(cases, np.ones(N, dtype=bool), K), None, NO_PAST, looks_of(cases, RANKER))


def test_a_ranker_that_favours_a_group_is_flagged_with_the_step_and_the_feature() -> None:
    cases, second = market_of(bias=0.8, seed=1)
    report = judged(attribute(second), evidence(cases))
    assert report["verdict"] == Verdict.FLAGGED
    first, other = report["groups"]
    assert first["reference"] is True
    assert other["impact_ratio"]["high"] < 1
    assert other["exposure_ratio"]["value"] < 0.8
    assert other["score_difference"]["high"] < 0
    steps = other["steps"]
    assert steps["ranked"]["high"] < 1
    assert steps["eligible"]["low"] < 1 < steps["eligible"]["high"]
    assert steps["retrieved"]["low"] < 1 < steps["retrieved"]["high"]
    told = other["proxies"]
    assert told["features"][0]["feature"] == FEATURE_NAMES[3]
    assert told["features"][0]["adds_to_score"] < -0.3
    assert told["auc"]["low"] > 0.5


@pytest.mark.parametrize("seed", range(4))
def test_a_fair_ranker_is_not_flagged(seed: int) -> None:
    cases, second = market_of(bias=0.0, seed=100 + seed)
    report = judged(attribute(second), evidence(cases))
    assert report["verdict"] in {Verdict.HELD, Verdict.OPEN, Verdict.UNSURE}
    ratio = min((group["impact_ratio"] for group in report["groups"]), key=lambda one: one["value"])
    assert ratio["low"] <= ratio["value"] < 1.0 <= ratio["high"]
    told = [group["proxies"]["auc"] for group in report["groups"]]
    assert all(auc["low"] < 0.55 for auc in told)


def test_rates_and_exposure_are_those_by_hand() -> None:
    cases = [Case(np.array([0, 1, 2, 3]), np.array([2, 0, 1])), Case(np.array([1, 3]), np.array([3]))]
    lists = ballot(cases, np.ones(4, dtype=bool), 2)
    groups = np.array([[True, False], [True, False], [False, True], [False, True]])
    selected = shares(lists.selected, lists.eligible, groups)
    np.testing.assert_allclose(selected[0], [1 / 3, 2 / 3])  # of 0, 1 and 1 again: 0; of 2, 3 and 3 again: 2 and 3
    exposure = shares(lists.exposure, lists.eligible, groups)
    np.testing.assert_allclose(exposure[0], [(1 / np.log2(3)) / 3, 2 / 3])
    np.testing.assert_allclose(shares(lists.eligible, lists.active, groups)[0], [3 / 4, 3 / 4])


def test_the_interval_knows_that_the_same_people_stand_on_many_lists() -> None:
    """Ten of each group are always taken or never: sixty lists more do not make that more certain."""
    rng = np.random.default_rng(3)
    taken, inside = rng.random(20) < 0.5, np.arange(20) < 10
    cases = [Case(np.arange(20), np.flatnonzero(taken)) for _ in range(60)]
    lists = ballot(cases, np.ones(20, dtype=bool), 20)
    rate = figure(shares(lists.selected, lists.eligible, inside[:, None])[:, 0])
    assert rate.value == pytest.approx(taken[inside].mean())
    assert rate.high - rate.low > 0.4


def test_verdicts_at_their_edges() -> None:
    assert verdict_of(Figure(0.79, 0.6, 0.99)) is Verdict.FLAGGED
    assert verdict_of(Figure(0.79, 0.6, 1.01)) is Verdict.UNSURE
    assert verdict_of(Figure(0.85, 0.79, 0.95)) is Verdict.OPEN
    assert verdict_of(Figure(0.85, 0.81, 0.95)) is Verdict.HELD
    assert verdict_of(Figure(float("nan"), float("nan"), float("nan"))) is Verdict.TOO_FEW
    assert verdict_of(Figure(1, 1, 1), is_reference=True) is Verdict.HELD


def test_of_a_small_group_only_its_size_is_said() -> None:
    cases, _ = market_of(bias=0.0, seed=5)
    few = np.arange(N) < MIN_GROUP - 1
    report = judged(attribute(few), evidence(cases))
    assert report["verdict"] == Verdict.TOO_FEW
    for group in report["groups"]:
        assert set(group) == {"group", "n", "verdict"}
    pooled = Attribute("gender", ("first", POOLED), np.column_stack([~few, few]), 5)
    assert judged(pooled, evidence(cases))["verdict"] == Verdict.TOO_FEW


def test_equal_opportunity_and_calibration_find_what_was_planted() -> None:
    rng = np.random.default_rng(8)
    n, second = 800, np.arange(800) % 2 == 1
    rows = np.arange(n)
    first = rng.random(n) < np.where(second, 0.3, 0.6)
    stays = rng.random(n) < np.where(second, 0.4, 0.7)  # all are promised 0.7
    periods = PersonPeriods(rows, np.zeros(n, dtype=int), stays, np.ones(n), 1)
    past = Past(rows, first, rows, np.full(n, 0.7), periods, 1.0)
    count, rate, gap = opportunity(past, second)
    assert (count, rate.value) == (400, pytest.approx(first[second].mean()))
    assert gap.value == pytest.approx(first[second].mean() - first[~second].mean())
    assert gap.high < 0
    promised = calibration(past, second)
    assert promised["bias"]["value"] == pytest.approx(0.7 - stays[second].mean(), abs=1e-4)
    assert promised["bias"]["low"] > 0.2
    fair = calibration(past, ~second)
    assert fair["bias"]["low"] < 0 < fair["bias"]["high"]
    none = np.arange(n) < 20
    assert opportunity(past, none) == (20, None, None)
    assert calibration(past, none) == {"n": 20, "ece": None, "bias": None}


def test_features_that_know_nothing_of_a_group_do_not_tell_it() -> None:
    cases, second = market_of(bias=0.0, seed=9)
    looks = looks_of(cases, RANKER)
    assert proxies(looks, np.arange(N) < 5, MIN_GROUP) is None
    found = proxies(looks, second, MIN_GROUP)
    assert abs(found.auc.value - 0.5) < 0.1


@pytest.fixture(scope="module")
def own(market, new_home):
    """A copy of the market, to write audit attributes into."""
    settings = new_home("audited")
    with (
        closing(sqlite3.connect(market.settings.home / "kansrijk.db")) as source,
        closing(sqlite3.connect(settings.home / "kansrijk.db")) as copy,
    ):
        source.backup(copy)
    with Store.open(settings.store_url) as store:
        yield settings, store


@pytest.fixture(scope="module")
def audited(own, encoder):
    """A home, its store and a champion that leans on a feature that a group is known by."""
    settings, store = own
    update_index(store, encoder, settings.index_dir)
    info = ModelInfo("7", "retained-1040h-v1", encoder.version, "2025-05-01T00:00:00+00:00", FEATURE_NAMES)
    weights = np.where(np.array(FEATURE_NAMES) == "experience_months", 50.0, 0.1)
    model = RankingModel(info, dataclasses.replace(RANKER, weights=weights), None)
    return settings, store, model


def test_a_champion_is_audited_end_to_end_and_nobody_is_named(encoder, audited) -> None:
    settings, store, model = audited
    moment = datetime(2025, 5, 2, tzinfo=UTC)
    people = [item.record for item in store.iter_talents()]
    with pytest.raises(NotFound, match="import audit"):
        audit_champion(store, encoder, settings, model, k=10, moment=moment)
    with pytest.raises(NotFound, match="kansrijk train"):
        audit_champion(store, encoder, settings, None, k=10, moment=moment)
    months = [sum(job.months or 0 for job in one.experience or []) for one in people]
    usual = np.median([one for one in months if one])
    less_experienced = [one < usual for one in months]
    vault = [
        AuditAttributes(talent_id=one.talent_id, gender="vrouw" if less else "man", birth_year=1980)
        for one, less in zip(people, less_experienced, strict=True)
    ]
    store.put_audit(vault, now=moment)
    report = audit_champion(store, encoder, settings, model, k=10, moment=moment)
    gender = next(one for one in report["attributes"] if one["attribute"] == "gender")
    sizes = {group["group"]: group["n"] for group in gender["groups"]}
    assert sizes == {"vrouw": sum(less_experienced), "man": len(people) - sum(less_experienced)}
    assert gender["verdict"] == Verdict.FLAGGED
    worst = min(gender["groups"], key=lambda one: one["impact_ratio"]["value"])
    assert worst["group"] == "vrouw"
    assert "experience_months" in {one["feature"] for one in worst["proxies"]["features"]}
    assert report["vacancies"]["open"] + report["vacancies"]["earlier"] == 100
    text = orjson.dumps(report).decode()
    assert not any(one.talent_id in text for one in people)
    assert not any(item.record.vacancy_id in text for item in store.iter_vacancies())


def test_nothing_but_the_audit_reads_the_vault() -> None:
    root = Path(__file__).parents[2]
    packages = ("core", "embeddings", "ranking", "training", "api", "cli")
    readers = {
        str(path.relative_to(root))
        for package in packages
        for path in (root / package).rglob("*.py")
        if "iter_audit" in path.read_text(encoding="utf-8")
    }
    assert readers == {"core/store/store.py", "training/audit.py"}
