"""How many runs under way a breakpoint on an install or a version could stop."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.support_sessions import SupportSessions
from interlock.contract.breakpoint import BreakpointReach
from interlock.contract.core import names
from interlock.contract.core.failure import NotFound
from interlock.contract.member import Caller
from interlock.contract.registry import Membership, Role
from interlock.contract.run import RunStatus
from interlock.contract.support import SupportRequest
from interlock.control.access import support
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


PUBLISHER = Caller(principal="pat", memberships=(Membership(principal="pat", scope="publisher/acme", role=Role.ADMIN),))


def count_version(cloud: Cloud, caller: Caller, state: str = "*") -> BreakpointReach:
    tenants = support.tenants_in_reach(cloud.registry, caller, "acme/app")
    where = reach.OnVersion("acme/app", "1.0.0", tenants.ids, tenants.more)
    return reach.reach_of_version(cloud.runs, cloud.registry, cloud.bucket, where, state)


def test_a_versions_breakpoint_counts_the_sandbox_alone(cloud: Cloud, install: str) -> None:
    assert count_version(cloud, PUBLISHER) == BreakpointReach(under_way=0, could_stop=0)
    cloud.runs.create(a_run("trial", 1, tenant=names.SANDBOX))
    cloud.runs.create(a_run("trial", 2, tenant=names.SANDBOX, version="2.0.0"))
    cloud.runs.create(a_run("trial", 3, tenant=names.SANDBOX, app="acme/other"))
    assert count_version(cloud, PUBLISHER) == BreakpointReach(under_way=1, could_stop=1)
    assert count_version(cloud, PUBLISHER, "Save") == BreakpointReach(under_way=1, could_stop=0)


def test_a_support_session_brings_its_tenants_figures(cloud: Cloud, install: str) -> None:
    support.open_support(cloud.registry, TENANT, SupportRequest(app="acme/app"), "ada")
    assert count_version(cloud, PUBLISHER) == BreakpointReach(under_way=4, could_stop=4, tenants=2)
    other = Caller(principal="eve", memberships=(Membership(principal="eve", scope="publisher/evil", role=Role.ADMIN),))
    where = reach.OnVersion("acme/app", "1.0.0", support.tenants_in_reach(cloud.registry, other, "evil/app").ids)
    assert reach.reach_of_version(cloud.runs, cloud.registry, cloud.bucket, where, "*").under_way == 0
    support.close_support(cloud.registry, TENANT, "acme/app")
    assert count_version(cloud, PUBLISHER).under_way == 0


def test_more_sessions_than_are_looked_at(cloud: Cloud, install: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "PAGE", 1)
    opened = support.open_support(cloud.registry, TENANT, SupportRequest(app="acme/app"), "ada")
    SupportSessions(cloud.registry.table.name).write(opened.model_copy(update={"tenant": "globex"}))
    reached = count_version(cloud, PUBLISHER)
    assert (reached.tenants, reached.more) == (2, True)
    monkeypatch.setattr(support, "PAGE", 3)
    reached = count_version(cloud, PUBLISHER)
    assert (reached.tenants, reached.more) == (3, False)


@pytest.mark.parametrize(("role", "runs"), [("admin", 4), ("viewer", 0)])
def test_own_tenants_count_where_the_caller_may_debug(cloud: Cloud, install: str, role: Any, runs: int) -> None:
    own = Membership(principal="pat", scope=f"tenant/{TENANT}", role=role)
    caller = PUBLISHER.model_copy(update={"memberships": (*PUBLISHER.memberships, own)})
    assert count_version(cloud, caller).under_way == runs


def test_a_version_that_is_not_there_is_refused(cloud: Cloud, install: str) -> None:
    with pytest.raises(NotFound):
        absent = reach.OnVersion("acme/app", "9.0.0", ())
        reach.reach_of_version(cloud.runs, cloud.registry, cloud.bucket, absent, "*")
