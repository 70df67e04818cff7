"""CloudFormation: the stacks of versions and tenants."""

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.contract.failure import Unavailable

DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
GOING = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "REVIEW_IN_PROGRESS")


def create(name: str, template: str, parameters: dict[str, str], role: str, tags: dict[str, str]) -> None:
    """Begin to create a stack; nothing where it is there or under way."""
    try:
        client("cloudformation").create_stack(
            StackName=name,
            TemplateBody=template,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
            RoleARN=role,
            OnFailure="DELETE",
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "AlreadyExistsException":
            raise


def is_done(name: str) -> bool:
    """Whether a stack is complete; False while it is under way.

    Raises:
        Unavailable: it failed.
    """
    try:
        stack = client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        raise Unavailable(f"the stack {name} is gone: its creation failed", where=name) from error
    status = str(stack["StackStatus"])
    if status in DONE:
        return True
    if status in GOING:
        return False
    reason = stack.get("StackStatusReason", "no reason given")
    raise Unavailable(f"the stack {name} is {status}: {reason}", where=name)


def delete(name: str) -> None:
    """Begin to delete a stack; absent ones too."""
    client("cloudformation").delete_stack(StackName=name)
