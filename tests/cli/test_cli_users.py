"""``kansrijk users``: accounts from the command line."""

import subprocess
import sys
from pathlib import Path

import pytest
from cli_process import ROOT, Result, environment, run_here

from core.accounts import Role
from core.passwords import Passwords
from core.sign_in import SignInRefused, sign_in
from core.store import Store

CHEAP = {"passes": 1, "memory_kib": 8, "lanes": 1}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new home, hashed cheaply: the defaults of the hasher are tested where it is."""
    monkeypatch.setattr(Passwords.__init__, "__kwdefaults__", CHEAP)
    return tmp_path / "home"


def users(home: Path, *arguments: object, stdin: bytes = b"") -> Result:
    return run_here("--home", home, "--json", "users", *arguments, stdin=stdin)


def who(home: Path, name: str, password: str) -> str:
    from datetime import UTC, datetime

    with Store.open(f"sqlite:///{home / 'kansrijk.db'}") as store:
        return sign_in(store, Passwords(**CHEAP), name, password, now=datetime.now(UTC)).name


def test_a_generated_password_is_told_once_and_works(home: Path):
    made = users(home, "add", "Anna", "--role", "matchmaker", "--generate")
    assert made.code == 0, made.err
    assert (made.json["name"], made.json["role"], made.json["active"]) == ("anna", "matchmaker", True)
    assert len(made.json["password"]) >= 20
    assert who(home, "anna", made.json["password"]) == "anna"
    listed = users(home, "list")
    assert made.json["password"] not in listed.out
    assert [user["name"] for user in listed.json["users"]] == ["anna"]
    assert "password" not in listed.json["users"][0]


def test_a_password_from_standard_input_is_the_line_as_it_stands(home: Path):
    made = users(home, "add", "bo", "--role", "data_scientist", "--password-stdin", stdin=b" vier  paarden fiets \r\n")
    assert made.code == 0, made.err
    assert "password" not in made.json
    assert who(home, "bo", " vier  paarden fiets ") == "bo"


@pytest.mark.parametrize(
    ("role", "option", "value"),
    [("municipality", "--municipality", "Schiedam"), ("employer", "--employer", "e-7")],
)
def test_a_role_that_is_bound_needs_to_know_to_what(home: Path, role: str, option: str, value: str):
    assert users(home, "add", "bo", "--role", role, "--generate").code == 1
    assert users(home, "add", "bo", "--role", "matchmaker", option, value, "--generate").code == 1
    made = users(home, "add", "bo", "--role", role, option, value, "--generate")
    assert made.code == 0
    assert value in {made.json["municipality"], made.json["employer_id"]}


def test_an_account_is_switched_off_and_on_and_gets_a_new_password(home: Path):
    first = users(home, "add", "anna", "--role", Role.ADMINISTRATOR.value, "--generate").json["password"]
    assert users(home, "disable", "ANNA").json["active"] is False
    with pytest.raises(SignInRefused):
        who(home, "anna", first)
    assert users(home, "enable", "anna").json["active"] is True
    assert who(home, "anna", first) == "anna"
    second = users(home, "password", "anna", "--generate").json["password"]
    with pytest.raises(SignInRefused):
        who(home, "anna", first)
    assert who(home, "anna", second) == "anna"


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "message"),
    [
        (["add", "anna", "--role", "boss", "--generate"], b"", 2, "choose from"),
        (["add", "anna", "--role", "matchmaker"], b"", 1, "nobody is there"),
        (["add", "anna", "--role", "matchmaker", "--generate", "--password-stdin"], b"x", 1, "not both"),
        (["add", "anna", "--role", "matchmaker", "--password-stdin"], b"kort\n", 1, "12 to 128"),
        (["add", "met spatie", "--role", "matchmaker", "--generate"], b"", 1, "a login name has"),
        (["add", "known", "--role", "matchmaker", "--generate"], b"", 1, "already"),
        (["password", "nobody", "--generate"], b"", 1, "users list"),
        (["disable", "nobody"], b"", 1, "users list"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(home: Path, arguments, stdin, code, message):
    assert users(home, "add", "known", "--role", "matchmaker", "--generate").code == 0
    done = users(home, *arguments, stdin=stdin)
    assert done.code == code
    assert message in done.err
    assert len(users(home, "list").json["users"]) == 1


def test_a_list_of_nothing_is_told(tmp_path: Path):
    done = users(tmp_path / "nothing", "list")
    assert (done.code, done.out.count("\n")) == (1, 1)


def test_for_people_the_password_stands_on_standard_error(home: Path):
    done = run_here("--home", home, "users", "add", "anna", "--role", "matchmaker", "--generate")
    assert done.out == ""
    assert "password, shown this once: " in done.err
    assert "anna" in run_here("--home", home, "users", "list").err


def test_help_of_users_loads_nothing_heavy():
    script = (
        "import sys, cli.users\n"
        "print(sorted({'numpy', 'pydantic', 'sqlalchemy', 'argon2', 'fastapi'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr
