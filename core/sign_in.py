"""Logging in with a name and a password: throttled, and as slow for a name that does not exist."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from core.accounts import (
    MAX_PASSWORD,
    AccountRefused,
    AttemptRules,
    LoginName,
    PasswordRefused,
    Rights,
    Role,
    User,
    check_password,
)
from core.errors import KansrijkError
from core.passwords import Passwords
from core.store import Store

_NAME: TypeAdapter[str] = TypeAdapter(LoginName)
RULES = AttemptRules()
MAX_SHOWN = 120


class SignInRefused(KansrijkError):
    """The name and the password do not belong together, or the account may not log in. Never says which."""


class TooManyAttempts(SignInRefused):
    """This name, or all names together, were tried too often; the password was not looked at."""


def sign_in(store: Store, passwords: Passwords, name: str, password: str, *, now: datetime) -> User:
    """Who this is.

    Args:
        store: with the accounts.
        passwords: the hasher; a hash with other parameters than its own is replaced.
        name: as typed.
        password: as typed.
        now: the moment.

    Raises:
        SignInRefused: the two do not belong together, or the account may not log in.
        TooManyAttempts: wait and try again.
    """
    key = attempts_key(name)
    if not store.accounts.note_attempt(key, RULES, now=now):
        raise TooManyAttempts("too many attempts; wait a few minutes and try again")
    found = store.accounts.named(_canonical(name) or "")
    user, kept = found if found is not None and found[0].active else (None, None)
    # No account has a longer one, and hashing a megabyte is work that a stranger could order.
    fits = passwords.verify(kept, password[: MAX_PASSWORD + 1])
    if user is None or kept is None or not fits:
        raise SignInRefused("the name and the password do not belong together; try again")
    store.accounts.forget_attempts(key)
    if passwords.outdated(kept):
        store.accounts.set_password(user.user_id, passwords.hash(password), end_sessions=False)
    return user


def attempts_key(name: str) -> str:
    """What attempts with a name are counted by; no list of names that were typed is kept."""
    return hashlib.sha256((_canonical(name) or name[:200]).encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(name: str) -> str | None:
    try:
        return _NAME.validate_python(name)
    except ValidationError:
        return None


def new_user(
    name: str,
    role: Role,
    *,
    now: datetime,
    display_name: str = "",
    municipality: str | None = None,
    employer_id: str | None = None,
) -> User:
    """An account with a new id.

    Raises:
        AccountRefused: a name or the combination cannot be used; the message says what to change.
    """
    return checked_user(
        {
            "user_id": f"u-{uuid.uuid4().hex[:16]}",
            "name": name,
            "display_name": display_name or name,
            "role": role,
            "municipality": municipality or None,
            "employer_id": employer_id or None,
            "created_at": now,
        }
    )


_ADVICE = {
    "name": "a login name has 1 to 100 letters, digits or . _ @ + -",
    "display_name": "a name to show has 1 to 120 characters",
    "municipality": "name the municipality, in at most 120 characters, for this role and for no other",
    "employer_id": "give the employer id, 1 to 64 characters of A-Z a-z 0-9 . _ : -, for this role and for no other",
}


def checked_user(content: Mapping[str, object]) -> User:
    """The account, if these belong together.

    Raises:
        AccountRefused: they do not; the message says what to change.
    """
    try:
        return User.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        # Without a place in the record it is about the combination, which is told by the role.
        bound = (
            "municipality" if content.get("role") == Role.MUNICIPALITY or content.get("municipality") else "employer_id"
        )
        field = str(first["loc"][0]) if first["loc"] else bound
        raise AccountRefused(_ADVICE.get(field, str(first["msg"])), field) from None


def set_password(store: Store, passwords: Passwords, user: User, password: str) -> None:
    """Gives an account a new password; whoever was logged in with the old one logs in anew.

    Raises:
        PasswordRefused: it is too easily guessed, or too long; or the account logs in elsewhere.
        NotFound: there is no such account.
    """
    if user.subject is not None:
        raise PasswordRefused("this account logs in with the organisation's own login", "password_elsewhere")
    check_password(password, user.name)
    store.accounts.set_password(user.user_id, passwords.hash(password), end_sessions=True)
    store.accounts.forget_attempts(attempts_key(user.name))


def add_user(store: Store, passwords: Passwords, user: User, password: str) -> None:
    """Adds an account with its first password.

    Raises:
        PasswordRefused: the password is too easily guessed, or too long.
        Conflict: the login name is taken.
    """
    check_password(password, user.name)
    store.accounts.add(user, passwords.hash(password))


def sign_in_from_elsewhere(store: Store, subject: str, rights: Rights, names: Sequence[str], *, now: datetime) -> User:
    """Who this is, as the organisation's own login says; at a first visit the account is made.

    The other login decides on the role at every visit. An account with a password is never taken over, whatever name
    the other login gives: a name is no proof.

    Args:
        store: with the accounts.
        subject: hash of the issuer and of who it says this is.
        rights: the role that the groups give.
        names: the name to show, then login names to try, the best first.
        now: the moment.

    Raises:
        SignInRefused: an administrator switched the account off.
    """
    shown, *wanted = names
    found = store.accounts.with_subject(subject)
    if found is None:
        user = checked_user(
            {
                "user_id": f"u-{uuid.uuid4().hex[:16]}",
                "name": _free_name(store, [*wanted, f"sso-{subject[:12]}"]),
                "display_name": shown[:MAX_SHOWN] or "sso",
                "subject": subject,
                "created_at": now,
                **rights._asdict(),
            }
        )
        store.accounts.add(user, None)
        return user
    if not found.active:
        raise SignInRefused("the account is switched off; an administrator can switch it on")
    user = checked_user(
        found.model_dump() | {"display_name": shown[:MAX_SHOWN] or found.display_name} | rights._asdict()
    )
    if user != found:
        store.accounts.replace(user)
    return user


def _free_name(store: Store, wanted: Sequence[str]) -> str:
    """The first that can be a login name and is not taken; the last always can."""
    names = [name for name in map(_canonical, wanted) if name is not None]
    return next((name for name in names if store.accounts.named(name) is None), names[-1])
