"""The full history of a run: asked of Step Functions once, a few times a second by all together."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.services.step_functions import event_of
from interlock.aws.tables.runs import run_key
from interlock.aws.tables.table import Key
from interlock.contract.core.failure import Throttled
from interlock.contract.history import HistoryRef
from interlock.contract.run import Run, RunStatus
from interlock.control.inspection.history import run_history
from interlock.control.runs.start import StartContext, start_run
from tests.support.cloud import REGION, TENANT, Cloud, listed, machine
from tests.support.records import installed, message


@pytest.fixture
def run(cloud: Cloud) -> Run:
    listed(cloud)
    starter = StartContext(
        runs=cloud.runs, registry=cloud.registry, bucket=cloud.bucket, artifacts=cloud.bucket, machine_prefix=machine()
    )
    result = start_run(message(installed(cloud)), starter)
    assert result is not None
    return result


def test_a_few_times_a_second(cloud: Cloud) -> None:
    assert [cloud.runs.acquire_rate_slot("history", 1_000, 3) for _ in range(5)] == [True, True, True, False, False]
    assert cloud.runs.acquire_rate_slot("history", 1_001, 3)


def test_fetched_once_when_the_run_is_over(cloud: Cloud, run: Run) -> None:
    early = run_history(cloud.runs, cloud.bucket, TENANT, run.id)
    assert not early.whole
    client("stepfunctions").stop_execution(executionArn=run.execution)
    cloud.runs.change(TENANT, run.id, lambda row: row.model_copy(update={"status": RunStatus.ABORTED}))
    first = run_history(cloud.runs, cloud.bucket, TENANT, run.id)
    assert first.whole
    assert first.key.startswith(f"runs/{TENANT}/{run.id}/")
    before = len(cloud.calls)
    assert run_history(cloud.runs, cloud.bucket, TENANT, run.id) == first
    assert "GetExecutionHistory" not in cloud.calls[before:]


TOKEN = "AAAAKgAAAAIAAAAA-task-token"
PARAMETERS = json.dumps({"FunctionName": "pause", "Payload": {"token": TOKEN, "ssn": "078-05-1120"}})
SCHEDULED = {
    "resourceType": "lambda",
    "resource": "invoke.waitForTaskToken",
    "region": REGION,
    "parameters": PARAMETERS,
}
EVENTS: list[dict[str, Any]] = [
    {"type": "ExecutionStarted", "executionStartedEventDetails": {"input": PARAMETERS, "roleArn": "arn"}},
    {"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "A", "input": PARAMETERS}},
    {"type": "TaskScheduled", "taskScheduledEventDetails": SCHEDULED},
    {"type": "TaskStarted", "taskStartedEventDetails": {"resourceType": "lambda", "resource": "invoke"}},
    {"type": "TaskFailed", "taskFailedEventDetails": {"error": "Broken", "cause": "why", "newField": TOKEN}},
    {"type": "OfTomorrow", "ofTomorrowEventDetails": {"name": "B", "token": TOKEN}, "alsoNew": TOKEN},
]


def test_no_token_and_no_payload_is_kept_of_any_event() -> None:
    events = [event_of(event | {"id": number, "timestamp": 0}) for number, event in enumerate(EVENTS)]
    text = json.dumps(events)
    assert TOKEN not in text and "078-05-1120" not in text and "arn" not in text
    assert [event["type"] for event in events] == [event["type"] for event in EVENTS]
    assert events[1]["stateEnteredEventDetails"] == {"name": "A"}
    assert events[4]["taskFailedEventDetails"] == {"error": "Broken", "cause": "why"}


def test_one_flight(cloud: Cloud, run: Run) -> None:
    key = Key(pk=run_key(TENANT, run.id).pk, sk=f"HISTORY#{run.execution.rsplit(':', 1)[-1]}")
    cloud.runs.table.put(key, HistoryRef(run=run.id, until="2999-01-01T00:00:00.000Z"))
    with pytest.raises(Throttled, match="being read"):
        run_history(cloud.runs, cloud.bucket, TENANT, run.id)
    cloud.runs.table.put(key, HistoryRef(run=run.id, until="2001-01-01T00:00:00.000Z"))
    assert run_history(cloud.runs, cloud.bucket, TENANT, run.id).key
