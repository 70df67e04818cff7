"""Every workflow of the platform, killed between any two of its calls to AWS and run again: on the engine.

The tasks run in this process, against the engine: so a kill takes the very process that was at work. What they begin
themselves (executions) leads to a machine that does nothing, so that nobody else does the work meanwhile.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from functions.approve import handler as approve
from functions.lifecycle import handler as lifecycle
from functions.onboard import handler as onboard
from functions.publish import handler as publish
from interlock.aws.clients import client
from interlock.contract.approval import PLATFORM_SCOPE, ApprovalStatus, Verdict, keyed_id
from interlock.contract.core import names
from interlock.contract.core.base import Json
from interlock.contract.core.failure import Conflict, NotFound
from interlock.contract.install import InstallRequest, UpgradeRequest
from interlock.contract.member import Caller
from interlock.contract.registry import Install, Membership, Role
from interlock.control.installs.install import request_install
from interlock.control.installs.uninstall import request_deletion, request_recovery, request_removal
from interlock.control.installs.upgrade import request_rollback, request_upgrade
from interlock.control.pauses.approvals import answer_of, decide, list_approvals, show_approval
from interlock.control.publishing.publish import request_upload
from interlock.control.tenants.offboard import request_offboard
from interlock.local.environment import talking_to
from interlock.local.platform import Platform
from tests.support.crash_ground import Ground, app_with_two_versions, onboarded
from tests.support.crashes import Outcome, World, crash_everywhere
from tests.support.sagas import WorkflowFailed, walk

TENANT = "crashes"
FUNCTIONS = {"Function": lifecycle.handler, "Lifecycle": lifecycle.handler}
OUTCOMES: list[Outcome] = []
NEVER_MORE: tuple[type[Exception], ...] = (Conflict, NotFound, WorkflowFailed)
"""What a second run says where the first one had come to its end."""


@pytest.fixture(scope="module")
def ground(platform: Platform) -> Iterator[Ground]:
    with talking_to(platform.engine):
        found = Ground()
        found.be("publish", publish)
        found.be("approve", approve)
        found.be("onboard", onboard)
        found.be("lifecycle", lifecycle)
        onboarded(TENANT)
        yield found


def look_at_install(app: str) -> World:
    """What an app's installs are and left in AWS, less their ids."""
    registry = lifecycle.life().registry
    rows = [row.read(Install) for row in registry.table.query_all(f"TEN#{TENANT}", "INS#")]
    found = [row for row in rows if row.app == app]
    world: World = {
        "installs": set(),
        "rules": set(),
        "schedules": set(),
        "secrets": set(),
        "tools": set(),
        "state": set(),
    }
    tool = registry.table.get(_tool(app))
    for install in found:
        said = (install.status.value, install.version, str(bool(install.moving)), str(bool(install.previous)))
        receipt = str(install.receipt.deleted.model_dump()) if install.receipt else ""
        world["installs"].add(" ".join((*said, receipt, install.problem)))
        bus = names.bus_name(TENANT)
        rules = client("events").list_rules(EventBusName=bus, NamePrefix=install.id)["Rules"]
        world["rules"] |= {row["Name"].removeprefix(install.id) for row in rules}
        schedules = client("scheduler").list_schedules(GroupName="interlock", NamePrefix=install.id)["Schedules"]
        world["schedules"] |= {row["Name"].removeprefix(install.id) for row in schedules}
        prefix = names.secrets_prefix(TENANT, install.id)
        world["secrets"] |= {row["Name"].removeprefix(prefix) for row in secrets_below(prefix)}
        listing = client("s3").list_objects_v2(
            Bucket=lifecycle.life().cell.bucket, Prefix=names.state_prefix(TENANT, install.id)
        )
        world["state"] |= {row["Key"].rsplit("/", 1)[-1] for row in listing.get("Contents", [])}
    if tool is not None:
        world["tools"].add("its own" if any(row.id in tool.doc for row in found) else "another's")
    return world


def secrets_below(prefix: str) -> list[dict[str, Any]]:
    found = client("secretsmanager").list_secrets(Filters=[{"Key": "name", "Values": [prefix]}])["SecretList"]
    return [row for row in found if row["Name"].startswith(prefix)]


def _tool(app: str) -> Any:
    from interlock.control.installs.tools import tool_key

    return tool_key(TENANT, app.partition("/")[2])


def install_of(ground: Ground, app: str) -> str:
    rows = [row.read(Install) for row in ground.registry.table.query_all(f"TEN#{TENANT}", "INS#")]
    return next(row.id for row in rows if row.app == app)


def begin_install(ground: Ground, app: str, version: str = "1.0.0") -> None:
    grant = ("catalog:read", "secret:key", "state")
    request = InstallRequest(app=app, version=version, grant=grant, secrets={"key": "v"})
    made = request_install(ground.life, TENANT, request, "me")
    walk("install", {"tenant": TENANT, "install": made.id}, FUNCTIONS)


def installed(ground: Ground) -> str:
    app = app_with_two_versions(ground)
    begin_install(ground, app)
    key = names.state_prefix(TENANT, install_of(ground, app)) + "kept"
    client("s3").put_object(Bucket=ground.life.cell.bucket, Key=key, Body=b"x")
    return app


def order(ground: Ground, app: str, **words: Any) -> dict[str, Any]:
    return {"tenant": TENANT, "install": install_of(ground, app)} | words


def upgrade(ground: Ground, app: str) -> None:
    asked = UpgradeRequest(version="2.0.0", grant=("catalog:read",))
    begun = request_upgrade(ground.life, TENANT, install_of(ground, app), asked, "me")
    walk("upgrade", order(ground, app, to=begun.to, by="me"), FUNCTIONS)


def rollback(ground: Ground, app: str) -> None:
    begun = request_rollback(ground.life, TENANT, install_of(ground, app), "me")
    walk("upgrade", order(ground, app, to=begun.to, kind="rollback", by="me"), FUNCTIONS)


def uninstall(ground: Ground, app: str) -> None:
    request_removal(ground.life, TENANT, install_of(ground, app))
    walk("uninstall", order(ground, app, part="remove"), FUNCTIONS)


def recover(ground: Ground, app: str) -> None:
    request_recovery(ground.life, TENANT, install_of(ground, app))
    walk("install", order(ground, app), FUNCTIONS)


def delete(ground: Ground, app: str) -> None:
    request_deletion(ground.life, TENANT, install_of(ground, app))
    walk("uninstall", order(ground, app, part="erase"), FUNCTIONS)


def upgraded(ground: Ground) -> str:
    app = installed(ground)
    upgrade(ground, app)
    return app


def removed(ground: Ground) -> str:
    app = installed(ground)
    uninstall(ground, app)
    return app


SAGAS: dict[str, tuple[Callable[[Ground], str], Callable[[Ground, str], None]]] = {
    "install": (app_with_two_versions, begin_install),
    "upgrade": (installed, upgrade),
    "roll back": (upgraded, rollback),
    "uninstall": (installed, uninstall),
    "recover": (removed, recover),
    "delete": (removed, delete),
}


@pytest.mark.parametrize("saga", SAGAS)
def test_a_change_of_an_install_survives_a_kill_at_every_point(ground: Ground, saga: str) -> None:
    prepare, act = SAGAS[saga]

    def again(app: str) -> None:
        try:
            act(ground, app)
        except NEVER_MORE:
            return

    OUTCOMES.append(crash_everywhere(saga, lambda: prepare(ground), again, look_at_install))


def test_publishing_survives_a_kill_at_every_point(ground: Ground) -> None:
    bucket = "crashes-artifacts"
    client("s3").create_bucket(Bucket=bucket)
    client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    ground.be("publish", publish, INTERLOCK_ARTIFACT_BUCKET=bucket)
    data = _bundle("crashes/crashed")
    _publisher(ground)

    def look(version: str) -> World:
        stack = names.version_stack("crashes/crashed", version)
        app = ground.registry.app("crashes/crashed").item
        try:
            found = ground.registry.version("crashes/crashed", version).item
            said = {found.status.value, found.level.value, found.review.by if found.review else ""}
        except NotFound:
            said = set[str]()
        left = client("s3").list_objects_v2(Bucket=bucket, Prefix=f"uploads/crashes/crashed/{version}/")
        made = client("s3").list_objects_v2(Bucket=bucket, Prefix=f"versions/crashes/crashed/{version}/")
        return {
            "version": said,
            "asked": {str(len(asked_about(f"crashes/crashed@{version}")))},
            "release": {row.status.value for row in app.releases if row.version == version},
            "stack": {row["StackStatus"] for row in _stacks(stack)},
            "uploads": {"left" for _ in left.get("Contents", [])},
            "artifacts": {row["Key"].rsplit("/", 1)[-1] for row in made.get("Contents", [])},
        }

    uploads: dict[str, dict[str, str]] = {}

    def act(version: str) -> None:
        """Upload, then the workflow; a second time the workflow alone, as Step Functions does it."""
        if version not in uploads:
            ticket = request_upload(ground.registry, bucket, "crashes/crashed", version, "", review=True)
            put = client("s3").put_object(Bucket=bucket, Key=ticket.version.upload_key, Body=data(version))
            uploads[version] = {"key": ticket.version.upload_key, "object_version": put["VersionId"]}
        functions = {"Function": publish.handler, "Lifecycle": lifecycle.handler, "Approve": approve.handler}
        walk("publish", uploads[version], functions, approved)

    def again(version: str) -> None:
        try:
            act(version)
        except NEVER_MORE:
            return

    OUTCOMES.append(crash_everywhere("publish", lambda: f"1.0.{ground.name('')}", again, look))


def approved(payload: dict[str, Any]) -> Json:
    """What an operator who says yes has the state told; a second time, what was said the first time."""
    who = Membership(principal="olga", scope=PLATFORM_SCOPE, role=Role.OPERATOR)
    approval = keyed_id(payload["subject"], payload["key"])
    try:
        caller = Caller(principal="olga", memberships=(who,))
        decide(approve.desk(), PLATFORM_SCOPE, approval, Verdict(approve=True), caller)
    except Conflict as error:
        assert error.code == "approval-decided"
    return answer_of(show_approval(approve.desk(), PLATFORM_SCOPE, approval))


def asked_about(subject: str) -> set[str]:
    pages = [list_approvals(approve.desk(), PLATFORM_SCOPE, status).approvals for status in ApprovalStatus]
    return {row.id for page in pages for row in page if row.subject == subject}


def test_onboarding_survives_a_kill_at_every_point(ground: Ground) -> None:
    def act(tenant: str) -> None:
        try:
            onboarded(tenant)
        except NEVER_MORE:
            return

    OUTCOMES.append(crash_everywhere("onboard", lambda: ground.name("onb"), act, _look_at_tenant))


def test_offboarding_survives_a_kill_at_every_point(ground: Ground) -> None:
    def prepare() -> str:
        tenant = ground.name("off")
        onboarded(tenant)
        client("s3").put_object(Bucket=ground.life.cell.bucket, Key=f"tenants/{tenant}/kept", Body=b"x")
        return tenant

    def act(tenant: str) -> None:
        try:
            request_offboard(ground.life, tenant)
            walk("offboard", {"tenant": tenant}, FUNCTIONS)
        except NEVER_MORE:
            return

    OUTCOMES.append(crash_everywhere("offboard", prepare, act, _look_at_tenant))


def test_the_table_of_outcomes(capsys: pytest.CaptureFixture[str]) -> None:
    assert {row.saga for row in OUTCOMES} == {*SAGAS, "publish", "onboard", "offboard"}
    table = ["", "| workflow | kills | reached its end | back where it began | neither |", "|---|---|---|---|---|"]
    with capsys.disabled():
        sys.stdout.write("\n".join([*table, *(row.row() for row in OUTCOMES), ""]))
    assert all(row.wished for row in OUTCOMES)


def _look_at_tenant(tenant: str) -> World:
    registry = lifecycle.life().registry
    try:
        status = registry.tenant(tenant).status
    except NotFound:
        status = ""
    items = registry.table.query_all(f"TEN#{tenant}")
    listing = client("s3").list_objects_v2(Bucket=lifecycle.life().cell.bucket, Prefix=f"tenants/{tenant}/")
    return {
        "status": {status},
        "items": {row.key.sk for row in items},
        "stack": {row["StackStatus"] for row in _stacks(names.tenant_stack(tenant))},
        "objects": {row["Key"].removeprefix(f"tenants/{tenant}/") for row in listing.get("Contents", [])},
    }


def _stacks(name: str) -> list[dict[str, Any]]:
    try:
        found = client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except client("cloudformation").exceptions.ClientError:
        return []
    return [row for row in found if row["StackStatus"] != "DELETE_COMPLETE"]


def _publisher(ground: Ground) -> None:
    from interlock.control.tenants.identities import create_publisher

    try:
        create_publisher(ground.registry, "crashes", "")
    except Conflict:
        return


def _bundle(app: str) -> Callable[[str], bytes]:
    manifest = f"""
[app]
id = "{app}"
version = "VERSION"
title = "Crashed"
category = "automation"

[steps.one]
handler = "m:one"

[workflows.main]
steps = ["one"]
"""
    code = "from interlock import step\n\n\n@step\ndef one(value: dict) -> dict:\n    return value\n"

    def packed(version: str) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("interlock.toml", manifest.replace("VERSION", version))
            archive.writestr("m.py", code)
        return out.getvalue()

    return packed
