"""The log of a run from CloudWatch Logs: only lines of this run of this tenant, page by page, function by function."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.services import logs as service
from interlock.contract.core.base import moment, now, parse_moment
from interlock.contract.core.failure import BadRequest, NotFound
from interlock.contract.run import Run, RunStatus
from interlock.control.inspection.logs import LogFilter, list_logs, read_line
from interlock.control.inspection.recorded_step import RecordedStepContext
from tests.support.cloud import TENANT, Cloud, listed
from tests.support.records import a_run, installed


def line(subject: Run, message: str, **more: Any) -> str:
    own = {
        "level": "INFO",
        "message": message,
        "timestamp": now(),
        "logger": "print",
        "run": subject.id,
        "tenant": TENANT,
    }
    return json.dumps(own | {"app": "acme/app", "state": "One", "step": "one", "attempt": 0} | more)


@pytest.fixture
def run(cloud: Cloud) -> Run:
    listed(cloud)
    result = a_run(installed(cloud), started=now())
    cloud.runs.create(result)
    return result


def context(cloud: Cloud) -> RecordedStepContext:
    return RecordedStepContext(registry=cloud.registry, runs=cloud.runs, artifacts="artifacts")


def write(cloud: Cloud, *messages: str) -> None:
    at = int(time.time() * 1000)
    write_at(cloud, *((at + number, message) for number, message in enumerate(messages)))


def write_at(cloud: Cloud, *rows: tuple[int, str]) -> None:
    """Write lines at these milliseconds since the epoch."""
    version = cloud.registry.version("acme/app", "1.0.0").item
    group = f"/aws/lambda/{next(iter(version.steps.values())).function}"
    client("logs").create_log_group(logGroupName=group)
    client("logs").create_log_stream(logGroupName=group, logStreamName="s")
    events = [{"timestamp": at, "message": message} for at, message in rows]
    client("logs").put_log_events(logGroupName=group, logStreamName="s", logEvents=events)


def test_only_lines_of_the_run_and_its_tenant_are_answered(cloud: Cloud, run: Run) -> None:
    write(
        cloud,
        line(run, "mine", rows=3),
        line(run, "another tenant's", tenant="globex"),
        line(run, "another run's", run="r" * 26),
        f"START RequestId: {run.id}",
        json.dumps([run.id]),
        line(run, "another state's", state="Two"),
    )
    page = list_logs(context(cloud), TENANT, run.id)
    assert [(row.message, row.fields, row.logger) for row in page.lines] == [
        ("mine", {"rows": 3}, "print"),
        ("another state's", {}, "print"),
    ]
    assert page.cursor is None
    assert [row.message for row in list_logs(context(cloud), TENANT, run.id, LogFilter("Two")).lines] == [
        "another state's"
    ]


def test_a_page_is_one_call_and_loses_nothing(cloud: Cloud, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "EVENTS", 2)
    write(cloud, *(line(run, str(number)) for number in range(5)))
    seen: list[str] = []
    cursor: str | None = None
    while True:
        cloud.calls.clear()
        page = list_logs(context(cloud), TENANT, run.id, cursor=cursor)
        seen += [row.message for row in page.lines]
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == ["0", "1", "2", "3", "4"]


def test_lines_from_a_time_on_are_answered(cloud: Cloud, run: Run) -> None:
    begin = parse_moment(run.started)
    at = [begin + timedelta(seconds=number) for number in (0, 90)]
    write_at(cloud, *((int(when.timestamp() * 1000), line(run, f"at {number}")) for number, when in enumerate(at)))
    since = moment(at[1] - timedelta(seconds=1))
    assert [row.message for row in list_logs(context(cloud), TENANT, run.id, LogFilter(since=since)).lines] == ["at 1"]
    assert len(list_logs(context(cloud), TENANT, run.id, LogFilter(since="1h")).lines) == 2
    over = run.model_copy(update={"status": RunStatus.FAILED, "ended": moment(at[0])})
    cloud.runs.change(TENANT, run.id, lambda _: over)
    assert list_logs(context(cloud), TENANT, run.id, LogFilter(since=since)).lines == ()
    with pytest.raises(BadRequest) as refused:
        list_logs(context(cloud), TENANT, run.id, LogFilter(since="soon"))
    assert refused.value.where == "since"


def test_a_run_whose_functions_wrote_nothing_has_no_lines(cloud: Cloud, run: Run) -> None:
    assert list_logs(context(cloud), TENANT, run.id).lines == ()


@pytest.mark.parametrize("cursor", ["x", "9.", "-1.", "²."])
def test_a_cursor_of_another_list_is_refused(cloud: Cloud, run: Run, cursor: str) -> None:
    with pytest.raises(BadRequest):
        list_logs(context(cloud), TENANT, run.id, cursor=cursor)


def test_the_lines_of_a_run_that_is_not_there_are_refused(cloud: Cloud) -> None:
    with pytest.raises(NotFound):
        list_logs(context(cloud), TENANT, "nothing")


def test_a_line_that_cannot_be_read_is_left_out(cloud: Cloud, run: Run) -> None:
    assert read_line(line(run, "m", attempt="many"), run) is None
    assert read_line(line(run, "m", timestamp="yesterday"), run) is None
    good = read_line(line(run, "m", timestamp=moment(parse_moment(run.started)), dry=True, index=3), run)
    assert good is not None
    assert (good.at, good.dry, good.index) == (moment(parse_moment(run.started)), True, 3)
