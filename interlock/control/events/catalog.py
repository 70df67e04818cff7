"""The catalog: search, and upserts of which only real changes are written and become events."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from interlock.aws.tables.catalog import Catalog
from interlock.aws.tables.table import retry_conflicts
from interlock.contract.catalog import MAX_ASSET_BYTES, MAX_BATCH, Asset, AssetChange, AssetPage, AssetWrite
from interlock.contract.core import limits, names
from interlock.contract.core.base import now
from interlock.contract.core.failure import BadRequest, Conflict, TooLarge
from interlock.contract.core.page import PageRequest
from interlock.contract.envelope import Cause
from interlock.contract.event import CatalogDetail, CatalogEvent
from interlock.contract.payload import size

Kept = TypeVar("Kept")
FIELDS = ("name", "attributes", "tags", "owners", "upstream")
DEFAULT_PAGE = 50
MAX_PAGE = 100
SCANNED_PAGES = 10
"""So many pages of the catalog one search by words reads: a thousand assets take well below a second."""


@dataclass(frozen=True)
class AssetFilter:
    """Which assets: one by its qualified name, or those that have this type, tag and prefix of the name."""

    qualified_name: str = ""
    kind: str = ""
    tag: str = ""
    prefix: str = ""
    text: str = ""
    """Words that each are in the name, a tag, an owner or a text among the attributes, in any case of letters."""


def search_assets(
    catalog: Catalog, wanted: AssetFilter = AssetFilter(), page: PageRequest = PageRequest(DEFAULT_PAGE)
) -> AssetPage:
    """Find assets: one by its name, or a page by tag, type and prefix of the name, and by words.

    By words, up to SCANNED_PAGES pages are read until one has a hit, so a page may be short or empty and not the last.
    """
    if wanted.qualified_name:
        return AssetPage(assets=tuple(catalog.find([wanted.qualified_name]).values()))
    if not 1 <= page.limit <= MAX_PAGE:
        raise BadRequest(f"the limit must be 1 to {MAX_PAGE}", where="limit", next_step=f"Send limit={MAX_PAGE}.")
    terms, result = wanted.text.casefold().split(), AssetPage(assets=(), cursor=page.cursor)
    for _ in range(SCANNED_PAGES if terms else 1):
        read = catalog.page(
            kind=wanted.kind, tag=wanted.tag, prefix=wanted.prefix, limit=page.limit, cursor=result.cursor
        )
        hits = tuple(asset for asset in read.assets if _has_terms(asset, terms))
        result = AssetPage(assets=hits, cursor=read.cursor)
        if hits or read.cursor is None:
            break
    return result


def _has_terms(asset: Asset, terms: Sequence[str]) -> bool:
    texts = (value for value in asset.attributes.values() if isinstance(value, str))
    text = "\n".join((asset.qualified_name, asset.name, *asset.tags, *asset.owners, *texts)).casefold()
    return all(term in text for term in terms)


def asset_history(
    catalog: Catalog, qualified_name: str, limit: int, cursor: str | None
) -> tuple[list[CatalogDetail], str | None]:
    """An asset's changes, newest first, and the cursor of the next page."""
    page = catalog.history(qualified_name, limit=limit, cursor=cursor)
    return [row.read(CatalogDetail) for row in page.rows], page.cursor


def write_assets(catalog: Catalog, writes: Sequence[AssetWrite], cause: Cause | None = None) -> list[AssetChange]:
    """Carry out a batch of upserts in order, each by itself: one that fails leaves those before it done.

    Raises:
        BadRequest: more than MAX_BATCH, or an asset twice, or a new one without a type.
        Conflict: `if_version` differs.
    """
    if len(writes) > MAX_BATCH:
        raise TooLarge(
            f"the batch has {len(writes)} writes, and may have {MAX_BATCH}",
            where="writes",
            next_step="Send smaller batches.",
        )
    wanted = [write.qualified_name for write in writes]
    if len(set(wanted)) != len(wanted):
        raise BadRequest(
            "the batch has two writes of one asset",
            where="writes",
            code="asset-twice",
            next_step="Send one write for each asset.",
        )
    values = catalog.find(wanted)
    for write in writes:
        _check(write, values.get(write.qualified_name))
    return [_write(catalog, write, values.get(write.qualified_name), cause) for write in writes]


def apply(write: AssetWrite, before: Asset | None, at: str, change_id: str) -> tuple[Asset, tuple[str, ...]]:
    """What an asset becomes by a write, and which of its fields differ. Pure."""
    old_tags = before.tags if before else ()
    tags = write.tags if write.tags is not None else old_tags
    tags = tuple(sorted((set(tags) | set(write.add_tags)) - set(write.remove_tags)))
    after = Asset(
        qualified_name=write.qualified_name,
        type=before.type if before else write.type or "",
        name=_or(write.name, before.name if before else write.qualified_name.rsplit("/", 1)[-1]),
        attributes=_or(write.attributes, before.attributes if before else {}),
        tags=tags,
        owners=_or(write.owners, before.owners if before else ()),
        upstream=_or(write.upstream, before.upstream if before else ()),
        version=before.version + 1 if before else 1,
        change_id=change_id,
        created_at=before.created_at if before else at,
        updated_at=at,
    )
    if before is None:
        return after, FIELDS
    return after, tuple(field for field in FIELDS if getattr(after, field) != getattr(before, field))


def _or(value: Kept | None, default: Kept) -> Kept:
    return default if value is None else value


def _check(write: AssetWrite, before: Asset | None) -> None:
    where = write.qualified_name
    if before is None and write.type is None and not write.delete:
        raise BadRequest("a new asset needs a type", where=where, code="asset-type", next_step="Send its type.")
    if before is not None and write.type not in (None, before.type):
        raise Conflict(
            f"the type of the asset is {before.type} and can't be changed",
            where=where,
            code="asset-type",
            next_step="Delete it first.",
        )
    version = before.version if before else 0
    if write.if_version is not None and write.if_version != version:
        raise Conflict(
            f"the asset has version {version}", where=where, code="asset-changed", next_step="Read it again."
        )


def _write(catalog: Catalog, write: AssetWrite, before: Asset | None, cause: Cause | None) -> AssetChange:
    """Write one asset; one that another writer changed is read again, unless the caller said which version it saw."""
    if write.if_version is not None:
        return _write_once(catalog, write, before, cause)
    first = True

    def attempt() -> AssetChange:
        nonlocal before, first
        if not first:
            before = catalog.find([write.qualified_name]).get(write.qualified_name)
            _check(write, before)
        first = False
        return _write_once(catalog, write, before, cause)

    return retry_conflicts(attempt, "the asset", write.qualified_name)


def _write_once(catalog: Catalog, write: AssetWrite, before: Asset | None, cause: Cause | None) -> AssetChange:
    name = write.qualified_name
    if write.delete and before is None:
        return AssetChange(qualified_name=name, outcome="unchanged", version=0)
    at, change_id = now(), names.ulid()
    after, changed = apply(write, before, at, change_id)
    if before is not None and not changed and not write.delete:
        return AssetChange(qualified_name=name, outcome="unchanged", version=before.version)
    if size(after.model_dump(mode="json")) > MAX_ASSET_BYTES:
        raise TooLarge(
            f"the asset has more than {MAX_ASSET_BYTES} bytes",
            where=name,
            code="asset-too-large",
            next_step="Keep less data, or a reference to it.",
        )
    if len(after.tags) > limits.ASSET_TAGS:
        raise BadRequest(
            f"the asset would have {len(after.tags)} tags, and may have {limits.ASSET_TAGS}",
            where=name,
            code="asset-tags",
            next_step="Remove tags that nobody looks for.",
        )
    kind = CatalogEvent.DELETED if write.delete else CatalogEvent.UPDATED if before else CatalogEvent.CREATED
    asset = before if write.delete and before else after
    shown = () if write.delete else changed
    detail = CatalogDetail(
        id=change_id, type=kind, tenant=catalog.tenant, at=at, asset=asset, changed=shown, cause=cause
    )
    catalog.write(before, detail, gone=write.delete)
    outcome = {CatalogEvent.CREATED: "created", CatalogEvent.UPDATED: "updated", CatalogEvent.DELETED: "deleted"}[kind]
    return AssetChange.model_validate(
        {"qualified_name": name, "outcome": outcome, "version": asset.version, "changed": shown, "change_id": change_id}
    )
