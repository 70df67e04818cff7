"""Compares two runs by structure: visit by visit, field by field, effect by effect. Pure.

Visits are paired by position (state, Map index), those with the same input first, the rest in the order of time.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any, cast

from interlock.contract.core.base import Json
from interlock.contract.diff import Aspect, Difference, RunDiff, Timing
from interlock.contract.envelope import Effect, StepError
from interlock.contract.fork import Position
from interlock.contract.run import Outline, Run, StepRecord
from interlock.debugger.compare import ABSENT
from interlock.debugger.effects import partners
from interlock.debugger.visits import Visit, visits

MAX_DIFFERENCES = 500
Fill = Callable[[Sequence[StepRecord]], Sequence[StepRecord]]
"""Answers whole records for outlines, in their order."""
MAX_FIELDS = 20
"""Fields of one value that are listed one by one."""
Pair = tuple[Visit | None, Visit | None]


def diff_runs(
    a: Run,
    a_records: Sequence[StepRecord],
    b: Run,
    b_records: Sequence[StepRecord],
    *,
    whole: bool = True,
    fill: tuple[Fill, Fill] = (list, list),
) -> RunDiff:
    """How run `b` differs from run `a`.

    Args:
        a: the first run; its bodies are whole.
        a_records: its step records; their bodies and effects are whole, or they are outlines.
        b: the second run.
        b_records: its step records.
        whole: also version, config and input of the runs; not for a comparison that changed them on purpose.
        fill: answers the whole records of the first and of the second run for outlines that differ.
    """
    differences = list(_of_runs(a, b, whole=whole))
    pairs = _filled(_pairs(_visits(a, a_records), _visits(b, b_records)), fill)
    names = _names([first or second for first, second in pairs])
    timings: list[Timing] = []
    for (first, second), name in zip(pairs, names, strict=True):
        if first is None or second is None:
            there = "visited" if first else "not visited"
            differences.append(Difference(aspect="path", where=name, a=there, b="not visited" if first else "visited"))
            continue
        differences.extend(_of_visits(name, first.record, second.record))
        timings.append(
            Timing(
                where=name,
                a_ms=first.record.duration_ms,
                b_ms=second.record.duration_ms,
                b_reused=bool(second.record.reused),
            )
        )
    more = max(len(differences) - MAX_DIFFERENCES, 0)
    return RunDiff(
        a=a.id,
        b=b.id,
        a_dry=a.dry,
        b_dry=b.dry,
        differences=tuple(differences[:MAX_DIFFERENCES]),
        timings=tuple(timings),
        more=more,
    )


def diff_values(a: Json, b: Json, pointer: str = "") -> Iterator[tuple[str, Json, Json]]:
    """Where two JSON values differ: JSON pointer, the one, the other; `(absent)` for what is not there."""
    if isinstance(a, dict) and isinstance(b, dict):
        left, right = cast(dict[str, Any], a), cast(dict[str, Any], b)
        for key in (*left, *(key for key in right if key not in left)):
            at = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            yield from diff_values(left.get(key, ABSENT), right.get(key, ABSENT), at)
    elif isinstance(a, list) and isinstance(b, list):
        one, other = cast(list[Any], a), cast(list[Any], b)
        for number, (left_row, right_row) in enumerate(zip_longest(one, other, fillvalue=ABSENT)):
            yield from diff_values(left_row, right_row, f"{pointer}/{number}")
    elif type(cast(object, a)) is not type(cast(object, b)) or a != b:
        yield pointer, a, b


def _of_runs(a: Run, b: Run, *, whole: bool) -> Iterator[Difference]:
    if whole:
        for word in ("app", "version", "workflow"):
            if getattr(a, word) != getattr(b, word):
                yield Difference(aspect="run", where=word, a=getattr(a, word), b=getattr(b, word))
        yield from _fields("run", "config", a.config, b.config)
        yield from _fields("run", "input", a.input.value, b.input.value)
    if a.status != b.status:
        yield Difference(aspect="run", where="status", a=a.status.value, b=b.status.value)
    errors = [run.failed.error if run.failed else None for run in (a, b)]
    if errors[0] != errors[1]:
        yield Difference(aspect="run", where="error", a=errors[0], b=errors[1])
    one, other = (run.output.value if run.output else None for run in (a, b))
    yield from _fields("run", "output", one, other)


def _visits(run: Run, records: Sequence[StepRecord]) -> list[Visit]:
    return visits(run, ((str(number), record) for number, record in enumerate(records)))


def _pairs(a: Sequence[Visit], b: Sequence[Visit]) -> list[Pair]:
    """Both runs' visits in the order of the first one's time; what only the second made stands between."""
    partner = _partners(a, b, by_digest=True)
    taken = set(partner.values())
    partner |= _partners(a, b, by_digest=False, without=(set(partner), taken))
    places = {right: left for left, right in partner.items()}
    pairs: list[tuple[float, Pair]] = [
        (number, (visit, b[partner[number]] if number in partner else None)) for number, visit in enumerate(a)
    ]
    # What only the second run made stands before the next visit that both made.
    before = float(len(a))
    extra: list[tuple[float, Pair]] = []
    for number in range(len(b) - 1, -1, -1):
        if number in places:
            before = min(before, places[number])
        else:
            extra.append((before - 0.5, (None, b[number])))
    pairs.extend(reversed(extra))
    return [pair for _, pair in sorted(pairs, key=lambda row: row[0])]


def _filled(pairs: Sequence[Pair], fill: tuple[Fill, Fill]) -> list[Pair]:
    """The pairs with whole records where outlines differ; outlines that are the same stay as they are."""
    wanted = [number for number, (one, other) in enumerate(pairs) if one and other and not _same(one, other)]
    sides: list[dict[int, Visit]] = []
    for side in (0, 1):
        rows = {number: visit for number in wanted if (visit := pairs[number][side]) is not None}
        whole = fill[side]([visit.record for visit in rows.values()]) if rows else ()
        both = zip(rows.items(), whole, strict=True)
        sides.append({number: replace(visit, record=record) for (number, visit), record in both})
    return [(sides[0].get(number, one), sides[1].get(number, other)) for number, (one, other) in enumerate(pairs)]


def _same(one: Visit, other: Visit) -> bool:
    """Whether two outlines tell that nothing differs; of whole records this is not asked."""
    a, b = one.record, other.record
    if not isinstance(a, Outline) or not isinstance(b, Outline):
        return False
    known = bool(a.effects_digest) and a.effects_digest == b.effects_digest
    outputs = [record.output.digest if record.output else "" for record in (a, b)]
    return known and a.digest == b.digest and outputs[0] == outputs[1] and _error(a.error) == _error(b.error)


def _partners(
    a: Sequence[Visit],
    b: Sequence[Visit],
    *,
    by_digest: bool,
    without: tuple[set[int], set[int]] = (set(), set()),
) -> dict[int, int]:
    """Numbers of visits of the same position (and input), each used once, in the order of time."""

    def key(visit: Visit) -> tuple[str, int | None, str]:
        return visit.record.state, visit.record.index, visit.digest if by_digest else ""

    waiting: dict[tuple[str, int | None, str], deque[int]] = defaultdict(deque)
    for number, visit in enumerate(b):
        if number not in without[1]:
            waiting[key(visit)].append(number)
    return {
        number: rows.popleft()
        for number, visit in enumerate(a)
        if number not in without[0] and (rows := waiting[key(visit)])
    }


def _names(rows: Sequence[Visit | None]) -> list[str]:
    """The position of each visit; with its ordinal where a state was visited more than once."""
    keys = [(row.record.state, row.record.index) if row else ("", None) for row in rows]
    totals, seen = Counter(keys), Counter[tuple[str, int | None]]()
    names: list[str] = []
    for state, index in keys:
        seen[state, index] += 1
        ordinal = seen[state, index] if totals[state, index] > 1 else None
        names.append(str(Position(state, index, ordinal)))
    return names


def _of_visits(name: str, a: StepRecord, b: StepRecord) -> Iterator[Difference]:
    if a.digest != b.digest:
        yield from _fields("input", name, a.input.value, b.input.value)
    if _error(a.error) != _error(b.error):
        yield Difference(aspect="error", where=name, a=_error(a.error), b=_error(b.error))
    if a.error is None or b.error is None:
        one, other = (record.output.value if record.output else None for record in (a, b))
        yield from _fields("output", name, one, other)
    yield from _of_effects(name, a.effects, b.effects)


def _error(error: StepError | None) -> Json:
    return {"name": error.name, "message": error.message} if error else None


def _of_effects(name: str, a: Sequence[Effect], b: Sequence[Effect]) -> Iterator[Difference]:
    """Effects that belong together are compared; the rest was done by one run only."""
    partner = partners(a, b)
    for at, effect in enumerate(a):
        if at not in partner:
            yield Difference(aspect="effect", where=_shown(name, effect), a=effect.request, b=ABSENT)
            continue
        other = b[partner[at]]
        for pointer, one, two in diff_values(effect.request, other.request, "/request"):
            yield Difference(aspect="effect", where=_shown(name, effect), field=pointer, a=one, b=two)
        if effect.error != other.error:
            yield Difference(aspect="effect", where=_shown(name, effect), field="/error", a=effect.error, b=other.error)
        yield from _fields("effect", _shown(name, effect), effect.result, other.result)
    for effect in (row for at, row in enumerate(b) if at not in partner.values()):
        yield Difference(aspect="effect", where=_shown(name, effect), a=ABSENT, b=effect.request)


def _shown(name: str, effect: Effect) -> str:
    return f"{name} {effect.kind}.{effect.op}"


def _fields(aspect: Aspect, where: str, a: Json, b: Json) -> Iterator[Difference]:
    rows = list(diff_values(a, b))
    for pointer, one, other in rows[:MAX_FIELDS]:
        yield Difference(aspect=aspect, where=where, field=pointer, a=one, b=other)
    if len(rows) > MAX_FIELDS:
        yield Difference(aspect=aspect, where=where, field="/…", a=f"and {len(rows) - MAX_FIELDS} fields more")
