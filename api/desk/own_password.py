"""Changing the own password: whoever makes an account knows its first password, so its owner must be able to."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Request, Response

from api.desk import session
from api.desk.filled import Posted
from api.desk.roles import Permission, requires
from api.desk.site import catalogue, page, redirect
from api.service import OpenService
from core.accounts import PasswordRefused, User
from core.sign_in import SignInRefused, TooManyAttempts, set_password, sign_in

router = APIRouter()

PATH: Final = "/wachtwoord"
Anybody = Annotated[User, requires(Permission.LOGGED_IN)]


@router.get(PATH)
def ask(request: Request, user: Anybody) -> Response:
    """The form."""
    return _form(request, user, {})


@router.post(PATH)
def change(request: Request, service: OpenService, user: Anybody, filled: Posted) -> Response:
    """Another password for who knows the present one; all other sessions end."""
    store, passwords = service.store, service.passwords
    try:
        sign_in(store, passwords, user.name, filled.values.get("huidig", ""), now=service.clock())
        set_password(store, passwords, user, filled.values.get("nieuw", ""))
    except TooManyAttempts:
        return _form(request, user, {"huidig": "login.error.too_often"}, HTTPStatus.TOO_MANY_REQUESTS)
    except SignInRefused:
        return _form(request, user, {"huidig": "own_password.error.present"})
    except PasswordRefused as refusal:
        return _form(request, user, {"nieuw": f"users.error.{refusal.field}"})
    response = redirect(PATH, done="own_password.done.changed")
    session.start(request, response, service, user)
    return response


def _form(request: Request, user: User, errors: dict[str, str], status: int | None = None) -> Response:
    t = catalogue()
    return page(
        request,
        "own_password.html",
        status=status or (HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK),
        errors={field: t(key) for field, key in errors.items()},
        elsewhere=user.subject is not None,
    )
