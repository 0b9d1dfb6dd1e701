"""The accounts page: adding, changing, switching off, new passwords."""

import pytest
from desk_client import NOW, PASSWORD, add_account

from core.accounts import Role
from core.records import Employer, Place, Vacancy

FIELDS = {"naam": "carla", "weergavenaam": "Carla de Wit", "rol": "matchmaker", "wachtwoord": PASSWORD}


@pytest.fixture
def admin(signed_in, store):
    store.put_places([Place(postcode="3111", place="Schiedam", municipality="Schiedam", lat=51.9, lon=4.4)], now=NOW)
    store.put_vacancies([Vacancy(vacancy_id="v-1", title="Kok", employer=Employer(employer_id="e-7"))], now=NOW)
    return signed_in("administrator")


def test_a_new_account_can_log_in(admin, visitor, store):
    answer = admin.submit("/gebruikers", **FIELDS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/gebruikers?melding=users.done.added")
    shown = admin.get(answer.headers["location"]).text
    assert "De gebruiker is toegevoegd." in shown
    assert "Carla de Wit" in shown
    assert "nog nooit" in shown
    assert visitor.sign_in("carla").status_code == 303
    assert "nog nooit" not in admin.get("/gebruikers").text


def test_a_municipality_is_written_as_in_the_book_of_places(admin, store):
    assert admin.submit("/gebruikers", **FIELDS | {"rol": "municipality", "gemeente": "schiedam"}).status_code == 303
    user, _ = store.accounts.named("carla")
    assert (user.role, user.municipality, user.employer_id) == (Role.MUNICIPALITY, "Schiedam", None)


def test_an_employer_is_one_that_has_a_vacancy(admin, store):
    assert admin.submit("/gebruikers", **FIELDS | {"rol": "employer", "werkgever": "e-7"}).status_code == 303
    user, _ = store.accounts.named("carla")
    assert (user.role, user.employer_id) == (Role.EMPLOYER, "e-7")


def test_what_another_role_needs_is_left_out(admin, store):
    filled = FIELDS | {"gemeente": "Schiedam", "werkgever": "e-7"}
    assert admin.submit("/gebruikers", **filled).status_code == 303
    user, _ = store.accounts.named("carla")
    assert (user.municipality, user.employer_id) == (None, None)


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"naam": "met spatie"}, "naam", "Kies een gebruikersnaam"),
        ({"naam": "ANNA"}, "naam", "bestaat al"),
        ({"weergavenaam": "x" * 121}, "weergavenaam", "hooguit 120"),
        ({"rol": "baas"}, "rol", "Kies een rol"),
        ({"rol": "municipality"}, "gemeente", "gemeente kennen we niet"),
        ({"rol": "municipality", "gemeente": "Parijs"}, "gemeente", "gemeente kennen we niet"),
        ({"rol": "employer", "werkgever": "e-8"}, "werkgever", "geen vacature van deze werkgever"),
        ({"wachtwoord": "te kort"}, "wachtwoord", "12 tot 128"),
        ({"wachtwoord": "x" * 129}, "wachtwoord", "12 tot 128"),
        ({"naam": "carla.de.wit", "wachtwoord": "Carla.de.Wit"}, "wachtwoord", "gelijk aan de gebruikersnaam"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_what_was_typed_stays(admin, store, change, field, message):
    add_account(store, Role.MATCHMAKER, name="anna")
    answer = admin.submit("/gebruikers", **FIELDS | change)
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text
    assert message in answer.text
    assert f'id="{field}-error"' in answer.text
    typed = (FIELDS | change)["naam"]
    assert f'value="{typed}"' in answer.text
    assert (FIELDS | change)["wachtwoord"] not in answer.text
    assert len(store.accounts.page(limit=10)) == 2


def test_a_change_of_role_holds_at_once(admin, signed_in, store):
    bas = signed_in("matchmaker")
    assert bas.get("/gebruikers").status_code == 403
    address = f"/gebruikers/{bas.user.user_id}"
    assert admin.submit(address, weergavenaam="Bas", rol="administrator").status_code == 303
    assert bas.get("/gebruikers").status_code == 303, "he logs in again first"
    bas.sign_in(bas.user.name)
    assert bas.get("/gebruikers").status_code == 200
    assert "Bas" in bas.get("/gebruikers").text


def test_another_name_to_show_logs_nobody_out(admin, signed_in):
    bas = signed_in("matchmaker")
    admin.submit(f"/gebruikers/{bas.user.user_id}", weergavenaam="Bas", rol="matchmaker")
    assert bas.get("/").headers["location"] == "/vacatures"


def test_a_switched_off_account_is_out_at_once(admin, signed_in):
    bas = signed_in("matchmaker")
    address = f"/gebruikers/{bas.user.user_id}"
    assert admin.submit(f"{address}/uit").status_code == 303
    assert bas.get("/").headers["location"] == "/inloggen"
    assert bas.sign_in(bas.user.name).status_code == 422
    shown = admin.get(address).text
    assert f"{address}/aan" in shown
    assert f"{address}/uit" not in shown
    assert admin.submit(f"{address}/aan").status_code == 303
    assert bas.sign_in(bas.user.name).status_code == 303


def test_a_new_password_is_checked_and_takes_the_place_of_the_old(admin, signed_in):
    bas = signed_in("matchmaker")
    address = f"/gebruikers/{bas.user.user_id}/wachtwoord"
    assert admin.submit(address, wachtwoord="kort").status_code == 422
    assert bas.get("/").headers["location"] == "/vacatures"
    assert admin.submit(address, wachtwoord="  spaties tellen mee ").status_code == 303
    assert bas.get("/").headers["location"] == "/inloggen"
    assert bas.sign_in(bas.user.name).status_code == 422
    assert bas.sign_in(bas.user.name, "  spaties tellen mee ").status_code == 303


def test_an_administrator_cannot_lock_everybody_out(admin, store):
    address = f"/gebruikers/{admin.user.user_id}"
    for answer in (
        admin.submit(f"{address}/uit"),
        admin.submit(address, weergavenaam="Ik", rol="matchmaker"),
    ):
        assert answer.status_code == 422
        assert "Vraag een andere beheerder" in answer.text
    assert store.accounts.get(admin.user.user_id).active
    assert f"{address}/uit" not in admin.get(address).text
    assert admin.submit(address, weergavenaam="Ik zelf", rol="administrator").status_code == 303


def test_who_logs_in_elsewhere_gets_no_password_here(admin, store):
    bas = add_account(store, Role.MATCHMAKER).model_copy(
        update={"subject": "ab" * 32, "user_id": "u-elders", "name": "elders"}
    )
    store.accounts.add(bas, None)
    assert 'type="password"' not in admin.get("/gebruikers/u-elders").text
    assert admin.submit("/gebruikers/u-elders/wachtwoord", wachtwoord=PASSWORD).status_code == 422


def test_there_are_fifty_on_a_page(admin, store):
    from core.sign_in import new_user

    for n in range(60):
        store.accounts.add(new_user(f"b-{n:02}", Role.MATCHMAKER, now=NOW, display_name=f"Bewoner {n:02}"), None)
    first = admin.get("/gebruikers").text
    assert first.count('<th scope="row"') == 50
    assert '<a class="button" rel="next" href="/gebruikers?pagina=2">' in first
    assert admin.get("/gebruikers?pagina=2").text.count('<th scope="row"') == 11
    assert admin.get("/gebruikers?pagina=0").status_code == 422


def test_an_unknown_account_is_not_found(admin):
    assert admin.get("/gebruikers/u-niemand").status_code == 404
    assert admin.submit("/gebruikers/u-niemand/uit").status_code == 404


# The own password.


def test_everybody_can_change_their_own_password(signed_in, visitor):
    bas = signed_in("data_scientist")
    visitor.sign_in(bas.user.name)
    assert 'href="/wachtwoord"' in bas.get("/gebruikers").text, "it stands on every page"
    answer = bas.submit("/wachtwoord", huidig=PASSWORD, nieuw="een heel ander wachtwoord")
    assert (answer.status_code, answer.headers["location"]) == (303, "/wachtwoord?melding=own_password.done.changed")
    assert "Op andere computers ben je uitgelogd." in bas.get(answer.headers["location"]).text
    assert visitor.get("/").headers["location"] == "/inloggen", "the session of the other computer"
    assert visitor.sign_in(bas.user.name).status_code == 422
    assert visitor.sign_in(bas.user.name, "een heel ander wachtwoord").status_code == 303


@pytest.mark.parametrize(
    ("present", "new", "field", "message"),
    [
        ("verkeerd wachtwoord", "een heel ander wachtwoord", "huidig", "niet je huidige wachtwoord"),
        ("", "een heel ander wachtwoord", "huidig", "niet je huidige wachtwoord"),
        (PASSWORD, "kort", "nieuw", "12 tot 128"),
    ],
)
def test_a_wrong_change_changes_nothing(signed_in, present, new, field, message):
    bas = signed_in("employer")
    answer = bas.submit("/wachtwoord", huidig=present, nieuw=new)
    assert answer.status_code == 422
    assert message in answer.text
    assert f'id="{field}-error"' in answer.text
    assert bas.get("/").headers["location"] == "/voorgesteld"
    bas.submit("/uitloggen")
    assert bas.sign_in(bas.user.name).status_code == 303


def test_guessing_the_present_password_has_to_wait_as_well(signed_in):
    bas = signed_in("matchmaker")
    answers = [bas.submit("/wachtwoord", huidig="gok", nieuw="een heel ander wachtwoord") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]


def test_who_logs_in_elsewhere_is_sent_there(signed_in, store):
    bas = signed_in("matchmaker")
    store.accounts.replace(bas.user.model_copy(update={"subject": "cd" * 32}))
    shown = bas.get("/wachtwoord").text
    assert "Daar kun je je wachtwoord wijzigen." in shown
    assert 'type="password"' not in shown
    assert bas.submit("/wachtwoord", huidig=PASSWORD, nieuw="een heel ander wachtwoord").status_code == 422
