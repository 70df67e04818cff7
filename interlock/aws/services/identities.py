"""Cognito: a user and a machine client for each tenant, publisher and operator."""

import secrets
from typing import Any

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.contract.core.base import Model
from interlock.contract.core.failure import Conflict

SCOPE = "interlock/api"


def _unknown_password() -> str:
    """A password that nobody is told: whoever wants to sign in as the user has it reset first."""
    return secrets.token_urlsafe(32) + "aA1!"


class Identity(Model):
    """What was made: the user's `sub`, and the client's id and secret, which nobody is told again."""

    user: str
    client_id: str
    client_secret: str


def create(pool: str, name: str) -> Identity:
    """Make a user called `name` and a client of the same name that gets tokens by its own credentials.

    Raises:
        Conflict: the user exists.
    """
    user = create_user(pool, name)
    client_id, secret = create_client(pool, name)
    return Identity(user=user, client_id=client_id, client_secret=secret)


def create_user(pool: str, name: str, email: str = "") -> str:
    """Make a user; its `sub`. Cognito mails an invitation where there is an address, else nobody is told a password.

    Raises:
        Conflict: the user exists.
    """
    fields: dict[str, Any] = {"MessageAction": "SUPPRESS", "TemporaryPassword": _unknown_password()}
    if email:
        attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        fields = {"UserAttributes": attributes, "DesiredDeliveryMediums": ["EMAIL"]}
    try:
        user = client("cognito-idp").admin_create_user(UserPoolId=pool, Username=name, **fields)["User"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "UsernameExistsException":
            raise
        raise Conflict(f"user {name} exists already", code="user-exists", next_step="Choose another name.") from error
    return _sub(user["Attributes"])


def user_of(pool: str, name: str) -> str:
    """The `sub` of a user that is there."""
    return _sub(client("cognito-idp").admin_get_user(UserPoolId=pool, Username=name)["UserAttributes"])


def create_client(pool: str, name: str) -> tuple[str, str]:
    """Make a client that gets tokens by its own credentials; its id and secret, which nobody is told again."""
    created = client("cognito-idp").create_user_pool_client(
        UserPoolId=pool,
        ClientName=name,
        GenerateSecret=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=[SCOPE],
    )["UserPoolClient"]
    return created["ClientId"], created["ClientSecret"]


def _sub(attributes: Any) -> str:
    return next(str(row["Value"]) for row in attributes if row["Name"] == "sub")


def delete(pool: str, principal: str, name: str) -> None:
    """Delete a user (whose principal is a `sub`, a UUID) by its name, or a client by its id; absent ones too."""
    cognito = client("cognito-idp")
    try:
        if "-" in principal:
            cognito.admin_delete_user(UserPoolId=pool, Username=name)
        else:
            cognito.delete_user_pool_client(UserPoolId=pool, ClientId=principal)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in ("UserNotFoundException", "ResourceNotFoundException"):
            raise
