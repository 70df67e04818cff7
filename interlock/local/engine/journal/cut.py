"""What the end of an engine cut: executions and stacks that nobody works on any more get a status that says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Raw = dict[str, Any]
RESTART = "States.ServiceRestart"
REASON = "The engine ended while it worked on this stack"
DELETABLE = "ROLLBACK_FAILED"
"""A stack whose creation was cut: both the CDK and our own publishing delete it and create it again."""


def cut_executions(executions: Any, since: str) -> Iterator[tuple[Any, Raw]]:
    """The executions that the emulator just marked as cut, with their keys."""
    for key, execution in list(executions._data.items()):
        if execution.get("error") == RESTART and str(execution.get("stopDate") or "") >= since:
            yield key, execution


def settle_stacks(stacks: Any) -> bool:
    """Give stacks that were changing a status from which they can be deployed again; whether there were any."""
    changing = [one for one in list(stacks._data.values()) if _status_after(one)]
    for stack in changing:
        status = _status_after(stack)
        if status == "UPDATE_ROLLBACK_COMPLETE":
            # The update did not end: what it was to be deployed still differs from what is there.
            stack["_template_body"] = json.dumps(stack.get("_template") or {})
        stack["StackStatus"], stack["StackStatusReason"] = status, REASON
    return bool(changing)


def _status_after(stack: Raw) -> str:
    status = str(stack.get("StackStatus", ""))
    if not status.endswith("_IN_PROGRESS") or status == "REVIEW_IN_PROGRESS":
        return ""
    if status.startswith("DELETE"):
        return "DELETE_FAILED"
    return "UPDATE_ROLLBACK_COMPLETE" if status.startswith("UPDATE") else DELETABLE
