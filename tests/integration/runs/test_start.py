"""Runs: started once, finished without a question to Step Functions, read from our store."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.table import Stored
from interlock.contract import payload
from interlock.contract.core import limits
from interlock.contract.core.failure import Conflict, GateFailure, NotFound, Rejected
from interlock.contract.run import RecordStatus, RunStatus
from interlock.contract.run_request import RunRequest, ToolCall
from interlock.contract.search import RunFilter
from interlock.contract.start_message import StartMessage, run_of
from interlock.control.inspection.search import search_runs
from interlock.control.runs.finish import Ending, FinishContext, finish_run
from interlock.control.runs.requests import RunRequestContext, call_tool, list_runs, list_steps, request_run, show_run
from interlock.control.runs.start import StartContext, start_run
from tests.support.cloud import TENANT, Cloud, listed, machine
from tests.support.records import change, installed, message, put, record

STEP_FUNCTIONS_READS = {"ListExecutions", "GetExecutionHistory", "DescribeExecution"}


@pytest.fixture
def starter(cloud: Cloud) -> StartContext:
    listed(cloud)
    return StartContext(
        runs=cloud.runs, registry=cloud.registry, bucket=cloud.bucket, artifacts=cloud.bucket, machine_prefix=machine()
    )


def event(cause: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"id": "changes-on-retry", "detail": {"id": "change-1", "type": "asset.created", "cause": cause}}


def test_a_cause_starts_one_run(cloud: Cloud, starter: StartContext) -> None:
    install = installed(cloud)
    first = start_run(message(install, kind="event", event=event()), starter)
    again = start_run(message(install, kind="event", event=event() | {"id": "other"}), starter)
    assert first is not None
    assert again is not None
    assert first.id == again.id
    assert cloud.calls.count("StartExecution") == 1
    assert first.status is RunStatus.RUNNING
    assert show_run(cloud.runs, cloud.bucket, TENANT, first.id).input.value == event()["detail"]


def test_a_crash_before_the_execution_is_repaired_later(cloud: Cloud, starter: StartContext) -> None:
    install = installed(cloud)
    run = start_run(message(install), starter)
    assert run is not None
    cloud.runs.change(TENANT, run.id, lambda result: result.model_copy(update={"status": RunStatus.STARTING}))
    cloud.calls.clear()
    repaired = start_run(message(install), starter)
    assert repaired is not None
    assert repaired.status is RunStatus.RUNNING
    assert cloud.calls.count("StartExecution") == 1


def test_a_message_that_must_not_start_a_run_starts_none(cloud: Cloud, starter: StartContext) -> None:
    install = installed(cloud)
    loop: dict[str, Any] = {"run": "r", "install": install, "app": "acme/app", "hops": limits.MAX_HOPS, "ancestry": []}
    assert start_run(message("absent"), starter) is None
    assert start_run(message(install, workflow="absent"), starter) is None
    assert start_run(message(install, kind="event", event=event(loop)), starter) is None
    assert cloud.calls.count("StartExecution") == 0


def test_hops_and_ancestry_grow_with_each_run(cloud: Cloud, starter: StartContext) -> None:
    install = installed(cloud)
    cause = {"run": "parent", "install": install, "app": "acme/app", "hops": 2, "ancestry": ["grand"]}
    run = start_run(message(install, kind="event", event=event(cause)), starter)
    assert run is not None
    assert (run.trigger.hops, run.trigger.ancestry) == (3, ("grand", "parent"))


def test_a_started_run_is_found_by_its_event_and_cause_once(cloud: Cloud, starter: StartContext) -> None:
    install = installed(cloud)
    cause = {"run": "parent", "install": install, "app": "acme/app", "hops": 2, "ancestry": ["grand"]}
    runs = [start_run(message(install, kind="event", event=event(cause)), starter) for _ in range(2)]
    start_run(message(install), starter)
    for wanted in (RunFilter(caused_by="parent"), RunFilter(event="change-1")):
        page = search_runs(cloud.runs, cloud.bucket, TENANT, wanted)
        assert [run.id for run in page.runs] == [run.id for run in runs[:1] if run]


def test_requests_become_messages_with_a_known_run(cloud: Cloud, starter: StartContext) -> None:
    install = installed(cloud)
    context = _requests(cloud)
    accepted = request_run(context, TENANT, RunRequest(app="acme/app", key="once"), "me")
    body = client("sqs").receive_message(QueueUrl=cloud.queue)["Messages"][0]["Body"]
    sent = StartMessage.model_validate_json(body)
    assert (run_of(sent), accepted.install) == (accepted.run, install)
    by_tool = call_tool(context, TENANT, "app", ToolCall(arguments={}), "me")
    assert by_tool.workflow == "main"
    with pytest.raises(Rejected):
        call_tool(context, TENANT, "app", ToolCall(arguments=3), "me")
    for request in (RunRequest(app="acme/none"), RunRequest(app="acme/app", workflow="none")):
        with pytest.raises(NotFound):
            request_run(context, TENANT, request, "me")


def test_finishing_and_reading_ask_step_functions_nothing(cloud: Cloud, starter: StartContext) -> None:
    run = start_run(message(installed(cloud)), starter)
    assert run is not None
    error = {
        "name": "Boom",
        "type": "Boom",
        "message": "it broke",
        "frames": [{"file": "m.py", "line": 3, "function": "one"}],
    }
    put(cloud, record(run, status=RecordStatus.FAILED, error=error, attempt=0))
    put(cloud, record(run, status=RecordStatus.FAILED, error=error, attempt=1))
    cloud.calls.clear()
    finisher = FinishContext(runs=cloud.runs, registry=cloud.registry, bucket=cloud.bucket, artifacts=cloud.bucket)
    ended = finish_run(Ending(execution=run.execution, status="FAILED", error="Boom", cause="{}"), finisher)
    assert ended is not None
    assert ended.failed is not None
    assert (ended.status, ended.failed.state, ended.failed.frame) == (RunStatus.FAILED, "one", "m.py:3 in one")
    assert (ended.usage.steps, ended.usage.attempts) == (1, 2)
    assert finish_run(Ending(execution=run.execution, status="FAILED"), finisher) is None
    assert [result.id for result in list_runs(cloud.runs, TENANT).runs] == [run.id]
    assert len(list_steps(_requests(cloud), TENANT, run.id, whole=True).steps) == 2
    assert not STEP_FUNCTIONS_READS & set(cloud.calls)
    assert list(cloud.runs.running()) == []


def test_an_ending_of_another_execution_ends_nothing(cloud: Cloud, starter: StartContext) -> None:
    run = start_run(message(installed(cloud)), starter)
    assert run is not None
    finisher = FinishContext(runs=cloud.runs, registry=cloud.registry, bucket=cloud.bucket, artifacts=cloud.bucket)
    assert finish_run(Ending(execution=run.execution + "_r1", status="FAILED"), finisher) is None
    assert cloud.runs.find(TENANT, run.id).item.status is RunStatus.RUNNING


def test_bodies_lie_where_they_fit(cloud: Cloud) -> None:
    bodies = Bodies(cloud.bucket, TENANT, "run")
    small, large = {"a": 1}, {"a": "x" * limits.INLINE_BODY_BYTES}
    assert bodies.keep(small).value == small
    stored = bodies.keep(large)
    assert stored.key
    assert stored.value is None
    assert bodies.read(stored) == large
    marked = {"deep": [bodies.spill(large), 2]}
    assert bodies.put_back(marked) == {"deep": [large, 2]}
    with pytest.raises(GateFailure):
        Bodies(cloud.bucket, TENANT, "other").put_back(marked)
    client("s3").put_object(Bucket=cloud.bucket, Key=stored.key, Body=json.dumps({"a": "forged"}).encode())
    with pytest.raises(GateFailure):
        bodies.read(stored)
    client("s3").delete_object(Bucket=cloud.bucket, Key=stored.key)
    with pytest.raises(NotFound):
        bodies.read(stored)
    assert payload.digest(large) == stored.digest


def test_a_record_begins_once(cloud: Cloud, starter: StartContext) -> None:
    run = start_run(message(installed(cloud)), starter)
    assert run is not None
    result = record(run, status=RecordStatus.STARTED)
    key = put(cloud, result)
    assert not cloud.runs.begin(key, result)
    with pytest.raises(Conflict):
        cloud.runs.create(run)


def _requests(cloud: Cloud) -> RunRequestContext:
    return RunRequestContext(cloud.runs, cloud.registry, cloud.queue, cloud.bucket, cloud.bucket)


def test_run_has_the_title_of_its_workflow(cloud: Cloud, starter: StartContext) -> None:
    """Filled with the config and the input that it starts with, also where that input lies in S3."""
    version = cloud.registry.version("acme/app", "1.0.0")
    title = "{config.n}: {input.name} {input.password} by {trigger.kind}"
    plan = version.item.workflows["main"].model_copy(update={"title": title})
    titled = version.item.model_copy(update={"workflows": {"main": plan}})
    cloud.registry.write_version(Stored(item=titled, rev=version.rev))
    install = installed(cloud)
    change(cloud, install, config={"n": 7})
    value = {"name": "orders", "password": "short", "text": "x" * limits.INLINE_BODY_BYTES}
    run = start_run(message(install, input=value), starter)
    assert run is not None
    assert run.title == "7: orders [redacted] by api"
    assert list_runs(cloud.runs, TENANT).runs[0].title == run.title
