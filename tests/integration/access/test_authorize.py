"""Who may do what, and who a token is."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from functions.authorize import handler as authorize
from interlock.contract.member import NewTrust
from interlock.contract.registry import Role
from interlock.control.access.authorize import caller_of, is_permitted
from interlock.control.tenants.members import (
    oidc_principal,
    remove_member,
    trust,
)
from tests.support.answering import answering
from tests.support.cloud import Cloud
from tests.support.people import ISSUER, SCOPE, caller

ROWS = [
    (Role.ADMIN, SCOPE, "publish", True),
    (Role.MEMBER, SCOPE, "publish", True),
    (Role.MEMBER, SCOPE, "readMembers", True),
    (Role.ADMIN, SCOPE, "manageMembers", True),
    (Role.MEMBER, SCOPE, "manageMembers", False),
    (Role.ADMIN, SCOPE, "readAudit", True),
    (Role.MEMBER, SCOPE, "readAudit", False),
    (Role.ADMIN, SCOPE, "decideApprovals", False),
    (Role.ADMIN, "tenant/acme", "manageMembers", True),
    (Role.MEMBER, "tenant/acme", "manageMembers", False),
    (Role.ADMIN, "tenant/acme", "readAudit", True),
]


@pytest.mark.parametrize(("role", "scope", "action", "may"), ROWS)
def test_who_may_what(role: Role, scope: str, action: str, may: bool) -> None:
    assert is_permitted(caller(scope, role=role), action, scope) is may
    assert not is_permitted(caller("publisher/other", role=role), action, scope)


KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def tokens(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., dict[str, Any]]]:
    """Asks the authorizer about a token of the other issuer."""
    public = json.loads(RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": "k", "use": "sig"}
    with answering(lambda _: (200, {"keys": [public]})) as url:
        fields = {"USER_POOL": "p", "JWKS_URL": url, "ISSUER": "https://pool", "OIDC_JWKS_URL": url}
        for name, value in fields.items():
            monkeypatch.setenv(f"INTERLOCK_{name}", value)
        authorize.keys.cache_clear()

        def ask(**claims: Any) -> dict[str, Any]:
            subject = "repo:acme/app:environment:release"
            now = int(time.time())
            every = {"iss": ISSUER, "aud": "interlock", "sub": subject, "iat": now, "exp": now + 300} | claims
            token = jwt.encode(every, KEY, algorithm="RS256", headers={"kid": "k"})
            return authorize.handler({"headers": {"authorization": f"Bearer {token}"}}, None)

        yield ask
        authorize.keys.cache_clear()


def test_only_a_trusted_workflow_of_github_is_a_member(
    cloud: Cloud, pool: str, tokens: Callable[..., dict[str, Any]]
) -> None:
    trust(cloud.registry, SCOPE, NewTrust(name="rel", repository="acme/app", environment="release"))
    answer = tokens()
    assert answer["isAuthorized"] is True
    assert is_permitted(caller_of(cloud.registry, answer["context"]["principal"]), "publish", SCOPE)
    other = tokens(sub="repo:acme/app:ref:refs/heads/main")
    assert other["isAuthorized"] is True
    assert caller_of(cloud.registry, other["context"]["principal"]).memberships == ()
    remove_member(cloud.registry, pool, SCOPE, "rel")
    assert caller_of(cloud.registry, answer["context"]["principal"]).memberships == ()


WRONG: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "sts.amazonaws.com"},
    "an old one": {"exp": 1_000},
    "an issuer that nobody trusts": {"iss": "https://evil.example"},
    "no token of access": {"iss": "https://pool", "token_use": "id"},
}


@pytest.mark.parametrize("case", WRONG)
def test_other_tokens_are_nobody(tokens: Callable[..., dict[str, Any]], case: str) -> None:
    assert tokens(**WRONG[case])["isAuthorized"] is False


def test_lost_keys_are_an_error_and_no_refusal(
    tokens: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal would be held against the token for minutes, an error is not."""
    issuer = {"iss": "https://pool", "token_use": "access", "sub": "client"}
    with answering(lambda _: (503, {})) as url:
        monkeypatch.setenv("INTERLOCK_JWKS_URL", url)
        monkeypatch.setenv("INTERLOCK_OIDC_JWKS_URL", url)
        for claims in (issuer, {}):
            with pytest.raises(jwt.PyJWKClientConnectionError):
                tokens(**claims)


def test_no_pool_can_make_a_principal_of_the_other_issuer(tokens: Callable[..., dict[str, Any]]) -> None:
    mine = tokens(iss="https://pool", token_use="access", sub="client")
    assert mine == {"isAuthorized": True, "context": {"principal": "client"}}
    assert oidc_principal(ISSUER, "client") != "client"


def test_a_trust_names_an_environment_or_a_ref() -> None:
    ref = NewTrust(name="main", repository="acme/app", ref="refs/heads/main")
    assert ref.subject == "repo:acme/app:ref:refs/heads/main"
    with pytest.raises(Exception, match="either"):
        assert NewTrust(name="both", repository="acme/app").subject
