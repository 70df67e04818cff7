"""Payloads: canonical JSON, digests, and the markers that stand for subtrees that lie in S3.

A marker is `{"interlock:spilled": {"key", "digest", "size"}}`. The gate makes them, and puts the values back before a
step, a person or a record sees them.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

from interlock.contract.core.base import Json

if TYPE_CHECKING:
    from interlock.contract.registry import SpillPlan

MARKER = "interlock:spilled"
MIN_SPILL_BYTES = 1024
"""Below this a marker would hardly be smaller than the value."""


def canonical(value: Json) -> str:
    """The one way to write a value: sorted keys, no spaces.

    Raises:
        ValueError: NaN or Infinity, which JSON does not have.
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: Json) -> str:
    """The sha256 of the canonical JSON, in hex."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def reuse_digest(value: Json) -> str:
    """The digest by which a replay finds a visit: `digest`, less what Lambda makes anew in the cause of each error.

    A caught error's Cause is Lambda's JSON with a requestId and a stackTrace
    (https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html); a workflow may pass it on.
    """
    text = canonical(value)
    return digest(_without_requests(value)) if _REQUEST in text else hashlib.sha256(text.encode()).hexdigest()


_REQUEST = '\\"requestId\\"'


def _without_requests(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _without_requests(row) for key, row in cast(dict[str, Any], value).items()}
    if isinstance(value, list):
        return [_without_requests(row) for row in cast(list[Any], value)]
    if not isinstance(value, str) or '"requestId"' not in value:
        return value
    try:
        item: Any = json.loads(value)
    except ValueError:
        return value
    if not isinstance(item, dict) or "errorType" not in item:
        return value
    row = cast(dict[str, Any], item)
    return {key: row[key] for key in row if key not in ("requestId", "stackTrace")}


def size(value: Json) -> int:
    """Bytes of the canonical JSON in UTF-8."""
    return len(canonical(value).encode())


def marker(key: str, value_digest: str, value_size: int) -> Json:
    """What stands for a value that lies in S3 at `key`."""
    return {MARKER: {"key": key, "digest": value_digest, "size": value_size}}


def is_marker(value: Json) -> bool:
    """Whether a value stands for another one."""
    if not isinstance(value, dict):
        return False
    row = cast(dict[str, Any], value)
    return len(row) == 1 and isinstance(row.get(MARKER), dict)


def markers(value: Json) -> Iterator[dict[str, Any]]:
    """Every marker in a value: its key, digest and size."""
    if is_marker(value):
        yield value[MARKER]
    elif isinstance(value, dict):
        for item in cast(dict[str, Any], value).values():
            yield from markers(item)
    elif isinstance(value, list):
        for item in cast(list[Any], value):
            yield from markers(item)


def put_back(value: Json, fetch: Callable[[dict[str, Any]], Json]) -> Json:
    """The value with every marker replaced by what `fetch` answers for it; the same object where there is none."""
    if is_marker(value):
        return fetch(value[MARKER])
    if isinstance(value, dict):
        return {key: put_back(item, fetch) for key, item in cast(dict[str, Any], value).items()}
    if isinstance(value, list):
        return [put_back(item, fetch) for item in cast(list[Any], value)]
    return value


def spill(value: Json, budget: int, plan: "SpillPlan", store: Callable[[Json], Json], *, whole: bool = False) -> Json:
    """The value with its largest free subtrees replaced by markers until it fits `budget` bytes.

    Args:
        value: the payload.
        budget: bytes that it may have.
        plan: which names the workflow reads.
        store: keeps a subtree and answers its marker.
        whole: the value itself may be replaced, where that of its parts is not enough: a list, or a text.

    Returns:
        A value of at most `budget` bytes, or the smallest one that the plan allows.
    """
    left = size(value)
    if left <= budget or plan.opaque:
        return value
    free = sorted(_free(value, plan, ()), key=lambda row: -row[1])
    chosen: dict[tuple[str | int, ...], Json] = {}
    for path, weight, subtree in free:
        if left <= budget:
            break
        if any(path[: len(other)] == other or other[: len(path)] == path for other in chosen):
            continue
        chosen[path] = store(subtree)
        left -= weight - size(chosen[path])
    if left > budget and whole:
        return store(value)
    return _replaced(value, chosen, ())


def largest(value: Json) -> tuple[str, int]:
    """The smallest part that holds most of a value's bytes: its JSON pointer, empty for the whole, and its size."""
    pointer, weight = "", size(value)
    while True:
        parts: list[tuple[str, Json]] = []
        if isinstance(value, dict):
            parts = list(cast(dict[str, Any], value).items())
        elif isinstance(value, list):
            parts = [(str(at), item) for at, item in enumerate(cast(list[Any], value))]
        sizes = [(size(item), key, item) for key, item in parts]
        heaviest = max(sizes, key=lambda row: row[0], default=None)
        if heaviest is None or heaviest[0] * 2 < weight:
            return pointer, weight
        weight, key, value = heaviest
        pointer += "/" + key.replace("~", "~0").replace("/", "~1")


def _free(
    value: Json, plan: "SpillPlan", path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], int, Json]]:
    if isinstance(value, dict):
        for key, item in cast(dict[str, Any], value).items():
            if key in plan.deep:
                continue
            weight = size(item)
            if weight < MIN_SPILL_BYTES:
                continue
            if key not in plan.reads:
                yield (*path, key), weight, item
            yield from _free(item, plan, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(cast(list[Any], value)):
            if isinstance(item, dict | list):
                yield from _free(item, plan, (*path, at))


def _replaced(value: Json, chosen: dict[tuple[str | int, ...], Json], path: tuple[str | int, ...]) -> Json:
    if path in chosen:
        return chosen[path]
    if isinstance(value, dict):
        return {key: _replaced(item, chosen, (*path, key)) for key, item in cast(dict[str, Any], value).items()}
    if isinstance(value, list):
        return [_replaced(item, chosen, (*path, at)) for at, item in enumerate(cast(list[Any], value))]
    return value
