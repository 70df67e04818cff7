"""Runs in flight when the platform stops: the next `up` ends them right, and no finished step runs again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from interlock.aws.clients import client
from interlock.local.environment import talking_to
from interlock.local.platform import down, up
from tests.support.kit import Kit, bundle, eventually, kit_of, task
from tests.support.platforms import running_platform
from tests.support.silent import Silent

CODE = """
import threading
from pathlib import Path
from interlock import step

@step
def work(value, ctx):
    with Path(value["file"]).open("a") as file:
        file.write(f"{ctx.info.workflow} {ctx.info.state}\\n")
    return {"file": value["file"], "done": [*value.get("done", []), ctx.info.state]}

@step
def slow(value, ctx):
    answer = work(value, ctx)
    threading.Event().wait(3)
    return answer
"""
WAIT_SECONDS = 25
AT_WORK = 10
WORKFLOWS = {
    "waiting": {
        "StartAt": "First",
        "States": {
            "First": task("work", Next="Wait"),
            "Wait": {"Type": "Wait", "Seconds": WAIT_SECONDS, "Next": "Last"},
            "Last": task("work"),
        },
    },
    "working": {
        "StartAt": "First",
        "States": {
            "First": task("work", Next="Slow"),
            "Slow": task("slow", Next="Last"),
            "Last": task("work"),
        },
    },
    "paused": {
        "StartAt": "First",
        "States": {"First": task("work", Next="Held"), "Held": task("work", Next="Last"), "Last": task("work")},
    },
}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """A platform of its own, because it is stopped."""
    with running_platform(tmp_path_factory.mktemp("recovery")) as platform, kit_of(platform) as kit:
        yield kit


def test_runs_in_flight_end_right_after_a_restart(own: Kit, tmp_path: Path) -> None:
    """The steps at work end before the engine does; a Wait goes on from its own deadline."""
    installed = own.app(bundle(CODE, {"work": "", "slow": "timeout_s = 800\nmemory_mb = 512"}, WORKFLOWS))
    files = {name: tmp_path / name for name in ("waiting", "paused", *map(str, range(AT_WORK)))}
    runs = {
        name: own.start(
            installed, name, {"file": str(files[name])}, stop=(("Held", "before"),) if name == "paused" else ()
        )
        for name in ("waiting", "paused")
    }
    pause = own.paused(installed, runs["paused"])
    eventually(lambda: True if own.steps(installed, runs["waiting"])[:1] else None, "the waiting run")
    eventually(
        lambda: True if own.steps(installed, runs["waiting"])[0]["status"] == "succeeded" else None, "its first step"
    )
    # Last, so that one of their slow steps is at work when it is looked for, however busy the machine is.
    runs |= {str(n): own.start(installed, "working", {"file": str(files[str(n)])}) for n in range(AT_WORK)}
    eventually(lambda: True if any(len(_lines(files[str(n)])) == 2 for n in range(AT_WORK)) else None, "a slow step")
    place = own.platform.place
    down(place)
    recovered = up(Silent(), place).recovered
    assert set(recovered) >= {runs["waiting"], runs["paused"]}

    again = own.paused(installed, runs["paused"])
    assert (again["id"], again["state"]) == (pause["id"], "Held")
    own.decide(installed, runs["paused"], again["id"])
    result = own.ended(installed, runs["waiting"])
    assert (result["status"], result["recovered"]) == ("succeeded", 1), result["failed"]
    first = own.execution(installed, "waiting", runs["waiting"])
    (begun, _), (entered, left) = _wait_of(own, first), _wait_of(own, f"{first}_r1")
    remaining = max(0.0, WAIT_SECONDS - (entered - begun).total_seconds())
    assert remaining - 0.5 < (left - entered).total_seconds() < remaining + 2
    for name, run in runs.items():
        result = own.ended(installed, run)
        assert result["status"] == "succeeded", (name, result["failed"])
    assert _lines(files["waiting"]) == ["waiting First", "waiting Last"]
    assert _lines(files["paused"]) == ["paused First", "paused Held", "paused Last"]
    for number in range(AT_WORK):
        assert _lines(files[str(number)]) == ["working First", "working Slow", "working Last"]


def _wait_of(own: Kit, execution: str) -> tuple[datetime, datetime]:
    """When an execution entered its Wait, and when it left it, or was cut."""
    with talking_to(own.platform.engine):
        events = client("stepfunctions").get_execution_history(executionArn=execution)["events"]
    entered = next(event["timestamp"] for event in events if event["type"] == "WaitStateEntered")
    left = [event["timestamp"] for event in events if event["type"] == "WaitStateExited"]
    return entered, left[0] if left else entered


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []
