"""Runs in flight when the platform stops: the next `up` ends them right, and no finished step runs again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

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
    threading.Event().wait(12)
    return answer
"""
NOTED = [{"ErrorEquals": ["Interlock.Interrupted"], "ResultPath": "$.why", "Next": "Last"}]
WORKFLOWS = {
    "waiting": {
        "StartAt": "First",
        "States": {
            "First": task("work", Next="Wait"),
            "Wait": {"Type": "Wait", "Seconds": 15, "Next": "Last"},
            "Last": task("work"),
        },
    },
    "working": {
        "StartAt": "First",
        "States": {
            "First": task("work", Next="Slow"),
            "Slow": task("slow", Catch=NOTED, Next="Last"),
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
    installed = own.app(bundle(CODE, {"work": "", "slow": "timeout_s = 800\nmemory_mb = 512"}, WORKFLOWS))
    files = {name: tmp_path / name for name in WORKFLOWS}
    runs = {
        name: own.start(installed, name, {"file": str(file)}, stop=(("Held", "before"),) if name == "paused" else ())
        for name, file in files.items()
    }
    pause = own.paused(installed, runs["paused"])
    eventually(lambda: True if _lines(files["working"]) == ["working First", "working Slow"] else None, "the slow step")
    eventually(lambda: True if own.steps(installed, runs["waiting"])[:1] else None, "the waiting run")
    eventually(
        lambda: True if own.steps(installed, runs["waiting"])[0]["status"] == "succeeded" else None, "its first step"
    )
    place = own.platform.place
    down(place)
    recovered = up(Silent(), place).recovered
    assert set(recovered) == set(runs.values())

    again = own.paused(installed, runs["paused"])
    assert (again["id"], again["state"]) == (pause["id"], "Held")
    own.decide(installed, runs["paused"], again["id"])
    for name, run in runs.items():
        result = own.ended(installed, run)
        assert (result["status"], result["recovered"]) == ("succeeded", 1), (name, result["failed"])
    assert _lines(files["waiting"]) == ["waiting First", "waiting Last"]
    assert _lines(files["paused"]) == ["paused First", "paused Held", "paused Last"]
    assert _lines(files["working"]) == ["working First", "working Slow", "working Last"]
    # The step's end either came before the engine stopped, and is served, or nobody knows it, and it is not run again.
    slow = [row for row in own.steps(installed, runs["working"]) if row["state"] == "Slow" and row["reused"]]
    assert [(row["error"] or {}).get("name", row["status"]) for row in slow] in (
        ["Interlock.Interrupted"],
        ["succeeded"],
    )


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []
