"""Cognito: people are users, by names of their own tenant or publisher; machines are clients."""

import secrets
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.contract.core.failure import Conflict
from interlock.contract.deployment_export import ExportedUser

SCOPE = "interlock/api"
CLIENTS_PER_PAGE = 60
"""https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUserPoolClients.html"""


def _unknown_password() -> str:
    """A password that nobody is told: whoever wants to sign in as the user has it reset first."""
    return secrets.token_urlsafe(32) + "aA1!"


def create_user(pool: str, name: str, email: str = "", *, invite: bool = True) -> str:
    """Make a user; its `sub`. Cognito mails an invitation where there is an address, else nobody is told a password.

    Args:
        pool: the user pool.
        name: what the user signs in with.
        email: the user's address.
        invite: False for no mail: the user is there with the address, and an operator sets the password.

    Raises:
        Conflict: the user exists.
    """
    fields: dict[str, Any] = {"MessageAction": "SUPPRESS", "TemporaryPassword": _unknown_password()}
    if email and invite:
        fields = {"DesiredDeliveryMediums": ["EMAIL"]}
    if email:
        attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        fields |= {"UserAttributes": attributes}
    try:
        user = client("cognito-idp").admin_create_user(UserPoolId=pool, Username=name, **fields)["User"]
    except ClientError as error:
        match error.response.get("Error", {}).get("Code"):
            case "UsernameExistsException":
                step = "Choose another name."
                raise Conflict(f"user {name} exists already", code="user-exists", next_step=step) from error
            case "AliasExistsException":
                what, step = f"another user has the address {email}", "Use another address."
                raise Conflict(what, code="email-taken", next_step=step) from error
            case _:
                raise
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


def delete_user(pool: str, name: str) -> None:
    """Delete a user by the name it signs in with; an absent one too."""
    try:
        client("cognito-idp").admin_delete_user(UserPoolId=pool, Username=name)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "UserNotFoundException":
            raise


def delete_client(pool: str, client_id: str) -> None:
    """Delete a client; an absent one too."""
    try:
        client("cognito-idp").delete_user_pool_client(UserPoolId=pool, ClientId=client_id)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
            raise


def clients(pool: str) -> Iterator[tuple[str, str]]:
    """Every client of a pool: its id and its name."""
    pages = client("cognito-idp").get_paginator("list_user_pool_clients")
    for page in pages.paginate(UserPoolId=pool, PaginationConfig={"PageSize": CLIENTS_PER_PAGE}):
        yield from ((str(row["ClientId"]), str(row["ClientName"])) for row in page["UserPoolClients"])


def users(pool: str) -> Iterator[ExportedUser]:
    """Every person of a pool, without a password."""
    groups = _groups(pool)
    for page in client("cognito-idp").get_paginator("list_users").paginate(UserPoolId=pool):
        for row in page["Users"]:
            attributes = {one["Name"]: str(one["Value"]) for one in row.get("Attributes", ())}
            name = str(row["Username"])
            yield ExportedUser(
                name=name,
                sub=attributes["sub"],
                email=attributes.get("email", ""),
                enabled=bool(row.get("Enabled", True)),
                groups=tuple(groups.get(name, ())),
            )


def disable_user(pool: str, name: str) -> None:
    """Let a user not sign in."""
    client("cognito-idp").admin_disable_user(UserPoolId=pool, Username=name)


def _groups(pool: str) -> dict[str, list[str]]:
    """The groups of the people who are in one."""
    rows: dict[str, list[str]] = {}
    for page in client("cognito-idp").get_paginator("list_groups").paginate(UserPoolId=pool):
        for group in page["Groups"]:
            name = str(group["GroupName"])
            members = client("cognito-idp").get_paginator("list_users_in_group")
            for listed in members.paginate(UserPoolId=pool, GroupName=name):
                for row in listed["Users"]:
                    rows.setdefault(str(row["Username"]), []).append(name)
    return rows
