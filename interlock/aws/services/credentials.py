"""Whose AWS credentials this process has."""

import os

from interlock.aws.clients import client, forget_clients


def use_region(region: str) -> None:
    """Let the clients of this process talk to one Region, whatever the environment said."""
    os.environ["AWS_DEFAULT_REGION"] = os.environ["AWS_REGION"] = region
    forget_clients()


def caller_identity() -> tuple[str, str]:
    """The account and the ARN of the credentials.

    Raises:
        NoCredentialsError: there are none.
    """
    caller = client("sts").get_caller_identity()
    return caller["Account"], caller["Arn"]
