"""People of two owners on the engine's user pool: names of their own, invitations, and users that go with them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.cli import Cli

OURS, THEIRS = ("tenant", "globex"), ("publisher", "acme")


def member(cli: Cli, owner: tuple[str, str], *arguments: str) -> Any:
    kind, name = owner
    return cli.ok(kind, "member", *arguments, "--of", name)


@pytest.fixture
def pat(cli: Cli) -> dict[str, Any]:
    """A person of the publisher."""
    return member(cli, THEIRS, "add", "pat")[0]


def test_name_is_of_one_owner_and_its_user_goes_with_the_member(cli: Cli, pat: dict[str, Any]) -> None:
    ours = member(cli, OURS, "add", "pat")[0]
    assert (ours["user"], pat["user"]) == ("tenant.globex.pat", "publisher.acme.pat")
    assert ours["principal"] != pat["principal"]
    member(cli, OURS, "remove", "pat")
    again = member(cli, OURS, "add", "pat")[0]
    assert again["principal"] not in (ours["principal"], pat["principal"])
    member(cli, OURS, "remove", "pat")
    assert pat["principal"] in {row["principal"] for row in member(cli, THEIRS, "list")}


def test_invitation_waits_and_is_taken_back(cli: Cli, pat: dict[str, Any]) -> None:
    (invitation,) = member(cli, OURS, "invite", pat["principal"], "--name", "guest")
    assert member(cli, OURS, "invited") == [invitation]
    assert pat["principal"] not in {row["principal"] for row in member(cli, OURS, "list")}
    assert cli.ok("invitation", "list", "--as", "globex") == []
    refused = cli("invitation", "accept", invitation["id"], "--as", "globex", "--json")
    assert refused.problem["code"] == "unknown-invitation"
    assert cli("tenant", "member", "invite", "pat", "--name", "guest", "--of", "globex").code == 1
    member(cli, OURS, "uninvite", invitation["id"])
    assert member(cli, OURS, "invited") == []
