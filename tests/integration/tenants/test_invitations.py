"""Names of people belong to one tenant or publisher, and nobody joins another one without accepting it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.invitations import Invitations
from interlock.contract.core.base import now
from interlock.contract.core.failure import Conflict
from interlock.contract.member import Invitation
from interlock.contract.registry import Membership, Role
from interlock.control.tenants.members import invite, remove_member
from tests.support.api import Call, caller
from tests.support.cloud import TENANT, Cloud

OURS, THEIRS = f"tenant/{TENANT}", "tenant/globex"
PERSON = "a3bb189e-8bf9-3888-9912-ace4e6543002"
INVITE = {"principal": PERSON, "name": "pat"}
PATH, MINE = f"/v1/tenants/{TENANT}/invitations", "/v1/me/invitations"


@pytest.fixture
def send(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Call:
    """The API, with a person of another tenant."""
    call = caller(cloud, monkeypatch)
    person = Membership(
        principal=PERSON, scope=THEIRS, role=Role.ADMIN, name="pat", kind="user", user="tenant.globex.pat"
    )
    cloud.registry.join(person)
    return call


def invited(send: Call, **fields: Any) -> dict[str, Any]:
    answer = send("POST", PATH, INVITE | fields)
    assert answer["status"] == 201, answer
    return answer["body"]


def sees_us(send: Call) -> bool:
    return send("GET", f"/v1/tenants/{TENANT}", principal=PERSON)["status"] == 200


def test_same_name_in_two_tenants_is_two_people(cloud: Cloud, pool: str) -> None:
    first, second = (invite(cloud.registry, pool, scope, Invitation(name="pat")) for scope in (THEIRS, OURS))
    assert first.principal != second.principal
    assert (first.user, second.user) == ("tenant.globex.pat", f"tenant.{TENANT}.pat")
    assert [row.scope for row in cloud.registry.memberships(first.principal)] == [THEIRS]
    third = invite(cloud.registry, pool, "publisher/globex", Invitation(name="pat"))
    assert third.principal not in (first.principal, second.principal)


def test_a_users_leftover_of_a_request_that_ended_is_replaced(cloud: Cloud, pool: str) -> None:
    client("cognito-idp").admin_create_user(UserPoolId=pool, Username=f"tenant.{TENANT}.pat")
    before = client("cognito-idp").admin_get_user(UserPoolId=pool, Username=f"tenant.{TENANT}.pat")
    member = invite(cloud.registry, pool, OURS, Invitation(name="pat"))
    assert member.principal not in str(before["UserAttributes"])


def test_a_removed_person_loses_their_user(cloud: Cloud, pool: str) -> None:
    invite(cloud.registry, pool, OURS, Invitation(name="jane", role="admin"))
    joe = invite(cloud.registry, pool, OURS, Invitation(name="joe"))
    remove_member(cloud.registry, pool, OURS, "joe")
    assert [row["Username"] for row in client("cognito-idp").list_users(UserPoolId=pool)["Users"]] == [
        f"tenant.{TENANT}.jane"
    ]
    assert invite(cloud.registry, pool, OURS, Invitation(name="joe")).principal != joe.principal


def test_a_removed_person_with_another_membership_accepts(cloud: Cloud, pool: str) -> None:
    invite(cloud.registry, pool, OURS, Invitation(name="jane", role="admin"))
    joe = invite(cloud.registry, pool, OURS, Invitation(name="joe"))
    cloud.registry.join(joe.model_copy(update={"scope": THEIRS}))
    remove_member(cloud.registry, pool, OURS, "joe")
    with pytest.raises(Conflict) as refused:
        invite(cloud.registry, pool, OURS, Invitation(name="joe", role="admin"))
    assert refused.value.code == "user-elsewhere"
    assert joe.principal in refused.value.next_step
    assert [row.scope for row in cloud.registry.memberships(joe.principal)] == [THEIRS]


def test_invitation_changes_nothing_until_it_is_accepted(cloud: Cloud, send: Call) -> None:
    invitation = invited(send, role="admin")
    assert not sees_us(send)
    assert send("GET", PATH)["body"]["invitations"] == [invitation]
    assert send("GET", MINE, principal=PERSON)["body"]["invitations"] == [invitation]
    joined = send("POST", f"{MINE}/{invitation['id']}/accept", principal=PERSON)["body"]
    assert (joined["scope"], joined["role"], joined["user"]) == (OURS, "admin", "tenant.globex.pat")
    assert sees_us(send)
    assert send("GET", MINE, principal=PERSON)["body"]["invitations"] == []
    assert {row.scope for row in cloud.registry.memberships(PERSON)} == {OURS, THEIRS}


@pytest.mark.parametrize("end", ["decline", "withdraw", "expire"])
def test_invitation_that_ended_is_not_accepted(cloud: Cloud, send: Call, end: str) -> None:
    invitation = invited(send)
    match end:
        case "decline":
            assert send("DELETE", f"{MINE}/{invitation['id']}", principal=PERSON)["status"] == 200
        case "withdraw":
            assert send("DELETE", f"{PATH}/{invitation['id']}")["status"] == 200
        case _:
            invitations = Invitations(cloud.registry.table.name)
            (row,) = invitations.of_principal(PERSON)
            invitations.write(row.model_copy(update={"until": now(timedelta(seconds=-1))}))
    answer = send("POST", f"{MINE}/{invitation['id']}/accept", principal=PERSON)
    assert (answer["status"], answer["body"]["code"]) == (404, "unknown-invitation")
    assert not sees_us(send)
    assert send("GET", PATH)["body"]["invitations"] == []


def test_invitation_is_for_its_person_alone(send: Call) -> None:
    invitation = invited(send)
    for principal in ("me", "stranger"):
        assert send("GET", MINE, principal=principal)["body"]["invitations"] == []
        assert send("POST", f"{MINE}/{invitation['id']}/accept", principal=principal)["status"] == 404
        assert send("DELETE", f"{MINE}/{invitation['id']}", principal=principal)["status"] == 404


def test_only_an_admin_invites(cloud: Cloud, send: Call) -> None:
    cloud.registry.join(Membership(principal="reader", scope=OURS, role=Role.MEMBER))
    for principal in ("reader", "stranger", PERSON):
        assert send("POST", PATH, INVITE, principal=principal)["status"] == 403


def test_invitation_of_a_member_or_by_a_taken_name_is_refused(cloud: Cloud, send: Call) -> None:
    cloud.registry.join(Membership(principal="other", scope=OURS, role=Role.MEMBER, name="taken", kind="user"))
    assert send("POST", PATH, INVITE | {"name": "taken"})["body"]["code"] == "name-taken"
    invitation = invited(send)
    cloud.registry.join(Membership(principal="late", scope=OURS, role=Role.MEMBER, name="pat", kind="user"))
    assert send("POST", f"{MINE}/{invitation['id']}/accept", principal=PERSON)["body"]["code"] == "name-taken"
    cloud.registry.join(Membership(principal=PERSON, scope=OURS, role=Role.ADMIN, name="p", kind="user"))
    assert send("POST", PATH, INVITE)["body"]["code"] == "already-member"
    accepted = send("POST", f"{MINE}/{invitation['id']}/accept", principal=PERSON)["body"]
    assert accepted["role"] == "admin", "a member's role does not change"


@pytest.mark.parametrize("fields", [{"principal": "pat"}, {"principal": ""}, {"role": "operator"}, {"scope": OURS}])
def test_wrong_invitation_is_refused(send: Call, fields: dict[str, Any]) -> None:
    assert send("POST", PATH, INVITE | fields)["status"] == 400


def test_unknown_person_is_invited_as_a_known_one(send: Call) -> None:
    unknown = invited(send, principal="00000000-0000-0000-0000-000000000000")
    known = invited(send, name="other")
    assert set(unknown) == set(known)
