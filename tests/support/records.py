"""Messages, runs and step records on the moto cloud."""

from __future__ import annotations

from typing import Any

from interlock.aws.clients import client
from interlock.aws.tables.runs import record_key
from interlock.aws.tables.table import Key, Stored
from interlock.contract.envelope import GateRequest
from interlock.contract.install import InstallRequest
from interlock.contract.run import Body, RecordStatus, Run, RunStatus, StepRecord
from interlock.contract.start_message import StartMessage
from tests.support.cloud import AT, TENANT, Cloud


def installed(cloud: Cloud) -> str:
    grant = ("catalog:read", "secret:key", "state")
    return cloud.install(InstallRequest(app="acme/app", grant=grant)).id


def message(install: str, **fields: Any) -> StartMessage:
    base = {"tenant": TENANT, "install": install, "workflow": "main", "trigger": "api", "kind": "api", "id": "k"}
    return StartMessage.model_validate(base | fields)


def record(run: Run, **fields: Any) -> StepRecord:
    base: dict[str, Any] = {
        "run": run.id, "execution": run.execution.rsplit(":", 1)[-1], "state": "one", "step": "one", "entered": AT,
        "digest": "d" * 64, "status": RecordStatus.SUCCEEDED, "started": AT, "input": {}, "step_ms": 5.0,
    }  # fmt: skip
    return StepRecord.model_validate(base | fields)


def put(cloud: Cloud, result: StepRecord) -> Key:
    request = GateRequest(run="x", state=result.state, step="one", entered=result.entered)
    key = record_key(TENANT, result.run, request, result.digest, result.attempt)
    cloud.runs.end(key, result)
    return key


DAY = "2026-01-01"


def a_run(install: str, number: int = 0, tenant: str = TENANT, **fields: Any) -> Run:
    raw: dict[str, Any] = {
        "id": f"r{number}",
        "tenant": tenant,
        "install": install,
        "app": "acme/app",
        "version": "1.0.0",
        "workflow": "main",
        "trigger": {"kind": "api", "name": "api", "id": "1"},
        "status": RunStatus.RUNNING,
        "execution": f"x:{number}",
        "started": f"{DAY}T00:00:0{number}.000Z",
        "input": Body(),
    }
    return Run.model_validate(raw | fields)


def change(cloud: Cloud, install: str, **fields: Any) -> None:
    stored = cloud.registry.install(TENANT, install)
    cloud.registry.write_install(Stored(item=stored.item.model_copy(update=fields), rev=stored.rev))


def received(queue: str) -> list[str]:
    """The bodies on a queue, taken off it."""
    rows: list[str] = []
    while batch := client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for row in batch:
            rows.append(row["Body"])
            client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=row["ReceiptHandle"])
    return rows
