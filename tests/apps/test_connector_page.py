"""The page of the connector lists the types and attributes that it writes, and no others."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.crawls import CONNECTOR

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "connector.md").read_text()


def listed(title: str) -> set[str]:
    """The names in the first column of a section's table."""
    section = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    return {
        name for row in re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)
    }


@pytest.fixture
def assets(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The assets of a table that has everything."""
    monkeypatch.syspath_prepend(str(CONNECTOR))
    names = ("assets", "lineage", "rows", "shape")
    modules: list[Any] = [importlib.import_module(f"interlock_connector.{name}") for name in names]
    assets, lineage, rows, shape = modules
    columns = tuple(
        shape.Column(f"c{number}", "text", True, number, False, "1", "a + b", "a comment") for number in range(2)
    )
    whole = shape.Shape(
        columns,
        primary_key=("c0",),
        foreign_keys=(shape.ForeignKey("f", ("c0",), "s", "other", ("id",)),),
        uniques=(shape.Unique("u", ("c1",)),),
        checks=(shape.Check("k", "c0 > 0"),),
        indexes=tuple(shape.Index(f"i{number}", ("x" * 3000,), False) for number in range(20)),
        partitions=(shape.Partition(("p",), "FOR VALUES IN (1)", 5),),
        comment="a comment",
        populated=False,
        partitioned_by="LIST (c0)",
        server="away",
        inherits=("s.base",),
    )
    view = shape.Shape(columns, definition="SELECT 1")
    count = rows.RowCount(10, estimated=True)
    small = shape.Shape(columns, indexes=(shape.Index("i", ("c0",), False),))
    return [
        write
        for kind, one in (("table", whole), ("view", view), ("table", small))
        for write in assets.relation_assets(
            "db", assets.Crawled(shape.Relation("s", "t", kind), one, count, {}, lineage.UNKNOWN)
        )
    ]


def attributes(assets: list[Any], *kinds: str) -> set[str]:
    return {name for write in assets if write.type in kinds for name in write.attributes}


def test_page_lists_every_attribute(assets: list[Any]) -> None:
    assert attributes(assets, "table", "view") == listed("Attributes of a table or view")
    assert attributes(assets, "partition") == listed("Attributes of a partition")


def test_page_lists_attributes_of_columns(assets: list[Any]) -> None:
    assert attributes(assets, "column") | {"default"} == listed("Attributes of a column")


def test_page_lists_every_type_and_error() -> None:
    source = "".join(path.read_text() for path in (CONNECTOR / "interlock_connector").glob("*.py"))
    types = set(re.findall(r'type="([a-z_]+)"', source)) | {
        "table",
        "view",
        "materialized_view",
        "foreign_table",
        "partition",
    }
    assert types == {name for name in listed("Names and types") if not name.startswith("SOURCE")}
    errors = set(re.findall(r'name="([A-Z]\w+)"', source))
    assert errors == {name for name in listed("What a crawl answers") if name[0].isupper()}
