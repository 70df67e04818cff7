"""People by name: the API says by id who did something, and its list of members says who that is."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from interlock.contract.core.failure import Failure

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.cli.terminal.profiles import Kind

NameOf = Callable[[str], str]
"""The name of a principal; the principal itself where nobody knows one."""


def names_of(client: Client, owner: str, kind: Kind = "tenant") -> NameOf:
    """The names of a tenant's or a publisher's people and machines. They are read once, where somebody is to be named.

    A member that may not list the others sees their ids, and its own name.
    """

    @cache
    def known() -> dict[str, str]:
        try:
            members = client.tenant_members if kind == "tenant" else client.publisher_members
            rows = members.list(owner).members
        except Failure:
            rows = ()
        own = client.platform.get_caller()
        return {own.principal: client.profile.name} | {row.principal: row.name for row in rows if row.name}

    def name_of(principal: str) -> str:
        return known().get(principal, principal) if principal else ""

    return name_of
