"""Reviews: when a person looks at a version, and what the person says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from interlock.aws.tables.approvals import Approvals
from interlock.contract.approval import Approval, AskRequest
from interlock.contract.certification import Level
from interlock.contract.core.base import parse_moment
from interlock.contract.core.failure import Conflict
from interlock.contract.core.limits import APPROVAL_QUESTION_CHARS
from interlock.contract.registration import NewVersion
from interlock.contract.registry import VersionStatus
from interlock.control.apps.signature import check_signature
from interlock.control.pauses.approvals import ApprovalContext, ask
from interlock.control.publishing.context import PublishContext, Upload
from interlock.control.publishing.publish import certify, reject, request_upload
from interlock.control.publishing.review import assess, question_of, reasons_of
from tests.support.cloud import AT, Cloud, listed
from tests.support.publishing import UPLOAD, acme, put


def test_versions_that_need_a_review(cloud: Cloud) -> None:
    permissions = {"catalog": ["read", "write"], "egress": ["a.example:443", "*:443"]}
    first = listed(cloud, permissions=permissions)
    assert set(reasons_of(first, None)) == {
        "catalog:write is sensitive",
        "egress:*:443 is sensitive",
        "egress:a.example:443 is new",
    }
    assert "egress:a.example:443 is new" not in set(reasons_of(first, first))
    plain = listed(cloud, "acme/plain", permissions={"catalog": ["read", "write:tags"], "state": True})
    assert list(reasons_of(plain, None)) == []


PERSON = {"approved": True, "by": "olga", "comment": "fine", "at": AT}


def in_review(cloud: Cloud, publisher: PublishContext) -> tuple[Upload, dict[str, Any]]:
    """A version that waits for a person, and what that person is asked."""
    put(cloud, listed(cloud), upload_key=UPLOAD, object_version="v", status=VersionStatus.DEPLOYING, listed=None)
    upload = Upload(key=UPLOAD, object_version="v")
    return upload, dict(assess(upload, publisher))


def asked(cloud: Cloud, question: dict[str, Any], execution: str) -> Approval:
    """What `statemachines/publish` has the callback ask."""
    data, key = question["reasons"], UPLOAD
    fields = {name: question[name] for name in ("subject", "question", "deadline")}
    fields |= {"data": data, "key": key, "execution": execution, "state": "Review", "entered": AT, "token": execution}
    return ask(ApprovalContext(approvals=Approvals("runs"), runs=cloud.runs), AskRequest.model_validate(fields))


def test_a_person_is_asked_once_in_plain_words(cloud: Cloud, publisher: PublishContext) -> None:
    upload, question = in_review(cloud, publisher)
    version = cloud.registry.version("acme/app", "1.0.0").item
    first = asked(cloud, question, "one")
    assert version.review is not None
    assert (first.scope, first.id, first.approvers) == ("platform", version.review.approval, ("operator",))
    assert first.subject == "acme/app@1.0.0"
    assert "Use the secret key that you give it (sensitive)" in first.question
    assert first.data == list(version.review.reasons)
    assert timedelta(days=29) < parse_moment(first.deadline) - datetime.now(UTC) < timedelta(days=30, minutes=1)
    again = asked(cloud, dict(assess(upload, publisher)), "two")
    assert (again.id, again.asked, again.execution) == (first.id, first.asked, "two")
    assert Approvals("runs").tokens(again) == ("one", "two")
    cloud.registry.create_publisher(acme())
    with pytest.raises(Conflict, match="being published"):
        request_upload(cloud.registry, cloud.bucket, "acme/app", NewVersion(version="1.0.0", digest="9" * 64))


def test_a_question_is_never_too_long(cloud: Cloud) -> None:
    version = listed(cloud)
    text = question_of(version, [f"egress:host{number}.example:443 is new" for number in range(200)])
    assert len(text) == APPROVAL_QUESTION_CHARS
    assert text.startswith("Certify acme/app@1.0.0? Send data out of the platform, to host0.example (new); ")


def test_the_reviewer_of_a_version_is_recorded_and_signed(cloud: Cloud, publisher: PublishContext, key: str) -> None:
    publisher = replace(publisher, settings=publisher.settings.model_copy(update={"signing_key": key}))
    upload, _ = in_review(cloud, publisher)
    certify(Upload.model_validate({**upload.model_dump(), "reviewed": PERSON}), publisher)
    version = cloud.registry.version("acme/app", "1.0.0").item
    assert version.review is not None
    assert (version.status, version.level) == (VersionStatus.LISTED, Level.REVIEWED)
    assert (version.review.by, version.review.comment, version.review.at) == ("olga", "fine", AT)
    assert assess(upload, publisher) == {"review": False}
    certify(upload, publisher)
    check_signature(cloud.registry.version("acme/app", "1.0.0").item, key)
    with pytest.raises(Conflict):
        check_signature(version.model_copy(update={"review": version.review.model_copy(update={"by": "eve"})}), key)


def test_a_refused_version_has_the_reason(cloud: Cloud, publisher: PublishContext) -> None:
    upload, _ = in_review(cloud, publisher)
    refused = Upload.model_validate(
        {**upload.model_dump(), "refused": {"Error": "Interlock.ApprovalRejected", "Cause": "too wide"}}
    )
    for _ in range(2):
        reject(refused, publisher, "")
    version = cloud.registry.version("acme/app", "1.0.0").item
    assert [(row.code, row.what) for row in version.findings] == [("review.refused", "too wide")]
    assert version.review is not None
    assert (version.status, version.review.approved) == (VersionStatus.REJECTED, False)
