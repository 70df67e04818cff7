"""Since when an execution waits that goes on after a restart of the engine: a Wait keeps its own deadline.

A recovered run has a new execution, named after the one before (`interlock.local.recover`): `TENANT_INSTALL_RUN_r1`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

Raw = dict[str, Any]
_AGAIN = re.compile(r"^(f?)r([0-9]+)$")


def waited_seconds(executions: Any, execution: Raw, state: str) -> float:
    """How long a Wait that was just entered has waited in the executions before; 0 where there were none.

    Args:
        executions: the emulator's store of executions.
        execution: the one that entered the Wait.
        state: the name of the Wait.
    """
    visit = len(_entries(execution, state))
    before = [_entries(one, state) for one in _earlier(executions, execution)]
    begun = [entries[visit - 1] for entries in before if 0 < visit <= len(entries)]
    if not begun:
        return 0.0
    return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(min(begun))).total_seconds())


def _entries(execution: Raw, state: str) -> list[str]:
    return [
        str(event["timestamp"]).replace("Z", "+00:00")
        for event in list(execution["events"])
        if event["type"] == "WaitStateEntered" and event["stateEnteredEventDetails"]["name"] == state
    ]


def _earlier(executions: Any, execution: Raw) -> Iterator[Raw]:
    head, _, name = str(execution["executionArn"]).rpartition(":")
    while name:
        name = _name_before(name)
        one = executions.get(f"{head}:{name}") if name else None
        if one is not None:
            yield one


def _name_before(name: str) -> str:
    parts = name.split("_")
    again = _AGAIN.match(parts[-1]) if len(parts) == 4 else None
    if again is None:
        return ""
    fork, count = again.group(1), int(again.group(2))
    suffix = f"{fork}r{count - 1}" if count > 1 else fork
    return "_".join([*parts[:3], *([suffix] if suffix else [])])
