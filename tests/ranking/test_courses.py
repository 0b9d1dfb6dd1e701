"""Courses for gaps: what fits, in which order and why, by hand; and the threshold on pairs that were held out."""

from datetime import date

import pytest
from ranking_parts import PLACES, talent, vacancy
from ranking_town import Town

from benchmarks.courses import close_pairs, offered, read
from core.courses import Course
from core.shortlists import Gap
from core.vocabulary import GapKind
from embeddings.encoder import Encoder, TextKind
from embeddings.fakes import BagOfWordsEncoder
from embeddings.loading import load_encoder
from ranking.courses import LEAD, CourseBook, CourseOffer
from ranking.features import CLOSE
from ranking.matcher import Matcher

TODAY = date(2026, 3, 2)


def course(course_id: str, **fields: object) -> Course:
    return Course.model_validate({"course_id": course_id, "title": course_id} | fields)


def gap(kind: str, what: str) -> Gap:
    return Gap(kind=GapKind(kind), what=what)


def offers(
    courses: list[Course],
    missing: Gap,
    *,
    person: dict[str, object] | None = None,
    asked: dict[str, object] | None = None,
    encoder: Encoder | None = None,
) -> tuple[CourseOffer, ...]:
    book = CourseBook(courses, encoder or BagOfWordsEncoder(dim=512), PLACES)
    (found,) = book.courses_for([missing], talent(**(person or {})), vacancy(**(asked or {})), today=TODAY)
    assert found.gap == missing
    return found.offers


def ids(found: tuple[CourseOffer, ...]) -> list[str]:
    return [offer.course.course_id for offer in found]


CATALOGUE = [
    course("vca", certificates_given=["VCA basis"]),
    course("vol", certificates_given=["VCA VOL"]),
    course("car", licences_given=["B"]),
    course("trailer", licences_given=["BE"]),
    course("dutch-a", languages_given=[{"code": "nld", "spoken": 1}]),
    course("dutch-b", languages_given=[{"code": "nld", "spoken": 3, "written": 2}]),
    course("entree", education_level_given=2),
    course("mbo-4", education_level_given=4),
    course("weld", skills_given=["lassen rvs", "tekening lezen"]),
    course("cook", skills_given=["koken keuken"]),
]


@pytest.mark.parametrize(
    ("kind", "what", "fitting"),
    [
        ("certificate", "VCA", {"vca", "vol"}),
        ("certificate", "VCA VOL", {"vol"}),
        ("certificate", "BHV", set()),
        ("licence", "B", {"car", "trailer"}),
        ("licence", "BE", {"trailer"}),
        ("licence", "C", set()),
        ("language", "Nederlands", {"dutch-a", "dutch-b"}),
        ("language", "Engels", set()),
        ("education", "niveau 3", {"mbo-4"}),
        ("education", "niveau 2", {"entree", "mbo-4"}),
        ("skill", "lassen rvs", {"weld"}),
        ("skill", "snoeien", set()),
    ],
)
def test_what_fits_a_gap(kind: str, what: str, fitting: set[str]) -> None:
    assert set(ids(offers(CATALOGUE, gap(kind, what)))) == fitting


def test_a_language_course_must_reach_the_level_that_is_asked() -> None:
    asked: dict[str, object] = {"languages_required": [{"code": "nld", "spoken": 2}]}
    assert ids(offers(CATALOGUE, gap("language", "Nederlands"), asked=asked)) == ["dutch-b"]


def test_only_what_comes_nearly_as_near_as_the_best_is_offered() -> None:
    near = course("near", skills_given=["lassen rvs"])
    far = course("far", skills_given=["lassen rvs auto"])
    found = offers([far, near], gap("skill", "lassen rvs"))
    encoder = BagOfWordsEncoder(dim=512)
    one, other = encoder.encode(["lassen rvs", "lassen rvs auto"], kind=TextKind.PHRASE)
    assert CLOSE < float(one @ other) < 1 - LEAD  # close enough alone, and not beside a better one
    assert ids(found) == ["near"]
    assert ids(offers([far], gap("skill", "lassen rvs"))) == ["far"]
    assert found[0].fit == pytest.approx(1.0)


def test_the_order_is_paid_then_within_reach_then_cost_then_in_time() -> None:
    vca = {"certificates_given": ["VCA"]}
    here, away = {"postcode": "3013"}, {"postcode": "3311"}
    catalogue = [
        course("late", **vca, funded_for=[], cost_eur=100, location=here, starts_on="2026-05-01"),
        course("soon", **vca, funded_for=[], cost_eur=100, location=here, starts_on="2026-03-20"),
        course("dear", **vca, funded_for=[], cost_eur=300, location=here, starts_on="2026-03-20"),
        course("away", **vca, funded_for=[], cost_eur=50, location=away),
        course("paid", **vca, funded_for=["back_to_work"], cost_eur=900, location=away),
        course("ask", **vca, cost_eur=10, location=away),
    ]
    person: dict[str, object] = {"route": "back_to_work", "location": here, "max_travel_km": 10}
    asked: dict[str, object] = {"starts_on": "2026-04-01"}
    missing, rest, order = gap("certificate", "VCA"), catalogue, []
    while rest:
        order += ids(offers(rest, missing, person=person, asked=asked))[:1]
        rest = [one for one in rest if one.course_id not in order]
    assert order == ["paid", "ask", "soon", "late", "dear", "away"]
    assert len(offers(catalogue, missing, person=person, asked=asked)) == 3


def test_the_nearer_meaning_goes_before_the_paid_one() -> None:
    exact = course("exact", skills_given=["magazijn orders laden lossen scanner"], funded_for=[])
    paid = course("paid", skills_given=["magazijn orders laden lossen scanner voorraad"], funded_for=["back_to_work"])
    found = offers(
        [paid, exact], gap("skill", "magazijn orders laden lossen scanner"), person={"route": "back_to_work"}
    )
    assert [round(offer.fit, 1) for offer in found] == [1.0, 0.9]
    assert ids(found) == ["exact", "paid"]


def test_what_began_before_today_is_not_offered() -> None:
    begun = course("begun", certificates_given=["VCA"], starts_on="2026-03-01")
    today = course("today", certificates_given=["VCA"], starts_on="2026-03-02")
    assert ids(offers([begun, today], gap("certificate", "VCA"))) == ["today"]


def test_why_is_said_in_dutch() -> None:
    paid = course(
        "paid",
        certificates_given=["VCA basis"],
        funded_for=["work_to_work"],
        cost_eur=250,
        online=True,
        starts_on="2026-03-20",
    )
    away = course("away", skills_given=["lassen rvs"], cost_eur=80, place="Dordrecht", location={"postcode": "3311"})
    person: dict[str, object] = {"route": "work_to_work", "location": {"postcode": "3013"}}
    (offer,) = offers([paid], gap("certificate", "VCA"), person=person, asked={"starts_on": "2026-04-01"})
    assert offer.why == (
        "Geeft VCA basis.",
        "Wordt betaald voor wie van werk naar werk gaat.",
        "Online te volgen.",
        "Begint op 20-03-2026, voor de start van het werk.",
    )
    assert (offer.funded, offer.travel_km, offer.in_time) == (True, None, True)
    (offer,) = offers([away], gap("skill", "lassen rvs"), person=person)
    assert offer.why == (
        "Leert ‘lassen rvs’.",
        "Kost 80 euro.",
        "Vraag wie de cursus betaalt.",
        "In Dordrecht, 19 kilometer van huis.",
    )
    assert (offer.funded, offer.in_time) == (None, None)
    assert offer.travel_km == pytest.approx(18.9, abs=0.3)  # measured on a map
    (offer,) = offers([away], gap("skill", "lassen rvs"))
    assert offer.why[-1] == "In Dordrecht."


def test_an_empty_catalogue_offers_nothing() -> None:
    assert offers([], gap("skill", "lassen")) == ()
    assert offers([], gap("certificate", "VCA")) == ()


def test_the_matcher_follows_the_catalogue(empty_town: Town, encoder: BagOfWordsEncoder) -> None:
    from ranking_town import settle

    town = settle(empty_town, encoder)
    matcher = Matcher.open(town.settings, town.store, encoder, lambda: None)

    def found() -> list[str]:
        (answer,) = matcher.courses_for([gap("certificate", "VCA")], talent(), vacancy())
        return ids(answer.offers)

    assert found() == []
    town.store.put_courses([course("vca", certificates_given=["VCA"])])
    assert found() == ["vca"]
    town.store.put_courses([course("vca", certificates_given=["BHV"])])
    assert found() == []
    town.store.put_courses([course("vca", certificates_given=["VCA"], active=False)])
    assert found() == []


def test_the_threshold_holds_on_pairs_that_it_was_not_chosen_on(empty_town: Town) -> None:
    """Pair by pair, and as the product uses it: every gap beside the whole catalogue of held-out courses."""
    encoder = load_encoder(empty_town.settings)
    pairs = read("held_out")
    assert len(pairs) >= 60
    assert not {given for _, given in pairs} & {given for _, given in read("development")}
    right = {pair for pair, fits in pairs.items() if fits}
    alone, together = close_pairs(pairs, encoder), offered(pairs, encoder)
    assert len(alone & right) / len(alone) >= 0.95
    assert len(alone & right) / len(right) >= 0.80
    assert len(together & right) / len(together) >= 0.85
    assert len(together & right) / len(right) >= 0.80
