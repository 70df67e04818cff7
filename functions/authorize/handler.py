"""The Lambda authorizer of the control API: is the token of our user pool, of any of its clients?

A JWT authorizer of API Gateway would need every client in its audience list, which has 50 places (ADR 0010).
"""

from functools import cache
from typing import Any

import jwt

from interlock.contract.settings import AuthorizeSettings

LEEWAY_SECONDS = 30


@cache
def settings() -> AuthorizeSettings:
    """The settings, once in a process."""
    return AuthorizeSettings.read()


@cache
def keys() -> jwt.PyJWKClient:
    """The pool's public keys, fetched once in a while."""
    return jwt.PyJWKClient(settings().jwks_url, cache_keys=True, lifespan=3600)


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Let the token's principal in: a client's id or a user's sub; nobody for any other token."""
    word = str(event.get("headers", {}).get("authorization", ""))
    scheme, _, token = word.partition(" ")
    if scheme.lower() != "bearer":
        return {"isAuthorized": False}
    try:
        key = keys().get_signing_key_from_jwt(token)
        claims = jwt.decode(
            token,
            key.key,
            algorithms=["RS256"],
            issuer=settings().issuer,
            leeway=LEEWAY_SECONDS,
            options={"verify_aud": False, "require": ["exp", "iss", "sub", "token_use"]},
        )
    except jwt.PyJWTError:
        return {"isAuthorized": False}
    if claims["token_use"] != "access":
        return {"isAuthorized": False}
    return {"isAuthorized": True, "context": {"principal": claims["sub"]}}
