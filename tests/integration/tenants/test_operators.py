"""Operators that are made with AWS credentials: machines and people, by unique names, in the audit log."""

from __future__ import annotations

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.audit_log import AuditLog
from interlock.contract.core.failure import Conflict
from interlock.contract.registry import Role
from interlock.control.access.audit import changes
from interlock.control.access.authorize import caller_of, is_permitted
from interlock.control.tenants.identities import IdentityContext
from interlock.control.tenants.operators import OperatorContext, create_operator, invite_operator
from tests.support.cloud import Cloud

ARN = "arn:aws:iam::123456789012:user/jane"


@pytest.fixture
def context(cloud: Cloud, pool: str) -> OperatorContext:
    identities = IdentityContext(cloud.registry, pool, "https://token.example.com")
    return OperatorContext(identities, AuditLog(cloud.registry.table.name), ARN)


def test_a_machine_may_operate_the_platform_from_then_on(context: OperatorContext) -> None:
    credentials = create_operator(context, "ops")
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
    create_operator(context, "ops")
    for again in (lambda: create_operator(context, "ops"), lambda: invite_operator(context, "ops", "a@example.com")):
        with pytest.raises(Conflict) as refused:
            again()
        assert refused.value.code == "operator-taken"
    pool = context.identities.pool
    assert len(client("cognito-idp").list_user_pool_clients(UserPoolId=pool, MaxResults=10)["UserPoolClients"]) == 1


def test_a_command_that_ended_early_is_repeated(context: OperatorContext) -> None:
    """The user is there, and no membership."""
    client("cognito-idp").admin_create_user(UserPoolId=context.identities.pool, Username="platform.jane")
    assert invite_operator(context, "jane", "jane@example.com") == "platform.jane"


def test_the_audit_log_has_who_made_an_operator(context: OperatorContext) -> None:
    credentials = create_operator(context, "ops")
    (change,) = changes(context.audit, "platform", 10, None).changes
    assert (change.principal, change.action, change.outcome) == (ARN, "createOperator", "done")
    assert change.path == f"/operators/{credentials.client_id}"
