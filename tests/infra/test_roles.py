"""Who may do what: every Task and rule target is evaluated under its role's policy and boundary.

The engine runs machines and rules as root, so that a missing permission would show on AWS only.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from interlock.compiler.template import version_template
from tests.support.every_state_bundle import plan
from tests.support.iam import ARN, World
from tests.support.permissions import tasks

GATE, PAUSE = (ARN.format("lambda", f"function:interlock-{name}") for name in ("gate", "pause"))
KEY = "0123456789ab"
ROLES = "arn:aws:iam::123456789012:role/"


@pytest.fixture(scope="module")
def world(aws: dict[str, dict[str, Any]]) -> World:
    return World(*aws.values())


def _say(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f" [{text}]")


def test_every_task_of_a_compiled_workflow(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    statements = world.statements("interlock-machines")
    names = {"${Gate}": GATE, "${Pause}": PAUSE}
    called = [task for machine in plan().machines for task in tasks(json.loads(machine.definition)["States"])]
    for task in called:
        assert world.allows(statements, "lambda:InvokeFunction", names[task]), task
    for other in ("interlock-publish", "interlock-api", f"interlock-v-{KEY}-m256"):
        assert not world.allows(statements, "lambda:InvokeFunction", ARN.format("lambda", f"function:{other}"))
    _say(capsys, f"{len(called)} Tasks allowed, 3 other functions refused")


def test_every_task_of_the_platforms_own_workflows(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Each machine may call what its tasks call, the callback that asks people too, and is granted nothing else."""
    machines = [r["Properties"] for r in world.resources.values() if r["Type"] == "AWS::StepFunctions::StateMachine"]
    for machine in machines:
        value = {f"${{{word}}}": world.text(arn) for word, arn in machine["DefinitionSubstitutions"].items()}
        called = set(tasks(json.loads(machine["DefinitionString"])["States"]))
        assert called == set(value) - {"${Callback}"}, machine["StateMachineName"]
        statements = world.statements(world.text(machine["RoleArn"]).rpartition("/")[2].removesuffix("-us-east-1"))
        for task in called:
            assert world.allows(statements, "lambda:InvokeFunction", value[task]), task
    publish = world.statements("interlock-publish")
    assert not world.allows(publish, "states:SendTaskSuccess", "*"), "who certifies does not answer for people"
    _say(capsys, f"tasks of {len(machines)} workflows allowed")


def test_a_step_role_can_log_and_nothing_else(world: World) -> None:
    template = json.loads(version_template(plan()))
    role = template["Resources"]["StepRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    bound = world.boundary("interlock-step-boundary")
    name = plan().functions[0].name
    stream = ARN.format("logs", f"log-group:/aws/lambda/{name}:log-stream:x")
    allowed = [("logs:PutLogEvents", stream), ("logs:CreateLogStream", stream)]
    refused = [
        ("logs:PutLogEvents", ARN.format("logs", "log-group:/aws/lambda/interlock-gate:log-stream:x")),
        ("lambda:InvokeFunction", GATE),
        ("xray:PutTraceSegments", "*"),
        ("dynamodb:GetItem", ARN.format("dynamodb", "table/interlock-runs")),
        ("s3:GetObject", "arn:aws:s3:::interlock-data/tenants/acme/installs/i/state/x"),
        ("sts:AssumeRole", f"{ROLES}interlock-access-acme-us-east-1"),
    ]
    for statements in (role, bound):
        assert all(world.allows(statements, action, arn) for action, arn in allowed)
        assert not any(world.allows(statements, action, arn) for action, arn in refused)


def test_only_the_gate_takes_a_tenants_role_and_invokes_steps(world: World) -> None:
    roles = [world.role(key) for key, r in world.resources.items() if r["Type"] == "AWS::IAM::Role"]
    tries = [
        ("sts:AssumeRole", f"{ROLES}interlock-access-acme-us-east-1"),
        ("lambda:InvokeFunction", ARN.format("lambda", f"function:interlock-v-{KEY}-m256")),
    ]
    for action, arn in tries:
        assert [role for role in roles if world.allows(world.statements(role), action, arn)] == ["interlock-gate"]


def test_every_rule_target_and_queue_consumer(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A rule's queue lets EventBridge in; a mapped function may read its queue."""
    rules = [r for r in world.resources.values() if r["Type"] == "AWS::Events::Rule"]
    policies = [r["Properties"] for r in world.resources.values() if r["Type"] == "AWS::SQS::QueuePolicy"]
    sends = [s for p in policies for s in p["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    invokes = [r["Properties"] for r in world.resources.values() if r["Type"] == "AWS::Lambda::Permission"]
    count = 0
    for target in (target for rule in rules for target in rule["Properties"]["Targets"]):
        arn = world.text(target["Arn"])
        if ":sqs:" in arn:
            events = {"Service": "events.amazonaws.com"}
            ok = any(s["Principal"] == events and world.text(s["Resource"]) == arn for s in sends)
        else:
            events = "events.amazonaws.com"
            ok = any(p["Principal"] == events and world.text(p["FunctionName"]) == arn for p in invokes)
        assert ok, arn
        count += 1
    for mapping in (r for r in world.resources.values() if r["Type"] == "AWS::Lambda::EventSourceMapping"):
        role = world.text(mapping["Properties"]["FunctionName"])
        queue = world.text(mapping["Properties"]["EventSourceArn"])
        for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"):
            assert world.allows(world.statements(role), action, queue), (role, action)
            count += 1
    _say(capsys, f"{count} deliveries allowed")
