"""A trace as rows of a waterfall: segments in the order of time, what they caused below them. Pure.

Format: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from interlock.contract.trace import TraceRow

Raw = Mapping[str, Any]


def waterfall(documents: Iterable[Raw]) -> list[TraceRow]:
    """Rows of a trace's documents; a segment whose parent is missing stands at the top."""
    raws = [row for document in documents for row in _flat(document, "")]
    ids = {str(row["id"]) for row in raws}
    below: dict[str, list[Raw]] = {}
    for row in sorted(raws, key=lambda row: float(row.get("start_time", 0))):
        parent = str(row.get("parent_id", ""))
        below.setdefault(parent if parent in ids else "", []).append(row)
    begun = min((float(row.get("start_time", 0)) for row in raws), default=0.0)
    return list(_rows(below, "", 0, begun))


def _flat(document: Raw, parent: str) -> Iterator[Raw]:
    row = dict(document)
    if parent:
        row["parent_id"] = parent
    yield row
    for inner in cast(list[Raw], document.get("subsegments", [])):
        yield from _flat(inner, str(document["id"]))


def _rows(below: Mapping[str, list[Raw]], parent: str, depth: int, begun: float) -> Iterator[TraceRow]:
    for row in below.get(parent, ()):
        start = float(row.get("start_time", begun))
        fields = {str(key): str(value) for key, value in cast(Raw, row.get("annotations", {})).items()}
        cause = row.get("cause")
        exceptions = cast(list[Raw], cast(Raw, cause).get("exceptions", [])) if isinstance(cause, Mapping) else []
        failed: Raw = exceptions[0] if exceptions else {}
        stack = cast(list[Raw], failed.get("stack", []))
        frame = f"{stack[0]['path']}:{stack[0]['line']} in {stack[0]['label']}" if stack else fields.get("frame", "")
        yield TraceRow(
            name=str(row.get("name", "")),
            depth=depth,
            start_ms=round((start - begun) * 1000, 3),
            duration_ms=round((float(row.get("end_time", start)) - start) * 1000, 3),
            state=fields.get("state", ""),
            error=str(failed.get("type", "")) or fields.get("error", ""),
            frame=frame,
            annotations=fields,
        )
        yield from _rows(below, str(row["id"]), depth + 1, begun)
