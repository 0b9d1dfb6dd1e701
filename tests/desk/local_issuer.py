"""A small OpenID Connect issuer on this machine: real HTTP, real signatures, and lies on request."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT_ID, CLIENT_SECRET = "kansrijk", "a secret of the client: with colon"
KEY = RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)
OTHER_KEY = RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)


class LocalIssuer:
    """What the issuer knows, and what it lies about.

    Attributes:
        now: seconds since 1970, by the issuer's clock.
        person: claims of whoever logs in.
        token: claims of the id token that replace the true ones; None leaves one out.
        signing_key: with what tokens are signed.
        published: the keys that it shows.
        algorithm: of the signature.
        description: what replaces the true parts of its description.
        asked: paths that were asked for, in order.
    """

    def __init__(self, address: str, now: int) -> None:
        self.address = address
        self.now = now
        self.tell_the_truth()

    def tell_the_truth(self) -> None:
        """Forgets all lies and all that was asked."""
        self.person: dict[str, object] = {"sub": "p-1", "name": "Anna Bakker", "groups": ["desk"]}
        self.token: dict[str, object] = {}
        self.signing_key = KEY
        self.published = KeySet([KEY])
        self.algorithm = "RS256"
        self.description: dict[str, object] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []

    def described(self) -> dict[str, object]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/jwks",
            "id_token_signing_alg_values_supported": ["RS256"],
        } | self.description

    def authorize(self, query: dict[str, str]) -> str:
        """Logs the person in without asking; where to send the browser."""
        assert query["client_id"] == CLIENT_ID
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, object]]:
        """The token for a code, once, for whoever knows the secret and the verifier."""
        given = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        if given != f"{CLIENT_ID}:{CLIENT_SECRET}":
            return 401, {"error": "invalid_client"}
        began = self.codes.pop(form["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            began is None
            or began["code_challenge"] != challenge.rstrip(b"=").decode()
            or began["redirect_uri"] != form["redirect_uri"]
        ):
            return 400, {"error": "invalid_grant"}
        claims: dict[str, object] = {
            "iss": self.address,
            "aud": CLIENT_ID,
            "nonce": began["nonce"],
            "iat": self.now,
            "exp": self.now + 300,
        }
        claims = {name: value for name, value in (claims | self.person | self.token).items() if value is not None}
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self.signed(claims)}

    def signed(self, claims: dict[str, object]) -> str:
        if self.algorithm.startswith("RS"):
            header = {"alg": self.algorithm, "kid": self.signing_key.kid}
            return jwt.encode(header, claims, self.signing_key, algorithms=[self.algorithm])
        # What no library signs: with nothing, or with the public key as if it were a secret.
        header = {"alg": self.algorithm, "typ": "JWT", "kid": KEY.kid}
        text = ".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
        secret = KEY.as_pem(private=False)
        return f"{text}." + ("" if self.algorithm == "none" else _base64(hmac.digest(secret, text.encode(), "sha256")))


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


@contextmanager
def running(now: int) -> Iterator[LocalIssuer]:
    """The issuer on a free port of this machine."""
    issuer = LocalIssuer("", now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            issuer.asked.append(parts.path)
            if parts.path == "/.well-known/openid-configuration":
                self.answer(200, issuer.described())
            elif parts.path == "/jwks":
                self.answer(200, issuer.published.as_dict(private=False))
            elif parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", issuer.authorize(_flat(parts.query)))
                self.end_headers()
            else:
                self.answer(404, {})

        def do_POST(self) -> None:
            issuer.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.answer(*issuer.exchange(_flat(body), self.headers.get("Authorization", "")))

        def answer(self, status: int, content: object) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    issuer.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
