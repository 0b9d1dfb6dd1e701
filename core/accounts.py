"""People who use the desk: their roles, their accounts, and what a password must be."""

import unicodedata
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final, NamedTuple, Self

from pydantic import Field, StringConstraints, model_validator

from core.errors import InputError
from core.records import Identifier, Instant, Line, Record

MIN_PASSWORD: Final = 12
MAX_PASSWORD: Final = 128


class Role(StrEnum):
    """What somebody uses the desk for; ``api/desk/roles.py`` says what each may do."""

    MATCHMAKER = "matchmaker"
    MUNICIPALITY = "municipality"
    EMPLOYER = "employer"
    DATA_SCIENTIST = "data_scientist"
    ADMINISTRATOR = "administrator"


# Lower case and ASCII only: two names that look alike are one name, on every database.
LoginName = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$")
]


class User(Record):
    """Somebody who may log in.

    Attributes:
        user_id: stands in the events that this person made; never used again for another.
        name: what is typed at login.
        display_name: what the pages show.
        municipality: whose people a municipality's officer sees.
        employer_id: whose vacancies an employer sees.
        subject: who this is at the organisation's own login (OpenID Connect), when the account comes from there.
        active: False: logs in no more; the account stays, because events name it.
    """

    user_id: Identifier
    name: LoginName
    display_name: Annotated[Line, Field(min_length=1)]
    role: Role
    municipality: Annotated[Line, Field(min_length=1)] | None = None
    employer_id: Identifier | None = None
    subject: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    active: bool = True
    created_at: Instant
    signed_in_at: Instant | None = None

    @model_validator(mode="after")
    def _bound_to_its_own(self) -> Self:
        if (self.role is Role.MUNICIPALITY) != (self.municipality is not None):
            raise ValueError("a municipality belongs to the role municipality, and only to that one; name it there")
        if (self.role is Role.EMPLOYER) != (self.employer_id is not None):
            raise ValueError("an employer id belongs to the role employer, and only to that one; name it there")
        return self


class Session(Record):
    """One login of one person, as the server knows it.

    Attributes:
        csrf: what every form of this session carries; a page elsewhere cannot know it.
        seen_at: of the last request, to the minute.
        expires_at: at this instant it ends, however much it is used.
    """

    user: User
    csrf: str
    created_at: Instant
    seen_at: Instant
    expires_at: Instant


class Rights(NamedTuple):
    """A role with what belongs to it."""

    role: Role
    municipality: str | None = None
    employer_id: str | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        """From a setting: ``matchmaker``, ``municipality:Rotterdam`` or ``employer:e-000012``.

        Raises:
            ValueError: it is none of these.
        """
        name, _, whose = (part.strip() for part in text.partition(":"))
        role = Role(name)
        if (role in {Role.MUNICIPALITY, Role.EMPLOYER}) != bool(whose):
            raise ValueError(f"write {Role.MUNICIPALITY}:NAME, {Role.EMPLOYER}:ID, or another role by itself")
        return cls(
            role,
            municipality=whose if role is Role.MUNICIPALITY else None,
            employer_id=whose if role is Role.EMPLOYER else None,
        )


class AttemptRules(NamedTuple):
    """How often a login may be tried.

    A name is slowed down whether it exists or not, so that slowness tells nobody which names exist. Five tries are
    free; then each waits twice as long as the one before, up to a quarter of an hour: some hundred tries a day, and
    whoever is locked out by somebody else's tries gets in again without help. The limit on everybody's tries together
    is for many names tried with one password each.

    Attributes:
        free: tries with one name before it has to wait.
        first_wait: after those.
        longest_wait: however many there were.
        everybody: tries that did not succeed, of all names, within ``everybody_every``.
        everybody_every: see above.
    """

    free: int = 5
    first_wait: timedelta = timedelta(seconds=30)
    longest_wait: timedelta = timedelta(minutes=15)
    everybody: int = 300
    everybody_every: timedelta = timedelta(minutes=5)

    def wait_after(self, n: int) -> timedelta:
        """How long after the last of ``n`` failures the next try is looked at."""
        if n < self.free:
            return timedelta(0)
        doublings = min(n - self.free, 16)  # beyond that the longest wait holds anyway
        return min(self.first_wait * (1 << doublings), self.longest_wait)


class AccountRefused(InputError):
    """An account cannot be made or changed like this.

    Attributes:
        field: what has to change: a field of :class:`User`, ``password``, or ``own_account``.
    """

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


class PasswordRefused(AccountRefused):
    """A new password is too short, too long, or the name of the account."""

    def __init__(self, message: str, field: str = "password") -> None:
        super().__init__(message, field)


def check_change(by: User, before: User, after: User) -> None:
    """Keeps an administrator from locking everybody out: what only they may do, somebody else takes from them.

    Raises:
        AccountRefused: it is their own account, and its role or its activity would change.
    """
    if by.user_id == before.user_id and (before.role, before.active) != (after.role, after.active):
        raise AccountRefused("another administrator can change this: it is your own account", "own_account")


def normalised(password: str) -> str:
    """The password as it is hashed: the same on every keyboard (Unicode NFKC, as NIST SP 800-63B advises)."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, name: str) -> None:
    """Refuses a password that is easily guessed.

    Length is what counts; rules on digits and signs make people choose worse ones (NIST SP 800-63B §3.1.1.2).

    Args:
        password: the new one.
        name: login name of the account.

    Raises:
        PasswordRefused: it cannot be used; the message says why.
    """
    length = len(normalised(password))
    if not MIN_PASSWORD <= length <= MAX_PASSWORD:
        raise PasswordRefused(f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters; choose a sentence")
    if normalised(password).casefold().strip() == name.casefold():
        raise PasswordRefused("the password is the login name; choose another", "password_is_name")
