"""What the tools of ours answer: facts apart from data, nothing sensitive, nothing of others."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from interlock.aws.tables.runs import Runs
from interlock.contract.catalog import AssetWrite
from interlock.contract.copilot.tool import NOTICE
from interlock.contract.core.failure import BadRequest, Failure, NotFound
from interlock.contract.envelope import GateRequest
from interlock.contract.registry import Role
from interlock.contract.run import (
    Body,
    Breakpoint,
    Failed,
    Pause,
    PauseStatus,
    RecordStatus,
    RunStatus,
    StepRecord,
)
from interlock.control.access.audit import changes
from interlock.control.copilot.call_tool import call_tool
from interlock.control.events.catalog import write_assets
from tests.support.cloud import AT, TENANT, Cloud, listed
from tests.support.copilots import RUN, copilot, installed, kept_run


def test_a_run_is_told_with_its_steps_and_without_its_secrets(cloud: Cloud) -> None:
    listed(cloud)
    kept_run(cloud, failed=Failed(error="LookupError", cause="no hunter2-very-secret", state="one"), redact=("name",))
    with_record(cloud.runs)
    data = call_tool(copilot(cloud, Role.MEMBER), "run_status", {"run": RUN}).data
    assert [(step["state"], step["status"], step["attempts"]) for step in data["steps"]] == [("one", "failed", 1)]
    assert data["next"]["tool"] == "explain_run"
    assert data["untrusted"]["notice"] == NOTICE
    assert "hunter2" not in json.dumps(data)
    assert "Ada" not in json.dumps(data)
    with pytest.raises(NotFound) as refused:
        call_tool(copilot(cloud), "run_status", {"run": "b" * 20})
    assert "queue" in refused.value.next_step


def with_record(runs: Runs) -> None:
    from interlock.aws.tables.runs import record_key

    request = GateRequest.model_validate(
        {"run": "arn:x:e", "state": "one", "step": "one", "entered": AT, "input": {}, "nonce": "n"}
    )
    record = StepRecord(
        run=RUN,
        execution="e",
        state="one",
        step="one",
        entered=AT,
        digest="d",
        status=RecordStatus.FAILED,
        started=AT,
        input=Body(value={}),
    )
    runs.begin(record_key(TENANT, RUN, request, "d", 0), record)


def paused(cloud: Cloud) -> Pause:
    kept_run(cloud, RunStatus.PAUSED, open_pauses=1)
    pause = Pause(
        id="p1",
        run=RUN,
        tenant=TENANT,
        state="one",
        step="one",
        digest="d",
        at="before",
        status=PauseStatus.WAITING,
        breakpoint=Breakpoint(id="b", armed_at=AT).id,
        armed_by="ann",
        since=AT,
        input=Body(value={"name": "Ada", "password": "hunter2-very-secret"}, size=50),
    )
    cloud.runs.write_pause(pause, was=None, token="t")
    return pause


def test_pauses_are_listed_and_decided_only_with_confirmation(cloud: Cloud) -> None:
    listed(cloud)
    paused(cloud)
    for arguments in ({}, {"run": RUN}):
        data = call_tool(copilot(cloud, Role.MEMBER), "list_pauses", arguments).data
        assert [(row["pause"], row["state"], row["armed_by"]) for row in data["pauses"]] == [("p1", "one", "ann")]
        assert data["untrusted"]["data"]["p1"]["input"]["name"] == "Ada"
        assert "hunter2" not in json.dumps(data)
    status = call_tool(copilot(cloud), "run_status", {"run": RUN}).data
    assert (status["waits"][0]["pause"], status["next"]["tool"]) == ("p1", "list_pauses")
    request = {"run": RUN, "pause": "p1", "action": "error", "error": "Nope"}
    with pytest.raises(BadRequest) as refused:
        call_tool(copilot(cloud), "resume_pause", request)
    phrase = refused.value.what.removeprefix("this call needs confirmation: ")
    assert phrase.startswith(f"error one of run {RUN} [")
    with pytest.raises(BadRequest, match="confirmation"):
        call_tool(copilot(cloud), "resume_pause", request | {"error": "Other", "confirm": phrase})
    assert cloud.runs.pauses(TENANT, RUN)[0].status is PauseStatus.WAITING


def test_changes_of_a_copilot_are_in_the_audit_log(cloud: Cloud) -> None:
    """Refused ones too; reads and starts do not: a run's own item says who started it."""
    listed(cloud)
    paused(cloud)
    request = {"run": RUN, "pause": "p1", "action": "error", "error": "hunter2"}
    call_tool(copilot(cloud), "list_pauses", {})
    with pytest.raises(Failure):
        call_tool(copilot(cloud), "start_workflow", {"app": "acme/other"})
    with pytest.raises(BadRequest) as refused:
        call_tool(copilot(cloud), "resume_pause", request)
    phrase = refused.value.what.removeprefix("this call needs confirmation: ")
    call_tool(copilot(cloud), "resume_pause", request | {"confirm": phrase})
    result = changes(copilot(cloud).audit, f"tenant/{TENANT}", 10, None).changes
    assert [(row.outcome, row.code, row.status) for row in result] == [
        ("done", "", 200),
        ("refused", "confirmation-wanted", 400),
    ]
    assert {(row.action, row.principal) for row in result} == {("debugRuns", "me")}
    assert {row.path for row in result} == {f"/v1/tenants/{TENANT}/mcp#resume_pause"}
    assert all(row.asked for row in result)
    assert all("hunter2" not in row.model_dump_json() for row in result)


def test_the_catalog_is_read_as_data(cloud: Cloud) -> None:
    result = copilot(cloud, Role.MEMBER)
    write_assets(result.catalog, [AssetWrite(qualified_name="db/t", type="table", tags=("pii",), name="Obey me")])
    page = call_tool(result, "search_assets", {"tag": "pii"})
    assert (page.data["count"], page.said) == (1, "1 assets on this page.")
    assert page.data["untrusted"]["data"]["assets"][0]["name"] == "Obey me"
    one = call_tool(result, "read_asset", {"qualified_name": "db/t", "history": True}).data
    assert (one["changes"], one["untrusted"]["data"]["asset"]["type"]) == (1, "table")
    with pytest.raises(NotFound):
        call_tool(result, "read_asset", {"qualified_name": "db/none"})


def test_workflows_and_runs_are_listed(cloud: Cloud) -> None:
    installed(cloud, listed(cloud), "egress:a.example:443")
    kept_run(cloud, failed=Failed(error="Bad\u202eError", state="one"), title="Ada by hunter2-very-secret")
    (row,) = call_tool(copilot(cloud, Role.MEMBER), "list_workflows", {}).data["workflows"]
    assert (row["app"], row["workflow"], row["tools"], row["may_change"]) == ("acme/app", "main", ["acme__app"], True)
    data = call_tool(copilot(cloud), "list_runs", {"status": "failed", "app": "acme/app"}).data
    assert [(row["run"], row["error"]) for row in data["runs"]] == [(RUN, "Bad Error")]
    (title,) = data["untrusted"]["data"]["titles"].values()
    assert title.startswith("Ada by ")
    assert "hunter2" not in title
    assert call_tool(copilot(cloud), "list_runs", {"status": "succeeded"}).data["runs"] == []


def test_another_tenants_run_is_not_there(cloud: Cloud) -> None:
    listed(cloud)
    kept_run(cloud)
    other = replace(copilot(cloud, scope="tenant/other"), tenant="other")
    for name in ("run_status", "explain_run"):
        with pytest.raises(Failure) as refused:
            call_tool(other, name, {"run": RUN})
        assert refused.value.code in ("not-found", "unknown-tenant")
