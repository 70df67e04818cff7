"""The pages that installed apps bring.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.view import View, ViewRow, ViewRows, Where


class ViewsResource:
    """The pages that installed apps bring."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def get(self, tenant: str, install: str, view: str, *, subject: str | None = None) -> View:
        """Show a view with its data: the output of the last run of its tool that succeeded, or assets of the catalog.

        No code of the app runs for it. The URLs of the images are valid for five minutes.
        """
        return View.model_validate_json(
            self._calls.fetch(
                "GET",
                f"/v1/tenants/{part(tenant)}/installs/{part(install)}/views/{part(view)}",
                query={"subject": subject},
            )
        )

    def list(
        self, tenant: str, *, where: Where | None = None, limit: int | None = None, cursor: str | None = None
    ) -> ViewRows:
        """List the views of a tenant's installed apps.

        A page may be short and not the last.
        """
        return ViewRows.model_validate_json(
            self._calls.fetch(
                "GET", f"/v1/tenants/{part(tenant)}/views", query={"where": where, "limit": limit, "cursor": cursor}
            )
        )

    def iterate(self, tenant: str, *, where: Where | None = None, most: int | None = None) -> Iterator[ViewRow]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(tenant, where=where, limit=limit, cursor=cursor),
            lambda page: page.views,
            most,
            100,
        )
