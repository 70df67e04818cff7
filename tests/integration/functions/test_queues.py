"""Functions behind queues and clocks: their settings, and that one broken message of a batch comes again alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from functions import contexts
from functions.finish_run import handler as finish
from functions.log_events import handler as log_events
from functions.pause import handler as pause
from functions.record_dead_letter import handler as record_dead_letter
from functions.start_run import handler as start
from functions.sweep_runs import handler as sweep
from functions.telemetry import logger
from functions.upload_arrived import handler as upload_arrived
from interlock.aws.clients import client
from interlock.aws.tables.counters import Counters
from interlock.contract.core import limits
from interlock.contract.core.base import moment
from interlock.contract.core.failure import NotFound
from interlock.contract.core.settings import (
    DeadLetterSettings,
    EventLogSettings,
    FinishSettings,
    PauseSettings,
    Settings,
    StartSettings,
    UploadArrivedSettings,
)
from interlock.contract.dead_letter import DeadState
from interlock.contract.quota import Quotas
from interlock.contract.run import Run, RunStatus
from interlock.control.events.dead_letters import DeadLetterContext, list_dead
from interlock.control.events.events import recent_events
from interlock.control.usage.quotas import set_install_quotas
from tests.support.cloud import REGION, TENANT, Cloud, listed, machine
from tests.support.processes import forget_contexts
from tests.support.records import a_run, installed, message

Take = Callable[[Settings], None]


@pytest.fixture
def take(monkeypatch: pytest.MonkeyPatch) -> Take:
    """Gives a function its settings, as its environment does."""

    def given(settings: Settings) -> None:
        for name, value in settings.environment().items():
            monkeypatch.setenv(name, value)
        forget_contexts()

    return given


def batch(*bodies: Any) -> dict[str, Any]:
    texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
    return {"Records": [{"messageId": f"m{number}", "body": text} for number, text in enumerate(texts)]}


def failures(answer: dict[str, Any]) -> list[str]:
    return [row["itemIdentifier"] for row in answer["batchItemFailures"]]


def finishing(cloud: Cloud) -> FinishSettings:
    return FinishSettings(
        runs_table="runs",
        registry_table="registry",
        data_bucket=cloud.bucket,
        artifact_bucket=cloud.bucket,
        start_queue=cloud.queue,
    )


@pytest.fixture
def install(cloud: Cloud) -> str:
    listed(cloud)
    return installed(cloud)


def under_way(cloud: Cloud, install: str, number: int = 1, **fields: Any) -> Run:
    """A run whose execution Step Functions knows."""
    prefix = machine()
    name = f"{TENANT}_{install}_r{number}"
    started = client("stepfunctions").start_execution(
        stateMachineArn=f"{prefix}interlock-v-000000000000-main", name=name, input="{}"
    )
    run = a_run(install, number, execution=started["executionArn"], **fields)
    cloud.runs.create(run)
    return run


def ended(run: Run, status: str = "SUCCEEDED") -> dict[str, Any]:
    return {"detail": {"executionArn": run.execution, "status": status, "output": "{}", "stopDate": 1_767_225_700_000}}


def test_ended_executions_end_runs_broken_events_come_again(cloud: Cloud, install: str, take: Take) -> None:
    take(finishing(cloud))
    run = under_way(cloud, install)
    unknown = {"detail": {"executionArn": f"{run.execution}x", "status": "SUCCEEDED"}}
    assert failures(finish.handler(batch(ended(run), unknown, "{no json"), None)) == ["m1", "m2"]
    stored = cloud.runs.find(TENANT, run.id).item
    assert (stored.status, stored.ended) == (RunStatus.SUCCEEDED, "2026-01-01T00:01:40.000Z")
    assert failures(finish.handler(batch(ended(run, "FAILED")), None)) == []
    assert cloud.runs.find(TENANT, run.id).item.status is RunStatus.SUCCEEDED


def test_a_line_carries_its_request_run_tenant_and_app(cloud: Cloud, install: str, take: Take) -> None:
    take(finishing(cloud))
    run = under_way(cloud, install)
    finish.handler(batch(ended(run)), SimpleNamespace(aws_request_id="r1"))
    keys = logger.get_current_keys()
    ids = {name: keys[name] for name in ("request", "run", "tenant", "app")}
    assert ids == {"request": "r1", "run": run.id, "tenant": TENANT, "app": run.app}


def test_the_sweep_ends_runs_whose_event_was_lost(cloud: Cloud, install: str, take: Take) -> None:
    take(finishing(cloud))
    lost = under_way(cloud, install)
    client("stepfunctions").stop_execution(executionArn=lost.execution, error="Acme.Gone", cause="why")
    young = under_way(cloud, install, 2, started=moment(datetime.now(UTC)))
    assert sweep.handler({}, None) == {"seen": 2, "failed": 0, "ended": True}
    assert cloud.runs.find(TENANT, lost.id).item.status is RunStatus.ABORTED
    assert cloud.runs.find(TENANT, young.id).item.status is RunStatus.RUNNING
    assert sweep.handler({}, None) == {"seen": 1, "failed": 0, "ended": True}


def test_the_sweep_stops_runs_past_their_deadline(cloud: Cloud, install: str, take: Take) -> None:
    take(finishing(cloud))
    begun = moment(datetime.now(UTC) - timedelta(seconds=90))
    late = under_way(cloud, install, 1, started=begun, deadline_s=60)
    in_time = under_way(cloud, install, 2, started=begun, deadline_s=60, paused_ms=60_000)
    sweep.handler({}, None)
    status = {
        run.id: client("stepfunctions").describe_execution(executionArn=run.execution)["status"]
        for run in (late, in_time)
    }
    assert status == {late.id: "ABORTED", in_time.id: "RUNNING"}


def test_events_of_a_bus_are_kept_by_tenant(cloud: Cloud, take: Take) -> None:
    settings = EventLogSettings(runs_table="runs", data_bucket=cloud.bucket)
    take(settings)
    at = moment(datetime.now(UTC))
    event = {"id": "bus", "source": "interlock.catalog", "detail-type": "asset.created", "time": at}
    mine = event | {"detail": {"id": "change-1", "tenant": TENANT}}
    nobodys = event | {"detail": {"id": "change-2"}}
    assert failures(log_events.handler(batch(mine, nobodys, {"detail": {"tenant": TENANT}}), None)) == ["m2"]
    (row,) = recent_events(contexts.event_log(), TENANT, "2000-01-01T00:00:00.000Z")
    assert (row.id, row.name) == ("change-1", "asset.created")


def test_start_without_room_goes_round_until_its_end(cloud: Cloud, install: str, take: Take) -> None:
    take(
        StartSettings(
            runs_table="runs",
            registry_table="registry",
            data_bucket=cloud.bucket,
            artifact_bucket=cloud.bucket,
            machine_prefix=machine(),
            start_queue=cloud.queue,
            signing_key="",
            gate="gate",
        )
    )
    set_install_quotas(cloud.registry, TENANT, install, Quotas(concurrent_runs=1))
    under_way(cloud, install)
    Counters("runs").recount(TENANT, {install: 1})
    waits = message(install)
    last = waits.model_copy(update={"deferred": limits.MAX_DEFERRALS})
    context = DeadLetterContext(cloud.runs, cloud.bucket, cloud.queue)
    assert failures(start.handler(batch(waits.model_dump_json()), None)) == []
    assert list_dead(context, TENANT, DeadState.DEAD).letters == ()
    delayed = "ApproximateNumberOfMessagesDelayed"
    attributes = client("sqs").get_queue_attributes(QueueUrl=cloud.queue, AttributeNames=[delayed])["Attributes"]
    assert attributes[delayed] == "1", "it waits on the queue"
    assert failures(start.handler(batch(last.model_dump_json()), None)) == []
    (letter,) = list_dead(context, TENANT, DeadState.DEAD).letters
    assert (letter.code, letter.install) == ("event.no-room", install)


def test_drained_starts_become_letters(cloud: Cloud, install: str, take: Take) -> None:
    take(DeadLetterSettings(runs_table="runs", registry_table="registry", data_bucket=cloud.bucket))
    start = message(install)
    assert failures(record_dead_letter.handler(batch(start.model_dump_json(), "{no json"), None)) == []
    context = DeadLetterContext(cloud.runs, cloud.bucket, cloud.queue)
    (letter,) = list_dead(context, TENANT, DeadState.DEAD).letters
    assert letter.install == start.install


def test_an_upload_starts_the_publish_machine_once(cloud: Cloud, take: Take) -> None:
    arn = f"{machine()}interlock-v-000000000000-main"
    take(UploadArrivedSettings(publish_machine=arn))
    detail = {"bucket": {"name": cloud.bucket}, "object": {"key": "uploads/a/b/1.0.0/x.zip", "version-id": "v1"}}
    twice = batch({"detail": detail}, {"detail": detail}, {"detail": {"bucket": {}}})
    assert failures(upload_arrived.handler(twice, None)) == ["m2"]
    (execution,) = client("stepfunctions").list_executions(stateMachineArn=arn)["executions"]
    begun = client("stepfunctions").describe_execution(executionArn=execution["executionArn"])
    assert json.loads(begun["input"]) == {"key": "uploads/a/b/1.0.0/x.zip", "object_version": "v1"}


def test_a_token_without_a_wanted_pause_is_refused(cloud: Cloud, install: str, take: Take) -> None:
    take(PauseSettings(runs_table="runs"))
    run = under_way(cloud, install)
    event = {"run": run.execution, "state": "A", "cause": '{"errorMessage": "pause 01X: stopped"}', "token": "t"}
    with pytest.raises(NotFound, match="pause 01X does not exist"):
        pause.handler(event, None)
    assert REGION in run.execution
