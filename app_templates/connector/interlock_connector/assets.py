"""From a table's shape to the assets of the catalog. Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from interlock import AssetWrite
from interlock_connector.source import Shape

SEPARATORS = str.maketrans({"/": "%2F", "#": "%23", "%": "%25"})


def qualified(*parts: str) -> str:
    """`source/schema/table/column`, with what would break the hierarchy percent-encoded."""
    return "/".join(part.translate(SEPARATORS) for part in parts)


def table_assets(
    source: str, namespace: str, table: str, shape: Shape, rows: int, profiles: Mapping[str, Mapping[str, float]]
) -> list[AssetWrite]:
    """A table's columns and then the table itself, so that an event of the table means that its columns are there.

    The table's asset says nothing of its columns: an altered column changes one asset.
    """
    writes: list[AssetWrite] = []
    for column in shape.columns:
        refers = [key for key in shape.foreign_keys if key.column == column.name]
        targets = tuple(sorted({qualified(source, key.namespace, key.table, key.target) for key in refers}))
        attributes: dict[str, Any] = {
            "data_type": column.type,
            "nullable": column.nullable,
            "primary_key": column.primary_key,
            "foreign_key": bool(targets),
            "profile": dict(profiles.get(column.name, {})),
        }
        name = qualified(source, namespace, table, column.name)
        writes.append(
            AssetWrite(qualified_name=name, type="column", name=column.name, attributes=attributes, upstream=targets)
        )
    others = {qualified(source, key.namespace, key.table) for key in shape.foreign_keys}
    name = qualified(source, namespace, table)
    writes.append(
        AssetWrite(
            qualified_name=name,
            type="table",
            name=table,
            attributes={"row_count": rows},
            upstream=tuple(sorted(others - {name})),
        )
    )
    return writes


def fingerprint(writes: Sequence[AssetWrite]) -> str:
    """Equal for equal assets."""
    rows = [write.model_dump(mode="json", exclude_defaults=True) for write in writes]
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


def state_key(*parts: str) -> str:
    """A key of `ctx.state` for names of any letters."""
    return f"fingerprints/{hashlib.sha256(qualified(*parts).encode()).hexdigest()[:40]}"
