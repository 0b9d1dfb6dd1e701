"""Logging in with the organisation's own account, at a real issuer on this machine."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from desk_client import ADDRESS, NOW, Visitor, add_account, service_on
from fastapi import FastAPI
from joserfc.jwk import KeySet
from local_issuer import CLIENT_ID, CLIENT_SECRET, OTHER_KEY, LocalIssuer, running

from api.app import create_app
from core.accounts import Rights, Role
from core.errors import SettingsInvalid
from core.settings import Settings, load_settings

ROLES = {"city": "municipality:Schiedam", "desk": "matchmaker", "firm": "employer:e-1", "boss": "administrator"}


@pytest.fixture(scope="module")
def running_issuer() -> Iterator[LocalIssuer]:
    with running(int(NOW.timestamp())) as opened:
        yield opened


@pytest.fixture
def issuer(running_issuer: LocalIssuer) -> LocalIssuer:
    """An honest issuer."""
    running_issuer.tell_the_truth()
    return running_issuer


def settings_at(address: str, home: Path) -> Settings:
    return Settings(
        home=home,
        oidc_issuer=address,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_roles=ROLES,
        public_url=ADDRESS,
    )


@pytest.fixture(scope="module")
def app_with_issuer(opener, running_issuer, tmp_path_factory) -> FastAPI:
    return create_app(opener, settings_at(running_issuer.address, tmp_path_factory.mktemp("oidc")))


@pytest.fixture
def visitor(app_with_issuer, opener, issuer, store, ranking, clock) -> Iterator[Visitor]:
    """Somebody at a desk whose organisation has a login of its own."""
    opener.now = service_on(store, ranking, clock)
    with Visitor(app_with_issuer, base_url=ADDRESS, follow_redirects=False) as opened:
        opened.store = store
        yield opened


def there(visitor: Visitor, wanted: str = "") -> str:
    """Goes to the issuer and logs in there; the address that it sends the browser back to."""
    begun = visitor.get("/inloggen/oidc", params={"next": wanted} if wanted else {})
    assert begun.status_code == 303, begun.text
    return httpx2.get(begun.headers["location"]).headers["location"]


def and_back(visitor: Visitor, wanted: str = ""):
    return visitor.get(there(visitor, wanted))


def test_who_logs_in_there_is_logged_in_here(visitor, store, issuer):
    assert "/inloggen/oidc?next=%2Fnazorg" in visitor.get("/inloggen?next=/nazorg").text
    answer = and_back(visitor, "/nazorg")
    assert (answer.status_code, answer.headers["location"]) == (303, "/nazorg")
    assert visitor.get("/").headers["location"] == "/vacatures"
    (user,) = store.accounts.page(limit=10)
    assert (user.display_name, user.role, user.active) == ("Anna Bakker", Role.MATCHMAKER, True)
    assert user.subject != "p-1"
    assert user.name.startswith("sso-")
    assert store.accounts.named(user.name)[1] is None
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith("kansrijk_session=")]
    assert {"Secure", "HttpOnly", "SameSite=lax"} <= set(cookie.split("; "))
    assert "kansrijk_oidc" not in visitor.cookies


def test_what_is_sent_along_is_new_each_time_and_not_in_the_address(visitor):
    asked = [visitor.get("/inloggen/oidc") for _ in range(2)]
    queries = [parse_qs(urlsplit(one.headers["location"]).query) for one in asked]
    for name in ("state", "nonce", "code_challenge"):
        assert queries[0][name] != queries[1][name]
        assert len(queries[0][name][0]) >= 43
    assert queries[0]["redirect_uri"] == ["https://127.0.0.1/inloggen/oidc/terug"]
    verifier = visitor.cookies["kansrijk_oidc"].split(":")[2]
    assert verifier not in asked[1].headers["location"]
    (cookie,) = [one for one in asked[1].headers.get_list("set-cookie") if one.startswith("kansrijk_oidc=")]
    assert {"Secure", "HttpOnly", "SameSite=lax", "Max-Age=600"} <= set(cookie.split("; "))


def test_the_second_visit_is_by_the_same_account_and_the_role_comes_from_there(visitor, store, issuer):
    and_back(visitor)
    (first,) = store.accounts.page(limit=10)
    visitor.submit("/uitloggen")
    issuer.person |= {"name": "Anna de Wit", "groups": ["city", "desk"]}
    and_back(visitor)
    (second,) = store.accounts.page(limit=10)
    assert second.user_id == first.user_id
    assert (second.role, second.municipality, second.display_name) == (Role.MUNICIPALITY, "Schiedam", "Anna de Wit")


def test_another_person_there_is_another_account_here(visitor, store, issuer):
    and_back(visitor)
    visitor.submit("/uitloggen")
    issuer.person |= {"sub": "p-2", "groups": "firm"}
    and_back(visitor)
    assert {(user.role, user.employer_id) for user in store.accounts.page(limit=10)} == {
        (Role.MATCHMAKER, None),
        (Role.EMPLOYER, "e-1"),
    }


def test_a_name_is_no_proof(visitor, store, issuer):
    """Whoever calls themselves anna there does not get the account anna here."""
    mine = add_account(store, Role.ADMINISTRATOR, name="anna")
    issuer.person |= {"preferred_username": "Anna", "email": "anna@example.org"}
    and_back(visitor)
    user = next(user for user in store.accounts.page(limit=10) if user.subject)
    assert (user.name, user.role) == ("anna@example.org", Role.MATCHMAKER)
    assert store.accounts.get(mine.user_id) == mine


def test_a_switched_off_account_stays_out(visitor, store):
    and_back(visitor)
    visitor.submit("/uitloggen")
    (user,) = store.accounts.page(limit=10)
    store.accounts.replace(user.model_copy(update={"active": False}))
    answer = and_back(visitor)
    assert answer.status_code == 403
    assert "heeft geen toegang meer" in answer.text
    assert visitor.get("/").headers["location"] == "/inloggen"


def refused(visitor: Visitor, answer, status: int = 400, words: str = "is niet gelukt") -> bool:
    """Whether a login failed: told in Dutch, nobody inside, no account made, the attempt spent."""
    assert answer.status_code == status
    assert words in answer.text
    assert visitor.get("/").headers["location"] == "/inloggen"
    assert visitor.store.accounts.page(limit=10) == []
    assert "kansrijk_oidc" not in visitor.cookies
    return True


@pytest.mark.parametrize("groups", [[], ["other"], None, "des", ["Desk"], {"desk": True}])
def test_who_has_no_role_does_not_come_in(visitor, issuer, groups):
    issuer.person["groups"] = groups
    assert refused(visitor, and_back(visitor), 403, "geeft nog geen toegang")


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(visitor, issuer):
    address = there(visitor)
    changed = address.replace("state=", "state=x")
    assert refused(visitor, visitor.get(changed))
    address = there(visitor)
    visitor.cookies.clear()
    assert refused(visitor, visitor.get(address))
    there(visitor)
    assert refused(visitor, visitor.get("/inloggen/oidc/terug"))
    assert "/token" not in issuer.asked


def test_an_attempt_counts_once(visitor):
    address = there(visitor)
    kept = visitor.cookies["kansrijk_oidc"]
    assert visitor.get(address).status_code == 303
    visitor.submit("/uitloggen")
    again = visitor.get(address, headers={"Cookie": f"kansrijk_oidc={kept}"})
    assert again.status_code == 400, "the code was used"


@pytest.mark.parametrize("cookie", ["", "x", ":::", "a:b:c", "a:b:c:d:e", "a::c:"])
def test_a_cookie_that_is_not_ours_is_refused(visitor, cookie):
    answer = visitor.get("/inloggen/oidc/terug?state=&code=x", headers={"Cookie": f"kansrijk_oidc={cookie}"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "of another attempt"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"aud": "another client"},
        {"aud": "another client", "azp": CLIENT_ID},
        {"aud": [CLIENT_ID, "another client"]},  # and nobody says for whom it is
        {"azp": "another client"},
        {"exp": int(NOW.timestamp()) - 61},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"at_hash": "of another access token"},
    ],
    ids=str,
)
def test_a_token_that_lies_is_refused(visitor, issuer, lie):
    issuer.token = lie
    assert refused(visitor, and_back(visitor))


def test_a_token_that_ran_out_is_refused_by_our_own_clock(visitor, clock):
    clock.turn(minutes=7)
    assert refused(visitor, and_back(visitor))


def test_a_token_of_another_key_is_refused(visitor, issuer):
    issuer.signing_key = OTHER_KEY
    assert refused(visitor, and_back(visitor))
    assert issuer.asked.count("/jwks") == 2, "an unknown key is asked for once more"


def test_a_new_key_of_the_issuer_is_found(visitor, issuer):
    assert and_back(visitor).status_code == 303
    visitor.submit("/uitloggen")
    issuer.signing_key, issuer.published = OTHER_KEY, KeySet([OTHER_KEY])
    assert and_back(visitor).status_code == 303


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_without_a_key_pair_is_refused_whatever_the_issuer_says(visitor, issuer, algorithm):
    """The public key as a shared secret is an old trick: everybody knows it."""
    issuer.algorithm = algorithm
    issuer.description = {"id_token_signing_alg_values_supported": ["none", "HS256", "RS256"]}
    assert refused(visitor, and_back(visitor))


def test_a_code_without_our_verifier_is_worth_nothing(visitor, issuer):
    address = there(visitor)
    for began in issuer.codes.values():
        began["code_challenge"] = "of another browser"
    assert refused(visitor, visitor.get(address))


def test_a_refusal_there_is_told_here(visitor):
    there(visitor)
    state = visitor.cookies["kansrijk_oidc"].split(":")[0]
    answer = visitor.get(
        "/inloggen/oidc/terug", params={"error": "access_denied", "error_description": "<b>x</b>", "state": state}
    )
    assert refused(visitor, answer)
    assert "<b>x" not in answer.text
    assert "access_denied" not in answer.text


def test_an_issuer_that_is_away_does_not_keep_passwords_out(store, ranking, clock, tmp_path):
    add_account(store, Role.MATCHMAKER, name="anna")
    app = create_app(service_on(store, ranking, clock), settings_at("http://127.0.0.1:1", tmp_path))
    with Visitor(app, base_url=ADDRESS, follow_redirects=False) as visitor:
        answer = visitor.get("/inloggen/oidc")
        assert answer.status_code == 503
        assert "lukt nu niet" in answer.text
        assert 'name="wachtwoord"' in answer.text
        assert visitor.sign_in("anna").status_code == 303


def test_an_issuer_that_goes_away_meanwhile_is_told(visitor, issuer, monkeypatch):
    address = there(visitor)
    monkeypatch.setattr(issuer, "exchange", lambda *_: (500, {}))
    assert visitor.get(address).status_code == 503
    assert visitor.get("/").headers["location"] == "/inloggen"


@pytest.mark.parametrize(
    "description", [{"issuer": "https://evil.example"}, {"jwks_uri": None}, {"token_endpoint": 3}], ids=str
)
def test_a_description_of_another_issuer_is_refused(visitor, issuer, description):
    issuer.description = description
    assert visitor.get("/inloggen/oidc").status_code == 503


def test_without_an_issuer_there_is_no_such_page(app):
    with Visitor(app, base_url=ADDRESS, follow_redirects=False) as visitor:
        assert visitor.get("/inloggen/oidc").status_code == 404
        assert visitor.get("/inloggen/oidc/terug").status_code == 404
        assert "/inloggen/oidc" not in visitor.get("/inloggen").text


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("OIDC_ISSUER", "http://login.example", "must be https"),
        ("OIDC_ISSUER", "ldap://login.example", "setting refused"),
        ("OIDC_CLIENT_ID", "", "needs"),
        ("PUBLIC_URL", "", "needs"),
        ("PUBLIC_URL", "kansrijk.example", "setting refused"),
        ("OIDC_ROLES", "", "needs"),
        ("OIDC_ROLES", "{desk: matchmaker}", "JSON"),
        ("OIDC_ROLES", '{"desk": "boss"}', "setting refused"),
        ("OIDC_ROLES", '{"desk": "municipality"}', "municipality:NAME"),
        ("OIDC_ROLES", '{"desk": "matchmaker:x"}', "another role by itself"),
        ("SESSION_HOURS", "25", "setting refused"),
        ("SESSION_IDLE_MINUTES", "4", "setting refused"),
    ],
)
def test_half_a_setting_is_refused_at_the_start(monkeypatch, name, value, message):
    whole = {
        "OIDC_ISSUER": "https://login.example",
        "OIDC_CLIENT_ID": "kansrijk",
        "OIDC_ROLES": '{"desk": "matchmaker"}',
        "PUBLIC_URL": "https://kansrijk.example",
    }
    for key, text in whole.items():
        monkeypatch.setenv(f"KANSRIJK_{key}", text)
    assert load_settings().oidc_roles == {"desk": "matchmaker"}
    monkeypatch.setenv(f"KANSRIJK_{name}", value)
    with pytest.raises(SettingsInvalid, match=message):
        load_settings()


def test_rights_as_they_are_written():
    assert Rights.read("matchmaker") == Rights(Role.MATCHMAKER)
    assert Rights.read("municipality: Den Haag") == Rights(Role.MUNICIPALITY, municipality="Den Haag")
    assert Rights.read("employer:e-1") == Rights(Role.EMPLOYER, employer_id="e-1")


def test_the_secret_is_not_in_the_settings_that_are_logged(monkeypatch):
    monkeypatch.setenv("KANSRIJK_OIDC_CLIENT_SECRET", "geheim-geheim")
    assert "geheim-geheim" not in str(load_settings().effective())
