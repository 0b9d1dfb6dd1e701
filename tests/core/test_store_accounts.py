"""Accounts, sessions and attempts to log in, on both databases."""

import hashlib
import threading
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from core.accounts import AttemptRules, PasswordRefused, Role, Session, User, check_password
from core.errors import Conflict, InputError, NotFound
from core.passwords import Passwords
from core.sign_in import SignInRefused, TooManyAttempts, add_user, new_user, set_password, sign_in
from core.store import Store

NOW = datetime(2026, 1, 12, 9, tzinfo=UTC)
CHEAP = Passwords(passes=1, memory_kib=8, lanes=1)
PASSWORD = "vier paarden op een fiets"
IDLE = timedelta(minutes=30)


def key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def added(store: Store, name: str = "anna", role: Role = Role.MATCHMAKER, **more: str) -> User:
    user = new_user(name, role, now=NOW, **more)
    add_user(store, CHEAP, user, PASSWORD)
    return user


def session_of(user: User, now: datetime = NOW) -> Session:
    return Session(user=user, csrf="c" * 43, created_at=now, seen_at=now, expires_at=now + timedelta(hours=8))


def test_an_account_comes_back_as_it_was_written(store: Store):
    user = added(
        store, "Anna.Bakker@Example.NL", Role.MUNICIPALITY, municipality="Schiedam", display_name="Anna Bakker"
    )
    assert user.name == "anna.bakker@example.nl"
    assert store.accounts.get(user.user_id) == user
    found = store.accounts.named("anna.bakker@example.nl")
    assert found is not None
    assert found[0] == user
    assert store.accounts.named("bas") is None


def test_a_name_belongs_to_one_account_however_it_is_written(store: Store):
    first = added(store, "anna")
    with pytest.raises(Conflict, match="choose another name"):
        added(store, "ANNA")
    other = added(store, "bas")
    with pytest.raises(Conflict, match="choose another name"):
        store.accounts.replace(other.model_copy(update={"name": "anna"}))
    assert store.accounts.page(limit=10) == [first, other]
    assert store.accounts.page(limit=10, offset=1) == [other]
    assert store.accounts.page(limit=1) == [first]


def test_what_is_not_there_is_told(store: Store):
    for call in (
        lambda: store.accounts.get("u-1"),
        lambda: store.accounts.set_password("u-1", "x", end_sessions=True),
        lambda: store.accounts.replace(new_user("anna", Role.MATCHMAKER, now=NOW)),
    ):
        with pytest.raises(NotFound, match="no such account"):
            call()


@pytest.mark.parametrize(
    ("role", "more"),
    [
        (Role.MUNICIPALITY, {}),
        (Role.EMPLOYER, {}),
        (Role.MATCHMAKER, {"municipality": "Rotterdam"}),
        (Role.ADMINISTRATOR, {"employer_id": "e-1"}),
        (Role.EMPLOYER, {"employer_id": "e 1"}),
        (Role.MUNICIPALITY, {"municipality": "x" * 121}),
    ],
)
def test_a_role_is_bound_to_its_own_and_no_other(role: Role, more: dict[str, str]):
    with pytest.raises(InputError, match=r"municipality|employer id"):
        new_user("anna", role, now=NOW, **more)


@pytest.mark.parametrize("name", ["", " ", "a" * 101, "anna bakker", "änna", "-anna", "anna\x00", "anna\n"])
def test_a_login_name_is_short_and_plain(name: str):
    if name.strip() == "anna":
        assert new_user(name, Role.MATCHMAKER, now=NOW).name == "anna"
        return
    with pytest.raises(InputError, match="a login name has"):
        new_user(name, Role.MATCHMAKER, now=NOW)


def test_an_account_does_not_change_in_memory():
    with pytest.raises(ValidationError):
        new_user("anna", Role.MATCHMAKER, now=NOW).role = Role.ADMINISTRATOR  # type: ignore[misc]


@pytest.mark.parametrize(
    ("password", "message"),
    [("x" * 11, "12 to 128"), ("x" * 129, "12 to 128"), ("Anna.Bakker@X", "login name"), ("", "12 to 128")],
)
def test_a_password_that_is_easily_guessed_is_refused(store: Store, password: str, message: str):
    user = added(store, "anna.bakker@x")
    with pytest.raises(PasswordRefused, match=message):
        set_password(store, CHEAP, user, password)
    with pytest.raises(PasswordRefused, match=message):
        add_user(store, CHEAP, user.model_copy(update={"name": "anna.bakker@x", "user_id": "u-2"}), password)
    assert sign_in(store, CHEAP, user.name, PASSWORD, now=NOW) == user


@pytest.mark.parametrize("password", ["x" * 12, "x" * 128, "é" * 128, "            ", "🐴" * 12])
def test_nothing_else_is_asked_of_a_password(password: str):
    check_password(password, "anna")


def test_a_password_is_the_same_on_every_keyboard():
    assert CHEAP.verify(CHEAP.hash("cafe\u0301 aan de Maas"), "caf\u00e9 aan de Maas")


def test_a_hash_is_argon2id_with_the_parameters_that_were_said_and_a_salt_of_its_own():
    assert Passwords().hash(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert CHEAP.hash(PASSWORD) != CHEAP.hash(PASSWORD)
    assert CHEAP.verify(CHEAP.hash(PASSWORD), PASSWORD)
    assert not CHEAP.verify(CHEAP.hash(PASSWORD), PASSWORD + " ")
    assert not CHEAP.verify("no hash", PASSWORD)
    assert not CHEAP.verify(None, PASSWORD)


class Counted(Passwords):
    """Counts what it checks."""

    def __init__(self) -> None:
        super().__init__(passes=1, memory_kib=8, lanes=1)
        self.checked: list[bool] = []

    def verify(self, kept: str | None, password: str) -> bool:
        self.checked.append(kept is not None)
        return super().verify(kept, password)


def test_a_name_without_an_account_costs_a_hash_too(sqlite_store: Store):
    counted = Counted()
    gone = added(sqlite_store, "weg")
    sqlite_store.accounts.replace(gone.model_copy(update={"active": False}))
    sqlite_store.accounts.add(new_user("sso", Role.MATCHMAKER, now=NOW), None)  # has no password here
    for name in ("niemand", "geen naam!", "weg", "sso"):
        with pytest.raises(SignInRefused):
            sign_in(sqlite_store, counted, name, PASSWORD, now=NOW)
    assert counted.checked == [False] * 4


def test_a_session_lasts_as_long_as_it_is_used(store: Store):
    user = added(store)
    store.accounts.start(key("t"), session_of(user), instead_of=None)
    at = NOW
    for _ in range(3):
        at += IDLE - timedelta(seconds=1)
        session = store.accounts.session(key("t"), idle=IDLE, now=at)
        assert session is not None
        assert session.user.signed_in_at == NOW
        assert session.user.model_copy(update={"signed_in_at": None}) == user
    assert store.accounts.session(key("t"), idle=IDLE, now=at + IDLE) is None
    assert store.accounts.session(key("T"), idle=IDLE, now=at) is None


def test_a_session_ends_however_much_it_is_used(store: Store):
    store.accounts.start(key("t"), session_of(added(store)), instead_of=None)
    long = timedelta(days=1)
    assert store.accounts.session(key("t"), idle=long, now=NOW + timedelta(hours=8, seconds=-1)) is not None
    assert store.accounts.session(key("t"), idle=long, now=NOW + timedelta(hours=8)) is None


def test_one_session_takes_the_place_of_another_and_those_that_ran_out_go(store: Store):
    user = added(store)
    store.accounts.start(key("old"), session_of(user, NOW - timedelta(hours=9)), instead_of=None)
    store.accounts.start(key("1"), session_of(user), instead_of=None)
    store.accounts.start(key("2"), session_of(user), instead_of=None)
    store.accounts.start(key("3"), session_of(user), instead_of=key("1"))
    left = [name for name in ("1", "2", "3") if store.accounts.session(key(name), idle=IDLE, now=NOW)]
    assert left == ["2", "3"]
    long = timedelta(days=2)
    assert store.accounts.session(key("old"), idle=long, now=NOW - timedelta(hours=8)) is None
    store.accounts.end(key("2"))
    store.accounts.end(key("2"))
    assert store.accounts.session(key("2"), idle=IDLE, now=NOW) is None


def test_a_change_of_the_account_ends_its_sessions_and_no_others(store: Store):
    anna, bas = added(store, "anna"), added(store, "bas")

    def log_in() -> None:
        for user in (anna, bas):
            store.accounts.start(key(user.name), session_of(user), instead_of=None)

    def inside() -> list[str]:
        return [name for name in ("anna", "bas") if store.accounts.session(key(name), idle=IDLE, now=NOW)]

    log_in()
    store.accounts.replace(anna.model_copy(update={"role": Role.DATA_SCIENTIST}))
    assert inside() == ["bas"]
    store.accounts.end(key("bas"))
    log_in()
    set_password(store, CHEAP, bas, "een heel ander wachtwoord")
    assert inside() == ["anna"]


def test_a_session_that_began_while_the_account_was_switched_off_is_none(store: Store):
    user = added(store)
    store.accounts.replace(user.model_copy(update={"active": False}))
    store.accounts.start(key("t"), session_of(user), instead_of=None)
    assert store.accounts.session(key("t"), idle=IDLE, now=NOW) is None
    store.accounts.replace(user)
    assert store.accounts.session(key("t"), idle=IDLE, now=NOW) is None, "switching it on brings nobody in"


def test_each_try_waits_longer_than_the_one_before():
    rules = AttemptRules()
    waits = [rules.wait_after(n).total_seconds() for n in (0, 4, 5, 6, 7, 9, 10, 1_000_000)]
    assert waits == [0, 0, 30, 60, 120, 480, 900, 900]


def test_tries_are_counted_by_name_and_forgotten_after_the_right_one(store: Store):
    added(store, "anna")
    rules = AttemptRules()
    at = NOW
    for _ in range(rules.free):
        with pytest.raises(SignInRefused, match="do not belong"):
            sign_in(store, CHEAP, "ANNA", "verkeerd", now=at)
    with pytest.raises(TooManyAttempts):
        sign_in(store, CHEAP, "anna", PASSWORD, now=at + timedelta(seconds=29))
    assert sign_in(store, CHEAP, "anna", PASSWORD, now=at + timedelta(seconds=30)).name == "anna"
    for _ in range(rules.free):
        with pytest.raises(SignInRefused, match="do not belong"):
            sign_in(store, CHEAP, "anna", "verkeerd", now=at)
    assert store.accounts.note_attempt(key("bas"), rules, now=at), "another name does not wait"


def test_a_new_password_ends_the_waiting(store: Store):
    user = added(store, "anna")
    for _ in range(AttemptRules().free):
        with pytest.raises(SignInRefused):
            sign_in(store, CHEAP, "anna", "verkeerd", now=NOW)
    set_password(store, CHEAP, user, "een heel ander wachtwoord")
    assert sign_in(store, CHEAP, "anna", "een heel ander wachtwoord", now=NOW) == user


def test_everybody_together_waits_when_many_names_are_tried(store: Store):
    rules = AttemptRules(everybody=4)
    assert [store.accounts.note_attempt(key(str(n)), rules, now=NOW) for n in range(6)] == [True] * 4 + [False] * 2
    later = NOW + rules.everybody_every
    assert store.accounts.note_attempt(key("7"), rules, now=later - timedelta(seconds=1)) is False
    assert store.accounts.note_attempt(key("7"), rules, now=later) is True


def test_who_logs_in_well_does_not_count_for_everybody(store: Store):
    added(store, "anna")
    rules = AttemptRules(everybody=2)
    for _ in range(5):
        sign_in(store, CHEAP, "anna", PASSWORD, now=NOW)
    assert [store.accounts.note_attempt(key(str(n)), rules, now=NOW) for n in range(3)] == [True, True, False]


def test_tries_of_yesterday_are_not_kept(store: Store):
    import sqlalchemy as sa

    for n in range(5):
        store.accounts.note_attempt(key(str(n)), AttemptRules(), now=NOW)
    store.accounts.note_attempt(key("today"), AttemptRules(), now=NOW + timedelta(days=1, seconds=1))
    with store._database.reading() as connection:
        kept = set(connection.execute(sa.text("SELECT key FROM sign_in_attempts")).scalars())
    assert kept == {key("today"), "all"}


def test_tries_at_the_same_time_all_count(store: Store):
    rules = AttemptRules()
    allowed: list[bool] = []
    threads = [
        threading.Thread(target=lambda: allowed.append(store.accounts.note_attempt(key("anna"), rules, now=NOW)))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (allowed.count(True), allowed.count(False)) == (rules.free, 20 - rules.free)
