"""The accounts of the desk: who may log in, and as what. For administrators."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response

from api.desk.filled import Filled, Posted
from api.desk.roles import Permission, requires
from api.desk.site import catalogue, page, redirect
from api.service import OpenService, Service
from core.accounts import AccountRefused, Role, User, check_change
from core.errors import Conflict
from core.records import Identifier
from core.sign_in import add_user, checked_user, new_user, set_password

router = APIRouter(prefix="/gebruikers")

PAGE_SIZE: Final = 50
UserId = Annotated[Identifier, Path()]
Administrator = Annotated[User, requires(Permission.USERS_MANAGE)]
_FIELDS: Final[Mapping[str, str]] = {
    "name": "naam",
    "display_name": "weergavenaam",
    "role": "rol",
    "municipality": "gemeente",
    "employer_id": "werkgever",
    "password": "wachtwoord",
    "password_is_name": "wachtwoord",
    "password_elsewhere": "wachtwoord",
    "own_account": "rol",
}
"""The field of the form to mend, by what the account refuses."""


@router.get("")
def overview(
    request: Request,
    service: OpenService,
    _user: Administrator,
    number: Annotated[int, Query(alias="pagina", ge=1, le=1_000)] = 1,
) -> Response:
    """All accounts by login name."""
    found = service.store.accounts.page(limit=PAGE_SIZE + 1, offset=(number - 1) * PAGE_SIZE)
    return page(
        request,
        "users.html",
        accounts=found[:PAGE_SIZE],
        page_number=number,
        previous=f"/gebruikers?pagina={number - 1}" if number > 1 else None,
        next=f"/gebruikers?pagina={number + 1}" if len(found) > PAGE_SIZE else None,
    )


@router.get("/nieuw")
def blank(request: Request, service: OpenService, _user: Administrator) -> Response:
    """The form for a new account."""
    return _new(request, service, {"rol": Role.MATCHMAKER.value}, {})


@router.post("")
def add(request: Request, service: OpenService, _user: Administrator, filled: Posted) -> Response:
    """Makes an account with its first password."""
    try:
        bound = _bound_to(filled, service)
        user = new_user(
            filled.raw("naam"), bound.pop("role"), now=service.clock(), display_name=filled.raw("weergavenaam"), **bound
        )
        add_user(service.store, service.passwords, user, filled.values.get("wachtwoord", ""))
    except AccountRefused as refusal:
        return _new(request, service, filled.values, _told(refusal.field))
    except Conflict:
        return _new(request, service, filled.values, _told("name", "users.error.taken"))
    return redirect("/gebruikers", done="users.done.added")


@router.get("/{user_id}")
def one(request: Request, service: OpenService, _user: Administrator, user_id: UserId) -> Response:
    """One account and what can be changed about it."""
    account = service.store.accounts.get(user_id)
    return _one(request, service, account, _as_filled(account), {})


@router.post("/{user_id}")
def change(request: Request, service: OpenService, user: Administrator, user_id: UserId, filled: Posted) -> Response:
    """Writes another name to show, or another role with what belongs to it."""
    before = service.store.accounts.get(user_id)
    try:
        bound = _bound_to(filled, service)
        after = checked_user(
            before.model_dump()
            | {"municipality": None, "employer_id": None, "display_name": filled.raw("weergavenaam")}
            | bound
        )
        check_change(user, before, after)
    except AccountRefused as refusal:
        return _one(request, service, before, filled.values, _told(refusal.field))
    service.store.accounts.replace(after)
    return redirect(f"/gebruikers/{user_id}", done="users.done.changed")


@router.post("/{user_id}/wachtwoord")
def new_password(
    request: Request, service: OpenService, _user: Administrator, user_id: UserId, filled: Posted
) -> Response:
    """Gives an account a new password; who is logged in with the old one logs in again."""
    account = service.store.accounts.get(user_id)
    try:
        set_password(service.store, service.passwords, account, filled.values.get("wachtwoord", ""))
    except AccountRefused as refusal:
        return _one(request, service, account, _as_filled(account), _told(refusal.field))
    return redirect(f"/gebruikers/{user_id}", done="users.done.password")


@router.post("/{user_id}/uit")
def switch_off(request: Request, service: OpenService, user: Administrator, user_id: UserId) -> Response:
    """Nobody logs in with this account any more; whoever is logged in with it is out at once."""
    return _switched(request, service, user, user_id, active=False)


@router.post("/{user_id}/aan")
def switch_on(request: Request, service: OpenService, user: Administrator, user_id: UserId) -> Response:
    """The account can be used again, with the password that it had."""
    return _switched(request, service, user, user_id, active=True)


def _switched(request: Request, service: Service, user: User, user_id: str, *, active: bool) -> Response:
    before = service.store.accounts.get(user_id)
    after = before.model_copy(update={"active": active})
    try:
        check_change(user, before, after)
    except AccountRefused as refusal:
        return _one(request, service, before, _as_filled(before), _told(refusal.field))
    service.store.accounts.replace(after)
    return redirect(f"/gebruikers/{user_id}", done=f"users.done.{'on' if active else 'off'}")


def _bound_to(filled: Filled, service: Service) -> dict[str, Any]:
    """The role that was chosen, and whose people or vacancies belong to it; what another role needs is left out.

    Raises:
        AccountRefused: there is no such role, municipality or employer: a typing error would show an empty page.
    """
    try:
        role = Role(filled.raw("rol"))
    except ValueError:
        raise AccountRefused("there is no such role; choose one from the list", "role") from None
    if role is Role.MUNICIPALITY:
        spelled = {name.casefold(): name for name in municipalities(service)}
        given = filled.raw("gemeente")
        if spelled and given.casefold() not in spelled:
            raise AccountRefused("there is no such municipality; choose one from the list", "municipality")
        return {"role": role, "municipality": spelled.get(given.casefold(), given) or None}
    if role is Role.EMPLOYER:
        given = filled.raw("werkgever")
        if not any(line.employer_id == given for line in service.store.desk.vacancies()):
            raise AccountRefused("no vacancy is of this employer; look its number up", "employer_id")
        return {"role": role, "employer_id": given}
    return {"role": role}


def municipalities(service: Service) -> list[str]:
    """All that are known, by name."""
    return sorted({place.municipality for place in service.store.desk.places().values()})


def _as_filled(account: User) -> dict[str, str]:
    return {
        "weergavenaam": account.display_name,
        "rol": account.role.value,
        "gemeente": account.municipality or "",
        "werkgever": account.employer_id or "",
    }


def _told(field: str, key: str | None = None) -> dict[str, str]:
    return {_FIELDS[field]: catalogue()(key or f"users.error.{field}")}


def _choices() -> Sequence[tuple[str, str]]:
    return [(role.value, catalogue().label(role)) for role in Role]


def _new(request: Request, service: Service, values: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    return page(
        request,
        "user_new.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        values=values,
        errors=errors,
        roles=_choices(),
        municipalities=municipalities(service),
    )


def _one(
    request: Request, service: Service, account: User, values: Mapping[str, str], errors: Mapping[str, str]
) -> Response:
    return page(
        request,
        "user.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        account=account,
        values=values,
        errors=errors,
        roles=_choices(),
        municipalities=municipalities(service),
    )
