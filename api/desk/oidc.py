"""Logging in with the organisation's own account: OpenID Connect, authorization code with PKCE (RFC 7636).

The one file that knows Authlib. Beside what it checks of the id token (issuer, audience, times, nonce, authorised
party, hash of the access token), we check that the issuer's own description is of the issuer that we asked, that
``state`` belongs to this browser, and that the token is signed with a key pair: an issuer that would accept a shared
secret or no signature at all does not get that from us.
"""

import hashlib
import hmac
import logging
import secrets
import threading
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple, Self
from urllib.parse import quote, unquote

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from fastapi import APIRouter, Request, Response
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from api.desk import session
from api.desk.login import first_page, form
from api.desk.paths import SIGN_IN, local
from api.service import OpenService
from core.accounts import Rights, User
from core.errors import KansrijkError
from core.settings import Settings
from core.sign_in import SignInRefused, sign_in_from_elsewhere

logger = logging.getLogger(__name__)
router = APIRouter(prefix=f"{SIGN_IN}/oidc")

COOKIE: Final = "kansrijk_oidc"
_COOKIE_SECONDS: Final = 600  # enough for a second factor
_TIMEOUT_SECONDS: Final = 5.0
_LEEWAY_SECONDS: Final = 60  # between two clocks
_SCOPE: Final = "openid profile email"
_KEY_PAIRS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)


class SignInElsewhereFailed(KansrijkError):
    """The other login did not answer, or its answer cannot be trusted.

    Attributes:
        key: of the words that say what to do.
        status: of the answer.
    """

    def __init__(self, why: str, key: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(f"{why}; try again, or log in with a password")
        self.key = key
        self.status = status


class Attempt(NamedTuple):
    """What the browser keeps while its user is at the other login.

    Attributes:
        state: comes back in the address, and proves that this browser began.
        nonce: comes back in the token, and proves that it was made for this attempt.
        verifier: is sent for the token, and proves that who began is who ends.
        wanted: the page to go to afterwards; empty for the first.
    """

    state: str
    nonce: str
    verifier: str
    wanted: str = ""

    @classmethod
    def read(cls, cookie: str) -> Self | None:
        """From the cookie; None when it is not there or not ours."""
        parts = [unquote(part) for part in cookie.split(":")]
        return cls(*parts) if len(parts) == len(cls._fields) and all(parts[:3]) else None

    def written(self) -> str:
        """As the cookie holds it."""
        return ":".join(quote(part, safe="") for part in self)


class Description(BaseModel):
    """What an issuer says of itself (OpenID Connect Discovery 1.0 §3); of much more, this is used."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    id_token_signing_alg_values_supported: list[str] = ["RS256"]
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]


class Issuer:
    """The organisation's own login; its description and keys are kept once they were read.

    Args:
        settings: with the issuer's address and our name there.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._address = (settings.oidc_issuer or "").rstrip("/")
        self._lock = threading.Lock()
        self._described: Description | None = None
        self._keys: KeySet | None = None

    def begin(self, attempt: Attempt) -> str:
        """The address at the issuer to send the browser to.

        Raises:
            SignInElsewhereFailed: the issuer does not answer.
        """
        described = self._description()
        with self._client(described) as client:
            address, _ = client.create_authorization_url(
                described.authorization_endpoint,
                state=attempt.state,
                nonce=attempt.nonce,
                code_verifier=attempt.verifier,
            )
        return str(address)

    def claims(self, code: str, attempt: Attempt, now: datetime) -> dict[str, Any]:
        """What the issuer says of who logged in, beyond doubt.

        Raises:
            SignInElsewhereFailed: the issuer does not answer, refuses the code, or its token cannot be trusted.
        """
        described = self._description()
        try:
            with self._client(described) as client:
                token = client.fetch_token(
                    described.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=attempt.verifier,
                    redirect_uri=self._return_address,
                )
        except httpx2.HTTPError:
            raise _silent("the login of your organisation does not answer") from None
        except OAuthError:
            raise _untrusted("the login of your organisation refused the code") from None
        try:
            found = self._decoded(str(token["id_token"]), described)
            claims = CodeIDToken(
                found.claims,
                found.header,
                {
                    "iss": {"essential": True, "value": described.issuer},
                    "aud": {"essential": True, "value": self._settings.oidc_client_id or ""},
                },
                {
                    "nonce": attempt.nonce,
                    "client_id": self._settings.oidc_client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(now=int(now.timestamp()), leeway=_LEEWAY_SECONDS)
        except (JoseError, KeyError, ValueError, TypeError) as error:
            raise _untrusted(f"the token cannot be trusted ({type(error).__name__})") from None
        return dict(claims)

    @property
    def _return_address(self) -> str:
        return f"{(self._settings.public_url or '').rstrip('/')}{SIGN_IN}/oidc/terug"

    def _client(self, described: Description) -> OAuth2Client:
        secret = self._settings.oidc_client_secret
        methods = described.token_endpoint_auth_methods_supported
        method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        return OAuth2Client(
            client_id=self._settings.oidc_client_id,
            client_secret=secret.get_secret_value() if secret is not None else None,
            token_endpoint_auth_method=method if secret is not None else "none",
            scope=_SCOPE,
            redirect_uri=self._return_address,
            code_challenge_method="S256",
            timeout=_TIMEOUT_SECONDS,
            follow_redirects=False,
        )

    def _description(self) -> Description:
        with self._lock:
            if self._described is None:
                found = _fetched(f"{self._address}/.well-known/openid-configuration")
                try:
                    described = Description.model_validate(found)
                except ValidationError:
                    raise _silent("the login of your organisation does not describe itself well") from None
                if described.issuer.rstrip("/") != self._address:
                    raise _silent("the login of your organisation describes another one")
                self._described = described
            return self._described

    def _decoded(self, token: str, described: Description) -> jwt.Token:
        """The token, if its signature is the issuer's; a key that is not known yet is asked for once."""
        algorithms = [name for name in described.id_token_signing_alg_values_supported if name in _KEY_PAIRS]
        try:
            return jwt.decode(token, self._key_set(described), algorithms=algorithms)
        except InvalidKeyIdError:
            return jwt.decode(token, self._key_set(described, again=True), algorithms=algorithms)

    def _key_set(self, described: Description, *, again: bool = False) -> KeySet:
        with self._lock:
            if self._keys is None or again:
                self._keys = KeySet.import_key_set(_fetched(described.jwks_uri))
            return self._keys


def _fetched(address: str) -> Any:
    try:
        answer = httpx2.get(address, timeout=_TIMEOUT_SECONDS, follow_redirects=False)
        answer.raise_for_status()
        return answer.json()
    except (httpx2.HTTPError, ValueError):
        raise _silent("the login of your organisation does not answer") from None


def _silent(why: str) -> SignInElsewhereFailed:
    return SignInElsewhereFailed(why, "login.error.elsewhere_silent", HTTPStatus.SERVICE_UNAVAILABLE)


def _untrusted(why: str) -> SignInElsewhereFailed:
    return SignInElsewhereFailed(why, "login.error.elsewhere_refused")


def rights_of(claims: dict[str, Any], settings: Settings) -> Rights:
    """The role that somebody's groups give: the first line of the setting that names one of their groups.

    Raises:
        SignInElsewhereFailed: none of the groups gives a role; nobody comes in with the least one by default.
    """
    given = claims.get(settings.oidc_role_claim)
    groups = {given} if isinstance(given, str) else set(map(str, given)) if isinstance(given, list) else set()
    for group, rights in settings.oidc_roles.items():
        if group in groups:
            return Rights.read(rights)
    raise SignInElsewhereFailed("no group gives a role", "login.error.elsewhere_no_role", HTTPStatus.FORBIDDEN)


@router.get("")
def go(request: Request) -> Response:
    """Sends the browser to the other login."""
    issuer = _issuer(request)
    wanted = local(request.query_params.get("next")) or ""
    attempt = Attempt(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), wanted)
    try:
        address = issuer.begin(attempt)
    except SignInElsewhereFailed as failure:
        return _told(request, failure, wanted)
    response = RedirectResponse(address, status_code=HTTPStatus.SEE_OTHER)
    session.set_cookie(response, COOKIE, attempt.written(), _COOKIE_SECONDS)
    return response


@router.get("/terug")
def back(request: Request, service: OpenService) -> Response:
    """Where the other login sends the browser back to."""
    issuer = _issuer(request)
    attempt = Attempt.read(request.cookies.get(COOKIE, ""))
    wanted = local(attempt.wanted) if attempt is not None else None
    try:
        user = _visitor(request, service, issuer, attempt)
    except SignInElsewhereFailed as failure:
        response = _told(request, failure, wanted)
    except SignInRefused:
        response = form(request, wanted, error="login.error.switched_off", status=HTTPStatus.FORBIDDEN)
    else:
        response = RedirectResponse(wanted or first_page(user), status_code=HTTPStatus.SEE_OTHER)
        session.start(request, response, service, user)
        logger.info("sign-in user=%s", user.user_id)
    session.drop_cookie(response, COOKIE)  # one attempt, one answer
    return response


def _visitor(request: Request, service: OpenService, issuer: Issuer, attempt: Attempt | None) -> User:
    """Who came back, if they are the ones who went."""
    query, settings = request.query_params, request.state.settings
    if attempt is None or not hmac.compare_digest(query.get("state", "").encode(), attempt.state.encode()):
        raise _untrusted("this browser did not begin this login")
    if not query.get("code"):
        raise _untrusted("the login of your organisation refused")
    claims = issuer.claims(query["code"], attempt, service.clock())
    rights = rights_of(claims, settings)
    subject = hashlib.sha256(f"{settings.oidc_issuer}\n{claims['sub']}".encode()).hexdigest()
    named = [str(claims.get(name) or "") for name in ("preferred_username", "email")]
    shown = str(claims.get("name") or "").strip() or next(filter(None, named), "")
    return sign_in_from_elsewhere(service.store, subject, rights, [shown, *named], now=service.clock())


def _issuer(request: Request) -> Issuer:
    """The other login, where there is one."""
    issuer: Issuer | None = request.state.issuer
    if issuer is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return issuer


def _told(request: Request, failure: SignInElsewhereFailed, wanted: str | None) -> Response:
    logger.warning("sign-in elsewhere failed: %s", failure)
    return form(request, wanted, error=failure.key, status=failure.status)
