"""Every workflow of the platform, killed between any two of its calls to AWS and run again: on the engine.

The tasks run in this process, against the engine: so a kill takes the very process that was at work. What they begin
themselves (executions) leads to a machine that does nothing, so that nobody else does the work meanwhile.
"""

from __future__ import annotations

import hashlib
import io
import sys
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from functions import contexts
from functions.approve import handler as approve
from functions.lifecycle import handler as lifecycle
from functions.publish import handler as publish
from interlock.aws.clients import client
from interlock.contract.approval import PLATFORM_SCOPE, ApprovalStatus, Verdict, keyed_id
from interlock.contract.core import names
from interlock.contract.core.base import Json, now
from interlock.contract.core.failure import Conflict, NotFound
from interlock.contract.member import Caller
from interlock.contract.registration import NewVersion
from interlock.contract.registry import Membership, Publisher, Role
from interlock.control.pauses.approvals import answer_of, decide, list_approvals, show_approval
from interlock.control.publishing.publish import request_upload
from interlock.control.tenants.offboard import request_offboard
from interlock.local.environment import talking_to
from interlock.local.platform import Platform
from tests.support.crash_ground import EngineGround, Ground, onboarded
from tests.support.crashes import Outcome, World, crash_everywhere
from tests.support.install_sagas import FUNCTIONS, NEVER_MORE, crash_change
from tests.support.sagas import walk

TENANT = "crashes"
OUTCOMES: list[Outcome] = []


@pytest.fixture(scope="module")
def ground(platform: Platform) -> Iterator[EngineGround]:
    with talking_to(platform.engine):
        result = EngineGround(TENANT)
        result.be("publish")
        result.be("approve")
        result.be("onboard")
        result.be("lifecycle")
        onboarded(TENANT)
        yield result


def test_an_upgrade_survives_a_kill_at_every_point(ground: EngineGround) -> None:
    """The other changes of an install are killed in tests/integration/installs/test_crash_points.py."""
    OUTCOMES.append(crash_change(ground, "upgrade"))


def test_publishing_survives_a_kill_at_every_point(ground: EngineGround) -> None:
    bucket = "crashes-artifacts"
    client("s3").create_bucket(Bucket=bucket)
    client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    ground.be("publish", INTERLOCK_ARTIFACT_BUCKET=bucket)
    data = _bundle("crashes/crashed")
    _publisher(ground)

    def look(version: str) -> World:
        stack = names.version_stack("crashes/crashed", version)
        app = ground.registry.app("crashes/crashed").item
        try:
            result = ground.registry.version("crashes/crashed", version).item
            said = {result.status.value, result.level.value, result.review.by if result.review else ""}
            said |= {row.code for row in result.findings}
        except NotFound:
            said = set[str]()
        left = client("s3").list_objects_v2(Bucket=bucket, Prefix=f"uploads/crashes/crashed/{version}/")
        subject = client("s3").list_objects_v2(Bucket=bucket, Prefix=f"versions/crashes/crashed/{version}/")
        return {
            "version": said,
            "asked": {str(len(asked_about(f"crashes/crashed@{version}")))},
            "release": {row.status.value for row in app.releases if row.version == version},
            "stack": {row["StackStatus"] for row in _stacks(stack)},
            "uploads": {"left" for _ in left.get("Contents", [])},
            "artifacts": {row["Key"].rsplit("/", 1)[-1] for row in subject.get("Contents", [])},
        }

    uploads: dict[str, dict[str, str]] = {}

    def act(version: str) -> None:
        """Upload, then the workflow; a second time the workflow alone, as Step Functions does it."""
        if version not in uploads:
            digest = hashlib.sha256(data(version)).hexdigest()
            new = NewVersion(version=version, digest=digest, review=True)
            ticket = request_upload(ground.registry, bucket, "crashes/crashed", new)
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
        decide(contexts.approvals(), PLATFORM_SCOPE, approval, Verdict(approve=True), caller)
    except Conflict as error:
        assert error.code == "approval-decided"
    return answer_of(show_approval(contexts.approvals(), PLATFORM_SCOPE, approval))


def asked_about(subject: str) -> set[str]:
    pages = [list_approvals(contexts.approvals(), PLATFORM_SCOPE, status).approvals for status in ApprovalStatus]
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
        client("s3").put_object(Bucket=ground.life.deployment.bucket, Key=f"tenants/{tenant}/kept", Body=b"x")
        return tenant

    def act(tenant: str) -> None:
        try:
            request_offboard(ground.life, tenant)
            walk("offboard", {"tenant": tenant}, FUNCTIONS)
        except NEVER_MORE:
            return

    OUTCOMES.append(crash_everywhere("offboard", prepare, act, _look_at_tenant))


def test_the_table_of_outcomes(capsys: pytest.CaptureFixture[str]) -> None:
    assert {row.saga for row in OUTCOMES} == {"upgrade", "publish", "onboard", "offboard"}
    table = ["", "| workflow | kills | reached its end | back where it began | neither |", "|---|---|---|---|---|"]
    with capsys.disabled():
        sys.stdout.write("\n".join([*table, *(row.row() for row in OUTCOMES), ""]))
    assert all(row.wished for row in OUTCOMES)


def _look_at_tenant(tenant: str) -> World:
    registry = contexts.installs().registry
    try:
        status = registry.tenant(tenant).status
    except NotFound:
        status = ""
    items = registry.table.query_all(f"TEN#{tenant}")
    listing = client("s3").list_objects_v2(Bucket=contexts.installs().deployment.bucket, Prefix=f"tenants/{tenant}/")
    return {
        "status": {status},
        "items": {row.key.sk for row in items},
        "stack": {row["StackStatus"] for row in _stacks(names.tenant_stack(tenant))},
        "objects": {row["Key"].removeprefix(f"tenants/{tenant}/") for row in listing.get("Contents", [])},
    }


def _stacks(name: str) -> list[dict[str, Any]]:
    try:
        result = client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except client("cloudformation").exceptions.ClientError:
        return []
    return [row for row in result if row["StackStatus"] != "DELETE_COMPLETE"]


def _publisher(ground: Ground) -> None:
    try:
        ground.registry.create_publisher(Publisher(id="crashes", created=now()))
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

    @cache
    def packed(version: str) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("interlock.toml", manifest.replace("VERSION", version))
            archive.writestr("m.py", code)
        return out.getvalue()

    return packed
