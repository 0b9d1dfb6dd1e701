"""Comparisons in use, by hand and with people whose preference is known."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pytest
from training_parts import Diary, noon

from core.shortlists import Entry, Shortlist
from core.store import KeptShortlist, Store
from core.vocabulary import RankingMode
from ranking.interleaving import team_draft
from ranking.outcomes import LABELS
from training.comparison import PACE_WEEKS, Pace, duels, pace, plan, shadows
from training.credits import WINDOW_DAYS, Goal, judged
from training.overrules import overrule_rates, shown_and_overruled
from training.sequential import lists_needed
from training.shown import shown_pairs

NOW = noon("2026-03-02")
LABEL = LABELS["retained-1040h-v1"]


def kept(
    key: str, ids: Sequence[str], made: datetime, *, vacancy_id: str = "v-1", version: str | None = "1", **notes: object
) -> KeptShortlist:
    entries = [
        Entry(
            rank=rank, talent_id=talent_id, score=-rank, retention=None, similarity=0.1, travel_km=None, reasons=[],
            matched_skills=[], gaps=[], unknowns=[],
        )
        for rank, talent_id in enumerate(ids, start=1)
    ]  # fmt: skip
    shortlist = Shortlist(
        shortlist_id=key,
        vacancy_id=vacancy_id,
        created_at=made,
        ranking_mode=RankingMode.LEARNED,
        model_version=version,
        encoder_version="e",
        index_version="i",
        pool_size=9,
        entries=entries,
        near_misses=[],
    )
    return KeptShortlist(shortlist, {"as_of": made.isoformat(), **notes})


def teams(champion: Sequence[str], challenger: Sequence[str]) -> dict[str, object]:
    sides = dict.fromkeys(champion, "champion") | dict.fromkeys(challenger, "challenger")
    return {"interleaving": {"challenger_version": "2", "teams": sides}}


def opened(diary: Diary, item: KeptShortlist) -> None:
    for entry in item.shortlist.entries:
        diary.add(
            "shown",
            item.shortlist.created_at,
            (str(item.shortlist.vacancy_id), entry.talent_id),
            rank=entry.rank,
            shortlist_id=item.shortlist.shortlist_id,
        )


def test_a_list_is_judged_once_after_its_window_by_what_had_happened_by_then(sqlite_store: Store) -> None:
    diary = Diary()
    window = timedelta(days=WINDOW_DAYS[Goal.PROPOSED])
    ripe, young = kept("s-1", ["a", "b", "c"], NOW - window), kept("s-2", ["a"], NOW - window + timedelta(hours=1))
    unopened = kept("s-3", ["d"], NOW - 2 * window, vacancy_id="v-3")
    again = kept("s-4", ["b", "e"], NOW - window, vacancy_id="v-1")
    for item in (ripe, young, again):
        opened(diary, item)
    diary.add("proposed", NOW - window + timedelta(days=1), ("v-1", "a"))
    diary.add("proposed", NOW + timedelta(days=1), ("v-1", "c"))  # too late
    diary.add("proposed", NOW - window + timedelta(days=2), ("v-1", "b"))  # counts for the first list only
    diary.add("proposed", NOW - window + timedelta(days=2), ("v-1", "e"))
    diary.add("proposed", NOW - window - timedelta(days=2), ("v-3", "d"))
    events = diary.in_store(sqlite_store)
    found = judged([unopened, ripe, again, young], events, Goal.PROPOSED, as_of=NOW)
    assert [item.shortlist.shortlist_id for item in found.lists] == ["s-1", "s-4"]
    assert found.reached == {"s-1": {"a", "b"}, "s-4": {"e"}}
    later = judged([ripe], events, Goal.PROPOSED, as_of=NOW + timedelta(days=300))
    assert later.reached == {"s-1": {"a", "b"}}  # the same for ever


def test_retained_counts_when_the_hours_were_reached_in_time(sqlite_store: Store) -> None:
    diary = Diary()
    made = NOW - timedelta(days=WINDOW_DAYS[Goal.RETAINED])
    item = kept("s-1", ["a", "b", "c"], made)
    opened(diary, item)
    for who in ("a", "b"):
        signed = made + timedelta(days=7)
        diary.add("placed", signed, ("v-1", who), starts_on=signed.date(), contract_hours_per_week=32)
    diary.add("ended", made + timedelta(days=90), ("v-1", "b"), ended_on=(made + timedelta(days=90)).date())
    events = diary.in_store(sqlite_store)
    assert judged([item], events, Goal.RETAINED, as_of=NOW).reached == {"s-1": {"a"}}
    assert judged([item], events, Goal.PLACED, as_of=NOW).reached == {"s-1": {"a", "b"}}


def test_a_duel_by_hand(sqlite_store: Store) -> None:
    diary, lists = Diary(), []
    # Won by the challenger, by the champion, a tie of one each, a tie of none.
    outcomes = [["c", "d"], ["a"], ["a", "c"], []]
    for number, proposed in enumerate(outcomes):
        made = NOW - timedelta(days=90 - number)
        item = kept(f"s-{number}", ["a", "c", "b", "d"], made, vacancy_id=f"v-{number}", **teams("ab", "cd"))
        lists.append(item)
        opened(diary, item)
        for who in proposed:
            diary.add("proposed", made + timedelta(days=3), (f"v-{number}", who))
    plain = kept("s-p", ["a"], NOW - timedelta(days=60), vacancy_id="v-p")
    opened(diary, plain)
    (duel,) = duels(judged([*lists, plain], diary.in_store(sqlite_store), Goal.PROPOSED, as_of=NOW))
    assert (duel.champion, duel.challenger, duel.n_lists) == ("1", "2", 4)
    assert (duel.champion_credits, duel.challenger_credits, duel.n_ties) == (2, 3, 2)
    assert (duel.challenger_wins.n_decided, duel.challenger_wins.share) == (2, 0.5)
    assert duel.verdict == "undecided"


def simulated(sqlite_store: Store, challenger_noise: float, champion_noise: float, n_lists: int) -> list:
    """A matchmaker who proposes by true worth alone; rankings that see the worth through more or less noise."""
    rng, diary, lists = np.random.default_rng(5), Diary(), []
    for number in range(n_lists):
        worth = rng.random(40)
        orders = [
            np.argsort(-(worth + rng.normal(scale=noise, size=40))) for noise in (champion_noise, challenger_noise)
        ]
        draft = team_draft(*orders, 10, seed=number)
        ids = [f"t-{person}" for person in draft.order]
        sides = dict(zip(ids, draft.teams, strict=True))
        made = NOW - timedelta(days=200 - number / 10)
        item = kept(
            f"s-{number}", ids, made, vacancy_id=f"v-{number}",
            interleaving={"challenger_version": "2", "teams": {who: str(team) for who, team in sides.items()}},
        )  # fmt: skip
        lists.append(item)
        diary.add("shown", made, (f"v-{number}", ids[0]), rank=1, shortlist_id=f"s-{number}")
        for person in draft.order.tolist():
            if rng.random() < 0.4 * worth[person] ** 2:
                diary.add("proposed", made + timedelta(days=3), (f"v-{number}", f"t-{person}"))
    return duels(judged(lists, diary.in_store(sqlite_store), Goal.PROPOSED, as_of=NOW))


def test_whom_people_prefer_wins(sqlite_store: Store) -> None:
    (duel,) = simulated(sqlite_store, challenger_noise=0.05, champion_noise=2.0, n_lists=250)
    assert duel.verdict == "challenger is better"
    assert duel.challenger_wins.low > 0.5


def test_between_equals_nothing_is_decided(sqlite_store: Store) -> None:
    (duel,) = simulated(sqlite_store, challenger_noise=0.5, champion_noise=0.5, n_lists=250)
    assert duel.verdict == "undecided"
    assert duel.challenger_wins.low < 0.5 < duel.challenger_wins.high


def test_shadows_by_hand() -> None:
    def note(*ids: str) -> dict[str, object]:
        return {"challenger": {"model_version": "2", "talents": {one: rank for rank, one in enumerate(ids, start=1)}}}

    lists = [
        kept("s-1", ["a", "b"], NOW, **note("b", "a")),
        kept("s-2", ["a", "b"], NOW, **note("c", "b")),
        kept("s-3", ["a"], NOW),
    ]
    (found,) = shadows(lists)
    assert (found.champion, found.challenger, found.n_lists) == ("1", "2", 2)
    assert found.mean_overlap == pytest.approx((1.0 + 0.5) / 2)
    assert (found.mean_first_rank, found.n_first_unplaced) == (2.0, 1)


def test_the_pace_and_the_weeks_by_hand(sqlite_store: Store) -> None:
    diary = Diary()
    for number in range(24):  # one list every seven days, two people each; on every third somebody is proposed
        made = NOW - timedelta(days=7 * number, hours=1)
        for place, who in enumerate(("a", "b"), start=1):
            diary.add("shown", made, (f"v-{number}", who), rank=place, shortlist_id=f"s-{number}")
        if number % 3 == 0:
            diary.add("proposed", made + timedelta(minutes=5), (f"v-{number}", "a"))
    shown = shown_pairs(diary.in_store(sqlite_store), as_of=NOW, label=LABEL)
    rate = pace(shown, Goal.PROPOSED, as_of=NOW)
    assert rate.lists_per_week == pytest.approx(12 / PACE_WEEKS)
    assert rate.share_with_credit == pytest.approx(6 / 20)  # lists of four weeks and more: 4 to 23
    found = plan(0.2, Goal.PROPOSED, rate)
    needed = lists_needed(0.7)
    assert needed is not None
    assert found.decided_lists == needed
    assert found.lists == int(np.ceil(needed / 0.3))
    assert found.weeks == pytest.approx(needed / 0.3 + 4)
    for silent in (Pace(0.0, 0.3), Pace(2.0, 0.0), Pace(2.0, float("nan"))):
        assert plan(0.2, Goal.PROPOSED, silent).weeks is None


def test_overrules_are_kept_apart(sqlite_store: Store) -> None:
    diary = Diary()
    mine = kept("s-1", ["a", "b", "c"], NOW, version="7")
    opened(diary, mine)
    for who, place in (("x", 1), ("y", 11)):  # of before there was a model
        diary.add("shown", NOW, ("v-9", who), rank=place, shortlist_id="old")
        diary.add("declined", NOW, ("v-9", who), by="matchmaker", reason="Geen beeld bij")
    diary.add("declined", NOW, ("v-1", "a"), by="matchmaker", reason="Al elders voorgesteld")
    diary.add("declined", NOW, ("v-1", "b"), by="talent", reason="Te ver")
    diary.add("declined", NOW, ("v-1", "c"), by="matchmaker")
    diary.add("declined", NOW, ("v-5", "nobody"), by="matchmaker")  # never shown
    diary.in_store(sqlite_store)
    shown, overruled = shown_and_overruled(sqlite_store.iter_events(), [mine])
    assert overruled[["vacancy_id", "talent_id", "reason"]].to_numpy().tolist() == [
        ["v-9", "x", "Geen beeld bij"],
        ["v-9", "y", "Geen beeld bij"],
        ["v-1", "a", "Al elders voorgesteld"],
        ["v-1", "c", ""],
        ["v-5", "nobody", ""],
    ]
    rates = {rate.model_version: rate for rate in overrule_rates(shown, overruled)}
    assert set(rates) == {"7", None}
    assert (rates["7"].n_shown, rates["7"].n_overruled) == (3, 2)
    assert rates["7"].reasons == {"Al elders voorgesteld": 1, "(geen reden)": 1}
    assert (rates[None].n_shown, rates[None].n_overruled) == (1, 1)  # place eleven is no first place
    assert rates["7"].low < rates["7"].share < rates["7"].high


def test_another_place_on_the_list_is_an_overrule(sqlite_store: Store) -> None:
    """Counted by hand: b went down, d went up, a went down and back, nobody asked about c."""
    diary = Diary()
    mine = kept("s-1", ["a", "b", "c", "d"], NOW, version="7")
    opened(diary, mine)
    later = NOW + timedelta(days=1)
    moved = {"rank": 9, "reason": "Kent de werkgever al", "shortlist_id": "s-1"}
    diary.add("overruled", NOW, ("v-1", "a"), **moved)
    diary.add("overruled", NOW, ("v-1", "b"), **moved)
    diary.add("overruled", NOW, ("v-1", "d"), **moved | {"rank": 1, "reason": "Kan morgen beginnen"})
    diary.add("overruled", later, ("v-1", "a"), **moved | {"rank": 1, "reason": "Toch niet"})
    diary.add("noted", later, ("v-1", "c"), text="Belt morgen terug")
    diary.in_store(sqlite_store)
    shown, overruled = shown_and_overruled(sqlite_store.iter_events(), [mine])
    assert overruled[["talent_id", "rank", "reason"]].to_numpy().tolist() == [
        ["b", 2.0, "Kent de werkgever al"],
        ["d", 4.0, "Kan morgen beginnen"],
    ]
    (rate,) = overrule_rates(shown, overruled)
    assert (rate.model_version, rate.n_shown, rate.n_overruled) == ("7", 4, 2)


def test_an_overrule_is_no_label(sqlite_store: Store) -> None:
    """Training grades a pair the same whether or not a matchmaker said no."""
    diary = Diary()
    for who in ("a", "b"):
        diary.add("shown", NOW - timedelta(days=60), ("v-1", who), rank=1, shortlist_id="s-1")
    diary.add("declined", NOW - timedelta(days=50), ("v-1", "a"), by="matchmaker", reason="Cv is erg mager")
    grades = shown_pairs(diary.in_store(sqlite_store), as_of=NOW, label=LABEL).set_index("talent_id")["grade"]
    assert grades["a"] == grades["b"]
