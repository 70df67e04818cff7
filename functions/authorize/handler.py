"""The Lambda authorizer of the control API: is the token of our user pool, of any of its clients, or GitHub's?

A JWT authorizer of API Gateway would need every client in its audience list, which has 50 places (ADR 0010).
"""

from functools import cache
from typing import Any

import jwt

from functions.telemetry import observed
from functions.tracing import traced
from interlock.contract.core.settings import AuthorizeSettings
from interlock.control.tenants.members import oidc_principal

LEEWAY_SECONDS = 30


@cache
def keys(url: str) -> jwt.PyJWKClient:
    """An issuer's public keys, fetched once in a while."""
    return jwt.PyJWKClient(url, cache_keys=True, lifespan=3600)


@traced
@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Let the token's principal in, of our user pool or of the issuer that trusts name; nobody for any other token.

    Raises:
        PyJWKClientConnectionError: the issuer's keys could not be read. API Gateway answers 500 then, and caches
            nothing; it would hold a refusal against a good token for minutes.
    """
    word = str(event.get("headers", {}).get("authorization", ""))
    scheme, _, token = word.partition(" ")
    if scheme.lower() != "bearer":
        return {"isAuthorized": False}
    try:
        issuer = str(jwt.decode(token, options={"verify_signature": False}).get("iss", ""))
        config = AuthorizeSettings.read()
        principal = _vouched(token) if issuer == config.oidc_issuer else _own(token)
    except jwt.PyJWKClientConnectionError:
        raise
    except (jwt.PyJWTError, UnicodeError):
        return {"isAuthorized": False}
    return {"isAuthorized": bool(principal), "context": {"principal": principal}}


def _own(token: str) -> str:
    """Of our user pool: a client's id or a user's sub."""
    config = AuthorizeSettings.read()
    key = keys(config.jwks_url).get_signing_key_from_jwt(token)
    claims = jwt.decode(
        token,
        key.key,
        algorithms=["RS256"],
        issuer=config.issuer,
        leeway=LEEWAY_SECONDS,
        options={"verify_aud": False, "require": ["exp", "iss", "sub", "token_use"]},
    )
    return str(claims["sub"]) if claims["token_use"] == "access" else ""


def _vouched(token: str) -> str:
    """Of the other issuer: a principal of its own kind, which no user pool makes."""
    config = AuthorizeSettings.read()
    key = keys(config.oidc_jwks_url).get_signing_key_from_jwt(token)
    claims = jwt.decode(
        token,
        key.key,
        algorithms=["RS256"],
        issuer=config.oidc_issuer,
        audience=config.oidc_audience,
        leeway=LEEWAY_SECONDS,
        options={"require": ["exp", "iss", "sub", "aud"]},
    )
    return oidc_principal(config.oidc_issuer, str(claims["sub"]))
