"""Behind the gate a workflow does what it did: the same states entered, the same output or error, paused or not.

Originals run with plain functions in the direct form on the same engine; compiled ones through publish, install and
the real gate. Ignored: the hidden `(paused)` states, the order between parallel branches, what was entered inside a
Parallel or Map that failed (its other branches are cut off at any point), and the text of causes.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from interlock.contract.asl import PAUSED_SUFFIX
from interlock.contract.core.failure import Conflict
from tests.support.gate_workflows import plain
from tests.support.kit import Installed, Kit, bundle, eventually, zipped
from tests.support.random_workflows import ECHO_CODE, STEP_CODE, STEPS, Raw, given, nested_in, workflow

WORKFLOWS = 210
PER_VERSION = 15
AT_ONCE = 8
SECONDS = 120


@dataclass(frozen=True)
class Seen:
    """What one execution did."""

    status: str
    error: str
    output: Any
    entered: tuple[str, ...]
    broken: frozenset[str]
    """Parallel and Map states that failed."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("flaky")


@pytest.fixture(scope="module")
def versions(kit: Kit, folder: Path) -> list[Installed]:
    """Every workflow, published and installed, many in one version."""
    made: list[Installed] = []
    for first in range(0, WORKFLOWS, PER_VERSION):
        seeds = range(first, min(first + PER_VERSION, WORKFLOWS))
        code = STEP_CODE.replace("@FOLDER@", str(folder))
        made.append(kit.app(bundle(code, dict.fromkeys(STEPS, ""), {f"w{seed}": workflow(seed) for seed in seeds})))
    return made


@pytest.fixture(scope="module")
def functions(kit: Kit, folder: Path) -> dict[str, str]:
    """The steps as plain functions, by `${step}`."""
    made: dict[str, str] = {}
    code = zipped({"m.py": ECHO_CODE.replace("@FOLDER@", str(folder))})
    runtime = f"python{sys.version_info.major}.{sys.version_info.minor}"
    role = f"arn:aws:iam::{kit.platform.engine.account_id}:role/interlock-gate"
    for step in STEPS:
        words: dict[str, Any] = {"FunctionName": f"echo-{kit.tenant}-{step}", "Runtime": runtime, "Role": role}
        words |= {"Handler": "m.handler", "Code": {"ZipFile": code}, "Environment": {"Variables": {"KIND": step}}}
        made[f"${{{step}}}"] = kit.client("lambda").create_function(**words, Timeout=30)["FunctionArn"]
    return made


def seen(kit: Kit, execution: str, meanwhile: Callable[[], object] = lambda: None) -> Seen:
    """What an execution did, once it is over."""
    states = kit.client("stepfunctions")

    def over() -> dict[str, Any] | None:
        meanwhile()
        try:
            found = states.describe_execution(executionArn=execution)
        except states.exceptions.ExecutionDoesNotExist:
            return None
        return None if found["status"] == "RUNNING" else found

    found = eventually(over, execution, SECONDS)
    events: list[dict[str, Any]] = []
    more: dict[str, str] = {}
    while True:
        page = states.get_execution_history(executionArn=execution, maxResults=1000, **more)
        events += page["events"]
        if not page.get("nextToken"):
            break
        more = {"nextToken": page["nextToken"]}
    entered = [row["stateEnteredEventDetails"]["name"] for row in events if row["type"].endswith("StateEntered")]
    return Seen(
        status=found["status"],
        error=found.get("error", ""),
        output=plain(json.loads(found["output"])) if found.get("output") else None,
        entered=tuple(entered),
        broken=failed_scopes(events),
    )


def failed_scopes(events: list[dict[str, Any]]) -> frozenset[str]:
    """The Parallel and Map states of which an attempt failed."""
    by_id = {row["id"]: row for row in events}
    found: set[str] = set()
    for row in events:
        if row["type"] in ("ParallelStateFailed", "MapStateFailed"):
            found |= entered_above(row, by_id)
    return frozenset(found)


def entered_above(row: dict[str, Any], by_id: dict[int, dict[str, Any]]) -> set[str]:
    """Every Parallel and Map that was entered on the way to an event."""
    found: set[str] = set()
    while row["previousEventId"]:
        row = by_id[row["previousEventId"]]
        if row["type"] in ("ParallelStateEntered", "MapStateEntered"):
            found.add(row["stateEnteredEventDetails"]["name"])
    return found


def original(kit: Kit, functions: dict[str, str], seed: int) -> Seen:
    """Run the workflow as written."""
    text = json.dumps(workflow(seed))
    for word, arn in functions.items():
        text = text.replace(word, arn)
    states = kit.client("stepfunctions")
    role = f"arn:aws:iam::{kit.platform.engine.account_id}:role/interlock-gate"
    name = f"original-{kit.tenant}-{seed}"
    machine = states.create_state_machine(name=name, definition=text, roleArn=role)["stateMachineArn"]
    started = states.start_execution(stateMachineArn=machine, input=json.dumps(given(seed)))
    return seen(kit, started["executionArn"])


def compiled(kit: Kit, installed: Installed, seed: int, stop: str = "") -> tuple[Seen, int]:
    """Run the workflow behind the gate; with `stop`, paused before that Task and told to go on."""
    name = f"w{seed}"
    run = kit.start(installed, name, given(seed), stop=((stop, "before"),) if stop else ())
    told: set[str] = set()
    clock = [time.monotonic()]

    def go_on() -> None:
        if not stop or time.monotonic() - clock[0] < 0.2:
            return
        clock[0] = time.monotonic()
        for pause in kit.pauses(installed, run):
            # A pause is over where another branch failed meanwhile.
            with contextlib.suppress(Conflict):
                kit.decide(installed, run, pause["id"])
                told.add(pause["id"])

    return seen(kit, kit.execution(installed, name, run), go_on), len(told)


def differences(raw: Raw, before: Seen, after: Seen, stopped: bool) -> list[str]:
    """How two executions of a workflow differ."""
    found: list[str] = []
    if (before.status, before.error) != (after.status, after.error):
        found.append(f"{before.status} {before.error} became {after.status} {after.error}")
    if before.output != after.output:
        found.append(f"output {before.output} became {after.output}")
    loose: set[str] = set()
    for name in before.broken | after.broken:
        loose |= nested_in(raw, name)
    inside = {name for name, state in all_states(raw).items() if state["Type"] in ("Parallel", "Map")}
    nested = set[str]().union(*(nested_in(raw, name) for name in inside))
    entered = list(after.entered)
    if stopped:
        # After its pause a state is entered anew: once for each hidden state.
        for name in [name for name in entered if name.endswith(PAUSED_SUFFIX)]:
            entered.remove(name)
            entered.remove(name.removesuffix(PAUSED_SUFFIX))
    first, second = (Counter(name for name in names if name not in loose) for names in (before.entered, entered))
    if first != second:
        found.append(f"entered {first - second} no more, {second - first} besides")
    if not stopped:
        top = [[name for name in names if name not in nested] for names in (before.entered, after.entered)]
        if top[0] != top[1]:
            found.append(f"order {top[0]} became {top[1]}")
        if not loose and len(before.entered) != len(after.entered):
            found.append(f"{len(before.entered)} transitions became {len(after.entered)}")
    return found


def all_states(raw: Raw) -> dict[str, Raw]:
    """Every state by its name."""
    found: dict[str, Raw] = {}
    for name, state in raw["States"].items():
        found[name] = state
        for part in (*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])):
            found |= all_states(part)
    return found


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
        found = [f"w{seed}: {text}" for text in differences(raw, before, after, stopped=False)]
        states = all_states(raw)
        tasks = sorted({name for name in before.entered if states[name]["Type"] == "Task"})
        pauses = 0
        if tasks:
            stop = tasks[seed % len(tasks)]
            paused, pauses = compiled(kit, installed, seed, stop)
            found += [f"w{seed} paused at {stop}: {text}" for text in differences(raw, before, paused, stopped=True)]
        with lock:
            wrong.extend(found)
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
    assert counts["workflows"] >= 200
    assert counts["paused"] >= 150
    assert min(counts["succeeded"], counts["failed"]) >= 20
