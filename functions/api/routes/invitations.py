"""Routes of invitations: a person who has a user elsewhere joins a tenant or a publisher, and accepts it first."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.api import contexts
from functions.api.parameters import InvitationId, PublisherId, TenantId
from functions.api.routing import CurrentCaller, route
from interlock.contract.member import InvitationList, NewInvitation, PendingInvitation
from interlock.contract.registry import Membership
from interlock.control.tenants import invitations

PUBLISHER = "/v1/publishers/<publisher>/invitations"
TENANT = "/v1/tenants/<tenant>/invitations"
MINE = "/v1/me/invitations"
EXAMPLE = {"principal": "a3bb189e-8bf9-3888-9912-ace4e6543002", "name": "pat", "role": "member"}
Invited = Annotated[NewInvitation, Body(examples=[EXAMPLE])]


@route("POST", PUBLISHER, "publisher_invitations.create", action="manageMembers", status=201)
def create_publisher_invitation(
    publisher: PublisherId, invitation: Invited, caller: CurrentCaller
) -> PendingInvitation:
    """Invite somebody who has a user already to join a publisher. Nothing changes until they accept."""
    return invitations.invite_user(contexts.registry(), f"publisher/{publisher}", invitation, caller.principal)


@route("GET", PUBLISHER, "publisher_invitations.list", action="readMembers")
def list_publisher_invitations(publisher: PublisherId) -> InvitationList:
    """List the invitations to a publisher that wait for an answer."""
    return invitations.invitations_of_scope(contexts.registry(), f"publisher/{publisher}")


@route("DELETE", f"{PUBLISHER}/<invitation>", "publisher_invitations.delete", action="manageMembers")
def delete_publisher_invitation(publisher: PublisherId, invitation: InvitationId) -> PendingInvitation:
    """Take an invitation to a publisher back."""
    return invitations.withdraw_invitation(contexts.registry(), f"publisher/{publisher}", invitation)


@route("POST", TENANT, "tenant_invitations.create", action="manageMembers", status=201)
def create_tenant_invitation(tenant: TenantId, invitation: Invited, caller: CurrentCaller) -> PendingInvitation:
    """Invite somebody who has a user already to join a tenant. Nothing changes until they accept."""
    return invitations.invite_user(contexts.registry(), f"tenant/{tenant}", invitation, caller.principal)


@route("GET", TENANT, "tenant_invitations.list", action="readMembers")
def list_tenant_invitations(tenant: TenantId) -> InvitationList:
    """List the invitations to a tenant that wait for an answer."""
    return invitations.invitations_of_scope(contexts.registry(), f"tenant/{tenant}")


@route("DELETE", f"{TENANT}/<invitation>", "tenant_invitations.delete", action="manageMembers")
def delete_tenant_invitation(tenant: TenantId, invitation: InvitationId) -> PendingInvitation:
    """Take an invitation to a tenant back."""
    return invitations.withdraw_invitation(contexts.registry(), f"tenant/{tenant}", invitation)


@route("GET", MINE, "invitations.list", action="answerInvitations")
def list_invitations(caller: CurrentCaller) -> InvitationList:
    """List the invitations that wait for the caller's answer."""
    return invitations.invitations_for(contexts.registry(), caller)


@route("POST", f"{MINE}/<invitation>/accept", "invitations.accept", action="answerInvitations")
def accept_invitation(invitation: InvitationId, caller: CurrentCaller) -> Membership:
    """Accept an invitation: become a member."""
    return invitations.accept_invitation(contexts.registry(), caller, invitation)


@route("DELETE", f"{MINE}/<invitation>", "invitations.decline", action="answerInvitations")
def decline_invitation(invitation: InvitationId, caller: CurrentCaller) -> PendingInvitation:
    """Decline an invitation."""
    return invitations.decline_invitation(contexts.registry(), caller, invitation)
