"""A tenant's catalog table: assets, their history, and their tags.

Items: `ASSET / name` (the asset), `HIST#name / change id` (the event that a change made), `TAG#tag / name`.
A change writes all of its items in one transaction; the stream of the history items is what becomes events, so that
nothing is lost between the write and the event (ADR 0005).
"""

from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.aws.errors import is_lost_race
from interlock.aws.tables.table import Key, Page, Row, Table, batch_get, condition, item
from interlock.contract.catalog import Asset, AssetPage
from interlock.contract.core import names
from interlock.contract.core.failure import WriteConflict
from interlock.contract.event import CatalogDetail

ASSETS = "ASSET"
HISTORY_PREFIX = "HIST#"
DELETED_AT_ONCE = 100


class Catalog:
    """The catalog of one tenant, or a space of its own in the table of the sandbox.

    A space is what one golden test sees: no other test reads it, its changes are no events, and it goes as a whole.
    """

    def __init__(self, tenant: str, space: str = "") -> None:
        """Name the table; nothing is called."""
        self.tenant = tenant
        self._space = f"SPACE#{space}#" if space else ""
        self.table = Table(names.catalog_table(tenant))

    def find(self, qualified_names: Iterable[str]) -> dict[str, Asset]:
        """The assets of these names (at most 100) that exist, in one call."""
        keys = [Key(pk=self._assets, sk=name) for name in dict.fromkeys(qualified_names)]
        rows = batch_get({self.table.name: keys}) if keys else {}
        return {row.key.sk: row.read(Asset) for row in rows.values()}

    def page(self, *, kind: str, tag: str, prefix: str, limit: int, cursor: str | None) -> AssetPage:
        """One page of a search by tag, or type, or name, each with a prefix of the name.

        With a tag and a type, a page may hold fewer than `limit` assets.
        """
        if tag:
            answer = self.table.query(f"{self._space}TAG#{tag}", prefix, limit=limit, cursor=cursor)
            assets = self.find(row.key.sk for row in answer.rows)
            hits = tuple(asset for _, asset in sorted(assets.items()) if not kind or asset.type == kind)
            return AssetPage(assets=hits, cursor=answer.cursor)
        if kind:
            answer = self.table.query(f"{self._space}TYPE#{kind}", prefix, index="gsi1", limit=limit, cursor=cursor)
        else:
            answer = self.table.query(self._assets, prefix, limit=limit, cursor=cursor)
        return AssetPage(assets=tuple(row.read(Asset) for row in answer.rows), cursor=answer.cursor)

    def history(self, qualified_name: str, *, limit: int, cursor: str | None) -> Page:
        """One page of an asset's changes, newest first."""
        return self.table.query(f"{HISTORY_PREFIX}{qualified_name}", limit=limit, cursor=cursor, newest=True)

    def write(self, before: Asset | None, detail: CatalogDetail, *, gone: bool) -> None:
        """Write one change with its history and its tags, all or nothing.

        Raises:
            WriteConflict: another writer changed the asset since it was read.
        """
        asset = detail.asset
        key = Key(pk=self._assets, sk=asset.qualified_name)
        rev = before.version if before else 0
        actions: list[dict[str, Any]] = []
        if gone:
            actions.append({"Delete": {"TableName": self.table.name, "Key": key.attributes()} | condition(rev)})
        else:
            extra: dict[str, str | int] = {"gsi1pk": f"{self._space}TYPE#{asset.type}", "gsi1sk": asset.qualified_name}
            put = {"TableName": self.table.name, "Item": item(key, asset, rev=rev, extra=extra)}
            actions.append({"Put": put | condition(rev)})
        if not self._space:
            history = Key(pk=f"{HISTORY_PREFIX}{asset.qualified_name}", sk=detail.id)
            actions.append({"Put": {"TableName": self.table.name, "Item": item(history, detail)}})
        had = set(before.tags) if before else set[str]()
        has = set[str]() if gone else set(asset.tags)
        for tag in sorted(has - had):
            mark = Key(pk=f"{self._space}TAG#{tag}", sk=asset.qualified_name).attributes()
            actions.append({"Put": {"TableName": self.table.name, "Item": mark}})
        for tag in sorted(had - has):
            mark = Key(pk=f"{self._space}TAG#{tag}", sk=asset.qualified_name).attributes()
            actions.append({"Delete": {"TableName": self.table.name, "Key": mark}})
        try:
            client("dynamodb").transact_write_items(TransactItems=actions)
        except ClientError as error:
            if is_lost_race(error):
                raise WriteConflict(
                    "another writer changed the asset",
                    where=asset.qualified_name,
                    code="asset-changed",
                    next_step="Read it again, then write.",
                ) from error
            raise

    @property
    def _assets(self) -> str:
        return f"{self._space}{ASSETS}"

    def clear_space(self) -> None:
        """Delete everything of the space; nothing where this is a tenant's catalog."""
        if not self._space:
            return
        while rows := self.table.query(self._assets, limit=DELETED_AT_ONCE).rows:
            for tag in {tag for row in rows for tag in row.read(Asset).tags}:
                self.table.delete_all(f"{self._space}TAG#{tag}")
            for row in rows:
                self.table.delete(row.key)


def change_of(image: dict[str, Any]) -> CatalogDetail | None:
    """The event that a new item of the stream stands for; None for an asset or a tag."""
    if not str(image.get("pk", {}).get("S", "")).startswith(HISTORY_PREFIX):
        return None
    row = Row(key=Key(pk=image["pk"]["S"], sk=image["sk"]["S"]), doc=image["doc"]["S"], rev=1, attributes=image)
    return row.read(CatalogDetail)
