"""A listed version gets its stack again from its artifacts, with this deployment's parameters and signature."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from interlock.aws.clients import client
from interlock.aws.services import artifacts
from interlock.contract.core import names
from interlock.contract.core.failure import Conflict
from interlock.contract.registry import VersionStatus
from interlock.control.apps.signature import check_signature
from interlock.control.publishing.context import PublishContext
from interlock.control.publishing.restore import restore_version
from tests.support.cloud import AT, Cloud, listed
from tests.support.publishing import TEMPLATE, put

BUNDLE = b"the bundle that was certified"
DIGEST = sha256(BUNDLE).hexdigest()
PREFIX = names.artifact_prefix("acme/app", "1.0.0", DIGEST)
TEMPLATE_WITH_KEYS = TEMPLATE.replace(
    b'"CodeVersion": {"Type": "String"}',
    b", ".join(
        f'"{name}": {{"Type": "String"}}'.encode()
        for name in (
            *("CodeBucket", "CodeKey", "CodeVersion", "DefinitionBucket", "Gate", "Pause", "MachineRole"),
            *("StepBoundary", "SdkLayer", "Runtime", "Architecture", "Subnets", "SecurityGroup"),
            *("MainKey", "MainVersion"),
        )
    ),
)


@pytest.fixture
def context(cloud: Cloud, publisher: PublishContext, key: str) -> PublishContext:
    """A deployment with another key, and a version whose artifacts were imported."""
    put(cloud, listed(cloud), status=VersionStatus.LISTED, listed=AT, digest=DIGEST, signature="of another key")
    definition = f"{PREFIX}workflows/main.asl.json"
    old = {"CodeVersion": "old", "Gate": "old", "MainKey": definition, "MainVersion": "old"}
    artifacts.write(cloud.bucket, f"{PREFIX}bundle.zip", BUNDLE, "application/zip")
    artifacts.write(cloud.bucket, definition, b"{}", "application/json")
    artifacts.write(cloud.bucket, f"{PREFIX}template.json", TEMPLATE_WITH_KEYS, "application/json")
    artifacts.write_json(cloud.bucket, f"{PREFIX}parameters.json", old)
    return replace(publisher, settings=publisher.settings.model_copy(update={"signing_key": key}))


def test_a_stack_is_made_of_what_the_bucket_has_now(cloud: Cloud, context: PublishContext) -> None:
    assert restore_version("acme/app", "1.0.0", context) == {"begun": True}
    stack = client("cloudformation").describe_stacks(StackName=names.version_stack("acme/app", "1.0.0"))["Stacks"][0]
    values = {row["ParameterKey"]: row["ParameterValue"] for row in stack["Parameters"]}
    assert values["CodeVersion"] == artifacts.newest_version(cloud.bucket, f"{PREFIX}bundle.zip")
    assert values["MainVersion"] == artifacts.newest_version(cloud.bucket, f"{PREFIX}workflows/main.asl.json")
    assert values["Gate"] == context.settings.gate_arn and values["DefinitionBucket"] == cloud.bucket
    check_signature(cloud.registry.version("acme/app", "1.0.0").item, context.settings.signing_key)
    assert restore_version("acme/app", "1.0.0", context)["begun"]


def test_another_bundle_is_neither_signed_nor_deployed(cloud: Cloud, context: PublishContext) -> None:
    artifacts.write(cloud.bucket, f"{PREFIX}bundle.zip", b"another one", "application/zip")
    with pytest.raises(Conflict) as refused:
        restore_version("acme/app", "1.0.0", context)
    assert refused.value.code == "bundle-tampered"
    assert cloud.registry.version("acme/app", "1.0.0").item.signature == "of another key"
    assert client("cloudformation").list_stacks()["StackSummaries"] == []


def test_a_version_that_was_never_listed_is_refused(cloud: Cloud, context: PublishContext) -> None:
    put(cloud, cloud.registry.version("acme/app", "1.0.0").item, listed=None, status=VersionStatus.REJECTED)
    with pytest.raises(Conflict) as refused:
        restore_version("acme/app", "1.0.0", context)
    assert refused.value.code == "version-not-listed"
