"""Calls of a failed attempt beside those of a good one: which belong together, and how their results differ."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, cast
from urllib.parse import urlsplit

from interlock.contract.core.base import Json
from interlock.contract.envelope import Effect
from interlock.contract.explain import Difference
from interlock.contract.payload import canonical
from interlock.contract.run import StepRecord
from interlock.debugger.compare import of_values, shown
from interlock.debugger.paths import shape

MAX_CALLS = 8
NO_CALL = "(no such call)"
Pair = tuple[Effect | None, Effect | None]
"""A call of the good attempt and one of the failed one."""


def of_effects(now: Sequence[Effect], good: Sequence[Effect]) -> Iterator[Difference]:
    """How calls differ, those that failed or changed type first; headers of HTTP last."""
    rows: list[tuple[int, Difference]] = []
    for one, other in paired(good, now):
        if one is None and other is not None:
            row = Difference(what="effect", where=call_name(other), good=NO_CALL, now=call_result(other))
            rows.append((0 if is_poor(other) else 2, row))
        elif one is not None and other is None:
            rows.append((1, Difference(what="effect", where=call_name(one), good=call_result(one), now=NO_CALL)))
        elif one is not None and other is not None:
            rows.extend(_of_pair(one, other))
    yield from (row for _, row in sorted(rows, key=lambda row: row[0]))


def paired(good: Sequence[Effect], now: Sequence[Effect]) -> list[Pair]:
    """Calls that belong together: those with the same request, then those of the same kind in their order.

    Calls that the good attempt made after the last one that both made are left out: the failed one did not come to
    them.
    """
    partner = partners(good, now)
    last = max(partner, default=-1)
    pairs: list[Pair] = [(one, now[partner[at]] if at in partner else None) for at, one in enumerate(good[: last + 1])]
    others = set(partner.values())
    return pairs + [(None, other) for at, other in enumerate(now) if at not in others]


def partners(good: Sequence[Effect], now: Sequence[Effect]) -> dict[int, int]:
    """Positions of calls that belong together: by their request, else by target, else by kind; each used once."""
    partner = _partners(good, now, _request, {}, ())
    partner |= _partners(good, now, _target, partner, tuple(partner.values()))
    return partner | _partners(good, now, _kind, partner, tuple(partner.values()))


def _partners(
    good: Sequence[Effect], now: Sequence[Effect], key: Any, done: dict[int, int], taken: Sequence[int]
) -> dict[int, int]:
    """Positions of calls with the same key, each used once, in their order."""
    waiting: dict[str, list[int]] = defaultdict(list)
    for at, effect in enumerate(now):
        if at not in taken:
            waiting[key(effect)].append(at)
    return {
        at: waiting[key(effect)].pop(0) for at, effect in enumerate(good) if at not in done and waiting[key(effect)]
    }


def _request(effect: Effect) -> str:
    return f"{effect.kind}.{effect.op} {canonical(effect.request)}"


def _target(effect: Effect) -> str:
    """The kind, and what of the request names the other side: of a URL all but its query."""
    request = cast(dict[str, Any], effect.request) if isinstance(effect.request, dict) else {}
    parts = urlsplit(str(request.get("url", "")))
    name = parts.netloc + parts.path or request.get("name") or request.get("key") or request.get("qualified_name")
    return f"{_kind(effect)} {name or ''}"


def _kind(effect: Effect) -> str:
    return f"{effect.kind}.{effect.op}"


def _of_pair(one: Effect, other: Effect) -> Iterator[tuple[int, Difference]]:
    name = call_name(other)
    if canonical(one.request) != canonical(other.request):
        row = Difference(
            what="effect", where=f"{_kind(other)} request", good=shown(one.request), now=shown(other.request)
        )
        yield 1, row
    if (one.result, one.error) == (other.result, other.error):
        return
    bodies = [
        cast(dict[str, Json], row.result) for row in (one, other) if isinstance(row.result, dict) and not row.error
    ]
    if other.kind == "http" and len(bodies) == 2 and all("body" in body for body in bodies):
        yield from _of_http(name, bodies[0], bodies[1])
        return
    heavy = one.error != other.error or shape(one.result) != shape(other.result)
    if not heavy and other.kind != "http" and isinstance(other.result, dict | list):
        yield from ((1, row) for row in _of_result(name, other.result, one.result))
        return
    yield 0 if heavy else 1, Difference(what="effect", where=name, good=call_result(one), now=call_result(other))


def _of_http(name: str, good: dict[str, Json], now: dict[str, Json]) -> Iterator[tuple[int, Difference]]:
    """The status, then the body field by field, then headers."""
    if good.get("status") != now.get("status"):
        row = Difference(
            what="effect", where=f"{name} status", good=shown(good.get("status")), now=shown(now.get("status"))
        )
        yield 0, row
    for rank, part in ((1, "body"), (3, "headers")):
        inner = _of_result(f"{name} {part}", _inner(now.get(part)), _inner(good.get(part)))
        yield from ((rank, row) for row in inner)


def _of_result(name: str, now: Json, good: Json) -> Iterator[Difference]:
    for row in of_values("effect", now, good):
        yield row.model_copy(update={"where": f"{name} {row.where}"})


def _inner(body: Json) -> Json:
    """The value of a body that was recorded as JSON or as text."""
    if not isinstance(body, dict):
        return body
    fields = cast(dict[str, Json], body)
    return fields.get("json", fields.get("text", fields)) if len(fields) == 1 else fields


def poor_calls(record: StepRecord | None) -> tuple[str, ...]:
    """Calls of an attempt that failed, or that answered nothing or an HTTP status from 400."""
    effects = record.effects if record else ()
    return tuple(f"{call_name(effect)} {call_result(effect)}" for effect in effects if is_poor(effect))[:MAX_CALLS]


def call_name(effect: Effect) -> str:
    """A call by its kind, operation and request; of the state, by its key, which is an address and no secret."""
    if effect.kind == "state" and isinstance(effect.request, dict) and "key" in effect.request:
        return f"{effect.kind}.{effect.op} {cast(dict[str, Any], effect.request)['key']}"
    return f"{effect.kind}.{effect.op} {shown(effect.request, 60)}"


def call_result(effect: Effect) -> str:
    """What a call answered; of HTTP, the body before the headers."""
    if effect.error:
        return f"failed: {shown(effect.error)}"
    result: Any = effect.result
    if effect.kind == "http" and isinstance(result, dict):
        fields = cast(dict[str, Json], result)
        return shown({name: fields[name] for name in ("status", "body", *fields) if name in fields})
    return shown(effect.result)


def is_poor(effect: Effect) -> bool:
    """Whether a call failed, or answered nothing or an HTTP status from 400."""
    status: Any = cast(dict[str, Any], effect.result).get("status") if isinstance(effect.result, dict) else None
    bad = effect.kind == "http" and isinstance(status, int) and status >= 400
    reads = effect.kind == "secret" or effect.op in ("get", "search")
    return bool(effect.error) or bad or (reads and effect.result in (None, [], {}))
