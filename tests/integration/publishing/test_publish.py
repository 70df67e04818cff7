"""What certifying signs is checked wherever a version is made use of; trials leave nothing behind; a person's word."""

from __future__ import annotations

from hashlib import sha256

import pytest

from interlock.aws.services import artifacts
from interlock.contract.core import names
from interlock.contract.core.failure import Conflict, Failure, NotFound
from interlock.contract.registration import NewVersion
from interlock.contract.registry import VersionStatus
from interlock.control.publishing.check import known_vulnerabilities
from interlock.control.publishing.context import PublishContext, Upload
from interlock.control.publishing.publish import (
    certify,
    deploy,
    inspect,
    list_version,
    reject,
    request_upload,
)
from tests.support.cloud import AT, Cloud, listed
from tests.support.publishing import TEMPLATE, UPLOAD, acme, put


@pytest.mark.parametrize("status", [VersionStatus.LISTED, VersionStatus.DEPRECATED, VersionStatus.YANKED])
def test_a_version_that_was_listed_takes_no_other_bytes(cloud: Cloud, status: VersionStatus) -> None:
    put(cloud, listed(cloud), status=status, listed=AT)
    cloud.registry.create_publisher(acme())
    with pytest.raises(Conflict, match="can't be changed"):
        request_upload(cloud.registry, cloud.bucket, "acme/app", NewVersion(version="1.0.0", digest="9" * 64))
    assert (
        request_upload(cloud.registry, cloud.bucket, "acme/app", NewVersion(version="1.0.0", digest="0" * 64)).form
        is None
    )


def test_a_bundle_that_was_changed_in_the_bucket_is_not_deployed(cloud: Cloud, publisher: PublishContext) -> None:
    data = b"the bundle that was inspected"
    put(
        cloud,
        listed(cloud),
        upload_key=UPLOAD,
        object_version="v",
        status=VersionStatus.CHECKING,
        digest=sha256(data).hexdigest(),
    )
    prefix = names.artifact_prefix("acme/app", "1.0.0", sha256(data).hexdigest())
    for result in (data, b"another one"):
        code = artifacts.write(cloud.bucket, f"{prefix}bundle.zip", result, "application/zip")
        artifacts.write_json(cloud.bucket, f"{prefix}parameters.json", {"CodeVersion": code})
        artifacts.write(cloud.bucket, f"{prefix}template.json", TEMPLATE, "application/json")
        if result == data:
            deploy(Upload(key=UPLOAD, object_version="v"), publisher)
            continue
        with pytest.raises(Conflict) as refused:
            deploy(Upload(key=UPLOAD, object_version="v"), publisher)
        assert refused.value.code == "bundle-tampered"


@pytest.mark.parametrize("status", [VersionStatus.LISTED, VersionStatus.REVIEW, VersionStatus.REJECTED])
def test_a_form_that_is_used_again_changes_nothing(
    cloud: Cloud, publisher: PublishContext, status: VersionStatus
) -> None:
    fields = {"status": status, "listed": AT if status is VersionStatus.LISTED else None}
    before = put(cloud, listed(cloud), upload_key=UPLOAD, object_version="v", **fields)
    again = Upload(key=UPLOAD, object_version="w")
    for task in (inspect, deploy, certify, list_version):
        with pytest.raises(NotFound, match="took the place"):
            task(again, publisher)
    assert reject(again, publisher, "it was refused") == {"findings": 0}
    assert cloud.registry.version("acme/app", "1.0.0").item == before


def test_a_listed_version_is_not_rejected(cloud: Cloud, publisher: PublishContext) -> None:
    before = put(cloud, listed(cloud), upload_key=UPLOAD, object_version="v", listed=AT)
    assert reject(Upload(key=UPLOAD, object_version="v"), publisher, "a later task failed") == {"findings": 0}
    assert cloud.registry.version("acme/app", "1.0.0").item == before


def test_the_operators_advisories_are_read_where_they_are(cloud: Cloud) -> None:
    assert known_vulnerabilities(cloud.bucket) == ()
    artifacts.write(cloud.bucket, names.ADVISORIES, b'[{"id": "GHSA-x", "affected": []}]', "application/json")
    assert [row.id for row in known_vulnerabilities(cloud.bucket)] == ["GHSA-x"]
    artifacts.write(cloud.bucket, names.ADVISORIES, b'{"id": 1}', "application/json")
    with pytest.raises(Failure, match="not a JSON list of OSV entries"):
        known_vulnerabilities(cloud.bucket)
