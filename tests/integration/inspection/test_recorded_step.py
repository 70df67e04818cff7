"""What a debugger elsewhere is given: the attempt that a person means, presigned reads, and secrets; and refusals."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.services.secrets import write_secret
from interlock.aws.tables.runs import record_key
from interlock.aws.tables.table import Key, Stored
from interlock.contract import payload
from interlock.contract.core import names
from interlock.contract.core.failure import BadRequest, Conflict, Failure, Forbidden, NotFound
from interlock.contract.envelope import GateRequest, Trigger
from interlock.contract.install import InstallRequest
from interlock.contract.member import Caller
from interlock.contract.registry import Membership, Role
from interlock.contract.run import Body, Failed, RecordStatus, Run, RunStatus, StepRecord
from interlock.control.access.authorize import is_permitted, require
from interlock.control.apps.signature import is_genuine, proof_of, sign_version
from interlock.control.inspection.recorded_step import (
    RecordedStepContext,
    body_ref,
    bundle_ref,
    debug_step,
    read_secrets,
    set_redaction,
)
from tests.support.cloud import AT, TENANT, Cloud, listed

RUN = "run1"


def made(cloud: Cloud, status: RunStatus = RunStatus.FAILED, **fields: Any) -> Run:
    """A run of an installed app with two attempts of one state and one of another."""
    listed(cloud)
    request = InstallRequest(app="acme/app", grant=("catalog:read", "secret:key", "state"), secrets={"key": "s3cret"})
    install = cloud.install(request)
    failed = Failed(error="ValueError", state="One", attempt=1) if status is RunStatus.FAILED else None
    run = Run(
        id=RUN,
        tenant=TENANT,
        install=install.id,
        app="acme/app",
        version="1.0.0",
        workflow="main",
        trigger=Trigger(kind="api", name="api", id="1"),
        status=status,
        execution="arn:execution",
        started=AT,
        input=Body(value={}),
        failed=failed,
    )
    cloud.runs.create(run)
    for state, attempt in (("One", 0), ("One", 1), ("Two", 0)):
        value = {"state": state}
        digest = payload.digest(value)
        question = GateRequest(run="x", state=state, step="one", entered=AT, retry=attempt)
        record = StepRecord(
            run=RUN,
            execution=f"{TENANT}_{install.id}_{RUN}",
            state=state,
            step="one",
            entered=AT,
            attempt=attempt,
            digest=digest,
            status=RecordStatus.FAILED,
            started=AT,
            input=Body(value=value, digest=digest),
        )
        key: Key = record_key(TENANT, RUN, question, digest, attempt)
        cloud.runs.end(key, record)
    return run


def context(cloud: Cloud) -> RecordedStepContext:
    return RecordedStepContext(registry=cloud.registry, runs=cloud.runs, artifacts="artifacts")


def asked(cloud: Cloud, wanted: str = "", attempt: int | None = None, run: str = RUN) -> StepRecord:
    return debug_step(context(cloud), TENANT, run, wanted, attempt).record


def test_the_failing_attempt_or_the_one_that_is_named(cloud: Cloud) -> None:
    run = made(cloud)
    result = debug_step(context(cloud), TENANT, RUN, "", None)
    assert (result.record.state, result.record.attempt, result.handler) == ("One", 1, "m:one")
    assert result.context.secrets == ("key",)
    assert result.context.visit.startswith(f"{RUN}:STEP#{AT}#One#0#-#")
    assert result.bundle.digest == "0" * 64
    assert f"versions/acme/app/1.0.0/{'0' * 64}/bundle.zip" in result.bundle.url
    assert bundle_ref(context(cloud), TENANT, RUN).digest == "0" * 64
    assert asked(cloud, "One", 0).attempt == 0
    assert asked(cloud, "Two").state == "Two"
    assert run.redact == ()


def test_a_bundle_comes_with_the_platforms_proof(cloud: Cloud) -> None:
    made(cloud)
    key = str(client("kms").create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["Arn"])
    stored = cloud.registry.version("acme/app", "1.0.0")
    cloud.registry.write_version(Stored(item=sign_version(stored.item, key), rev=stored.rev))
    signing = replace(context(cloud), prove=partial(proof_of, key=key))
    for bundle in (bundle_ref(signing, TENANT, RUN), debug_step(signing, TENANT, RUN, "", None).bundle):
        proof = bundle.proof
        assert proof is not None
        assert proof.covers("acme/app", "1.0.0", bundle.digest)
        assert is_genuine(proof, bundle.public_key)
        other = proof.certificate.model_copy(update={"version": "2.0.0"})
        assert not is_genuine(proof.model_copy(update={"certificate": other}), bundle.public_key)
    assert bundle_ref(context(cloud), TENANT, RUN).proof is None


@pytest.mark.parametrize(
    ("wanted", "attempt", "run", "kind", "code"),
    [
        ("Nowhere", None, RUN, NotFound, "unknown-state"),
        ("One[3]", None, RUN, NotFound, "unknown-state"),
        ("", 7, RUN, NotFound, "unknown-attempt"),
        ("", None, "other", NotFound, "not-found"),
    ],
)
def test_refuses_by_name(
    cloud: Cloud, wanted: str, attempt: int | None, run: str, kind: type[Failure], code: str
) -> None:
    made(cloud)
    with pytest.raises(kind) as refused:
        asked(cloud, wanted, attempt, run)
    assert refused.value.code == code
    if code == "unknown-state":
        assert "One" in refused.value.next_step


@pytest.mark.parametrize("status", [RunStatus.RUNNING, RunStatus.PAUSED])
def test_a_run_that_goes_on_is_refused(cloud: Cloud, status: RunStatus) -> None:
    made(cloud, status)
    with pytest.raises(Conflict) as refused:
        asked(cloud, "One")
    assert (refused.value.code, "interlock run watch" in refused.value.next_step) == ("run-not-over", True)


def test_a_run_that_succeeded_needs_a_state(cloud: Cloud) -> None:
    made(cloud, RunStatus.SUCCEEDED)
    with pytest.raises(Conflict) as refused:
        asked(cloud)
    assert (refused.value.code, "One, Two" in refused.value.next_step) == ("which-step", True)


@pytest.mark.parametrize("key", ["runs/globex/r/" + "0" * 64 + ".json", "tenants/acme/x", "runs/acme/../" + "0" * 64])
def test_bodies_of_others_are_refused(cloud: Cloud, key: str) -> None:
    with pytest.raises(BadRequest):
        body_ref(cloud.runs, cloud.bucket, TENANT, RUN, key)


def test_a_body_is_named_by_its_digest(cloud: Cloud) -> None:
    made(cloud)
    ref = body_ref(cloud.runs, cloud.bucket, TENANT, RUN, f"runs/{TENANT}/{RUN}/{'a' * 64}.json")
    assert ref.digest == "a" * 64
    assert "X-Amz-Signature" in ref.url


def test_a_body_of_another_apps_run_is_refused(cloud: Cloud) -> None:
    run = made(cloud)
    cloud.runs.create(run.model_copy(update={"id": "r7", "app": "acme/other"}))
    with pytest.raises(BadRequest, match="belongs to another app"):
        body_ref(cloud.runs, cloud.bucket, TENANT, RUN, f"runs/{TENANT}/r7/{'a' * 64}.json")


def test_secrets_are_those_of_the_install(cloud: Cloud) -> None:
    run = made(cloud)
    write_secret(f"{names.secrets_prefix(TENANT, run.install)}key", "s3cret")
    assert read_secrets(context(cloud), TENANT, RUN, ["key"], "me") == {"key": "s3cret"}
    with pytest.raises(BadRequest):
        read_secrets(context(cloud), TENANT, RUN, ["other"], "me")


def test_only_the_tenants_own_admins_read_secrets() -> None:
    def caller(scope: str, role: Role) -> Caller:
        return Caller(principal="p", memberships=(Membership(principal="p", scope=scope, role=role),))

    scope = f"tenant/{TENANT}"
    assert is_permitted(caller(scope, Role.ADMIN), "readSecrets", scope)
    for other in (caller("platform", Role.OPERATOR), caller(scope, Role.MEMBER), caller("tenant/globex", Role.ADMIN)):
        with pytest.raises(Forbidden):
            require(other, "readSecrets", scope)
    assert is_permitted(caller(scope, Role.ADMIN), "setRedaction", scope)
    assert not is_permitted(caller(scope, Role.MEMBER), "setRedaction", scope)


def test_rules_of_a_tenant(cloud: Cloud) -> None:
    set_redaction(cloud.registry, TENANT, "*.phone", wanted=True)
    assert set_redaction(cloud.registry, TENANT, "*.phone", wanted=True).redact == ("*.phone",)
    with pytest.raises(NotFound):
        set_redaction(cloud.registry, TENANT, "other", wanted=False)
    assert set_redaction(cloud.registry, TENANT, "*.phone", wanted=False).redact == ()
