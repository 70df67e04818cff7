"""What tests of copilots share: a caller, installs as consent leaves them, and a run."""

from __future__ import annotations

import json
from typing import Any

from interlock.aws.clients import client
from interlock.aws.tables.table import Stored
from interlock.contract.copilot.tool import ToolItem, tool_pin
from interlock.contract.core import names
from interlock.contract.envelope import Trigger
from interlock.contract.manifest import ToolTrigger
from interlock.contract.member import Caller
from interlock.contract.registry import Install, InstallStatus, Membership, Role, Version
from interlock.contract.run import (
    Body,
    Run,
    RunStatus,
)
from interlock.control.copilot.call_tool import list_tools
from interlock.control.copilot.tool import Copilot
from interlock.control.installs.tools import tool_key
from tests.support.cloud import AT, TENANT, Cloud

ARTIFACTS = "artifacts"
MEMBER_TOOLS = {
    "search_assets",
    "read_asset",
    "list_workflows",
    "start_workflow",
    "list_runs",
    "run_status",
    "explain_run",
    "list_pauses",
    "list_views",
    "read_view",
}
ADMIN_TOOLS = MEMBER_TOOLS | {"resume_pause", "dry_fork"}
RUN = "a" * 20


def copilot(cloud: Cloud, role: Role | None = Role.ADMIN, tenant: str = TENANT, scope: str = "") -> Copilot:
    memberships = (Membership(principal="me", scope=scope or f"tenant/{TENANT}", role=role),) if role else ()
    return Copilot(
        caller=Caller(principal="me", memberships=memberships),
        tenant=tenant,
        registry=cloud.registry,
        runs=cloud.runs,
        bucket=cloud.bucket,
        artifacts=ARTIFACTS,
        queue=cloud.queue,
        gate="gate",
    )


def installed(cloud: Cloud, version: Version, *granted: str, install: str = "", pin: str = "") -> Install:
    """An install with its tools, as consent leaves it."""
    subject = Install(
        id=install or names.ulid(),
        tenant=TENANT,
        app=version.app,
        version=version.version,
        status=InstallStatus.ACTIVE,
        granted=granted,
        created=AT,
    )
    rev = cloud.registry.install(TENANT, subject.id).rev if install else 0
    cloud.registry.write_install(Stored(item=subject, rev=rev))
    assert version.manifest
    for workflow, section in version.manifest.workflows.items():
        for trigger in section.triggers:
            if isinstance(trigger, ToolTrigger):
                schema = version.tool_schemas[trigger.tool]
                item = ToolItem(
                    tool=trigger.tool,
                    install=subject.id,
                    workflow=workflow,
                    app=version.app,
                    version=version.version,
                    definition=pin or tool_pin(version.app, workflow, trigger, schema),
                )
                cloud.registry.table.put(tool_key(TENANT, trigger.tool), item)
    cloud.registry.hold_name(TENANT, version.app, subject.name, subject.id)
    return subject


def sent(cloud: Cloud) -> list[dict[str, Any]]:
    result = client("sqs").receive_message(QueueUrl=cloud.queue, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(row["Body"]) for row in result]


def kept_run(cloud: Cloud, status: RunStatus = RunStatus.FAILED, **fields: Any) -> Run:
    run = Run(
        id=RUN,
        tenant=TENANT,
        install="i",
        app="acme/app",
        version="1.0.0",
        workflow="main",
        trigger=Trigger(kind="api", name="api", id="1"),
        status=status,
        execution="arn:aws:states:us-east-1:123456789012:execution:m:e",
        started=AT,
        ended=AT if status.over else None,
        input=Body(value={"name": "Ada", "api_key": "hunter2-very-secret"}, size=40),
        **fields,
    )
    cloud.runs.create(run)
    return run


def names_of(result: Copilot) -> set[str]:
    return {tool.name for tool in list_tools(result).tools}
