"""Members, machines, trusts and domains; the audit log; what is listed for whom; who a token is."""

from __future__ import annotations

import pytest

from interlock.aws.clients import client
from interlock.contract.core.failure import Conflict
from interlock.contract.member import Invitation, NewCredential
from interlock.contract.registry import Role
from interlock.control.access.authorize import caller_of, is_permitted
from interlock.control.tenants.members import (
    create_credential,
    invite,
    remove_member,
    rotate_credential,
)
from tests.support.cloud import Cloud
from tests.support.people import SCOPE


def test_a_member_comes_changes_role_and_goes(cloud: Cloud, pool: str) -> None:
    jane = invite(cloud.registry, pool, SCOPE, Invitation(name="jane", role="admin"))
    joe = invite(cloud.registry, pool, SCOPE, Invitation(name="joe", email="joe@example.com"))
    assert {row.name: row.role for row in cloud.registry.members(SCOPE)} == {"jane": Role.ADMIN, "joe": Role.MEMBER}
    again = invite(cloud.registry, pool, SCOPE, Invitation(name="joe", role="admin"))
    assert again.principal == joe.principal
    assert again.created == joe.created
    remove_member(cloud.registry, pool, SCOPE, "jane")
    assert caller_of(cloud.registry, jane.principal).memberships == ()


def test_the_last_admin_stays(cloud: Cloud, pool: str) -> None:
    invite(cloud.registry, pool, SCOPE, Invitation(name="jane", role="admin"))
    invite(cloud.registry, pool, SCOPE, Invitation(name="joe"))
    for change in (
        lambda: remove_member(cloud.registry, pool, SCOPE, "jane"),
        lambda: invite(cloud.registry, pool, SCOPE, Invitation(name="jane", role="member")),
    ):
        with pytest.raises(Conflict) as refused:
            change()
        assert refused.value.code == "last-admin"


def test_credentials_are_several_named_rotated_and_revoked(cloud: Cloud, pool: str) -> None:
    credential = [
        create_credential(cloud.registry, pool, "t", SCOPE, NewCredential(name=name)) for name in ("ci", "cd")
    ]
    assert credential[0].client_secret != credential[1].client_secret
    with pytest.raises(Conflict, match="exists"):
        create_credential(cloud.registry, pool, "t", SCOPE, NewCredential(name="ci"))
    fresh = rotate_credential(cloud.registry, pool, "t", SCOPE, "ci")
    assert caller_of(cloud.registry, credential[0].client_id).memberships == ()
    assert is_permitted(caller_of(cloud.registry, fresh.client_id), "publish", SCOPE)
    remove_member(cloud.registry, pool, SCOPE, "cd")
    clients = client("cognito-idp").list_user_pool_clients(UserPoolId=pool, MaxResults=10)["UserPoolClients"]
    assert [row["ClientId"] for row in clients] == [fresh.client_id]
    assert fresh.client_secret not in str(cloud.registry.members(SCOPE))
