"""Draws against chances that are counted out, and interleaving against every fall of the coin."""

from collections import Counter
from itertools import combinations, product

import numpy as np
import pytest

from ranking.exploration import N_FIXED, Design, draw, seed_of
from ranking.interleaving import Team, team_draft


@pytest.mark.parametrize(("n_candidates", "k", "share"), [(300, 20, 0.0), (20, 20, 0.3), (300, 9, 0.1), (0, 5, 0.3)])
def test_without_a_whole_place_to_draw_for_it_is_the_best_that_stand_there(
    n_candidates: int, k: int, share: float
) -> None:
    found = draw(n_candidates, k, share, seed=1)
    assert found.order.tolist() == list(range(min(k, n_candidates)))
    assert not found.explored.any()
    assert found.design.n_slots == 0


@pytest.mark.parametrize("seed", range(40))
def test_a_draw_is_bounded_whole_and_leaves_the_first_places_alone(seed: int) -> None:
    found = draw(60, 20, 0.19, seed)
    assert found.explored.sum() == 3 == found.design.n_slots
    assert not found.explored[:N_FIXED].any()
    assert found.order[~found.explored].tolist() == list(range(17))
    assert (found.order[found.explored] >= 17).all()
    assert (found.order < 60).all()
    assert len(set(found.order.tolist())) == 20


def test_the_same_seed_draws_the_same_and_another_list_another() -> None:
    one, same, other = (draw(200, 20, 0.2, seed_of(key)) for key in ("s-a", "s-a", "s-b"))
    assert one.order.tolist() == same.order.tolist() != other.order.tolist()


def counted(n_places: int, n_slots: int, n_candidates: int) -> np.ndarray:
    """Chance of every candidate at every place, over all choices of places; people are drawn evenly."""
    chances, ways = np.zeros((n_candidates, n_places)), 0
    for slots in combinations(range(N_FIXED, n_places), n_slots):
        ways += 1
        chosen = iter(range(n_places - n_slots))
        for place in range(n_places):
            if place in slots:
                chances[n_places - n_slots :, place] += 1 / (n_candidates - n_places + n_slots)
            else:
                chances[next(chosen), place] += 1
    return chances / ways


@pytest.mark.parametrize("design", [(8, 2, 12), (7, 1, 8), (5, 2, 30), (9, 4, 10), (4, 0, 9), (3, 0, 3), (2, 0, 2)])
def test_chances_of_places_are_those_that_are_counted_out(design: tuple[int, int, int]) -> None:
    everyone = np.arange(design[2])
    chances = Design(*design).place_chances(everyone)
    assert chances == pytest.approx(counted(*design))
    assert chances.sum(axis=1) == pytest.approx(Design(*design).propensities(everyone))
    assert chances.sum(axis=0) == pytest.approx(np.ones(design[0]))


def test_draws_keep_to_the_chances() -> None:
    seen, n_draws = np.zeros((12, 8)), 6_000
    for seed in range(n_draws):
        seen[draw(12, 8, 0.25, seed).order, np.arange(8)] += 1
    expected = Design(8, 2, 12).place_chances(np.arange(12))
    assert np.abs(seen / n_draws - expected).max() < 4 * np.sqrt(0.25 / n_draws)


def drafted(champion: list[int], challenger: list[int], n_places: int, coins: tuple[int, ...]) -> tuple[list, list]:
    """Team draft as Radlinski et al. write it: whoever has fewer chooses, the coin decides between equals."""
    order: list[int] = []
    teams: list[str] = []
    fall = iter(coins)
    while len(order) < n_places:
        mine, theirs = teams.count("champion"), teams.count("challenger")
        first = mine < theirs or (mine == theirs and next(fall) == 1)
        best = next(one for one in (champion if first else challenger) if one not in order)
        order.append(best)
        teams.append("champion" if first else "challenger")
    return order, teams


def test_every_draft_is_one_of_the_coin_and_each_comes_as_often() -> None:
    champion, challenger = [0, 1, 2, 3, 4, 5], [3, 0, 5, 1, 4, 2]
    expected: Counter[tuple] = Counter()
    for coins in product((0, 1), repeat=3):
        order, teams = drafted(champion, challenger, 5, coins)
        expected[tuple(order), tuple(teams)] += 1
    found: Counter[tuple] = Counter()
    for seed in range(4_000):
        draft = team_draft(np.array(champion), np.array(challenger), 5, seed)
        found[tuple(draft.order.tolist()), tuple(map(str, draft.teams))] += 1
    assert set(found) == set(expected)
    for draft, ways in expected.items():
        assert found[draft] / 4_000 == pytest.approx(ways / 8, abs=0.03)


def test_a_draft_of_few_ends_when_everybody_stands_on_it() -> None:
    draft = team_draft(np.array([1, 0]), np.array([0, 1]), 20, seed=3)
    assert sorted(draft.order.tolist()) == [0, 1]
    assert sorted(draft.teams) == sorted(Team)
