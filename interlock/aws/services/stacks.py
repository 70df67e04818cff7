"""CloudFormation: the stacks of versions and tenants."""

from typing import Literal

from botocore.exceptions import ClientError

from interlock.aws.clients import client, dns_suffix, region
from interlock.contract.core.base import Document
from interlock.contract.core.failure import Unavailable

DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
"""The stack can be used; after the last, as it was before an update of the operator's."""
FAILED = ("CREATE_FAILED", "UPDATE_FAILED")
GOING = (
    "CREATE_IN_PROGRESS",
    "UPDATE_IN_PROGRESS",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "REVIEW_IN_PROGRESS",
)
LEAVING = ("DELETE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS")
"""A stack that is deleted, or whose creation failed: the next one of its name waits until it is gone."""
REMAINS = ("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED")
"""What is left of a creation that failed: it can only be deleted.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
"""
THROTTLED = ("Throttling", "ThrottlingException", "RequestLimitExceeded", "ServiceUnavailable", "InternalFailure")
"""Answers that say nothing about the stack: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html."""
ABSENT = "does not exist"
"""In the message of the ValidationError for a stack that is not there; the code alone is that of any wrong request."""


class Beginning(Document):
    """Whether the creation of a stack is under way (or done), and its id where this call began it."""

    begun: bool
    id: str = ""


def create(
    name: str, template: dict[str, str], parameters: dict[str, str], role: str, tags: dict[str, str]
) -> Beginning:
    """Begin to create a stack; nothing where it is there or under way.

    What an earlier creation left under the name is deleted, which takes minutes: call again until it is begun.

    Args:
        name: the stack's name.
        template: `inline(text)` or `stored(bucket, key, version)`.
        parameters: the template's parameters.
        role: the ARN of the role that CloudFormation acts as.
        tags: the stack's tags.
    """
    try:
        answer = client("cloudformation").create_stack(
            StackName=name,
            **template,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
            RoleARN=role,
            OnFailure="DELETE",
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
    except ClientError as error:
        if _code(error) != "AlreadyExistsException":
            raise
        return Beginning(begun=_is_in_use(name))
    return Beginning(begun=True, id=str(answer["StackId"]))


def _is_in_use(name: str) -> bool:
    """Whether the stack of a name is there to stay; what is left of a creation that failed begins to go."""
    status = _describe(name).status
    if status in REMAINS:
        delete(name)
    return status not in (*LEAVING, *REMAINS, GONE, UNKNOWN)


def inline(text: str) -> dict[str, str]:
    """A template in the call itself: at most 51,200 bytes, CloudFormation's limit."""
    return {"TemplateBody": text}


def stored(bucket: str, key: str, version: str) -> dict[str, str]:
    """A template in S3: at most 1 MB, CloudFormation's limit."""
    return {"TemplateURL": f"https://s3.{region()}.{dns_suffix()}/{bucket}/{key}?versionId={version}"}


GONE, UNKNOWN = "GONE", "UNKNOWN"
"""Beside CloudFormation's own: there is no such stack; nobody knows, because the call was throttled."""


class _Status(Document):
    status: str
    reason: str = "no reason given"


def _describe(name: str) -> _Status:
    try:
        stack = client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if _code(error) in THROTTLED:
            return _Status(status=UNKNOWN)
        if _is_absent(error):
            return _Status(status=GONE)
        raise
    return _Status(status=str(stack["StackStatus"]), reason=str(stack.get("StackStatusReason", "no reason given")))


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _is_absent(error: ClientError) -> bool:
    return _code(error) == "ValidationError" and ABSENT in str(error.response.get("Error", {}).get("Message", ""))


def is_done(name: str) -> bool:
    """Whether a stack is complete; False while it is under way, and where a throttled call says nothing.

    Raises:
        Unavailable: it failed, or is gone.
    """
    stack = _describe(name)
    if stack.status in DONE:
        return True
    if stack.status in (*GOING, UNKNOWN):
        return False
    raise Unavailable(
        f"the stack {name} is {stack.status}: {stack.reason}",
        where=name,
        next_step="See its events in CloudFormation.",
    )


def progress_of(name: str) -> Literal["done", "going", "failed", "absent"]:
    """How far a stack is; `going` also where a throttled call says nothing, `failed` also while it is deleted."""
    status = _describe(name).status
    if status in DONE:
        return "done"
    if status == GONE:
        return "absent"
    return "going" if status in (*GOING, UNKNOWN) else "failed"


class StackFailure(Document):
    """Why CloudFormation could not make a resource: its logical id, its type, and AWS's own words."""

    resource: str
    type: str
    reason: str


def failures(stack: str) -> tuple[StackFailure, ...]:
    """The resources of a stack that failed, in the order in which they did; none where there is no such stack.

    Args:
        stack: the id, by which CloudFormation keeps the events of a deleted stack for 90 days, or the name.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
    """
    rows: list[StackFailure] = []
    try:
        for page in client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=stack):
            for event in page["StackEvents"]:
                status, reason = str(event.get("ResourceStatus", "")), event.get("ResourceStatusReason", "")
                resource, kind = str(event.get("LogicalResourceId", "")), str(event.get("ResourceType", ""))
                # The stack's own event repeats the resources' names; a cancelled resource did not fail by itself.
                own = kind != "AWS::CloudFormation::Stack" and "cancelled" not in reason
                if status in FAILED and reason and own:
                    rows.append(StackFailure(resource=resource, type=kind, reason=reason))
    except ClientError as error:
        if not _is_absent(error):
            raise
    return tuple(reversed(rows))


def is_gone(name: str) -> bool:
    """Whether a stack is deleted, or never was; False where a throttled call says nothing.

    Raises:
        Unavailable: its deletion failed.
    """
    status = _describe(name).status
    if status == "DELETE_FAILED":
        raise Unavailable(
            f"the stack {name} could not be deleted", where=name, next_step="See its events in CloudFormation."
        )
    return status in ("DELETE_COMPLETE", GONE)


def delete(name: str) -> None:
    """Begin to delete a stack; absent ones too."""
    client("cloudformation").delete_stack(StackName=name)
