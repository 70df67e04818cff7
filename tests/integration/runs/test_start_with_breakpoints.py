"""A run that is started with breakpoints: who may do that, and who armed them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.contract.breakpoint import MAX_ARMED
from interlock.contract.registry import Membership, Role
from tests.support.api import Call, caller
from tests.support.cloud import TENANT, Cloud
from tests.support.installs import REQUEST
from tests.support.records import received

RUNS = f"/v1/tenants/{TENANT}/runs"
RUN: dict[str, Any] = {"app": "acme/app", "workflow": "main", "input": {}}


@pytest.fixture
def send(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Call:
    call = caller(cloud, monkeypatch)
    cloud.install(REQUEST)
    cloud.registry.join(Membership(principal="reader", scope=f"tenant/{TENANT}", role=Role.MEMBER))
    return call


def test_member_starts_runs_and_arms_nothing(cloud: Cloud, send: Call) -> None:
    assert send("POST", RUNS, RUN | {"breakpoints": [{"state": "*"}]}, principal="reader")["status"] == 403
    assert received(cloud.queue) == []
    assert send("POST", RUNS, RUN, principal="reader")["status"] == 202


def test_armer_is_the_caller_whatever_the_body_says(cloud: Cloud, send: Call) -> None:
    forged = {"state": "*", "id": "mine", "armed_by": "somebody", "armed_at": "2020-01-01T00:00:00Z"}
    answer = send("POST", RUNS, RUN | {"breakpoints": [forged]})
    if answer["status"] == 400:
        assert "not a known field" in answer["body"]["detail"]
        answer = send("POST", RUNS, RUN | {"breakpoints": [{"state": "*"}]})
    assert answer["status"] == 202
    (message,) = received(cloud.queue)
    (rule,) = json.loads(message)["breakpoints"]
    assert rule["armed_by"] == "me"
    assert rule["id"] != "mine" and rule["armed_at"] > "2026"


@pytest.mark.parametrize(
    ("rules", "where"),
    [
        ([{"state": "*", "condition": "input. >"}], "condition"),
        ([{"state": "*", "until": "2020-01-01T00:00:00Z"}], "until"),
        ([{"state": "*"}] * (MAX_ARMED + 1), "body breakpoints"),
        ([{"state": "*", "at": "never"}], "body breakpoints[0].at"),
    ],
)
def test_wrong_breakpoint_starts_no_run(cloud: Cloud, send: Call, rules: list[Any], where: str) -> None:
    answer = send("POST", RUNS, RUN | {"breakpoints": rules})
    assert (answer["status"], answer["body"]["where"]) == (400, where)
    assert received(cloud.queue) == []
