"""The copilots' endpoint: behind the API's authorizer, and with no more rights than its tools need."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.iam import ARN, World

ROUTE = "/v1/tenants/{tenant}/mcp"
TABLES = {name: ARN.format("dynamodb", f"table/interlock-{name}") for name in ("registry", "runs", "catalog-acme")}


@pytest.fixture(scope="module")
def world(aws: dict[str, dict[str, Any]]) -> World:
    return World(*aws.values())


def test_its_routes_have_the_apis_authorizer(world: World) -> None:
    routes = [one["Properties"] for one in world.resources.values() if one["Type"] == "AWS::ApiGatewayV2::Route"]
    ours = {route["RouteKey"]: route for route in routes if route["RouteKey"].endswith(ROUTE)}
    assert set(ours) == {f"{method} {ROUTE}" for method in ("POST", "GET", "DELETE")}
    (proxy,) = (route for route in routes if route["RouteKey"] == "GET /v1/{proxy+}")
    for route in ours.values():
        assert route["AuthorizationType"] == "CUSTOM"
        assert route["AuthorizerId"] == proxy["AuthorizerId"]
        assert route["Target"] != proxy["Target"]


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("dynamodb:Query", TABLES["registry"], True),
        ("dynamodb:BatchGetItem", TABLES["registry"], True),
        ("dynamodb:PutItem", TABLES["runs"], True),
        ("dynamodb:Query", f"{TABLES['runs']}/index/gsi4", True),
        ("dynamodb:GetItem", TABLES["catalog-acme"], True),
        ("lambda:InvokeFunction", ARN.format("lambda", "function:interlock-gate"), True),
        ("dynamodb:PutItem", TABLES["registry"], False),
        ("dynamodb:DeleteItem", TABLES["registry"], False),
        ("dynamodb:DeleteItem", TABLES["runs"], False),
        ("dynamodb:PutItem", TABLES["catalog-acme"], False),
        ("dynamodb:Scan", TABLES["runs"], False),
        ("lambda:InvokeFunction", ARN.format("lambda", "function:interlock-v-0123456789ab-m256"), False),
        ("states:StartExecution", ARN.format("states", "stateMachine:interlock-v-0123456789ab-tag"), False),
        ("secretsmanager:GetSecretValue", ARN.format("secretsmanager", "secret:interlock/acme/i/key"), False),
        ("events:PutEvents", ARN.format("events", "event-bus/interlock-acme"), False),
        ("sts:AssumeRole", "arn:aws:iam::123456789012:role/interlock-access-acme-us-east-1", False),
    ],
)
def test_its_role_reads_and_decides_and_no_more(world: World, action: str, resource: str, allowed: bool) -> None:
    assert world.allows(world.statements("interlock-mcp"), action, resource) == allowed


@pytest.mark.parametrize(
    ("item", "allowed"), [("AUDIT#tenant/acme", True), ("AUDIT#platform", False), ("TEN#acme", False)]
)
def test_of_the_registry_it_writes_audit_logs_of_tenants_alone(world: World, item: str, allowed: bool) -> None:
    context = {"dynamodb:LeadingKeys": item}
    statements = world.statements("interlock-mcp")
    assert world.allows(statements, "dynamodb:PutItem", TABLES["registry"], **context) == allowed
