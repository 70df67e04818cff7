"""Secrets Manager: the installs' secrets, and the platform's own."""

from functools import cache

from botocore.exceptions import ClientError

from interlock.aws.clients import client


@cache
def platform_secret(arn: str) -> bytes:
    """A secret of the platform's own, read once in a process."""
    return str(client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]).encode()


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
