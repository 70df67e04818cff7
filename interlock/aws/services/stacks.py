"""CloudFormation: the stacks of versions and tenants."""

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.contract.core.base import Document
from interlock.contract.core.failure import Unavailable

DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
FAILED = ("CREATE_FAILED", "UPDATE_FAILED")
GOING = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "REVIEW_IN_PROGRESS")


def create(name: str, template: dict[str, str], parameters: dict[str, str], role: str, tags: dict[str, str]) -> str:
    """Begin to create a stack; nothing where it is there or under way.

    Args:
        name: the stack's name.
        template: `inline(text)` or `stored(bucket, key, version)`.
        parameters: the template's parameters.
        role: the ARN of the role that CloudFormation acts as.
        tags: the stack's tags.

    Returns:
        The stack's id; empty where it was there already.
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
        if error.response.get("Error", {}).get("Code") != "AlreadyExistsException":
            raise
        return ""
    return str(answer["StackId"])


def inline(text: str) -> dict[str, str]:
    """A template in the call itself: at most 51,200 bytes, CloudFormation's limit."""
    return {"TemplateBody": text}


def stored(bucket: str, key: str, version: str) -> dict[str, str]:
    """A template in S3: at most 1 MB, CloudFormation's limit."""
    region = client("s3").meta.region_name
    return {"TemplateURL": f"https://s3.{region}.amazonaws.com/{bucket}/{key}?versionId={version}"}


def is_done(name: str) -> bool:
    """Whether a stack is complete; False while it is under way.

    Raises:
        Unavailable: it failed.
    """
    try:
        stack = client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        raise Unavailable(
            f"the stack {name} could not be created", where=name, next_step="See its events in CloudFormation."
        ) from error
    status = str(stack["StackStatus"])
    if status in DONE:
        return True
    if status in GOING:
        return False
    reason = stack.get("StackStatusReason", "no reason given")
    raise Unavailable(
        f"the stack {name} is {status}: {reason}", where=name, next_step="See its events in CloudFormation."
    )


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
        if error.response.get("Error", {}).get("Code") != "ValidationError":
            raise
    return tuple(reversed(rows))


def is_gone(name: str) -> bool:
    """Whether a stack is deleted, or never was.

    Raises:
        Unavailable: its deletion failed.
    """
    try:
        status = str(client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ValidationError":
            return True
        raise
    if status == "DELETE_FAILED":
        raise Unavailable(
            f"the stack {name} could not be deleted", where=name, next_step="See its events in CloudFormation."
        )
    return status == "DELETE_COMPLETE"


def delete(name: str) -> None:
    """Begin to delete a stack; absent ones too."""
    client("cloudformation").delete_stack(StackName=name)
