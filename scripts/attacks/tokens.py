"""Tokens that our user pool did not make for a caller of the control API."""

import base64
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from interlock.contract.core.settings import AuthorizeSettings
from scripts.attacks.case import Case

ISSUER = "https://pool.example"
GITHUB = "https://token.actions.githubusercontent.com"


def cases() -> Iterator[Case]:
    """Every attack by a token."""
    # Made and imported once, before a process of each attempt begins.

    _pool_key()
    _other_key()
    for name, make in _TOKENS.items():
        yield Case("tokens", name, "refused", lambda make=make: _let_in(make()))
    yield Case("tokens", "a token of the pool", "let in: u1", lambda: _let_in(f"Bearer {_token()}"))


@cache
def _pool_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def _other_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _let_in(header: str) -> str:
    from functions.authorize import handler as authorize

    with _Keys() as url:
        fields = {"user_pool": "p", "jwks_url": url, "issuer": ISSUER, "oidc_jwks_url": url}
        os.environ.update(AuthorizeSettings.model_validate(fields).environment())
        answer = authorize.handler({"headers": {"authorization": header}}, None)
    return f"let in: {answer['context']['principal']}" if answer["isAuthorized"] else "refused"


class _Keys:
    """Serves the pool's public key on loopback, as Cognito does."""

    def __enter__(self) -> str:
        key = json.loads(RSAAlgorithm.to_jwk(_pool_key().public_key())) | {"kid": "k", "use": "sig", "alg": "RS256"}
        body = json.dumps({"keys": [key]}).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}/"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()


def _claims(**fields: Any) -> dict[str, Any]:
    now = int(time.time())
    rows = {"iss": ISSUER, "sub": "u1", "token_use": "access", "iat": now, "exp": now + 300} | fields
    return {name: value for name, value in rows.items() if value is not None}


def _token(key: Any = None, algorithm: str = "RS256", kid: str = "k", **fields: Any) -> str:
    return jwt.encode(_claims(**fields), key or _pool_key(), algorithm=algorithm, headers={"kid": kid})


def _bearer(**fields: Any) -> Callable[[], str]:
    return lambda: f"Bearer {_token(**fields)}"


def _hand_made(header: dict[str, Any], **fields: Any) -> str:
    """A token whose header and claims are as they are written here, without a signature."""
    parts = (json.dumps(part).encode() for part in (header, _claims(**fields)))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def _by_the_public_key() -> str:
    """Signed by HMAC with the public key as the secret: what a verifier that trusts `alg` takes."""
    import hashlib
    import hmac

    text = _hand_made({"alg": "HS256", "typ": "JWT", "kid": "k"})
    public = _pool_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    mac = hmac.new(public, text.encode(), hashlib.sha256).digest()
    return f"Bearer {text}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def _swapped() -> str:
    """The signature of one token behind the claims of another."""
    head, _, signature = _token().split(".")
    return f"Bearer {head}.{_token(sub='u2').split('.')[1]}.{signature}"


_TOKENS: dict[str, Callable[[], str]] = {
    "no header": lambda: "",
    "no token": lambda: "Bearer ",
    "another scheme": lambda: f"Basic {_token()}",
    "a scheme alone": lambda: "Bearer",
    "two tokens": lambda: f"Bearer {_token()} {_token()}",
    "a text": lambda: "Bearer hello",
    "dots": lambda: "Bearer ...",
    "a text that is no Unicode": lambda: "Bearer \ud800",
    "a token of 1 MB": lambda: "Bearer " + "a" * 1_000_000,
    "no algorithm": lambda: f"Bearer {_hand_made({'alg': 'none', 'kid': 'k'})}.",
    "no algorithm, in capitals": lambda: f"Bearer {_hand_made({'alg': 'NONE', 'kid': 'k'})}.",
    "an algorithm of nobody": lambda: f"Bearer {_hand_made({'alg': 'XX256', 'kid': 'k'})}.AAAA",
    "the public key as a secret": _by_the_public_key,
    "a key of somebody else": lambda: f"Bearer {_token(key=_other_key())}",
    "a key in the token": lambda: f"Bearer {_hand_made({'alg': 'RS256', 'jwk': {'kty': 'RSA'}})}.AAAA",
    "a URL of keys in the token": lambda: f"Bearer {_hand_made({'alg': 'RS256', 'jku': 'http://127.0.0.1:1/'})}.AAAA",
    "a key that is not there": _bearer(kid="other"),
    "a key that is a path": _bearer(kid="../../k"),
    "an elliptic key": lambda: f"Bearer {_token(key=ec.generate_private_key(ec.SECP256R1()), algorithm='ES256')}",
    "another hash": _bearer(algorithm="RS512"),
    "claims of another token": _swapped,
    "no signature": lambda: f"Bearer {_token().rpartition('.')[0]}.",
    "a signature that is cut": lambda: f"Bearer {_token()[:-4]}",
    "another issuer": _bearer(iss="https://evil.example"),
    "no issuer": _bearer(iss=None),
    "an issuer that is a list": lambda: f"Bearer {_hand_made({'alg': 'RS256', 'kid': 'k'}, iss=[ISSUER])}.AAAA",
    "an issuer and more": _bearer(iss=f"{ISSUER}/"),
    "a token that has expired": _bearer(exp=int(time.time()) - 3_600),
    "a token without an end": _bearer(exp=None),
    "an end that is a text": lambda: f"Bearer {_hand_made({'alg': 'RS256', 'kid': 'k'}, exp='tomorrow')}.AAAA",
    "a token that is not valid yet": _bearer(nbf=int(time.time()) + 3_600),
    "a token without a subject": _bearer(sub=None),
    "an id token": _bearer(token_use="id"),
    "a refresh token": _bearer(token_use="refresh"),
    "a token without a use": _bearer(token_use=None),
    "GitHub's issuer, for another audience": _bearer(iss=GITHUB, aud="sts.amazonaws.com"),
    "GitHub's issuer, for nobody": _bearer(iss=GITHUB),
}
