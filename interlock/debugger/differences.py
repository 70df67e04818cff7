"""What differs between a failed run and the last good one: version, config, shapes of inputs, results of effects."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, cast

from interlock.contract.core.base import Json
from interlock.contract.envelope import Effect
from interlock.contract.explain import Difference
from interlock.contract.payload import canonical
from interlock.contract.run import Run, StepRecord
from interlock.contract.sensitive import Redactor
from interlock.debugger.paths import shape

MAX_OF_A_KIND = 8
SHORT = 120
ABSENT = "(absent)"
NO_CALL = "(no such call)"
_HIDE = Redactor()


def shown(value: Json, limit: int = SHORT) -> str:
    """A value on one line, without what is named or shaped like a secret, shortened."""
    hidden = _HIDE.data(value, by_name=True)
    text = hidden if isinstance(hidden, str) else json.dumps(hidden, ensure_ascii=False)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def differences(
    run: Run, good: Run, record: StepRecord | None, good_record: StepRecord | None
) -> tuple[Difference, ...]:
    """What differs; bodies are in place in both runs and both records."""
    rows: list[Difference] = []
    if run.version != good.version:
        rows.append(Difference(what="version", good=good.version, now=run.version))
    rows.extend(_first(_of_config(run.config, good.config)))
    rows.extend(_first(_of_shape("input", run.input.value, good.input.value)))
    if record is not None and good_record is not None:
        rows.extend(_first(_of_shape("step input", record.input.value, good_record.input.value)))
        rows.extend(_first(_of_effects(record.effects, good_record.effects)))
    return tuple(rows)


def poor_calls(record: StepRecord | None) -> tuple[str, ...]:
    """Calls of an attempt that failed, or that answered nothing or an HTTP status from 400."""
    effects = record.effects if record else ()
    return tuple(f"{_name(effect)} {_result(effect)}" for effect in effects if _is_poor(effect))[:MAX_OF_A_KIND]


def _first(rows: Iterator[Difference]) -> list[Difference]:
    return [row for _, row in zip(range(MAX_OF_A_KIND), rows, strict=False)]


def _of_config(now: dict[str, Json], good: dict[str, Json]) -> Iterator[Difference]:
    for key in sorted({*now, *good}):
        one, other = ({key: side[key]} if key in side else None for side in (good, now))
        if one != other:
            yield Difference(what="config", where=key, good=_config(one, key), now=_config(other, key))


def _config(side: dict[str, Json] | None, key: str) -> str:
    return ABSENT if side is None else shown(cast(dict[str, Json], _HIDE.data(side, by_name=True))[key])


def _of_shape(what: str, now: Json, good: Json) -> Iterator[Difference]:
    """Paths whose types differ; below a path that is missing on one side nothing more is said."""
    ours, theirs = shape(now), shape(good)
    names: list[str] = []
    for path in sorted({*ours, *theirs}, key=lambda path: (path.count(".") + path.count("["), path)):
        one, other = theirs.get(path, frozenset()), ours.get(path, frozenset())
        if one != other and not any(path.startswith(f"{above}.") or path.startswith(f"{above}[") for above in names):
            names += [path] if not one or not other or one.isdisjoint(other) else []
            yield Difference(what=what, where=path, good=_types(one), now=_types(other))


def _types(types: frozenset[str]) -> str:
    return " or ".join(sorted(types)) or ABSENT


def _of_effects(now: Sequence[Effect], good: Sequence[Effect]) -> Iterator[Difference]:
    """Calls of the same kind, operation and request whose results differ, those that failed or changed type first."""
    theirs: dict[str, list[Effect]] = {}
    for effect in good:
        theirs.setdefault(_key(effect), []).append(effect)
    rows: list[tuple[bool, Difference]] = []
    for effect in now:
        same = theirs.get(_key(effect), [])
        other = same.pop(0) if same else None
        if other is None and _is_poor(effect):
            rows.append((True, Difference(what="effect", where=_name(effect), good=NO_CALL, now=_result(effect))))
        elif other is not None and (other.result, other.error) != (effect.result, effect.error):
            heavy = other.error != effect.error or shape(other.result) != shape(effect.result)
            row = Difference(what="effect", where=_name(effect), good=_result(other), now=_result(effect))
            rows.append((heavy, row))
    yield from (row for _, row in sorted(rows, key=lambda row: not row[0]))


def _key(effect: Effect) -> str:
    return f"{effect.kind}.{effect.op} {canonical(effect.request)}"


def _name(effect: Effect) -> str:
    return f"{effect.kind}.{effect.op} {shown(effect.request, 60)}"


def _result(effect: Effect) -> str:
    return f"failed: {shown(effect.error)}" if effect.error else shown(effect.result)


def _is_poor(effect: Effect) -> bool:
    status: Any = cast(dict[str, Any], effect.result).get("status") if isinstance(effect.result, dict) else None
    bad = effect.kind == "http" and isinstance(status, int) and status >= 400
    reads = effect.kind == "secret" or effect.op in ("get", "search")
    return bool(effect.error) or bad or (reads and effect.result in (None, [], {}))
