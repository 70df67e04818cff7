"""Stacks whose creation failed, that still go, or of which a throttled call says nothing: botocore's stubs answer."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from functions.onboard.handler import handler
from interlock.aws.clients import client
from interlock.aws.services import stacks
from interlock.contract.core import limits, names
from interlock.contract.core.failure import Conflict, Unavailable
from interlock.contract.core.settings import OnboardSettings
from interlock.contract.registration import NewTenant
from interlock.contract.registry import VersionStatus
from interlock.control.publishing.context import PublishContext, Upload, change_version
from interlock.control.publishing.publish import look
from interlock.control.publishing.trial import ready_sandbox
from interlock.control.tenants.identities import IdentityContext
from interlock.control.tenants.onboard import OnboardContext, deploy, give_up
from interlock.control.tenants.onboard import look as look_at_tenant
from interlock.control.tenants.registration import register_tenant
from tests.support.cloud import Cloud, listed
from tests.support.publishing import UPLOAD, put

NAME = "interlock-t-acme"
ID = f"arn:aws:cloudformation:us-east-1:123456789012:stack/{NAME}/1"


@pytest.fixture
def formation(publisher: PublishContext) -> Generator[Stubber, None, None]:
    with Stubber(client("cloudformation")) as stub:
        yield stub
        stub.assert_no_pending_responses()


def _is(formation: Stubber, status: str) -> None:
    row = {"StackName": NAME, "StackStatus": status, "CreationTime": datetime(2026, 1, 1, tzinfo=UTC)}
    formation.add_response("describe_stacks", {"Stacks": [row]}, {"StackName": ANY})


def _refuses(formation: Stubber, operation: str, code: str, message: str = "no") -> None:
    formation.add_client_error(operation, code, message)


def _create() -> stacks.Beginning:
    return stacks.create(NAME, stacks.inline("{}"), {}, "arn:aws:iam::123456789012:role/deploy", {})


def test_creation_is_begun_with_its_id(formation: Stubber) -> None:
    formation.add_response("create_stack", {"StackId": ID})
    assert _create() == stacks.Beginning(begun=True, id=ID)


@pytest.mark.parametrize("status", [*stacks.DONE, "CREATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"])
def test_stack_that_is_there_is_not_made_again(formation: Stubber, status: str) -> None:
    _refuses(formation, "create_stack", "AlreadyExistsException")
    _is(formation, status)
    assert _create() == stacks.Beginning(begun=True)


@pytest.mark.parametrize("status", stacks.LEAVING)
def test_creation_waits_for_a_stack_that_goes(formation: Stubber, status: str) -> None:
    _refuses(formation, "create_stack", "AlreadyExistsException")
    _is(formation, status)
    assert not _create().begun
    formation.add_response("create_stack", {"StackId": ID})
    assert _create().begun


@pytest.mark.parametrize("status", stacks.REMAINS)
def test_creation_deletes_what_a_failed_one_left(formation: Stubber, status: str) -> None:
    _refuses(formation, "create_stack", "AlreadyExistsException")
    _is(formation, status)
    formation.add_response("delete_stack", {}, {"StackName": NAME})
    assert not _create().begun


def test_creation_is_not_begun_where_nobody_knows(formation: Stubber) -> None:
    """The stack went between the two calls, or the second call was throttled."""
    for code, message in (("ValidationError", f"Stack with id {NAME} does not exist"), ("Throttling", "Rate exceeded")):
        _refuses(formation, "create_stack", "AlreadyExistsException")
        _refuses(formation, "describe_stacks", code, message)
        assert not _create().begun


def test_wrong_creation_is_an_error(formation: Stubber) -> None:
    _refuses(formation, "create_stack", "ValidationError", "Template format error")
    with pytest.raises(ClientError, match="Template format"):
        _create()


@pytest.mark.parametrize("code", stacks.THROTTLED)
def test_throttled_call_says_nothing_of_a_stack(formation: Stubber, code: str) -> None:
    _refuses(formation, "describe_stacks", code, "Rate exceeded")
    assert not stacks.is_done(NAME)
    _refuses(formation, "describe_stacks", code, "Rate exceeded")
    assert not stacks.is_gone(NAME)


def test_stack_that_is_absent_is_gone_and_not_done(formation: Stubber) -> None:
    for _ in range(2):
        _refuses(formation, "describe_stacks", "ValidationError", f"Stack with id {NAME} does not exist")
    assert stacks.is_gone(NAME)
    with pytest.raises(Unavailable, match="is GONE"):
        stacks.is_done(NAME)


def test_other_errors_are_not_taken_for_an_absent_stack(formation: Stubber) -> None:
    for code, message in (("ValidationError", "1 validation error detected"), ("AccessDenied", "not authorized")):
        for check in (stacks.is_gone, stacks.is_done):
            _refuses(formation, "describe_stacks", code, message)
            with pytest.raises(ClientError, match=message):
                check(NAME)


@pytest.mark.parametrize(
    ("status", "done"),
    [("CREATE_COMPLETE", True), ("UPDATE_ROLLBACK_COMPLETE", True), ("UPDATE_ROLLBACK_IN_PROGRESS", False)],
)
def test_stack_after_an_update_can_be_used(formation: Stubber, status: str, done: bool) -> None:
    _is(formation, status)
    assert stacks.is_done(NAME) == done


@pytest.mark.parametrize("status", [*stacks.REMAINS, *stacks.LEAVING])
def test_stack_that_failed_is_not_awaited(formation: Stubber, status: str) -> None:
    _is(formation, status)
    with pytest.raises(Unavailable, match=status):
        stacks.is_done(NAME)


@pytest.fixture
def onboarding(cloud: Cloud, formation: Stubber) -> OnboardContext:
    fields = dict.fromkeys(OnboardSettings.model_fields, "arn:aws:iam::123456789012:role/x")
    return OnboardContext(registry=cloud.registry, settings=OnboardSettings.model_validate(fields))


def _ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def test_onboarding_waits_for_room_but_not_for_ever(formation: Stubber, onboarding: OnboardContext) -> None:
    for began, ends in ((_ago(10), False), (_ago(limits.STACK_SECONDS + 1), True)):
        _refuses(formation, "create_stack", "AlreadyExistsException")
        _is(formation, "DELETE_IN_PROGRESS")
        if ends:
            with pytest.raises(Unavailable, match="not ready"):
                deploy("acme", began, onboarding)
        else:
            assert deploy("acme", began, onboarding)["begun"] is False
        _is(formation, "CREATE_IN_PROGRESS")
        if ends:
            with pytest.raises(Unavailable, match="not ready"):
                look_at_tenant("acme", began)
        else:
            assert look_at_tenant("acme", began)["done"] is False


def test_publishing_does_not_wait_for_a_stack_for_ever(
    cloud: Cloud, formation: Stubber, publisher: PublishContext
) -> None:
    fields = {"status": VersionStatus.DEPLOYING, "listed": None, "upload_key": UPLOAD, "object_version": "v"}
    version = put(cloud, listed(cloud), **fields)
    upload = Upload(key=UPLOAD, object_version="v")
    for seconds, ends in ((10.0, False), (limits.STACK_SECONDS + 1.0, True)):
        stored = cloud.registry.version(version.app, version.version)
        began = datetime.now(UTC).timestamp() - seconds
        change_version(publisher, stored, stages={VersionStatus.DEPLOYING.value: began})
        _is(formation, "CREATE_IN_PROGRESS")
        if ends:
            with pytest.raises(Unavailable, match="not ready"):
                look(upload, publisher)
        else:
            assert look(upload, publisher)["done"] is False


def test_failed_onboarding_can_be_repeated(cloud: Cloud, pool: str, onboarding: OnboardContext) -> None:
    context = IdentityContext(cloud.registry, pool, "t")
    machine = client("stepfunctions").list_state_machines()["stateMachines"][0]["stateMachineArn"]
    first = register_tenant(context, machine, NewTenant(id="globex"))
    with pytest.raises(Conflict):
        register_tenant(context, machine, NewTenant(id="globex"))
    assert give_up("globex", onboarding) == {"status": "failed"}
    second = register_tenant(context, machine, NewTenant(id="globex"))
    assert second.tenant.status == "onboarding"
    assert second.credentials.client_id != first.credentials.client_id
    members = [row.principal for row in cloud.registry.members("tenant/globex")]
    assert first.credentials.client_id not in members
    begun = client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    assert [row["name"].partition("-")[0] for row in begun] == ["globex", "globex"]


def test_active_tenant_does_not_become_a_failed_one(cloud: Cloud, onboarding: OnboardContext) -> None:
    cloud.registry.change_tenant("acme", lambda latest: latest.model_copy(update={"status": "active"}))
    assert give_up("acme", onboarding) == {"status": "active"}


def test_sandbox_that_failed_is_made_again(cloud: Cloud, onboarding: OnboardContext, publisher: PublishContext) -> None:
    assert ready_sandbox(publisher)
    cloud.registry.change_tenant(names.SANDBOX, lambda latest: latest.model_copy(update={"status": "onboarding"}))
    assert not ready_sandbox(publisher)
    give_up(names.SANDBOX, onboarding)
    for _ in range(2):
        assert not ready_sandbox(publisher)
        assert cloud.registry.tenant(names.SANDBOX).status == "onboarding"
    machine = publisher.settings.onboard_machine
    begun = client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    assert len(begun) == 1, "begun once, and then waited for"


def test_task_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(ValueError, match="no task x"):
        handler({"task": "x", "tenant": "acme"}, None)
