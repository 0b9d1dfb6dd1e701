"""Where people stand, against the outcomes that training reads, and against stories told by hand."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.records import EVENT_ADAPTER, Event, Vacancy
from core.store import EventColumns, Store
from core.vocabulary import DeclinedBy, VacancyStatus
from ranking.deciding import Decision, Objection, objections
from ranking.outcomes import LABELS, placements
from ranking.standing import UNSEEN, Standing, Step, standings

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
LATER = START + timedelta(days=400)
MORE: dict[str, dict[str, object]] = {
    "shown": {"rank": 1},
    "declined": {"by": "employer", "reason": "Te ver weg"},
    "placed": {"starts_on": "2026-01-12", "contract_hours_per_week": 32},
    "gone": {"moment": "first_week", "still_working": False},
    "there": {"moment": "first_week", "still_working": True},
    "hours": {"total_hours": 40},
    "ended": {"ended_on": "2026-02-01", "reason": "Terug naar school"},
    "support": {"support": "travel", "note": "Fiets"},
    "noted": {"text": "Belt terug"},
    "overruled": {"rank": 2, "reason": "Kan morgen beginnen"},
}
KINDS = {"gone": "checkpoint", "there": "checkpoint"}


def event(number: int, what: str, day: float, talent: str = "t", **fields: object) -> Event:
    content = {
        "event_id": f"e{number:03}", "kind": KINDS.get(what, what), "occurred_at": START + timedelta(days=day),
        "vacancy_id": "v", "talent_id": talent,
    }  # fmt: skip
    return EVENT_ADAPTER.validate_python(content | MORE.get(what, {}) | fields)


def story(*told: str) -> list[Event]:
    return [event(number, what, float(number)) for number, what in enumerate(told)]


@pytest.mark.parametrize(
    ("told", "step", "since"),
    [
        ("shown", Step.NEW, None),
        ("noted support overruled", Step.NEW, None),
        ("shown proposed", Step.PROPOSED, 1),
        ("proposed proposed", Step.PROPOSED, 0),
        ("proposed interviewed proposed", Step.INTERVIEWED, 1),
        ("proposed declined", Step.DECLINED, 1),
        ("declined proposed", Step.PROPOSED, 1),
        ("placed", Step.PLACED, 0),  # steps may be skipped
        ("proposed placed there hours", Step.PLACED, 1),
        ("placed declined proposed interviewed", Step.PLACED, 0),  # only an end undoes a signature
        ("placed ended", Step.ENDED, 1),
        ("placed gone", Step.ENDED, 1),
        ("placed gone there", Step.ENDED, 1),
        ("placed ended proposed", Step.PROPOSED, 2),
        ("placed ended placed", Step.PLACED, 2),
        ("ended gone hours", Step.NEW, None),  # aftercare before any signature says nothing
        ("proposed ended", Step.PROPOSED, 0),
    ],
)
def test_a_story_ends_where_it_ends(told: str, step: Step, since: int | None) -> None:
    found = standings(story(*told.split()), as_of=LATER)["t"]
    assert found.step is step
    assert found.since == (None if since is None else START + timedelta(days=since))


def test_a_no_is_told_with_who_and_why_until_it_is_undone() -> None:
    events = story("proposed", "declined", "noted", "support", "proposed")
    said_no = standings(events[:4], as_of=LATER)["t"]
    assert (said_no.by, said_no.reason) == (DeclinedBy.EMPLOYER, "Te ver weg")
    again = standings(events, as_of=LATER)["t"]
    assert (again.by, again.reason) == (None, "")
    assert [note.text for note in again.notes] == ["Belt terug"]
    assert [given.note for given in again.support] == ["Fiets"]


def test_what_happens_later_is_not_known_yet_and_an_announced_end_is_no_end() -> None:
    events = [event(0, "placed", 0), event(1, "ended", 5, ended_on="2026-02-01")]
    for day, step in ((-1, None), (1, Step.PLACED), (6, Step.PLACED), (26, Step.PLACED), (27, Step.ENDED)):
        found = standings(events, as_of=START + timedelta(days=day))
        assert found.get("t", Standing()).step is (step or Step.NEW), day
    assert not standings(events, as_of=START - timedelta(days=1))


def test_whoever_moved_last_comes_first_in_any_order_of_reading() -> None:
    events = [event(0, "proposed", 3, "a"), event(1, "shown", 9, "b"), event(2, "proposed", 5, "c")]
    for order in (events, events[::-1]):
        assert list(standings(order, as_of=LATER)) == ["c", "a", "b"]


TOLD = st.lists(
    st.tuples(
        st.sampled_from(["proposed", "declined", "placed", "gone", "there", "hours", "ended", "noted"]),
        st.integers(0, 12),
        st.integers(0, 40),
    ),
    max_size=9,
)


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory):
    def read(events: list[Event]) -> EventColumns:
        folder = tmp_path_factory.mktemp("events")
        with Store.open(f"sqlite:///{folder / 'kansrijk.db'}") as store:
            store.put_events(events, now=LATER)
            return store.event_columns()

    return read


@settings(max_examples=40, deadline=None)
@given(told=TOLD, day=st.integers(0, 60))
def test_at_work_and_ended_are_what_training_calls_so(columns, told, day: int) -> None:
    """The oracle is the label code: whoever it calls placed and not over is PLACED; over, and nothing since, ENDED."""
    events = [
        event(
            number, what, float(on), **({"ended_on": (START + timedelta(days=end)).date()} if what == "ended" else {})
        )
        for number, (what, on, end) in enumerate(told)
    ]
    as_of = START + timedelta(days=day, hours=1)
    found = standings(events, as_of=as_of).get("t", UNSEEN)
    rows = placements(columns(events), as_of=as_of, label=LABELS["retained-1040h-v1"])
    if rows.empty:
        assert found.step not in {Step.PLACED, Step.ENDED}
    elif rows["ended_on"].isna().all():
        assert found.step is Step.PLACED
    else:
        assert found.step is not Step.PLACED


OPEN = Vacancy(vacancy_id="v", title="Kok", positions=2)
FORWARD = (Decision.PROPOSE, Decision.INTERVIEW, Decision.PLACE)


@pytest.mark.parametrize(
    ("step", "decision", "expected"),
    [
        (Step.NEW, Decision.PROPOSE, []),
        (Step.NEW, Decision.DECLINE, []),
        (Step.NEW, Decision.INTERVIEW, [Objection.NOT_PROPOSED]),
        (Step.NEW, Decision.PLACE, [Objection.NOT_PROPOSED]),
        (Step.PROPOSED, Decision.PROPOSE, [Objection.ALREADY_PROPOSED]),
        (Step.PROPOSED, Decision.INTERVIEW, []),
        (Step.PROPOSED, Decision.PLACE, []),
        (Step.PROPOSED, Decision.DECLINE, []),
        (Step.INTERVIEWED, Decision.PROPOSE, [Objection.ALREADY_PROPOSED]),
        (Step.INTERVIEWED, Decision.INTERVIEW, []),  # a second talk
        *((Step.PLACED, decision, [Objection.AT_WORK]) for decision in (*FORWARD, Decision.DECLINE)),
        *((Step.ENDED, decision, [Objection.STOPPED]) for decision in FORWARD),
        *((Step.DECLINED, decision, [Objection.SAID_NO]) for decision in FORWARD),
        (Step.DECLINED, Decision.DECLINE, [Objection.ALREADY_DECLINED]),
        *((step, decision, []) for step in Step for decision in (Decision.NOTE, Decision.MOVE, Decision.SUPPORT)),
    ],
)
def test_little_is_refused_and_the_unusual_is_asked(step: Step, decision: Decision, expected: list[Objection]) -> None:
    assert objections(decision, Standing(step=step), OPEN) == expected
    assert objections(decision, Standing(step=step), None) == expected  # a vacancy that is not kept asks nothing


def test_only_saying_the_same_twice_and_undoing_a_signature_are_final() -> None:
    final = {objection for objection in Objection if objection.is_final}
    assert final == {Objection.ALREADY_PROPOSED, Objection.ALREADY_DECLINED, Objection.AT_WORK}


@pytest.mark.parametrize("status", [VacancyStatus.FILLED, VacancyStatus.WITHDRAWN])
def test_a_closed_vacancy_is_asked_about_and_not_for_notes(status: VacancyStatus) -> None:
    closed = OPEN.model_copy(update={"status": status})
    assert objections(Decision.PROPOSE, UNSEEN, closed) == [Objection.VACANCY_CLOSED]
    assert objections(Decision.PLACE, UNSEEN, closed) == [Objection.NOT_PROPOSED, Objection.VACANCY_CLOSED]
    assert objections(Decision.DECLINE, UNSEEN, closed) == []
    assert objections(Decision.PROPOSE, Standing(step=Step.PROPOSED), closed) == [Objection.ALREADY_PROPOSED]


def test_more_people_than_places_is_asked_about() -> None:
    at_work, gone, met = Standing(step=Step.PLACED), Standing(step=Step.ENDED), Standing(step=Step.INTERVIEWED)
    assert objections(Decision.PLACE, met, OPEN, [at_work, gone, met]) == []
    assert objections(Decision.PLACE, met, OPEN, [at_work, gone, at_work]) == [Objection.VACANCY_FULL]
    assert objections(Decision.PROPOSE, UNSEEN, OPEN, [at_work, at_work]) == []
