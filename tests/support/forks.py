"""A failed run that can be forked: its version, its install, its records and their payloads."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from interlock.aws.clients import client
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.runs import record_key
from interlock.contract import payload
from interlock.contract.core import limits, names
from interlock.contract.core.base import moment
from interlock.contract.envelope import GateRequest, Trigger
from interlock.contract.install import InstallRequest
from interlock.contract.run import Body, Failed, RecordStatus, Run, RunStatus, StepRecord, Usage
from interlock.control.runs.fork import ForkContext
from tests.support.cloud import TENANT, Cloud, listed

RUN = "run1"
LARGE = {"text": "x" * (limits.INLINE_BODY_BYTES + 1)}
FLOW = {
    "StartAt": "One",
    "States": {
        "One": {"Type": "Task", "Resource": "r", "Next": "Two"},
        "Two": {"Type": "Task", "Resource": "r", "End": True},
    },
}


def failed_run(cloud: Cloud, *, ended_days: float = 0.0, records: bool = True, **more: Any) -> ForkContext:
    """A failed run of two steps; the first one's output lies in S3."""
    forker = ForkContext(cloud.runs, cloud.registry, cloud.bucket, cloud.bucket, cloud.queue, "gate")
    version = listed(cloud)
    put_flow(cloud, version.version, version.digest)
    request = InstallRequest(app="acme/app", grant=("catalog:read", "secret:key", "state"), secrets={"key": "s3cret"})
    install = cloud.install(request)
    at = moment(datetime.now(UTC) - timedelta(days=ended_days))
    fields: dict[str, Any] = {
        "id": RUN,
        "tenant": TENANT,
        "install": install.id,
        "app": "acme/app",
        "version": "1.0.0",
        "workflow": "main",
        "trigger": Trigger(kind="api", name="api", id="1"),
        "status": RunStatus.FAILED,
        "execution": f"arn:aws:states:us-east-1:1:execution:m:{TENANT}_{install.id}_{RUN}",
        "started": at,
        "ended": at,
        "input": Body(value={}),
        "failed": Failed(error="ValueError", state="Two"),
        "usage": Usage(steps=2, attempts=2),
    }
    run = Run.model_validate(fields | more)
    cloud.runs.create(run)
    outputs = {"One": LARGE, "Two": None}
    for number, (state, output) in enumerate(outputs.items() if records else ()):
        record(cloud, run, state, moment(datetime.fromisoformat(at) + timedelta(seconds=number)), output)
    return forker


def record(cloud: Cloud, run: Run, state: str, at: str, output: Any) -> None:
    value = {"state": state}
    digest = payload.digest(value)
    stored = Bodies(cloud.bucket, TENANT, run.id).keep(output)
    row = StepRecord(
        run=run.id,
        execution=run.execution.rsplit(":", 1)[-1],
        state=state,
        step="one",
        entered=at,
        digest=digest,
        status=RecordStatus.SUCCEEDED if output else RecordStatus.FAILED,
        started=at,
        ended=at,
        input=Body(value=value, digest=digest),
        output=stored if output else None,
    )
    request = GateRequest(run=run.execution, state=state, step="one", entered=at)
    cloud.runs.end(record_key(TENANT, run.id, request, digest, 0), row)


def put_flow(cloud: Cloud, version: str, digest: str) -> None:
    key = f"{names.artifact_prefix('acme/app', version, digest)}workflows/main.asl.json"
    client("s3").put_object(Bucket=cloud.bucket, Key=key, Body=json.dumps(FLOW).encode())
