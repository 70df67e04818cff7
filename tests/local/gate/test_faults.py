"""Each AWS call of the gate fails, in each way that calls fail: a named error, and nothing runs twice in silence."""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from interlock.aws.clients import client, forget_clients
from interlock.aws.services.sessions import Sessions
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs, record_key
from interlock.compiler.policy import Deployment
from interlock.contract.core import limits, names
from interlock.contract.core.failure import StepFailure
from interlock.contract.envelope import GateRequest
from interlock.control.gate.pass_gate import pass_gate
from interlock.control.gate.preconditions import HISTORY_SAMPLE, max_records
from interlock.control.gate.visit import GateContext
from interlock.local.environment import talking_to
from tests.support.kit import Installed, Kit, bundle, eventually, task
from tests.support.local_roles import local_role
from tests.support.proxy import Proxy, proxy_to

GATE_ROLE = local_role("interlock-gate").rpartition("/")[2]
CODE = """
from pathlib import Path
from interlock import step

@step
def work(value):
    with Path(value["file"]).open("a") as file:
        file.write("ran\\n")
    return {"big": "x" * value.get("size", 0)}
"""
HOLD = {"Hold": {"Type": "Wait", "Seconds": 3600, "Next": "Only"}}
EACH = {"StartAt": "Each", "States": {"Each": task("work")}}
WORKFLOWS = {
    "held": {"StartAt": "Hold", "States": HOLD | {"Only": task("work")}},
    "each": {
        "StartAt": "Hold",
        "States": HOLD | {"Only": {"Type": "Map", "ItemProcessor": EACH, "End": True}},
    },
    "plain": {"StartAt": "Only", "States": {"Only": task("work")}},
}
WAYS = ("throttled", "broken", "cut", "lost")
UNAVAILABLE, INTERRUPTED = "Interlock.Unavailable", "Interlock.Interrupted"
SIZE = 3 * limits.INLINE_BODY_BYTES
ENTRIES = count(1)


@dataclass(frozen=True)
class Held:
    """A run that waits for an hour, and a gate in this process that serves made-up visits of it."""

    kit: Kit
    installed: Installed
    execution: str
    run: str
    gate: GateContext
    proxy: Proxy

    def request(self, value: Any, state: str = "Only", nonce: str = "n") -> GateRequest:
        """A visit that was not there yet."""
        entered = f"2026-01-01T00:00:00.{next(ENTRIES):06d}Z"
        return GateRequest(run=self.execution, state=state, step="work", entered=entered, nonce=nonce, input=value)


@pytest.fixture(scope="module")
def installed(kit: Kit) -> Installed:
    return kit.app(bundle(CODE, {"work": "timeout_s = 20"}, WORKFLOWS))


@pytest.fixture
def counter(tmp_path: Path) -> Path:
    return tmp_path / "ran"


def times(counter: Path) -> int:
    return len(counter.read_text().splitlines()) if counter.exists() else 0


def trust_this_process(kit: Kit, installed: Installed) -> None:
    """Let the engine's root, who runs the gate here, take the tenant's access role as the gate's own role may."""
    iam, role = kit.client("iam"), names.access_role(installed.tenant, "us-east-1")
    document = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    root = {"AWS": f"arn:aws:iam::{kit.platform.engine.account_id}:root"}
    document["Statement"].append({"Effect": "Allow", "Principal": root, "Action": "sts:AssumeRole"})
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(document))


def hold(kit: Kit, installed: Installed, workflow: str) -> Iterator[Held]:
    trust_this_process(kit, installed)
    run = kit.start(installed, workflow, {})
    record, engine = kit.platform.record, kit.platform.engine
    eventually(lambda: True if (kit.run(installed, run) or {}).get("status") == "running" else None, "the run")
    with talking_to(engine), proxy_to(engine.endpoint_url) as proxy:
        os.environ["AWS_ENDPOINT_URL"] = proxy.url
        forget_clients()
        gate = GateContext(
            runs=Runs(record.runs_table),
            registry=Registry(record.registry_table),
            sessions=Sessions(
                Deployment(
                    partition="aws",
                    region=engine.region,
                    account=record.account,
                    api_id=record.api_id,
                    bucket=record.data_bucket,
                )
            ),
            bucket=record.data_bucket,
            ticket_secret=lambda: b"0" * 32,
            region=engine.region,
            api_url=record.api_url,
            endpoint_url=engine.endpoint_url,
        )
        execution = kit.execution(installed, workflow, run)
        yield Held(kit, installed, execution, run, gate, proxy)
        proxy.heal()
    kit.client("stepfunctions").stop_execution(executionArn=execution)


@pytest.fixture
def held(kit: Kit, installed: Installed) -> Iterator[Held]:
    yield from hold(kit, installed, "held")


@pytest.fixture
def each(kit: Kit, installed: Installed) -> Iterator[Held]:
    yield from hold(kit, installed, "each")


def attempt(held: Held, request: GateRequest) -> str:
    """The error's name; empty where the attempt succeeded."""
    try:
        pass_gate(request, held.gate)
    except StepFailure as failure:
        return failure.name
    return ""


POINTS = {
    # action, which call of it: the error's name, how often the step ran
    ("BatchGetItem", 1): (UNAVAILABLE, 0),
    ("AssumeRole", 1): (UNAVAILABLE, 0),
    ("PutItem", 1): (UNAVAILABLE, 0),
    ("Invoke", 1): (INTERRUPTED, 0),
    ("PutItem", 2): (INTERRUPTED, 1),
    ("PutObject", 1): (INTERRUPTED, 1),
    ("GetObject", 1): (UNAVAILABLE, 0),
}
SPECIAL = {
    ("Invoke", 1, "throttled"): (UNAVAILABLE, 0),
    ("Invoke", 1, "lost"): (INTERRUPTED, 1),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_call_of_the_gate_fails(held: Held, counter: Path, way: str) -> None:
    """One held run for all calls: each is a visit of its own."""
    bodies = Bodies(held.gate.bucket, held.installed.tenant, held.run)
    for (action, which), usual in POINTS.items():
        name, ran = SPECIAL.get((action, which, way), usual)
        value: dict[str, Any] = {"file": f"{counter}-{action}-{which}", "size": SIZE if action == "PutObject" else 0}
        if action == "GetObject":
            value["spilled"] = bodies.spill("y" * SIZE)
        request, file = held.request(value), Path(value["file"])
        fresh = replace(held, gate=replace(held.gate, sessions=Sessions(held.gate.sessions.deployment)))
        held.proxy.fail(action, way, which)
        first = attempt(fresh, request)
        assert (first, times(file)) == (name, ran), (action, which, way, held.proxy.seen)
        held.proxy.heal()
        errors, before = [first], times(file)
        for retry in (1, 2):
            errors.append(attempt(held, request.model_copy(update={"retry": retry})))
            if times(file) > max(before, 1):
                assert INTERRUPTED in errors, (action, which, way, errors)
            before = times(file)
        assert errors[-1] == "", (action, which, way, errors)
        assert times(file) >= 1


@pytest.mark.parametrize("action", ["BatchGetItem", "AssumeRole", "PutItem"])
def test_an_answer_that_is_lost_once_is_nobodys_trouble(held: Held, counter: Path, action: str) -> None:
    held.proxy.fail(action, "lost", last=1)
    assert attempt(held, held.request({"file": str(counter)})) == ""
    assert times(counter) == 1
    assert held.proxy.seen.count(action) >= 2


def test_three_calls_besides_the_invocation(held: Held, counter: Path) -> None:
    calls: list[str] = []

    def hook(model: Any, **_: Any) -> None:
        calls.append(model.name)

    for service in ("dynamodb", "sts", "lambda", "s3"):
        client(service).meta.events.register("before-call", hook)
    assert attempt(held, held.request({"file": str(counter)})) == ""
    assert calls == ["BatchGetItem", "AssumeRole", "PutItem", "Invoke", "PutItem"]
    calls.clear()
    assert attempt(held, held.request({"file": str(counter)})) == ""
    assert calls == ["BatchGetItem", "PutItem", "Invoke", "PutItem"]


def test_an_answer_that_did_not_arrive_is_served_again(held: Held, counter: Path) -> None:
    """The step succeeded and its attempt is told failed: the next attempts get the record, also past a gap."""
    request = held.request({"file": str(counter)})
    assert attempt(held, request) == ""
    for retry in (1, 3):
        assert attempt(held, request.model_copy(update={"retry": retry})) == ""
    assert times(counter) == 1


def test_a_history_that_fills_up_ends_the_run_by_name(each: Held, counter: Path) -> None:
    gate, run = each.gate, each.gate.runs.find(each.installed.tenant, each.run).item
    plan = gate.registry.version(run.app, run.version).item.workflows["each"]
    assert plan.repeats
    sampled = next(f"n{n}" for n in count() if _crc(f"n{n}") % HISTORY_SAMPLE == 0)
    value = {"file": str(counter)}
    assert attempt(each, each.request(value, "Each", sampled)) == ""
    written = _fill(each, max_records(plan))
    assert written * limits.EVENTS_PER_STEP < limits.SFN_HISTORY_EVENTS
    assert attempt(each, each.request(value, "Each", sampled)) == "Interlock.HistoryFull"
    assert gate.runs.find(each.installed.tenant, each.run).item.history_full
    other = next(f"n{n}" for n in count() if _crc(f"n{n}") % HISTORY_SAMPLE)
    assert attempt(each, each.request(value, "Each", other)) == "Interlock.HistoryFull"
    assert times(counter) == 1


def _crc(text: str) -> int:
    return zlib.crc32(text.encode())


def _fill(held: Held, number: int) -> int:
    """Write as many records as fill a history."""
    table = held.gate.runs.table.name
    rows = [record_key(held.installed.tenant, held.run, held.request({}), "0" * 64, 0) for _ in range(number)]
    for at in range(0, number, 25):
        puts = [{"PutRequest": {"Item": key.attributes()}} for key in rows[at : at + 25]]
        assert not client("dynamodb").batch_write_item(RequestItems={table: puts}).get("UnprocessedItems")
    return number


@pytest.mark.parametrize(
    "action", ["sts:AssumeRole", "dynamodb:BatchGetItem", "dynamodb:PutItem", "lambda:InvokeFunction"]
)
def test_an_action_that_is_denied_for_a_while_fails_no_run(kit: Kit, counter: Path, action: str) -> None:
    """End to end: nothing was run, so the state is tried again, and the step runs once when the gate may."""
    fresh = kit.app(bundle(CODE, {"work": "timeout_s = 20"}, {"plain": WORKFLOWS["plain"]}))
    with _denied(kit, action):
        run = kit.start(fresh, "plain", {"file": str(counter), "size": SIZE})
        execution = kit.execution(fresh, "plain", run)
        assert eventually(lambda: _first_failure(kit, execution), "the gate's first refusal") == UNAVAILABLE
        assert times(counter) == 0
    assert kit.ended(fresh, run)["status"] == "succeeded"
    assert times(counter) == 1


def test_an_end_that_could_not_be_recorded_is_not_tried_again(kit: Kit, counter: Path) -> None:
    """End to end: the step ran, and nobody knows how it ended."""
    fresh = kit.app(bundle(CODE, {"work": "timeout_s = 20"}, {"plain": WORKFLOWS["plain"]}))
    with _denied(kit, "s3:PutObject"):
        run = kit.ended(fresh, kit.start(fresh, "plain", {"file": str(counter), "size": SIZE}))
    assert run["status"] == "failed"
    assert "errorMessage" not in run["failed"]["cause"]
    assert run["failed"]["error"] == INTERRUPTED
    assert times(counter) == 1


@contextlib.contextmanager
def _denied(kit: Kit, action: str) -> Generator[None]:
    """Deny an action to the gate's role."""
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": action, "Resource": "*"}]}
    iam = kit.client("iam")
    iam.put_role_policy(RoleName=GATE_ROLE, PolicyName="deny", PolicyDocument=json.dumps(deny))
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=GATE_ROLE, PolicyName="deny")


def _first_failure(kit: Kit, execution: str) -> str | None:
    """The error of the first call of the gate that failed; None before there is one."""
    states = kit.client("stepfunctions")
    try:
        events = states.get_execution_history(executionArn=execution)["events"]
    except states.exceptions.ExecutionDoesNotExist:
        return None
    details = (row.get("lambdaFunctionFailedEventDetails") or row.get("taskFailedEventDetails") for row in events)
    return next((str(row["error"]) for row in details if row), None)


def test_two_items_that_look_alike_both_run(held: Held, counter: Path) -> None:
    """Items of a Map in a Map may enter a state in the same millisecond, with the same index and input."""
    one = held.request({"file": str(counter)}, nonce="one")
    other = one.model_copy(update={"nonce": "other"})
    with ThreadPoolExecutor(2) as pool:
        passing = [pool.submit(pass_gate, request, held.gate) for request in (one, other)]
        answers = [row.result() for row in passing]
    assert times(counter) == 2
    # A second delivery of either finds its own record.
    assert [pass_gate(request, held.gate) for request in (one, other)] == answers
    assert times(counter) == 2
