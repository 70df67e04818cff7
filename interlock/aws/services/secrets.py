"""Secrets Manager: the installs' secrets, and the platform's own."""

import time
from dataclasses import dataclass
from functools import cache

from botocore.exceptions import ClientError

from interlock.aws.clients import client

STAGES = ("AWSCURRENT", "AWSPREVIOUS")
"""https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version"""
SECRET_SECONDS = 300.0
"""How long a process signs with a secret before it looks whether there is a newer one."""
AGAIN_SECONDS = 10.0
"""How long a process that checks does not look again, whatever it is sent."""


@dataclass(frozen=True)
class PlatformSecret:
    """A secret of the platform's own, as a process read it last: its value, and the one before its last rotation."""

    values: tuple[bytes, ...]
    read: float
    """`time.monotonic()` when it was read."""

    @property
    def current(self) -> bytes:
        """What is signed with."""
        return self.values[0]


@cache
def platform_secrets() -> dict[str, PlatformSecret]:
    """What this process read, by the secret's name."""
    return {}


def platform_secret(arn: str, older_than: float = SECRET_SECONDS) -> PlatformSecret:
    """A secret of the platform's own, read again where this process read it longer ago than so many seconds."""
    known = platform_secrets().get(arn)
    if known is None or time.monotonic() - known.read > older_than:
        values = [value for stage in STAGES if (value := _staged(arn, stage)) is not None]
        known = platform_secrets()[arn] = PlatformSecret(tuple(values), time.monotonic())
    return known


def _staged(arn: str, stage: str) -> bytes | None:
    """The value of a stage; None for a secret that was never rotated and has no previous one."""
    try:
        answer = client("secretsmanager").get_secret_value(SecretId=arn, VersionStage=stage)
    except ClientError as error:
        if stage != STAGES[0] and error.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
            return None
        raise
    return str(answer["SecretString"]).encode()


def read_secret(name: str) -> str | None:
    """The value of an install's secret, or None where there is none."""
    try:
        return str(client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
            return None
        raise


def secret_exists(name: str) -> bool:
    """Whether there is a secret, without its value."""
    try:
        client("secretsmanager").describe_secret(SecretId=name)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
            return False
        raise
    return True


def write_secret(name: str, value: str) -> None:
    """Create a secret, or give it a new value."""
    try:
        client("secretsmanager").create_secret(Name=name, SecretString=value)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ResourceExistsException":
            raise
        client("secretsmanager").put_secret_value(SecretId=name, SecretString=value)


def delete_secret(name: str) -> None:
    """Delete a secret at once; absent ones too."""
    try:
        client("secretsmanager").delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
            raise
