"""How many runs under way a breakpoint on an install could stop."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.contract.breakpoint import BreakpointReach
from interlock.contract.core import names
from interlock.contract.core.failure import NotFound
from interlock.contract.run import RunStatus
from interlock.control.pauses import reach
from tests.support.cloud import TENANT, Cloud, listed
from tests.support.records import a_run, installed

DEFINITION: Any = {"StartAt": "Load", "States": {"Load": {"Type": "Task", "Resource": "${f}", "End": True}}}


@pytest.fixture
def install(cloud: Cloud) -> str:
    """An install with runs of two workflows; the definition of one is in the bucket."""
    version = listed(cloud)
    key = f"{names.artifact_prefix(version.app, version.version, version.digest)}workflows/main.asl.json"
    client("s3").put_object(Bucket=cloud.bucket, Key=key, Body=json.dumps(DEFINITION).encode())
    install = installed(cloud)
    for number, status in enumerate((RunStatus.RUNNING, RunStatus.PAUSED, RunStatus.STARTING, RunStatus.SUCCEEDED)):
        cloud.runs.create(a_run(install, number, status=status))
    cloud.runs.create(a_run("other", 7))
    return install


def count(cloud: Cloud, install: str, state: str) -> BreakpointReach:
    return reach.reach_of(cloud.runs, cloud.registry, cloud.bucket, (TENANT, install), state)


@pytest.mark.parametrize(("state", "stopped"), [("*", 3), ("Load", 3), ("Lo*", 3), ("Load[2]", 3), ("Save", 0)])
def test_runs_under_way_whose_workflow_has_the_state_count(
    cloud: Cloud, install: str, state: str, stopped: int
) -> None:
    assert count(cloud, install, state) == BreakpointReach(under_way=3, could_stop=stopped)


def test_a_run_whose_definition_is_absent_counts(cloud: Cloud, install: str) -> None:
    cloud.runs.create(a_run(install, 8, workflow="side"))
    assert count(cloud, install, "Save") == BreakpointReach(under_way=4, could_stop=1)


def test_more_runs_than_are_looked_at(cloud: Cloud, install: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "MAX_RUNS", 2)
    assert count(cloud, install, "*").more
    monkeypatch.setattr(reach, "MAX_RUNS", 4)
    assert not count(cloud, install, "*").more


def test_an_install_that_is_not_there_is_refused(cloud: Cloud, install: str) -> None:
    with pytest.raises(NotFound):
        count(cloud, "absent", "*")
