"""What CloudFormation may do for the stacks of versions and tenants, held against AWS's own resource schemas.

The engine runs CloudFormation as root, so that a missing permission would show on AWS only.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from interlock.compiler.policy import Deployment, session_policy
from interlock.compiler.tenant_template import tenant_template
from tests.support.every_state_bundle import plan
from tests.support.iam import ARN, World
from tests.support.resource_schemas import EXCEPTIONS, NO_PROPERTY, Unset, called, needed, schema
from tests.support.version_stack import version_without_network

KEY = "0123456789ab"
ROLES = "arn:aws:iam::123456789012:role/"
POLICIES = "arn:aws:iam::123456789012:policy/"
GATE = ARN.format("lambda", "function:interlock-gate")
STREAM = ARN.format("lambda", "function:interlock-publish-changes")
BUNDLE = "arn:aws:s3:::interlock-artifacts-123456789012-us-east-1/versions/acme/app/1.0.0/d/bundle.zip"
STEP_ROLE = f"{ROLES}interlock-v-{KEY}-StepRole-X"


class Stack(NamedTuple):
    """A template, the role that CloudFormation takes for it, and the ARN of each type's resources."""

    role: str
    boundary: str
    text: str
    arns: dict[str, str]
    others: dict[str, str]
    """ARNs of actions that are not on the resource itself."""

    def resources(self) -> dict[str, dict[str, Any]]:
        return json.loads(self.text)["Resources"]

    def kinds(self) -> list[str]:
        return sorted({resource["Type"] for resource in self.resources().values()})


STACKS = {
    "version": Stack(
        "interlock-publish-deploy",
        f"{POLICIES}interlock-step-boundary-us-east-1",
        version_without_network(plan()),
        {
            "AWS::Lambda::Function": ARN.format("lambda", f"function:interlock-v-{KEY}-m256"),
            "AWS::StepFunctions::StateMachine": ARN.format("states", f"stateMachine:interlock-v-{KEY}-tag"),
            "AWS::Logs::LogGroup": ARN.format("logs", f"log-group:/aws/lambda/interlock-v-{KEY}-m256"),
            "AWS::IAM::Role": STEP_ROLE,
        },
        {
            "logs:DescribeLogGroups": "*",
            "logs:DescribeResourcePolicies": "*",
            "s3:GetObject": BUNDLE,
            "s3:GetObjectVersion": BUNDLE,
        },
    ),
    "tenant": Stack(
        "interlock-onboard-deploy",
        f"{POLICIES}interlock-access-boundary-us-east-1",
        tenant_template(),
        {
            "AWS::Events::EventBus": ARN.format("events", "event-bus/interlock-acme"),
            "AWS::Events::Rule": ARN.format("events", "rule/interlock-acme/interlock-log-acme"),
            "AWS::DynamoDB::Table": ARN.format("dynamodb", "table/interlock-catalog-acme"),
            "AWS::Lambda::EventSourceMapping": ARN.format("lambda", "event-source-mapping:0f1e"),
            "AWS::IAM::Role": f"{ROLES}interlock-access-acme-us-east-1",
        },
        {"lambda:CreateEventSourceMapping": "*"},
    ),
}
PASSED = {
    "AWS::Lambda::Function": STEP_ROLE,
    "AWS::StepFunctions::StateMachine": f"{ROLES}interlock-machines-us-east-1",
}
"""The role that a resource is made with."""


@pytest.fixture(scope="module")
def world(aws: dict[str, dict[str, Any]]) -> World:
    return World(*aws.values())


def _resource(stack: Stack, kind: str, action: str, world: World) -> str:
    if action == "iam:PassRole":
        return PASSED[kind]
    if action == "lambda:GetLayerVersion":
        return world.text({"Ref": next(key for key in world.resources if key.startswith("SdkLayer"))})
    return stack.others.get(action, stack.arns[kind])


def _context(stack: Stack) -> dict[str, str]:
    return {"iam:PermissionsBoundary": stack.boundary, "lambda:FunctionArn": STREAM}


def _set(properties: dict[str, Any], name: str) -> bool:
    """Whether a property is set, at `A.B`."""
    first, _, rest = name.partition(".")
    if first not in properties:
        return False
    return not rest or (isinstance(properties[first], dict) and _set(properties[first], rest))


@pytest.mark.parametrize("stack", STACKS.values(), ids=list(STACKS))
def test_role_may_do_what_aws_handlers_call(world: World, stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    statements, allowed, missing = world.statements(stack.role), 0, list[tuple[str, str]]()
    for kind in stack.kinds():
        for action in sorted(needed(kind)):
            resource = _resource(stack, kind, action, world)
            if world.allows(statements, action, resource, **_context(stack)):
                allowed += 1
            else:
                missing.append((kind, action))
    assert missing == []
    with capsys.disabled():
        sys.stdout.write(f" [{len(stack.kinds())} resource types, {allowed} actions allowed, 0 missing]")


@pytest.mark.parametrize("stack", STACKS.values(), ids=list(STACKS))
def test_role_may_do_nothing_that_no_handler_calls(world: World, stack: Stack) -> None:
    rows = [row["Action"] for row in world.statements(stack.role) if row["Effect"] == "Allow"]
    granted = {action for row in rows for action in ([row] if isinstance(row, str) else row)}
    assert granted - {action for kind in stack.kinds() for action in needed(kind)} == set()


def _exceptions() -> Iterator[tuple[str, Unset]]:
    for kind, rows in EXCEPTIONS.items():
        for row in rows:
            yield kind, row


def test_exception_stands_on_a_property_that_is_not_set() -> None:
    resources = [resource for stack in STACKS.values() for resource in stack.resources().values()]
    assert {resource["Type"] for resource in resources} == set(EXCEPTIONS)
    for kind, row in _exceptions():
        assert row.actions <= called(kind), (kind, row.actions - called(kind))
        assert len(row.reason) > 20
        if row.property != NO_PROPERTY:
            assert row.property.partition(".")[0] in schema(kind)["properties"], (kind, row.property)
            assert not any(_set(one["Properties"], row.property) for one in resources if one["Type"] == kind), row


def test_property_of_an_exception_is_seen_where_it_is_set() -> None:
    assert _set({"A": {"B": "x"}}, "A.B")
    assert not _set({"A": {}}, "A.B")
    assert not _set({"A": "x"}, "A.B")


@pytest.mark.parametrize(
    ("name", "action", "resource", "boundary"),
    [
        ("version", "iam:CreateRole", STEP_ROLE, ""),
        ("version", "iam:PutRolePolicy", STEP_ROLE, f"{POLICIES}interlock-access-boundary-us-east-1"),
        ("version", "iam:CreateRole", f"{ROLES}admin", f"{POLICIES}interlock-step-boundary-us-east-1"),
        ("version", "iam:AttachRolePolicy", STEP_ROLE, f"{POLICIES}interlock-step-boundary-us-east-1"),
        ("version", "iam:DeleteRolePermissionsBoundary", STEP_ROLE, f"{POLICIES}interlock-step-boundary-us-east-1"),
        ("version", "lambda:CreateFunction", GATE, ""),
        ("version", "lambda:UpdateFunctionCode", ARN.format("lambda", f"function:interlock-v-{KEY}-m256"), ""),
        ("version", "secretsmanager:GetSecretValue", "*", ""),
        ("version", "ssm:GetParameters", "*", ""),
        ("tenant", "iam:CreateRole", f"{ROLES}interlock-access-acme-us-east-1", ""),
        (
            "tenant",
            "iam:PutRolePolicy",
            f"{ROLES}interlock-access-acme-us-east-1",
            f"{POLICIES}interlock-step-boundary-us-east-1",
        ),
        (
            "tenant",
            "iam:CreateRole",
            f"{ROLES}interlock-machines-us-east-1",
            f"{POLICIES}interlock-access-boundary-us-east-1",
        ),
        ("tenant", "iam:UpdateAssumeRolePolicy", f"{ROLES}interlock-access-acme-us-east-1", ""),
        ("tenant", "iam:PassRole", f"{ROLES}interlock-access-acme-us-east-1", ""),
        ("tenant", "dynamodb:DeleteTable", ARN.format("dynamodb", "table/interlock-runs"), ""),
        ("tenant", "dynamodb:GetItem", ARN.format("dynamodb", "table/interlock-catalog-acme"), ""),
    ],
)
def test_role_is_refused_what_its_stacks_do_not_need(
    world: World, name: str, action: str, resource: str, boundary: str
) -> None:
    statements = world.statements(STACKS[name].role)
    assert not world.allows(statements, action, resource, **{"iam:PermissionsBoundary": boundary})


def test_mapping_is_made_for_the_streams_function_alone(world: World) -> None:
    statements = world.statements("interlock-onboard-deploy")
    for function, allowed in ((STREAM, True), (GATE, False)):
        context = {"lambda:FunctionArn": function}
        assert world.allows(statements, "lambda:CreateEventSourceMapping", "*", **context) == allowed


def test_roles_of_both_templates_carry_their_boundary() -> None:
    for name, parameter in (("version", "StepBoundary"), ("tenant", "AccessBoundary")):
        roles = [one for one in STACKS[name].resources().values() if one["Type"] == "AWS::IAM::Role"]
        assert [role["Properties"]["PermissionsBoundary"] for role in roles] == [{"Ref": parameter}]


def _session_requests(api: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Every action of the widest session that the gate vends, on a resource of its own."""
    bucket = "interlock-data-123456789012-us-east-1"
    deployment = Deployment(partition="aws", region="us-east-1", account="123456789012", api_id=api, bucket=bucket)
    scopes = ["catalog:read", "catalog:write", "emit:x", "state", "secret:key"]
    for statement in json.loads(session_policy(deployment, "acme", "i", scopes))["Statement"]:
        prefix = statement.get("Condition", {}).get("StringLike", {}).get("s3:prefix", "")
        for action in statement["Action"]:
            for resource in statement["Resource"]:
                yield action, resource.replace("*", "x"), {"s3:prefix": prefix.replace("*", "x")} if prefix else {}


def test_boundary_of_access_roles_lets_every_session_work(world: World) -> None:
    bound = world.boundary("interlock-access-boundary")
    api = world.text({"Ref": next(k for k, r in world.resources.items() if r["Type"] == "AWS::ApiGatewayV2::Api")})
    requests = list(_session_requests(api))
    assert len(requests) >= 8
    for action, resource, context in requests:
        # It needs no permission: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
        if action != "sts:GetCallerIdentity":
            assert world.allows(bound, action, resource, **context), (action, resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "arn:aws:s3:::interlock-data-123456789012-us-east-1/runs/acme/r/x"),
        ("s3:GetObject", "arn:aws:s3:::interlock-artifacts-123456789012-us-east-1/tenants/acme/installs/i/state/x"),
        ("s3:PutBucketPolicy", "arn:aws:s3:::interlock-data-123456789012-us-east-1"),
        ("dynamodb:GetItem", ARN.format("dynamodb", "table/interlock-catalog-acme")),
        ("secretsmanager:GetSecretValue", ARN.format("secretsmanager", "secret:interlock-ticket-a1b2c3")),
        ("secretsmanager:PutSecretValue", ARN.format("secretsmanager", "secret:interlock/acme/i/key-a1b2c3")),
        ("events:PutEvents", ARN.format("events", "event-bus/interlock-acme")),
        ("sts:AssumeRole", f"{ROLES}interlock-access-initech-us-east-1"),
        ("lambda:InvokeFunction", GATE),
        ("iam:CreateUser", "*"),
    ],
)
def test_boundary_of_access_roles_ends_there(world: World, action: str, resource: str) -> None:
    assert not world.allows(world.boundary("interlock-access-boundary"), action, resource)
