"""The graph of a run from the stores: definition, outlines, pauses, and the history where it is stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.bodies import Bodies
from interlock.contract.core import limits, names
from interlock.contract.core.failure import NotFound
from interlock.contract.history import HistoryRef
from interlock.contract.payload import digest
from interlock.contract.run import RecordStatus, Run, RunStatus
from interlock.contract.run_graph import ItemCounts, RunGraph
from interlock.control.inspection import graph, history
from interlock.control.inspection.recorded_step import RecordedStepContext
from tests.support.cloud import TENANT, Cloud, listed
from tests.support.records import a_run, installed, put, record

DEFINITION: dict[str, Any] = {
    "StartAt": "one",
    "States": {
        "one": {"Type": "Task", "Resource": "${one}", "Next": "Pick"},
        "Pick": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "Left"}],
            "Default": "Right",
        },
        "Left": {"Type": "Pass", "Next": "two"},
        "Right": {"Type": "Pass", "Next": "two"},
        "two": {"Type": "Task", "Resource": "${two}", "End": True},
    },
}
LATER = "2026-01-01T00:00:09.000Z"


def stored(cloud: Cloud, status: RunStatus = RunStatus.SUCCEEDED, definition: Any = DEFINITION) -> Run:
    listed(cloud)
    run = a_run(installed(cloud), status=status)
    cloud.runs.create(run)
    version = cloud.registry.version(run.app, run.version).item
    key = names.artifact_prefix(run.app, run.version, version.digest) + names.source_file(run.workflow)
    client("s3").put_object(Bucket=cloud.bucket, Key=key, Body=json.dumps(definition).encode())
    put(cloud, record(run, state="one"))
    return run


def show(cloud: Cloud, run: str) -> RunGraph:
    context = RecordedStepContext(registry=cloud.registry, runs=cloud.runs, artifacts=cloud.bucket)
    return graph.show_graph(context, cloud.bucket, TENANT, run)


def statuses(shown: RunGraph) -> dict[str, str]:
    return {row.name: row.status.value for row in shown.states}


def test_a_graph_in_flight_is_made_of_records(cloud: Cloud) -> None:
    run = stored(cloud, RunStatus.RUNNING)
    put(cloud, record(run, state="two", entered=LATER, started=LATER, status=RecordStatus.STARTED))
    shown = show(cloud, run.id)
    assert (shown.source, shown.status) == ("records", "running")
    assert statuses(shown) == {
        "one": "succeeded", "Pick": "succeeded", "Left": "unknown", "Right": "unknown", "two": "running",
    }  # fmt: skip
    assert "GetExecutionHistory" not in cloud.calls


EACH: dict[str, Any] = {
    "StartAt": "one",
    "States": {
        "one": {"Type": "Task", "Resource": "${one}", "Next": "Each"},
        "Each": {
            "Type": "Map",
            "ItemProcessor": {
                "StartAt": "two",
                "States": {"two": {"Type": "Task", "Resource": "${two}", "End": True}},
            },
            "End": True,
        },
    },
}


def each_of(cloud: Cloud, run: Run) -> ItemCounts | None:
    return next(row.items for row in show(cloud, run.id).states if row.name == "Each")


def in_a_map(cloud: Cloud) -> Run:
    """A run that is in a Map of 300 items, of which three have records; what gave them is stored apart."""
    run = stored(cloud, RunStatus.RUNNING, EACH)
    rows = Bodies(cloud.bucket, TENANT, run.id).keep([{"row": "x" * 60}] * 300)
    assert rows.key
    put(cloud, record(run, state="one", digest=digest(None), output=rows))
    for number in range(3):
        fields = {"index": number, "entered": f"2026-01-01T00:00:0{number + 2}.000Z", "started": LATER}
        put(cloud, record(run, state="two", **fields))
    return run


def test_a_map_in_flight_has_its_total(cloud: Cloud) -> None:
    run = in_a_map(cloud)
    assert each_of(cloud, run) == ItemCounts(total=300, begun=3, ended=3)
    assert "GetExecutionHistory" not in cloud.calls


@pytest.mark.parametrize(
    ("limit", "most"), [("FLOW_TOTAL_RECORDS", 0), ("FLOW_TOTAL_READ_BYTES", 5), ("FLOW_TOTAL_WALL_SECONDS", 0.0)]
)
def test_a_total_that_costs_too_much_is_absent(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, limit: str, most: float
) -> None:
    run = in_a_map(cloud)
    monkeypatch.setattr(limits, limit, most)
    assert each_of(cloud, run) == ItemCounts(total=None, begun=3, ended=3)


def event(number: int, kind: str, name: str) -> dict[str, Any]:
    which = "stateEnteredEventDetails" if kind.endswith("Entered") else "stateExitedEventDetails"
    row = {"id": number, "previousEventId": number - 1, "type": kind, "timestamp": LATER}
    return row | ({which: {"name": name}} if name else {})


HISTORY = [
    event(number, kind, name)
    for number, (kind, name) in enumerate(
        [
            ("ExecutionStarted", ""), ("TaskStateEntered", "one"), ("TaskStateExited", "one"),
            ("ChoiceStateEntered", "Pick"), ("ChoiceStateExited", "Pick"), ("PassStateEntered", "Right"),
            ("PassStateExited", "Right"), ("TaskStateEntered", "two"), ("TaskStateExited", "two"),
            ("ExecutionSucceeded", ""),
        ],
        start=1,
    )
]  # fmt: skip


def keep_history(cloud: Cloud, run: Run) -> None:
    body = Bodies(cloud.bucket, TENANT, run.id).keep(HISTORY, at_most=0)
    cloud.runs.table.put(history.history_key(run), HistoryRef(run=run.id, key=body.key, events=len(HISTORY)))


def test_a_stored_history_tells_which_way_the_run_went(cloud: Cloud) -> None:
    run = stored(cloud)
    put(cloud, record(run, state="two", entered=LATER, started=LATER))
    assert show(cloud, run.id).source == "records"
    keep_history(cloud, run)
    shown = show(cloud, run.id)
    assert shown.source == "history"
    assert statuses(shown) == {
        "one": "succeeded", "Pick": "succeeded", "Left": "skipped", "Right": "succeeded", "two": "succeeded",
    }  # fmt: skip
    taken = {f"{row.source}>{row.target}": row.taken for row in shown.edges}
    assert (taken["Pick>Left"], taken["Pick>Right"], taken["Right>two"]) == (False, True, True)


def test_a_history_that_is_long_or_gone_is_left_out(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    run = stored(cloud)
    keep_history(cloud, run)
    monkeypatch.setattr(graph, "MAX_EVENTS", 9)
    assert show(cloud, run.id).source == "records"
    monkeypatch.setattr(graph, "MAX_EVENTS", 10)
    client("s3").delete_object(Bucket=cloud.bucket, Key=str(stored_key(cloud, run)))
    assert show(cloud, run.id).source == "records"


def stored_key(cloud: Cloud, run: Run) -> str:
    ref = history.stored_history(cloud.runs, run)
    assert ref is not None
    return ref.key


def test_a_run_that_is_not_there_has_no_graph(cloud: Cloud) -> None:
    listed(cloud)
    with pytest.raises(NotFound):
        show(cloud, "nothing")


def test_a_version_without_its_definition_has_no_graph(cloud: Cloud) -> None:
    listed(cloud)
    run = a_run(installed(cloud))
    cloud.runs.create(run)
    with pytest.raises(NotFound) as refused:
        show(cloud, run.id)
    assert refused.value.code == "no-definition"
