"""What certifying signs is checked wherever a version is made use of; trials leave nothing behind; a person's word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.services import artifacts
from interlock.aws.tables.approvals import Approvals
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.dead_letters import DeadLetters
from interlock.aws.tables.table import Stored
from interlock.compiler.golden import Golden
from interlock.contract.approval import Approval, AskRequest
from interlock.contract.certification import Level
from interlock.contract.core import names
from interlock.contract.core.base import parse_moment
from interlock.contract.core.failure import Conflict, Rejected
from interlock.contract.core.limits import APPROVAL_QUESTION_CHARS
from interlock.contract.core.names import Artifact
from interlock.contract.core.settings import PublishSettings
from interlock.contract.dead_letter import DeadState
from interlock.contract.envelope import Trigger
from interlock.contract.install import InstallRequest
from interlock.contract.registry import Tenant, Version, VersionStatus
from interlock.contract.run import Failed, Run, RunStatus
from interlock.contract.start_message import StartMessage
from interlock.control.apps.signature import check_signature, sign_version
from interlock.control.installs.context import InstallContext
from interlock.control.installs.install import request_install
from interlock.control.installs.upgrade import UpgradeOrder, begin_upgrade
from interlock.control.pauses.approvals import ApprovalContext, ask
from interlock.control.publishing import trial
from interlock.control.publishing.context import PublishContext, Upload
from interlock.control.publishing.publish import certify, deploy, reject, request_upload
from interlock.control.publishing.review import assess, question_of, reasons_of
from interlock.control.runs.start import StartContext, start_run
from tests.support.cloud import AT, TENANT, Cloud, listed, machine
from tests.support.crashes import World, crash_everywhere

GRANT = ("catalog:read", "secret:key", "state")
TEMPLATE = b'{"Parameters": {"CodeVersion": {"Type": "String"}}, "Resources": {"T": {"Type": "AWS::SNS::Topic"}}}'
UPLOAD = "uploads/acme/app/1.0.0/01M83HEJYS197K195ZCFSBKRQW.zip"
TESTS = [{"workflow": "main", "input": "i.json", "expect": "e.json"}] * 2


@pytest.fixture
def key(cloud: Cloud) -> str:
    made = client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    return str(made["KeyMetadata"]["Arn"])


@pytest.fixture
def life(cloud: Cloud, key: str) -> InstallContext:
    return replace(cloud.life, signing_key=key)


def put(cloud: Cloud, version: Version, **words: Any) -> Version:
    stored = cloud.registry.version(version.app, version.version)
    after = version.model_copy(update=words)
    cloud.registry.write_version(Stored(item=after, rev=stored.rev))
    return after


TAMPERED: dict[str, dict[str, Any]] = {
    "other bytes": {"digest": "1" * 64},
    "other code": {"steps": {}},
    "another signature": {"signature": "AAAA"},
    "no signature": {"signature": ""},
    "no base64": {"signature": "?"},
    "another level": {"level": Level.REVIEWED},
}


@pytest.mark.parametrize("change", TAMPERED)
def test_a_version_that_was_changed_is_not_installed(cloud: Cloud, life: InstallContext, change: str) -> None:
    good = sign_version(listed(cloud), life.signing_key)
    put(cloud, good, **TAMPERED[change])
    request = InstallRequest(app="acme/app", grant=GRANT)
    with pytest.raises(Conflict) as refused:
        request_install(life, TENANT, request, "me")
    assert refused.value.code == "version-tampered"
    assert cloud.registry.installs(TENANT) == []
    put(cloud, good)
    assert request_install(life, TENANT, request, "me").version == "1.0.0"


def test_more_permissions_than_were_signed_are_seen(cloud: Cloud, key: str) -> None:
    good = sign_version(listed(cloud), key)
    manifest = good.manifest
    assert manifest is not None
    more = manifest.permissions.model_copy(update={"egress": ("evil.example:443",)})
    check_signature(good, key)
    with pytest.raises(Conflict):
        check_signature(good.model_copy(update={"manifest": manifest.model_copy(update={"permissions": more})}), key)


def test_a_seal_survives_what_is_not_signed(cloud: Cloud, key: str) -> None:
    good = sign_version(listed(cloud), key)
    words = {"status": VersionStatus.DEPRECATED, "withdrawn": "old", "stopped": "", "stages": {"listed": 1.0}}
    check_signature(Version.model_validate_json(good.model_copy(update=words).model_dump_json(by_alias=True)), key)


def test_a_tampered_version_is_neither_upgraded_to_nor_started(cloud: Cloud, life: InstallContext) -> None:
    put(cloud, sign_version(listed(cloud), life.signing_key))
    install = cloud.install(InstallRequest(app="acme/app", grant=GRANT))
    put(cloud, sign_version(listed(cloud, version="1.1.0"), life.signing_key), digest="2" * 64)
    with pytest.raises(Conflict, match="certified"):
        begin_upgrade(life, UpgradeOrder(tenant=TENANT, install=install.id, to="1.1.0"))
    words: dict[str, Any] = {"runs": cloud.runs, "registry": cloud.registry, "bucket": cloud.bucket}
    starter = StartContext(**words, artifacts=cloud.bucket, machine_prefix=machine(), signing_key=life.signing_key)
    message = StartMessage(
        tenant=TENANT, install=install.id, workflow="main", trigger="api", kind="api", id="one", input={}
    )
    assert start_run(message, starter) is not None
    put(cloud, cloud.registry.version("acme/app", "1.0.0").item, digest="3" * 64)
    assert start_run(message.model_copy(update={"id": "two"}), starter) is None
    letters = DeadLetters(cloud.runs.table.name).page(TENANT, DeadState.DEAD, limit=5, cursor=None)
    assert "version-tampered" in letters.rows[0].doc


@pytest.mark.parametrize("status", [VersionStatus.LISTED, VersionStatus.DEPRECATED, VersionStatus.YANKED])
def test_a_version_that_was_listed_takes_no_other_bytes(cloud: Cloud, status: VersionStatus) -> None:
    put(cloud, listed(cloud), status=status, listed=AT)
    cloud.registry.create_publisher(_acme())
    with pytest.raises(Conflict, match="immutable"):
        request_upload(cloud.registry, cloud.bucket, "acme/app", "1.0.0", "9" * 64)
    assert request_upload(cloud.registry, cloud.bucket, "acme/app", "1.0.0", "0" * 64).form is None


def _acme() -> Any:
    from interlock.contract.registry import Publisher as Namespace

    return Namespace(id="acme", created=AT)


@pytest.fixture
def publisher(cloud: Cloud) -> PublishContext:
    cloud.registry.create_tenant(Tenant(id=names.SANDBOX, created=AT, status="active"))
    onboard = client("stepfunctions").list_state_machines()["stateMachines"][0]["stateMachineArn"]
    versioned = {"Status": "Enabled"}
    client("s3").put_bucket_versioning(Bucket=cloud.bucket, VersioningConfiguration=versioned)
    words = dict.fromkeys(PublishSettings.model_fields, "x") | {
        "registry_table": "registry",
        "runs_table": "runs",
        "artifact_bucket": cloud.bucket,
        "data_bucket": cloud.bucket,
        "start_queue": cloud.queue,
        "onboard_machine": onboard,
        "auto_review": False,
        "deploy_role": "arn:aws:iam::123456789012:role/deploy",
    }
    return PublishContext(registry=cloud.registry, settings=PublishSettings.model_validate(words))


def on_trial(cloud: Cloud, publisher: PublishContext, app: str = "acme/app") -> Upload:
    """A version that is deployed, with two golden tests."""
    key = UPLOAD.replace("acme/app", app)
    put(cloud, listed(cloud, app, tests=TESTS), upload_key=key, status=VersionStatus.DEPLOYING)
    tests = trial.Tests(tests=(Golden(workflow="main", input={"n": 1}, expect={"n": 2}, secrets={"key": "no"}),) * 2)
    place = names.artifact_prefix(app, "1.0.0", "0" * 64) + Artifact.GOLDEN_TESTS
    artifacts.write_json(cloud.bucket, place, tests.model_dump(mode="json"))
    return Upload(key=key, object_version="v")


def started(cloud: Cloud) -> list[StartMessage]:
    found = client("sqs").receive_message(QueueUrl=cloud.queue, MaxNumberOfMessages=10).get("Messages", [])
    return [StartMessage.model_validate_json(row["Body"]) for row in found]


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


def test_a_trial_starts_each_test_once_and_waits(cloud: Cloud, publisher: PublishContext) -> None:
    upload = on_trial(cloud, publisher)
    assert trial.try_version(upload, publisher)["done"] is False
    assert trial.try_version(upload, publisher)["done"] is False
    messages = started(cloud)
    assert [row.input for row in messages] == [{"n": 1}] * 2
    assert len({row.install for row in messages}) == 2
    version = cloud.registry.version("acme/app", "1.0.0").item
    assert version.status is VersionStatus.TRIAL
    end(cloud, version, [{"n": 2}, {"n": 2}])
    assert trial.try_version(upload, publisher) == {"done": True, "passed": 2, "tests": 2}


def test_differences_and_failures_of_tests_are_findings(cloud: Cloud, publisher: PublishContext) -> None:
    upload = on_trial(cloud, publisher)
    trial.try_version(upload, publisher)
    end(cloud, cloud.registry.version("acme/app", "1.0.0").item, [{"n": 3, "m": 1}, None])
    with pytest.raises(Rejected):
        trial.try_version(upload, publisher)
    version = cloud.registry.version("acme/app", "1.0.0").item
    differs, failed = version.findings
    assert (differs.code, failed.code) == ("trial.differs", "trial.failed")
    assert "/n is 3, expected 2" in differs.what
    assert "ValueError: no n" in failed.what
    assert version.trial is not None
    assert version.trial.runs[0].run in differs.fix


def test_a_trial_that_takes_too_long_is_a_finding(cloud: Cloud, publisher: PublishContext) -> None:
    upload = on_trial(cloud, publisher)
    trial.try_version(upload, publisher)
    version = cloud.registry.version("acme/app", "1.0.0").item
    assert version.trial is not None
    put(cloud, version, trial=version.trial.model_copy(update={"since": AT}))
    with pytest.raises(Rejected):
        trial.try_version(upload, publisher)
    assert [row.code for row in cloud.registry.version("acme/app", "1.0.0").item.findings] == ["trial.late"]


def test_a_trial_survives_a_kill_at_any_call_and_leaves_nothing(cloud: Cloud, publisher: PublishContext) -> None:
    apps = (f"acme/app-{number}" for number in count())

    def prepare() -> str:
        app = next(apps)
        on_trial(cloud, publisher, app)
        return app

    def act(app: str) -> None:
        upload = Upload(key=UPLOAD.replace("acme/app", app), object_version="v")
        trial.try_version(upload, publisher)
        version = cloud.registry.version(app, "1.0.0").item
        end(cloud, version, [{"n": 2}, {"n": 2}])
        assert trial.try_version(upload, publisher)["done"] is True
        trial.end_trial(version, publisher)

    def look(app: str) -> World:
        version = cloud.registry.version(app, "1.0.0").item
        runs = version.trial.runs if version.trial else ()
        return {
            "trial": {str(version.trial.over) if version.trial else ""},
            "installs": {row.id for row in cloud.registry.installs(names.SANDBOX) if row.app == app},
            "secrets": {row["Name"] for row in client("secretsmanager").list_secrets()["SecretList"]},
            "passed": {str(row.passed) for row in runs},
        }

    outcome = crash_everywhere("trial", prepare, act, look)
    assert outcome.wished == outcome.calls


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
    put(cloud, listed(cloud), upload_key=UPLOAD, status=VersionStatus.DEPLOYING, listed=None)
    upload = Upload(key=UPLOAD, object_version="v")
    return upload, dict(assess(upload, publisher))


def asked(cloud: Cloud, question: dict[str, Any], execution: str) -> Approval:
    """What `statemachines/publish` has the callback ask."""
    data, key = question["reasons"], UPLOAD
    words = {name: question[name] for name in ("subject", "question", "deadline")}
    words |= {"data": data, "key": key, "execution": execution, "state": "Review", "entered": AT, "token": execution}
    return ask(ApprovalContext(approvals=Approvals("runs"), runs=cloud.runs), AskRequest.model_validate(words))


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
    cloud.registry.create_publisher(_acme())
    with pytest.raises(Conflict, match="being published"):
        request_upload(cloud.registry, cloud.bucket, "acme/app", "1.0.0", "9" * 64)


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


def test_a_bundle_that_was_changed_in_the_bucket_is_not_deployed(cloud: Cloud, publisher: PublishContext) -> None:
    data = b"the bundle that was inspected"
    put(cloud, listed(cloud), upload_key=UPLOAD, status=VersionStatus.CHECKING, digest=sha256(data).hexdigest())
    prefix = names.artifact_prefix("acme/app", "1.0.0", sha256(data).hexdigest())
    for found in (data, b"another one"):
        code = artifacts.write(cloud.bucket, f"{prefix}bundle.zip", found, "application/zip")
        artifacts.write_json(cloud.bucket, f"{prefix}parameters.json", {"CodeVersion": code})
        artifacts.write(cloud.bucket, f"{prefix}template.json", TEMPLATE, "application/json")
        if found == data:
            deploy(Upload(key=UPLOAD, object_version="v"), publisher)
            continue
        with pytest.raises(Conflict) as refused:
            deploy(Upload(key=UPLOAD, object_version="v"), publisher)
        assert refused.value.code == "bundle-tampered"
