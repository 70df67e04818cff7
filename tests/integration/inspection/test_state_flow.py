"""What each state of a run did with its data, from the stores: stages, pages, bounds, and nothing sensitive."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.bodies import Bodies
from interlock.contract.core import limits, names
from interlock.contract.core.failure import BadRequest, NotFound, TooLarge, Unavailable
from interlock.contract.core.page import PageRequest
from interlock.contract.payload import digest
from interlock.contract.registry import Tenant
from interlock.contract.run import Body, Run, RunStatus
from interlock.contract.state_flow import StateFlowPage
from interlock.control.inspection import state_flow
from interlock.control.inspection.recorded_step import RecordedStepContext
from tests.support.cloud import TENANT, Cloud, listed
from tests.support.records import a_run, installed, put, record

SHAPED: dict[str, Any] = {
    "StartAt": "one",
    "States": {
        "one": {
            "Type": "Task",
            "Resource": "${one}",
            "InputPath": "$.order",
            "ResultSelector": {"total.$": "$.total"},
            "ResultPath": "$.sum",
            "Next": "Pick",
        },
        "Pick": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.sum.total", "NumericGreaterThan": 5, "Next": "Large"}],
            "Default": "Small",
        },
        "Large": {"Type": "Pass", "Result": "large", "End": True},
        "Small": {"Type": "Pass", "End": True},
    },
}
EACH: dict[str, Any] = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "Copy", "States": {"Copy": {"Type": "Pass", "End": True}}},
            "End": True,
        }
    },
}


def jsonata(expression: str) -> dict[str, Any]:
    state = {"Type": "Pass", "Output": f"{{% {expression} %}}", "End": True}
    return {"QueryLanguage": "JSONata", "StartAt": "Try", "States": {"Try": state}}


def body(value: Any) -> Body:
    return Body(value=value, size=len(json.dumps(value)), digest=digest(value))


def stored(cloud: Cloud, definition: dict[str, Any], value: Any, **fields: Any) -> Run:
    """A run of a workflow, and where it is `SHAPED` the record of its step."""
    listed(cloud)
    run = a_run(installed(cloud), status=RunStatus.SUCCEEDED, input=body(value), **fields)
    cloud.runs.create(run)
    version = cloud.registry.version(run.app, run.version).item
    key = names.artifact_prefix(run.app, run.version, version.digest) + names.source_file(run.workflow)
    client("s3").put_object(Bucket=cloud.bucket, Key=key, Body=json.dumps(definition).encode())
    if definition is SHAPED:
        order = value["order"]
        answer = {"total": 7, "note": order.get("mail", "")}
        put(cloud, record(run, input=body(order), digest=digest(order), output=body(answer)))
    return run


def show(cloud: Cloud, run: str = "r0", state: str = "", limit: int = 0, cursor: str | None = None) -> StateFlowPage:
    context = RecordedStepContext(registry=cloud.registry, runs=cloud.runs, artifacts=cloud.bucket)
    return state_flow.list_flows(context, cloud.bucket, (TENANT, run), state, PageRequest(limit, cursor))


ORDER = {"order": {"id": 4}, "by": "pat"}


def test_a_step_shows_each_stage_of_its_data(cloud: Cloud) -> None:
    stored(cloud, SHAPED, ORDER)
    (flow,) = show(cloud, state="one").flows
    assert (flow.input, flow.output) == (ORDER, {**ORDER, "sum": {"total": 7}})
    assert [(stage.name, stage.value) for stage in flow.stages] == [
        ("InputPath", {"id": 4}),
        ("Result", {"total": 7, "note": ""}),
        ("ResultSelector", {"total": 7}),
        ("ResultPath", {**ORDER, "sum": {"total": 7}}),
    ]
    (outline,) = cloud.runs.outlines(TENANT, "r0", None)
    assert json.loads(outline[1])["digest"] == flow.digest
    assert json.loads(outline[1])["entered"] == flow.entered


def test_states_without_records_are_there_too(cloud: Cloud) -> None:
    stored(cloud, SHAPED, ORDER)
    flows = show(cloud).flows
    assert [(flow.state, flow.type, flow.next) for flow in flows] == [
        ("one", "Task", "Pick"), ("Pick", "Choice", "Large"), ("Large", "Pass", ""),
    ]  # fmt: skip
    assert (flows[1].rule, flows[2].output) == (0, "large")
    assert show(cloud, state="Small").flows == ()


def test_bodies_that_are_stored_apart_are_read(cloud: Cloud) -> None:
    order = {"id": 4, "text": "x" * (limits.INLINE_BODY_BYTES + 1)}
    run = stored(cloud, SHAPED, {"order": order})
    bodies = Bodies(cloud.bucket, TENANT, run.id)
    answer = bodies.keep({"total": 3, "text": order["text"]})
    put(cloud, record(run, input=bodies.keep(order), digest=digest(order), output=answer))
    flows = show(cloud).flows
    assert (flows[0].exact, flows[0].stages[2].value, flows[-1].state) == (True, {"total": 3}, "Small")


def test_items_come_page_by_page_and_one_by_name(cloud: Cloud) -> None:
    stored(cloud, EACH, list(range(7)))
    assert [flow.items for flow in show(cloud, state="Each").flows] == [7]
    seen: list[object] = []
    cursor = None
    for size in (3, 3, 1):
        page = show(cloud, state="Copy", limit=3, cursor=cursor)
        assert len(page.flows) == size
        seen += [flow.input for flow in page.flows]
        cursor = page.cursor
    assert (seen, cursor) == (list(range(7)), None)
    (item,) = show(cloud, state="Copy[4]").flows
    assert (item.path, item.output) == (("Each", "[4]", "Copy"), 4)


def test_a_page_ends_where_it_is_full(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(cloud, EACH, ["x" * 500] * 5)
    monkeypatch.setattr(limits, "FLOW_PAGE_BYTES", 2 * (state_flow.FRAME_BYTES + 1_004))
    page = show(cloud, state="Copy")
    assert (len(page.flows), page.cursor) == (2, "2")


def test_a_value_above_the_limit_is_left_out_with_its_size(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FLOW_VALUE_BYTES", 20)
    stored(cloud, SHAPED, ORDER)
    (flow,) = show(cloud, state="one").flows
    whole = {**ORDER, "sum": {"total": 7}}
    assert (flow.input, flow.output) == (None, None)
    assert flow.large == {
        "input": len(json.dumps(ORDER)),
        "Result": len(json.dumps({"total": 7, "note": ""})),
        "ResultPath": len(json.dumps(whole)),
        "output": len(json.dumps(whole)),
    }
    assert {stage.name: stage.value for stage in flow.stages} == {
        "InputPath": {"id": 4}, "Result": None, "ResultSelector": {"total": 7}, "ResultPath": None,
    }  # fmt: skip


@pytest.mark.parametrize("rule", ["of the run", "of the tenant", "of the type"])
def test_what_is_sensitive_is_redacted_in_every_stage(cloud: Cloud, rule: str) -> None:
    value = {"order": {"mail": "pat@example.com"}, "copy": "to pat@example.com", "password": "hunter2-hunter2"}
    run = stored(cloud, SHAPED, value, redact=("mail",) if rule == "of the run" else ())
    if rule == "of the tenant":

        def with_rule(tenant: Tenant) -> Tenant:
            return tenant.model_copy(update={"redact": ("order.mail",)})

        cloud.registry.change_tenant(TENANT, with_rule)
    if rule == "of the type":
        order = value["order"]
        typed = record(
            run, input=body(order), digest=digest(order), output=body({"total": 1}), sensitive=("/input/mail",)
        )
        put(cloud, typed)
    page = show(cloud)
    assert "pat@example.com" not in page.model_dump_json()
    assert "hunter2" not in page.model_dump_json()
    assert page.flows[0].stages[0].value == {"mail": "[redacted]"}
    assert page.flows[0].input["copy"] == "to [redacted]"


@pytest.mark.parametrize(
    "expression",
    [
        "$count([1..3000].([1..3000]))",
        "$reduce([1..40], function($a, $b){$a & $a}, 'aaaaaaaaaa')",
    ],
    ids=["time", "memory"],
)
def test_what_takes_too_much_is_refused_by_name(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, expression: str) -> None:
    monkeypatch.setattr(limits, "FLOW_SECONDS", 0.3)
    stored(cloud, jsonata(expression), {})
    with pytest.raises(TooLarge) as refused:
        show(cloud)
    assert (refused.value.code, refused.value.where) == ("flow-too-costly", "r0")


def test_a_busy_machine_is_asked_again(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FLOW_WALL_SECONDS", 0.0)
    stored(cloud, SHAPED, ORDER)
    with pytest.raises(Unavailable):
        show(cloud)


@pytest.mark.parametrize(("limit", "most"), [("FLOW_READ_BYTES", 10), ("FLOW_READ_BODIES", 0)])
def test_more_data_than_is_read_is_refused(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    run = stored(cloud, SHAPED, ORDER)
    answer = Bodies(cloud.bucket, TENANT, run.id).keep({"total": 1}, at_most=0)
    put(cloud, record(run, input=body(ORDER["order"]), digest=digest(ORDER["order"]), output=answer))
    assert show(cloud).cursor is None
    monkeypatch.setattr(limits, limit, most)
    with pytest.raises(TooLarge) as refused:
        show(cloud)
    assert refused.value.code == "flow-too-large"


def test_a_wrong_cursor_and_another_tenants_run_are_refused(cloud: Cloud) -> None:
    run = stored(cloud, SHAPED, ORDER)
    with pytest.raises(BadRequest):
        show(cloud, cursor="first")
    cloud.runs.create(a_run(run.install, 3, tenant="globex"))
    with pytest.raises(NotFound):
        show(cloud, "r3")
