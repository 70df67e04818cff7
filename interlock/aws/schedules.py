"""EventBridge Scheduler: the schedules of installs."""

import json
from collections.abc import Mapping

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.contract.base import Model

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
"""EventBridge Scheduler puts the time there (https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html)."""


class ScheduleTarget(Model):
    """Where schedules send to."""

    group: str
    queue_arn: str
    role: str


def put_schedule(target: ScheduleTarget, name: str, expression: str, timezone: str, message: Mapping[str, str]) -> None:
    """Create a schedule that puts a message on the queue of starts; one of that name stays."""
    try:
        client("scheduler").create_schedule(
            Name=name,
            GroupName=target.group,
            ScheduleExpression=expression,
            ScheduleExpressionTimezone=timezone,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": target.queue_arn, "RoleArn": target.role, "Input": json.dumps(dict(message))},
        )
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ConflictException":
            raise


def delete_schedule(group: str, name: str) -> None:
    """Delete a schedule; absent ones too."""
    try:
        client("scheduler").delete_schedule(Name=name, GroupName=group)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
            raise
