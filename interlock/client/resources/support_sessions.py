"""Times in which the publisher of an app sees a tenant's runs of it.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.support import SupportRequest, SupportSession, SupportSessionList


class SupportSessionsResource:
    """Times in which the publisher of an app sees a tenant's runs of it."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, tenant: str, *, limit: int | None = None, cursor: str | None = None) -> SupportSessionList:
        """List the support sessions that a tenant has open.

        A page may be short and not the last.
        """
        return SupportSessionList.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/support", query={"limit": limit, "cursor": cursor})
        )

    def iterate(self, tenant: str, *, most: int | None = None) -> Iterator[SupportSession]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(tenant, limit=limit, cursor=cursor), lambda page: page.sessions, most, 100
        )

    def open(self, tenant: str, body: SupportRequest, *, key: str = "") -> SupportSession:
        """Open a support session for the publisher of an installed app.

        Until it ends, members of the publisher read the tenant's runs of the app, with inputs, outputs and logs, and
        breakpoints on its versions stop them. Each read is in the tenant's audit log. An open session gets another end.
        """
        return SupportSession.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/support", body, key=key)
        )

    def close(self, tenant: str, publisher: str, name: str) -> SupportSession:
        """Close a support session: the publisher is refused from the next call on."""
        return SupportSession.model_validate_json(
            self._calls.fetch("DELETE", f"/v1/tenants/{part(tenant)}/support/{part(publisher)}/{part(name)}")
        )
