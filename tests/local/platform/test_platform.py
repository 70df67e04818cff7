"""`up`, `down` and `status` on a platform of their own, because they stop it."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from interlock.aws.clients import client
from interlock.aws.services import step_functions
from interlock.aws.tables.runs import Runs
from interlock.contract.envelope import Trigger
from interlock.contract.run import Body, Pause, PauseStatus, Run, RunStatus
from interlock.local.deploy import DeployFailed
from interlock.local.engine.failure import EngineNotRunning, PortInUse
from interlock.local.environment import talking_to
from interlock.local.home import Home, home
from interlock.local.platform import Platform, connect, down, status, up
from interlock.local.record import read_platform, write_platform
from tests.support.local_roles import local_role
from tests.support.platforms import running_platform
from tests.support.silent import TOOLS

MACHINE = "interlock-v-0123456789ab-wait"
NOW = "2025-01-02T03:04:05.678Z"


class Steps:
    """Progress that is remembered."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def step(self, name: str) -> None:
        self.names.append(name)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with running_platform(tmp_path_factory.mktemp("own")) as platform:
        yield platform.place


def test_second_up_changes_nothing(place: Home) -> None:
    up(Steps(), place)
    steps = Steps()
    platform = up(steps, place)
    assert not platform.deployed
    assert steps.names == ["Start the engine"]


def test_record_is_for_its_owner_and_holds_no_key(place: Home) -> None:
    assert place.record.stat().st_mode & 0o777 == 0o600
    assert connect(place).engine.secret_key not in place.record.read_text()


def test_status(place: Home) -> None:
    result = status(place)
    assert result.engine.running and result.current and all(result.stacks.values()) and len(result.stacks) == 3
    assert result.running == 0


def test_nothing_there(tmp_path: Path) -> None:
    nowhere = home(tmp_path, TOOLS)
    assert status(nowhere).record is None
    with pytest.raises(EngineNotRunning) as caught:
        connect(nowhere)
    assert caught.value.next_step == "interlock up"
    with pytest.raises(EngineNotRunning):
        down(nowhere)


def test_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(PortInUse) as caught:
        up(Steps(), home(tmp_path, TOOLS), port=server.getsockname()[1])
    assert "interlock up --port" in caught.value.next_step


def test_half_deploy(place: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A deployment that fails says where to look, keeps no stamp, and the next `up` completes it."""
    record = read_platform(place.record)
    assert record
    write_platform(place.record, record.model_copy(update={"stamp": "of other sources"}))
    (tmp_path / "aws_cdk.py").write_text("raise SystemExit('no CDK today')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(DeployFailed) as caught:
        up(Steps(), place)
    assert "no CDK today" in caught.value.what
    assert "deploy.log" in caught.value.next_step
    assert not status(place).current
    monkeypatch.delenv("PYTHONPATH")
    steps = Steps()
    assert up(steps, place).deployed
    assert steps.names[-1] == "Deploy the platform"
    assert status(place).current


def test_runs_go_on_after_a_restart(place: Home) -> None:
    before = connect(place)
    run = _start_waiting(before)
    with talking_to(before.engine):
        arn = run.execution.replace(MACHINE, "interlock-gone")
        fields = {"id": "r2", "execution": arn, "status": RunStatus.RUNNING, "open_pauses": 0}
        Runs(before.record.runs_table).create(run.model_copy(update=fields))
    assert status(place).running == 2
    down(place)
    assert not status(place).engine.running
    after = up(Steps(), place)
    assert not after.deployed
    assert after.recovered == (run.id,)
    assert after.unrecovered == {"r2": "the state machine does not exist"}
    with talking_to(after.engine):
        runs = Runs(after.record.runs_table)
        result = runs.find(run.tenant, run.id).item
        assert result.execution == run.execution + "_r1"
        assert (result.recovered, result.status) == (1, RunStatus.PAUSED)
        assert step_functions.describe(result.execution)["status"] == "RUNNING"
        (pause,) = runs.pauses(run.tenant, run.id)
        assert (pause.status, pause.again, pause.id) == (PauseStatus.WANTED, True, "P1")
    assert up(Steps(), place).recovered == ()


def test_engine_that_was_killed(place: Home) -> None:
    os.kill(connect(place).engine.pid, signal.SIGKILL)
    with pytest.raises(EngineNotRunning):
        connect(place)
    assert up(Steps(), place).record.api_id
    assert all(status(place).stacks.values())


def _start_waiting(platform: Platform) -> Run:
    """A run of a machine that waits, paused."""
    with talking_to(platform.engine):
        machine = client("stepfunctions").create_state_machine(
            name=MACHINE,
            roleArn=local_role("interlock-machines"),
            definition='{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": true}}}',
        )["stateMachineArn"]
        execution = step_functions.start(machine, "acme_I1_r1", {})
        run = Run(
            id="r1",
            tenant="acme",
            install="I1",
            app="acme/app",
            version="1.0.0",
            workflow="wait",
            trigger=Trigger(kind="api", name="api", id="1"),
            status=RunStatus.PAUSED,
            execution=execution,
            started=NOW,
            input=Body(value={}),
            open_pauses=1,
        )
        runs = Runs(platform.record.runs_table)
        runs.create(run)
        pause = Pause(
            id="P1",
            run=run.id,
            tenant=run.tenant,
            state="W",
            step="w",
            digest="d",
            at="before",
            status=PauseStatus.WAITING,
            breakpoint="B1",
            armed_by="me",
            since=NOW,
            input=Body(),
        )
        runs.write_pause(pause, was=None, token="gone")
        return run
