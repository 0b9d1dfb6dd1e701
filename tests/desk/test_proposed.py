"""What an employer sees: the people who were proposed to them, and nothing that they may not know."""

import re
from datetime import timedelta

import pytest
from desk_client import NOW

from core.records import EVENT_ADAPTER, AuditAttributes, Employer, Location, Talent, Vacancy
from core.shortlists import Entry, Gap, MatchedSkill, Reason, Retention, Shortlist
from core.vocabulary import Band, Bridge, GapKind, RankingMode

SECRETS = ("3021", "51.91", "4.45", "Fatima", "0612345678", "1985", "ik ben een vrouw", "gemeentegeheim", "reden van")


def talent(talent_id: str, **more: object) -> Talent:
    content: dict[str, object] = {
        "talent_id": talent_id,
        "presentation": (
            f"Ik heet Fatima en ik ben een vrouw. Ik kook graag voor {talent_id}. Bel 0612345678. Geboren in 1985."
        ),
        "skills": [f"koken voor {talent_id}", "schoonmaken"],
        "location": Location(postcode="3021AB", lat=51.91, lon=4.45),
        "municipality": "gemeentegeheim",
    }
    return Talent.model_validate(content | more)


def entry(rank: int, talent_id: str, km: float | None = 6.4) -> Entry:
    return Entry(
        rank=rank,
        talent_id=talent_id,
        score=1.0,
        retention=Retention(probability=0.61, low=0.5, high=0.7, band=Band("hoog")),
        similarity=0.5,
        travel_km=km,
        reasons=[Reason(feature="f", direction="+", text="reden van de matchmaker")],
        matched_skills=[MatchedSkill(required="koken", offered=f"koken voor {talent_id}", similarity=0.8)],
        gaps=[Gap(kind=GapKind.CERTIFICATE, what="HACCP", bridge=Bridge("bijscholing"))],
        unknowns=["licences"],
    )


def event(number: int, kind: str, talent_id: str, vacancy_id: str = "v-1", **more: object):
    return EVENT_ADAPTER.validate_python(
        {
            "event_id": f"x-{vacancy_id}-{talent_id}-{number}",
            "kind": kind,
            "occurred_at": NOW - timedelta(days=10) + timedelta(hours=number),
            "vacancy_id": vacancy_id,
            "talent_id": talent_id,
            **more,
        }
    )


@pytest.fixture
def kitchen(store):
    """Vacancy v-1 of employer e-1: t-1 proposed from a list, t-2 without one, t-3 only shown; v-2 of e-2 has t-4."""
    mine, other = Employer(employer_id="e-1", name="Eetcafé"), Employer(employer_id="e-2", name="Ander")
    store.put_vacancies(
        [
            Vacancy(vacancy_id="v-1", title="Kok in een eetcafé", employer=mine),
            Vacancy(vacancy_id="v-2", title="Afwasser bij een ander", employer=other),
            Vacancy(vacancy_id="v-3", title="Bediening", employer=mine),
        ],
        now=NOW,
    )
    store.put_talents([talent(f"t-{n}") for n in range(1, 5)], now=NOW)
    store.put_audit([AuditAttributes(talent_id="t-1", gender="vrouw", birth_year=1985)], now=NOW)
    store.save_shortlist(
        Shortlist(
            shortlist_id="s-1",
            vacancy_id="v-1",
            created_at=NOW,
            ranking_mode=RankingMode.LEXICAL,
            model_version=None,
            encoder_version="e",
            index_version="i",
            pool_size=9,
            entries=[entry(1, "t-1"), entry(2, "t-3")],
            near_misses=[],
        ),
        {},
    )
    store.put_events(
        [
            event(1, "shown", "t-1", shortlist_id="s-1", rank=1),
            event(2, "shown", "t-3", shortlist_id="s-1", rank=2),
            event(3, "proposed", "t-1", shortlist_id="s-1"),
            event(4, "proposed", "t-2"),
            event(5, "declined", "t-3", by="matchmaker", reason="reden van de matchmaker"),
            event(6, "noted", "t-1", text="reden van de notitie"),
            event(7, "proposed", "t-4", vacancy_id="v-2"),
        ],
        now=NOW,
    )
    return store


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html.partition("<main")[2]).split())


def kinds(store, talent_id: str) -> list[str]:
    return [one.kind.value for one in store.iter_events(talent_id=talent_id)]


def test_an_employer_sees_the_own_vacancies_only(kitchen, signed_in):
    shown = text_of(signed_in("employer", employer_id="e-1").get("/voorgesteld").text)
    assert "Kok in een eetcafé open 2 mensen" in shown
    assert "Bediening open nog niemand" in shown
    assert "Afwasser" not in shown


def test_an_employer_sees_who_was_proposed_and_nobody_else(kitchen, signed_in):
    answer = signed_in("employer", employer_id="e-1").get("/voorgesteld/v-1")
    shown = text_of(answer.text)
    assert "Ik kook graag voor t-1." in shown
    assert "Persoon t-2" in shown
    assert "t-3" not in answer.text
    assert "t-4" not in answer.text
    assert "koken koken voor t-1" in shown
    assert "HACCP (certificaat), op te lossen met bijscholing" in shown
    assert "hooguit 10 km" in shown
    for secret in SECRETS:
        assert secret not in answer.text, secret
    assert "0,61" not in shown
    assert "hoog" not in shown.casefold().split()


def test_what_nobody_compared_is_unknown_and_not_fine(kitchen, signed_in):
    shown = text_of(signed_in("employer", employer_id="e-1").get("/voorgesteld/v-1").text)
    second = shown.partition("Persoon t-2")[2].partition("Persoon t-1")[0]
    assert "Mist nog niet bekend" in second
    assert "Reisafstand niet bekend" in second


@pytest.mark.parametrize("path", ["/voorgesteld/v-2", "/voorgesteld/v-9", "/voorgesteld/v-1?pagina=0"])
def test_what_is_not_their_own_does_not_exist(kitchen, signed_in, path):
    assert signed_in("employer", employer_id="e-1").get(path).status_code in {404, 422}


@pytest.mark.parametrize(
    ("vacancy_id", "talent_id"), [("v-2", "t-4"), ("v-1", "t-3"), ("v-1", "t-4"), ("v-3", "t-1"), ("v-9", "t-1")]
)
@pytest.mark.parametrize("action", ["uitnodigen", "afwijzen"])
def test_nobody_else_can_be_answered(kitchen, signed_in, vacancy_id, talent_id, action):
    before = len(list(kitchen.iter_events()))
    visitor = signed_in("employer", employer_id="e-1")
    answer = visitor.submit(f"/voorgesteld/{vacancy_id}/{talent_id}/{action}", reden="zomaar")
    assert answer.status_code == 404
    assert len(list(kitchen.iter_events())) == before


def test_inviting_is_an_event_of_this_user_written_once(kitchen, signed_in):
    visitor = signed_in("employer", employer_id="e-1")
    for _ in range(2):
        answer = visitor.submit("/voorgesteld/v-1/t-1/uitnodigen")
        assert answer.headers["location"] == "/voorgesteld/v-1?melding=proposed.done.invited"
    assert kinds(kitchen, "t-1") == ["shown", "proposed", "noted", "interviewed"]
    (written,) = [one for one in kitchen.iter_events(talent_id="t-1") if one.kind.value == "interviewed"]
    assert (written.shortlist_id, written.extra) == ("s-1", {"by": visitor.user.user_id})
    shown = visitor.get("/voorgesteld/v-1").text
    assert "/voorgesteld/v-1/t-1/uitnodigen" not in shown
    assert "/voorgesteld/v-1/t-1/afwijzen" in shown


def test_declining_needs_a_reason(kitchen, signed_in):
    visitor = signed_in("employer", employer_id="e-1")
    refused = visitor.submit("/voorgesteld/v-1/t-2/afwijzen", reden="  ")
    assert refused.status_code == 422
    assert '<a href="#reden-t-2">' in refused.text
    assert 'id="reden-t-2-error"' in refused.text
    assert kinds(kitchen, "t-2") == ["proposed"]
    for _ in range(2):
        answer = visitor.submit("/voorgesteld/v-1/t-2/afwijzen", reden="Wij zoeken iemand met meer uren.")
        assert answer.status_code == 303
    (written,) = [one for one in kitchen.iter_events(talent_id="t-2") if one.kind.value == "declined"]
    assert (written.by.value, written.reason) == ("employer", "Wij zoeken iemand met meer uren.")
    shown = text_of(visitor.get("/voorgesteld/v-1").text)
    assert shown.index("Persoon t-1") < shown.index("Persoon t-2"), "who waits for an answer comes first"
    assert "voor t-2" not in shown, "it is over: the employer need not know more"
    assert visitor.submit("/voorgesteld/v-1/t-2/uitnodigen").status_code == 409


def test_who_works_there_is_not_declined(kitchen, signed_in, clock):
    kitchen.put_events(
        [event(9, "placed", "t-1", starts_on=NOW.date(), contract_hours_per_week=24.0, contract_ends_on=None)], now=NOW
    )
    visitor = signed_in("employer", employer_id="e-1")
    assert "/t-1/afwijzen" not in visitor.get("/voorgesteld/v-1").text
    assert visitor.submit("/voorgesteld/v-1/t-1/afwijzen", reden="toch niet").status_code == 409


def test_an_erased_person_is_gone(kitchen, signed_in):
    kitchen.erase("t-1", now=NOW)
    assert "t-1" not in signed_in("employer", employer_id="e-1").get("/voorgesteld/v-1").text


def test_a_reason_cannot_put_code_on_the_page(kitchen, signed_in):
    kitchen.put_talents([talent("t-2", skills=["<script>alert(1)</script>"])], now=NOW)
    answer = signed_in("employer", employer_id="e-1").get("/voorgesteld/v-1")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answer.text


def test_an_employer_without_vacancies_is_told_what_to_do(store, signed_in):
    assert "Bel je matchmaker." in signed_in("employer", employer_id="e-5").get("/voorgesteld").text


def test_twenty_vacancies_on_a_page(store, signed_in):
    mine = Employer(employer_id="e-1")
    store.put_vacancies([Vacancy(vacancy_id=f"v-{n}", title=f"Baan {n}", employer=mine) for n in range(25)], now=NOW)
    visitor = signed_in("employer", employer_id="e-1")
    assert visitor.get("/voorgesteld").text.count('<th scope="row"') == 20
    assert visitor.get("/voorgesteld?pagina=2").text.count('<th scope="row"') == 5
