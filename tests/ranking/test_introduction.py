"""What an employer may know of a person."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from core.records import EVENT_ADAPTER, Location, Talent
from core.shortlists import Entry, Gap, MatchedSkill
from core.vocabulary import GapKind
from ranking.introduction import Introduction, introduce, proposed
from ranking.standing import UNSEEN, Standing, Step

NOW = datetime(2026, 1, 12, 9, tzinfo=UTC)


def entry(km: float | None) -> Entry:
    return Entry(
        rank=1,
        talent_id="t",
        score=1,
        retention=None,
        similarity=0.5,
        travel_km=km,
        reasons=[],
        matched_skills=[MatchedSkill(required="koken", offered="Ik ben 45 jaar oud en kook", similarity=0.9)],
        gaps=[Gap(kind=GapKind.SKILL, what="bakken")],
        unknowns=[],
    )


def event(hours: int, kind: str, talent_id: str, **more: object):
    return EVENT_ADAPTER.validate_python(
        {
            "event_id": f"{talent_id}{hours}",
            "kind": kind,
            "occurred_at": NOW + timedelta(hours=hours),
            "vacancy_id": "v",
            "talent_id": talent_id,
            **more,
        }
    )


def test_there_is_no_room_for_what_an_employer_may_not_know():
    assert {field.name for field in fields(Introduction)} == {
        *("talent_id", "own_words", "skills", "matches", "missing", "travel_km", "standing")
    }


def test_own_words_lose_who_somebody_is_and_keep_what_they_can():
    told = introduce(
        Talent(
            talent_id="t",
            presentation="Ik heet Bo. Ik ben een vrouw. Ik las graag. Mail bo@example.org, ik woon in 3021 AB.",
            skills=["lassen", "bo@example.org"],
            location=Location(postcode="3021AB"),
        ),
        entry(None),
        UNSEEN,
    )
    assert "Ik las graag." in told.own_words
    assert not any(part in told.own_words for part in ("Bo", "vrouw", "example", "3021"))
    assert told.skills == ("lassen",)
    assert told.matches[0][0] == "koken"
    assert "45" not in told.matches[0][1]


@pytest.mark.parametrize(("km", "told"), [(None, None), (0.0, 5), (0.1, 5), (5.0, 5), (5.01, 10), (23.4, 25)])
def test_a_distance_is_told_in_steps(km: float | None, told: int | None):
    assert introduce(Talent(talent_id="t"), entry(km), UNSEEN).travel_km == told


def test_without_a_list_nothing_is_said_to_be_there():
    told = introduce(Talent(talent_id="t"), None, UNSEEN)
    assert (told.missing, told.matches, told.travel_km) == (None, (), None)
    assert introduce(Talent(talent_id="t"), entry(1), UNSEEN).missing == tuple(entry(1).gaps)


@pytest.mark.parametrize("step", Step)
def test_of_somebody_with_whom_it_is_over_nothing_more_is_told(step: Step):
    known = Talent(talent_id="t", presentation="Ik las graag.", skills=["lassen"])
    told = introduce(known, entry(4.0), Standing(step=step))
    parts = (told.own_words, told.skills, told.matches, told.missing, told.travel_km)
    assert (parts == ("", (), (), None, None)) == (step in {Step.DECLINED, Step.ENDED})
    assert told.is_over == (step in {Step.DECLINED, Step.ENDED})


def test_only_who_was_proposed_by_then_is_there():
    events = [
        event(0, "shown", "a", rank=1),
        event(1, "proposed", "b"),
        event(2, "interviewed", "c"),
        event(3, "declined", "b", by="employer", reason="x"),
        event(4, "proposed", "b", shortlist_id="s-2"),
        event(5, "proposed", "d"),
    ]
    found = proposed(events, as_of=NOW + timedelta(hours=4))
    assert list(found) == ["b"]
    proposal, standing = found["b"]
    assert (proposal.shortlist_id, standing.step) == ("s-2", Step.PROPOSED)
    assert list(proposed(events, as_of=NOW + timedelta(hours=5))) == ["d", "b"]
    answered = [*events, event(6, "interviewed", "d")]
    assert list(proposed(answered, as_of=NOW + timedelta(hours=6))) == ["b", "d"]
    assert list(proposed(events, as_of=NOW)) == []
