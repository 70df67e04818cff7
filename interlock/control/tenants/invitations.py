"""Invitations: a person who has a user already joins another tenant or publisher, and accepts it first.

The inviter names the person by their principal, which they tell the inviter themselves; whether it exists is not said.
"""

from datetime import timedelta

from interlock.aws.tables.invitations import Invitations
from interlock.aws.tables.registry import Registry
from interlock.contract.core import limits, names
from interlock.contract.core.base import now
from interlock.contract.core.failure import Conflict, NotFound
from interlock.contract.member import Caller, InvitationList, NewInvitation, PendingInvitation
from interlock.contract.registry import Membership, Role

MAX_PENDING = 100
"""Invitations of one scope that wait at once."""


def invite_user(registry: Registry, scope: str, new: NewInvitation, by: str) -> PendingInvitation:
    """Ask a person to join a scope; again for the same person replaces the invitation.

    Raises:
        Conflict: they are a member, the name is another member's, or too many invitations wait.
    """
    members = registry.members(scope)
    if any(row.principal == new.principal for row in members):
        raise Conflict(
            f"{new.name} is a member already",
            where=scope,
            code="already-member",
            next_step=f"Give them a role: interlock {scope.partition('/')[0]} member add NAME --role {new.role}",
        )
    if any(row.name == new.name for row in members):
        raise Conflict(
            f"another member is called {new.name}", where=scope, code="name-taken", next_step="Choose another name."
        )
    invitations = Invitations(registry.table.name)
    waiting = [row for row in invitations.of_scope(scope) if row.is_open(now()) and row.principal != new.principal]
    if len(waiting) >= MAX_PENDING:
        raise Conflict(
            f"{MAX_PENDING} invitations wait already",
            where=scope,
            code="too-many-invitations",
            next_step=f"Take one back: interlock {scope.partition('/')[0]} member uninvite ID",
        )
    invitation = PendingInvitation(
        id=names.ulid(),
        scope=scope,
        principal=new.principal,
        name=new.name,
        role=Role(new.role),
        by=by,
        until=now(timedelta(days=limits.INVITATION_DAYS)),
    )
    invitations.write(invitation)
    return invitation


def invitations_of_scope(registry: Registry, scope: str) -> InvitationList:
    """The invitations to a scope that wait."""
    return _open(Invitations(registry.table.name).of_scope(scope))


def invitations_for(registry: Registry, caller: Caller) -> InvitationList:
    """The invitations that wait for a caller's answer."""
    return _open(Invitations(registry.table.name).of_principal(caller.principal))


def withdraw_invitation(registry: Registry, scope: str, invitation: str) -> PendingInvitation:
    """Take an invitation back; NotFound where the scope has none of that id."""
    subject = _find(invitations_of_scope(registry, scope), invitation)
    Invitations(registry.table.name).delete(subject)
    return subject


def accept_invitation(registry: Registry, caller: Caller, invitation: str) -> Membership:
    """Become a member of the scope that a caller was invited to.

    Raises:
        NotFound: no such invitation waits for the caller.
        Conflict: the name is another member's by now.
    """
    subject = _find(invitations_for(registry, caller), invitation)
    members = registry.members(subject.scope)
    member = next((row for row in members if row.principal == caller.principal), None)
    if member is None:
        if any(row.name == subject.name for row in members):
            raise Conflict(
                f"another member is called {subject.name}",
                where=subject.scope,
                code="name-taken",
                next_step="Ask to be invited by another name.",
            )
        member = Membership(
            principal=caller.principal,
            scope=subject.scope,
            role=subject.role,
            name=subject.name,
            kind="user",
            user=next((row.user for row in caller.memberships if row.user), ""),
            created=now(),
        )
        registry.join(member)
    Invitations(registry.table.name).delete(subject)
    return member


def decline_invitation(registry: Registry, caller: Caller, invitation: str) -> PendingInvitation:
    """Refuse an invitation; NotFound where none of that id waits for the caller."""
    subject = _find(invitations_for(registry, caller), invitation)
    Invitations(registry.table.name).delete(subject)
    return subject


def _open(rows: list[PendingInvitation]) -> InvitationList:
    at = now()
    return InvitationList(invitations=tuple(row for row in rows if row.is_open(at)))


def _find(waiting: InvitationList, invitation: str) -> PendingInvitation:
    subject = next((row for row in waiting.invitations if row.id == invitation), None)
    if subject is None:
        raise NotFound(
            f"invitation {invitation} does not exist",
            where="invitation",
            code="unknown-invitation",
            next_step="interlock invitation list",
        )
    return subject
