"""What a tool's input schema may not ask for: arguments that are the platform's own, and names that no copilot sees."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from interlock.contract.copilot.tool import RESERVED_ARGUMENTS, clean, hidden_names
from interlock.contract.core.base import Json
from interlock.contract.core.finding import Finding
from interlock.contract.manifest import MANIFEST, Manifest, ToolTrigger

SHOWN_NAMES, SHOWN_CHARS = 5, 40
_NAMED = ("properties", "dependentRequired", "dependentSchemas")
_DATA = frozenset({"const", "default", "enum", "examples"})
"""What stands there is data, and names nothing."""


def check_arguments(manifest: Manifest, schemas: Mapping[str, Json]) -> Iterator[Finding]:
    """Every tool whose schema names an argument of ours, which would never reach the workflow, or one that is hidden.

    Args:
        manifest: the bundle's.
        schemas: the input schemas by the path of their file.
    """
    for name, section in manifest.workflows.items():
        for trigger in section.triggers:
            if isinstance(trigger, ToolTrigger):
                yield from _of_tool(
                    trigger.tool, schemas[trigger.input_schema], f"{MANIFEST}#workflows.{name}.triggers"
                )


def _of_tool(tool: str, schema: Json, where: str) -> Iterator[Finding]:
    taken, hidden = sorted(_taken(schema)), hidden_names(schema)
    if taken:
        yield Finding(
            code="manifest.reserved-argument",
            where=where,
            what=f"the tool's input schema names {', '.join(taken)}, which is reserved for the platform",
            fix=f"Choose a name that does not begin with {RESERVED_ARGUMENTS}.",
        )
    if hidden:
        listed = ", ".join(repr(clean(name, SHOWN_CHARS)) for name in hidden[:SHOWN_NAMES])
        yield Finding(
            code="manifest.tool-field",
            where=where,
            what=f"copilots would not see {len(hidden)} names in the input schema of tool {tool}: {listed}",
            fix="Name fields, definitions and patterns in one word of at most 64 letters, digits and _ . : - $.",
        )


def _taken(schema: Json) -> set[str]:
    taken: set[str] = set()
    left: list[Any] = [schema]
    while left:
        value = left.pop()
        if isinstance(value, list):
            left.extend(cast(list[Any], value))
        elif isinstance(value, Mapping):
            rows = cast(Mapping[str, Any], value)
            taken |= _names(rows)
            for key, row in rows.items():
                if key in _NAMED and isinstance(row, Mapping):
                    left.extend(cast(Mapping[str, Any], row).values())
                elif key not in _DATA:
                    left.append(row)
    return {word for word in taken if word.startswith(RESERVED_ARGUMENTS)}


def _names(schema: Mapping[str, Any]) -> set[str]:
    dependent = schema.get("dependentRequired")
    needed = cast(Mapping[str, Any], dependent).values() if isinstance(dependent, Mapping) else ()
    places: list[Any] = [*(schema.get(key) for key in (*_NAMED, "required")), *needed]
    listed = (cast(list[Any], place) for place in places if isinstance(place, (list, Mapping)))
    return {str(word) for parts in listed for word in parts}
