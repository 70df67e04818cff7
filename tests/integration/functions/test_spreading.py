"""A rule or a role that AWS has not spread yet is tried again; another refusal is not."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from interlock.aws import spreading
from interlock.aws.clients import client
from interlock.aws.services import event_bus, scheduler
from interlock.aws.services.scheduler import Clock, ScheduleTarget
from interlock.aws.spreading import WAITS, until_spread

ROLE = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
TARGET = ScheduleTarget(
    group="interlock", queue_arn="arn:aws:sqs:us-east-1:123456789012:starts", role="arn:aws:iam::1:role/s"
)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits."""
    monkeypatch.setattr(spreading, "WAITS", tuple(0.0 for _ in WAITS))


def test_rule_that_is_not_spread_gets_its_target() -> None:
    with Stubber(client("events")) as events:
        events.add_response("put_rule", {"RuleArn": "arn:aws:events:us-east-1:123456789012:rule/x"})
        for _ in range(2):
            events.add_client_error("put_targets", "ResourceNotFoundException", "Rule x does not exist.", 400)
        events.add_response("put_targets", {"FailedEntryCount": 0, "FailedEntries": []})
        event_bus.put_rule("acme", "x", {"source": ["interlock.user"]}, TARGET.queue_arn, {})
        events.assert_no_pending_responses()


def test_role_that_is_not_spread_is_taken_later() -> None:
    with Stubber(client("scheduler")) as schedules:
        schedules.add_client_error("create_schedule", "ValidationException", ROLE, 400)
        schedules.add_response("create_schedule", {"ScheduleArn": "arn:aws:scheduler:us-east-1:1:schedule/interlock/x"})
        scheduler.put_schedule(TARGET, "x", Clock(expression="rate(1 hour)"), {})
        schedules.assert_no_pending_responses()
        schedules.add_client_error("create_schedule", "ConflictException", "x exists", 409)
        scheduler.put_schedule(TARGET, "x", Clock(expression="rate(1 hour)"), {})
        schedules.add_client_error("create_schedule", "ValidationException", "Invalid Schedule Expression.", 400)
        with pytest.raises(ClientError, match="Expression"):
            scheduler.put_schedule(TARGET, "x", Clock(expression="never"), {})
        schedules.assert_no_pending_responses()


def test_tries_end() -> None:
    calls: list[int] = []
    seconds: list[float] = []

    def call() -> None:
        calls.append(1)
        raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, "PutTargets")

    with pytest.raises(ClientError):
        until_spread(call, lambda code, _: code == "ResourceNotFoundException", seconds.append)
    assert (len(calls), len(seconds)) == (len(WAITS) + 1, len(WAITS))
