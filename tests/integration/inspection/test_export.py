"""An export that the platform writes: what is in it, and the runs that it refuses before it reads their bodies."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.runs import record_key
from interlock.contract.core import names
from interlock.contract.core.failure import Conflict, NotFound, TooLarge
from interlock.contract.envelope import GateRequest, Trigger
from interlock.contract.run import Body, Outline, RecordStatus, Run, RunStatus, StepRecord
from interlock.contract.run_export import RunExport
from interlock.control.inspection import export
from interlock.control.inspection.recorded_step import RecordedStepContext
from interlock.local.import_file import import_file
from interlock.local.imported import ImportedRun
from tests.support.cloud import AT, TENANT, Cloud, listed

RUN = "run1"
SECRET = "4111-1111-1111"


def a_run(cloud: Cloud, **fields: Any) -> Run:
    """A run that is over, of an app whose definition is stored."""
    listed(cloud)
    key = names.artifact_prefix("acme/app", "1.0.0", "0" * 64) + names.source_file("main")
    client("s3").create_bucket(Bucket="artifacts")
    client("s3").put_object(Bucket="artifacts", Key=key, Body=b'{"StartAt": "One"}')
    row: dict[str, Any] = {"id": RUN, "tenant": TENANT, "install": "i", "app": "acme/app", "version": "1.0.0"}
    row |= {"workflow": "main", "trigger": Trigger(kind="api", name="api", id="1"), "status": RunStatus.SUCCEEDED}
    row |= {"execution": "arn:aws:states:us-east-1:123456789012:execution:m:x", "started": AT, "input": Body(value={})}
    run = Run.model_validate(row | fields)
    cloud.runs.create(run)
    return run


def a_record(cloud: Cloud, ordinal: int, body: Body) -> StepRecord:
    """The record of a step that had this input."""
    record = StepRecord(
        run=RUN,
        execution="x",
        state=f"S{ordinal}",
        step="one",
        entered=AT,
        digest=body.digest,
        status=RecordStatus.SUCCEEDED,
        started=AT,
        input=body,
    )
    question = GateRequest(run="x", state=record.state, step="one", entered=AT, retry=0)
    cloud.runs.end(record_key(TENANT, RUN, question, body.digest, 0), record)
    return record


def bodies(cloud: Cloud) -> Bodies:
    return Bodies(cloud.bucket, TENANT, RUN)


def context(cloud: Cloud) -> export.ExportContext:
    steps = RecordedStepContext(registry=cloud.registry, runs=cloud.runs, artifacts="artifacts")
    return export.ExportContext(steps, cloud.bucket)


def fetched(result: RunExport, home: Path) -> ImportedRun:
    """What an import makes of the file."""
    key = urlsplit(result.url).path.lstrip("/").removeprefix("data/")
    stored = client("s3").get_object(Bucket="data", Key=key)
    return import_file(stored["Body"].read(), home)


def test_bodies_apart_are_in_the_file_and_secrets_are_not(cloud: Cloud, tmp_path: Path) -> None:
    a_run(cloud)
    a_record(cloud, 1, bodies(cloud).keep({"rows": ["x" * 500] * 100, "card_token": SECRET}))
    spilled = bodies(cloud).spill({"note": f"card {SECRET}"})
    a_record(cloud, 2, bodies(cloud).keep({"card_token": SECRET, "apart": spilled}))
    result = export.write_export(context(cloud), TENANT, RUN)
    file = fetched(result, tmp_path)
    assert (result.steps, result.removed, result.name) == (2, len(file.manifest.removed), f"{RUN}.interlock.zip")
    first, second = file.steps
    assert (first.input.value, first.input.key) == ({"rows": ["x" * 500] * 100, "card_token": "[redacted]"}, "")
    assert second.input.value == {"card_token": "[redacted]", "apart": {"note": "card [redacted]"}}
    assert SECRET not in file.model_dump_json()
    assert export.write_export(context(cloud), TENANT, RUN).digest == result.digest


def test_a_run_that_goes_on_is_not_exported(cloud: Cloud) -> None:
    a_run(cloud, status=RunStatus.RUNNING)
    with pytest.raises(Conflict) as refused:
        export.write_export(context(cloud), TENANT, RUN)
    assert refused.value.code == "run-not-over"
    with pytest.raises(NotFound):
        export.write_export(context(cloud), "globex", RUN)


@pytest.mark.parametrize(("records", "size"), [(1, export.MAX_BYTES + 1), (export.MAX_RECORDS + 1, 0)])
def test_too_much_for_one_call_is_refused(cloud: Cloud, records: int, size: int) -> None:
    run = a_run(cloud)
    record = a_record(cloud, 1, Body(size=size, key=f"runs/{TENANT}/{RUN}/{'0' * 64}.json", digest="0" * 64))
    with pytest.raises(TooLarge) as refused:
        export.require_room(run, [Outline.model_validate(record.model_dump())] * records)
    assert (refused.value.code, refused.value.next_step) == (
        "export-too-large",
        f"Export it on your machine: interlock run export {RUN}",
    )


def test_a_large_run_is_refused_before_bodies_are_read(cloud: Cloud) -> None:
    a_run(cloud)
    a_record(cloud, 1, Body(size=export.MAX_BYTES + 1, key=f"runs/{TENANT}/{RUN}/{'0' * 64}.json", digest="0" * 64))
    with pytest.raises(TooLarge):
        export.write_export(context(cloud), TENANT, RUN)
    assert "GetObject" not in cloud.calls


def test_a_body_past_its_retention_is_named(cloud: Cloud) -> None:
    a_run(cloud)
    body = bodies(cloud).keep({"rows": ["x" * 500] * 100})
    a_record(cloud, 1, body)
    client("s3").delete_object(Bucket=cloud.bucket, Key=body.key)
    with pytest.raises(NotFound) as refused:
        export.write_export(context(cloud), TENANT, RUN)
    assert refused.value.where == body.key
