"""Off-policy estimates against what is true: by hand, by enumeration, and in a world whose truth is known."""

from itertools import combinations, permutations

import numpy as np
import pytest

from ranking.exploration import Design, draw
from training.examination import Curve, Examination, estimate_as_looked_at, examination_of
from training.offpolicy import CLIP, LoggedList, estimate_value
from training.world import Truth, generate

K, SHARE = 10, 0.3


def logged(design: Design, orders, rewards, new_places, n_new=None) -> LoggedList:
    return LoggedList(
        design,
        np.array(orders, dtype=np.int64),
        np.array(rewards, dtype=np.float64),
        np.array(new_places, dtype=np.int64),
        design.n_places if n_new is None else n_new,
    )


def test_by_hand() -> None:
    """Five places, one slot among the last two, ten candidates: someone from the pool stands there once in six."""
    design = Design(n_places=5, n_slots=1, n_candidates=10)
    one = logged(design, [0, 1, 2, 3, 8], [1, 0, 0, 0, 1], [2, 0, 0, 0, 1])
    other = logged(design, [0, 1, 2, 9, 3], [0, 0, 1, 0, 0], [2, 0, 0, 0, 0])
    found = estimate_value([one, other])
    assert found.ips.value == pytest.approx((1 + 6 + 0) / 2)
    assert found.self_normalised.value == pytest.approx((1 + 6) / (1 + 6 + 1) * 5)
    assert found.clipped.value == pytest.approx(3.5)
    assert found.logged.value == pytest.approx(1.5)
    assert found.naive.value == pytest.approx(2 / 3 * 5)
    assert found.effective_sample_size == pytest.approx(8**2 / (1 + 36 + 1))
    assert found.largest_weight == pytest.approx(6)
    assert found.n_lists == 2


def test_by_hand_where_places_are_not_looked_at_alike() -> None:
    design = Design(n_places=5, n_slots=1, n_candidates=10)
    item = logged(design, [0, 1, 2, 3, 8], [1, 0, 0, 0, 1], [2, 0, 0, 0, 1])
    found = estimate_value([item], {1: 1.0, 2: 0.5, 3: 0.5, 4: 0.4, 5: 0.2})
    # Number 0 stood first and would stand second; number 8 stood on the fourth or fifth place once in twelve each.
    assert found.ips.value == pytest.approx(0.5 / 1.0 + 1.0 / (0.6 / 12))
    assert found.self_normalised.value == pytest.approx((0.5 + 20) / (0.5 * 1.0 + 20 * 0.2) * 2.6)


def test_weights_are_cut() -> None:
    design = Design(n_places=10, n_slots=1, n_candidates=400)
    item = logged(design, [*range(9), 300], [0] * 9 + [1], [0] * 9 + [1])
    found = estimate_value([item])
    assert found.ips.value == pytest.approx(391)
    assert found.clipped.value == CLIP


def test_without_lists_it_is_refused() -> None:
    with pytest.raises(ValueError, match="KANSRIJK_EXPLORATION_SHARE"):
        estimate_value([])


def test_unbiased_over_every_draw_that_can_be() -> None:
    """The estimate, weighed by the chance of each draw, is the truth exactly: no sampling, every list enumerated."""
    design, worth = Design(n_places=6, n_slots=2, n_candidates=8), np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
    examination = {1: 1.0, 2: 0.9, 3: 0.7, 4: 0.6, 5: 0.5, 6: 0.2}
    looked_at = np.array([examination[place] for place in range(1, 7)])
    new = np.array([7, 0, 4, 6, 1, 3])  # the new ranker's list, best first
    place_of = {person: place for place, person in enumerate(new.tolist(), start=1)}
    total, weight = 0.0, 0.0
    slots = list(combinations(range(3, 6), 2))
    drawn = list(permutations(range(4, 8), 2))
    for places in slots:
        for people in drawn:
            order, chosen = np.zeros(6, dtype=np.int64), iter(range(4))
            for place in range(6):
                order[place] = people[places.index(place)] if place in places else next(chosen)
            item = logged(design, order, looked_at * worth[order], [place_of.get(p, 0) for p in order.tolist()])
            found = estimate_value([item], examination)
            total += found.ips.value / (len(slots) * len(drawn))
            weight += found.ips.value * looked_at.sum() / found.self_normalised.value / (len(slots) * len(drawn))
    assert total == pytest.approx(float(looked_at @ worth[new]))
    assert weight == pytest.approx(looked_at.sum())  # what the self-normalised estimate divides by


def world_logs(truth: Truth, *, n_rounds: int, looked_at: np.ndarray) -> tuple[list[LoggedList], float]:
    """Lists of a ranker that follows habit, with exploration; a new ranker that knows who stays; its true value.

    Chances are the world's own, times how much the place is looked at.
    """
    rng = np.random.default_rng(4)
    lists, values = [], []
    for vacancy_id in truth.vacancy_ids:
        gain = truth.gain(vacancy_id)  # P(placed) x P(retained), 0 where not eligible
        eligible = np.flatnonzero(gain)
        if len(eligible) < 3 * K:
            continue
        habit = truth.market.appeal(truth.jobs[vacancy_id])
        pool = eligible[np.argsort(-habit[eligible], kind="stable")][:60]
        new = pool[np.argsort(-gain[pool], kind="stable")][:K]
        place_of = {person: place for place, person in enumerate(new.tolist(), start=1)}
        values.append(float(looked_at @ gain[new]))
        for _ in range(n_rounds):
            drawn = draw(len(pool), K, SHARE, seed=int(rng.integers(2**40)))
            people = pool[drawn.order]
            rewards = (rng.random(K) < looked_at * gain[people]).astype(np.float64)
            lists.append(logged(drawn.design, drawn.order, rewards, [place_of.get(p, 0) for p in people.tolist()]))
    return lists, float(np.mean(values))


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    folder = tmp_path_factory.mktemp("world")
    generate(folder, 300, 80, 17)
    return Truth.load(folder / "truth.jsonl")


def test_the_truth_of_the_world_lies_within_the_interval_and_the_naive_estimate_misses_it(truth: Truth) -> None:
    lists, value = world_logs(truth, n_rounds=30, looked_at=np.ones(K))
    found = estimate_value(lists)
    for estimate in (found.ips, found.self_normalised):
        assert estimate.low <= value <= estimate.high
        assert estimate.high - estimate.low < 0.5 * value
    assert not found.naive.low <= value <= found.naive.high
    assert not found.logged.low <= value <= found.logged.high
    assert 100 < found.effective_sample_size < K * len(lists)


def test_where_places_are_not_looked_at_alike_knowing_it_brings_the_estimate_home(truth: Truth) -> None:
    looked_at = 0.9 ** np.arange(K)
    lists, value = world_logs(truth, n_rounds=60, looked_at=looked_at)
    found = estimate_value(lists, dict(enumerate(looked_at.tolist(), start=1)))
    for estimate in (found.ips, found.self_normalised):
        assert estimate.low <= value <= estimate.high
    blind = estimate_value(lists)
    assert not blind.self_normalised.low <= value <= blind.self_normalised.high
    told, effect = estimate_as_looked_at(lists)  # not knowing it, but from the lists alone
    assert effect is not None
    assert all(curve.low > 0 for curve in effect.curves)
    for estimate in (told.ips, told.self_normalised):
        assert estimate.low <= value <= estimate.high
    right = found.self_normalised.value
    assert abs(told.self_normalised.value - right) < abs(blind.self_normalised.value - right)


@pytest.mark.parametrize(("power", "share"), [(0.8, 0.0), (0.0, 0.1), (0.0, 0.0)])
def test_the_effect_of_the_place_is_found_along_its_curve(power: float, share: float) -> None:
    """Exact expectations instead of outcomes: whatever the people are worth, the curve comes back."""
    design, worth = Design(n_places=10, n_slots=3, n_candidates=60), np.linspace(0.9, 0.1, 60)
    place = np.arange(1.0, 11.0)
    looked_at = place**-power * np.exp(-share * (place - 1.0))
    lists = []
    for seed in range(1_500):
        order = draw(60, 10, 0.3, seed=seed).order
        lists.append(logged(design, order, looked_at * worth[np.minimum(order, 7)], [0] * 10))
    found = examination_of(lists)
    assert found is not None
    assert sum(curve.weight for curve in found.curves) == pytest.approx(1.0)
    for curve, steepness in zip(found.curves, (power, share), strict=True):
        if steepness or not power + share:
            assert curve.steepness == pytest.approx(steepness, abs=0.011)
            assert curve.low <= steepness <= curve.high
            assert curve.weight >= 0.5 - 1e-9
    if power + share == 0:
        assert set(found.by_place(10).values()) == {1.0}


def test_the_curves_by_number() -> None:
    power = Curve("power of the place", 0.5, 1.0, 0.0, 2.0)
    share = Curve("same share per place", 0.5, -np.log(0.9), 0.0, 0.5)
    assert power.looked_at(4, 1.0) == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4])
    assert share.looked_at(3, share.steepness) == pytest.approx([1, 0.9, 0.81])
    both = Examination((power, share), 99)
    assert both.by_place(2) == pytest.approx({1: 1.0, 2: (0.5 + 0.9) / 2})
    assert [one[2] for one in both.extremes(2)] == pytest.approx([1.0, 0.25, 1.0, np.exp(-0.5)])
    ruled_out = Examination((power, Curve("same share per place", 0.01, 0.1, 0.0, 0.5)), 99)
    assert len(ruled_out.extremes(2)) == 2


def test_with_few_outcomes_places_are_taken_alike() -> None:
    design = Design(n_places=6, n_slots=2, n_candidates=9)
    lists = [logged(design, draw(9, 6, 0.34, seed=n).order, [1, 1, 1, 0, n % 7 == 0, 0], [2] * 6) for n in range(60)]
    assert examination_of(lists) is None
    assert estimate_as_looked_at(lists) == (estimate_value(lists), None)


@pytest.mark.parametrize(
    "looked_at",
    [0.9 ** np.arange(K), np.arange(1.0, K + 1) ** -0.5, 1.0 / np.arange(1.0, K + 1)],
    ids=["0.9 a place", "power of a half", "one over the place"],
)
def test_estimating_the_effect_of_the_place_takes_error_away(truth: Truth, looked_at: np.ndarray) -> None:
    """Whatever its shape; the figures stand in docs/decisions/0012."""
    lists, value = world_logs(truth, n_rounds=60, looked_at=looked_at)
    found = examination_of(lists)
    assert found is not None
    blind = estimate_value(lists).self_normalised.value / value - 1
    mended = estimate_value(lists, found.by_place(K)).self_normalised.value / value - 1
    assert abs(mended) < abs(blind), f"{blind:+.2f} alike, {mended:+.2f} estimated"
