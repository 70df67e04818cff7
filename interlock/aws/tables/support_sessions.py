"""Support sessions in the registry: by tenant and app, and by publisher. DynamoDB deletes those that are over."""

from interlock.aws.tables.table import Key, Page, Table
from interlock.contract.core.base import parse_moment
from interlock.contract.support import SupportSession

PREFIX = "SUPPORT#"


def support_item(tenant: str, app: str) -> Key:
    """Where the support session of a tenant for an app is."""
    return Key(pk=f"TEN#{tenant}", sk=f"{PREFIX}{app}")


class SupportSessions:
    """The support sessions of every tenant."""

    def __init__(self, table: str) -> None:
        """Name the registry's table; nothing is called."""
        self.table = Table(table)

    def write(self, session: SupportSession) -> None:
        """Write a session over the one that is there."""
        extra: dict[str, str | int] = {
            "gsi1pk": f"{PREFIX}{session.app.partition('/')[0]}",
            "gsi1sk": f"{session.app}#{session.tenant}",
            "expires": int(parse_moment(session.until).timestamp()) + 1,
        }
        self.table.put(support_item(session.tenant, session.app), session, extra=extra)

    def read(self, tenant: str, app: str) -> SupportSession | None:
        """Read the session of a tenant for an app, also one that is over; None where there is none."""
        row = self.table.get(support_item(tenant, app))
        return row.read(SupportSession) if row else None

    def delete(self, tenant: str, app: str) -> None:
        """Delete the session of a tenant for an app; an absent one too."""
        self.table.delete(support_item(tenant, app))

    def of_tenant(self, tenant: str, limit: int, cursor: str | None) -> Page:
        """One page of a tenant's sessions, by app."""
        return self.table.query(f"TEN#{tenant}", PREFIX, limit=limit, cursor=cursor)

    def of_publisher(self, publisher: str, limit: int, cursor: str | None, app: str = "") -> Page:
        """One page of the sessions for a publisher's apps, or for one of them, by app and tenant."""
        prefix = f"{app}#" if app else ""
        return self.table.query(f"{PREFIX}{publisher}", prefix, index="gsi1", limit=limit, cursor=cursor)
