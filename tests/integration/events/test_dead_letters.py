"""What was accepted ends as a run or as a dead letter, once: duplicates, races, refusals, redrives, loops."""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.dead_letters import DeadLetters
from interlock.aws.tables.table import Stored
from interlock.contract.core import limits
from interlock.contract.core.base import parse_moment
from interlock.contract.core.failure import Conflict, NotFound, Unavailable
from interlock.contract.dead_letter import KEPT, NO_TENANT, DeadLetter, DeadState
from interlock.contract.install import InstallRequest
from interlock.contract.registry import InstallStatus, SpillPlan
from interlock.contract.run import RunStatus
from interlock.contract.start_message import StartMessage, run_of
from interlock.control.events.dead_letters import (
    DeadLetterContext,
    drop_dead,
    list_dead,
    list_dead_of_app,
    redrive_dead,
    show_dead,
)
from interlock.control.events.record_dead_letter import record_drained, record_failed
from interlock.control.runs.finish import Ending, FinishContext, finish_run
from interlock.control.runs.loops import start_trigger, stopped_triggers
from interlock.control.runs.start import StartContext, start_run
from tests.support.cloud import TENANT, Cloud, listed, machine
from tests.support.records import change, received

MACHINE = "interlock-v-000000000000-main"


@pytest.fixture
def alerts(cloud: Cloud) -> str:
    return str(client("sqs").create_queue(QueueName="alerts")["QueueUrl"])


@pytest.fixture
def starter(cloud: Cloud, alerts: str) -> StartContext:
    listed(cloud)
    return StartContext(
        runs=cloud.runs,
        registry=cloud.registry,
        bucket=cloud.bucket,
        artifacts=cloud.bucket,
        machine_prefix=machine(),
        alerts=alerts,
    )


@pytest.fixture
def install(cloud: Cloud, starter: StartContext) -> str:
    grant = ("catalog:read", "secret:key", "state")
    return cloud.install(InstallRequest(app="acme/app", grant=grant)).id


@pytest.fixture
def desk(cloud: Cloud) -> DeadLetterContext:
    return DeadLetterContext(runs=cloud.runs, bucket=cloud.bucket, queue=cloud.queue)


def event(install: str, number: int = 1, cause: dict[str, Any] | None = None, **fields: Any) -> StartMessage:
    detail = {"id": f"change-{number}", "type": "guest.arrived", "data": {"secret": "hunter2"}, "cause": cause}
    base = {"tenant": TENANT, "install": install, "workflow": "main", "trigger": "event:guest.arrived", "kind": "event"}
    whole = {"id": f"bus-{random.random()}", "detail-type": "guest.arrived", "detail": detail}
    return StartMessage.model_validate(base | {"event": whole} | fields)


def letter(desk: DeadLetterContext, message: StartMessage) -> DeadLetter:
    return show_dead(desk, TENANT, run_of(message)).letter


def on_bus(cloud: Cloud) -> str:
    """A queue that hears all of the tenant's bus."""
    queue = client("sqs").create_queue(QueueName="bus")["QueueUrl"]
    arn = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus = f"interlock-{TENANT}"
    client("events").put_rule(Name="all", EventBusName=bus, EventPattern='{"source": [{"prefix": "interlock."}]}')
    client("events").put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "q", "Arn": arn}])
    return str(queue)


@pytest.mark.parametrize("seed", range(3))
def test_events_thrice_and_out_of_order_start_each_run_once(
    cloud: Cloud, starter: StartContext, install: str, seed: int
) -> None:
    """Also after the run is over, and with two starters at once."""
    deliveries = [event(install, number) for number in range(4) for _ in range(3)]
    random.Random(seed).shuffle(deliveries)
    with ThreadPoolExecutor(2) as starters:
        runs = [run.id for run in starters.map(start_run, deliveries, repeat(starter)) if run]
    assert len(runs) == 12
    assert len(set(runs)) == 4
    executions = client("stepfunctions").list_executions(stateMachineArn=starter.machine_prefix + MACHINE)["executions"]
    assert len(executions) == 4
    run = cloud.runs.find(TENANT, runs[0]).item
    finisher = FinishContext(runs=cloud.runs, registry=cloud.registry, bucket=cloud.bucket, artifacts=cloud.bucket)
    finish_run(Ending(execution=run.execution, status="SUCCEEDED", output="{}"), finisher)
    late = start_run(deliveries[0].model_copy(), starter)
    assert late is not None
    assert (
        len(client("stepfunctions").list_executions(stateMachineArn=starter.machine_prefix + MACHINE)["executions"])
        == 4
    )
    assert start_run(event(install, 0, replay="r1"), starter) not in (None, late)


def test_a_run_is_known_as_long_as_a_duplicate_may_come(cloud: Cloud, starter: StartContext, install: str) -> None:
    run = start_run(event(install), starter)
    assert run is not None
    row = client("dynamodb").get_item(
        TableName=cloud.runs.table.name, Key={"pk": {"S": f"RUN#{TENANT}#{run.id}"}, "sk": {"S": "META"}}
    )["Item"]
    days = (int(row["expires"]["N"]) - parse_moment(run.started).timestamp()) / 86_400
    assert days >= limits.DEDUPE_DAYS - 0.01


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"stopped": "by us"}, "event.install-stopped"), ({"version": "9.9.9"}, None)],
)
def test_a_lasting_reason_is_a_letter_at_once(
    cloud: Cloud, starter: StartContext, install: str, desk: DeadLetterContext, fields: dict[str, str], code: str | None
) -> None:
    change(cloud, install, **fields)
    if code is None:
        with pytest.raises(NotFound):
            start_run(event(install), starter)
        return
    for _ in range(3):
        assert start_run(event(install), starter) is None
    (result,) = list_dead(desk, TENANT, DeadState.DEAD, install=install).letters
    assert (result.code, result.count, result.app, result.event) == (code, 3, "acme/app", "guest.arrived")
    assert show_dead(desk, TENANT, result.id).payload["event"]["detail"]["data"] == {"secret": "hunter2"}
    (seen,) = list_dead_of_app(desk, "acme/app", DeadState.DEAD).letters
    assert seen.message is None
    assert "hunter2" not in seen.model_dump_json()


def test_an_event_of_a_removed_install_is_a_letter(
    cloud: Cloud, starter: StartContext, install: str, desk: DeadLetterContext
) -> None:
    change(cloud, install, status=InstallStatus.REMOVED)
    start_run(event(install), starter)
    (result,) = list_dead(desk, TENANT, DeadState.DROPPED).letters
    assert (result.code, result.message) == ("event.uninstalled", None)
    with pytest.raises(Conflict):
        redrive_dead(desk, TENANT, result.id, "me")


def test_an_event_of_an_unfinished_install_comes_again(cloud: Cloud, starter: StartContext, install: str) -> None:
    change(cloud, install, status=InstallStatus.INSTALLING)
    with pytest.raises(Unavailable):
        start_run(event(install), starter)
    change(cloud, install, status=InstallStatus.ACTIVE)
    assert start_run(event(install), starter) is not None


def test_a_start_without_its_machine_is_redriven_into_one_run(
    cloud: Cloud, starter: StartContext, install: str, desk: DeadLetterContext
) -> None:
    arn = starter.machine_prefix + MACHINE
    client("stepfunctions").delete_state_machine(stateMachineArn=arn)
    assert start_run(event(install), starter) is None
    result = letter(desk, event(install))
    assert result.code == "event.machine-gone"
    with pytest.raises(NotFound):
        cloud.runs.find(TENANT, result.id)
    first = redrive_dead(desk, TENANT, result.id, "me")
    (put_back,) = received(cloud.queue)
    assert first.sent
    assert start_run(StartMessage.model_validate_json(put_back), starter) is None
    again = letter(desk, event(install))
    assert (again.state, again.count, again.first) == (DeadState.DEAD, 2, result.first)
    machine()
    redrive_dead(desk, TENANT, result.id, "me")
    (put_back,) = received(cloud.queue)
    run = start_run(StartMessage.model_validate_json(put_back), starter)
    assert run is not None
    assert run.id == result.id
    events = redrive_dead(desk, TENANT, result.id, "me")
    assert (events.sent, events.run, received(cloud.queue)) == (False, "running", [])
    assert letter(desk, event(install)).state is DeadState.REDRIVEN


def test_a_dropped_letter_stays_dropped_and_loses_its_payload(
    cloud: Cloud, starter: StartContext, install: str, desk: DeadLetterContext
) -> None:
    change(cloud, install, stopped="by us")
    start_run(event(install), starter)
    dropped = drop_dead(desk, TENANT, run_of(event(install)), "me")
    start_run(event(install), starter)
    result = show_dead(desk, TENANT, dropped.id)
    assert (result.letter.state, result.letter.count, result.payload) == (DeadState.DROPPED, 2, None)


def test_failed_and_unreadable_messages_are_letters(
    cloud: Cloud, starter: StartContext, install: str, desk: DeadLetterContext
) -> None:
    error = ValueError("holds hunter2")
    stored = record_failed(event(install), error, cloud.runs, cloud.registry, cloud.bucket)
    assert "ValueError" in stored.what
    assert "hunter2" not in stored.what
    record_drained(event(install).model_dump_json(), cloud.runs, cloud.registry, cloud.bucket)
    assert letter(desk, event(install)).count == 2
    for body in ("no JSON", "[]", json.dumps({"tenant": "No Tenant"}), '{"tenant": "acme", "event": 3}'):
        record_drained(body, cloud.runs, cloud.registry, cloud.bucket)
    assert len(list_dead(desk, NO_TENANT, DeadState.DEAD).letters) == 4


def test_the_log_counts_what_is_kept_and_not_what_stays_dropped(
    cloud: Cloud, install: str, desk: DeadLetterContext, caplog: pytest.LogCaptureFixture
) -> None:
    """The alarm counts these lines; Lambda's runtime writes warnings and more."""

    def kept() -> list[str]:
        return [row.levelname for row in caplog.records if row.getMessage() == KEPT]

    message = event(install)
    record_failed(message, ValueError("hunter2"), cloud.runs, cloud.registry, cloud.bucket)
    assert kept() == ["WARNING"]
    drop_dead(desk, TENANT, run_of(message), "me")
    record_failed(message, ValueError("hunter2"), cloud.runs, cloud.registry, cloud.bucket)
    assert kept() == ["WARNING"]
    assert "hunter2" not in caplog.text


def test_a_refused_run_is_told_like_other_failures(
    cloud: Cloud, starter: StartContext, install: str, alerts: str
) -> None:
    bus = on_bus(cloud)
    stored = cloud.registry.version("acme/app", "1.0.0")
    plan = stored.item.workflows["main"].model_copy(update={"spill": SpillPlan(opaque=True)})
    opaque = stored.item.model_copy(update={"workflows": {"main": plan}})
    cloud.registry.write_version(Stored(item=opaque, rev=stored.rev))
    large = event(install)
    assert large.event is not None
    large.event["detail"]["data"] = "x" * limits.SFN_PAYLOAD_BYTES
    run = start_run(large, starter)
    assert run is not None
    assert run.status is RunStatus.FAILED
    (events,) = [json.loads(body)["detail"] for body in received(bus)]
    (alert,) = received(alerts)
    assert (events["type"], events["run"], json.loads(alert)["run"]) == ("run.failed", run.id, run.id)


def test_an_app_that_starts_itself_is_stopped_and_notified_once(
    cloud: Cloud, starter: StartContext, install: str, desk: DeadLetterContext, alerts: str
) -> None:
    bus = on_bus(cloud)
    finisher = FinishContext(runs=cloud.runs, registry=cloud.registry, bucket=cloud.bucket, artifacts=cloud.bucket)
    message, turns = event(install), 0
    while (run := start_run(message, starter)) is not None:
        turns += 1
        finish_run(Ending(execution=run.execution, status="SUCCEEDED", output="{}"), finisher)
        (events,) = [body for body in map(json.loads, received(bus)) if body["detail-type"] == "run.succeeded"]
        message = event(install, event=events)
        assert turns < 20
    assert turns == limits.MAX_HOPS + 1
    result = letter(desk, message)
    assert result.code == "event.loop"
    assert [hop.app for hop in result.chain] == ["acme/app"] * turns
    (stopped,) = stopped_triggers(DeadLetters("runs"), TENANT)
    assert stopped.letter == result.id
    again = event(install, 7)
    assert start_run(again, starter) is None
    assert start_run(message, starter) is None
    looped = [body for body in map(json.loads, received(bus)) if body["detail-type"] == "run.looped"]
    assert len(looped) == 1
    assert len(received(alerts)) == 1
    assert letter(desk, again).code == "event.trigger-stopped"
    assert letter(desk, again).next_step == f"interlock event start {install} main event:guest.arrived"
    start_trigger(DeadLetters("runs"), TENANT, install, "main", "event:guest.arrived")
    assert start_run(again, starter) is not None
    redrive_dead(desk, TENANT, result.id, "me")
    run = start_run(StartMessage.model_validate_json(received(cloud.queue)[0]), starter)
    assert run is not None
    assert run.trigger.hops == turns
