"""What a matchmaker decides becomes an event: the right one, once, by her, and only when it can be."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape

import pytest
from desk_client import NOW, Clock, Visitor
from form_reader import form_on
from shortlist_home import LIST, VACANCY, Courses, fill

from api.desk.decisions import About, record
from core.accounts import Role, User
from core.records import EVENT_ADAPTER, Event
from core.store import PutOutcome, Store
from core.vocabulary import CheckpointMoment, EventKind, VacancyStatus


@pytest.fixture
def ranking() -> Courses:
    return Courses()


@pytest.fixture
def maker(store: Store, signed_in: Callable[..., Visitor]) -> Visitor:
    fill(store)
    return signed_in("matchmaker")


def decided(store: Store) -> list[Event]:
    return [event for event in store.iter_events() if event.kind is not EventKind.SHOWN]


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def action(who: str, path: str) -> str:
    return f"{LIST}/talenten/{who}/{path}"


def tell(store: Store, kind: str, who: str, **fields: object) -> None:
    event = {
        "event_id": f"old-{kind}-{who}", "kind": kind, "occurred_at": NOW - timedelta(days=9), "vacancy_id": "v-1",
        "talent_id": who, **fields,
    }  # fmt: skip
    store.put_events([EVENT_ADAPTER.validate_python(event)], now=NOW)


CONTRACT = {"start": "2026-02-02", "uren": "32", "einde": ""}
GOOD = [
    ("voorstellen", "anna", {}, {"kind": "proposed", "rank": 1}),
    (
        "afwijzen",
        "bert",
        {"wie": "talent", "reden": ""},
        {"kind": "declined", "by": "talent", "reason": "", "rank": 2},
    ),
    (
        "afwijzen",
        "bert",
        {"wie": "matchmaker", "reden": " Werkt al\r\nelders "},
        {"kind": "declined", "by": "matchmaker", "reason": "Werkt al\nelders", "rank": 2},
    ),
    ("gesprek", "cem", {"zeker": "ja"}, {"kind": "interviewed", "rank": 3}),
    (
        "geplaatst",
        "dina",
        CONTRACT | {"zeker": "ja"},
        {
            "kind": "placed",
            "starts_on": "2026-02-02",
            "contract_hours_per_week": 32.0,
            "contract_ends_on": None,
            "rank": 4,
        },
    ),
    (
        "geplaatst",
        "dina",
        {"start": "2-2-2026", "uren": "32,5", "einde": "31-08-2026", "zeker": "ja"},
        {
            "kind": "placed",
            "starts_on": "2026-02-02",
            "contract_hours_per_week": 32.5,
            "contract_ends_on": "2026-08-31",
            "rank": 4,
        },
    ),
    (
        "hulp",
        "eva",
        {"hulp": "job_coach", "toelichting": "Eerste maand"},
        {"kind": "support", "support": "job_coach", "note": "Eerste maand", "rank": 5},
    ),
    ("notitie", "eva", {"notitie": "Belt maandag"}, {"kind": "noted", "text": "Belt maandag", "rank": 5}),
    (
        "volgorde",
        "eva",
        {"plek": "1", "reden": "Kan morgen"},
        {"kind": "overruled", "rank": 1, "reason": "Kan morgen"},
    ),
    ("voorstellen", "fred", {}, {"kind": "proposed", "rank": None}),  # a near miss has no place on the list
]


@pytest.mark.parametrize(("path", "who", "fields", "expected"), GOOD)
def test_a_form_becomes_an_event(maker: Visitor, store: Store, path, who, fields, expected) -> None:
    answer = maker.submit(action(who, path), **fields)
    assert answer.status_code == 303, text(answer.text)
    assert answer.headers["location"].startswith(f"{LIST}?bij={who}&melding=")
    assert answer.headers["location"].endswith(f"#t-{who}")
    (event,) = decided(store)
    kept = event.model_dump(mode="json", exclude={"event_id"})
    assert kept == {
        "occurred_at": "2026-01-12T09:00:00Z", "vacancy_id": "v-1", "talent_id": who, "shortlist_id": "s-1",
        "extra": {"by": maker.user.user_id}, **expected,
    }  # fmt: skip
    after = maker.get(answer.headers["location"])
    # said at the top, and again where the address leads
    assert 'role="status"' in after.text
    assert len(re.findall(r'<p class="done-here"', after.text)) == 1


WRONG = [
    ("afwijzen", {"wie": "", "reden": "Te ver"}, "Kies wie er nee zei."),
    ("afwijzen", {"wie": "buurvrouw", "reden": "Te ver"}, "Kies wie er nee zei."),
    ("afwijzen", {"wie": "matchmaker", "reden": "   "}, "Schrijf op waarom."),
    ("afwijzen", {"wie": "talent", "reden": "a" * 2001}, "Maak de tekst korter dan 2.000 tekens."),
    ("notitie", {"notitie": ""}, "Schrijf eerst een notitie."),
    ("notitie", {}, "Schrijf eerst een notitie."),
    ("volgorde", {"plek": "", "reden": "Kan morgen"}, "Vul een plek in van 1 tot en met 5."),
    ("volgorde", {"plek": "0", "reden": "Kan morgen"}, "Vul een plek in van 1 tot en met 5."),
    ("volgorde", {"plek": "6", "reden": "Kan morgen"}, "Vul een plek in van 1 tot en met 5."),
    ("volgorde", {"plek": "nan", "reden": "Kan morgen"}, "Vul een plek in van 1 tot en met 5."),
    ("volgorde", {"plek": "2", "reden": "Kan morgen"}, "Kies een andere plek dan 2."),
    ("volgorde", {"plek": "2,5", "reden": "Kan morgen"}, "Vul een plek in van 1 tot en met 5."),
    ("volgorde", {"plek": "1", "reden": ""}, "Schrijf op waarom."),
    ("geplaatst", CONTRACT | {"start": ""}, "Vul een datum in, zoals 31-01-2027."),
    ("geplaatst", CONTRACT | {"start": "31-02-2026"}, "Vul een datum in, zoals 31-01-2027."),
    ("geplaatst", CONTRACT | {"start": "2028-01-01"}, "Kijk de datum na."),
    ("geplaatst", CONTRACT | {"uren": "0"}, "Vul de uren in, van 1 tot en met 60."),
    ("geplaatst", CONTRACT | {"uren": "veel"}, "Vul de uren in, van 1 tot en met 60."),
    ("geplaatst", CONTRACT | {"einde": "2026-02-02"}, "De laatste dag moet na de eerste werkdag liggen."),
    ("hulp", {"hulp": "geld"}, "Kies welke hulp je geeft."),
]


@pytest.mark.parametrize(("path", "fields", "message"), WRONG)
def test_what_is_filled_in_wrong_comes_back(maker: Visitor, store: Store, path, fields, message) -> None:
    answer = maker.submit(action("bert", path), zeker="ja", **fields)
    assert answer.status_code == 422
    assert not decided(store)
    summary = re.search(r'<section class="notice notice--error".*?</section>', answer.text, flags=re.DOTALL)
    assert summary is not None
    assert message in text(summary[0])
    (link,) = set(re.findall(r'href="#([^"]+)"', summary[0]))
    assert f'id="{link}"' in answer.text  # leads to the field
    kept = form_on(answer.text, action("bert", path))
    for name, value in fields.items():
        if value and name not in {"wie", "hulp"}:  # a list cannot hold what is not in it
            assert kept[name] == [value.strip() or value], "what was typed stays"
    opened = re.findall(r'<details class="choice"[^>]* open>', answer.text)
    assert len(opened) == 1


@pytest.mark.parametrize(("path", "who", "fields", "_expected"), GOOD)
def test_the_same_form_twice_is_one_event(
    maker: Visitor, store: Store, clock: Clock, path, who, fields, _expected
) -> None:
    first = maker.submit(action(who, path), once="f" * 32, **fields)
    clock.turn(seconds=3)
    again = maker.submit(action(who, path), once="f" * 32, **fields)
    assert (first.status_code, again.status_code) == (303, 303)
    assert again.headers["location"] == first.headers["location"]
    assert len(decided(store)) == 1


def test_another_note_on_the_same_form_is_another_event(maker: Visitor, store: Store, clock: Clock) -> None:
    """Back in the browser, the words changed, sent again: the one-time id is old, the note is not."""
    for note in ("Belt maandag", "Belt dinsdag"):
        assert maker.submit(action("eva", "notitie"), once="f" * 32, notitie=note).status_code == 303
        clock.turn(minutes=1)
    assert [event.text for event in decided(store)] == ["Belt maandag", "Belt dinsdag"]  # type: ignore[union-attr]


def test_two_people_with_the_same_one_time_id_do_not_hide_each_other(
    maker: Visitor, store: Store, signed_in: Callable[..., Visitor]
) -> None:
    other = signed_in("matchmaker")
    for visitor in (maker, other):
        visitor.submit(action("eva", "notitie"), once="f" * 32, notitie="Belt maandag")
    assert {event.extra["by"] for event in decided(store)} == {maker.user.user_id, other.user.user_id}


def test_nobody_is_proposed_twice_and_the_message_says_what_to_do(maker: Visitor, store: Store) -> None:
    assert maker.submit(action("anna", "voorstellen")).status_code == 303
    page = maker.get(LIST).text
    assert f'action="{action("anna", "voorstellen")}"' not in page
    for sure in ({}, {"zeker": "ja"}):  # an old window of the browser; being sure does not help
        again = maker.submit(action("anna", "voorstellen"), **sure)
        assert again.status_code == 422
        assert "Deze persoon is al voorgesteld. Leg nu een gesprek, een plaatsing of een nee vast." in text(again.text)
    assert len(decided(store)) == 1


@pytest.mark.parametrize(
    ("before", "path", "fields", "question"),
    [
        ([], "geplaatst", CONTRACT, "Deze persoon is nog niet voorgesteld."),
        ([], "gesprek", {}, "Deze persoon is nog niet voorgesteld."),
        ([("declined", {"by": "talent"})], "voorstellen", {}, "Hier staat nu een nee."),
    ],
)
def test_the_unusual_is_asked_once_and_then_done(maker: Visitor, store: Store, before, path, fields, question) -> None:
    for kind, more in before:
        tell(store, kind, "bert", **more)
    asked = maker.submit(action("bert", path), **fields)
    assert asked.status_code == 422
    assert question in text(asked.text)
    assert 'id="bert-' + path + '-zeker"' in asked.text
    assert len(decided(store)) == len(before)
    form = form_on(asked.text, action("bert", path))
    for name, value in fields.items():
        assert form[name] == [value]
    sent = {name: values[0] for name, values in form.items()} | {"zeker": "ja"}
    assert maker.post(action("bert", path), data=sent).status_code == 303
    assert len(decided(store)) == len(before) + 1


def test_whoever_works_there_is_for_aftercare(maker: Visitor, store: Store) -> None:
    tell(store, "placed", "bert", starts_on="2026-01-05", contract_hours_per_week=32)
    for path, fields in (("voorstellen", {}), ("afwijzen", {"wie": "employer"}), ("geplaatst", CONTRACT)):
        answer = maker.submit(action("bert", path), zeker="ja", **fields)
        assert answer.status_code == 422
        assert "Deze persoon werkt hier al. Is het gestopt? Leg dat vast bij Nazorg." in text(answer.text)
        assert f'action="{action("bert", path)}"' not in maker.get(LIST).text
    assert len(decided(store)) == 1


def test_a_closed_or_full_vacancy_is_asked_about(maker: Visitor, store: Store) -> None:
    for who in ("anna", "cem"):
        tell(store, "placed", who, starts_on="2026-01-05", contract_hours_per_week=32)
    tell(store, "proposed", "bert")
    full = maker.submit(action("bert", "geplaatst"), **CONTRACT)
    assert "Alle plekken van deze vacature zijn al vervuld." in text(full.text)
    closed = VACANCY.model_copy(update={"status": VacancyStatus.FILLED, "updated_at": NOW})
    store.put_vacancies([closed], now=NOW)
    assert "Deze vacature staat niet meer open." in text(maker.submit(action("dina", "voorstellen")).text)
    assert maker.submit(action("dina", "voorstellen"), zeker="ja").status_code == 303


def test_filters_stay_after_a_decision_and_lead_nowhere_else(maker: Visitor) -> None:
    answer = maker.submit(action("anna", "voorstellen"), filters="km=10&route=back_to_work")
    assert answer.headers["location"].startswith(f"{LIST}?km=10&route=back_to_work&bij=anna&melding=")
    for evil in ("https://evil.example", "//evil.example", "km=1#x&melding=login.done.left", "km=1\r\nSet-Cookie: a=b"):
        answer = maker.submit(action("eva", "notitie"), notitie=evil[:20], filters=evil)
        location = answer.headers["location"]
        assert re.fullmatch(rf"{LIST}\?(km=1&)?bij=eva&melding=decisions\.done\.note#t-eva", location), location
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("who", ["nobody", "fred"])
def test_who_is_not_on_the_list_cannot_be_moved_on_it(maker: Visitor, store: Store, who: str) -> None:
    assert maker.submit(action(who, "volgorde"), plek="1", reden="Kan morgen").status_code == 404
    assert not decided(store)


def test_nothing_is_decided_about_a_stranger_or_an_erased_person(maker: Visitor, store: Store) -> None:
    assert maker.submit(action("stranger", "notitie"), notitie="Hallo").status_code == 404
    store.erase("anna", now=NOW)
    assert maker.submit(action("anna", "voorstellen")).status_code == 404
    assert not decided(store)


def test_a_move_is_measured_on_the_order_that_she_sees(maker: Visitor, clock: Clock) -> None:
    maker.submit(action("eva", "volgorde"), plek="1", reden="Kan morgen")
    clock.turn(minutes=1)
    # eva anna bert cem dina: bert stands third now
    same = maker.submit(action("bert", "volgorde"), plek="3", reden="Laat maar")
    assert "Kies een andere plek dan 3." in text(same.text)
    assert maker.submit(action("bert", "volgorde"), plek="2", reden="Kent de baas").status_code == 303
    names = re.findall(r'<article class="card person[^"]*" id="t-(\w+)"', maker.get(LIST).text)
    assert names == ["eva", "bert", "anna", "cem", "dina", "fred"]


def test_every_form_of_the_page_can_be_sent_as_it_stands(maker: Visitor) -> None:
    """A form whose fields the page does not name would be refused for good."""
    html = maker.get(LIST).text
    for path, who, fields, _ in GOOD:
        form = {name: values[0] for name, values in form_on(html, action(who, path)).items()}
        assert set(fields) - {"zeker"} <= set(form), path
        assert form["csrf"] == maker.csrf
        assert re.fullmatch("[0-9a-f]{32}", form["once"])


def test_other_pages_write_their_decisions_in_the_same_way(maker: Visitor, store: Store, app, clock: Clock) -> None:
    """As aftercare does: the same answer twice is one event, another answer another."""
    user = User(user_id="u-1", name="m", display_name="M", role=Role.MATCHMAKER, created_at=NOW)

    class Parts:
        def __init__(self) -> None:
            self.store, self.clock = store, clock

    def answer(*, works: bool) -> PutOutcome:
        clock.turn(minutes=1)
        return record(
            Parts(),  # type: ignore[arg-type]
            user,
            EventKind.CHECKPOINT,
            About("v-1", "anna"),
            once="a" * 32,
            moment=CheckpointMoment.FIRST_DAY,
            still_working=works,
        )

    assert [answer(works=True), answer(works=True), answer(works=False)] == [
        PutOutcome.CREATED, PutOutcome.UNCHANGED, PutOutcome.CREATED,
    ]  # fmt: skip
    first, second = decided(store)
    assert (first.kind, first.rank, first.shortlist_id) == (EventKind.CHECKPOINT, None, None)
    assert first.extra == second.extra == {"by": "u-1"}


def test_dates_of_an_event_are_dates(maker: Visitor, store: Store) -> None:
    maker.submit(action("dina", "geplaatst"), zeker="ja", **CONTRACT)
    (placed,) = decided(store)
    assert placed.starts_on == date(2026, 2, 2)  # type: ignore[union-attr]
