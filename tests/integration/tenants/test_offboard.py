"""Offboarding ends however much there is, and its receipt counts each thing that went once, wherever a task was cut."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from functions.lifecycle import handler as lifecycle
from functions.tasks import RESERVE_MS
from interlock.aws.clients import client
from interlock.aws.services.objects import PAGE
from interlock.aws.tables.runs import run_key
from interlock.aws.tables.table import WRITES_PER_CALL, Key
from interlock.contract.core import limits
from interlock.contract.core.base import Document
from interlock.contract.deletion import Counts
from interlock.control.installs.erasing import ITEMS_PER_BATCH, RUNS_PER_BATCH
from interlock.control.installs.uninstall import next_look
from interlock.control.tenants.offboard import request_offboard
from tests.support.cloud import ACCOUNT, REGION, TENANT, Cloud
from tests.support.crashes import Killed, listening
from tests.support.runs import run
from tests.support.sagas import MACHINES, walk

RUNS, RECORDS = 130, 3
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:interlock-offboard"
OBJECTS = Counts(objects=3, versions=4, markers=1)
"""What `world` writes: a key that was written three times, one twice and deleted, two once."""


class OneBatch:
    """A Lambda function whose time is over after so many batches."""

    def __init__(self, batches: int = 1) -> None:
        self.left = batches

    def get_remaining_time_in_millis(self) -> int:
        self.left -= 1
        return RESERVE_MS + 1 if self.left >= 0 else 0


@pytest.fixture
def world(cloud: Cloud) -> Cloud:
    """A tenant with runs, and objects that were overwritten and deleted; and another tenant's."""
    for number in range(RUNS):
        one = run(f"r{number:04d}", status="running", started=f"2026-01-01T00:00:00.{number:03d}Z")
        cloud.runs.create(one)
        for step in range(RECORDS):
            cloud.runs.table.put(Key(pk=run_key(TENANT, one.id).pk, sk=f"STEP#v{step}#0000"), Document())
    cloud.runs.create(run("other", tenant="globex", status="running"))
    s3 = client("s3")
    s3.put_bucket_versioning(Bucket=cloud.bucket, VersioningConfiguration={"Status": "Enabled"})
    writes = {"tenants/acme/a": 3, "tenants/acme/b": 2, "runs/acme/r/c": 1, "runs/acme/r/d": 1, "tenants/globex/a": 1}
    for key, times in writes.items():
        for _ in range(times):
            s3.put_object(Bucket=cloud.bucket, Key=key, Body=b"x")
    s3.delete_object(Bucket=cloud.bucket, Key="tenants/acme/b")
    return cloud


def left_of(cloud: Cloud, tenant: str) -> tuple[int, int]:
    """How many items of runs there are, and how many versions of objects."""
    items = client("dynamodb").scan(TableName="runs")["Items"]
    listed = [
        client("s3").list_object_versions(Bucket=cloud.bucket, Prefix=f"{top}/{tenant}/") for top in ("runs", "tenants")
    ]
    versions = sum(len(page.get(kind, ())) for page in listed for kind in ("Versions", "DeleteMarkers"))
    return sum(item["pk"]["S"].startswith(f"RUN#{tenant}#") for item in items), versions


def started() -> list[tuple[str, dict[str, Any]]]:
    """The executions of the workflow that were started: name and input, the oldest first."""
    rows = client("stepfunctions").list_executions(stateMachineArn=MACHINE)["executions"]
    ordered = sorted(rows, key=lambda row: int(row["name"].partition("-again-")[2] or 0))
    describe = client("stepfunctions").describe_execution
    return [(row["name"], json.loads(describe(executionArn=row["executionArn"])["input"])) for row in ordered]


def bounded(pages: int) -> dict[str, Any]:
    """The workflow, with another bound for the pages of one execution."""
    text = (MACHINES / "offboard.asl.json").read_text()
    assert text.count('"NumericGreaterThanEquals": 1000') == 1
    return json.loads(text.replace('"NumericGreaterThanEquals": 1000', f'"NumericGreaterThanEquals": {pages}'))


def test_a_workflow_starts_itself_anew_until_nothing_is_left(world: Cloud) -> None:
    request_offboard(world.life, TENANT)
    contexts: list[OneBatch] = []

    def function(event: dict[str, Any], _context: Any) -> Any:
        contexts.append(OneBatch())
        return lifecycle.handler(event, contexts[-1])

    executions = 0
    while executions < len(started()):
        name, value = started()[executions]
        walk("offboard", value, {"Function": function}, execution=name, machine=bounded(3))
        executions += 1
    assert executions >= 3 and [name.partition("-again-")[2] for name, _ in started()][:3] == ["", "1", "2"]
    assert left_of(world, TENANT) == (0, 0) and left_of(world, "globex") == (1, 1)
    tenant = world.registry.tenant(TENANT)
    assert tenant.status == "offboarded" and tenant.receipt is not None
    assert tenant.receipt.deleted == OBJECTS.model_copy(update={"runs": RUNS, "records": RUNS * (RECORDS + 1)})


def test_a_task_works_in_one_call_as_long_as_it_has_time(world: Cloud) -> None:
    assert lifecycle.handler({"task": "erase_tenant", "tenant": TENANT}, OneBatch(1_000)) == {"done": True}
    assert left_of(world, TENANT) == (0, 0)


def test_a_receipt_counts_once_wherever_a_task_was_cut(world: Cloud) -> None:
    """It is killed before each of its calls in turn, with what the tries before it left."""
    at = 0
    while True:
        at += 1
        with listening() as killer:
            killer.at = at
            try:
                lifecycle.handler({"task": "erase_tenant", "tenant": TENANT}, None)
            except Killed:
                continue
            break
    receipt = world.registry.tenant(TENANT).receipt
    assert at > 10 and left_of(world, TENANT) == (0, 0) and receipt is not None
    assert receipt.deleted == OBJECTS.model_copy(update={"runs": RUNS, "records": RUNS * (RECORDS + 1)})


def test_a_key_with_more_versions_than_a_page_goes(world: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interlock.aws.services.objects.PAGE", 2)
    assert lifecycle.handler({"task": "erase_tenant", "tenant": TENANT}, None) == {"done": True}
    receipt = world.registry.tenant(TENANT).receipt
    assert left_of(world, TENANT) == (0, 0) and receipt is not None
    counts = receipt.deleted
    assert counts.objects + counts.versions + counts.markers == 8


def test_the_next_execution_is_started_once(world: Cloud) -> None:
    event = {"task": "begin_anew", "machine": MACHINE, "execution": "acme-1-again-9", "input": {"tenant": TENANT}}
    assert lifecycle.handler(event, None) == lifecycle.handler(event, None) == {"execution": "acme-1-again-10"}
    assert started() == [("acme-1-again-10", {"tenant": TENANT})]


EVENTS = {"Task": 5, "Choice": 2, "Pass": 2, "Wait": 2, "Succeed": 2}
"""Of a Standard workflow's history: entered and exited, and for a Lambda task scheduled, started and succeeded too.
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-standard-vs-express.html counts none; these are the names
of https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html."""


@pytest.mark.parametrize(("name", "seconds"), [("offboard", 2_592_000), ("uninstall", 259_200)])
def test_no_execution_comes_near_the_limit_of_its_history(name: str, seconds: int) -> None:
    states = json.loads((MACHINES / f"{name}.asl.json").read_text())["States"]
    rules = states["Is anything left"]["Choices"]
    pages = next(row["NumericGreaterThanEquals"] for row in rules if "NumericGreaterThanEquals" in row)
    loop = ("Erase", "Is anything left", "Next page")
    a_page = sum(EVENTS[states[state]["Type"]] for state in loop)
    once = sum(EVENTS[state["Type"]] for state in states.values())
    waited = _looks(seconds) * (EVENTS["Task"] + EVENTS["Choice"] + EVENTS["Wait"])
    assert (a_page, pages) == (9, 1_000)
    assert pages * a_page + once + waited < 20_000


def _looks(seconds: int) -> int:
    """How often a workflow that waits for so long looks."""
    waited, number = 0, 0
    while waited < seconds:
        waited += next_look(timedelta(seconds=waited), 1)
        number += 1
    return number


def test_a_million_runs_are_few_pages() -> None:
    """Of 40 items and 10 objects each, if every call took as long as 100 ms, and one of a page of objects 2 s."""
    runs, items, objects = 1_000_000, 40, 10
    per_batch = min(RUNS_PER_BATCH, ITEMS_PER_BATCH // items)
    # The index; the receipt is read and written; each run's keys are read; then they are deleted.
    calls = 3 + per_batch + per_batch * items / WRITES_PER_CALL
    seconds = runs / per_batch * calls * 0.1 + runs * objects / PAGE * 2 * 2.0
    pages = seconds / (limits.LIFECYCLE_SECONDS - RESERVE_MS / 1000)
    assert pages < 1_500 and pages * 9 < 20_000
