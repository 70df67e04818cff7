"""`ctx.catalog`: the tenant's metadata, as far as the install was granted it."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, cast

from interlock.contract.catalog import MAX_BATCH, Asset, AssetChange, AssetPage, AssetWrite
from interlock.contract.core.base import Json
from interlock.contract.core.limits import MIB
from interlock.sdk.backend import Backend
from interlock.sdk.journal import Journal

PAGE = 100
BATCH_BYTES = 2 * MIB
"""Of one batch call: well under Lambda's 6 MB payload, with room for what the API adds."""


class Catalog:
    """Reads and writes assets; each call of the API is one effect."""

    def __init__(self, journal: Journal, backend: Backend) -> None:
        """Keep both; nothing is called."""
        self._journal = journal
        self._backend = backend

    def get(self, qualified_name: str) -> Asset | None:
        """One asset, or None.

        Raises:
            GateFailure: `Interlock.Denied`, the install has no scope `read`.
        """

        def do() -> Json:
            asset = self._backend.asset(qualified_name)
            return None if asset is None else asset.model_dump(mode="json")

        value = self._journal.read("catalog", "get", {"qualified_name": qualified_name}, do)
        return None if value is None else Asset.model_validate(value)

    def search(
        self, *, type: str | None = None, tag: str | None = None, prefix: str | None = None, limit: int | None = None
    ) -> Iterator[Asset]:
        """Assets that match all that is given, page by page as they are asked for.

        Args:
            type: the asset type.
            tag: one tag that the asset has.
            prefix: what the qualified name begins with.
            limit: stop after this many; None for all.

        Raises:
            GateFailure: `Interlock.Denied`, the install has no scope `read`.
        """
        cursor: str | None = None
        left = limit
        while left is None or left > 0:
            size = PAGE if left is None else min(PAGE, left)
            page = self._page(type, tag, prefix, cursor, size)
            yield from page.assets[:left]
            left = None if left is None else left - len(page.assets)
            cursor = page.cursor
            if cursor is None:
                return

    def upsert(self, *writes: AssetWrite | Iterable[AssetWrite]) -> tuple[AssetChange, ...]:
        """Write assets in order, in as few calls as the batch limits allow; one change for each write.

        A call is not atomic, and calls follow one another: what was written stays if a later write fails.

        Raises:
            GateFailure: `Interlock.Denied`, the install has no scope for it.
            Conflict: an `if_version` does not hold.
        """
        flat: list[AssetWrite] = []
        for write in writes:
            flat.extend([write] if isinstance(write, AssetWrite) else write)
        changes: list[AssetChange] = []
        for batch in _batches(flat):
            changes += self._write("upsert", batch)
        return tuple(changes)

    def tag(self, qualified_name: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> AssetChange:
        """Add and remove tags of one asset; the scope `write:tags` is enough.

        Raises:
            NotFound: there is no such asset.
        """
        write = AssetWrite(qualified_name=qualified_name, add_tags=tuple(add), remove_tags=tuple(remove))
        return self._write("tag", [write])[0]

    def delete(self, *qualified_names: str) -> tuple[AssetChange, ...]:
        """Delete assets; one that is not there is `unchanged`."""
        return self.upsert(AssetWrite(qualified_name=name, delete=True) for name in qualified_names)

    def _page(
        self, type_name: str | None, tag: str | None, prefix: str | None, cursor: str | None, size: int
    ) -> AssetPage:
        request = {"type": type_name, "tag": tag, "prefix": prefix, "cursor": cursor, "limit": size}

        def do() -> Json:
            page = self._backend.search(type_name=type_name, tag=tag, prefix=prefix, cursor=cursor, limit=size)
            return page.model_dump(mode="json")

        return AssetPage.model_validate(self._journal.read("catalog", "search", request, do))

    def _write(self, op: str, batch: list[AssetWrite]) -> list[AssetChange]:
        rows = [write.model_dump(mode="json", exclude_defaults=True) for write in batch]

        def do() -> Json:
            return [change.model_dump(mode="json") for change in self._backend.write(batch)]

        # A dry run can't know the outcome without a record of it: it says what the write asked for.
        captured = [
            {"qualified_name": write.qualified_name, "outcome": "deleted" if write.delete else "updated", "version": 0}
            for write in batch
        ]
        names = cast(list[Any], self._journal.write("catalog", op, {"writes": rows}, do, captured))
        return [AssetChange.model_validate(row) for row in names]


def _batches(writes: Iterable[AssetWrite]) -> Iterator[list[AssetWrite]]:
    batch: list[AssetWrite] = []
    weight = 0
    for write in writes:
        size = len(json.dumps(write.model_dump(mode="json", exclude_defaults=True)))
        if batch and (len(batch) == MAX_BATCH or weight + size > BATCH_BYTES):
            yield batch
            batch, weight = [], 0
        batch.append(write)
        weight += size
    if batch:
        yield batch
