"""An app that tries what it must not: its ambient role, another install of its tenant, another tenant."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.support.kit import Kit, bundle, single, task

CODE = """
import boto3, os
from botocore.exceptions import ClientError
from interlock import step

def tried(call):
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "ANSWERED"

def session_client(ctx, service):
    session = ctx._backend._session
    return boto3.client(
        service,
        region_name=session.region,
        endpoint_url=session.endpoint_url,
        aws_access_key_id=session.access_key_id,
        aws_secret_access_key=session.secret_access_key,
        aws_session_token=session.session_token,
    )

def reads(make, value):
    return {
        "table": tried(lambda: make("dynamodb").scan(TableName=value["table"])),
        "object": tried(lambda: make("s3").get_object(Bucket=value["bucket"], Key=value["object"])),
        "list": tried(lambda: make("s3").list_objects_v2(Bucket=value["bucket"], Prefix=value["prefix"])),
        "put": tried(lambda: make("s3").put_object(Bucket=value["bucket"], Key=value["object"] + "x", Body=b"x")),
        "secret": tried(lambda: make("secretsmanager").get_secret_value(SecretId=value["secret"])),
    }

@step
def ambient(value):
    return reads(boto3.client, value)

@step
def session(value, ctx):
    return reads(lambda service: session_client(ctx, service), value)

@step
def own(value, ctx):
    ctx.state.put("mine", {"kept": True})
    return {"state": ctx.state.get("mine"), "secret": len(ctx.secrets["token"])}
"""
MORE = '\n[permissions]\nsecrets = ["token"]\nstate = true\ncatalog = ["read"]\n'
GRANT = ("catalog:read", "secret:token", "state")
STEPS = {"ambient": "", "session": "", "own": ""}


@pytest.fixture(scope="module")
def apps(kit: Kit) -> dict[str, Any]:
    """The probe, its victim in the same tenant, and one in another tenant; each has state and a secret."""
    workflows = {name: single(task(name)) for name in STEPS}
    files = bundle(CODE, STEPS, workflows, MORE)
    other = f"oth{uuid.uuid4().hex[:6]}"
    kit.onboard(other)
    subject: dict[str, Any] = {}
    for name, tenant in (("probe", kit.tenant), ("neighbour", kit.tenant), ("stranger", other)):
        app = f"{kit.publisher.profile.id}/{name}"
        kit.publish(name, {path: text.replace("APP", app) for path, text in files.items()})
        subject[name] = kit.install(app, GRANT, tenant, secrets={"token": f"secret of {name}"})
        assert kit.ended(subject[name], kit.start(subject[name], "own"))["output"]["value"] == {
            "state": {"kept": True},
            "secret": len(f"secret of {name}"),
        }
    return subject


@pytest.mark.parametrize("victim", ["neighbour", "stranger"])
@pytest.mark.parametrize("way", ["ambient", "session"])
def test_data_of_another_install_is_refused(kit: Kit, apps: dict[str, Any], way: str, victim: str) -> None:
    target = apps[victim]
    prefix = f"tenants/{target.tenant}/installs/{target.install}/state/"
    value = {
        "table": f"interlock-catalog-{target.tenant}",
        "bucket": kit.platform.record.data_bucket,
        "prefix": prefix,
        "object": f"{prefix}mine",
        "secret": f"interlock/{target.tenant}/{target.install}/token",
    }
    listed = kit.client("s3").list_objects_v2(Bucket=value["bucket"], Prefix=prefix)
    assert any(row["Key"].startswith(value["object"]) for row in listed["Contents"])
    assert kit.client("secretsmanager").get_secret_value(SecretId=value["secret"])["SecretString"]
    run = kit.ended(apps["probe"], kit.start(apps["probe"], way, value))
    assert run["status"] == "succeeded", run["failed"]
    refused = {name: code for name, code in run["output"]["value"].items() if not code.startswith("AccessDenied")}
    assert refused == {}


def test_the_platforms_own_tables_are_refused_to_both(kit: Kit, apps: dict[str, Any]) -> None:
    for table in (kit.platform.record.runs_table, kit.platform.record.registry_table):
        for way in ("ambient", "session"):
            value = {"table": table, "bucket": "b", "prefix": "p", "object": "o", "secret": "s"}
            run = kit.ended(apps["probe"], kit.start(apps["probe"], way, value))
            assert run["output"]["value"]["table"].startswith("AccessDenied")
