"""Starts of a tenant that did not become runs.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.dead_letter import (
    BulkRedriven,
    BulkRedriveRequest,
    DeadLetter,
    DeadPage,
    DeadState,
    DeadView,
    Redriven,
)


class DeadLettersResource:
    """Starts of a tenant that did not become runs."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(
        self,
        tenant: str,
        *,
        state: DeadState | None = None,
        install: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> DeadPage:
        """List the dead letters of a tenant, or of one install, newest first."""
        return DeadPage.model_validate_json(
            self._calls.fetch(
                "GET",
                f"/v1/tenants/{part(tenant)}/dead",
                query={"state": state, "install": install, "limit": limit, "cursor": cursor},
            )
        )

    def iterate(
        self, tenant: str, *, state: DeadState | None = None, install: str | None = None, most: int | None = None
    ) -> Iterator[DeadLetter]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(tenant, state=state, install=install, limit=limit, cursor=cursor),
            lambda page: page.letters,
            most,
            100,
        )

    def get(self, tenant: str, letter: str) -> DeadView:
        """Show a dead letter with its payload, and the run that it became after a redrive."""
        return DeadView.model_validate_json(self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/dead/{part(letter)}"))

    def drop(self, tenant: str, letter: str, *, key: str = "") -> DeadLetter:
        """Drop a dead letter: its start is given up, and its payload is deleted."""
        return DeadLetter.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/dead/{part(letter)}/drop", {}, key=key)
        )

    def redrive(self, tenant: str, letter: str, *, key: str = "") -> Redriven:
        """Put a start back on the queue, with the ids that it had."""
        return Redriven.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/dead/{part(letter)}/redrive", {}, key=key)
        )

    def redrive_page(self, tenant: str, body: BulkRedriveRequest, *, key: str = "") -> BulkRedriven:
        """Put a page of the dead letters that match a filter back on the queue, or count those that match.

        Call it again with the `cursor` of the answer until there is none.
        """
        return BulkRedriven.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/dead:redrive", body, key=key)
        )
