"""JSON Merge Patch (https://www.rfc-editor.org/rfc/rfc7396)."""

from typing import Any, cast

from interlock.contract.core.base import Json


def merge_patch(value: Json, patch: Json) -> Json:
    """`value` with `patch`: objects are merged, null takes a member away, anything else replaces."""
    if not isinstance(patch, dict):
        return patch
    values: dict[str, Any] = dict(cast(dict[str, Any], value)) if isinstance(value, dict) else {}
    for key, row in cast(dict[str, Any], patch).items():
        if row is None:
            values.pop(key, None)
        else:
            values[key] = merge_patch(values.get(key), row)
    return values
