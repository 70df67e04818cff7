"""Registering a tenant or a publisher: killed at any call and repeated, it ends with one admin and its credentials."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from interlock.aws.clients import client
from interlock.contract.core.failure import Conflict
from interlock.contract.member import Credentials
from interlock.contract.registration import NewPublisher, NewTenant
from interlock.contract.registry import Membership, Role
from interlock.control.access.authorize import caller_of, is_permitted
from interlock.control.tenants.identities import IdentityContext
from interlock.control.tenants.registration import register_publisher, register_tenant
from tests.support.cloud import ACCOUNT, REGION, Cloud
from tests.support.crashes import Killed, listening

MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:interlock-onboard"
Register = Callable[[IdentityContext, str], Credentials]


def a_tenant(context: IdentityContext, name: str) -> Credentials:
    return register_tenant(context, MACHINE, NewTenant(id=name)).credentials


def a_publisher(context: IdentityContext, name: str) -> Credentials:
    return register_publisher(context, NewPublisher(id=name)).credentials


KINDS: dict[str, Register] = {"tenant": a_tenant, "publisher": a_publisher}


@pytest.fixture
def context(cloud: Cloud, pool: str) -> IdentityContext:
    return IdentityContext(cloud.registry, pool, "https://token")


def users(pool: str) -> set[str]:
    return {row["Username"] for row in client("cognito-idp").list_users(UserPoolId=pool)["Users"]}


def clients(pool: str) -> set[str]:
    rows = client("cognito-idp").list_user_pool_clients(UserPoolId=pool, MaxResults=60)["UserPoolClients"]
    return {row["ClientId"] for row in rows}


@pytest.mark.parametrize("kind", KINDS)
def test_registration_that_was_cut_off_is_repeated(cloud: Cloud, context: IdentityContext, kind: str) -> None:
    register = KINDS[kind]
    with listening() as killer:
        register(context, "whole")
        points = len(killer.calls)
        assert points >= 6
        for point in range(1, points + 1):
            owner = f"cut{point}"
            killer.calls.clear()
            killer.at = point
            with pytest.raises(Killed):
                register(context, owner)
            killer.at = 0
            credentials = register(context, owner)
            scope = f"{kind}/{owner}"
            members = cloud.registry.members(scope)
            assert sorted((row.kind, row.role) for row in members) == [("client", Role.ADMIN), ("user", Role.ADMIN)]
            machine = caller_of(cloud.registry, credentials.client_id)
            assert is_permitted(machine, "manageMembers", scope)
            assert f"{kind}.{owner}.{kind}-{owner}" in users(context.pool)
            with pytest.raises(Conflict) as refused:
                register(context, owner)
            assert refused.value.code == f"{kind}-exists"
    # A client whose membership was not written is the one thing that a cut may leave: one for the one point.
    known = {row.principal for kind_scope in scopes(cloud, kind, points) for row in cloud.registry.members(kind_scope)}
    assert len(clients(context.pool) - known) <= 1
    assert len(users(context.pool)) == points + 1


def scopes(cloud: Cloud, kind: str, points: int) -> list[str]:
    del cloud
    return [f"{kind}/whole", *(f"{kind}/cut{point}" for point in range(1, points + 1))]


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_can_block_the_name_of_a_tenant_or_publisher(context: IdentityContext, kind: str) -> None:
    client("cognito-idp").admin_create_user(UserPoolId=context.pool, Username=f"{kind}-victim")
    assert KINDS[kind](context, "victim").client_secret


@pytest.mark.parametrize("kind", KINDS)
def test_of_two_registrations_at_once_one_finishes(cloud: Cloud, context: IdentityContext, kind: str) -> None:
    other: list[Credentials] = []

    def meanwhile(**_: object) -> None:
        if not other:
            other.append(Credentials(scope="", name="", client_id="", client_secret="", token_url=""))
            other[0] = KINDS[kind](context, "both")

    events = client("cognito-idp").meta.events
    events.register("before-call.cognito-idp.AdminCreateUser", meanwhile)
    try:
        with pytest.raises(Conflict) as refused:
            KINDS[kind](context, "both")
    finally:
        events.unregister("before-call.cognito-idp.AdminCreateUser", meanwhile)
    assert refused.value.code in ("registered-elsewhere", "user-elsewhere")
    scope = f"{kind}/both"
    assert is_permitted(caller_of(cloud.registry, other[0].client_id), "manageMembers", scope)
    assert sorted(row.kind for row in cloud.registry.members(scope)) == ["client", "user"]


def test_offboarded_name_is_registered_with_new_people(cloud: Cloud, context: IdentityContext) -> None:
    before = a_tenant(context, "again")
    cloud.registry.change_tenant("again", lambda tenant: tenant.model_copy(update={"status": "offboarded"}))
    cloud.registry.join(Membership(principal="left", scope="tenant/again", role=Role.MEMBER, name="left", kind="oidc"))
    after = a_tenant(context, "again")
    assert caller_of(cloud.registry, before.client_id).memberships == ()
    assert {row.name for row in cloud.registry.members("tenant/again")} == {"tenant-again"}
    assert after.client_id != before.client_id
