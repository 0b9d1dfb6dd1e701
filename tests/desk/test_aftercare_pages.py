"""The queue and the page of a placement through the real app; the clock stands on Monday 12 January 2026, 10:00."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from desk_client import NOW

from api.desk.aftercare_book import AftercareBook
from core.records import EVENT_ADAPTER, Talent, Vacancy
from core.vocabulary import EventKind, SupportKind

TODAY = NOW.date()
WHO, JOB = "t-1", "v-1"
PAGE = f"/nazorg/{JOB}/{WHO}"


def put(store, kind, days_ago=0, pair=(JOB, WHO), **fields):
    put.number += 1
    event = {"event_id": f"e-{put.number}", "kind": kind, "occurred_at": NOW - timedelta(days=days_ago)}
    event |= {"vacancy_id": pair[0], "talent_id": pair[1]}
    # Each is written a little later, so that it can be followed.
    store.put_events([EVENT_ADAPTER.validate_python(event | fields)], now=NOW + timedelta(seconds=put.number))


put.number = 0


def place(store, started_days_ago, pair=(JOB, WHO), signed_days_ago=None, **fields):
    starts = TODAY - timedelta(days=started_days_ago)
    told = {"starts_on": starts, "contract_hours_per_week": 32} | fields
    put(store, "placed", signed_days_ago or max(started_days_ago, 0) + 4, pair, **told)


def of_kind(store, kind):
    return [event for event in store.iter_events() if event.kind == kind]


@pytest.fixture
def town(store):
    """Two people from Rotterdam, one from Delft, and the jobs they got."""
    where = {"t-1": "Rotterdam", "t-2": "Delft", "t-3": "Rotterdam"}
    store.put_talents([Talent(talent_id=key, municipality=town) for key, town in where.items()], now=NOW)
    jobs = [
        {
            "vacancy_id": f"v-{n}",
            "title": f"Werk nummer {n}",
            "employer": {"employer_id": f"e-{n}", "name": f"Firma {n}"},
        }
        for n in (1, 2, 3)
    ]
    store.put_vacancies([Vacancy.model_validate(job) for job in jobs], now=NOW)
    return store


@pytest.fixture
def matchmaker(town, signed_in):
    return signed_in("matchmaker")


def headings(html):
    return re.findall(r"<h2>([^<]*)</h2>", html)


def cards(html):
    """Who stands on the page, in order."""
    return re.findall(r'class="card call".*?Talent (t-\d)', html, flags=re.DOTALL)


def test_late_calls_come_first_then_today_then_the_coming_two_weeks(town, matchmaker):
    place(town, 0, ("v-1", "t-1"))
    place(town, 9, ("v-2", "t-2"))
    place(town, -3, ("v-3", "t-3"), signed_days_ago=1)
    html = matchmaker.get("/nazorg").text
    assert headings(html) == ["Te laat", "Vandaag", "Komende twee weken"]
    # t-2 waits since the first day; t-1 starts today, and has a week to go for the next call; t-3 starts on Thursday.
    assert cards(html) == ["t-2", "t-1", "t-3", "t-1", "t-3"]
    assert "9 dagen te laat" in html
    assert "1 gesprek is te laat" in html
    assert "3 gesprekken komen in de komende twee weken" in html
    assert "Nog niet gebeld over: eerste dag" in html


def test_filters_of_moment_and_municipality(town, matchmaker):
    place(town, 0, ("v-1", "t-1"))
    place(town, 9, ("v-2", "t-2"))
    assert cards(matchmaker.get("/nazorg?gemeente=Delft").text) == ["t-2"]
    assert cards(matchmaker.get("/nazorg?moment=first_day").text) == ["t-1"]
    assert cards(matchmaker.get("/nazorg?moment=first_day&gemeente=Delft").text) == []
    assert "Haal dan een filter weg" in matchmaker.get("/nazorg?moment=first_day&gemeente=Delft").text
    assert cards(matchmaker.get("/nazorg?moment=nonsense").text) == ["t-2", "t-1", "t-1"]


def test_a_list_without_calls_says_so(matchmaker):
    for address in ("/nazorg", "/nazorg?lijst=hulp", "/nazorg?lijst=alle"):
        answer = matchmaker.get(address)
        assert (answer.status_code, cards(answer.text)) == (200, [])
    assert "niemand te bellen" in matchmaker.get("/nazorg").text


def test_long_lists_have_pages(town, matchmaker):
    for number in range(23):
        place(town, 1, (f"v-{number:02d}", f"t-{number % 3 + 1}"))
    first, second = (matchmaker.get(f"/nazorg?blad={number}").text for number in (1, 2))
    assert (len(cards(first)), len(cards(second))) == (20, 20)  # 23 late, 23 to come
    assert 'rel="next" href="/nazorg?blad=2"' in first
    assert 'rel="prev" href="/nazorg"' in second
    assert len(cards(matchmaker.get("/nazorg?blad=3").text)) == 6


@pytest.mark.parametrize(
    ("answer", "at_work", "doubts", "leads_to"),
    [
        ("ja", True, None, "/nazorg?gemeente=Delft&melding=aftercare.done.at_work"),
        ("twijfel", True, True, "/nazorg?gemeente=Delft&melding=aftercare.done.doubts"),
        ("nee", False, None, f"{PAGE}?melding=aftercare.done.left"),
    ],
)
def test_a_call_is_answered_with_one_button(town, matchmaker, answer, at_work, doubts, leads_to):
    place(town, 7)
    shown = matchmaker.get("/nazorg").text
    form = re.search(rf'action="({PAGE}/[a-z_]+)"', shown)[1]
    assert form == f"{PAGE}/first_week"
    sent = matchmaker.submit(form, antwoord=answer, terug="/nazorg?gemeente=Delft")
    assert (sent.status_code, sent.headers["location"]) == (303, leads_to)
    (event,) = of_kind(town, EventKind.CHECKPOINT)
    assert (event.moment, event.still_working, event.occurred_at) == ("first_week", at_work, NOW)
    assert event.extra == {"by": matchmaker.user.user_id} | ({"doubts": True} if doubts else {})
    assert "Te laat" not in headings(matchmaker.get("/nazorg").text)


def test_who_has_doubts_is_offered_help_until_a_later_call_has_none(town, matchmaker):
    place(town, 7)
    assert cards(matchmaker.get("/nazorg?lijst=hulp").text) == []
    matchmaker.submit(f"{PAGE}/first_week", antwoord="twijfel")
    html = matchmaker.get("/nazorg?lijst=hulp").text
    assert cards(html) == ["t-1"]
    assert "In het gesprek van 12 januari 2026 waren er twijfels." in html
    assert "jobcoach" in html
    put(town, "checkpoint", moment="first_month", still_working=True)
    assert cards(matchmaker.get("/nazorg?lijst=hulp").text) == []


def test_who_left_is_asked_since_when_and_why(town, matchmaker):
    place(town, 7)
    told = matchmaker.submit(f"{PAGE}/first_week", antwoord="nee").headers["location"]
    html = matchmaker.get(told).text
    assert "Vul nu in sinds wanneer" in html
    assert "Sinds wanneer, en waarom?" in html
    assert cards(matchmaker.get("/nazorg?lijst=hulp").text) == ["t-1"]
    done = matchmaker.submit(f"{PAGE}/gestopt", einde="2026-01-09", reden="Werk viel tegen")
    assert done.headers["location"] == f"{PAGE}?melding=aftercare.done.ended"
    (event,) = of_kind(town, EventKind.ENDED)
    assert (event.ended_on, event.reason) == (date(2026, 1, 9), "Werk viel tegen")
    assert cards(matchmaker.get("/nazorg?lijst=hulp").text) == []
    assert "Werkt hier niet meer sinds 9 jan 2026" in matchmaker.get(PAGE).text


def test_an_end_needs_a_day_and_a_reason(town, matchmaker):
    place(town, 7)
    answer = matchmaker.submit(f"{PAGE}/gestopt", einde="", reden=" ")
    assert answer.status_code == 422
    assert 'href="#einde"' in answer.text
    assert 'href="#reden"' in answer.text
    far = matchmaker.submit(f"{PAGE}/gestopt", einde="2036-01-09", reden="Werk viel tegen")
    assert (far.status_code, "Werk viel tegen</textarea>" in far.text) == (422, True)
    assert "meer dan een jaar" in far.text
    assert of_kind(town, EventKind.ENDED) == []


@pytest.mark.parametrize(
    ("typed", "total"), [("120", 120), ("120,5", 120.5), (" 1.040 ", 1040), ("0", 0), ("1176", 1176)]
)
def test_hours_are_told_as_a_dutch_reader_writes_them(town, matchmaker, typed, total):
    place(town, 48)  # 49 days: at most 1,176 hours
    answer = matchmaker.submit(f"{PAGE}/uren", uren=typed)
    assert answer.headers["location"] == f"{PAGE}?melding=aftercare.done.hours"
    assert [event.total_hours for event in of_kind(town, EventKind.HOURS)] == [total]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Vul een aantal uren in"),
        ("veel", "Vul een aantal uren in"),
        ("-1", "Vul een aantal uren in"),
        ("nan", "Vul een aantal uren in"),
        ("1e999", "Vul een aantal uren in"),
        ("149,5", "minder uren dan het vorige aantal: 150"),
        ("1177", "maar 1.176 uren voorbij"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_what_to_do(town, matchmaker, typed, message):
    place(town, 48)
    put(town, "hours", 7, total_hours=150)
    answer = matchmaker.submit(f"{PAGE}/uren", uren=typed)
    assert answer.status_code == 422
    assert message in answer.text
    assert f'value="{typed}"' in answer.text
    assert len(of_kind(town, EventKind.HOURS)) == 1


def test_a_wrong_total_can_be_put_right(town, matchmaker):
    place(town, 48)
    assert "correctie" not in matchmaker.get(PAGE).text  # nothing was told yet
    put(town, "hours", 7, total_hours=1500)
    assert "correctie" in matchmaker.get(PAGE).text
    assert "1.500 van de 1.040 uren" in matchmaker.get(PAGE).text
    assert matchmaker.submit(f"{PAGE}/uren", uren="150", correctie="ja").status_code == 303
    (told,) = [event for event in of_kind(town, EventKind.HOURS) if event.correction]
    assert told.total_hours == 150
    assert "150 van de 1.040 uren" in matchmaker.get(PAGE).text


def test_hours_count_from_timecards_or_are_estimated(town, matchmaker):
    place(town, 21)  # three weeks of 32 hours
    html = matchmaker.get("/nazorg?lijst=alle").text
    assert "96 van de 1.040 uren" in html
    assert "geschat uit het contract" in html
    assert re.search(r'<progress id="([^"]+)" max="1040.0" value="96.0">', html)
    put(town, "hours", 1, total_hours=80)
    html = matchmaker.get(PAGE).text
    assert "80 van de 1.040 uren" in html
    assert "uit urenbriefjes tot en met 11 jan 2026" in html


def test_hours_after_the_end_still_count(town, matchmaker):
    place(town, 48)
    put(town, "ended", 3, ended_on=TODAY - timedelta(days=4))
    assert matchmaker.submit(f"{PAGE}/uren", uren="200").status_code == 303
    assert matchmaker.submit(f"{PAGE}/first_month", antwoord="ja").status_code == 409
    assert of_kind(town, EventKind.CHECKPOINT) == []


def test_support_is_written_down_and_shown(town, matchmaker):
    place(town, 20)
    assert matchmaker.submit(f"{PAGE}/hulp", hulp="magic").status_code == 422
    answer = matchmaker.submit(f"{PAGE}/hulp", hulp="job_coach", toelichting="Een uur per week")
    assert answer.headers["location"] == f"{PAGE}?melding=aftercare.done.support"
    (event,) = of_kind(town, EventKind.SUPPORT)
    assert (event.support, event.note) == (SupportKind.JOB_COACH, "Een uur per week")
    assert "jobcoach, 12 jan 2026" in matchmaker.get("/nazorg?lijst=hulp").text


def test_a_form_that_is_sent_twice_is_written_once(town, matchmaker):
    place(town, 7)
    for _ in range(2):
        assert matchmaker.submit(f"{PAGE}/uren", uren="30", once="same").status_code == 303
        assert matchmaker.submit(f"{PAGE}/first_week", antwoord="nee", once="same").status_code == 303
    assert len(of_kind(town, EventKind.HOURS)) == 1
    assert len(of_kind(town, EventKind.CHECKPOINT)) == 1


def test_a_call_must_be_answered_and_name_a_call(town, matchmaker):
    place(town, 7)
    assert matchmaker.submit(f"{PAGE}/first_week", antwoord="misschien").status_code == 422
    assert matchmaker.submit(f"{PAGE}/tenth_week", antwoord="ja").status_code == 422
    assert matchmaker.submit("/nazorg/v-9/t-1/first_week", antwoord="ja").status_code == 404
    away = matchmaker.submit(f"{PAGE}/first_week", antwoord="ja", terug="https://elders.example/")
    assert away.headers["location"].startswith("/nazorg?melding=")


def test_a_municipality_sees_its_own_people_and_answers_nothing(town, signed_in):
    place(town, 7, ("v-1", "t-1"))
    place(town, 7, ("v-2", "t-2"))
    delft = signed_in("municipality", municipality="Delft")
    assert cards(delft.get("/nazorg").text) == ["t-2"]
    assert cards(delft.get("/nazorg?gemeente=Rotterdam").text) == ["t-2"]
    assert "Rotterdam" not in delft.get("/nazorg").text
    assert delft.get("/nazorg/v-1/t-1").status_code == 404
    html = delft.get("/nazorg/v-2/t-2").text
    assert "antwoord" not in html
    assert 'name="uren"' not in html
    for part, fields in {"uren": {"uren": "9"}, "hulp": {"hulp": "travel"}, "first_week": {"antwoord": "ja"},
                         "gestopt": {"einde": "2026-01-09", "reden": "x"}}.items():  # fmt: skip
        assert delft.submit(f"/nazorg/v-2/t-2/{part}", **fields).status_code == 403
    assert {event.kind for event in town.iter_events()} == {EventKind.PLACED}


@pytest.mark.parametrize("role", ["employer", "data_scientist", "administrator"])
def test_others_do_not_see_aftercare(town, signed_in, role):
    place(town, 7)
    visitor = signed_in(role)
    assert {visitor.get(address).status_code for address in ("/nazorg", PAGE)} == {403}


def test_no_code_of_the_contract_stands_on_a_page(town, matchmaker):
    place(town, 40, contract_ends_on=TODAY + timedelta(days=20))
    put(town, "support", 3, support="wage_subsidy")
    put(town, "hours", 1, total_hours=10)
    for address in ("/nazorg", "/nazorg?lijst=hulp", "/nazorg?lijst=alle", PAGE):
        html = matchmaker.get(address).text
        text = re.sub(r"<[^>]*>", " ", html)
        assert not re.search(r"\b(None|True|False|first_day|wage_subsidy|timecards|[a-z]+_[a-z_]+)\b", text), address


def test_the_book_follows_what_comes_in_as_if_it_read_all(town):
    book = AftercareBook(town)
    noon = datetime(2026, 1, 12, 12, tzinfo=UTC)
    place(town, 7, ("v-1", "t-1"))
    place(town, 20, ("v-2", "t-2"))
    assert len(book.queue(noon).due) == 2
    steps = [
        lambda: put(town, "checkpoint", 0, ("v-1", "t-1"), moment="first_week", still_working=True),
        lambda: put(town, "checkpoint", 0, ("v-2", "t-2"), moment="first_week", still_working=False),
        lambda: place(town, 1, ("v-3", "t-1")),
        lambda: put(town, "hours", 0, ("v-3", "t-1"), total_hours=5),
        lambda: town.erase("t-2", now=NOW),
        lambda: put(town, "ended", 0, ("v-3", "t-1"), ended_on=TODAY),
    ]
    for step in steps:
        step()
        assert book.queue(noon) == AftercareBook(town).queue(noon)
    tomorrow = noon + timedelta(days=1)
    assert book.queue(tomorrow) == AftercareBook(town).queue(tomorrow)
