"""Cognito: a user and a machine client for each tenant, publisher and operator."""

import secrets

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.contract.base import Model
from interlock.contract.failure import Conflict

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
    cognito = client("cognito-idp")
    try:
        user = cognito.admin_create_user(
            UserPoolId=pool, Username=name, MessageAction="SUPPRESS", TemporaryPassword=_unknown_password()
        )["User"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "UsernameExistsException":
            raise
        raise Conflict(f"the user {name} exists", code="user-exists", next_step="Choose another name.") from error
    sub = next(row["Value"] for row in user["Attributes"] if row["Name"] == "sub")
    made = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName=name,
        GenerateSecret=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=[SCOPE],
    )["UserPoolClient"]
    return Identity(user=sub, client_id=made["ClientId"], client_secret=made["ClientSecret"])


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
