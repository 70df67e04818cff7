"""EventBridge Scheduler: the schedules of installs."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.aws.spreading import until_spread
from interlock.contract.core.base import Model

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
"""EventBridge Scheduler puts the time there (https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html)."""
MAX_AGE_SECONDS, MAX_RETRIES = 86_400, 185
"""https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html"""
OFF: dict[str, Any] = {"Mode": "OFF"}


class ScheduleTarget(Model):
    """Where schedules send to."""

    group: str
    queue_arn: str
    role: str


class Clock(Model):
    """When a schedule is due."""

    expression: str
    timezone: str = "UTC"
    jitter_minutes: int = 0
    tries_seconds: int = MAX_AGE_SECONDS
    """A time that could not be delivered for so long is given up."""


def put_schedule(target: ScheduleTarget, name: str, clock: Clock, message: Mapping[str, str]) -> None:
    """Create a schedule that puts a message on the queue of starts; one of that name stays."""
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": clock.jitter_minutes} if clock.jitter_minutes else OFF
    fields: dict[str, Any] = {
        "Name": name,
        "GroupName": target.group,
        "ScheduleExpression": clock.expression,
        "ScheduleExpressionTimezone": clock.timezone,
        "FlexibleTimeWindow": window,
        "Target": {
            "Arn": target.queue_arn,
            "RoleArn": target.role,
            "Input": json.dumps(dict(message)),
            "RetryPolicy": {"MaximumEventAgeInSeconds": clock.tries_seconds, "MaximumRetryAttempts": MAX_RETRIES},
        },
    }
    try:
        until_spread(lambda: client("scheduler").create_schedule(**fields), _is_unspread)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ConflictException":
            raise


def _is_unspread(code: str, message: str) -> bool:
    """Whether Scheduler does not see its role, or its group, yet."""
    return code == "ResourceNotFoundException" or (code == "ValidationException" and "execution role" in message)


def delete_schedule(group: str, name: str) -> None:
    """Delete a schedule; absent ones too."""
    try:
        client("scheduler").delete_schedule(Name=name, GroupName=group)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
            raise
