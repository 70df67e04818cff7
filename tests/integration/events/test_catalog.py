"""The catalog: what a write changes, what it does not, and what it leaves for the stream."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from interlock.aws.clients import client
from interlock.aws.tables.catalog import Catalog, change_of
from interlock.contract.catalog import MAX_BATCH, AssetWrite
from interlock.contract.core import limits, names
from interlock.contract.core.failure import BadRequest, Conflict, TooLarge
from interlock.contract.core.page import PageRequest
from interlock.contract.envelope import Cause
from interlock.control.events.catalog import SCANNED_PAGES, AssetFilter, asset_history, search_assets, write_assets
from tests.support.cloud import TENANT, Cloud

CAUSE = Cause(run="r", install="i", app="acme/app", hops=1)


def write(catalog: Catalog, **fields: Any) -> tuple[str, tuple[str, ...]]:
    (change,) = write_assets(catalog, [AssetWrite(**fields)], CAUSE)
    return change.outcome, change.changed


def test_only_what_differs_is_written(cloud: Cloud) -> None:
    catalog = Catalog(TENANT)
    first = {"qualified_name": "a/b", "type": "table", "attributes": {"rows": 1}, "tags": ("x",)}
    assert write(catalog, **first)[0] == "created"
    cloud.calls.clear()
    assert write(catalog, **first) == ("unchanged", ())
    assert cloud.calls == ["BatchGetItem"]
    assert write(catalog, qualified_name="a/b", attributes={"rows": 2}) == ("updated", ("attributes",))
    assert write(catalog, qualified_name="a/b", add_tags=("y",), remove_tags=("x",)) == ("updated", ("tags",))
    assert write(catalog, qualified_name="a/b", delete=True)[0] == "deleted"
    assert write(catalog, qualified_name="a/b", delete=True)[0] == "unchanged"
    changes, _ = asset_history(catalog, "a/b", 10, None)
    assert [change.type.value for change in changes] == [
        "asset.deleted", "asset.updated", "asset.updated", "asset.created",
    ]  # fmt: skip
    assert all(change.cause == CAUSE for change in changes)


def test_every_change_leaves_one_item_for_the_stream(cloud: Cloud) -> None:
    catalog = Catalog(TENANT)
    for number in range(3):
        write(catalog, qualified_name="a", type="table", attributes={"n": number})
    items = client("dynamodb").scan(TableName=names.catalog_table(TENANT))["Items"]
    rows = [change for item in items if (change := change_of(item)) is not None]
    assert sorted(change.asset.version for change in rows) == [1, 2, 3]
    assert len({change.id for change in rows}) == 3


def test_search_by_type_tag_and_prefix(cloud: Cloud) -> None:
    catalog = Catalog(TENANT)
    for name in ("s/a", "s/b", "t/a"):
        write(catalog, qualified_name=name, type="table", tags=("gold",) if name.endswith("a") else ())
    write(catalog, qualified_name="s/a/c", type="column", tags=("gold",))

    def found(**fields: Any) -> list[str]:
        return [asset.qualified_name for asset in search_assets(catalog, AssetFilter(**fields)).assets]

    assert found(prefix="s/") == ["s/a", "s/a/c", "s/b"]
    assert found(kind="table", prefix="s/") == ["s/a", "s/b"]
    assert found(tag="gold", kind="table") == ["s/a", "t/a"]
    assert found(tag="gold", prefix="s/a/") == ["s/a/c"]
    assert found(qualified_name="t/a") == ["t/a"]
    page = search_assets(catalog, page=PageRequest(3))
    assert page.cursor
    assert [asset.qualified_name for asset in search_assets(catalog, page=PageRequest(50, page.cursor)).assets] == [
        "t/a"
    ]


def test_search_by_words_reads_on_until_it_has_some(cloud: Cloud) -> None:
    catalog = Catalog(TENANT)
    about = {"description": "Where CUSTOMERS live"}
    write(catalog, qualified_name="z/address", type="table", attributes=about, tags=("pii",), owners=("ada",))
    for number in range(8):
        write(catalog, qualified_name=f"a/{number}", type="table", attributes={"rows": number})

    def search(text: str, limit: int = 100) -> list[str]:
        page = search_assets(catalog, AssetFilter(text=text), PageRequest(limit))
        return [asset.qualified_name for asset in page.assets]

    assert search("customer") == search("ADDRESS pii") == search("live ada") == ["z/address"]
    assert search("customer nowhere") == search("rows") == []
    assert search("customer", limit=1) == ["z/address"]
    assert len(search("a/", limit=3)) == 3


def test_search_by_words_reads_a_bounded_number_of_pages(cloud: Cloud) -> None:
    catalog = Catalog(TENANT)
    for number in range(SCANNED_PAGES + 2):
        write(catalog, qualified_name=f"a/{number:02}", type="table")
    wanted = AssetFilter(text="a/11")
    first = search_assets(catalog, wanted, PageRequest(1))
    assert first.assets == () and first.cursor is not None
    (hit,) = search_assets(catalog, wanted, PageRequest(1, first.cursor)).assets
    assert hit.qualified_name == "a/11"


def test_refusals_come_before_any_write(cloud: Cloud) -> None:
    catalog = Catalog(TENANT)
    write(catalog, qualified_name="a", type="table")
    for writes, kind in (
        ([AssetWrite(qualified_name="b")], BadRequest),
        ([AssetWrite(qualified_name="a", type="column")], Conflict),
        ([AssetWrite(qualified_name="a", owners=("x",), if_version=7)], Conflict),
        ([AssetWrite(qualified_name="a"), AssetWrite(qualified_name="a")], BadRequest),
        ([AssetWrite(qualified_name=str(n), type="t") for n in range(MAX_BATCH + 1)], TooLarge),
    ):
        cloud.calls.clear()
        with pytest.raises(kind):
            write_assets(catalog, writes)
        assert "TransactWriteItems" not in cloud.calls


def test_an_asset_has_no_more_tags_than_a_transaction_holds(cloud: Cloud) -> None:
    """Even all of them exchanged for others at once fit."""
    assert 2 * limits.ASSET_TAGS + 2 <= limits.TRANSACTION_ACTIONS
    catalog = Catalog(TENANT)
    first, others = (tuple(f"{letter}{n}" for n in range(limits.ASSET_TAGS)) for letter in "ab")
    write(catalog, qualified_name="a", type="table", tags=first)
    assert write(catalog, qualified_name="a", tags=others) == ("updated", ("tags",))
    with pytest.raises(BadRequest, match="50 tags"):
        write(catalog, qualified_name="a", add_tags=("one",))
    with pytest.raises(ValidationError, match="at most 49"):
        AssetWrite(qualified_name="a", tags=(*others, "one"))


def test_a_name_is_counted_in_bytes(cloud: Cloud) -> None:
    catalog = Catalog(TENANT)
    assert write(catalog, qualified_name="é" * 512, type="table")[0] == "created"
    with pytest.raises(ValidationError, match="1,536 bytes"):
        AssetWrite(qualified_name="\u20ac" * 512, type="table")


tags = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3).map(tuple)
writes = st.builds(
    AssetWrite,
    qualified_name=st.sampled_from(["x", "y"]),
    type=st.just("table"),
    attributes=st.none() | st.dictionaries(st.sampled_from(["k", "l"]), st.integers(0, 1), max_size=2),
    tags=st.none() | tags,
    add_tags=tags,
    remove_tags=tags,
    delete=st.booleans(),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(writes, max_size=8))
def test_tags_and_assets_agree_after_any_writes(cloud: Cloud, batch: list[AssetWrite]) -> None:
    catalog = Catalog(TENANT)
    for one in batch:
        write_assets(catalog, [one])
    assets = {asset.qualified_name: asset for asset in search_assets(catalog).assets}
    for tag in ("a", "b", "c"):
        tagged = {asset.qualified_name for asset in search_assets(catalog, AssetFilter(tag=tag)).assets}
        assert tagged == {name for name, asset in assets.items() if tag in asset.tags}
