"""Uploads, versions on trial, and the ends of their runs."""

from __future__ import annotations

from typing import Any

from interlock.aws.clients import client
from interlock.aws.services import artifacts
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.table import Stored
from interlock.compiler.golden import Golden
from interlock.contract.core import names
from interlock.contract.core.failure import Conflict
from interlock.contract.core.names import Artifact
from interlock.contract.envelope import Trigger
from interlock.contract.registry import Version, VersionStatus
from interlock.contract.run import Failed, Run, RunStatus
from interlock.contract.start_message import StartMessage
from interlock.control.publishing import trial
from interlock.control.publishing.context import PublishContext, Upload
from tests.support.cloud import AT, Cloud, listed

TEMPLATE = b'{"Parameters": {"CodeVersion": {"Type": "String"}}, "Resources": {"T": {"Type": "AWS::SNS::Topic"}}}'
UPLOAD = "uploads/acme/app/1.0.0/01M83HEJYS197K195ZCFSBKRQW.zip"


GRANT = ("catalog:read", "secret:key", "state")


TESTS = [{"workflow": "main", "input": "i.json", "expect": "e.json"}] * 2


def put(cloud: Cloud, version: Version, **fields: Any) -> Version:
    stored = cloud.registry.version(version.app, version.version)
    after = version.model_copy(update=fields)
    cloud.registry.write_version(Stored(item=after, rev=stored.rev))
    return after


GOLDEN = (Golden(workflow="main", input={"n": 1}, expect={"n": 2}, secrets={"key": "no"}),) * 2


def on_trial(
    cloud: Cloud, publisher: PublishContext, app: str = "acme/app", tests: tuple[Golden, ...] = GOLDEN
) -> Upload:
    """A version that is deployed, with two golden tests."""
    key = UPLOAD.replace("acme/app", app)
    put(
        cloud,
        listed(cloud, app, tests=TESTS),
        upload_key=key,
        object_version="v",
        status=VersionStatus.DEPLOYING,
        listed=None,
    )
    place = names.artifact_prefix(app, "1.0.0", "0" * 64) + Artifact.GOLDEN_TESTS
    artifacts.write_json(cloud.bucket, place, trial.Tests(tests=tests).model_dump(mode="json"))
    return Upload(key=key, object_version="v")


def started(cloud: Cloud) -> list[StartMessage]:
    result = client("sqs").receive_message(QueueUrl=cloud.queue, MaxNumberOfMessages=10).get("Messages", [])
    return [StartMessage.model_validate_json(row["Body"]) for row in result]


def end(cloud: Cloud, version: Version, outputs: list[Any]) -> None:
    """What the machines would do: a run for each test, ended; None for one that failed."""
    for one, output in zip(version.trial.runs if version.trial else (), outputs, strict=True):
        bodies = Bodies(cloud.bucket, names.SANDBOX, one.run)
        run = Run(
            id=one.run,
            tenant=names.SANDBOX,
            install=one.install,
            app=version.app,
            version=version.version,
            workflow=one.workflow,
            trigger=Trigger(kind="api", name="trial", id=one.install),
            status=RunStatus.FAILED if output is None else RunStatus.SUCCEEDED,
            execution="arn:aws:states:us-east-1:1:execution:m:x",
            started=AT,
            input=bodies.keep({"n": 1}),
            output=None if output is None else bodies.keep(output),
            failed=Failed(error="ValueError", cause="no n", state="one") if output is None else None,
        )
        try:
            cloud.runs.create(run)
        except Conflict:
            continue


def acme() -> Any:
    from interlock.contract.registry import Publisher as Namespace

    return Namespace(id="acme", created=AT)
