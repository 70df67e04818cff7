"""Whether an event's new schema still suits who reads the event by the old one, and replays of what was archived. Pure.

Rules, called full compatibility elsewhere: within one event name a field is not removed, not given another type, not
newly required, not freed from being required, and its enumeration stays. What else is wanted gets a new name:
`pii.detected.v2` beside `pii.detected`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from interlock.contract.core.base import Json
from interlock.contract.core.finding import Finding, Severity
from interlock.contract.manifest import MANIFEST

FIX = "Keep it as it was, or emit the event by a new name, such as {}.v2."


def check_events(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[Finding]:
    """A finding for each field by which an event's schema breaks with the last listed version's.

    Args:
        before: the schemas of that version, by event.
        after: those of the new one.
    """
    for event, old in before.items():
        where = f"{MANIFEST}#events.{event}"
        if event not in after:
            what = f"the manifest does not declare {event} any more: apps that listen for it will not start"
            yield Finding(
                code="manifest.event-gone",
                where=where,
                what=what,
                fix="Notify the publishers of such apps.",
                severity=Severity.WARNING,
            )
            continue
        for fault in breaks(old, after[event]):
            what = f"{event}: {fault}"
            yield Finding(code="manifest.event-break", where=where, what=what, fix=FIX.format(event))


def breaks(before: Json, after: Json, path: str = "") -> Iterator[str]:
    """Each field by which a schema breaks with an older one."""
    old, new = _object(before), _object(after)
    yield from _own(old, new, path or "the data")
    for name, inner in _object(old.get("properties")).items():
        place, others = f"{path}.{name}" if path else name, _object(new.get("properties"))
        if name not in others:
            yield f"{place} was removed"
        else:
            yield from breaks(inner, others[name], place)
    for name in sorted(_required(new) - _required(old)):
        yield f"{f'{path}.{name}' if path else name} is newly required"
    for name in sorted(_required(old) - _required(new)):
        yield f"{f'{path}.{name}' if path else name} is not required any more"
    if "items" in old:
        yield from breaks(old["items"], new.get("items"), f"{path}[]")


def _own(old: dict[str, Json], new: dict[str, Json], place: str) -> Iterator[str]:
    if _types(old) != _types(new):
        yield f"{place} was {_said(_types(old))}, and is {_said(_types(new))}"
    if old.get("enum") != new.get("enum") or old.get("const") != new.get("const"):
        yield f"{place} has other permitted values"
    if old.get("additionalProperties", True) is not False and new.get("additionalProperties", True) is False:
        yield f"{place} does not permit further fields any more"


def _types(schema: dict[str, Json]) -> tuple[str, ...]:
    types = schema.get("type", ())
    return (types,) if isinstance(types, str) else tuple(sorted(map(str, types)))


def _said(types: tuple[str, ...]) -> str:
    return " or ".join(types) or "of any type"


def _required(schema: dict[str, Json]) -> set[str]:
    return set(map(str, schema.get("required", ())))


def _object(value: Json) -> dict[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}
