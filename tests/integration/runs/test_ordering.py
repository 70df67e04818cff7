"""Ordering: runs of one key never overlap and begin in the order of acceptance, whatever is delivered when and dies."""

from __future__ import annotations

import random
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.ordering import OrderingQueue
from interlock.contract.core.base import moment, parse_moment
from interlock.contract.install import InstallRequest
from interlock.contract.run import Run
from interlock.contract.start_message import StartMessage, run_of
from interlock.control.runs.finish import Ending, FinishContext, finish_run
from interlock.control.runs.ordering import known_run, ordering_key
from interlock.control.runs.start import StartContext, start_run
from tests.support.cloud import AT, TENANT, Cloud, listed, machine
from tests.support.records import change, received

KEYS, EACH = ("a", "b"), 5
TRIGGER = {"event": "guest.arrived", "order_by": "data.guest"}


@pytest.fixture
def starter(cloud: Cloud) -> StartContext:
    workflows = {"main": {"steps": ["one"], "triggers": [TRIGGER]}}
    listed(cloud, workflows=workflows)
    return StartContext(
        runs=cloud.runs, registry=cloud.registry, bucket=cloud.bucket, artifacts=cloud.bucket, machine_prefix=machine()
    )


@pytest.fixture
def install(cloud: Cloud, starter: StartContext) -> str:
    grant = ("catalog:read", "secret:key", "state")
    return cloud.install(InstallRequest(app="acme/app", grant=grant)).id


def event(install: str, key: str, number: int) -> StartMessage:
    at = moment(parse_moment(AT).replace(second=number))
    detail: dict[str, Any] = {"id": f"{key}{number}", "at": at, "data": {"guest": key}, "cause": None}
    base = {"tenant": TENANT, "install": install, "workflow": "main", "trigger": "event:guest.arrived", "kind": "event"}
    return StartMessage.model_validate(base | {"event": {"id": "x", "detail-type": "guest.arrived", "detail": detail}})


def finisher(cloud: Cloud) -> FinishContext:
    return FinishContext(
        runs=cloud.runs, registry=cloud.registry, bucket=cloud.bucket, artifacts=cloud.bucket, starts=cloud.queue
    )


def under_way(cloud: Cloud, wanted: list[StartMessage]) -> list[Run]:
    rows = [known_run(message, cloud.runs) for message in wanted]
    return [run for run in rows if run and not run.status.over]


@pytest.mark.parametrize("seed", range(2))
def test_runs_of_a_key_begin_in_order_one_by_one(cloud: Cloud, starter: StartContext, install: str, seed: int) -> None:
    """The first of each key is delivered first; the rest comes mixed, thrice; some runs fail, some ends come twice."""
    dice = random.Random(seed)
    wanted = [event(install, key, number) for key in KEYS for number in range(EACH)]
    late = [message for message in wanted if not message.cause_id.endswith("0")] * 3
    dice.shuffle(late)
    for message in [event(install, key, 0) for key in KEYS] + late:
        start_run(message, starter)
        assert len(under_way(cloud, wanted)) <= len(KEYS)
    began: list[str] = []
    while busy := under_way(cloud, wanted):
        assert len({run.ordering_key for run in busy}) == len(busy)
        run = dice.choice(busy)
        began.append(run.trigger.id)
        status = dice.choice(["SUCCEEDED", "ABORTED"])
        for _ in range(2):
            finish_run(
                Ending(execution=run.execution, status=status, output="{}" * (status == "SUCCEEDED")), finisher(cloud)
            )
        for body in received(cloud.queue):
            start_run(StartMessage.model_validate_json(body), starter)
    for key in KEYS:
        assert [name for name in began if name.startswith(key)] == [f"{key}{number}" for number in range(EACH)]
    runs = client("stepfunctions").list_executions(
        stateMachineArn=starter.machine_prefix + "interlock-v-000000000000-main"
    )
    assert len(runs["executions"]) == len(wanted)


def test_a_starter_that_dies_with_the_turn_blocks_no_key(cloud: Cloud, starter: StartContext, install: str) -> None:
    first, second = event(install, "a", 1), event(install, "a", 2)
    turn = ordering_key(first, cloud.registry.version("acme/app", "1.0.0").item.manifest)
    assert OrderingQueue("runs").take(TENANT, turn, run_of(first)) == run_of(first)
    start_run(second, starter)
    start_run(first, starter)
    assert known_run(first, cloud.runs) or known_run(second, cloud.runs)
    assert len(under_way(cloud, [first, second])) == 1


def test_a_start_that_is_refused_lets_the_next_one_go(cloud: Cloud, starter: StartContext, install: str) -> None:
    first, second = event(install, "a", 1), event(install, "a", 2)
    run = start_run(first, starter)
    assert run is not None
    assert start_run(second, starter) is None
    change(cloud, install, stopped="by us")
    finish_run(Ending(execution=run.execution, status="SUCCEEDED", output="{}"), finisher(cloud))
    for body in received(cloud.queue):
        assert start_run(StartMessage.model_validate_json(body), starter) is None
    change(cloud, install, stopped="")
    third = start_run(event(install, "a", 3), starter)
    assert under_way(cloud, [event(install, "a", 2), event(install, "a", 3)])
    assert third is None or third.ordering_key == run.ordering_key
