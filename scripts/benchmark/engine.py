"""Chains of steps on the engine: by hand, and through the gate, in turn in one run."""

import io
import json
import statistics
import threading
import time
import zipfile
from dataclasses import dataclass
from typing import Any

from interlock.aws.clients import client
from interlock.cli.terminal.client import Client
from interlock.contract.run import Run
from interlock.contract.run_request import RunRequest
from interlock.local.environment import talking_to
from interlock.local.platform import Platform

BODIES = {"work": "import time\n\ndef handler(event, context):\n    time.sleep(0.2)\n    return event\n"}
BODIES["empty"] = "def handler(event, context):\n    return event\n"
POLL_SECONDS = 0.005
WARM_UPS = 2
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


@dataclass(frozen=True)
class Engine:
    """A platform that is up, and the tenant's client."""

    platform: Platform
    client: Client
    tenant: str


def chained(engine: Engine, name: str, rounds: int) -> tuple[float, float, int]:
    """Medians in milliseconds of a chain by hand and through the gate, and the state transitions that the gate adds."""
    with talking_to(engine.platform.engine):
        hand = _hand_made(name, engine)
        gated = _gated_machine(engine, name)
        took: dict[str, list[float]] = {"hand": [], "gated": []}
        counts: dict[str, int] = {}
        for round_ in range(rounds + WARM_UPS):
            for word in took:
                execution = _start(hand) if word == "hand" else _start_run(engine, name, gated)
                milliseconds = _ended(execution)
                counts[word] = _transitions(execution)
                if round_ >= WARM_UPS:
                    took[word].append(milliseconds)
        return statistics.median(took["hand"]), statistics.median(took["gated"]), counts["gated"] - counts["hand"]


def _hand_made(name: str, engine: Engine) -> str:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("m.py", BODIES[name])
    role = client("iam").create_role(RoleName=f"bench-{name}", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    function = client("lambda").create_function(
        FunctionName=f"bench-{name}",
        Runtime="python3.11",
        Role=role,
        Handler="m.handler",
        Code={"ZipFile": buffer.getvalue()},
    )["FunctionArn"]
    states: dict[str, Any] = {}
    for number in range(3):
        end: dict[str, Any] = {"Next": f"S{number + 1}"} if number < 2 else {"End": True}
        states[f"S{number}"] = {"Type": "Task", "Resource": function, **end}
    definition = json.dumps({"StartAt": "S0", "States": states})
    machine = client("stepfunctions").create_state_machine(name=f"bench-{name}", definition=definition, roleArn=role)
    return str(machine["stateMachineArn"])


def _gated_machine(engine: Engine, name: str) -> str:
    machines = client("stepfunctions").list_state_machines(maxResults=1000)["stateMachines"]
    wanted = engine.client.versions.get("bench", "steps", "1.0.0").workflows[name].machine
    return next(str(row["stateMachineArn"]) for row in machines if row["name"] == wanted)


def _start(machine: str) -> str:
    return str(client("stepfunctions").start_execution(stateMachineArn=machine, input='{"n": 1}')["executionArn"])


def _start_run(engine: Engine, name: str, machine: str) -> str:
    """Through the API and the queue, as any run; what is timed is its execution."""
    request = RunRequest(app="bench/steps", workflow=name, input={"n": 1})
    accepted = engine.client.runs.start(engine.tenant, request)
    word = f"{accepted.tenant}_{accepted.install}_{accepted.run}"
    execution = machine.replace(":stateMachine:", ":execution:") + f":{word}"
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            client("stepfunctions").describe_execution(executionArn=execution)
        except client("stepfunctions").exceptions.ExecutionDoesNotExist:
            threading.Event().wait(POLL_SECONDS)
            continue
        return execution
    raise TimeoutError(execution)


def waited(engine: Engine, run: str) -> Run:
    """A run, once it is over."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        shown = next((row for row in engine.client.runs.list(engine.tenant).runs if row.id == run), None)
        if shown and shown.status.over:
            return shown
        threading.Event().wait(POLL_SECONDS)
    raise TimeoutError(run)


def _ended(execution: str) -> float:
    """Milliseconds between an execution's start and stop, as Step Functions says them."""
    while True:
        execution_state = client("stepfunctions").describe_execution(executionArn=execution)
        if execution_state["status"] != "RUNNING":
            assert execution_state["status"] == "SUCCEEDED", execution_state
            return (execution_state["stopDate"] - execution_state["startDate"]).total_seconds() * 1000
        threading.Event().wait(POLL_SECONDS)


def _transitions(execution: str) -> int:
    events = client("stepfunctions").get_execution_history(executionArn=execution, maxResults=1000)["events"]
    return sum(event["type"].endswith("StateEntered") for event in events)
