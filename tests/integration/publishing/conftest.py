"""A publisher whose versions are published in the test's process."""

from __future__ import annotations

import pytest

from interlock.aws.clients import client
from interlock.contract.core import names
from interlock.contract.core.settings import PublishSettings
from interlock.contract.registry import Tenant
from interlock.control.publishing.context import PublishContext
from tests.support.cloud import AT, Cloud


@pytest.fixture
def publisher(cloud: Cloud) -> PublishContext:
    cloud.registry.create_tenant(Tenant(id=names.SANDBOX, created=AT, status="active"))
    onboard = client("stepfunctions").list_state_machines()["stateMachines"][0]["stateMachineArn"]
    versioned = {"Status": "Enabled"}
    client("s3").put_bucket_versioning(Bucket=cloud.bucket, VersioningConfiguration=versioned)
    fields = dict.fromkeys(PublishSettings.model_fields, "x") | {
        "registry_table": "registry",
        "runs_table": "runs",
        "artifact_bucket": cloud.bucket,
        "data_bucket": cloud.bucket,
        "start_queue": cloud.queue,
        "onboard_machine": onboard,
        "auto_review": False,
        "gate_arn": "arn:aws:lambda:us-east-1:123456789012:function:interlock-gate",
        "deploy_role": "arn:aws:iam::123456789012:role/deploy",
    }
    return PublishContext(registry=cloud.registry, settings=PublishSettings.model_validate(fields))
