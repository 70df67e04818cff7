"""What a function's role may do and no code of the function does: nothing, but for a reviewed list with reasons."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from tests.support.call_graph import calls_of
from tests.support.iam import World

PREFIXES = {"stepfunctions": "states"}
"""Services whose actions begin with another word than boto3's."""
ACTIONS: dict[tuple[str, str], tuple[str, ...]] = {
    ("lambda", "invoke"): ("lambda:InvokeFunction",),
    ("s3", "get_object"): ("s3:GetObject", "s3:GetObjectVersion"),
    ("s3", "head_object"): ("s3:GetObject", "s3:GetObjectVersion"),
    ("s3", "generate_presigned_url"): ("s3:GetObject",),
    ("s3", "generate_presigned_post"): ("s3:PutObject",),
    ("s3", "list_objects_v2"): ("s3:ListBucket",),
    ("s3", "delete_objects"): ("s3:DeleteObject",),
    ("dynamodb", "transact_write_items"): (
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:ConditionCheckItem",
    ),
    ("sqs", "send_message_batch"): ("sqs:SendMessage",),
    ("cloudformation", "create_stack"): ("cloudformation:CreateStack", "iam:PassRole"),
    ("scheduler", "create_schedule"): ("scheduler:CreateSchedule", "iam:PassRole"),
}
"""Calls whose actions have other names: https://docs.aws.amazon.com/service-authorization/latest/reference/."""
BY_LAMBDA = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ChangeMessageVisibility",
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
}
"""What Lambda itself does with a function's role: its log, its traces, its queue or stream.

Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-permissions.html
"""
REVIEWED: dict[tuple[str, str], str] = {}
"""Actions of a role that its code is not seen to use, each with its reason."""


@pytest.fixture(scope="module")
def world(aws: dict[str, dict[str, Any]]) -> World:
    return World(*aws.values())


@cache
def operations(service: str) -> dict[str, str]:
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(name): name for name in model.operation_names}


def actions_of(handler: str) -> dict[str, set[str]]:
    """The actions that a handler's code can use, each with the functions that do."""
    actions: dict[str, set[str]] = {}
    for (service, word), places in calls_of(handler).items():
        names = ACTIONS.get((service, word), ())
        if not names and word in operations(service):
            names = (f"{PREFIXES.get(service, service)}:{operations(service)[word]}",)
        for name in names:
            actions.setdefault(name, set()).update(places)
    return actions


def function_roles(world: World) -> dict[str, set[str]]:
    """The actions of each role that a function has, by the function's folder."""
    roles: dict[str, set[str]] = {}
    for logical, resource in world.resources.items():
        trusted = str(resource.get("Properties", {}).get("AssumeRolePolicyDocument", ""))
        if (
            resource["Type"] == "AWS::IAM::Role"
            and "lambda.amazonaws.com" in trusted
            and "Policies" in resource["Properties"]
        ):
            name = world.name(logical)
            rows = [row["Action"] for row in world.statements(name) if row["Effect"] == "Allow"]
            folder = name.removeprefix("interlock-").replace("-", "_")
            roles[folder] = {action for row in rows for action in ([row] if isinstance(row, str) else row)}
    return roles


def test_no_role_of_a_function_may_do_what_its_code_does_not(world: World) -> None:
    roles = function_roles(world)
    assert len(roles) >= 20
    unused: list[tuple[str, str]] = []
    pairs = 0
    for folder, granted in roles.items():
        used = actions_of(f"functions.{folder}.handler")
        pairs += len(granted)
        unused += [(folder, action) for action in sorted(granted - BY_LAMBDA - set(used))]
    assert [row for row in unused if row not in REVIEWED] == []
    assert set(REVIEWED) <= set(unused), "a reviewed action is used by now: take it off the list"
    sys.stdout.write(f"[{pairs} actions of {len(roles)} functions, each used by code or by Lambda]")


def test_no_role_of_a_function_has_a_wildcard_for_actions(world: World) -> None:
    for folder, granted in function_roles(world).items():
        assert not [action for action in granted if "*" in action], folder


def test_an_action_that_no_code_uses_is_seen() -> None:
    assert "scheduler:CreateSchedule" not in actions_of("functions.maintain_installs.handler")
    assert "kms:Sign" not in actions_of("functions.gate.handler")
    assert {"lambda:InvokeFunction", "sts:AssumeRole"} <= set(actions_of("functions.gate.handler"))
    assert any("sessions" in place for place in actions_of("functions.gate.handler")["sts:AssumeRole"])
