"""Reads the events of an execution's history, as GetExecutionHistory answers them, without losing any of them.

Timestamps may be datetimes or text; inputs and outputs may be JSON text or already parsed; ids may be missing or not
numbers, and a type may be one that this version does not know: such an event is kept all the same.
Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from interlock.contract.core.base import Json, moment

Raw = Mapping[str, Any]
_NOTHING: dict[str, Any] = {}


class HistoryEvent(NamedTuple):
    """One event: what the graph needs of it, and the whole of it as it came."""

    ordinal: int
    """Its place in the history, from 0: what orders events, because ids may collide."""
    id: int | str
    """As written; its place from 1 where it is missing or neither number nor text."""
    previous: int | str | None
    """The id of the event that led to it; None where that is missing or 0."""
    type: str
    at: str
    """RFC 3339 in UTC, milliseconds; empty where the timestamp is not a time."""
    details: Mapping[str, Any]
    raw: Raw

    @property
    def name(self) -> str:
        """The state that it names; empty where it names none."""
        return str(self.details.get("name") or self.details.get("state") or "")

    @property
    def item(self) -> int | None:
        """The index of the Map's item that it names."""
        index = self.details.get("index")
        return index if isinstance(index, int) else None


def read_history(events: Iterable[Raw]) -> list[HistoryEvent]:
    """The events of a history, in its order."""
    return [_read(ordinal, raw) for ordinal, raw in enumerate(events)]


def value_of(written: Json) -> Json:
    """An input or output: JSON text is parsed, anything else is as it is."""
    if not isinstance(written, str):
        return written
    try:
        return json.loads(written)
    except (ValueError, RecursionError):
        return written


def _read(ordinal: int, raw: Raw) -> HistoryEvent:
    written = raw.get("id")
    return HistoryEvent(
        ordinal=ordinal,
        id=written if isinstance(written, int | str) else ordinal + 1,
        previous=_previous(raw.get("previousEventId")),
        type=str(raw.get("type", "")),
        at=_time(raw.get("timestamp")),
        details=_details(raw),
        raw=raw,
    )


def _previous(written: object) -> int | str | None:
    return written if isinstance(written, int | str) and written else None


def _details(raw: Raw) -> Mapping[str, Any]:
    for key, value in raw.items():
        if key.endswith("EventDetails") and isinstance(value, Mapping):
            return cast(Mapping[str, Any], value)
    return _NOTHING


def _time(written: object) -> str:
    """A time without a zone is taken as UTC."""
    try:
        if isinstance(written, int | float):
            return moment(datetime.fromtimestamp(written, UTC))
        at = written if isinstance(written, datetime) else datetime.fromisoformat(str(written))
        return moment(at if at.tzinfo else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError, OSError):
        return ""
