"""What AWS says of definitions and stacks reaches the publisher: botocore's own stubs answer as AWS's pages say."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from interlock.aws.clients import client
from interlock.aws.services import stacks, step_functions
from interlock.aws.services.stacks import StackFailure
from interlock.compiler.workflow_files import compiled_workflows
from interlock.contract.core.failure import Rejected
from interlock.contract.core.finding import Finding
from interlock.contract.registry import VersionStatus
from interlock.control.publishing.context import PublishContext, Upload, UploadStack
from interlock.control.publishing.definitions import check_definitions, stack_findings
from interlock.control.publishing.publish import look
from tests.support.bundles import plan
from tests.support.cloud import Cloud, listed
from tests.support.publishing import UPLOAD, put

GATE_ARN = "arn:aws:lambda:us-east-1:123456789012:function:interlock-gate"
STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/interlock-v-x/1"
INVALID = "Invalid State Machine Definition: 'X: why' (RequestToken: 1, HandlerErrorCode: InvalidRequest)"
QUOTA = "Too many (RequestToken: 1, HandlerErrorCode: ServiceLimitExceeded)"


@pytest.fixture
def machines(publisher: PublishContext) -> Generator[Stubber, None, None]:
    with Stubber(client("stepfunctions")) as stub:
        yield stub


@pytest.fixture
def formation(publisher: PublishContext) -> Generator[Stubber, None, None]:
    with Stubber(client("cloudformation")) as stub:
        yield stub


def event(resource: str, kind: str, status: str, reason: str) -> dict[str, Any]:
    names = {"StackId": STACK, "EventId": resource, "StackName": "x", "Timestamp": datetime(2026, 1, 1, tzinfo=UTC)}
    fields = {"LogicalResourceId": resource, "ResourceType": kind, "ResourceStatus": status}
    return names | fields | {"ResourceStatusReason": reason}


def test_diagnostics_of_aws_are_findings(machines: Stubber, publisher: PublishContext) -> None:
    refused = {"severity": "ERROR", "code": "BAD", "message": "no", "location": "/States/classify_3/Parameters"}
    for rows in ([refused], []):
        machines.add_response("validate_state_machine_definition", {"result": "FAIL", "diagnostics": rows})
    findings = list(check_definitions(compiled_workflows(plan()), GATE_ARN, GATE_ARN))
    assert [(row.code, row.where) for row in findings] == [
        ("asl.aws-refused", "interlock.toml#workflows.all/classify_3/Parameters")
    ]
    machines.assert_no_pending_responses()


def test_a_definition_that_the_call_refuses_is_an_error(machines: Stubber) -> None:
    machines.add_client_error("validate_state_machine_definition", "ValidationException", "1 MB at most")
    (row,) = step_functions.validate("{}")
    assert (row["severity"], row["message"]) == ("ERROR", "1 MB at most")


def test_failures_of_a_stack_are_of_resources_alone(formation: Stubber) -> None:
    rows = [
        event("x", "AWS::CloudFormation::Stack", "CREATE_FAILED", "[MachineTag]"),
        event("MachineAll", "AWS::StepFunctions::StateMachine", "CREATE_FAILED", "Resource creation cancelled"),
        event("MachineTag", "AWS::StepFunctions::StateMachine", "CREATE_FAILED", INVALID),
        event("MachineTag", "AWS::StepFunctions::StateMachine", "CREATE_IN_PROGRESS", "begun"),
    ]
    formation.add_response("describe_stack_events", {"StackEvents": rows}, {"StackName": STACK})
    (failure,) = stacks.failures(STACK)
    assert (failure.resource, failure.reason) == ("MachineTag", INVALID)
    formation.add_client_error("describe_stack_events", "ValidationError", "Stack [gone] does not exist")
    assert stacks.failures("gone") == ()


def test_a_refused_stack_rejects_with_awss_reason(cloud: Cloud, formation: Stubber, publisher: PublishContext) -> None:
    put(
        cloud,
        listed(cloud),
        upload_key=UPLOAD,
        object_version="v",
        status=VersionStatus.DEPLOYING,
        manifest=plan().manifest,
    )
    deleted = {"StackName": "x", "CreationTime": datetime(2026, 1, 1, tzinfo=UTC), "StackStatus": "DELETE_COMPLETE"}
    formation.add_response("describe_stacks", {"Stacks": [deleted]}, {"StackName": STACK})
    row = event("MachineTag", "AWS::StepFunctions::StateMachine", "CREATE_FAILED", INVALID)
    formation.add_response("describe_stack_events", {"StackEvents": [row]}, {"StackName": STACK})
    with pytest.raises(Rejected):
        look(Upload(key=UPLOAD, object_version="v", stack=UploadStack(id=STACK)), publisher)
    (finding,) = cloud.registry.version("acme/app", "1.0.0").item.findings
    assert (finding.code, finding.where) == ("publish.refused", "workflows/tag.asl.json")
    assert INVALID in finding.what


def test_a_quota_of_aws_is_not_the_bundles_fault(cloud: Cloud) -> None:
    version = listed(cloud).model_copy(update={"manifest": plan().manifest})
    failure = StackFailure(resource="MachineAll", type="AWS::StepFunctions::StateMachine", reason=QUOTA)
    finding: Finding = stack_findings([failure, failure], version)[0]
    assert finding.code == "publish.failed" and QUOTA in finding.what
