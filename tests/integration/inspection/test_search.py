"""Runs are found by what is known of them, by the narrowest index, page by page; failures are counted once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.caused_runs import CausedRuns
from interlock.aws.tables.failure_groups import group_update, read_group
from interlock.aws.tables.table import Stored
from interlock.aws.tables.usage import UsageRecords
from interlock.contract.core import limits
from interlock.contract.core.base import now
from interlock.contract.core.failure import BadRequest, Conflict
from interlock.contract.core.page import PageRequest
from interlock.contract.envelope import Trigger
from interlock.contract.explain import FailureGroup
from interlock.contract.run import Failed, Fork, Run, RunStatus
from interlock.contract.search import RunFilter
from interlock.control.inspection import search as search
from interlock.control.inspection.search import list_failures, read_filter, search_runs
from tests.support.api import caller
from tests.support.cloud import TENANT, Cloud

THIRD = "2026-01-01T00:00:03.000Z"


def run(number: int, **fields: Any) -> Run:
    base: dict[str, Any] = {
        "id": f"r{number}", "tenant": TENANT, "install": "i", "app": "acme/app", "version": "1.0.0", "workflow": "main",
        "trigger": {"kind": "api", "name": "api", "id": "x"}, "status": "succeeded", "execution": "e",
        "started": f"2026-01-01T00:00:{number:02}.000Z", "ended": f"2026-01-01T00:01:{number:02}.000Z",
        "input": {"value": {"n": number, "customer": {"id": f"c{number}"}}},
    }  # fmt: skip
    return Run.model_validate(base | fields)


@pytest.fixture
def rows(cloud: Cloud) -> list[Run]:
    broken = {"status": "failed", "fingerprint": "f1", "failed": Failed(error="States.Timeout", state="Load")}
    large = Bodies(cloud.bucket, TENANT, "r6").keep({"n": 6, "x": "x" * limits.INLINE_BODY_BYTES})
    subject = [
        run(1),
        run(2, **broken),
        run(3, **broken | {"fingerprint": "f2", "failed": Failed(error="KeyError", state="Save")}, version="2.0.0"),
        run(4, tags=("nightly",), app="acme/other", ended="2026-01-01T01:00:00.000Z"),
        run(5, status="running", ended=None, workflow="side"),
        run(6, input=large, **broken),
    ]
    for one in subject:
        cloud.runs.create(one)
    return subject


def found(cloud: Cloud, **fields: Any) -> list[str]:
    page = search_runs(cloud.runs, cloud.bucket, TENANT, RunFilter.model_validate(fields))
    assert page.cursor is None
    return [one.id for one in page.runs]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["r6", "r5", "r4", "r3", "r2", "r1"]),
        ({"app": "acme/other"}, ["r4"]),
        ({"version": "2.0.0"}, ["r3"]),
        ({"workflow": "side"}, ["r5"]),
        ({"status": "failed"}, ["r6", "r3", "r2"]),
        ({"status": "failed", "app": "acme/app", "workflow": "main", "since": THIRD}, ["r6", "r3"]),
        ({"state": "Save"}, ["r3"]),
        ({"error": "Timeout"}, ["r6", "r2"]),
        ({"error": "States.Timeout", "state": "Load"}, ["r6", "r2"]),
        ({"fingerprint": "f1"}, ["r6", "r2"]),
        ({"tag": "nightly"}, ["r4"]),
        ({"since": "2026-01-01T00:00:02.000Z", "until": "2026-01-01T00:00:04.000Z"}, ["r4", "r3", "r2"]),
        ({"longer_s": 61, "status": "succeeded"}, ["r4"]),
        ({"shorter_s": 61, "status": "succeeded"}, ["r1"]),
        ({"field": "customer.id", "value": "c3"}, ["r3"]),
        ({"field": "n", "value": 6}, ["r6"]),
        ({"field": "n", "value": "6"}, ["r6"]),
        ({"field": "n", "value": True}, []),
        ({"field": "customer", "value": {"id": "c3"}}, ["r3"]),
        ({"field": "absent", "value": 1}, []),
    ],
)  # fmt: skip
def test_every_filter(cloud: Cloud, rows: list[Run], fields: dict[str, Any], expected: list[str]) -> None:
    assert rows
    assert found(cloud, **fields) == expected


def test_pages_end_where_they_say_and_lose_nothing(
    cloud: Cloud, rows: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "READ_PAGE", 2)
    monkeypatch.setattr(search, "MAX_READ", 3)
    for fields in ({}, {"status": "failed"}, {"tag": "nightly"}, {"fingerprint": "f1"}):
        wanted = RunFilter.model_validate(fields)
        whole = [one.id for one in rows[::-1] if search.Criteria(cloud.runs, cloud.bucket, wanted).passes(one)]
        seen: list[str] = []
        cursor: str | None = None
        for _ in range(20):
            page = search_runs(cloud.runs, cloud.bucket, TENANT, wanted, PageRequest(1, cursor))
            assert page.read <= 3
            seen += [one.id for one in page.runs]
            cursor = page.cursor
            if cursor is None:
                break
        assert seen == whole


def test_a_cursor_of_another_list_is_refused(cloud: Cloud, rows: list[Run]) -> None:
    cursor = search_runs(cloud.runs, cloud.bucket, TENANT, RunFilter(), PageRequest(1)).cursor
    assert rows and cursor
    with pytest.raises(BadRequest):
        search_runs(cloud.runs, cloud.bucket, TENANT, RunFilter(fingerprint="f1"), PageRequest(1, cursor))
    with pytest.raises(BadRequest):
        search_runs(cloud.runs, cloud.bucket, TENANT, RunFilter(), PageRequest(1, "nonsense"))


def test_a_query_string_becomes_a_filter() -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    wanted = read_filter({"since": "2h", "until": "2026-01-01", "longer": "5m", "input": "a.b=1", "app": ""}, now)
    assert (wanted.since, wanted.until) == ("2026-01-01T22:00:00.000Z", "2026-01-01T00:00:00.000Z")
    assert (wanted.longer_s, wanted.field, wanted.value, wanted.app) == (300, "a.b", 1, "")
    for odd in ("NaN", "-Infinity", "[" * 5_000, "{", "9" * 5_000):
        assert read_filter({"input": f"a={odd}"}).value == odd
    bad = ({"status": "odd"}, {"since": "soon"}, {"longer": "long"}, {"input": "x"}, {"since": "9" * 30 + "d"})
    for fields in bad:
        with pytest.raises(BadRequest):
            read_filter(fields)


def test_a_failure_is_counted_once_and_with_its_run(cloud: Cloud) -> None:
    group = FailureGroup(
        fingerprint="f", app="acme/app", workflow="main", error="X", run="r1", first="2026-01-01T00:00:00Z",
        last="2026-01-01T00:00:00Z",
    )  # fmt: skip
    for number in (1, 2):
        cloud.runs.create(run(number, status="running", ended=None))
        stored = cloud.runs.find(TENANT, f"r{number}")
        over = stored.item.model_copy(update={"status": RunStatus.FAILED, "fingerprint": "f"})
        now = group.model_copy(update={"run": over.id, "last": f"2026-01-0{number}T00:00:00Z"})
        cloud.runs.finish(Stored(item=over, rev=stored.rev), None, now, UsageRecords("runs").put_with(over, []))
        with pytest.raises(Conflict):
            cloud.runs.finish(Stored(item=over, rev=stored.rev), None, now, UsageRecords("runs").put_with(over, []))
    (counted,) = list_failures(cloud.runs, TENANT).groups
    assert (counted.count, counted.run) == (2, "r2")
    assert (counted.first, counted.last) == ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
    assert read_group(cloud.runs.groups(TENANT, limit=1, cursor=None).rows[0]) == counted


def test_runs_that_did_not_end_well_are_of_two_statuses(cloud: Cloud, rows: list[Run]) -> None:
    cloud.runs.create(run(7, status="aborted"))
    cloud.runs.create(run(8, status="aborted", workflow="side"))
    assert listed_ids(cloud, ended_badly=True) == ["r8", "r7", "r6", "r3", "r2"]
    assert listed_ids(cloud, ended_badly=True, app="acme/app", workflow="main") == ["r7", "r6", "r3", "r2"]
    assert listed_ids(cloud, ended_badly=True, status="aborted") == ["r8", "r7"]
    assert listed_ids(cloud, ended_badly=True, status="running") == []
    assert listed_ids(cloud, ended_badly=True, fingerprint="f1") == ["r6", "r2"]
    assert listed_ids(cloud, ended_badly=True, since=THIRD, until="2026-01-01T00:00:06.000Z") == ["r6", "r3"]


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_merged_pages_are_whole_and_have_no_run_twice(cloud: Cloud, rows: list[Run], limit: int) -> None:
    for number in (7, 8):
        cloud.runs.create(run(number, status="aborted"))
    assert paged(cloud, limit, ended_badly=True) == ["r8", "r7", "r6", "r3", "r2"]


def test_forks_and_dry_runs_can_be_hidden(cloud: Cloud, rows: list[Run]) -> None:
    cloud.runs.create(run(7, fork=Fork(parent="r1", root="r1")))
    cloud.runs.create(run(8, fork=Fork(parent="r1", root="r1", dry=True)))
    assert listed_ids(cloud, forks=True) == ["r8", "r7"]
    assert listed_ids(cloud, dry=True) == ["r8"]
    assert listed_ids(cloud, forks=True, dry=False) == ["r7"]
    assert listed_ids(cloud, forks=False) == ["r6", "r5", "r4", "r3", "r2", "r1"]


def caused(number: int, **fields: Any) -> Run:
    trigger = Trigger(kind="event", name="asset.created", id="e1", hops=2, ancestry=("r0", "r1"))
    return run(number, trigger=trigger, **fields)


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_runs_are_found_by_what_caused_them(cloud: Cloud, rows: list[Run], limit: int) -> None:
    links = CausedRuns(cloud.runs.table)
    for number in (7, 8, 9):
        links.link(caused(number))
        links.link(caused(number))
        if number != 8:
            cloud.runs.create(caused(number, status="failed" if number == 9 else "succeeded"))
    links.link(rows[0])
    assert paged(cloud, limit, caused_by="r1") == ["r9", "r7"]
    assert paged(cloud, limit, event="e1") == ["r9", "r7"]
    assert paged(cloud, limit, event="e1", ended_badly=True) == ["r9"]
    assert paged(cloud, limit, event="e1", caused_by="r0") == []
    assert paged(cloud, limit, caused_by="r0") == []
    assert paged(cloud, limit, event="x") == []


def test_a_cursor_that_is_none_is_refused(cloud: Cloud, rows: list[Run]) -> None:
    for cursor in ("nonsense", "{}", '{"before": 1}', "[]"):
        with pytest.raises(BadRequest):
            paged(cloud, 1, cursor, ended_badly=True)


def listed_ids(cloud: Cloud, **fields: Any) -> list[str]:
    return paged(cloud, 50, **fields)


def paged(cloud: Cloud, limit: int, cursor: str | None = None, **fields: Any) -> list[str]:
    ids: list[str] = []
    wanted = RunFilter.model_validate(fields)
    for _ in range(20):
        page = search_runs(cloud.runs, cloud.bucket, TENANT, wanted, PageRequest(limit, cursor))
        ids += [one.id for one in page.runs]
        cursor = page.cursor
        if cursor is None:
            return ids
    raise AssertionError("no end")


def test_the_runs_of_a_named_install_cost_no_list_of_installs(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """An open page asks this again and again, and a tenant may have thousands of installs."""
    call = caller(cloud, monkeypatch)
    cloud.runs.create(run(1, install_name="west"))
    lists: list[str] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        lists.extend(["installs"] if b'"INS#"' in params["body"] else [])

    events = client("dynamodb").meta.events
    events.register("before-call.dynamodb.Query", note)
    try:
        for path in ("runs?install=west", "runs:summary?query=install:west"):
            answer = call("GET", f"/v1/tenants/{TENANT}/{path}")
            assert (answer["status"], lists) == (200, []), path
            unknown = call("GET", f"/v1/tenants/{TENANT}/{path.replace('west', 'other')}")
            assert (unknown["body"]["code"], lists.pop()) == ("unknown-install", "installs"), path
    finally:
        events.unregister("before-call.dynamodb.Query", note)


def test_failures_are_counted_by_day_for_thirty_days(cloud: Cloud) -> None:
    days = [now(-timedelta(days=back)) for back in (40, 2, 2, 0)]
    for at in days:
        group = FailureGroup(fingerprint="f", app="a/b", workflow="main", error="E", run="r", first=at, last=at)
        client("dynamodb").update_item(TableName=cloud.runs.table.name, **group_update(TENANT, group, 9_999_999_999))
    (shown,) = list_failures(cloud.runs, TENANT).groups
    assert shown.days == {days[1][:10]: 2, days[3][:10]: 1}
    assert (shown.count, shown.first, shown.last) == (4, days[0], days[3])
