"""Histories of the corrected engine read into graphs as those of AWS do."""

from typing import Any

from interlock.debugger.graph import Kind, build, flatten
from interlock.debugger.timeline import timeline
from tests.support.engine_cloud import Cloud


def task(function: str, **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": function, "End": True} | more


def scope(**states: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def test_branches_items_and_attempts(cloud: Cloud) -> None:
    function = cloud.function()
    retry = [{"ErrorEquals": ["Boom"], "MaxAttempts": 1, "IntervalSeconds": 1}]
    caught = [{"ErrorEquals": ["States.ALL"], "Next": "Fallback"}]
    each = {"Type": "Map", "ItemsPath": "$.rows", "ItemProcessor": scope(Look=task(function)), "End": True}
    fails = task(function, Parameters={"do": "raise"}, Retry=retry, Catch=caught)
    branches = [scope(Each=each), scope(Fails=fails, Fallback={"Type": "Pass", "End": True})]
    both = {"Type": "Parallel", "Branches": branches, "Next": "Done"}
    execution = cloud.start(scope(Both=both, Done={"Type": "Succeed"}), {"rows": [1, 2, 3]})
    assert cloud.ended(execution)["status"] == "SUCCEEDED"
    pages = cloud.client("stepfunctions").get_paginator("get_execution_history")
    events = [event for page in pages.paginate(executionArn=execution) for event in page["events"]]
    root = build(events)
    assert flatten(root) == events
    assert [child.name for child in root.children] == ["Both", "Done"]
    assert [child.kind for child in root.children[0].children] == [Kind.BRANCH, Kind.BRANCH]
    paths = sorted("/".join(row.path) for row in timeline(root) if row.state == "Look")
    assert len(paths) == 3 and len(set(paths)) == 3
    assert {path.split("/")[3] for path in paths} == {"[0]", "[1]", "[2]"}
    rows = [(row.attempt, row.status) for row in timeline(root) if row.state == "Fails"]
    assert rows == [(0, "failed"), (1, "failed")]
    assert [row.status for row in timeline(root) if row.state in ("Both", "Fallback", "Done")] == ["succeeded"] * 3
