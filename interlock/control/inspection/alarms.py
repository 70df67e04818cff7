"""The alarms of the deployment, for operators."""

from datetime import datetime
from typing import Any, Literal

from interlock.aws.services.alarms import describe_alarms
from interlock.contract.alarm import PREFIX, Alarm, AlarmList
from interlock.contract.core.base import moment

State = Literal["ok", "ringing", "no-data"]
STATES: dict[str, State] = {"OK": "ok", "ALARM": "ringing", "INSUFFICIENT_DATA": "no-data"}


def list_alarms() -> AlarmList:
    """Every alarm of the platform: those that ring first, then by name."""
    alarms = [_alarm(row) for row in describe_alarms(PREFIX)]
    return AlarmList(alarms=tuple(sorted(alarms, key=lambda alarm: (alarm.state != "ringing", alarm.name))))


def _alarm(row: dict[str, Any]) -> Alarm:
    since = row["StateUpdatedTimestamp"]
    assert isinstance(since, datetime)
    return Alarm(
        name=str(row["AlarmName"]).removeprefix(PREFIX),
        state=STATES[row["StateValue"]],
        since=moment(since),
        reason=str(row.get("StateReason", "")),
        about=str(row.get("AlarmDescription", "")),
    )
