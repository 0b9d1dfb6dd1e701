"""The pages of vacancies through the real application, judged by what was put into the store and into the form."""

import html
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from desk_client import NOW, Clock, NoRanking, Visitor
from form_reader import form_on

from core.records import EVENT_ADAPTER, Language, Location, Place, Talent, Vacancy
from core.settings import Settings
from core.store import Store
from core.vocabulary import Transport, VacancyStatus
from embeddings.fakes import BagOfWordsEncoder
from embeddings.indexer import update_index
from ranking.matcher import Matcher

SignedIn = Callable[..., Visitor]
NEW = "/vacatures/nieuw"
TEXT = """Magazijnmedewerker gezocht!
Wij zijn een groothandel in Schiedam en zoeken per direct twee magazijnmedewerkers voor 32 tot 38 uur per week.
Je verzamelt orders en telt de voorraad. Rijbewijs B is vereist. VCA. Je werkt in wisselende diensten.
Je spreekt goed Nederlands. Wij leren je heftruck rijden."""
# Everything that a form of a vacancy can hold.
WHOLE = {
    "vacancy_id": "v-whole", "title": "Lasser", "occupation": "constructielasser", "description": "Je last hekken.",
    "employer": {"employer_id": "w7", "name": "Staal & Zonen"}, "sector": "25.11",
    "skills_required": ["lassen", "meten"], "skills_desired": ["tekening lezen"],
    "behaviours": [{"code": 24105}, {"code": 24116}], "education_level_min": 3,
    "certificates_required": ["VCA", "MIG/MAG niveau 2"], "licences_required": ["B", "B96"],
    "languages_required": [{"code": "nld", "spoken": 3, "written": 0}, {"code": "eng"}, {"code": "swa", "spoken": 2}],
    "location": {"postcode": "3111AB", "lat": 51.9, "lon": 4.4}, "hours_min": 32.5, "hours_max": 40,
    "irregular_hours": False, "transport_required": ["car", "moped"], "starts_on": "2026-02-01",
    "contract_ends_on": "2026-12-31", "training_offered": ["MIG/MAG niveau 3"], "positions": 2,
    "closes_on": "2026-03-01", "status": "open", "extra": {"source": "uwv"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def places(store: Store) -> None:
    towns = {"3111": "Schiedam", "3131": "Vlaardingen", "3132": "Vlaardingen", "3161": "Rhoon"}
    book = [
        Place(postcode=pc4, place=town, municipality="Albrandswaard" if town == "Rhoon" else town, lat=51.9, lon=4.4)
        for pc4, town in towns.items()
    ]
    store.put_places(book, now=NOW)


@pytest.fixture
def matcher(store: Store, settings: Settings, places: None) -> Iterator[Matcher]:
    """The real ranking, with an encoder that counts words."""
    store.put_talents(
        [
            Talent(talent_id="t-with", skills=["orders verzamelen"], licences=["B"], certificates=["VCA"]),
            Talent(talent_id="t-without", skills=["orders verzamelen"], licences=[], certificates=["VCA"]),
        ],
        now=NOW,
    )
    encoder = BagOfWordsEncoder()
    update_index(store, encoder, settings.index_dir)
    opened = Matcher.open(settings, store, encoder, lambda: None)
    yield opened
    opened.close()


@pytest.fixture
def ranking(request: pytest.FixtureRequest) -> object:
    """The real one for a test that asks for ``matcher``, else none."""
    if "matcher" in request.fixturenames:
        return request.getfixturevalue("matcher")
    return NoRanking()


def put(store: Store, *fields: dict[str, object]) -> None:
    store.put_vacancies([Vacancy.model_validate({"title": "Kok"} | one) for one in fields], now=NOW)


def happen(store: Store, *told: tuple[str, str, str]) -> None:
    """Events on vacancies: kind, vacancy, talent; an hour before now."""
    placed = {"starts_on": "2026-01-05", "contract_hours_per_week": 32}
    extra = {"placed": placed, "shown": {"rank": 1}, "declined": {"by": "employer"}}
    store.put_events(
        [
            EVENT_ADAPTER.validate_python(
                {
                    "event_id": f"e{number}", "kind": kind, "vacancy_id": vacancy_id, "talent_id": talent_id,
                    "occurred_at": NOW - timedelta(hours=1, seconds=-number), **extra.get(kind, {}),
                }
            )
            for number, (kind, vacancy_id, talent_id) in enumerate(told)
        ],
        now=NOW,
    )  # fmt: skip


def listed(page: str) -> list[str]:
    """Ids of the vacancies in the table, in order."""
    return re.findall(r'scope="row"[^>]*><a href="/vacatures/([^"]+)"', page)


def cells(page: str, vacancy_id: str) -> str:
    """The words of a row."""
    row = re.search(rf'<tr>\s*<th[^>]*><a href="/vacatures/{vacancy_id}".*?</tr>', page, re.DOTALL)
    assert row, f"{vacancy_id} is not in the list"
    return words(row[0])


def words(page: str) -> str:
    """A page without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


class TestList:
    def test_open_vacancies_oldest_first_with_their_people(self, store: Store, signed_in: SignedIn) -> None:
        put(
            store,
            {"vacancy_id": "a", "updated_at": NOW - timedelta(days=22), "title": "Lasser", "positions": 3,
             "employer": {"name": "Staal & Zonen"}, "location": {"postcode": "3111AB"}, "sector": "25.11"},
            {"vacancy_id": "b", "updated_at": NOW - timedelta(days=40), "closes_on": date(2026, 2, 1)},
            {"vacancy_id": "c", "updated_at": NOW - timedelta(days=90), "closes_on": NOW.date() - timedelta(days=1)},
            {"vacancy_id": "d", "status": "filled"},
        )  # fmt: skip
        happen(store, ("proposed", "a", "t1"), ("proposed", "a", "t2"), ("placed", "a", "t2"), ("shown", "a", "t3"))
        page = signed_in("matchmaker").get("/vacatures").text
        assert listed(page) == ["b", "a"]
        row = cells(page, "a")
        for told in (
            "Lasser",
            "Staal & Zonen",
            "industrie",
            "Schiedam",
            "3 weken open",
            "2",
            "1 van 3",
            "nog niet",
        ):
            assert told in row
        assert "5 weken open" in cells(page, "b")
        assert "1 feb 2026" in cells(page, "b")
        assert "2 vacatures gevonden" in words(page)

    def test_the_address_says_what_is_shown(self, store: Store, signed_in: SignedIn, matcher: Matcher) -> None:
        aged = [{"updated_at": NOW - timedelta(days=days)} for days in (9, 8, 7, 6, 5)]
        put(
            store,
            {"vacancy_id": "a", "title": "Lasser"} | aged[0],
            {"vacancy_id": "b", "employer": {"name": "Café Zee"}, "description": "Soep!", "sector": "56.10"} | aged[1],
            {"vacancy_id": "c", "location": {"postcode": "3161"}} | aged[2],
            {"vacancy_id": "d", "closes_on": "2026-01-11"} | aged[3],
            {"vacancy_id": "e", "status": "filled"} | aged[4],
        )
        matcher.shortlist(store.vacancy("a").record)
        reader = signed_in("data_scientist")
        for query, found in (
            ("zoek=LASSER", "a"),
            ("zoek=cafe+soep", "b"),
            ("sector=I", "b"),
            ("gemeente=Albrandswaard", "c"),
            ("status=verlopen", "d"),
            ("status=vervuld", "e"),
            ("status=alle&volgorde=nieuwste", "edcba"),
            ("volgorde=zonder-shortlist", "bca"),
            ("status=onzin&volgorde=onzin&sector=onzin&blad=onzin", "abc"),
            ("blad=%C2%B2&zoek=%00", "abc"),
            ("gemeente=Delft", ""),
        ):
            page = reader.get(f"/vacatures?{query}").text
            assert (query, "".join(listed(page))) == (query, found)
            assert ("Geen vacatures gevonden. Maak het filter leeg" in words(page)) is (not found)

    def test_the_filter_keeps_what_was_chosen(self, store: Store, signed_in: SignedIn) -> None:
        put(store, {"vacancy_id": "a", "sector": "56.10", "location": {"postcode": "3111"}, "status": "filled"})
        chosen = "zoek=kok&sector=I&gemeente=Schiedam&status=vervuld&volgorde=nieuwste"
        page = signed_in("matchmaker").get(f"/vacatures?{chosen}").text
        assert form_on(page, "/vacatures") == {
            "zoek": ["kok"], "sector": ["I"], "gemeente": ["Schiedam"], "status": ["vervuld"], "volgorde": ["nieuwste"],
        }  # fmt: skip

    def test_pages_of_25_lead_on_and_back(self, store: Store, signed_in: SignedIn) -> None:
        put(store, *({"vacancy_id": f"v{number:02d}", "sector": "56.10"} for number in range(60)))
        reader = signed_in("matchmaker")
        seen, address, n_pages = [], "/vacatures?zoek=kok&sector=I", 0
        while address:
            page = reader.get(address).text
            seen += listed(page)
            n_pages += 1
            onward = re.search(r'rel="next" href="([^"]+)"', page)
            address = html.unescape(onward[1]) if onward else ""
        assert seen == [f"v{number:02d}" for number in range(60)]
        assert n_pages == 3
        back = re.search(r'rel="prev" href="([^"]+)"', page)
        assert back
        assert html.unescape(back[1]) == "/vacatures?zoek=kok&sector=I&blad=2"
        assert listed(reader.get("/vacatures?blad=99").text) == seen[50:]

    def test_an_empty_desk_says_what_to_do(self, signed_in: SignedIn) -> None:
        page = words(signed_in("matchmaker").get("/vacatures").text)
        assert "Er zijn nog geen vacatures. Plak de tekst van je eerste vacature." in page


class TestNew:
    def read(self, visitor: Visitor, text: str = TEXT, employer: str = "Groothandel Vos") -> str:
        answer = visitor.submit(NEW, actie="lezen", employer=employer, description=text)
        assert answer.status_code == 200, answer.text
        return answer.text

    def test_every_proposal_stands_beside_its_words(self, signed_in: SignedIn) -> None:
        page = self.read(signed_in("matchmaker"))
        form = form_on(page, NEW)
        shown = {name: values for name, values in form.items() if values != [""] and name not in {"csrf", "once"}}
        assert shown == {
            "title": ["Magazijnmedewerker"], "employer": ["Groothandel Vos"], "positions": ["2"], "place": ["3111"],
            "hours_min": ["32"], "hours_max": ["38"], "irregular_hours": ["ja"], "starts_on": ["12-01-2026"],
            "skills_required": ["orders verzamelen\nvoorraad tellen"], "certificates_required": ["VCA"],
            "licences_required": ["B"], "language_0": ["nld"], "spoken_0": ["3"], "training_offered": ["heftruck"],
            "description": [TEXT],
        }  # fmt: skip
        said = words(page)
        for quote in (
            "voor 32 tot 38 uur per week staat er duidelijk",
            "12 januari 2026: …een groothandel in Schiedam en zoeken per direct",
            "per direct twee magazijnmedewerkers voor 32 tot… waarschijnlijk, kijk even",
            "B: Rijbewijs B is vereist staat er duidelijk",
            "VCA: VCA waarschijnlijk, kijk even",
            "orders verzamelen: Je verzamelt orders en telt de voorraad staat er duidelijk",
        ):
            assert quote in said
        assert "Kijk vooral even naar: begint op , plaats van het werk , certificaten die nodig zijn" in said

    @pytest.mark.usefixtures("matcher")
    def test_what_is_left_standing_is_kept_and_ranked(self, store: Store, signed_in: SignedIn) -> None:
        visitor = signed_in("matchmaker")
        form = form_on(self.read(visitor), NEW)
        answer = visitor.post(NEW, data=form | {"actie": "shortlist"})
        assert answer.status_code == 303
        shortlist = store.shortlist(answer.headers["location"].removeprefix("/shortlists/"))
        kept = store.vacancy(str(shortlist.vacancy_id)).record
        assert re.fullmatch(r"v-20260112-[0-9a-f]{8}", kept.vacancy_id)
        assert kept.employer.employer_id
        assert kept.model_dump(exclude_defaults=True, exclude={"vacancy_id", "updated_at", "extra"}) == {
            "title": "Magazijnmedewerker", "description": TEXT, "positions": 2, "text_checked": True,
            "employer": {"employer_id": kept.employer.employer_id, "name": "Groothandel Vos"},
            "location": {"postcode": "3111"}, "hours_min": 32, "hours_max": 38, "irregular_hours": True,
            "starts_on": date(2026, 1, 12), "skills_required": ["orders verzamelen", "voorraad tellen"],
            "certificates_required": ["VCA"], "licences_required": ["B"], "training_offered": ["heftruck"],
            "languages_required": [{"code": "nld", "spoken": 3}],
        }  # fmt: skip
        assert kept.extra == {"by": visitor.user.user_id}
        assert [entry.talent_id for entry in shortlist.entries] == ["t-with"]

    @pytest.mark.usefixtures("matcher")
    def test_what_she_takes_out_stays_out(self, store: Store, signed_in: SignedIn) -> None:
        """The text still says "Rijbewijs B is vereist": it must not keep anybody off the list any more."""
        visitor = signed_in("matchmaker")
        form = form_on(self.read(visitor), NEW)
        del form["licences_required"]
        answer = visitor.post(NEW, data=form | {"actie": "shortlist"})
        shortlist = store.shortlist(answer.headers["location"].removeprefix("/shortlists/"))
        assert store.vacancy(str(shortlist.vacancy_id)).record.licences_required == []
        assert {entry.talent_id for entry in shortlist.entries} == {"t-with", "t-without"}

    @pytest.mark.usefixtures("matcher")
    def test_kept_only(self, store: Store, signed_in: SignedIn) -> None:
        visitor = signed_in("matchmaker")
        form = form_on(self.read(visitor), NEW)
        answer = visitor.post(NEW, data=form | {"actie": "bewaren"})
        (line,) = store.desk.vacancies()
        assert answer.headers["location"].startswith(f"/vacatures/{line.vacancy_id}?")
        page = visitor.get(answer.headers["location"]).text
        assert "De vacature is opgeslagen." in words(page)
        assert "gelezen uit de tekst" not in page
        assert store.desk.with_shortlist() == set()

    def test_without_a_ranking_the_vacancy_is_kept_all_the_same(self, store: Store, signed_in: SignedIn) -> None:
        visitor = signed_in("matchmaker")
        form = form_on(self.read(visitor), NEW)
        answer = visitor.post(NEW, data=form | {"actie": "shortlist"})
        assert answer.status_code == 303
        assert len(store.desk.vacancies()) == 1
        assert "De shortlist lukt nu niet." in words(visitor.get(answer.headers["location"]).text)

    WRONG = (
        ({"title": ""}, "title", "Vul in hoe de functie heet."),
        ({"title": "x" * 121}, "title", "hoogstens 120 tekens"),
        ({"employer": " "}, "employer", "Vul de naam van de werkgever in."),
        ({"hours_min": "veel"}, "hours_min", "als getal van 0 tot 100"),
        ({"hours_max": "100,5"}, "hours_max", "als getal van 0 tot 100"),
        ({"hours_min": "38", "hours_max": "32"}, "hours_max", "minder dan het kleinste aantal uren"),
        ({"starts_on": "31-2-2026"}, "starts_on", "Vul een dag in zoals 15-1-2027."),
        ({"starts_on": "1-3-2026", "contract_ends_on": "1-2-2026"}, "contract_ends_on", "eindigt voor het begint"),
        ({"closes_on": "morgen"}, "closes_on", "Vul een dag in zoals 15-1-2027."),
        ({"place": "Vlaardingen"}, "place", "Deze plaats heeft meer postcodes."),
        ({"place": "Nergenshuizen"}, "place", "Deze plaats kennen we niet."),
        ({"positions": "2,5"}, "positions", "een heel getal in van 1 tot 1.000"),
        ({"positions": "0"}, "positions", "een heel getal in van 1 tot 1.000"),
        ({"positions": "²"}, "positions", "een heel getal in van 1 tot 1.000"),
        ({"skills_required": "goed\n" + "x" * 121}, "skills_required", "Regel 2 is te lang."),
        ({"skills_desired": "\n".join(f"punt {n}" for n in range(101))}, "skills_desired", "hoogstens 100"),
        ({"language_1": "nld"}, "language_1", "Deze taal staat er twee keer."),
        ({"spoken_1": "2"}, "language_1", "Kies welke taal dit is"),
        ({"language_1": "onzin"}, "language_0", "Dit kunnen we zo niet bewaren."),
        ({"description": "x" * 8_001}, "description", "De tekst is 1 tekens te lang."),
    )

    def test_what_is_wrong_is_told_and_nothing_typed_is_lost(self, store: Store, signed_in: SignedIn) -> None:
        visitor = signed_in("matchmaker")
        right = form_on(self.read(visitor), NEW)
        for typed, field, message in self.WRONG:
            sent = right | {name: [value] for name, value in typed.items()}
            answer = visitor.post(NEW, data=sent | {"actie": "shortlist"})
            assert (typed, answer.status_code) == (typed, 422)
            link = re.search(rf'<a href="#{field}">([^<]*)</a>', answer.text)
            assert link, f"the summary does not lead to {field}"
            assert message in link[1]
            assert f'id="{field}"' in answer.text
            assert f'id="{field}-error"' in answer.text
            again = form_on(answer.text, NEW)
            lost = {name for name in sent if name != "once" and sent[name] != again.get(name) and sent[name] != [" "]}
            assert (typed, lost) == (typed, set())
        assert store.desk.vacancies() == ()

    def test_step_one_asks_for_both(self, signed_in: SignedIn) -> None:
        visitor = signed_in("matchmaker")
        for employer, text, message in (
            ("", TEXT, "Vul de naam van de werkgever in."),
            ("Vos", " \r\n ", "Plak de tekst van de vacature."),
            ("Vos", "x" * 8_500, "De tekst is 500 tekens te lang."),
        ):
            answer = visitor.submit(NEW, actie="lezen", employer=employer, description=text)
            assert answer.status_code == 422
            assert message in words(answer.text)
            form = form_on(answer.text, NEW)
            assert (form["employer"], form["description"]) == ([employer], [text.strip()])

    WRITTEN = (
        ({"hours_min": "32,5 uur"}, "hours_min", 32.5),
        ({"hours_max": "36.25"}, "hours_max", 36.25),
        ({"starts_on": "1-3-2026"}, "starts_on", date(2026, 3, 1)),
        ({"starts_on": "2026-03-01"}, "starts_on", date(2026, 3, 1)),
        ({"starts_on": "01/03/2026"}, "starts_on", date(2026, 3, 1)),
        ({"positions": ""}, "positions", 1),
        ({"positions": "1.000"}, "positions", 1_000),
        ({"irregular_hours": ""}, "irregular_hours", None),
        ({"education_level_min": "4"}, "education_level_min", 4),
        ({"skills_required": "  snoeien \r\n\r\nmaaien"}, "skills_required", ["snoeien", "maaien"]),
        ({"description": "Kok.\r\nBakker."}, "description", "Kok.\nBakker."),
        ({"transport_required": "bicycle"}, "transport_required", [Transport.BICYCLE]),
        ({"sector": "F"}, "sector", "F"),
        ({"place": "rhoon"}, "location", Location(postcode="3161")),
        ({"place": "3011ab"}, "location", Location(postcode="3011AB")),
        ({"place": "3011 AB"}, "location", Location(postcode="3011AB")),
    )

    def test_dutch_ways_of_writing(self, store: Store, signed_in: SignedIn) -> None:
        visitor = signed_in("matchmaker")
        page = self.read(visitor)
        for number, (typed, field, kept) in enumerate(self.WRITTEN):
            form = form_on(page, NEW) | {"once": [str(number)]} | {name: [value] for name, value in typed.items()}
            answer = visitor.post(NEW, data=form | {"actie": "bewaren"})
            assert (typed, answer.status_code) == (typed, 303)
            vacancy_id = answer.headers["location"].removeprefix("/vacatures/").partition("?")[0]
            assert (typed, getattr(store.vacancy(vacancy_id).record, field)) == (typed, kept)

    def test_a_form_that_is_sent_twice_makes_one_vacancy(self, store: Store, signed_in: SignedIn) -> None:
        visitor = signed_in("matchmaker")
        form = form_on(self.read(visitor), NEW) | {"actie": ["bewaren"]}
        first, second = visitor.post(NEW, data=form), visitor.post(NEW, data=form)
        assert first.headers["location"] == second.headers["location"]
        assert len(store.desk.vacancies()) == 1
        third = visitor.post(NEW, data=form | {"title": ["Heel iets anders"]})
        assert third.status_code == 409
        assert "Je hebt dit formulier al een keer opgeslagen." in words(third.text)
        assert len(store.desk.vacancies()) == 1
        again = form_on(third.text, NEW)
        assert again["title"] == ["Heel iets anders"]
        assert visitor.post(NEW, data=again | {"actie": ["bewaren"]}).status_code == 303
        assert len(store.desk.vacancies()) == 2

    def test_the_same_text_of_the_same_employer_is_told(self, store: Store, signed_in: SignedIn) -> None:
        put(
            store,
            {"vacancy_id": "old", "title": "Orderpicker", "description": TEXT, "employer": {"name": "Groothandel VOS"}},
        )
        visitor = signed_in("matchmaker")
        page = self.read(visitor, TEXT.replace("\n", "\r\n "))
        assert "Deze tekst van deze werkgever staat al open." in words(page)
        assert '<a href="/vacatures/old">Orderpicker</a>' in page
        assert "staat al open" not in self.read(visitor, employer="Een ander")
        form = form_on(page, NEW) | {"actie": ["bewaren"]}
        assert visitor.post(NEW, data=form).status_code == 303  # told, not refused

    def test_a_known_employer_keeps_its_id_and_sector(self, store: Store, signed_in: SignedIn) -> None:
        put(
            store,
            {"vacancy_id": "old", "sector": "46.31", "employer": {"employer_id": "w9", "name": "Groothandel Vos"}},
        )
        visitor = signed_in("matchmaker")
        page = self.read(visitor, employer="groothandel  VOS")
        form = form_on(page, NEW)
        assert form["sector"] == ["G"]
        assert "Bij de vorige vacature van deze werkgever stond: winkels en groothandel." in words(page)
        visitor.post(NEW, data=form | {"actie": ["bewaren"]})
        new = next(line for line in store.desk.vacancies() if line.vacancy_id != "old")
        assert (new.employer_id, new.sector) == ("w9", "46.31")

    def test_a_text_that_says_nothing_fills_nothing(self, signed_in: SignedIn) -> None:
        page = self.read(signed_in("matchmaker"), "Bel ons even. <script>alert(1)</script>")
        shown = {name for name, values in form_on(page, NEW).items() if values != [""]}
        assert shown == {"csrf", "once", "employer", "positions", "description"}
        assert "We vonden 0 dingen in de tekst." in words(page)
        assert "<script>alert" not in page

    def test_of_a_town_with_several_postcodes_one_can_be_chosen(self, store: Store, signed_in: SignedIn) -> None:
        book = [
            Place(postcode=str(number), place="Rotterdam", municipality="Rotterdam", lat=51.9, lon=4.4)
            for number in range(3011, 3031)
        ]
        store.put_places(book, now=NOW)
        visitor = signed_in("matchmaker")
        offered = re.compile(r'<option value="(\d{4})">')
        page = self.read(visitor, "Kok gezocht in Rotterdam.")
        assert form_on(page, NEW)["place"] == [""]
        assert offered.findall(page) == [str(number) for number in range(3011, 3031)]
        assert offered.findall(self.read(visitor, "Kok gezocht in Schiedam.")) == []  # one postcode, filled in
        wrong = visitor.post(NEW, data=form_on(page, NEW) | {"place": "vlaardingen", "actie": "bewaren"})
        assert {"3131", "3132"} <= set(offered.findall(wrong.text))

    def test_what_is_too_unsure_is_shown_and_not_filled(self, signed_in: SignedIn) -> None:
        page = self.read(signed_in("matchmaker"), "Kok gezocht. Contract voor een half jaar.")
        assert form_on(page, NEW)["contract_ends_on"] == [""]
        assert "Contract voor een half jaar niet ingevuld, kijk zelf" in words(page)


class TestChange:
    PATH = "/vacatures/v-whole/wijzig"

    def test_nothing_is_lost_by_opening_and_keeping(self, store: Store, signed_in: SignedIn) -> None:
        put(store, WHOLE)
        visitor = signed_in("matchmaker")
        form = form_on(visitor.get(self.PATH).text, self.PATH)
        assert visitor.post(self.PATH, data=form | {"actie": "bewaren"}).status_code == 303
        kept = store.vacancy("v-whole").record
        expected = Vacancy.model_validate(WHOLE | {"text_checked": True})
        assert kept.model_copy(update={"updated_at": None, "extra": {"source": "uwv"}}) == expected
        assert kept.extra == {"source": "uwv", "by": visitor.user.user_id}

    def test_a_change_is_kept(self, store: Store, signed_in: SignedIn) -> None:
        put(store, WHOLE)
        visitor = signed_in("matchmaker")
        form = form_on(visitor.get(self.PATH).text, self.PATH)
        form |= {"place": ["3131"], "hours_min": [""], "sector": ["I"], "licences_required": ["C"], "language_1": [""]}
        answer = visitor.post(self.PATH, data=form | {"actie": "bewaren"})
        assert answer.headers["location"].startswith("/vacatures/v-whole?")
        kept = store.vacancy("v-whole").record
        assert (kept.location.postcode, kept.location.lat) == ("3131", None)
        assert (kept.hours_min, kept.sector, kept.licences_required) == (None, "I", ["C"])
        assert [one.code for one in kept.languages_required] == ["nld", "swa"]
        assert kept.languages_required[0] == Language(code="nld", spoken=3, written=0)

    def test_what_nobody_checked_is_proposed_from_the_text(self, store: Store, signed_in: SignedIn) -> None:
        put(store, {"vacancy_id": "v1", "title": "Orderpicker", "description": TEXT, "licences_required": ["C"]})
        visitor, path = signed_in("matchmaker"), "/vacatures/v1/wijzig"
        page = visitor.get(path).text
        form = form_on(page, path)
        assert (form["title"], form["licences_required"], form["hours_max"]) == (["Orderpicker"], ["C"], ["38"])
        said = words(page)
        assert "voor 32 tot 38 uur per week staat er duidelijk" in said
        assert "Rijbewijs B is vereist staat er duidelijk" not in said  # she filled that in herself
        visitor.post(path, data=form | {"actie": "bewaren"})
        assert store.vacancy("v1").record.hours_max == 38
        assert "staat er duidelijk" not in words(visitor.get(path).text)

    def test_two_who_change_at_once_hear_of_each_other(self, store: Store, signed_in: SignedIn) -> None:
        put(store, WHOLE)
        visitor = signed_in("matchmaker")
        form = form_on(visitor.get(self.PATH).text, self.PATH)
        put(store, WHOLE | {"positions": 5})
        answer = visitor.post(self.PATH, data=form | {"title": "Lasser MIG", "actie": "bewaren"})
        assert answer.status_code == 409
        assert "Iemand anders heeft deze vacature net gewijzigd." in words(answer.text)
        assert store.vacancy("v-whole").record.positions == 5
        again = form_on(answer.text, self.PATH)
        assert (again["title"], again["positions"]) == (["Lasser MIG"], ["2"])
        assert visitor.post(self.PATH, data=again | {"actie": "bewaren"}).status_code == 303
        assert store.vacancy("v-whole").record.title == "Lasser MIG"

    def test_a_mistake_does_not_hide_that_somebody_else_changed_it(self, store: Store, signed_in: SignedIn) -> None:
        put(store, WHOLE)
        visitor = signed_in("matchmaker")
        form = form_on(visitor.get(self.PATH).text, self.PATH) | {"actie": ["bewaren"]}
        put(store, WHOLE | {"positions": 5})
        wrong = visitor.post(self.PATH, data=form | {"hours_min": "veel"})
        assert wrong.status_code == 422
        mended = form_on(wrong.text, self.PATH) | {"hours_min": ["32"], "actie": ["bewaren"]}
        assert visitor.post(self.PATH, data=mended).status_code == 409

    def test_without_an_etag_nothing_is_overwritten(self, store: Store, signed_in: SignedIn) -> None:
        put(store, WHOLE)
        assert signed_in("matchmaker").submit(self.PATH, title="x", employer="y", actie="bewaren").status_code == 409
        assert store.vacancy("v-whole").record.title == "Lasser"


class TestOne:
    def test_all_that_is_known_in_dutch(self, store: Store, signed_in: SignedIn) -> None:
        put(store, WHOLE)
        page = words(signed_in("data_scientist").get("/vacatures/v-whole").text)
        for told in (
            "Lasser", "Staal & Zonen", "3111 AB Schiedam", "constructielasser", "32,5 tot 40 uur", "1 februari 2026",
            "31 december 2026", "overdag op werkdagen", "auto brommer", "mbo 2 of mbo 3", "B B96",
            "VCA MIG/MAG niveau 2",
            "Nederlands (spreken: goed, schrijven: niet nodig) Engels andere taal (spreken: redelijk)", "lassen meten",
            "samenwerken en overleggen leren", "industrie", "MIG/MAG niveau 3", "Je last hekken.",
        ):  # fmt: skip
            assert told in page
        for code in ("None", "True", "False", "nld", "24105", "25.11", "moped"):
            assert code not in page

    def test_what_was_read_is_marked(self, store: Store, signed_in: SignedIn) -> None:
        put(store, {"vacancy_id": "v1", "description": TEXT, "licences_required": ["C"], "hours_min": 32})
        page = signed_in("matchmaker").get("/vacatures/v1").text
        assert re.search(r"32 tot 38 uur\s*<span[^>]*>gelezen uit de tekst", page)
        assert re.search(r"<dd>C\s*</dd>", page)
        assert "Niemand heeft dat nog nagekeken." in page
        put(store, {"vacancy_id": "v2", "description": "Bel ons."})
        assert "Nog niet bekend: uren in de week, werktijden, begint op, plaats van het werk, opleiding." in words(
            signed_in("matchmaker").get("/vacatures/v2").text
        )

    def test_people_and_shortlists_for_the_matchmaker_only(
        self, store: Store, signed_in: SignedIn, matcher: Matcher
    ) -> None:
        put(store, {"vacancy_id": "v1", "positions": 2})
        first = matcher.shortlist(store.vacancy("v1").record)
        happen(
            store, ("shown", "v1", "t-shown"), ("proposed", "v1", "t-with"), ("placed", "v1", "t-with"),
            ("proposed", "v1", "t-without"), ("declined", "v1", "t-without"),
        )  # fmt: skip
        page = signed_in("matchmaker").get("/vacatures/v1").text
        assert f"/shortlists/{first.shortlist_id}" in page
        assert re.findall(r'href="/talenten/([^"]+)"', page) == [
            "t-with",
            "t-without",
        ]  # who did not make it comes last
        told = words(page)
        assert "t-with geplaatst 12 jan 2026" in told
        assert "t-without nee 12 jan 2026 · door de werkgever" in told
        assert "2 mensen voorgesteld" in told
        assert "1 van 2 geplaatst" in told
        for role in ("municipality", "data_scientist", "administrator"):
            page = signed_in(role).get("/vacatures/v1").text
            assert "2 mensen voorgesteld" in words(page)
            for hidden in ("t-with", "t-shown", "/shortlists/", '<form method="post" action="/vacatures'):
                assert hidden not in page

    @pytest.mark.usefixtures("matcher")
    def test_making_a_shortlist_leads_to_it(self, store: Store, signed_in: SignedIn) -> None:
        put(store, {"vacancy_id": "v1", "skills_required": ["orders verzamelen"]})
        answer = signed_in("matchmaker").submit("/vacatures/v1/shortlist")
        assert answer.status_code == 303
        (made,) = store.desk.shortlists_of("v1", limit=5)
        assert answer.headers["location"] == f"/shortlists/{made.shortlist_id}"

    def test_when_none_can_be_made_the_page_says_so(self, store: Store, signed_in: SignedIn) -> None:
        put(store, {"vacancy_id": "v1"})
        answer = signed_in("matchmaker").submit("/vacatures/v1/shortlist")
        assert answer.status_code == 503
        assert "De shortlist lukt nu niet." in words(answer.text)

    def test_closing_and_opening_again(self, store: Store, signed_in: SignedIn, clock: Clock) -> None:
        put(store, {"vacancy_id": "v1", "description": TEXT})
        visitor, path = signed_in("matchmaker"), "/vacatures/v1/status"
        for status, told in (
            ("filled", "gesloten: vervuld"),
            ("open", "staat weer open"),
            ("withdrawn", "ingetrokken"),
        ):
            clock.turn(minutes=1)
            form = form_on(visitor.get("/vacatures/v1").text, path)
            answer = visitor.post(path, data=form | {"status": status})
            assert told in words(visitor.get(answer.headers["location"]).text)
            kept = store.vacancy("v1").record
            assert (kept.status, kept.updated_at, kept.description) == (VacancyStatus(status), clock.now, TEXT)

    def test_closing_what_somebody_else_changed_is_asked_again(self, store: Store, signed_in: SignedIn) -> None:
        put(store, {"vacancy_id": "v1"})
        visitor, path = signed_in("matchmaker"), "/vacatures/v1/status"
        form = form_on(visitor.get("/vacatures/v1").text, path)
        put(store, {"vacancy_id": "v1", "positions": 9})
        answer = visitor.post(path, data=form | {"status": "filled"})
        assert answer.status_code == 409
        assert "Iemand anders heeft deze vacature net aangepast." in words(answer.text)
        assert store.vacancy("v1").record.status is VacancyStatus.OPEN
        assert visitor.submit(path, status="onzin").status_code == 422


@pytest.mark.parametrize("role", ["municipality", "employer", "data_scientist", "administrator"])
def test_only_a_matchmaker_changes_and_an_employer_sees_nothing(store: Store, signed_in: SignedIn, role: str) -> None:
    put(store, {"vacancy_id": "v1"})
    visitor = signed_in(role)
    for path in ("/vacatures", "/vacatures/v1"):
        answer = visitor.get(path)
        assert answer.status_code == (403 if role == "employer" else 200)
        assert not {NEW, "/vacatures/v1/wijzig"} & set(re.findall(r'href="([^"]+)"', answer.text))
    refused = [visitor.get(path) for path in (NEW, "/vacatures/v1/wijzig")]
    refused += [
        visitor.submit(path, status="filled", actie="bewaren", employer="x", title="x")
        for path in (NEW, "/vacatures/v1/wijzig", "/vacatures/v1/shortlist", "/vacatures/v1/status")
    ]
    assert [answer.status_code for answer in refused] == [403] * 6
    assert [line.status for line in store.desk.vacancies()] == [VacancyStatus.OPEN]


def test_a_vacancy_that_is_not_there(signed_in: SignedIn) -> None:
    visitor = signed_in("matchmaker")
    for path in ("/vacatures/nergens", "/vacatures/nergens/wijzig"):
        answer = visitor.get(path)
        assert answer.status_code == 404
        assert "Niet gevonden" in answer.text
