"""Routes of members, credentials and trusts: who may act for a publisher or a tenant."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.api import contexts
from functions.api.parameters import CredentialName, MemberName, PublisherId, TenantId
from functions.api.routing import route
from interlock.contract.member import Credentials, Invitation, MemberList, NewCredential, NewTrust
from interlock.contract.registry import Membership
from interlock.control.tenants import members

PUBLISHER = "/v1/publishers/<publisher>"
TENANT = "/v1/tenants/<tenant>"
Invited = Annotated[Invitation, Body(examples=[{"name": "pat", "role": "admin"}])]
Machine = Annotated[NewCredential, Body(examples=[{"name": "pipeline"}])]


@route("GET", f"{PUBLISHER}/members", "publisher_members.list", action="readMembers")
def list_publisher_members(publisher: PublisherId) -> MemberList:
    """List the members of a publisher: people, machines and trusts."""
    return MemberList(members=tuple(contexts.registry().members(f"publisher/{publisher}")))


@route("POST", f"{PUBLISHER}/members", "publisher_members.create", action="manageMembers", status=201)
def create_publisher_member(publisher: PublisherId, invitation: Invited) -> Membership:
    """Make a person a member of a publisher, or give a member another role."""
    return _invite(f"publisher/{publisher}", invitation)


@route("DELETE", f"{PUBLISHER}/members/<member>", "publisher_members.delete", action="manageMembers")
def delete_publisher_member(publisher: PublisherId, member: MemberName) -> Membership:
    """Remove a person, a machine or a trust from a publisher."""
    return _remove(f"publisher/{publisher}", member)


@route("POST", f"{PUBLISHER}/credentials", "publisher_credentials.create", action="manageMembers", status=201)
def create_publisher_credentials(publisher: PublisherId, credential: Machine) -> Credentials:
    """Make credentials for a machine of a publisher. Their secret is in this answer and in no other."""
    return _create(f"publisher/{publisher}", credential)


@route("POST", f"{PUBLISHER}/credentials/<name>/rotate", "publisher_credentials.rotate", action="manageMembers")
def rotate_publisher_credentials(publisher: PublisherId, name: CredentialName) -> Credentials:
    """Give a machine of a publisher new credentials; the old ones are refused from now on."""
    return _rotate(f"publisher/{publisher}", name)


@route("POST", f"{PUBLISHER}/trusts", "publisher_trusts.create", action="manageMembers", status=201)
def create_publisher_trust(publisher: PublisherId, trust: Annotated[NewTrust, Body()]) -> Membership:
    """Let a workflow of GitHub act for a publisher, with the token that GitHub gives it."""
    return members.trust(contexts.registry(), f"publisher/{publisher}", trust)


@route("GET", f"{TENANT}/members", "tenant_members.list", action="readMembers")
def list_tenant_members(tenant: TenantId) -> MemberList:
    """List the members of a tenant: people and machines."""
    return MemberList(members=tuple(contexts.registry().members(f"tenant/{tenant}")))


@route("POST", f"{TENANT}/members", "tenant_members.create", action="manageMembers", status=201)
def create_tenant_member(tenant: TenantId, invitation: Invited) -> Membership:
    """Make a person a member of a tenant, or give a member another role."""
    return _invite(f"tenant/{tenant}", invitation)


@route("DELETE", f"{TENANT}/members/<member>", "tenant_members.delete", action="manageMembers")
def delete_tenant_member(tenant: TenantId, member: MemberName) -> Membership:
    """Remove a person or a machine from a tenant."""
    return _remove(f"tenant/{tenant}", member)


@route("POST", f"{TENANT}/credentials", "tenant_credentials.create", action="manageMembers", status=201)
def create_tenant_credentials(tenant: TenantId, credential: Machine) -> Credentials:
    """Make credentials for a machine of a tenant. Their secret is in this answer and in no other."""
    return _create(f"tenant/{tenant}", credential)


@route("POST", f"{TENANT}/credentials/<name>/rotate", "tenant_credentials.rotate", action="manageMembers")
def rotate_tenant_credentials(tenant: TenantId, name: CredentialName) -> Credentials:
    """Give a machine of a tenant new credentials; the old ones are refused from now on."""
    return _rotate(f"tenant/{tenant}", name)


def _invite(scope: str, invitation: Invitation) -> Membership:
    return members.invite(contexts.registry(), contexts.settings().user_pool, scope, invitation)


def _remove(scope: str, member: str) -> Membership:
    return members.remove_member(contexts.registry(), contexts.settings().user_pool, scope, member)


def _create(scope: str, credential: NewCredential) -> Credentials:
    settings = contexts.settings()
    return members.create_credential(contexts.registry(), settings.user_pool, settings.token_url, scope, credential)


def _rotate(scope: str, name: str) -> Credentials:
    settings = contexts.settings()
    return members.rotate_credential(contexts.registry(), settings.user_pool, settings.token_url, scope, name)
