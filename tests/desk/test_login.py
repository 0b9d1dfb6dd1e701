"""Logging in and out, sessions, and forms that are not our own."""

import logging

import pytest
import sqlalchemy as sa
from desk_client import ADDRESS, CHEAP, PASSWORD, Visitor, add_account, csrf_in
from fastapi.testclient import TestClient

from api.app import create_app
from core.accounts import AttemptRules, Role, User
from core.passwords import Passwords
from core.settings import Settings
from core.sign_in import set_password


@pytest.fixture
def account(store) -> User:
    return add_account(store, Role.MATCHMAKER, name="Anna.Bakker")


def inside(visitor: Visitor) -> bool:
    """Whether the visitor is logged in: ``/`` leads on, not to the login page."""
    return not visitor.get("/").headers["location"].startswith("/inloggen")


def sessions(store) -> int:
    with store._database.reading() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM sessions")).scalar())


def test_who_is_not_logged_in_is_sent_to_the_login_page_and_from_there_back(visitor, account):
    assert visitor.get("/").headers["location"] == "/inloggen"
    answer = visitor.sign_in("anna.bakker")
    assert (answer.status_code, answer.headers["location"]) == (303, "/vacatures")
    assert visitor.get("/").headers["location"] == "/vacatures"


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_first_page_that_is_in_its_menu(signed_in, role):
    from api.desk.roles import may_of
    from api.desk.site import MENU

    visitor = signed_in(role)
    first = visitor.get("/").headers["location"]
    may = may_of(visitor.user)
    assert first in {place.path for place in MENU if may(place.permission)}


def test_a_page_after_login_is_the_one_that_was_asked_for(visitor, account):
    shown = visitor.get("/inloggen", params={"next": "/vacatures?zoek=kok"})
    assert 'value="/vacatures?zoek=kok"' in shown.text
    answer = visitor.sign_in("anna.bakker", next="/vacatures?zoek=kok")
    assert answer.headers["location"] == "/vacatures?zoek=kok"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example",
        "///vacatures",
        "/\\evil.example",
        "\\\\evil.example",
        "/vacatures\\..\\x",
        "javascript:alert(1)",
        "/vacatures\r\nSet-Cookie: a=b",
        " /vacatures",
        "/v1/talents",
        "/inloggen?next=/inloggen",
        "/" + "a" * 600,
        "https:/vacatures",
    ],
)
def test_an_address_elsewhere_is_never_where_a_login_leads(visitor, account, address):
    answer = visitor.sign_in("anna.bakker", next=address)
    assert (answer.status_code, answer.headers["location"]) == (303, "/vacatures")


def test_the_cookie_is_for_this_site_only_and_no_script_reads_it(visitor, account):
    answer = visitor.sign_in("ANNA.bakker ")
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith("kansrijk_session=")]
    assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_the_database_holds_no_token_and_no_password(visitor, account, store, settings):
    visitor.sign_in("anna.bakker")
    content = b"".join(file.read_bytes() for file in settings.home.iterdir() if file.is_file())
    assert visitor.cookies["kansrijk_session"].encode() not in content
    assert PASSWORD.encode() not in content
    assert b"$argon2id$" in content


@pytest.mark.parametrize(
    ("name", "password"), [("anna.bakker", "verkeerd wachtwoord"), ("niemand", PASSWORD), ("", "")]
)
def test_what_is_wrong_is_not_told(visitor, account, store, name, password):
    answer = visitor.sign_in(name, password)
    assert answer.status_code == 422
    assert "horen niet bij elkaar" in answer.text
    assert 'value=""' in answer.text.partition('type="password"')[2].partition(">")[0]
    assert not inside(visitor)
    assert sessions(store) == 0


def test_logging_in_again_gives_another_token_and_ends_the_first(visitor, account, store):
    visitor.sign_in("anna.bakker")
    first = visitor.cookies["kansrijk_session"]
    visitor.cookies.set("kansrijk_login", "x" * 43, domain="127.0.0.1", path="/")
    answer = visitor.post("/inloggen", data={"naam": "anna.bakker", "wachtwoord": PASSWORD, "csrf": visitor.csrf})
    assert answer.status_code == 303
    assert visitor.cookies["kansrijk_session"] != first
    assert sessions(store) == 1


def test_a_token_that_somebody_chose_is_never_taken_over(visitor, account):
    visitor.cookies.set("kansrijk_session", "A" * 43, domain="127.0.0.1", path="/")
    visitor.sign_in("anna.bakker")
    values = {one.value for one in visitor.cookies.jar if one.name == "kansrijk_session"}
    assert values - {"A" * 43}
    with_chosen = visitor.get("/", headers={"Cookie": "kansrijk_session=" + "A" * 43})
    assert with_chosen.headers["location"] == "/inloggen"


def test_logging_out_ends_the_session_on_the_server(visitor, account, store):
    visitor.sign_in("anna.bakker")
    token = visitor.cookies["kansrijk_session"]
    answer = visitor.submit("/uitloggen")
    assert answer.headers["location"].startswith("/inloggen?")
    assert "Je bent uitgelogd." in visitor.get(answer.headers["location"]).text
    assert visitor.get("/", headers={"Cookie": f"kansrijk_session={token}"}).headers["location"] == "/inloggen"
    assert sessions(store) == 0


def test_who_does_nothing_for_half_an_hour_logs_in_again(visitor, account, clock):
    visitor.sign_in("anna.bakker")
    clock.turn(minutes=29)
    assert inside(visitor)
    clock.turn(minutes=29)
    assert inside(visitor), "the first of these requests was half an hour before; the second was not"
    clock.turn(minutes=30)
    assert not inside(visitor)


def test_after_a_working_day_everybody_logs_in_again(visitor, account, clock):
    visitor.sign_in("anna.bakker")
    for _ in range(8 * 4 - 1):
        clock.turn(minutes=15)
        assert inside(visitor)
    clock.turn(minutes=15)
    assert not inside(visitor)


def test_the_times_are_settings(store, ranking, tmp_path, account, clock):
    from desk_client import service_on

    settings = Settings(home=tmp_path, session_idle_minutes=5, session_hours=1)
    with Visitor(
        create_app(service_on(store, ranking, clock), settings), base_url=ADDRESS, follow_redirects=False
    ) as short:
        short.sign_in("anna.bakker")
        clock.turn(minutes=5)
        assert not inside(short)


def test_a_disabled_account_and_a_new_password_end_every_session(visitor, account, store):
    visitor.sign_in("anna.bakker")
    store.accounts.replace(account.model_copy(update={"active": False}))
    assert not inside(visitor)
    assert visitor.sign_in("anna.bakker").status_code == 422
    store.accounts.replace(account)
    assert visitor.sign_in("anna.bakker").status_code == 303
    set_password(store, CHEAP, account, "een heel ander wachtwoord")
    assert not inside(visitor)
    assert visitor.sign_in("anna.bakker").status_code == 422
    assert visitor.sign_in("anna.bakker", "een heel ander wachtwoord").status_code == 303


def test_after_five_wrong_passwords_even_the_right_one_waits(visitor, account, clock):
    for _ in range(AttemptRules().free):
        assert visitor.sign_in("anna.bakker", "verkeerd wachtwoord").status_code == 422
    refused = visitor.sign_in("Anna.Bakker")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert "te veel pogingen" in refused.text
    clock.turn(seconds=31)
    assert visitor.sign_in("anna.bakker").status_code == 303


def test_a_name_that_does_not_exist_waits_as_long(visitor, clock):
    answers = [visitor.sign_in("niemand", "verkeerd wachtwoord").status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_a_form_without_the_text_of_the_session_is_refused(visitor, account, store):
    visitor.sign_in("anna.bakker")
    for data in ({}, {"csrf": ""}, {"csrf": "x" * 43}, {"csrf": visitor.csrf + "x"}, {"Csrf": visitor.csrf}):
        answer = visitor.post("/uitloggen", data=data)
        assert answer.status_code == 403
        assert "Deze bladzijde is verlopen" in answer.text
    assert visitor.post(f"/uitloggen?csrf={visitor.csrf}").status_code == 403
    with_file = visitor.post("/uitloggen", files={"csrf": ("a.txt", visitor.csrf.encode())})
    assert with_file.status_code == 403


def test_a_form_that_the_browser_says_comes_from_elsewhere_is_refused(visitor, account):
    visitor.sign_in("anna.bakker")
    for site in ("cross-site", "same-site"):
        answer = visitor.post("/uitloggen", data={"csrf": visitor.csrf}, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403
    answer = visitor.post("/uitloggen", data={"csrf": visitor.csrf}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 303


def test_somebody_elses_text_does_not_fit(signed_in):
    anna, bas = signed_in("matchmaker"), signed_in("matchmaker")
    assert anna.post("/uitloggen", data={"csrf": bas.csrf}).status_code == 403


def test_the_login_form_needs_its_own_text(visitor, account):
    filled = {"naam": "anna.bakker", "wachtwoord": PASSWORD}
    assert visitor.post("/inloggen", data=filled).status_code == 403
    text = csrf_in(visitor.get("/inloggen").text)
    assert visitor.post("/inloggen", data=filled | {"csrf": text[:-1]}).status_code == 403
    visitor.cookies.clear()
    assert visitor.post("/inloggen", data=filled | {"csrf": text}).status_code == 403


def test_a_form_of_who_is_no_longer_logged_in_leads_to_the_login_page(visitor):
    answer = visitor.post("/uitloggen", data={"csrf": "x"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/inloggen")


def test_a_hash_with_other_parameters_is_replaced_at_the_next_login(visitor, account, store):
    other = Passwords(passes=2, memory_kib=16, lanes=1)
    store.accounts.set_password(account.user_id, other.hash(PASSWORD), end_sessions=False)
    assert visitor.sign_in("anna.bakker").status_code == 303
    _, kept = store.accounts.named("anna.bakker")
    assert kept.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    visitor.submit("/uitloggen")
    assert visitor.sign_in("anna.bakker").status_code == 303


def test_logs_name_nobody(visitor, account, caplog):
    caplog.set_level(logging.INFO)
    visitor.sign_in("anna.bakker", "verkeerd wachtwoord")
    visitor.sign_in("anna.bakker")
    visitor.submit("/uitloggen")
    assert f"sign-in user={account.user_id}" in caplog.text
    assert "sign-in refused" in caplog.text
    for secret in ("anna", "Anna", PASSWORD, "verkeerd"):
        assert secret not in caplog.text


def test_pages_load_nothing_from_elsewhere_and_stand_in_no_frame(visitor):
    policy = visitor.get("/inloggen").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_an_error_on_a_page_is_a_page(visitor):
    answer = visitor.get("/vacatures-bestaat-niet")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    answer = visitor.get("/gebruikers/bestaat/niet")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "Niet gevonden" in answer.text
    assert visitor.get("/uitloggen").status_code == 405
    too_large = visitor.post("/inloggen", content=b"x" * (1024 * 1024 + 1))
    assert too_large.status_code == 413
    assert too_large.headers["content-type"].startswith("text/html")


@pytest.fixture
def keyed(store, ranking, tmp_path, clock):
    """The service of a network: with an API key, under its own name."""
    from desk_client import service_on

    settings = Settings(home=tmp_path, api_key="geheime-sleutel-0123456789")
    app = create_app(service_on(store, ranking, clock), settings)
    with Visitor(app, base_url="https://kansrijk.example", follow_redirects=False) as opened:
        opened.store = store
        yield opened


def test_with_an_api_key_pages_go_by_the_login_and_all_else_by_the_key(keyed, account):
    key = {"X-API-Key": "geheime-sleutel-0123456789"}
    assert keyed.get("/v1/talents").status_code == 401
    assert keyed.get("/", headers=key).headers["location"] == "/inloggen"
    assert keyed.sign_in("anna.bakker").status_code == 303
    assert inside(keyed)
    for path in ("/v1/talents", "/metrics", "/docs", "/openapi.json", "/nowhere", "/vacaturesx", "//v1/talents"):
        assert keyed.get(f"https://kansrijk.example{path}").status_code == 401, "a session is no key"
    assert keyed.get("/v1/talents", headers=key).status_code == 200


def test_without_a_key_pages_too_are_for_this_machine_only(app, account):
    with TestClient(app, base_url="https://evil.example", follow_redirects=False) as foreign:
        assert foreign.get("/inloggen").status_code == 421


def test_pages_are_not_in_the_description_of_the_api(visitor):
    assert "inloggen" not in visitor.get("/openapi.json").text
