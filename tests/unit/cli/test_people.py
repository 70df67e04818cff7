"""Who did something is shown by name, and by id where nobody may know the name."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from interlock.cli.terminal.client import Client
from interlock.cli.terminal.people import names_of
from interlock.contract.core.failure import Forbidden


class Members:
    """A tenant's members, as the API lists them to admins."""

    def __init__(self, allowed: bool) -> None:
        self.allowed = allowed
        self.calls = 0

    def list(self, _tenant: str) -> Any:
        self.calls += 1
        if not self.allowed:
            raise Forbidden("not for you", where="members", next_step="Ask an admin.")
        rows = (("p-ada", "Ada"), ("p-me", "me"), ("p-old", ""))
        return SimpleNamespace(members=[SimpleNamespace(principal=one, name=name) for one, name in rows])


def client(members: Members) -> Client:
    platform = SimpleNamespace(get_caller=lambda: SimpleNamespace(principal="p-me"))
    profile = SimpleNamespace(name="globex")
    return cast(Client, SimpleNamespace(tenant_members=members, platform=platform, profile=profile))


@pytest.mark.parametrize(("allowed", "names"), [(True, ["Ada", "me"]), (False, ["p-ada", "globex"])])
def test_a_principal_is_named_by_one_call(allowed: bool, names: list[str]) -> None:
    members = Members(allowed)
    name_of = names_of(client(members), "globex")
    assert members.calls == 0
    assert [name_of(one) for one in ("p-ada", "p-me")] == names
    assert [name_of(one) for one in ("p-old", "p-gone", "")] == ["p-old", "p-gone", ""]
    assert members.calls == 1
