"""Callers and scopes for tests of people."""

from __future__ import annotations

from interlock.contract.member import Caller
from interlock.contract.registry import Membership, Role

SCOPE = "publisher/acme"


ISSUER = "https://token.actions.githubusercontent.com"


def caller(*scopes: str, role: Role = Role.ADMIN) -> Caller:
    rows = tuple(Membership(principal="p", scope=scope, role=role, name="pat") for scope in scopes)
    return Caller(principal="p", memberships=rows)


OPERATOR = Caller(principal="o", memberships=(Membership(principal="o", scope="platform", role=Role.OPERATOR),))
