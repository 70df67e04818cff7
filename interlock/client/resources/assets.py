"""The assets of a tenant's catalog.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.catalog import Asset, AssetBatch, AssetChanges, AssetPage
from interlock.contract.event import AssetHistory, CatalogDetail


class AssetsResource:
    """The assets of a tenant's catalog."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(
        self,
        tenant: str,
        *,
        qualified_name: str | None = None,
        type: str | None = None,
        tag: str | None = None,
        prefix: str | None = None,
        text: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AssetPage:
        """Find assets: one by its qualified name, or a page by type, tag, prefix and words.

        By words, a page may be short or empty and not the last.
        """
        return AssetPage.model_validate_json(
            self._calls.fetch(
                "GET",
                f"/v1/tenants/{part(tenant)}/assets",
                query={
                    "qualified_name": qualified_name,
                    "type": type,
                    "tag": tag,
                    "prefix": prefix,
                    "text": text,
                    "limit": limit,
                    "cursor": cursor,
                },
            )
        )

    def iterate(
        self,
        tenant: str,
        *,
        qualified_name: str | None = None,
        type: str | None = None,
        tag: str | None = None,
        prefix: str | None = None,
        text: str | None = None,
        most: int | None = None,
    ) -> Iterator[Asset]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(
                tenant,
                qualified_name=qualified_name,
                type=type,
                tag=tag,
                prefix=prefix,
                text=text,
                limit=limit,
                cursor=cursor,
            ),
            lambda page: page.assets,
            most,
            100,
        )

    def write(self, tenant: str, body: AssetBatch, *, key: str = "") -> AssetChanges:
        """Write a batch of assets, in order.

        Each is written by itself: when one fails, those before it are written.
        """
        return AssetChanges.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/assets:batch", body, key=key)
        )

    def list_changes(
        self, tenant: str, *, qualified_name: str, limit: int | None = None, cursor: str | None = None
    ) -> AssetHistory:
        """List the changes of one asset, newest first."""
        return AssetHistory.model_validate_json(
            self._calls.fetch(
                "GET",
                f"/v1/tenants/{part(tenant)}/assets:history",
                query={"qualified_name": qualified_name, "limit": limit, "cursor": cursor},
            )
        )

    def iterate_changes(self, tenant: str, *, qualified_name: str, most: int | None = None) -> Iterator[CatalogDetail]:
        """Every row of `list_changes`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list_changes(tenant, qualified_name=qualified_name, limit=limit, cursor=cursor),
            lambda page: page.changes,
            most,
            100,
        )
