"""Invitations in the registry: by the invited person, and by the scope. DynamoDB deletes those that are over."""

from interlock.aws.tables.table import Key, Table
from interlock.contract.core.base import parse_moment
from interlock.contract.member import PendingInvitation


class Invitations:
    """The invitations of every scope."""

    def __init__(self, table: str) -> None:
        """Name the registry's table; nothing is called."""
        self.table = Table(table)

    def write(self, invitation: PendingInvitation) -> None:
        """Write an invitation over one of the same person to the same scope."""
        extra: dict[str, str | int] = {
            "gsi1pk": f"INVITED#{invitation.scope}",
            "gsi1sk": invitation.principal,
            "expires": int(parse_moment(invitation.until).timestamp()) + 1,
        }
        self.table.put(_key(invitation.principal, invitation.scope), invitation, extra=extra)

    def of_principal(self, principal: str) -> list[PendingInvitation]:
        """What a person is invited to, also what is over."""
        return [row.read(PendingInvitation) for row in self.table.query_all(_pk(principal))]

    def of_scope(self, scope: str) -> list[PendingInvitation]:
        """Who is invited to a scope, also what is over."""
        return [row.read(PendingInvitation) for row in self.table.query_all(f"INVITED#{scope}", index="gsi1")]

    def delete(self, invitation: PendingInvitation) -> None:
        """Delete an invitation; an absent one too."""
        self.table.delete(_key(invitation.principal, invitation.scope))


def _pk(principal: str) -> str:
    return f"INVITEE#{principal}"


def _key(principal: str, scope: str) -> Key:
    return Key(pk=_pk(principal), sk=scope)
