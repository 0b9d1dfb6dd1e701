"""``users``: who may log in at the desk."""

# ruff: noqa: PLC0415  commands import what they need: help must not wait for numpy, nor a shortlist for MLflow

import secrets
import sys
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console

if TYPE_CHECKING:
    from cli.run import Run
    from core.accounts import User
    from core.store import Store

PAGE: Final = 500
_PASSWORD_BYTES: Final = 15  # 20 characters that nobody can guess

Name = Annotated[str, typer.Argument(metavar="NAME", help="Login name.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
Generate = Annotated[bool, typer.Option("--generate", help="Make a password and show it, once.")]

group = typer.Typer(
    help="Say who may log in at the desk, and as what.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


def add_commands(app: typer.Typer) -> None:
    """Adds ``users`` with its own commands."""
    app.add_typer(group, name="users")


@group.command("add")
def add(  # noqa: PLR0913  one for each option
    context: typer.Context,
    name: Name,
    role: Annotated[str, typer.Option(help="matchmaker, municipality, employer, data_scientist or administrator.")],
    *,
    display_name: Annotated[str, typer.Option(help="What the pages show; the login name when left out.")] = "",
    municipality: Annotated[str | None, typer.Option(help="Whose people the role municipality sees.")] = None,
    employer: Annotated[str | None, typer.Option(help="Whose vacancies the role employer sees; an id.")] = None,
    password_stdin: FromStdin = False,
    generate: Generate = False,
) -> None:
    """Add an account."""
    from cli.composition import now, writable_store
    from core.accounts import Role
    from core.passwords import Passwords
    from core.sign_in import add_user, new_user

    run: Run = context.obj
    try:
        chosen = Role(role)
    except ValueError:
        raise typer.BadParameter(f"choose from {', '.join(Role)}", param_hint="--role") from None
    user = new_user(name, chosen, now=now(), display_name=display_name, municipality=municipality, employer_id=employer)
    password = _password(from_stdin=password_stdin, generate=generate)
    with writable_store(run.settings) as store:
        add_user(store, Passwords(), user, password)
    _give(run, user, "Added", password if generate else None)


@group.command("list")
def list_(context: typer.Context) -> None:
    """Show all accounts."""
    from rich.table import Table

    from cli.composition import existing_store

    run: Run = context.obj
    with existing_store(run.settings) as store:
        found: list[User] = []
        while page := store.accounts.page(limit=PAGE, offset=len(found)):
            found += page

    def tell(console: Console) -> None:
        table = Table("login name", "shown as", "role", "for", "logs in", "last time")
        for user in found:
            last = user.signed_in_at.isoformat(timespec="minutes") if user.signed_in_at else "never"
            bound = user.municipality or user.employer_id or ""
            table.add_row(user.name, user.display_name, user.role, bound, "yes" if user.active else "no", last)
        console.print(table)

    run.give({"users": [_shown(user) for user in found]}, tell)


@group.command("disable")
def disable(context: typer.Context, name: Name) -> None:
    """Let an account log in no more.

    Whoever is logged in with it is out at once. The account stays, because decisions name it.
    """
    _switch(context.obj, name, active=False)


@group.command("enable")
def enable(context: typer.Context, name: Name) -> None:
    """Let a disabled account log in again."""
    _switch(context.obj, name, active=True)


@group.command("password")
def password(
    context: typer.Context, name: Name, *, password_stdin: FromStdin = False, generate: Generate = False
) -> None:
    """Give an account a new password.

    Whoever is logged in with the old one logs in again.
    """
    from cli.composition import existing_store
    from core.passwords import Passwords
    from core.sign_in import set_password

    run: Run = context.obj
    with existing_store(run.settings) as store:
        user = _named(store, name)
        given = _password(from_stdin=password_stdin, generate=generate)
        set_password(store, Passwords(), user, given)
    _give(run, user, "New password for", given if generate else None)


def generated_password() -> str:
    """A password that nobody can guess."""
    return secrets.token_urlsafe(_PASSWORD_BYTES)


def _switch(run: "Run", name: str, *, active: bool) -> None:
    from cli.composition import existing_store

    with existing_store(run.settings) as store:
        user = _named(store, name).model_copy(update={"active": active})
        store.accounts.replace(user)
    _give(run, user, "Enabled" if active else "Disabled", None)


def _named(store: "Store", name: str) -> "User":
    """The account with this login name, in capitals or not.

    Raises:
        NotFound: there is none.
    """
    from core.errors import NotFound

    found = store.accounts.named(name.strip().lower())
    if found is None:
        raise NotFound("there is no account with this login name; kansrijk users list shows all")
    return found[0]


def _password(*, from_stdin: bool, generate: bool) -> str:
    """The new password: made, read, or asked for twice.

    Raises:
        InputError: both ways were asked for, or nobody is there to type it.
    """
    from core.errors import InputError

    if from_stdin and generate:
        raise InputError("give --generate or --password-stdin, not both")
    if generate:
        return generated_password()
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InputError("nobody is there to type a password; give --generate or --password-stdin")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _shown(user: "User") -> dict[str, Any]:
    return user.model_dump(mode="json", exclude={"subject"})


def _give(run: "Run", user: "User", what: str, password: str | None) -> None:
    result = _shown(user) | ({"password": password} if password is not None else {})

    def tell(console: Console) -> None:
        console.print(f"{what} {user.name} ({user.role})", markup=False)
        if password is not None:
            console.print(f"password, shown this once: {password}", markup=False)

    run.give(result, tell)
