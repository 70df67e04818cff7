"""Steps that end badly, a killed gate, pauses: every run ends, and nothing runs twice in silence."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.support.kit import Installed, Kit, bundle, eventually, single, task

CODE = """
import os, signal, threading
from pathlib import Path
from interlock import step

def once(value):
    with Path(value["file"]).open("a") as file:
        file.write("ran\\n")
    return len(Path(value["file"]).read_text().splitlines())

@step
def leave(value):
    once(value)
    os._exit(3)

@step
def kill(value):
    once(value)
    os.kill(os.getpid(), signal.SIGKILL)

@step
def slow(value):
    once(value)
    threading.Event().wait(value.get("seconds", 30))
    return {"ran": True}

@step
def hold(value):
    return keep(value)

@step
def keep(value):
    count = once(value)
    if count == 1:
        Path(value["file"] + ".in").write_text("in")
        threading.Event().wait(4)
    return {"count": count}

@step
def work(value):
    return {"count": once(value)}

@step
def fail(value):
    once(value)
    raise KeyError("no such thing")
"""
CAUGHT = [{"ErrorEquals": ["States.Timeout"], "ResultPath": "$.why", "Next": "Caught"}]
AGAIN = [{"ErrorEquals": ["Interlock.Interrupted", "Interlock.StepExit"], "IntervalSeconds": 1, "MaxAttempts": 2}]
LOST = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 3}]
WORKFLOWS = {
    "leave": single(task("leave")),
    "kill": single(task("kill")),
    "slow": single(task("slow")),
    "caught": {
        "StartAt": "Only",
        "States": {"Only": task("slow", Catch=CAUGHT), "Caught": {"Type": "Pass", "End": True}},
    },
    "hold": single(task("hold", Retry=LOST)),
    "once": single(task("hold")),
    "keep": single(task("keep", Retry=LOST)),
    "work": {"StartAt": "Work", "States": {"Work": task("work", ResultPath="$.r", Next="More"), "More": task("work")}},
    "fail": single(task("fail")),
}
STEPS = {
    "leave": "",
    "kill": "",
    "slow": "timeout_s = 8\nmemory_mb = 512",
    "hold": "timeout_s = 30",
    "keep": "timeout_s = 30\nidempotent = true",
    "work": "",
    "fail": "",
}


@pytest.fixture(scope="module")
def installed(kit: Kit) -> Installed:
    return kit.app(bundle(CODE, STEPS, WORKFLOWS))


@pytest.fixture
def counter(tmp_path: Path) -> Path:
    return tmp_path / "ran"


def times(counter: Path) -> int:
    return len(counter.read_text().splitlines()) if counter.exists() else 0


@pytest.mark.parametrize(("workflow", "error"), [("leave", "Interlock.StepExit"), ("kill", "Interlock.StepExit")])
def test_a_step_whose_process_ends(kit: Kit, installed: Installed, counter: Path, workflow: str, error: str) -> None:
    run = kit.ended(installed, kit.start(installed, workflow, {"file": str(counter)}))
    assert run["failed"]["error"] == error, run["failed"]
    assert run["failed"]["state"] == "Only"
    assert times(counter) == 1


def test_a_step_that_takes_too_long_can_be_caught(kit: Kit, installed: Installed, counter: Path) -> None:
    run = kit.ended(installed, kit.start(installed, "slow", {"file": str(counter), "seconds": 30}))
    assert run["failed"]["error"] == "States.Timeout", run["failed"]
    assert times(counter) == 1
    run = kit.ended(installed, kit.start(installed, "caught", {"file": str(counter), "seconds": 30}))
    assert run["status"] == "succeeded"
    assert run["output"]["value"]["why"]["Error"] == "States.Timeout"
    assert times(counter) == 2


def kill_gate(kit: Kit, counter: Path) -> None:
    """SIGKILL the gate's processes once the step is in its middle."""
    eventually(lambda: True if Path(f"{counter}.in").exists() else None, "the step's start")
    gates = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and is_gate(path, kit)]
    assert gates
    for pid in gates:
        os.kill(pid, signal.SIGKILL)


def is_gate(path: Path, kit: Kit) -> bool:
    """Whether a process is a worker of this platform's gate."""
    try:
        fields = (path / "environ").read_bytes().split(b"\0")
    except OSError:
        return False
    name = kit.platform.record.gate.rsplit(":", 1)[-1]
    return f"AWS_LAMBDA_FUNCTION_NAME={name}".encode() in fields and any(
        str(kit.platform.engine.port).encode() in word for word in fields
    )


def test_a_killed_gate_without_retry(kit: Kit, installed: Installed, counter: Path) -> None:
    run = kit.start(installed, "once", {"file": str(counter)})
    kill_gate(kit, counter)
    result = kit.ended(installed, run)
    assert result["status"] == "failed"
    assert result["failed"]["state"] == "Only"
    assert times(counter) == 1


def test_a_killed_gate_interrupts_one_attempt_and_the_next_runs(kit: Kit, installed: Installed, counter: Path) -> None:
    run = kit.start(installed, "hold", {"file": str(counter)})
    kill_gate(kit, counter)
    result = kit.ended(installed, run)
    assert result["status"] == "succeeded", result["failed"]
    assert result["output"]["value"] == {"count": 2}
    rows = sorted(kit.steps(installed, run), key=lambda row: row["attempt"])
    assert [(row["attempt"], row["status"], (row["error"] or {}).get("name")) for row in rows] == [
        (0, "started", None),
        (1, "failed", "Interlock.Interrupted"),
        (2, "succeeded", None),
    ]


def test_a_killed_gate_of_an_idempotent_step_runs_it_again(kit: Kit, installed: Installed, counter: Path) -> None:
    run = kit.start(installed, "keep", {"file": str(counter)})
    kill_gate(kit, counter)
    result = kit.ended(installed, run)
    assert result["output"]["value"] == {"count": 2}
    assert {row["attempt"] for row in kit.steps(installed, run)} == {0, 1}


def test_go_after_a_step_does_not_run_it_again(kit: Kit, installed: Installed, counter: Path) -> None:
    run = kit.start(installed, "work", {"file": str(counter)}, stop=(("Work", "after"),))
    pause = kit.paused(installed, run)
    assert pause["output"]["value"] == {"count": 1}
    kit.decide(installed, run, pause["id"])
    assert kit.ended(installed, run)["output"]["value"] == {"count": 2}
    assert times(counter) == 2


def test_before_and_after_the_same_state(kit: Kit, installed: Installed, counter: Path) -> None:
    run = kit.start(installed, "work", {"file": str(counter)}, stop=(("Work", "before"), ("Work", "after")))
    first = kit.paused(installed, run)
    assert (first["at"], times(counter)) == ("before", 0)
    kit.decide(installed, run, first["id"])
    second = eventually(
        lambda: next((row for row in kit.pauses(installed, run) if row["id"] != first["id"]), None), "the second pause"
    )
    assert second["at"] == "after"
    kit.decide(installed, run, second["id"], action="output", output={"count": 41})
    kit.ended(installed, run)
    assert times(counter) == 2


def test_go_on_an_error_raises_it_and_an_output_takes_its_place(kit: Kit, installed: Installed, counter: Path) -> None:
    run = kit.start(installed, "fail", {"file": str(counter)}, stop=(("*", "error"),))
    pause = kit.paused(installed, run)
    assert pause["error"]["name"] == "KeyError"
    kit.decide(installed, run, pause["id"])
    result = kit.ended(installed, run)
    assert (result["failed"]["error"], times(counter)) == ("KeyError", 1)
    run = kit.start(installed, "fail", {"file": str(counter)}, stop=(("*", "error"),))
    kit.decide(installed, run, kit.paused(installed, run)["id"], action="output", output={"mended": True})
    result = kit.ended(installed, run)
    assert (result["output"]["value"], times(counter)) == ({"mended": True}, 2)
