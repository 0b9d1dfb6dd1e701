"""Who may do what at the desk: one table, asked by every route and every template."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from api.desk.paths import SIGN_IN, local
from core.accounts import Role, User
from core.records import Talent


class Permission(StrEnum):
    """Something that a page shows or does."""

    VACANCIES_SEE = auto()
    VACANCY_ADD = auto()
    SHORTLIST_SEE = auto()
    SHORTLIST_MAKE = auto()
    DECIDE = auto()
    TALENT_SEE = auto()
    TALENT_EXPORT = auto()
    TALENT_ERASE = auto()
    AFTERCARE_SEE = auto()
    AFTERCARE_ANSWER = auto()
    OVERVIEW_SEE = auto()
    COURSES_SEE = auto()
    PROPOSED_SEE = auto()
    USERS_MANAGE = auto()
    LOGGED_IN = auto()
    """What everybody may who has an account: leave."""


_P = Permission
ALLOWED: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.MATCHMAKER: frozenset(
            {
                *(_P.VACANCIES_SEE, _P.VACANCY_ADD, _P.SHORTLIST_SEE, _P.SHORTLIST_MAKE, _P.DECIDE, _P.TALENT_SEE),
                *(_P.AFTERCARE_SEE, _P.AFTERCARE_ANSWER, _P.OVERVIEW_SEE, _P.COURSES_SEE, _P.LOGGED_IN),
            }
        ),
        # Of people only those of the own municipality: see own_municipality and may_see_talent.
        Role.MUNICIPALITY: frozenset(
            {
                *(_P.VACANCIES_SEE, _P.TALENT_SEE, _P.TALENT_EXPORT, _P.TALENT_ERASE, _P.AFTERCARE_SEE),
                *(_P.OVERVIEW_SEE, _P.COURSES_SEE, _P.LOGGED_IN),
            }
        ),
        # Only the own vacancies and the people who were proposed for them: see proposed.py.
        Role.EMPLOYER: frozenset({_P.PROPOSED_SEE, _P.LOGGED_IN}),
        # Figures, no people.
        Role.DATA_SCIENTIST: frozenset({_P.VACANCIES_SEE, _P.OVERVIEW_SEE, _P.LOGGED_IN}),
        Role.ADMINISTRATOR: frozenset(
            {
                *(_P.VACANCIES_SEE, _P.TALENT_SEE, _P.TALENT_EXPORT, _P.TALENT_ERASE, _P.OVERVIEW_SEE),
                *(_P.COURSES_SEE, _P.USERS_MANAGE, _P.LOGGED_IN),
            }
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is visiting.

    Attributes:
        user: the account.
        csrf: what the forms of this visitor carry.
    """

    user: User
    csrf: str


def may(user: User, permission: Permission) -> bool:
    """Whether this user may do this."""
    return permission in ALLOWED[user.role]


def may_of(user: User | None) -> Callable[[str], bool]:
    """For templates: whether the visitor may do what is named, as in ``may("DECIDE")``; nobody may nothing.

    The function raises KeyError where there is no such permission: a mistake in a template.
    """
    allowed = ALLOWED[user.role] if user is not None else frozenset()
    return lambda name: Permission[name] in allowed


class SignInNeeded(HTTPException):
    """Nobody is logged in: the visitor is sent to the login page, and from there back."""

    def __init__(self, request: Request) -> None:
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        back = local(wanted) if request.method == "GET" and wanted != "/" else None
        address = f"{SIGN_IN}?{urlencode({'next': back})}" if back else SIGN_IN
        super().__init__(HTTPStatus.SEE_OTHER, headers={"Location": address})


@dataclass(frozen=True, slots=True)
class Requirement:
    """A dependency of a route: gives the user who may do this, or stops the request."""

    permission: Permission

    async def __call__(self, request: Request) -> User:
        """The user.

        Raises:
            SignInNeeded: nobody is logged in.
            HTTPException: this role may not (403).
        """
        visit: Visit | None = getattr(request.state, "visit", None)
        if visit is None:
            raise SignInNeeded(request)
        if not may(visit.user, self.permission):
            raise HTTPException(HTTPStatus.FORBIDDEN)
        return visit.user


def requires(permission: Permission) -> Any:
    """A dependency that holds a route to the roles that may, and gives it the user."""
    return Depends(Requirement(permission))


def own_municipality(user: User) -> str | None:
    """The municipality to whose people this user is held; None for whoever sees those of all."""
    return user.municipality if user.role is Role.MUNICIPALITY else None


def may_see_talent(user: User, talent: Talent) -> bool:
    """Whether this user may see this person at all; if not, answer that there is no such person (404)."""
    if not may(user, Permission.TALENT_SEE):
        return False
    only = own_municipality(user)
    return only is None or (talent.municipality or "").casefold() == only.casefold()
