"""Listings of apps, and how many tenants have each installed."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.aws.errors import is_conditional
from interlock.aws.tables.table import Key, Row, Stored, Table, batch_get, item
from interlock.contract.core.base import Model
from interlock.contract.core.failure import NotFound
from interlock.contract.listing import InstallCount, Listing
from interlock.contract.registry import Publisher

INDEX = "LISTINGS"
NUMBER = "installs"


class ListingView(Model):
    """A listing with what is kept elsewhere."""

    listing: Listing
    publisher: Publisher | None
    installs: int


class Listings:
    """Listings, in the registry's table."""

    def __init__(self, table: str) -> None:
        """Name the table; nothing is called."""
        self.table = Table(table)

    def find(self, app: str) -> Stored[Listing] | None:
        """An app's listing, if it was ever listed."""
        row = self.table.get(_listing(app))
        return Stored(item=row.read(Listing), rev=row.rev) if row else None

    def write(self, stored: Stored[Listing]) -> None:
        """Write a listing that was read (rev 0: a new one); WriteConflict where another writer was first."""
        app = stored.item.app
        self.table.put(_listing(app), stored.item, rev=stored.rev, extra=_index(stored.item, None))

    def change(self, app: str, change: Callable[[Listing], Listing], absent: NotFound) -> Listing:
        """Change a listing (`Table.change`); `absent` where the app was never listed."""
        key = _listing(app)
        return self.table.change(key, Listing, change, absent=absent, extra=_index, what="the listing")

    def page(self, publisher: str, limit: int, cursor: str | None) -> tuple[list[Listing], str | None]:
        """A page of all listings, or of a publisher's, by name."""
        prefix = f"{publisher}/" if publisher else ""
        page = self.table.query(INDEX, prefix, index="gsi1", limit=limit, cursor=cursor)
        return [row.read(Listing) for row in page.rows], page.cursor

    def complete(self, listings: list[Listing]) -> list[ListingView]:
        """Listings with their publishers and counts: one call, however many there are."""
        keys = [key for row in listings for key in (_count(row.app), _publisher(row.publisher))]
        ordered = list({key.pk + key.sk: key for key in keys}.values())
        name = self.table.name
        rows: dict[tuple[str, str, str], Row] = batch_get({name: ordered}) if ordered else {}

        def at(key: Key) -> Row | None:
            return rows.get((name, key.pk, key.sk))

        shown: list[ListingView] = []
        for listing in listings:
            counted, whose = at(_count(listing.app)), at(_publisher(listing.publisher))
            number = int(counted.attributes.get(NUMBER, {}).get("N", "0")) if counted else 0
            shown.append(
                ListingView(
                    listing=listing, publisher=whose.read(Publisher) if whose else None, installs=max(number, 0)
                )
            )
        return shown

    def count(self, app: str, install: str, *, there: bool) -> None:
        """Count an install, or count it no more: once, however often it is called."""
        mark, name = Key(pk=f"COUNTED#{install}", sk="META"), self.table.name
        change: dict[str, Any] = {
            "TableName": name,
            "Key": _count(app).attributes(),
            "UpdateExpression": "ADD #n :n SET #d = :d",
            "ExpressionAttributeNames": {"#n": NUMBER, "#d": "doc"},
            "ExpressionAttributeValues": {
                ":n": {"N": "1" if there else "-1"},
                ":d": {"S": InstallCount(app=app).model_dump_json()},
            },
        }
        if there:
            marking: dict[str, Any] = {
                "Put": {
                    "TableName": name,
                    "Item": item(mark, InstallCount(app=app)),
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
            }
        else:
            marking = {
                "Delete": {
                    "TableName": name,
                    "Key": mark.attributes(),
                    "ConditionExpression": "attribute_exists(pk)",
                }
            }
        try:
            client("dynamodb").transact_write_items(TransactItems=[marking, {"Update": change}])
        except ClientError as error:
            if not is_conditional(error):
                raise


def _index(listing: Listing, _row: Row | None) -> dict[str, str | int]:
    return {"gsi1pk": INDEX, "gsi1sk": listing.app}


def _listing(app: str) -> Key:
    return Key(pk=f"APP#{app}", sk="LISTING")


def _count(app: str) -> Key:
    return Key(pk=f"APP#{app}", sk="COUNT")


def _publisher(publisher: str) -> Key:
    return Key(pk=f"PUB#{publisher}", sk="META")
