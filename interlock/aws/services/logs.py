"""CloudWatch Logs: the lines of a function that contain a text."""

from typing import NamedTuple

from interlock.aws.clients import client

EVENTS = 1_000
"""Lines a call answers at most; AWS allows 10,000, and 1 MB.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""


class LogEvents(NamedTuple):
    """The lines of one call and, where there are more, its token for them."""

    lines: tuple[str, ...]
    token: str = ""


def find_lines(group: str, text: str, start_ms: int, end_ms: int | None, token: str) -> LogEvents:
    """One page of the lines of a group that contain a text; none where the group does not exist (yet).

    Args:
        group: the log group.
        text: letters and digits.
        start_ms: the first moment, in milliseconds since the epoch.
        end_ms: the last one; None for now.
        token: of the page before; empty for the first one.
    """
    logs = client("logs")
    fields = {"logGroupName": group, "filterPattern": f'"{text}"', "startTime": start_ms, "limit": EVENTS}
    fields |= {"endTime": end_ms} if end_ms is not None else {}
    fields |= {"nextToken": token} if token else {}
    try:
        answer = logs.filter_log_events(**fields)
    except logs.exceptions.ResourceNotFoundException:
        return LogEvents(())
    lines = tuple(event["message"] for event in answer["events"] if "message" in event)
    return LogEvents(lines, answer.get("nextToken", ""))
