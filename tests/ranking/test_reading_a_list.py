"""What a shortlist says to its reader: her own order, words for numbers, the difference between two, its age."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from core.records import EVENT_ADAPTER, Overruled, Talent, Vacancy
from core.shortlists import Entry, Reason, Retention, Shortlist
from core.vocabulary import Band, RankingMode, Transport
from ranking.comparing import difference
from ranking.freshness import Staleness, staleness
from ranking.own_order import last_moves, moves_of, reordered
from ranking.plainly import (
    Certainty,
    Closeness,
    HoursFit,
    certainty,
    closeness,
    fastest,
    hours_fit,
    other_bands,
)

NOW = datetime(2026, 1, 12, 9, tzinfo=UTC)


def move(who: str, place: int, minute: int = 0, shortlist_id: str = "s") -> Overruled:
    made = EVENT_ADAPTER.validate_python(
        {
            "event_id": f"m{minute}-{who}", "kind": "overruled", "occurred_at": NOW + timedelta(minutes=minute),
            "vacancy_id": "v", "talent_id": who, "shortlist_id": shortlist_id, "rank": place, "reason": "Kent het werk",
        }
    )  # fmt: skip
    assert isinstance(made, Overruled)
    return made


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ([], "abcde"),
        ([("e", 1)], "eabcd"),
        ([("a", 5)], "bcdea"),
        ([("b", 4)], "acdbe"),
        ([("d", 2)], "adbce"),
        ([("e", 1), ("d", 1)], "deabc"),  # the later move wins the place; the earlier one moves on
        ([("e", 1), ("e", 5)], "abcde"),  # back
        ([("a", 99)], "bcdea"),  # beyond the end is the end
        ([("gone", 1)], "abcde"),
    ],
)
def test_a_move_takes_someone_out_and_puts_them_in_their_place(moves: list[tuple[str, int]], expected: str) -> None:
    made = [move(who, place, minute) for minute, (who, place) in enumerate(moves)]
    assert "".join(reordered("abcde", made)) == expected


def test_every_order_can_be_made_and_nobody_gets_lost() -> None:
    """Putting people on places 1, 2, 3, 4 in turn gives exactly that order."""
    for wanted in permutations("abcd"):
        made = [move(who, place, place) for place, who in enumerate(wanted, start=1)]
        assert reordered("abcd", made) == list(wanted)


def test_moves_count_on_their_own_list_and_in_order_of_time() -> None:
    early, late, other = move("a", 1, 1), move("a", 3, 2), move("b", 1, 3, shortlist_id="another")
    assert moves_of([late, other, early], "s") == [early, late]
    assert last_moves([early, late]) == {"a": late}


@pytest.mark.parametrize(
    ("low", "high", "sure", "others"),
    [
        (0.80, 0.90, Certainty.SURE, []),
        (0.80, 0.919, Certainty.SURE, []),
        (0.78, 0.90, Certainty.FAIR, []),
        (0.70, 0.89, Certainty.FAIR, [Band.MIDDLE]),
        (0.70, 0.90, Certainty.UNSURE, [Band.MIDDLE]),
        (0.40, 0.80, Certainty.UNSURE, [Band.LOW]),
    ],
)
def test_a_wide_interval_is_unsure_and_names_the_bands_at_its_ends(
    low: float, high: float, sure: Certainty, others: list[Band]
) -> None:
    chance = Retention(probability=0.8, low=low, high=high, band=Band.HIGH)
    assert certainty(chance) is sure
    assert other_bands(chance) == others


def test_a_middle_chance_can_be_either_way() -> None:
    chance = Retention(probability=0.6, low=0.3, high=0.8, band=Band.MIDDLE)
    assert other_bands(chance) == [Band.LOW, Band.HIGH]


def test_near_phrases_fit_well_and_kin_fit_fairly() -> None:
    assert [closeness(value) for value in (0.45, 0.599, 0.6, 1.0)] == [
        Closeness.FAIR, Closeness.FAIR, Closeness.GOOD, Closeness.GOOD,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("offered", "wanted", "expected"),
    [
        ((32, 36), (24, 32), HoursFit.FITS),  # one hour in common is enough
        ((32, 36), (24, 31), HoursFit.MORE),
        ((16, 20), (24, 32), HoursFit.FEWER),
        ((32, None), (None, 24), HoursFit.MORE),
        ((32, None), (36, None), HoursFit.FITS),
        ((None, 20), (24, None), HoursFit.FEWER),
        ((None, None), (24, 32), HoursFit.UNKNOWN),
        ((32, 36), (None, None), HoursFit.UNKNOWN),
        ((0, 0), (0, 0), HoursFit.FITS),  # none is a number too
    ],
)
def test_hours_fit_when_the_ranges_meet(offered, wanted, expected: HoursFit) -> None:
    vacancy = Vacancy(vacancy_id="v", title="Kok", hours_min=offered[0], hours_max=offered[1])
    talent = Talent(talent_id="t", hours_min=wanted[0], hours_max=wanted[1])
    assert hours_fit(talent, vacancy) is expected


@pytest.mark.parametrize(
    ("km", "ways", "expected"),
    [
        (None, ["car"], None),
        (5.0, None, None),
        (5.0, [], None),
        # By hand from the table in ranking/travel.py: 5 km is 6.5 km by road.
        (5.0, ["bicycle"], (Transport.BICYCLE, 28)),  # 6.5 / 15 * 60 + 2
        (5.0, ["bicycle", "car"], (Transport.CAR, 18)),  # 6.5 / 38 * 60 + 8
        (1.0, ["bicycle", "car"], (Transport.BICYCLE, 7)),  # 1.3 / 15 * 60 + 2 against 10
        (0.0, ["public_transport"], (Transport.PUBLIC_TRANSPORT, 13)),
    ],
)
def test_the_quickest_of_the_own_ways(km, ways, expected) -> None:
    assert fastest(km, Talent(talent_id="t", transport=ways)) == expected


def entry(rank: int, score: float, *reasons: tuple[str, str], exploration: bool = False) -> Entry:
    said = [Reason(feature=feature, direction=sign, text=f"{sign}{feature}") for sign, feature in reasons]  # type: ignore[arg-type]
    return Entry(
        rank=rank, talent_id=f"t{rank}", score=score, retention=None, similarity=0.5, travel_km=None, reasons=said,
        matched_skills=[], gaps=[], unknowns=[], exploration=exploration,
    )  # fmt: skip


def test_the_difference_is_what_only_one_of_them_has() -> None:
    upper = entry(1, 2.0, ("+", "travel_km"), ("+", "skill_mean"), ("+", "similarity"), ("-", "completeness"))
    lower = entry(2, 1.0, ("+", "skill_coverage"), ("+", "employer_retention"), ("-", "hours_overlap"))
    found = difference(upper, lower, 2.0)
    assert found is not None
    # skill_mean and skill_coverage both tell of skills: neither sets them apart
    assert [reason.text for reason in found.for_upper] == ["+travel_km", "+similarity"]
    assert [reason.text for reason in found.against_lower] == ["-hours_overlap"]
    assert [reason.text for reason in found.for_lower] == ["+employer_retention"]
    assert not found.barely


def test_a_small_part_of_the_whole_range_is_barely_a_difference() -> None:
    upper, lower = entry(1, 1.0), entry(2, 0.96)
    assert [difference(upper, lower, spread).barely for spread in (0.5, 1.0)] == [False, True]  # type: ignore[union-attr]
    assert not difference(entry(1, 1.0), entry(2, 1.0), 0.0).barely  # type: ignore[union-attr]  a list of equals


def test_a_lot_is_not_explained_away() -> None:
    by_lot = entry(2, 9.0, ("+", "exploration"), ("+", "travel_km"), exploration=True)
    assert difference(entry(1, 1.0), by_lot, 1.0) is None
    assert difference(by_lot, entry(3, 1.0), 1.0) is None


def made(at: datetime) -> Shortlist:
    return Shortlist(
        shortlist_id="s", vacancy_id="v", created_at=at, ranking_mode=RankingMode.SEMANTIC, model_version=None,
        encoder_version="e", index_version="i", pool_size=0, entries=[], near_misses=[],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("age_days", "changed_days_ago", "expected"),
    [
        (1, 2, None),
        (7, 30, None),
        (7.1, 30, Staleness.OLD),
        (1, 0.5, Staleness.CHANGED),
        (30, 1, Staleness.CHANGED),
        (1, None, None),
        (8, None, Staleness.OLD),
    ],
)
def test_a_list_is_stale_when_its_question_changed_or_a_week_has_passed(age_days, changed_days_ago, expected) -> None:
    vacancy = None
    if changed_days_ago is not None:
        vacancy = Vacancy(vacancy_id="v", title="Kok", updated_at=NOW - timedelta(days=changed_days_ago))
    assert staleness(made(NOW - timedelta(days=age_days)), vacancy, now=NOW) is expected
