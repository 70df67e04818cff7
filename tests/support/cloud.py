"""AWS as moto plays it, in this process: tables, buckets, a bus, and a record of every call that was made."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from moto import mock_aws
from moto.backends import get_backend
from moto.events.models import Rule

from functions import contexts
from functions.lifecycle import handler as lifecycle
from interlock.aws.clients import client
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.aws.tables.table import Stored
from interlock.contract.core import names
from interlock.contract.core.settings import LifecycleSettings
from interlock.contract.install import InstallRequest
from interlock.contract.manifest import Manifest
from interlock.contract.registry import Install, SpillPlan, StepPlan, Tenant, Version, VersionStatus, WorkflowPlan
from interlock.control.apps.releases import add_release
from interlock.control.installs.context import InstallContext
from interlock.control.installs.install import request_install
from tests.support.moto_tables import whole_calls
from tests.support.processes import forget_contexts
from tests.support.sagas import walk

ACCOUNT = "123456789012"


_SEND = cast(Any, Rule)._send_to_sqs_queue


REGION = "us-east-1"


TENANT = "acme"


AT = "2026-01-01T00:00:00.000Z"


@dataclass
class Cloud:
    """What a test works with."""

    runs: Runs
    registry: Registry
    bucket: str
    queue: str
    queue_arn: str
    pool: str = ""
    calls: list[str] = field(default_factory=list[str])

    @property
    def life(self) -> InstallContext:
        return contexts.installs()

    def install(self, request: InstallRequest, by: str = "me") -> Install:
        """Install an app as the platform does: the request, then the workflow that it began."""
        question = request_install(self.life, TENANT, request, by)
        self.run_workflow("install", {"tenant": TENANT, "install": question.id})
        self.calls.clear()
        return self.registry.install(TENANT, question.id).item

    def run_workflow(self, name: str, value: dict[str, Any]) -> Any:
        """Walk one of the platform's workflows in this process."""
        return walk(name, value, {"Function": lifecycle.handler, "Lifecycle": lifecycle.handler})


@contextmanager
def a_cloud(monkeypatch: pytest.MonkeyPatch) -> Generator[Cloud]:
    """A cloud while the block runs."""
    monkeypatch.setattr(Rule, "_send_to_sqs_queue", _send_without_group)
    whole_calls(monkeypatch)
    with mock_aws():
        subject = _made()
        services = ("dynamodb", "s3", "sqs", "events", "scheduler", "secretsmanager", "stepfunctions")
        heard = [client(service).meta.events for service in services]

        def hear(model: Any, **_: Any) -> None:
            subject.calls.append(model.name)

        for events in heard:
            events.register_first("before-call.*.*", hear)
        for name, value in life_settings(subject).environment().items():
            monkeypatch.setenv(name, value)
        forget_contexts()
        yield subject
        for events in heard:
            events.unregister("before-call.*.*", hear)


def _send_without_group(rule: Rule, resource_id: str, event: dict[str, Any], *_group: str) -> None:
    """moto takes a target's message group for that of a FIFO queue, and fails for a standard one, which has it too."""
    _SEND(rule, resource_id, event, None)


def life_settings(cloud: Cloud) -> LifecycleSettings:
    """What the platform's workflows work with here."""
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:interlock-"
    return LifecycleSettings(
        runs_table="runs",
        registry_table="registry",
        data_bucket=cloud.bucket,
        start_queue_arn=cloud.queue_arn,
        schedule_role=f"arn:aws:iam::{ACCOUNT}:role/schedules",
        schedule_group="interlock",
        partition="aws",
        region=REGION,
        account=ACCOUNT,
        api_id="api",
        install_machine=f"{machine}install",
        upgrade_machine=f"{machine}upgrade",
        uninstall_machine=f"{machine}uninstall",
        offboard_machine=f"{machine}offboard",
        rollout_machine=f"{machine}rollout",
        user_pool=cloud.pool,
        signing_key="",
    )


def _made() -> Cloud:
    for table, indexes in (
        ("registry", 1),
        ("runs", 5),
        (names.catalog_table(TENANT), 1),
        (names.catalog_table(names.SANDBOX), 1),
    ):
        make_table(table, indexes)
    bucket = "data"
    client("s3").create_bucket(Bucket=bucket)
    queue = client("sqs").create_queue(QueueName="starts")["QueueUrl"]
    arn = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    client("events").create_event_bus(Name=names.bus_name(TENANT))
    client("scheduler").create_schedule_group(Name="interlock")
    for name in ("install", "upgrade", "uninstall", "offboard", "rollout", "onboard"):
        _workflow(f"interlock-{name}")
    cloud = Cloud(runs=Runs("runs"), registry=Registry("registry"), bucket=bucket, queue=queue, queue_arn=arn)
    cloud.registry.create_tenant(Tenant(id=TENANT, created=AT, status="active"))
    return cloud


def make_table(name: str, indexes: int) -> None:
    """A table of ours, put into moto's store: through boto3 the tables and workflows are half of a small test."""
    fields = ["pk", "sk", *(f"gsi{n}{part}" for n in range(1, indexes + 1) for part in ("pk", "sk"))]

    def keys(prefix: str) -> list[dict[str, str]]:
        return [
            {"AttributeName": f"{prefix}pk", "KeyType": "HASH"},
            {"AttributeName": f"{prefix}sk", "KeyType": "RANGE"},
        ]

    get_backend("dynamodb")[ACCOUNT][REGION].create_table(
        name,
        schema=keys(""),
        throughput=None,
        attr=[{"AttributeName": word, "AttributeType": "S"} for word in fields],
        global_indexes=[
            {"IndexName": f"gsi{n}", "KeySchema": keys(f"gsi{n}"), "Projection": {"ProjectionType": "ALL"}}
            for n in range(1, indexes + 1)
        ],
        indexes=None,
        streams=None,
        billing_mode="PAY_PER_REQUEST",
        sse_specification=None,
        tags=[],
        deletion_protection_enabled=None,
        warm_throughput=None,
    )


def listed(cloud: Cloud, app: str = "acme/app", version: str = "1.0.0", **manifest: Any) -> Version:
    """A listed version with two triggers of each kind, a secret and a config schema."""
    triggers = [
        {"event": "asset.created", "where": {"asset": {"type": ["table"]}}},
        {"event": "guest.arrived"},
        {"schedule": "rate(1 day)"},
        {"tool": app.partition("/")[2].replace("-", "_"), "input_schema": "t.json"},
    ]
    raw: dict[str, Any] = {
        "app": {"id": app, "version": version, "title": "App", "category": "automation"},
        "permissions": {"catalog": ["read"], "secrets": ["key"], "state": True},
        "config": {"schema": "c.json"},
        "steps": {"one": {"handler": "m:one"}},
        "workflows": {"main": {"steps": ["one"], "triggers": triggers}},
    }
    result = Version(
        app=app,
        version=version,
        status=VersionStatus.LISTED,
        digest="0" * 64,
        manifest=Manifest.model_validate(raw | manifest),
        config_schema={"type": "object", "properties": {"n": {"type": "integer"}}},
        tool_schemas={app.partition("/")[2].replace("-", "_"): {"type": "object"}},
        steps={"one": StepPlan(handler="m:one", function="f", timeout_s=60)},
        workflows={"main": WorkflowPlan(name="main", machine="interlock-v-000000000000-main", spill=SpillPlan())},
        created=AT,
    )
    cloud.registry.write_version(Stored(item=result, rev=0))
    add_release(cloud.registry, result)
    return result


def machine() -> str:
    """A state machine that runs of `listed` versions start; its ARN's prefix."""
    return _workflow("interlock-v-000000000000-main").removesuffix("interlock-v-000000000000-main")


def _workflow(name: str) -> str:
    """A state machine that does nothing: executions can be started."""
    definition = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    role = f"arn:aws:iam::{ACCOUNT}:role/machines"
    subject = get_backend("stepfunctions")[ACCOUNT][REGION].create_state_machine(name, definition, role)
    return str(subject.arn)
