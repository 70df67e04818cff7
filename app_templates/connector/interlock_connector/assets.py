"""From a relation's shape to the assets of the catalog. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from interlock import AssetWrite
from interlock_connector.lineage import UNKNOWN, Lineage
from interlock_connector.rows import RowCount
from interlock_connector.shape import PARTITION, Column, Relation, Shape

_BREAKS = re.compile(r"[/#%\x00-\x1f\x7f]")
PART_CHARS, PART_BYTES = 140, 300
"""Of one part of a qualified name: with four of them it stays below the catalog's 512 characters and 1,024 bytes."""
TEXT_CHARS = 4_000
"""Of a comment, a default, or a check."""
DEFINITION_CHARS = 16_000
"""Of a view's SQL, which stands in its asset."""
MAX_ATTRIBUTES_BYTES = 48 * 1024
"""An asset has 64 KiB: the rest is for its names, its tags and its upstream."""
LONG_LISTS = ("indexes", "check_constraints", "unique_constraints", "foreign_keys", "definition")
"""What is left out first where a table has too much of it; `left_out` names it."""


class Crawled(NamedTuple):
    """What was read of one relation."""

    relation: Relation
    shape: Shape
    row_count: RowCount
    profiles: Mapping[str, Mapping[str, float]]
    lineage: Lineage = UNKNOWN


def qualified(*parts: str) -> str:
    """`source/schema/table/column`; what would break the hierarchy is percent-encoded, what is too long is cut."""
    return "/".join(_part(part) for part in parts)


def _part(part: str) -> str:
    text = _BREAKS.sub(lambda match: f"%{ord(match[0]):02X}", part)
    if len(text) <= PART_CHARS and len(text.encode()) <= PART_BYTES:
        return text
    digest = hashlib.sha256(part.encode()).hexdigest()[:12]
    short = text[: PART_CHARS - 16]
    while len(short.encode()) > PART_BYTES - 16:
        short = short[:-1]
    return f"{short}~{digest}"


def relation_assets(source: str, crawled: Crawled) -> list[AssetWrite]:
    """A relation's columns and partitions, then itself, so that its event means that its columns are there.

    The relation's asset says nothing of its columns but keys and constraints: an altered column changes one asset.
    """
    relation, shape = crawled.relation, crawled.shape
    base = qualified(source, relation.namespace, relation.name)
    writes = [_column(source, base, column, crawled) for column in shape.columns]
    columns = {write.qualified_name for write in writes}
    writes += _partitions(base, shape, columns)
    others = {qualified(source, key.namespace, key.table) for key in shape.foreign_keys}
    others |= {qualified(source, *place) for place in crawled.lineage.tables}
    writes.append(
        AssetWrite(
            qualified_name=base,
            type=relation.kind,
            name=relation.name,
            attributes=_fitting(_attributes(crawled)),
            upstream=tuple(sorted(others - {base})),
        )
    )
    return writes


def _column(source: str, base: str, column: Column, crawled: Crawled) -> AssetWrite:
    targets = {
        qualified(source, key.namespace, key.table, target)
        for key in crawled.shape.foreign_keys
        for name, target in zip(key.columns, key.targets, strict=False)
        if name == column.name
    }
    upstream = {qualified(source, *place) for place in crawled.lineage.columns.get(column.name, ())}
    attributes: dict[str, Any] = {
        "data_type": column.type,
        "nullable": column.nullable,
        "ordinal": column.ordinal,
        "primary_key": column.primary_key,
        "foreign_key": bool(targets),
        "unique": any(unique.columns == (column.name,) for unique in crawled.shape.uniques),
        "profile": dict(crawled.profiles.get(column.name, {})),
        # MariaDB writes a default for a view's column, which can't be written to.
        "default": None if crawled.shape.definition else _short(column.default),
        "generated": _short(column.generated),
        "comment": _short(column.comment),
    }
    return AssetWrite(
        qualified_name=f"{base}/{qualified(column.name)}",
        type="column",
        name=column.name,
        attributes={name: value for name, value in attributes.items() if value is not None},
        upstream=tuple(sorted(targets | upstream)),
    )


def _partitions(base: str, shape: Shape, columns: set[str]) -> list[AssetWrite]:
    """Partitions under their parent; one that is called like a column has its kind before its name."""
    writes: list[AssetWrite] = []
    for partition in shape.partitions:
        name = f"{base}/{qualified(*partition.path)}"
        if name in columns:
            name = f"{base}/{qualified(f'partition:{partition.path[0]}')}"
        attributes: dict[str, Any] = {"bound": _short(partition.bound) or ""}
        if partition.rows is not None:
            attributes |= {"row_count": partition.rows, "row_count_estimated": True}
        writes.append(
            AssetWrite(qualified_name=name, type=PARTITION, name=partition.path[-1], attributes=attributes, upstream=())
        )
    return writes


def _attributes(crawled: Crawled) -> dict[str, Any]:
    """What is empty is left out."""
    shape = crawled.shape
    view = crawled.shape.definition is not None
    values: dict[str, Any] = {
        "row_count": crawled.row_count.rows,
        "row_count_estimated": crawled.row_count.estimated or None,
        "comment": _short(shape.comment),
        "primary_key": list(shape.primary_key),
        "foreign_keys": [
            {
                "name": key.name,
                "columns": list(key.columns),
                "table": f"{key.namespace}.{key.table}",
                "references": list(key.targets),
            }
            for key in shape.foreign_keys
        ],
        "unique_constraints": [{"name": row.name, "columns": list(row.columns)} for row in shape.uniques],
        "check_constraints": [{"name": row.name, "expression": _short(row.expression)} for row in shape.checks],
        "indexes": [
            {"name": row.name, "columns": [_short(part) for part in row.columns], "unique": row.unique}
            | ({"where": _short(row.where)} if row.where else {})
            for row in shape.indexes
        ],
        "partitioned_by": _short(shape.partitioned_by),
        "partitions": len(shape.partitions) or None,
        "definition": shape.definition[:DEFINITION_CHARS] if shape.definition else None,
        "lineage": crawled.lineage.level if view else None,
        "populated": None if shape.populated else False,
        "server": shape.server,
        "inherits": list(shape.inherits),
    }
    return {name: value for name, value in values.items() if value is not None and value != []}


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= TEXT_CHARS else f"{text[: TEXT_CHARS - 1]}…"


def _fitting(attributes: dict[str, Any]) -> dict[str, Any]:
    left_out: list[str] = []
    for name in LONG_LISTS:
        if len(json.dumps(attributes, ensure_ascii=False).encode()) <= MAX_ATTRIBUTES_BYTES:
            break
        if attributes.pop(name, None) is not None:
            left_out.append(name)
    return attributes | ({"left_out": left_out} if left_out else {})


def fingerprint(writes: Sequence[AssetWrite]) -> str:
    """Equal for equal assets."""
    rows = [write.model_dump(mode="json", exclude_defaults=True) for write in writes]
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:16]
