"""What a shortlist's pages say, against a list made by hand."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from desk_client import NOW, Clock, Visitor
from shortlist_home import LIST, SHORTLIST, VACANCY, Courses, fill

from core.records import EVENT_ADAPTER
from core.store import Store
from core.vocabulary import EventKind, VacancyStatus

UNSURE = "midden onzeker: weinig ervaring met zulke plaatsingen, kan ook laag of hoog zijn"
PEOPLE = ["anna", "bert", "cem", "dina", "eva"]


@pytest.fixture
def ranking() -> Courses:
    return Courses()


@pytest.fixture
def maker(store: Store, signed_in: Callable[..., Visitor]) -> Visitor:
    fill(store)
    return signed_in("matchmaker")


def text(html: str) -> str:
    """What a reader reads, in one line."""
    bare = re.sub(r"<script.*?</script>|<style.*?</style>|<title>.*?</title>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())


def cards(html: str) -> dict[str, str]:
    """The card of each person, by id, in the order of the page."""
    parts = re.findall(r'<article class="card person[^"]*" id="t-(\w+)".*?</article>', html, flags=re.DOTALL)
    whole = re.findall(r'(<article class="card person[^"]*" id="t-\w+".*?</article>)', html, flags=re.DOTALL)
    return dict(zip(parts, whole, strict=True))


def tell(store: Store, kind: str, who: str, minute: int = 0, **fields: object) -> None:
    event = {
        "event_id": f"{kind}-{who}-{minute}", "kind": kind, "occurred_at": NOW + timedelta(minutes=minute - 60),
        "vacancy_id": "v-1", "talent_id": who, "shortlist_id": "s-1", **fields,
    }  # fmt: skip
    store.put_events([EVENT_ADAPTER.validate_python(event)], now=NOW)


def test_everybody_stands_on_the_page_in_the_order_of_the_list(maker: Visitor) -> None:
    page = maker.get(LIST)
    assert page.status_code == 200
    assert list(cards(page.text)) == [*PEOPLE, "fred"]
    assert "Shortlist: Heftruckchauffeur" in text(page.text)
    assert "Haven & Zoon" in text(page.text)
    assert "32–36 uur per week" in text(page.text)
    assert "Gezocht onder 1.234 mensen" in text(page.text)
    assert str(SHORTLIST.notice) in text(page.text)
    for version in ("s-1", "7", "taal-3", "reg-9"):  # for replay
        assert f"<code>{version}</code>" in page.text


def test_own_words_stand_beside_what_is_asked_and_how_well_they_fit(maker: Visitor) -> None:
    anna = text(cards(maker.get(LIST).text)["anna"])
    assert "Ik rij al jaren op de heftruck & dat doe ik graag." in anna
    assert "heftruck rijden ik rij op de heftruck past goed" in anna
    assert "orders verzamelen pakjes sorteren past redelijk" in anna
    assert "Kan: heftruck rijden" in anna


def test_what_misses_stands_with_its_bridge_and_the_courses_for_it(maker: Visitor) -> None:
    found = cards(maker.get(LIST).text)
    assert "Met een cursus: certificaat VCA" in text(found["anna"])
    assert "Voor certificaat VCA VCA in een dag van Havenschool Geeft precies dit." in text(found["anna"])
    assert 'href="https://havenschool.example/vca"' in found["anna"]
    assert "Leert de werkgever op het werk: heftruck rijden" in text(found["bert"])
    assert "Nog geen weg gevonden: opleiding: niveau 3" in text(found["bert"])
    assert "Havenschool" not in text(found["bert"])
    assert "Er mist niets wat we weten." in text(found["cem"])


def test_what_is_unknown_is_a_question_to_ask(maker: Visitor) -> None:
    found = cards(maker.get(LIST).text)
    assert "Hoe goed spreek je Nederlands?" in text(found["anna"])
    for question in (
        "Hoeveel uur wil je werken? De baan is 32 tot 36 uur.",
        "Waar woon je?",
        "Wanneer kun je beginnen? De baan start op 2 maart 2026.",
    ):
        assert question in text(found["cem"])
    assert "Alles wat de vacature vraagt, is bekend." in text(found["bert"])


def test_the_chance_is_a_band_with_its_uncertainty_and_never_a_figure(maker: Visitor) -> None:
    page = maker.get(LIST).text
    found = cards(page)
    assert "Kans om te blijven hoog vrij zeker Reizen" in text(found["anna"])
    assert f"{UNSURE} Reizen" in text(found["bert"])
    assert "laag redelijk zeker Reizen" in text(found["cem"])
    assert "Kans om te blijven nog niet te schatten" in text(found["eva"])
    assert "%" not in text(page)
    for figure in ("0.873", "0,873", "87", "0.842", "63", "0.91", "0,91", "0.4", "0,4", "similarity", "retention"):
        assert figure not in text(page), figure


def test_travel_and_hours_by_what_is_known(maker: Visitor) -> None:
    found = {who: text(card) for who, card in cards(maker.get(LIST).text).items()}
    # By hand: 3.84 km × 1.3 / 15 km/h = 20 min, and 2 to park the bicycle.
    assert "Reizen 3,8 km ongeveer 22 minuten (fiets), wil tot 15 km Uren past wil 24–32 uur" in found["anna"]
    assert "Uren meer dan gewenst wil 24 uur" in found["bert"]
    assert "Reizen afstand onbekend Uren onbekend" in found["cem"]
    assert "30 km vervoer onbekend" in found["eva"]
    assert "zoekt nu geen werk" in found["dina"]
    assert "zoekt nu geen werk" not in found["eva"]


def test_why_one_stands_above_the_next(maker: Visitor) -> None:
    found = {who: text(card) for who, card in cards(maker.get(LIST).text).items()}
    assert "Waarom boven bert?" in found["anna"]
    why = found["anna"].split("Waarom boven bert?")[1]
    assert "Alleen bij anna + plus: Woont dichtbij: 3,8 kilometer. + plus: Zoekt dit." in why
    assert "Alleen bij bert − min: Woont verder weg: 14 kilometer. + plus: Kan orders pakken." in why
    assert "Waarom boven dina? Loting bepaalde deze plek." in found["cem"]
    assert "bij loting erbij gezet" in found["dina"]
    assert "Dit is de laatste van de lijst." in found["eva"]
    assert "Waarom boven" not in found["fred"]


def test_a_near_miss_says_what_blocks_and_what_would_help(maker: Visitor) -> None:
    fred = text(cards(maker.get(LIST).text)["fred"])
    assert "Wil 20 uur, de baan is 32 tot 36 uur." in fred
    assert "andere hulp: Met de werkgever praten over andere uren." in fred
    assert "Geef een andere plek" not in fred


def test_peoples_words_are_text_and_never_markup(maker: Visitor, store: Store) -> None:
    tell(store, "noted", "anna", text="<img src=x onerror=alert(2)>")
    page = maker.get(LIST).text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "<script>alert(1)</script>" in unescape(cards(page)["dina"])
    assert "<img src=x onerror=alert(2)>" in unescape(cards(page)["anna"])


def test_where_people_stand_and_what_was_written_stands_with_them(maker: Visitor, store: Store) -> None:
    tell(store, "proposed", "anna")
    tell(store, "declined", "bert", by="employer", reason="Te weinig uren")
    tell(store, "noted", "cem", text="Belt maandag terug", extra={"by": maker.user.user_id})
    tell(store, "noted", "cem", 1, text="Heeft gebeld", extra={"by": "u-someone"})
    tell(store, "support", "cem", support="travel", note="Leenfiets")
    found = {who: text(card) for who, card in cards(maker.get(LIST).text).items()}
    assert "voorgesteld, 12 jan 2026" in found["anna"]
    assert "nee van de werkgever, 12 jan 2026" in found["bert"]
    assert "Te weinig uren" in found["bert"]
    assert "Belt maandag terug Jij, 12 jan 2026 Heeft gebeld Een collega, 12 jan 2026" in found["cem"]
    assert "reiskosten: Leenfiets" in found["cem"]
    assert "Stel voor" not in found["anna"]
    assert "Stel opnieuw voor" in found["bert"]


def test_a_colleague_is_named(maker: Visitor, store: Store, signed_in: Callable[..., Visitor]) -> None:
    other = signed_in("matchmaker")
    tell(store, "noted", "cem", text="Belt terug", extra={"by": other.user.user_id})
    assert f"Belt terug {other.user.display_name}, 12 jan 2026" in text(cards(maker.get(LIST).text)["cem"])


def test_her_order_is_shown_with_what_the_list_said_one_click_away(maker: Visitor, store: Store) -> None:
    tell(store, "overruled", "eva", 0, rank=1, reason="Kan morgen beginnen", extra={"by": maker.user.user_id})
    tell(store, "overruled", "cem", 1, rank=2, reason="Kent de baas", shortlist_id="another")
    page = maker.get(LIST)
    assert list(cards(page.text)) == ["eva", "anna", "bert", "cem", "dina", "fred"]
    eva = text(cards(page.text)["eva"])
    assert "Jij zette deze persoon op plek 1. De lijst zei 5. Reden: Kan morgen beginnen" in eva
    assert "op de lijst plek 5" in eva
    assert f'href="{LIST}?volgorde=lijst"' in page.text
    as_listed = maker.get(f"{LIST}?volgorde=lijst")
    assert list(cards(as_listed.text)) == [*PEOPLE, "fred"]
    assert "op de lijst plek" not in text(as_listed.text)
    assert f'href="{LIST}"' in as_listed.text


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("km=10", ["anna", "cem", "dina"]),  # unknown is not no: cem stays
        ("km=3,84", ["anna", "cem", "dina"]),
        ("km=3.8", ["cem", "dina"]),
        ("uren=30", ["anna", "cem", "dina", "eva"]),  # bert wants 24 at most
        ("route=back_to_work", ["anna", "cem"]),
        ("compleet=ja", ["cem", "dina"]),
        ("nieuw=ja", ["bert", "cem", "eva"]),
        ("zonder_nee=ja", ["anna", "bert", "cem", "eva"]),
        ("km=20&compleet=ja&zonder_nee=ja", ["cem"]),
        ("km=0&compleet=ja&nieuw=ja&route=work_to_work", []),
        ("km=veel", PEOPLE),
        ("route=nergens", PEOPLE),
    ],
)
def test_filters_leave_people_out_and_keep_the_order(maker: Visitor, store: Store, query: str, kept: list[str]) -> None:
    tell(store, "proposed", "anna")
    tell(store, "declined", "dina", by="talent")
    page = maker.get(f"{LIST}?{query}")
    assert page.status_code == 200
    assert [who for who in cards(page.text) if who != "fred"] == kept
    if not kept:
        assert "Niemand past bij wat je hebt gekozen." in text(page.text)


def test_a_filtered_list_says_both_places(maker: Visitor) -> None:
    found = {who: text(card) for who, card in cards(maker.get(f"{LIST}?compleet=ja").text).items()}
    assert found["cem"].startswith("1 Plek 1: cem op de lijst plek 3")
    assert found["dina"].startswith("2 Plek 2: dina op de lijst plek 4")


def test_a_filter_that_cannot_be_read_says_what_to_do(maker: Visitor) -> None:
    page = maker.get(f"{LIST}?km=veel&uren=30")
    assert "Vul een aantal km in, zoals 15." in text(page.text)
    assert 'aria-invalid="true"' in page.text


def test_filters_go_along_to_paper_table_and_forms(maker: Visitor) -> None:
    page = maker.get(f"{LIST}?km=10&nieuw=ja").text
    assert f'href="{LIST}/print?km=10&amp;nieuw=ja"' in page
    assert f'href="{LIST}.csv?km=10&amp;nieuw=ja"' in page
    assert 'name="filters" value="km=10&amp;nieuw=ja"' in page


def test_opening_tells_once_who_was_shown_and_where(maker: Visitor, store: Store, clock: Clock) -> None:
    maker.get(LIST)
    clock.turn(days=1)
    maker.get(f"{LIST}?km=1")
    shown = [event for event in store.iter_events() if event.kind is EventKind.SHOWN]
    assert [(event.talent_id, event.rank) for event in sorted(shown, key=lambda event: event.rank)] == [
        ("anna", 1), ("bert", 2), ("cem", 3), ("dina", 4), ("eva", 5),
    ]  # fmt: skip
    assert {(event.occurred_at, event.vacancy_id, event.shortlist_id) for event in shown} == {(NOW, "v-1", "s-1")}
    assert {event.extra["by"] for event in shown} == {maker.user.user_id}


def test_an_old_or_overtaken_list_offers_a_new_one(maker: Visitor, store: Store, clock: Clock) -> None:
    offer = 'action="/vacatures/v-1/shortlist"'
    assert offer not in maker.get(LIST).text
    store.put_vacancies([VACANCY.model_copy(update={"hours_min": 24.0, "updated_at": NOW})], now=NOW)
    changed = maker.get(LIST).text
    assert offer in changed
    assert "De vacature is veranderd" in text(changed)
    assert "32–36 uur per week" in text(changed)  # what was asked then stays


def test_a_closed_vacancy_is_said_and_offers_no_new_list(maker: Visitor, store: Store) -> None:
    store.put_vacancies([VACANCY.model_copy(update={"status": VacancyStatus.FILLED, "updated_at": NOW})], now=NOW)
    page = maker.get(LIST).text
    assert "Deze vacature staat niet meer open (vervuld)." in text(page)
    assert 'action="/vacatures/v-1/shortlist"' not in page


def test_without_an_index_the_list_can_still_be_read(
    store: Store, maker: Visitor, ranking: Courses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Courses, "courses_for")  # what is left raises, as before the first index
    page = maker.get(LIST)
    assert page.status_code == 200
    assert "certificaat VCA" in text(page.text)
    assert "Havenschool" not in page.text


def test_an_erased_person_is_gone_from_the_page_and_the_others_keep_their_place(maker: Visitor, store: Store) -> None:
    store.erase("bert", now=NOW)
    page = maker.get(LIST)
    found = cards(page.text)
    assert list(found) == ["anna", "cem", "dina", "eva", "fred"]
    assert "bert" not in page.text
    assert "op de lijst plek 3" in text(found["cem"])
    assert maker.get(f"{LIST}/vergelijk?a=anna&b=bert").status_code == 404


def test_a_list_that_is_not_there_is_said(maker: Visitor) -> None:
    for path in (
        "/shortlists/s-404",
        "/shortlists/s-404.csv",
        "/shortlists/s-404/print",
        "/shortlists/s-404/vergelijk",
    ):
        assert maker.get(path).status_code == 404, path


def test_two_people_side_by_side_on_every_point(maker: Visitor) -> None:
    for query in ("a=anna&b=bert", "wie=anna&wie=bert"):
        page = maker.get(f"{LIST}/vergelijk?{query}")
        assert page.status_code == 200
        rows = [text(row) for row in re.findall(r"<tr>(.*?)</tr>", page.text, flags=re.DOTALL)]
        for row in (
            "Plek op de lijst 1 2",
            f"Kans om te blijven hoog vrij zeker {UNSURE}",
            "Gevraagd: heftruck rijden ik rij op de heftruck past goed − Leert de werkgever op het werk",
            "Gevraagd: orders verzamelen pakjes sorteren past redelijk staat niet in het verhaal",
            "Gevraagd: VCA − Met een cursus staat niet in het verhaal",
            "Wat ertegen pleit niets − min: Woont verder weg: 14 kilometer.",
        ):  # fmt: skip
            assert row in rows
        # in the order of the vacancy: papers, then skills
        asked = [row.split(":")[1].split()[0] for row in rows if row.startswith("Gevraagd:")]
        assert asked == ["VCA", "heftruck", "orders", "niveau"]


def test_a_near_miss_can_be_compared_too(maker: Visitor) -> None:
    page = text(maker.get(f"{LIST}/vergelijk?a=fred&b=anna").text)
    assert "Plek op de lijst net niet op de lijst 1" in page
    assert "Wil 20 uur, de baan is 32 tot 36 uur." in page


@pytest.mark.parametrize("query", ["", "?a=anna", "?a=anna&b=anna", "?wie=anna&wie=bert&wie=cem"])
def test_not_two_people_is_explained(maker: Visitor, query: str) -> None:
    page = maker.get(f"{LIST}/vergelijk{query}")
    assert page.status_code == 200
    assert "Kies twee mensen" in text(page.text)


def test_paper_says_everything_and_asks_nothing(maker: Visitor) -> None:
    page = maker.get(f"{LIST}/print").text
    main = page.split("<main")[1].split("</main>")[0]
    for said in ("ik rij op de heftruck", "certificaat VCA", "Hoe goed spreek je Nederlands?", "Vertrouwelijk", "fred"):
        assert said in text(main)
    assert "<form" not in main
    assert "<button" not in main


def rows_of(answer: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.removeprefix("\ufeff")), delimiter=";"))


def test_the_table_opens_in_a_dutch_spreadsheet(maker: Visitor) -> None:
    answer = maker.get(f"{LIST}.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="shortlist-s-1.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbfSoort;Plek;Plek op de lijst;Talent;")
    rows = rows_of(answer.content.decode())
    assert [row["Talent"] for row in rows] == [*PEOPLE, "fred"]
    anna, bert = rows[:2]
    assert (anna["Afstand in km"], anna["Gewenste uren"], anna["Uren passen"]) == ("3,8", "24 tot 32", "past")
    assert (anna["Kans om te blijven"], anna["Hoe zeker"]) == ("hoog", "vrij zeker")
    assert anna["Wat mist"] == "Met een cursus: certificaat VCA"
    assert anna["Nog vragen"] == "Hoe goed spreek je Nederlands?"
    assert bert["Wat ertegen pleit"] == "Woont verder weg: 14 kilometer."
    assert (rows[-1]["Soort"], rows[-1]["Plek"]) == ("net niet", "")
    assert rows[3]["Door loting"] == "ja"


def test_the_table_takes_the_filters_and_her_order(maker: Visitor, store: Store) -> None:
    tell(store, "overruled", "cem", rank=1, reason="Kan morgen")
    rows = rows_of(maker.get(f"{LIST}.csv?km=10").content.decode())
    assert [(row["Talent"], row["Plek"], row["Plek op de lijst"]) for row in rows[:3]] == [
        ("cem", "1", "3"), ("anna", "2", "1"), ("dina", "3", "4"),
    ]  # fmt: skip


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n="])
def test_no_cell_is_a_command(maker: Visitor, store: Store, start: str) -> None:
    formula = f'{start}HYPERLINK("http://x";"y")'
    tell(store, "noted", "anna", text=f"a{formula}")
    tell(store, "noted", "bert", text=formula)
    notes = {row["Talent"]: row["Notities"] for row in rows_of(maker.get(f"{LIST}.csv").content.decode())}
    assert notes["anna"] == f"a{formula}"  # only at the start of a cell is it a command
    assert notes["bert"].startswith("'")


def test_many_people_are_turned_over_page_by_page(store: Store, signed_in: Callable[..., Visitor]) -> None:
    fill(store)
    first = SHORTLIST.entries[4]
    many = [first.model_copy(update={"rank": place, "talent_id": f"p{place:02}"}) for place in range(1, 61)]
    store.save_shortlist(SHORTLIST.model_copy(update={"shortlist_id": "s-60", "entries": many}), {})
    maker = signed_in("matchmaker")
    seen = []
    for number, n_people in ((1, 25), (2, 25), (3, 10), (4, 0)):
        page = maker.get(f"/shortlists/s-60?pagina={number}").text
        people = [who for who in cards(page) if who != "fred"]
        assert len(people) == n_people
        assert ('rel="next"' in page, 'rel="prev"' in page) == (number in {1, 2}, n_people > 0 and number > 1)
        seen += people
    assert seen == [f"p{place:02}" for place in range(1, 61)]
    assert len(rows_of(maker.get("/shortlists/s-60.csv").content.decode())) == 61
