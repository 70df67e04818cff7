"""Operators that are made with AWS credentials: machines and people, by unique names, in the audit log."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from interlock.aws.clients import client
from interlock.aws.services import identities
from interlock.aws.tables.audit_log import AuditLog
from interlock.contract.core.failure import Conflict
from interlock.contract.member import Credentials
from interlock.contract.registry import Role
from interlock.control.access.audit import changes
from interlock.control.access.authorize import caller_of, is_permitted
from interlock.control.tenants.identities import IdentityContext
from interlock.control.tenants.operators import OperatorContext, create_operator, invite_operator
from tests.support.cloud import Cloud
from tests.support.crashes import Killed, listening

ARN = "arn:aws:iam::123456789012:user/jane"


@pytest.fixture
def context(cloud: Cloud, pool: str) -> OperatorContext:
    identities = IdentityContext(cloud.registry, pool, "https://token.example.com")
    return OperatorContext(identities, AuditLog(cloud.registry.table.name), ARN)


def test_a_machine_may_operate_the_platform_from_then_on(context: OperatorContext) -> None:
    credentials = create_operator(context, "ops", ignore)
    assert is_permitted(caller_of(context.identities.registry, credentials.client_id), "createTenant", "platform")
    (member,) = context.identities.registry.members("platform")
    assert (member.role, member.name, member.kind, bool(member.created)) == (Role.OPERATOR, "ops", "client", True)
    assert credentials.client_secret and credentials.client_secret not in repr(credentials)


def test_a_person_is_invited_by_mail(context: OperatorContext) -> None:
    assert invite_operator(context, "jane", "jane@example.com") == "platform.jane"
    user = client("cognito-idp").admin_get_user(UserPoolId=context.identities.pool, Username="platform.jane")
    attributes = {row["Name"]: row["Value"] for row in user["UserAttributes"]}
    assert attributes["email"] == "jane@example.com"
    assert is_permitted(caller_of(context.identities.registry, attributes["sub"]), "createTenant", "platform")


def test_a_name_is_an_operators_once(context: OperatorContext) -> None:
    create_operator(context, "ops", ignore)
    for again in (
        lambda: create_operator(context, "ops", ignore),
        lambda: invite_operator(context, "ops", "a@example.com"),
    ):
        with pytest.raises(Conflict) as refused:
            again()
        assert refused.value.code == "operator-taken"
    pool = context.identities.pool
    assert len(client("cognito-idp").list_user_pool_clients(UserPoolId=pool, MaxResults=10)["UserPoolClients"]) == 1


MAKERS: dict[str, Callable[[OperatorContext], object]] = {
    "machine": lambda context: create_operator(context, "ops", ignore),
    "person": lambda context: invite_operator(context, "ops", "ops@example.com"),
}


def ignore(_credentials: Credentials) -> None:
    """Keep nothing."""


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_command_that_ended_anywhere_is_repeated(
    context: OperatorContext, make: Callable[[OperatorContext], object]
) -> None:
    """It is killed before each of its calls in turn, then the next one ends it; no identity is left over."""
    pool, at = context.identities.pool, 0
    while True:
        at += 1
        with listening() as killer:
            killer.at = at
            try:
                make(context)
            except Killed:
                continue
            break
    (member,) = context.identities.registry.members("platform")
    people = [user.sub for user in identities.users(pool)]
    machines = [client_id for client_id, _ in identities.clients(pool)]
    assert [*people, *machines] == [member.principal] and at > 5


def test_credentials_are_kept_before_they_may_anything(context: OperatorContext) -> None:
    seen: list[int] = []

    def keep(credentials: Credentials) -> None:
        seen.append(len(context.identities.registry.memberships(credentials.client_id)))

    create_operator(context, "ops", keep)
    assert seen == [0]


def test_the_client_of_another_operator_stays(context: OperatorContext) -> None:
    """One that is left without rights under another name, too: only the command of its name deletes it."""
    other = create_operator(context, "other", ignore)
    left, _ = identities.create_client(context.identities.pool, "platform-left")
    create_operator(context, "ops", ignore)
    assert {other.client_id, left} < {client_id for client_id, _ in identities.clients(context.identities.pool)}


def test_the_audit_log_has_who_made_an_operator(context: OperatorContext) -> None:
    credentials = create_operator(context, "ops", ignore)
    (change,) = changes(context.audit, "platform", 10, None).changes
    assert (change.principal, change.action, change.outcome) == (ARN, "createOperator", "done")
    assert change.path == f"/operators/{credentials.client_id}"
