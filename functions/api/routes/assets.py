"""Routes of a tenant's catalog."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from functions.api import contexts
from functions.api.parameters import DEFAULT_LIMIT, Cursor, Limit, TenantId
from functions.api.routing import route
from interlock.aws.tables.catalog import Catalog
from interlock.contract.catalog import AssetBatch, AssetChanges, AssetPage
from interlock.contract.core.page import PageRequest
from interlock.contract.event import AssetHistory
from interlock.control.events import catalog

QualifiedName = Annotated[
    str, Query(description="The asset's qualified name.", examples=["sqlite/chinook/main/Customer"])
]
AssetType = Annotated[str, Query(alias="type", description="Only assets of this type.", examples=["table"])]
Tag = Annotated[str, Query(description="Only assets with this tag.", examples=["pii"])]
Prefix = Annotated[str, Query(description="Only assets whose qualified name begins with this.", examples=["sqlite/"])]
Text = Annotated[
    str,
    Query(
        max_length=200,
        description="Only assets that have each of these words in a name, a tag, an owner or a text attribute.",
        examples=["customer mail"],
    ),
]


@route("GET", "/v1/tenants/<tenant>/assets", "assets.list", action="readCatalog")
def list_assets(
    tenant: TenantId,
    qualified_name: QualifiedName = "",
    kind: AssetType = "",
    tag: Tag = "",
    prefix: Prefix = "",
    text: Text = "",
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> AssetPage:
    """Find assets: one by its qualified name, or a page by type, tag, prefix and words.

    By words, a page may be short or empty and not the last.
    """
    wanted = catalog.AssetFilter(qualified_name=qualified_name, kind=kind, tag=tag, prefix=prefix, text=text)
    return catalog.search_assets(Catalog(contexts.registry().tenant(tenant).id), wanted, PageRequest(limit, cursor))


@route("GET", "/v1/tenants/<tenant>/assets:history", "assets.list_changes", action="readCatalog")
def list_asset_changes(
    tenant: TenantId, qualified_name: QualifiedName, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> AssetHistory:
    """List the changes of one asset, newest first."""
    changes, following = catalog.asset_history(Catalog(tenant), qualified_name, limit, cursor)
    return AssetHistory(changes=tuple(changes), cursor=following)


@route("POST", "/v1/tenants/<tenant>/assets:batch", "assets.write", action="writeCatalog")
def write_assets(tenant: TenantId, batch: Annotated[AssetBatch, Body()]) -> AssetChanges:
    """Write a batch of assets, in order.

    Each is written by itself: when one fails, those before it are written.
    """
    changes = catalog.write_assets(Catalog(contexts.registry().tenant(tenant).id), batch.writes)
    return AssetChanges(changes=tuple(changes))
