"""Runs for the debugger, which needs no store."""

from __future__ import annotations

from typing import Any

from interlock.contract.envelope import Trigger
from interlock.contract.payload import digest
from interlock.contract.run import Body, Run, RunStatus

NOW = "2026-01-01T00:00:00.000Z"


ARN = "arn:aws:states:us-east-1:1:execution:m:acme_i_"


def body(value: Any) -> Body:
    return Body(value=value, digest=digest(value), size=1)


def run(name: str, **more: Any) -> Run:
    fields: dict[str, Any] = {"id": name, "tenant": "acme", "install": "i", "app": "acme/app", "version": "1.0.0"}
    fields |= {"workflow": "main", "trigger": Trigger(kind="api", name="api", id="1"), "status": RunStatus.SUCCEEDED}
    fields |= {"execution": ARN + name, "started": NOW, "input": body({})}
    return Run.model_validate(fields | more)
