"""The list of people and the page of one, through the real app; the clock stands on Monday 12 January 2026."""

import re
from datetime import timedelta

import pytest
from desk_client import NOW, NoRanking

from core.errors import NotFound
from core.records import EVENT_ADAPTER, AuditAttributes, Place, Talent, Vacancy
from core.shortlists import Entry, Gap, RankedVacancies, RankedVacancy, Reason, Retention, Shortlist
from core.vocabulary import Band, Bridge, GapKind, RankingMode

ANNA = Talent.model_validate(
    {
        "talent_id": "t-anna",
        "presentation": "Ik sleutel graag aan fietsen.\nIk ben er altijd op tijd.",
        "behaviours": [{"code": 24105, "level": 1}, {"code": 24116, "level": 2}, {"code": 24101, "level": 4},
                       {"code": 24113}],
        "skills": ["ketting vervangen", "klanten helpen"],
        "preferred_occupations": ["fietsenmaker"],
        "experience": [{"occupation": "monteur", "months": 30, "text": "bij de buurtwerkplaats"}, {"months": 1}],
        "education_level": 3,
        "certificates": [],
        "languages": [{"code": "pol", "spoken": 4, "written": 3}],
        "location": {"postcode": "3111AB", "lat": 51.91234, "lon": 4.40567},
        "max_travel_km": 15,
        "transport": ["bicycle", "public_transport"],
        "hours_min": 24,
        "hours_max": 32.5,
        "irregular_hours": False,
        "available_from": "2026-02-01",
        "route": "back_to_work",
        "municipality": "Schiedam",
    }
)  # fmt: skip
BEA = Talent(talent_id="t-bea", municipality="Delft")
CAS = Talent(talent_id="t-cas", presentation="Ik zorg voor mijn OMA.", municipality="Rotterdam", active=False)
SENTINELS = {"gender": "geslachtsteken", "birth_year": 1961, "background": "afkomstteken"}


class OneVacancy(NoRanking):
    """Ranks one vacancy for whoever is not unknown to it."""

    def vacancies(self, talent_id, *, k):  # noqa: ARG002  the seam has it
        if talent_id == "t-bea":
            raise NotFound("not in the index yet")
        entry = RankedVacancy(
            rank=1,
            vacancy_id="v-1",
            title="Fietsenmaker",
            employer="De Ketting",
            score=1.0,
            retention=Retention(probability=0.63, low=0.41, high=0.78, band=Band.MIDDLE),
            similarity=0.6,
            travel_km=3.24,
            reasons=[Reason(feature="similarity", direction="+", text="Het profiel lijkt op deze vacature."),
                     Reason(feature="travel_km", direction="-", text="Woont verder weg.")],
            gaps=[Gap(kind=GapKind.CERTIFICATE, what="VCA", bridge=Bridge.COURSE)],
            unknowns=["licences"],
        )  # fmt: skip
        return RankedVacancies(
            talent_id=talent_id,
            created_at=NOW,
            ranking_mode=RankingMode.LEARNED,
            model_version="1",
            encoder_version="words",
            pool_size=1,
            entries=[entry],
        )


@pytest.fixture
def ranking():
    return OneVacancy()


@pytest.fixture
def town(store):
    store.put_talents([ANNA, BEA, CAS], now=NOW)
    jobs = [{"vacancy_id": f"v-{n}", "title": f"Baan {n}", "employer": {"name": f"Firma {n}"}} for n in (1, 2, 3, 4)]
    jobs[2]["status"] = "filled"
    jobs[3]["closes_on"] = "2026-01-11"
    store.put_vacancies([Vacancy.model_validate(job) for job in jobs], now=NOW)
    place = Place(postcode="3111", place="Schiedam-Oost", municipality="Schiedam", lat=51.9, lon=4.4)
    store.put_places([place], now=NOW)
    store.put_audit([AuditAttributes(talent_id="t-anna", **SENTINELS)], now=NOW)
    return store


@pytest.fixture
def matchmaker(town, signed_in):
    return signed_in("matchmaker")


def put(store, kind, days_ago, vacancy_id="v-1", **fields):
    put.number += 1
    event = {"event_id": f"e-{put.number}", "kind": kind, "occurred_at": NOW - timedelta(days=days_ago)}
    event |= {"vacancy_id": vacancy_id, "talent_id": "t-anna"}
    store.put_events([EVENT_ADAPTER.validate_python(event | fields)], now=NOW)


put.number = 0


def text_of(html):
    return " ".join(re.sub(r"<[^>]*>", " ", html.split("<main", 1)[1].split("</main>")[0]).split())


def listed(answer):
    return re.findall(r'<th scope="row"><a href="/talenten/([^"]+)"', answer.text)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["t-anna", "t-bea"]),
        ("werk=niet", ["t-cas"]),
        ("werk=alle", ["t-anna", "t-bea", "t-cas"]),
        ("werk=nonsense&route=nonsense&blad=-3", ["t-anna", "t-bea"]),
        ("zoek=FIETSEN", ["t-anna"]),
        ("zoek=ketting+tijd", ["t-anna"]),  # one word of the skills, one of the own text
        ("zoek=ketting+paard", []),
        ("zoek=monteur", ["t-anna"]),
        ("zoek=bea", ["t-bea"]),
        ("zoek=oma", []),
        ("zoek=oma&werk=alle", ["t-cas"]),
        ("gemeente=Delft", ["t-bea"]),
        ("route=back_to_work", ["t-anna"]),
        ("zoek=Schiedam", []),  # a town is chosen, not searched
        ("blad=9", ["t-anna", "t-bea"]),
    ],
)
def test_the_list_is_searched_and_filtered(matchmaker, query, found):
    answer = matchmaker.get(f"/talenten?{query}")
    assert answer.status_code == 200
    assert listed(answer) == found
    assert ("Niemand gevonden" in answer.text) is (found == [])


def test_the_list_has_pages(store, matchmaker):
    store.put_talents([Talent(talent_id=f"p-{n:02d}") for n in range(28)], now=NOW)  # 30 with the two of the town
    assert len(listed(matchmaker.get("/talenten"))) == 25
    second = matchmaker.get("/talenten?blad=2")
    assert listed(second) == ["p-25", "p-26", "p-27", "t-anna", "t-bea"]
    assert 'rel="prev" href="/talenten"' in second.text
    assert 'rel="next"' not in second.text


def test_the_profile_tells_talents_first(matchmaker):
    html = matchmaker.get("/talenten/t-anna").text
    text = text_of(html)
    order = ["Ik sleutel graag aan fietsen.", "samenwerken en overleggen", "leren", "ketting vervangen", "Passend werk"]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)
    for part in (
        "monteur (2 jaar): bij de buurtwerkplaats", "1 maand", "Pools", "mbo 2 of mbo 3", "tot 15 km",
        "fiets, bus, tram of trein", "24 tot 32,5 uur per week", "vanaf 1 februari 2026", "terug naar werk",
    ):  # fmt: skip
        assert part in text, part


def test_unknown_is_asked_and_none_is_none(matchmaker):
    told = dict(re.findall(r"<dt>([^<]*)</dt>\s*<dd>(.*?)</dd>", matchmaker.get("/talenten/t-anna").text, re.DOTALL))
    assert told["Papieren"] == "geen"
    assert "niet bekend – vraag ernaar" in told["Rijbewijs"]
    assert "niet bekend – vraag ernaar" in told["Vindt leuk"]
    bea = matchmaker.get("/talenten/t-bea").text
    assert "Vraag wat deze persoon graag doet." in bea
    assert bea.count("niet bekend – vraag ernaar") == 15  # all of the profile but the town, and the behaviours


def test_a_town_is_told_and_no_postcode_or_protected_attribute(matchmaker):
    for address in ("/talenten/t-anna", "/talenten"):
        html = matchmaker.get(address).text
        assert "Schiedam-Oost" in html
        for hidden in ("3111", "51.9", "4.40", "geslachtsteken", "1961", "afkomstteken"):
            assert hidden not in html, hidden


def test_suitable_work_with_its_reasons_and_without_a_figure_for_the_chance(matchmaker):
    text = text_of(matchmaker.get("/talenten/t-anna").text)
    for part in (
        "Fietsenmaker De Ketting", "3,2 km weg", "certificaat VCA", "Het profiel lijkt op deze vacature.",
        "Woont verder weg.", "Vraag nog: rijbewijs",
    ):  # fmt: skip
        assert part in text, part
    assert re.search(r"Kans om te blijven: midden onzeker[^%]*, kan ook \w+ of hoog zijn", text)
    assert not re.search(r"0[.,]63|63 ?%", text)


def test_without_an_index_the_page_says_so(matchmaker):
    answer = matchmaker.get("/talenten/t-bea")
    assert (answer.status_code, "We kunnen nu geen passend werk zoeken." in answer.text) == (200, True)
    assert "Deze persoon zoekt nu geen werk." in matchmaker.get("/talenten/t-cas").text


def save_list(store, number, vacancy_id, talent_ids, minutes=0):
    entries = [
        Entry(rank=rank, talent_id=key, score=0.0, retention=None, similarity=0.0, travel_km=None, reasons=[],
              matched_skills=[], gaps=[], unknowns=[])
        for rank, key in enumerate(talent_ids, start=1)
    ]  # fmt: skip
    made = Shortlist(
        shortlist_id=f"s-{number}", vacancy_id=vacancy_id, created_at=NOW + timedelta(minutes=minutes),
        ranking_mode=RankingMode.LEXICAL, model_version=None, encoder_version="words", index_version="none",
        pool_size=3, entries=entries, near_misses=[],
    )  # fmt: skip
    store.save_shortlist(made, {})


def test_only_the_newest_lists_of_open_vacancies_count(town, matchmaker):
    assert "op geen enkele shortlist" in matchmaker.get("/talenten/t-anna").text
    save_list(town, 1, "v-1", ["t-bea", "t-anna"])
    save_list(town, 2, "v-2", ["t-anna"])
    save_list(town, 3, "v-2", ["t-bea"], minutes=5)  # a newer list, without Anna
    save_list(town, 4, "v-3", ["t-anna"])  # filled
    save_list(town, 5, "v-4", ["t-anna"])  # closed yesterday
    save_list(town, 6, "v-unknown", ["t-anna"])
    html = matchmaker.get("/talenten/t-anna").text
    assert "Staat op 1 shortlist van een open vacature." in html
    assert re.findall(r'href="/shortlists/([^"]+)"', html) == ["s-1"]
    assert "Plek 2 van 2" in html


def test_what_happened_is_told_in_sentences_newest_first(town, matchmaker):
    put(town, "shown", 60, rank=1)
    put(town, "proposed", 50)
    put(town, "declined", 45, "v-2", by="employer", reason="Te ver weg")
    put(town, "placed", 40, starts_on="2025-12-08", contract_hours_per_week=24, contract_ends_on="2026-06-07")
    put(town, "checkpoint", 35, moment="first_day", still_working=True, extra={"doubts": True})
    for days_ago in (21, 14, 7):
        put(town, "hours", days_ago, total_hours=100 - days_ago)
    put(town, "support", 6, support="job_coach", note="Een uur per week")
    put(town, "noted", 5, text="Belt liever 's middags")
    put(town, "ended", 1, ended_on="2026-01-10", reason="Verhuisd")
    html = matchmaker.get("/talenten/t-anna").text.split('id="geschiedenis"')[1]
    told = [" ".join(part.split()) for part in re.findall(r"<div>(.*?) <span", html, re.DOTALL)]
    assert told == [
        "Gestopt op 10 januari 2026.",
        "Notitie.",
        "Hulp gegeven: jobcoach.",
        "In totaal 93 uren gewerkt.",
        "Nazorg, eerste dag: werkt er nog, met twijfels.",
        "Geplaatst: start 8 december 2025, 24 uur per week. Contract tot en met 7 juni 2026.",
        "Nee, van de werkgever.",
        "Voorgesteld aan de werkgever.",
    ]
    notes = re.findall(r'<blockquote class="history__note">([^<]*)<', html)
    assert notes == ["Verhuisd", "Belt liever &#39;s middags", "Een uur per week", "Te ver weg"]


def test_a_long_history_has_pages(town, matchmaker):
    for number in range(53):
        put(town, "noted", number, text=f"Notitie {number}")
    first, second = (matchmaker.get(f"/talenten/t-anna?blad={number}").text for number in (1, 2))
    assert (first.count("history__note"), second.count("history__note")) == (50, 3)
    assert "/talenten/t-anna?blad=2#geschiedenis" in first


def test_a_municipality_sees_its_own_people_only(town, signed_in):
    schiedam = signed_in("municipality", municipality="Schiedam")
    assert listed(schiedam.get("/talenten?werk=alle")) == ["t-anna"]
    assert listed(schiedam.get("/talenten?gemeente=Delft")) == ["t-anna"]
    assert "Delft" not in schiedam.get("/talenten").text
    for address in ("/talenten/t-bea", "/talenten/t-bea/export", "/talenten/t-bea/wissen", "/talenten/nobody"):
        assert schiedam.get(address).status_code == 404, address
    assert schiedam.submit("/talenten/t-bea/wissen", nummer="t-bea").status_code == 404
    assert "/shortlists/" not in schiedam.get("/talenten/t-anna").text


@pytest.mark.parametrize(("role", "allowed"), [("administrator", True), ("municipality", True), ("matchmaker", False)])
def test_everything_held_is_given_as_a_file_to_whom_may(town, signed_in, role, allowed):
    put(town, "noted", 1, text="Een notitie")
    visitor = signed_in(role, municipality="Schiedam" if role == "municipality" else None)
    assert ("/talenten/t-anna/export" in visitor.get("/talenten/t-anna").text) is allowed
    answer = visitor.get("/talenten/t-anna/export")
    if not allowed:
        assert answer.status_code == 403
        return
    assert answer.headers["content-disposition"] == 'attachment; filename="talent-t-anna.json"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == town.export("t-anna")


def test_erasing_asks_for_the_number_and_tells_what_went(town, signed_in):
    put(town, "noted", 1, text="Een notitie")
    save_list(town, 1, "v-1", ["t-anna"])
    administrator = signed_in("administrator")
    assert "Dit kun je niet terugdraaien." in administrator.get("/talenten/t-anna/wissen").text
    wrong = administrator.submit("/talenten/t-anna/wissen", nummer="t-ann")
    assert (wrong.status_code, 'value="t-ann"' in wrong.text) == (422, True)
    assert town.talent("t-anna")
    done = administrator.submit("/talenten/t-anna/wissen", nummer=" t-anna ")
    assert done.status_code == 303
    text = text_of(administrator.get(done.headers["location"]).text)
    for part in ("Alles over deze persoon is gewist.", "1 profiel", "1 gebeurtenis", "plek op 1 shortlist", "1 regel"):
        assert part in text, part
    with pytest.raises(NotFound):
        town.export("t-anna")
    assert listed(administrator.get("/talenten")) == ["t-bea"]
    assert administrator.get("/talenten/t-anna").status_code == 404


def test_a_matchmaker_erases_nobody(town, matchmaker):
    assert "/wissen" not in matchmaker.get("/talenten/t-anna").text
    assert matchmaker.get("/talenten/t-anna/wissen").status_code == 403
    assert matchmaker.submit("/talenten/t-anna/wissen", nummer="t-anna").status_code == 403
    assert town.talent("t-anna")


@pytest.mark.parametrize("role", ["employer", "data_scientist"])
def test_others_see_no_people(town, signed_in, role):
    visitor = signed_in(role)
    assert {visitor.get(path).status_code for path in ("/talenten", "/talenten/t-anna")} == {403}


def test_an_address_puts_no_words_on_the_page(matchmaker):
    html = matchmaker.get("/talenten?gewist=ja&talents=<b>9&events=1e9&revisions=99999999999999999999&audit=2").text
    assert "<b>" not in html
    assert "2 regels" in html


def test_the_lines_follow_what_changes(town):
    assert list(town.people.lines()) == ["t-anna", "t-bea", "t-cas"]
    town.put_talents([Talent(talent_id="t-bea", municipality="Vlaardingen"), Talent(talent_id="t-aad")], now=NOW)
    lines = town.people.lines()
    assert (list(lines), lines["t-bea"].municipality) == (["t-aad", "t-anna", "t-bea", "t-cas"], "Vlaardingen")
    town.erase("t-anna", now=NOW)
    assert list(town.people.lines()) == ["t-aad", "t-bea", "t-cas"]
