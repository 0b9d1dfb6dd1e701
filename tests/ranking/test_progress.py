"""Progress, counted by hand on a small diary; the estimate against scipy, and against simulated people."""

import dataclasses
from datetime import UTC, datetime

import numpy as np
import pytest
from ranking_parts import Diary, event_columns, noon
from scipy import stats

from core.errors import InputError
from core.sectors import Sector
from core.settings import Targets
from core.vocabulary import Route
from ranking.outcomes import LABELS, Outcome, Stage
from ranking.progress import (
    MIN_RESOLVED,
    Funnel,
    Goal,
    Group,
    Grouping,
    Pairs,
    Period,
    Trade,
    funnel,
    goals,
    grouped,
    groups,
    not_counted,
    pairs_of,
    staying,
)

LABEL = LABELS["retained-1040h-v1"]
AS_OF = noon("2025-12-01")


def diary() -> Diary:
    """Six pairs: shown, proposed, met without being proposed, and three placements with each another end."""
    told = Diary()
    told.add("shown", "2025-01-10", ("v-1", "a"), rank=1)
    told.add("shown", "2025-01-10", ("v-1", "b"), rank=2)
    told.add("shown", "2025-03-01", ("v-1", "b"), rank=1)
    told.add("proposed", "2025-03-02", ("v-1", "b"))
    told.add("noted", "2025-03-02", ("v-1", "b"), text="Belt graag 's middags.")
    told.add("interviewed", "2025-02-01", ("v-2", "a"))
    # 40 hours a week from 3 February: 1,040 hours after 26 weeks, on 4 August.
    told.add("placed", "2025-02-01", ("v-3", "c"), starts_on="2025-02-03", contract_hours_per_week=40)
    told.add("checkpoint", "2025-02-03", ("v-3", "c"), moment="first_day", still_working=True)
    # Ten whole weeks of 26 hours: a quarter of the hours.
    told.add("placed", "2025-04-01", ("v-1", "d"), starts_on="2025-04-01", contract_hours_per_week=26)
    told.add("ended", "2025-06-12", ("v-1", "d"), ended_on="2025-06-12")
    told.add("noted", "2025-06-13", ("v-4", "d"), text="Alleen een aantekening: geen stap.")
    # Four whole weeks of 26 hours by 1 December: a tenth.
    told.add("proposed", "2025-10-20", ("v-2", "e"))
    told.add("placed", "2025-11-01", ("v-2", "e"), starts_on="2025-11-01", contract_hours_per_week=26)
    told.add("shown", "2025-12-02", ("v-9", "z"), rank=1)  # after the cut-off
    return told


def pairs() -> Pairs:
    return grouped(
        pairs_of(event_columns(diary().events), as_of=AS_OF, label=LABEL),
        {"a": Route.BACK_TO_WORK, "b": Route.WORK_TO_WORK, "c": Route.BACK_TO_WORK, "d": Route.WORK_TO_WORK,
         "e": Route.WORK_TO_WORK},
        {"a": "Rotterdam", "b": None, "c": "Schiedam"},
        {"v-1": Sector.CARE, "v-2": Sector.UNKNOWN, "v-3": Sector.CARE},
        {("v-1", "d"): Trade.OTHER},
    )  # fmt: skip


def test_a_row_for_each_pair_by_hand() -> None:
    found = pairs()
    keys = list(zip(found.vacancy_id, found.talent_id, strict=True))
    rows = {
        key: (int(stage), outcome, round(float(share), 3), bool(guided))
        for key, stage, outcome, share, guided in zip(
            keys, found.stage, found.outcome, np.nan_to_num(found.share, nan=-1), found.guided, strict=True
        )
    }
    assert rows == {
        ("v-1", "a"): (Stage.SHOWN, "", -1, False),
        ("v-1", "b"): (Stage.PROPOSED, "", -1, False),
        ("v-2", "a"): (Stage.INTERVIEWED, "", -1, False),
        ("v-3", "c"): (Stage.PLACED, "retained", 1.0, True),
        ("v-1", "d"): (Stage.PLACED, "ended", 0.25, False),
        ("v-2", "e"): (Stage.PLACED, "censored", 0.1, False),
    }
    first = dict(zip(keys, found.first_at.astype("datetime64[D]").astype(str), strict=True))
    assert first["v-1", "b"] == "2025-01-10"
    assert first["v-2", "e"] == "2025-10-20"
    by_key = {key: (found.route[row], found.municipality[row], found.sector[row]) for row, key in enumerate(keys)}
    assert by_key["v-3", "c"] == ("back_to_work", "Schiedam", "Q")
    assert by_key["v-1", "b"] == ("work_to_work", "", "Q")
    assert by_key["v-2", "e"] == ("work_to_work", "", "")


def test_the_funnel_counts_who_came_further_too() -> None:
    assert funnel(pairs()) == Funnel(
        people=5, seen=6, proposed=5, placed=3, retained=1, ended=1, running=1, staying=None
    )
    assert funnel(pairs()).resolved == 2


def test_a_period_holds_its_first_moment_and_not_its_end() -> None:
    moments = np.array(["2025-01-10T10:00", "2025-01-10T10:01", "NaT"], dtype="datetime64[us]")
    at, later = datetime(2025, 1, 10, 10, tzinfo=UTC), datetime(2025, 1, 10, 10, 1, tzinfo=UTC)
    assert Period().holds(moments).tolist() == [True, True, False]
    assert Period(at, later).holds(moments).tolist() == [True, False, False]
    assert Period(later).holds(moments).tolist() == [False, True, False]
    with pytest.raises(InputError, match="swap"):
        Period(later, at)


def test_goals_count_placements_by_the_day_of_signing() -> None:
    targets = Targets(back_to_work=4)

    def reached(period: Period) -> dict[Goal, tuple[int, int]]:
        found = goals(pairs(), targets, n_vacancies=7, period=period)
        return {one.goal: (one.reached, one.target) for one in found}

    assert reached(Period()) == {
        Goal.VACANCIES: (7, 400),
        Goal.WORK_TO_OTHER: (1, 50),
        Goal.WORK_TO_SAME: (0, 50),
        Goal.BACK_TO_WORK: (1, 4),
        Goal.LIGHT_GUIDANCE: (1, 400),
    }
    assert not_counted(pairs(), Period()) == 1  # e, of whom it is not known what they did before
    march = Period(noon("2025-03-01"))
    assert reached(march)[Goal.BACK_TO_WORK] == (0, 4)
    assert reached(march)[Goal.WORK_TO_OTHER] == (1, 50)
    assert reached(Period(end=noon("2025-03-01")))[Goal.WORK_TO_OTHER] == (0, 50)


def crowd(sizes: dict[str, int]) -> Pairs:
    """So many people in each municipality, each shown once."""
    told, where = Diary(), {}
    for name, size in sizes.items():
        for number in range(size):
            where[f"{name}-{number}".strip("-")] = name
    for talent_id in where:
        told.add("shown", "2025-01-10", ("v-1", talent_id), rank=1)
        told.add("shown", "2025-01-10", ("v-2", talent_id), rank=1)
    return grouped(pairs_of(event_columns(told.events), as_of=AS_OF, label=LABEL), {}, where, {}, {})


def shown(sizes: dict[str, int]) -> list[tuple[str, int | None]]:
    found: list[Group] = groups(crowd(sizes), Grouping.MUNICIPALITY)
    return [(group.name, group.funnel and group.funnel.people) for group in found]


def test_a_group_of_fewer_than_five_people_is_not_shown_however_many_pairs() -> None:
    assert shown({"A": 9, "B": 5, "C": 4, "D": 3}) == [("A", 9), ("B", 5), ("C", None), ("D", None)]


def test_a_hidden_group_does_not_follow_from_the_others() -> None:
    assert shown({"A": 9, "B": 5, "C": 4}) == [("A", 9), ("B", None), ("C", None)]
    assert shown({"A": 9, "B": 6, "C": 1, "D": 2}) == [("A", 9), ("B", None), ("C", None), ("D", None)]
    assert shown({"A": 9, "C": 4}) == [("A", None), ("C", None)]
    assert shown({"A": 4}) == [("A", None)]
    assert shown({"A": 9, "B": 5}) == [("A", 9), ("B", 5)]


def test_what_is_not_known_stands_after_what_is() -> None:
    assert shown({"": 12, "A": 6, "B": 9}) == [("B", 9), ("A", 6), ("", 12)]


def placed(shares: list[float], outcomes: list[str]) -> Pairs:
    n = len(shares)
    blank = np.array([""] * n, dtype=object)
    day = np.array(["2025-01-01"] * n, dtype="datetime64[us]")
    return Pairs(
        vacancy_id=np.array([f"v-{row}" for row in range(n)], dtype=object),
        talent_id=np.array([f"t-{row}" for row in range(n)], dtype=object),
        first_at=day,
        stage=np.full(n, int(Stage.PLACED)),
        placed_at=day,
        outcome=np.array(outcomes, dtype=object),
        share=np.array(shares),
        guided=np.zeros(n, dtype=bool),
        **dict.fromkeys(("route", "municipality", "sector", "trade"), blank),
    )


@pytest.mark.filterwarnings("ignore:The confidence interval is undefined")  # before anyone stopped
@pytest.mark.parametrize("seed", range(5))
def test_the_estimate_is_the_product_limit_of_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shares = np.round(rng.uniform(0, 1, 60), 2)  # ties too
    outcomes = rng.choice([Outcome.ENDED, Outcome.CENSORED], 60)
    shares[:15], outcomes[:15] = 1.0, Outcome.RETAINED
    ended = outcomes == Outcome.ENDED
    band = stats.ecdf(stats.CensoredData(uncensored=shares[ended], right=shares[~ended])).sf
    sides = band.confidence_interval(0.95, method="log-log")
    found = staying(placed(shares.tolist(), [str(one) for one in outcomes]))
    assert found is not None
    assert [found.low, found.high] == pytest.approx([float(side.evaluate(1.0)) for side in (sides.low, sides.high)])


def test_where_nobody_stopped_the_estimate_is_wilsons() -> None:
    found = staying(placed([1.0] * 12, ["retained"] * 12))
    expected = stats.binomtest(12, 12).proportion_ci(method="wilson")
    assert found is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_an_estimate_needs_enough_placements_that_are_over() -> None:
    few = MIN_RESOLVED - 1
    assert staying(placed([1.0] * few + [0.5] * 50, ["retained"] * few + ["censored"] * 50)) is None
    assert staying(placed([0.2] * 20, ["ended"] * 20)) is None
    assert staying(placed([], [])) is None


def test_running_placements_are_neither_success_nor_failure() -> None:
    """In a simulated region where 70 of 100 arrive, and most still work, the interval holds the truth; the share of
    what is over does not."""
    rng = np.random.default_rng(3)
    covered, naive_too_low = 0, 0
    for _ in range(100):
        ends_at = np.where(rng.random(300) < 0.7, np.inf, rng.uniform(0, 1, 300))
        seen_until = rng.uniform(0, 1.25, 300)
        share = np.minimum(np.minimum(ends_at, seen_until), 1.0)
        outcome = np.where(share >= 1, "retained", np.where(ends_at <= seen_until, "ended", "censored"))
        found = staying(placed(share.tolist(), outcome.tolist()))
        assert found is not None
        covered += found.low <= 0.7 <= found.high
        over = outcome != "censored"
        naive_too_low += (outcome[over] == "retained").mean() < 0.6
    assert covered >= 90
    assert naive_too_low >= 90


def rows(found: Pairs) -> set[tuple[object, ...]]:
    columns = (getattr(found, field.name).tolist() for field in dataclasses.fields(found))
    return {tuple(map(str, row)) for row in zip(*columns, strict=True)}


def test_a_row_depends_on_its_own_pair_only() -> None:
    """So that a follower may read the events of some people and keep the rows of the others."""
    parts = []
    for talent_id in ("a", "b", "c", "d", "e"):
        own = [event for event in diary().events if event.talent_id == talent_id]
        parts.append(pairs_of(event_columns(own), as_of=AS_OF, label=LABEL))
    whole = pairs_of(event_columns(diary().events), as_of=AS_OF, label=LABEL)
    assert rows(Pairs.concatenate(parts)) == rows(whole)
    assert len(whole) == 6


def test_nothing_has_happened() -> None:
    none = grouped(pairs_of(event_columns([]), as_of=AS_OF, label=LABEL), {}, {}, {}, {})
    assert (len(none), funnel(none).people, groups(none, Grouping.ROUTE)) == (0, 0, [])
    assert [one.reached for one in goals(none, Targets(), n_vacancies=0, period=Period())] == [0] * 5
