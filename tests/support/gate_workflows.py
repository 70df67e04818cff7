"""Workflows that several tests of the gate run."""

from __future__ import annotations

from typing import Any, cast

from tests.support.kit import task

ROWS = {"file.$": "$.file", "n.$": "$$.Map.Item.Value"}

ITEM = {"StartAt": "Item", "States": {"Item": task("work")}}
WIDE: dict[str, Any] = {
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "End": True,
            "Branches": [
                {"StartAt": "Left", "States": {"Left": task("work")}},
                {
                    "StartAt": "Rows",
                    "States": {
                        "Rows": {
                            "Type": "Map",
                            "ItemsPath": "$.rows",
                            "ItemSelector": ROWS,
                            "ItemProcessor": ITEM,
                            "End": True,
                        }
                    },
                },
            ],
        }
    },
}


def plain(value: Any) -> Any:
    """Without the text of causes: a step's traceback is not the same in two functions."""
    if isinstance(value, dict):
        row = cast(dict[str, Any], value)
        return {key: "…" if key == "Cause" else plain(item) for key, item in row.items()}
    return [plain(item) for item in cast(list[Any], value)] if isinstance(value, list) else value
