"""What a role may do and nothing uses: nothing. For every role of the platform, of a version and of a tenant."""

from __future__ import annotations

import json
import sys
from fnmatch import fnmatchcase
from typing import Any

import pytest

from interlock.compiler.template import version_template
from interlock.compiler.tenant_template import tenant_template
from scripts.generate.permissions import PAGE, permissions_page
from tests.support.every_state_bundle import plan
from tests.support.iam import World
from tests.support.permissions import Use, actions_of, kinds, uses
from tests.support.resource_schemas import needed
from tests.support.resource_ways import WAYS
from tests.support.version_stack import version_without_network

REVIEWED: dict[tuple[str, str, str], str] = {}
"""An action of a role on a resource that nothing is seen to use, with its reason."""


@pytest.fixture(scope="module")
def world(aws: dict[str, dict[str, Any]]) -> World:
    return World(*aws.values())


@pytest.fixture(scope="module")
def rows(world: World) -> list[Use]:
    return uses(world, plan())


def test_no_role_may_do_what_nothing_uses(world: World, rows: list[Use], capsys: pytest.CaptureFixture[str]) -> None:
    roles = {
        world.role(key)
        for key, one in world.resources.items()
        if one["Type"] == "AWS::IAM::Role" and not _is_for_backup(one)
    }
    assert len(roles) >= 35
    assert roles < {row.role for row in rows}
    unused = {(row.role, row.action, row.resource) for row in rows if not row.users}
    assert unused - set(REVIEWED) == set()
    assert set(REVIEWED) <= unused, "a reviewed use is seen by now: take it off the list"
    with capsys.disabled():
        sys.stdout.write(f" [{len(rows)} uses of {len({row.role for row in rows})} roles and boundaries, 0 unused]")


def test_no_role_has_a_wildcard_for_actions(rows: list[Use]) -> None:
    assert [row for row in rows if "*" in row.action] == []


def test_policies_stand_in_the_roles_themselves(aws: dict[str, dict[str, Any]]) -> None:
    """So that a list of roles is a list of all that the platform may do."""
    templates = [*aws.values(), json.loads(version_without_network(plan())), json.loads(tenant_template())]
    resources = [one for template in templates for one in template["Resources"].values()]
    assert {one["Type"] for one in resources if one["Type"].startswith("AWS::IAM::")} == {
        "AWS::IAM::Role",
        "AWS::IAM::ManagedPolicy",
    }
    others = [one for one in resources if one["Type"] == "AWS::IAM::Role" and "ManagedPolicyArns" in one["Properties"]]
    assert all(_is_for_backup(one) for one in others) and len(others) == 1


def _is_for_backup(role: dict[str, Any]) -> bool:
    """AWS Backup's own: what it needs of each service is kept by AWS, in policies that it says to use."""
    trust = json.dumps(role["Properties"]["AssumeRolePolicyDocument"])
    policies = json.dumps(role["Properties"].get("ManagedPolicyArns", []))
    return "backup.amazonaws.com" in trust and policies.count("AWSBackupServiceRolePolicyFor") == 2


def test_page_of_permissions_is_up_to_date(rows: list[Use]) -> None:
    assert PAGE.read_text() == permissions_page(rows), "run: python -m scripts.generate.permissions"


@pytest.mark.parametrize(
    ("role", "action", "resource"),
    [
        ("interlock-gate", "dynamodb:DeleteTable", "table/interlock-runs"),
        ("interlock-gate", "dynamodb:GetItem", "table/interlock-catalog-*"),
        ("interlock-gate", "dynamodb:Query", "table/interlock-runs/index/gsi3"),
        ("interlock-finish-run", "dynamodb:PutItem", "table/interlock-runs/index/gsi3"),
        ("interlock-upload-arrived", "sqs:ReceiveMessage", "interlock-starts"),
        ("interlock-machines", "lambda:InvokeFunction", "function:interlock-publish"),
        ("interlock-install-machine", "lambda:InvokeFunction", "function:interlock-publish"),
        ("interlock-schedules", "sqs:SendMessage", "interlock-ends"),
        ("interlock-publish-deploy", "lambda:UpdateFunctionCode", "function:interlock-v-*"),
        ("interlock-onboard-deploy", "dynamodb:Scan", "table/interlock-catalog-*"),
    ],
)
def test_permission_that_nothing_uses_is_seen(world: World, role: str, action: str, resource: str) -> None:
    logical = next(k for k, r in world.resources.items() if r["Type"] == "AWS::IAM::Role" and world.role(k) == role)
    service = action.partition(":")[0]
    arn = f"arn:aws:{service}:us-east-1:123456789012:{resource}"
    changed = json.loads(json.dumps(world.resources[logical]))
    statement = {"Effect": "Allow", "Action": action, "Resource": arn}
    changed["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].append(statement)
    other = World({"Resources": world.resources | {logical: changed}})
    other.exports = world.exports
    assert [row for row in uses(other, plan()) if not row.users] == [Use(role, action, arn, ())]


def test_action_of_a_function_names_the_code_that_uses_it() -> None:
    assert "scheduler:CreateSchedule" not in actions_of("functions.maintain_installs.handler")
    assert "kms:Sign" not in actions_of("functions.gate.handler")
    assert {"lambda:InvokeFunction", "sts:AssumeRole"} <= set(actions_of("functions.gate.handler"))
    assert any("sessions" in place for place in actions_of("functions.gate.handler")["sts:AssumeRole"])


def test_action_of_a_deploy_role_names_a_resource_type(rows: list[Use]) -> None:
    deploys = [row for row in rows if row.role.endswith("-deploy")]
    types = {user for row in deploys for user in row.users}
    assert types == kinds(version_template(plan())) | kinds(tenant_template())
    assert all(row.action in needed(user) for row in deploys for user in row.users)


def test_way_to_a_resource_is_taken(rows: list[Use]) -> None:
    """A pattern that no role names any more is off the list."""
    resources = {row.resource for row in rows}
    assert [way for way in WAYS if not any(fnmatchcase(each, f"*{way}") for each in resources)] == []
