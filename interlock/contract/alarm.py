"""An alarm of the deployment, as CloudWatch has it."""

from typing import Literal

from interlock.contract.core.base import Document, Moment

PREFIX = "interlock: "
"""The beginning of the name of each alarm of the platform; the runbook has the rest of it as a heading."""


class Alarm(Document):
    """What an alarm says now."""

    name: str
    """Without the prefix: a heading of docs/runbook.md."""
    state: Literal["ok", "ringing", "no-data"]
    since: Moment
    reason: str = ""
    about: str = ""
    """What it watches."""


class AlarmList(Document):
    """The alarms of the deployment, those that ring first. The embedded engine has none."""

    alarms: tuple[Alarm, ...]
