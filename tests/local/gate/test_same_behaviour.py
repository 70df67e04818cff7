"""Behind the gate a workflow does what it did: the same states entered, the same output or error, paused or not.

Originals run with plain functions in the direct form on the same engine; compiled ones through publish, install and
the real gate. Many more workflows are compared in tests/integration/gate/test_same_behaviour.py, without the engine.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from interlock.contract.core.failure import Conflict
from tests.support.behaviour import Seen, all_states, differences, seen, visited_tasks
from tests.support.kit import Installed, Kit, bundle, eventually, zipped
from tests.support.local_roles import local_role
from tests.support.random_workflows import ECHO_CODE, STEP_CODE, STEPS, given, workflow

WORKFLOWS = 15
PER_VERSION = 15
AT_ONCE = 8
SECONDS = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("flaky")


@pytest.fixture(scope="module")
def versions(kit: Kit, folder: Path) -> list[Installed]:
    """Every workflow, published and installed, many in one version."""
    subject: list[Installed] = []
    for first in range(0, WORKFLOWS, PER_VERSION):
        seeds = range(first, min(first + PER_VERSION, WORKFLOWS))
        code = STEP_CODE.replace("@FOLDER@", str(folder))
        subject.append(kit.app(bundle(code, dict.fromkeys(STEPS, ""), {f"w{seed}": workflow(seed) for seed in seeds})))
    return subject


@pytest.fixture(scope="module")
def functions(kit: Kit, folder: Path) -> dict[str, str]:
    """The steps as plain functions, by `${step}`."""
    subject: dict[str, str] = {}
    code = zipped({"m.py": ECHO_CODE.replace("@FOLDER@", str(folder))})
    runtime = f"python{sys.version_info.major}.{sys.version_info.minor}"
    role = local_role("interlock-gate")
    for step in STEPS:
        fields: dict[str, Any] = {"FunctionName": f"echo-{kit.tenant}-{step}", "Runtime": runtime, "Role": role}
        fields |= {"Handler": "m.handler", "Code": {"ZipFile": code}, "Environment": {"Variables": {"KIND": step}}}
        subject[f"${{{step}}}"] = kit.client("lambda").create_function(**fields, Timeout=30)["FunctionArn"]
    return subject


def seen_of(kit: Kit, execution: str, meanwhile: Callable[[], object] = lambda: None) -> Seen:
    """What an execution did, once it is over."""
    states = kit.client("stepfunctions")

    def over() -> dict[str, Any] | None:
        meanwhile()
        try:
            result = states.describe_execution(executionArn=execution)
        except states.exceptions.ExecutionDoesNotExist:
            return None
        return None if result["status"] == "RUNNING" else result

    result = eventually(over, execution, SECONDS)
    events: list[dict[str, Any]] = []
    more: dict[str, str] = {}
    while True:
        page = states.get_execution_history(executionArn=execution, maxResults=1000, **more)
        events += page["events"]
        if not page.get("nextToken"):
            break
        more = {"nextToken": page["nextToken"]}
    output = json.loads(result["output"]) if result.get("output") else None
    return seen(result["status"], result.get("error", ""), output, events)


def original(kit: Kit, functions: dict[str, str], seed: int) -> Seen:
    """Run the workflow as written."""
    text = json.dumps(workflow(seed))
    for word, arn in functions.items():
        text = text.replace(word, arn)
    states = kit.client("stepfunctions")
    role = local_role("interlock-gate")
    name = f"original-{kit.tenant}-{seed}"
    machine = states.create_state_machine(name=name, definition=text, roleArn=role)["stateMachineArn"]
    started = states.start_execution(stateMachineArn=machine, input=json.dumps(given(seed)))
    return seen_of(kit, started["executionArn"])


def compiled(kit: Kit, installed: Installed, seed: int, stop: str = "") -> tuple[Seen, int]:
    """Run the workflow behind the gate; with `stop`, paused before that Task and told to go on."""
    name = f"w{seed}"
    run = kit.start(installed, name, given(seed), stop=((stop, "before"),) if stop else ())
    events: set[str] = set()
    clock = [time.monotonic()]

    def go_on() -> None:
        if not stop or time.monotonic() - clock[0] < 0.2:
            return
        clock[0] = time.monotonic()
        for pause in kit.pauses(installed, run):
            # A pause is over where another branch failed meanwhile.
            with contextlib.suppress(Conflict):
                kit.decide(installed, run, pause["id"])
                events.add(pause["id"])

    return seen_of(kit, kit.execution(installed, name, run), go_on), len(events)


def test_behind_the_gate_a_workflow_does_what_it_did(
    kit: Kit, versions: list[Installed], functions: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    lock = threading.Lock()

    def one(seed: int) -> None:
        raw, installed = workflow(seed), versions[seed // PER_VERSION]
        before = original(kit, functions, seed)
        after, _ = compiled(kit, installed, seed)
        rows = [f"w{seed}: {text}" for text in differences(raw, before, after)]
        states = all_states(raw)
        tasks = visited_tasks(raw, before)
        pauses = 0
        if tasks:
            stop = tasks[seed % len(tasks)]
            paused, pauses = compiled(kit, installed, seed, stop)
            rows += [f"w{seed} paused at {stop}: {text}" for text in differences(raw, before, paused, stop)]
        with lock:
            wrong.extend(rows)
            counts.update(states[name]["Type"] for name in before.entered)
            counts["workflows"] += 1
            counts["paused"] += pauses > 0
            counts["pauses"] += pauses
            counts[before.status.lower()] += 1

    begun = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, range(WORKFLOWS)))
    spent = time.monotonic() - begun
    with capsys.disabled():
        sys.stdout.write(f"\n{len(wrong)} differences, {spent:.0f} s: {json.dumps(dict(counts))}\n")
    assert not wrong, "\n".join(wrong)
    assert counts["workflows"] == WORKFLOWS
    assert counts["paused"] >= 10
    assert min(counts["succeeded"], counts["failed"]) >= 3
