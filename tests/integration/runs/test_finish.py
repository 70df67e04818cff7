"""The end of a failed run: explained, kept, told, counted, in this order, and once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.services import artifacts
from interlock.aws.tables.runs import run_key
from interlock.aws.tables.usage import UsageRecords
from interlock.contract.core import limits, names
from interlock.contract.core.failure import Conflict, NotFound
from interlock.contract.core.names import Artifact
from interlock.contract.explain import Places, StatePlace
from interlock.contract.run import Fork, Run, RunStatus
from interlock.control.inspection.explain import read_explanation
from interlock.control.inspection.search import list_failures
from interlock.control.runs import notify
from interlock.control.runs.finish import Ending, FinishContext, finish_run
from interlock.control.runs.start import StartContext, start_run
from interlock.control.usage.report import tenant_usage
from tests.support.cloud import TENANT, Cloud, listed, machine
from tests.support.records import installed, message, put, record

ERROR: dict[str, Any] = {
    "name": "Boom", "type": "Boom", "message": "é" * 4_000,
    "frames": [{"file": "m.py", "line": 3, "function": "one", "locals": {"x": "\u0001" * 200}}],
}  # fmt: skip


@pytest.fixture
def started(cloud: Cloud) -> Run:
    listed(cloud)
    starter = StartContext(
        runs=cloud.runs, registry=cloud.registry, bucket=cloud.bucket, artifacts=cloud.bucket, machine_prefix=machine()
    )
    run = start_run(message(installed(cloud)), starter)
    assert run is not None
    return run


@pytest.fixture
def finisher(cloud: Cloud) -> FinishContext:
    alerts = client("sqs").create_queue(QueueName="alerts")["QueueUrl"]
    return FinishContext(
        runs=cloud.runs, registry=cloud.registry, bucket=cloud.bucket, artifacts=cloud.bucket, alerts=alerts
    )


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The details that went onto the bus; each is JSON of an entry's size."""
    rows: list[dict[str, Any]] = []

    def put_event(_tenant: str, _source: str, _name: str, detail: str) -> None:
        assert len(detail.encode()) < limits.EVENT_ENTRY_BYTES
        rows.append(json.loads(detail))

    monkeypatch.setattr(notify, "put_event", put_event)
    return rows


def test_a_failure_is_explained_kept_told_and_counted_once(
    cloud: Cloud, started: Run, finisher: FinishContext, events: list[dict[str, Any]]
) -> None:
    put(cloud, record(started, status="failed", error=ERROR))
    ending = Ending(execution=started.execution, status="FAILED", error="Boom", cause="{}")
    run = finish_run(ending, finisher)
    assert run is not None
    assert finish_run(ending, finisher) is None
    stored = cloud.runs.explanation(run)
    assert stored is not None
    assert (stored.place, stored.fingerprint) == ("m.py:3", run.fingerprint)
    view = read_explanation(finisher.explainer, TENANT, run.id)
    assert view.explanation == stored
    assert [detail["id"] for detail in events] == [f"{run.id}:run.failed"] * 2
    assert events[0]["explanation"] == view.text
    assert events[0]["debug"] == f"interlock run debug {run.id}"
    (group,) = list_failures(cloud.runs, TENANT).groups
    assert (group.count, group.run, group.where) == (1, run.id, "m.py in one")
    sent = client("sqs").receive_message(QueueUrl=finisher.alerts)["Messages"][0]["Body"]
    assert json.loads(sent) == events[0]


def test_a_run_that_is_over_says_what_it_cost(
    cloud: Cloud, started: Run, finisher: FinishContext, events: list[dict[str, Any]]
) -> None:
    put(cloud, record(started, step_ms=1_000.0, duration_ms=2_000.0))
    run = finish_run(Ending(execution=started.execution, status="SUCCEEDED", output="{}"), finisher)
    assert run is not None
    assert run.ended is not None
    assert events
    day = run.ended[:10]
    report = tenant_usage(UsageRecords(cloud.runs.table.name), TENANT, day, day, "day")
    assert run.usage.dollars == pytest.approx(report.dollars, abs=1e-6)
    assert run.usage.dollars > 0


def test_a_dry_run_that_fails_alerts_nobody_and_counts_nowhere(
    cloud: Cloud, started: Run, finisher: FinishContext, events: list[dict[str, Any]]
) -> None:
    stored = cloud.runs.find(TENANT, started.id)
    dry = stored.item.model_copy(update={"fork": Fork(parent="p", root="p", dry=True)})
    cloud.runs.table.put(run_key(TENANT, started.id), dry)
    put(cloud, record(started, status="failed", error=ERROR))
    run = finish_run(Ending(execution=started.execution, status="FAILED", error="Boom", cause="{}"), finisher)
    assert run is not None and run.failed is not None
    assert (run.failed.error, run.fingerprint, events) == ("Boom", "", [])
    assert list_failures(cloud.runs, TENANT).groups == ()
    assert "Messages" not in client("sqs").receive_message(QueueUrl=finisher.alerts)
    assert read_explanation(finisher.explainer, TENANT, run.id).text.startswith(f"Dry run {run.id} of")


def test_a_state_that_no_record_explains_is_asked_for_once(
    cloud: Cloud, started: Run, finisher: FinishContext, events: list[dict[str, Any]]
) -> None:
    prefix = names.artifact_prefix("acme/app", "1.0.0", "0" * 64)
    places = Places(workflows={"main": {"P": StatePlace(file="workflows/main.asl.json", line=7)}})
    artifacts.write_json(cloud.bucket, f"{prefix}{Artifact.PLACES}", places.model_dump(mode="json"))
    definition = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    artifacts.write_json(cloud.bucket, f"{prefix}workflows/main.asl.json", definition)
    cloud.calls.clear()
    cause = "An error occurred while executing the state 'P' (entered at the event id #2). No such path"
    run = finish_run(
        Ending(execution=started.execution, status="FAILED", error="States.Runtime", cause=cause), finisher
    )
    assert run is not None and run.failed is not None
    assert (run.failed.state, events[0]["place"]) == ("P", "workflows/main.asl.json:7")
    assert "GetExecutionHistory" not in cloud.calls


def test_history_is_read_where_nothing_names_the_state(
    cloud: Cloud, started: Run, finisher: FinishContext, events: list[dict[str, Any]]
) -> None:
    run = finish_run(Ending(execution=started.execution, status="FAILED", error="Odd"), finisher)
    assert run is not None
    assert cloud.calls.count("GetExecutionHistory") == 1
    assert events


def test_a_run_without_a_failure_is_not_explained(
    cloud: Cloud, started: Run, finisher: FinishContext, events: list[dict[str, Any]]
) -> None:
    with pytest.raises(NotFound):
        read_explanation(finisher.explainer, TENANT, "none")
    with pytest.raises(Conflict, match="did not fail yet"):
        read_explanation(finisher.explainer, TENANT, started.id)
    run = finish_run(Ending(execution=started.execution, status="SUCCEEDED", output="{}"), finisher)
    assert run is not None and run.status is RunStatus.SUCCEEDED
    with pytest.raises(Conflict, match="succeeded"):
        read_explanation(finisher.explainer, TENANT, started.id)
    assert "Messages" not in client("sqs").receive_message(QueueUrl=finisher.alerts)
    assert [detail["explanation"] for detail in events] == [""]
    again = cloud.runs.find(TENANT, started.id).item.model_copy(update={"id": "other"})
    good = cloud.runs.last_good(again)
    assert good is not None and good.id == started.id
