"""After an import: what exists is left alone; a part that can't be made is named and does not hold up the others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.services import functions, secrets, stacks
from interlock.aws.tables.table import Stored
from interlock.aws.tables.webhooks import Webhooks
from interlock.contract.core import limits, names
from interlock.contract.core.base import Json
from interlock.contract.core.failure import Unavailable
from interlock.contract.install import InstallRequest
from interlock.contract.registry import VersionStatus
from interlock.contract.webhook import Webhook, secret_name
from interlock.control.deployment.archive import Archive, read_archive
from interlock.control.deployment.export import DeploymentContext, export_deployment
from interlock.control.deployment.rebuild import rebuild
from tests.support.cloud import ACCOUNT, AT, REGION, TENANT, Cloud, listed
from tests.support.publishing import TEMPLATE, put

MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:interlock-onboard"
Task = Callable[[str, dict[str, Any]], Json]


def silent(_text: str) -> None:
    """No progress."""


@pytest.fixture
def context(cloud: Cloud, pool: str) -> DeploymentContext:
    """A deployment with two listed versions, one that was rejected, an install and a webhook; and no stack."""
    for version in ("1.0.0", "2.0.0"):
        put(cloud, listed(cloud, version=version), listed=AT)
    put(cloud, listed(cloud, version="3.0.0"), listed=None, status=VersionStatus.REJECTED)
    grant = ("catalog:read", "secret:key", "state", "tool:app")
    cloud.install(InstallRequest(app="acme/app", version="1.0.0", grant=grant, secrets={"key": "x"}, config={}))
    webhook = Webhook(id="hook", tenant=TENANT, url="https://example.com", events=("run.failed",), created=AT, by="me")
    Webhooks("registry", "runs").write(Stored(item=webhook))
    return DeploymentContext("registry", cloud.bucket, pool, MACHINE)


@pytest.fixture
def archive(context: DeploymentContext, tmp_path: Path) -> Archive:
    export_deployment(context, tmp_path / "out", silent)
    return read_archive(tmp_path / "out")


def stack(name: str) -> None:
    client("cloudformation").create_stack(
        StackName=name, TemplateBody=TEMPLATE.decode().replace('"CodeVersion": {"Type": "String"}', "")
    )


def answering(answer: Json) -> Task:
    """A function of the platform that answers every task alike."""

    def run_task(_function: str, _event: dict[str, Any]) -> Json:
        return answer

    return run_task


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What the platform's functions are asked for; a version that is restored gets a stack."""
    events: list[tuple[str, dict[str, Any]]] = []

    def run_task(function: str, event: dict[str, Any]) -> Json:
        events.append((function, event))
        if event.get("version") == "2.0.0":
            raise Unavailable("its bundle is gone", where=function)
        if event["task"] == "restore":
            stack(names.version_stack(event["app"], event["version"]))
        return None

    monkeypatch.setattr(functions, "run_task", run_task)
    return events


def test_a_part_that_fails_is_named_and_the_others_are_made(
    context: DeploymentContext, archive: Archive, tasks: list[tuple[str, dict[str, Any]]]
) -> None:
    stack(names.tenant_stack(TENANT))
    waited: list[float] = []
    result = rebuild(context, archive, silent, waited.append)
    assert (result.tenants, result.versions, result.installs, result.webhooks) == (1, 1, 1, 1)
    assert result.problems == [f"{names.version_stack('acme/app', '2.0.0')}: its bundle is gone"]
    assert result.secrets == [secret_name(TENANT, "hook")]
    assert {(event["task"], event.get("version")) for _, event in tasks} == {
        ("restore", "1.0.0"),
        ("restore", "2.0.0"),
        ("route", None),
    }
    (target,) = client("events").list_targets_by_rule(Rule=_rule(), EventBusName=names.bus_name(TENANT))["Targets"]
    assert target["Arn"] == f"arn:aws:sqs:{REGION}:{ACCOUNT}:interlock-webhooks"


def _rule() -> str:
    return next(
        row["Name"]
        for row in client("events").list_rules(EventBusName=names.bus_name(TENANT))["Rules"]
        if "hook" in row["Name"]
    )


def test_what_is_there_is_left_alone(
    context: DeploymentContext, archive: Archive, tasks: list[tuple[str, dict[str, Any]]]
) -> None:
    for name in (names.tenant_stack(TENANT), *(names.version_stack("acme/app", v) for v in ("1.0.0", "2.0.0"))):
        stack(name)
    secrets.write_secret(secret_name(TENANT, "hook"), json.dumps({"current": "x"}))
    result = rebuild(context, archive, silent, lambda _: None)
    assert (result.tenants, result.versions, result.problems, result.secrets) == (1, 2, [], [])
    assert [event["task"] for _, event in tasks] == ["route"]
    assert client("stepfunctions").list_executions(stateMachineArn=MACHINE)["executions"] == []


def test_a_stack_that_never_comes_is_waited_for_and_named(
    context: DeploymentContext, archive: Archive, tasks: list[tuple[str, dict[str, Any]]]
) -> None:
    """The tenant's is begun, and nothing makes it here."""
    waited: list[float] = []
    result = rebuild(context, archive, silent, waited.append)
    assert sum(waited) >= limits.STACK_SECONDS and result.tenants == 0
    assert f"{names.tenant_stack(TENANT)}: the stack was not ready in {limits.STACK_SECONDS} s" in result.problems
    assert len(client("stepfunctions").list_executions(stateMachineArn=MACHINE)["executions"]) == 1
    assert tasks


def test_a_stack_that_fails_is_named_at_once(
    context: DeploymentContext,
    archive: Archive,
    tasks: list[tuple[str, dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One is seen failing, and one is gone after it was seen."""
    first, second = (names.version_stack("acme/app", version) for version in ("1.0.0", "2.0.0"))
    monkeypatch.setattr(functions, "run_task", answering({"begun": True}))
    looks: dict[str, list[str]] = {
        first: ["absent", "going", "failed"],
        second: ["absent", "absent", "going", "absent"],
    }

    def progress_of(name: str) -> str:
        return looks[name].pop(0) if name in looks else "done"

    monkeypatch.setattr(stacks, "progress_of", progress_of)
    waited: list[float] = []
    result = rebuild(context, archive, silent, waited.append)
    assert len(waited) == 3 and sorted(row.partition(":")[0] for row in result.problems) == sorted([first, second])
    assert not tasks


def test_a_stack_that_is_still_being_deleted_is_named(
    context: DeploymentContext, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack(names.tenant_stack(TENANT))
    monkeypatch.setattr(functions, "run_task", answering({"begun": False}))
    result = rebuild(context, archive, silent, lambda _: None)
    assert result.versions == 0 and len([row for row in result.problems if "being deleted" in row]) == 2
