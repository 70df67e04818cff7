"""What differs between a failed run and the last good one: version, config, inputs, results of calls, the process."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from interlock.contract.core import limits
from interlock.contract.core.base import Json
from interlock.contract.explain import Difference
from interlock.contract.run import Body, Run, StepRecord
from interlock.contract.sensitive import Redactor
from interlock.debugger.compare import ABSENT, of_values, shown
from interlock.debugger.effects import of_effects
from interlock.debugger.paths import parse_path

MAX_OF_A_KIND = 8
WARM = "warm: a value that an earlier run left in its memory may be the cause"
NO_COLD = (
    f"the process, which was warm: none of the last {limits.GOOD_RUNS} runs that succeeded had this input in a cold one"
)
_HIDE = Redactor()


@dataclass(frozen=True)
class Side:
    """What is known of one of the two runs; bodies and effects are in place.

    Attributes:
        run: the run.
        record: the record of the failing state.
        earlier: records that succeeded before it.
        cold: of good runs, a record of the same input in a cold process.
    """

    run: Run
    record: StepRecord | None = None
    earlier: Sequence[StepRecord] = ()
    cold: StepRecord | None = None


def differences(now: Side, good: Side) -> tuple[Difference, ...]:
    """What differs, the causes that are most likely first."""
    rows: list[Difference] = []
    if good.run.version != now.run.version:
        rows.append(Difference(what="version", good=good.run.version, now=now.run.version))
    if good.run.install != now.run.install:
        named = good.run.install_name != now.run.install_name
        one, other = (side.run.install_name if named else side.run.install for side in (good, now))
        rows.append(Difference(what="install", good=one, now=other))
    rows.extend(_first("config", _of_config(now.run.config, good.run.config)))
    rows.extend(_first("input", of_values("input", now.run.input.value, good.run.input.value)))
    record, like = now.record, good.record
    if record is not None and like is not None:
        pointers = (*record.sensitive, *like.sensitive)
        read = [parse_path(path) for frame in (record.error.frames if record.error else ()) for path in frame.touched]
        compared = of_values("step input", record.input.value, like.input.value, read, pointers)
        rows.extend(_first("step input", compared))
        rows.extend(_first("effect", of_effects(record.effects, like.effects)))
    rows.extend(_of_process(record, [good.cold, like]))
    rows.extend(_first("output", _of_outputs(now.earlier, good.earlier)))
    return tuple(rows)


def not_compared(now: Side, good: Side, *, differ: bool) -> tuple[str, ...]:
    """What is recorded of both runs, or should be, and could not be compared.

    Args:
        now: the run that failed.
        good: the good run.
        differ: whether anything differs. If not, a warm process that could not be compared may be all that does.
    """
    rows: list[str] = []
    if now.record is None:
        rows.append("the input of the state that failed: no step was called in it")
    elif good.record is None:
        rows.append(f"state {now.record.state}: the good run has no record of it that succeeded")
    for side in (now, good):
        bodies = {"the run's input": side.run.input, "the step's input": side.record.input if side.record else None}
        rows.extend(
            f"{name} of run {side.run.id}: it is too large or past its retention"
            for name, body in bodies.items()
            if _is_gone(body)
        )
    # A step that raised ran in a process; of one that died, nobody knows which.
    if not differ and now.record is not None and now.record.error and now.record.error.frames and not now.record.cold:
        rows.append(NO_COLD)
    return tuple(rows)


def is_same_body(one: Body | None, other: Body | None) -> bool:
    """Whether two bodies hold the same value: by their digests where both have one."""
    if one is None or other is None:
        return one is other
    return one.digest == other.digest if one.digest and other.digest else one.value == other.value


def _is_gone(body: Body | None) -> bool:
    return body is not None and body.value is None and body.size > len("null")


def _first(what: str, rows: Iterator[Difference]) -> list[Difference]:
    """The first rows, and how many are left out."""
    values = list(rows)
    more = len(values) - MAX_OF_A_KIND
    return values[:MAX_OF_A_KIND] + ([Difference(what=what, where=f"and {more} more")] if more > 0 else [])


def _of_config(now: dict[str, Json], good: dict[str, Json]) -> Iterator[Difference]:
    for key in sorted({*now, *good}):
        one, other = ({key: side[key]} if key in side else None for side in (good, now))
        if one != other:
            yield Difference(what="config", where=key, good=_config(one, key), now=_config(other, key))


def _config(side: dict[str, Json] | None, key: str) -> str:
    return ABSENT if side is None else shown(cast(dict[str, Json], _HIDE.data(side, by_name=True))[key])


def _of_process(record: StepRecord | None, likes: Sequence[StepRecord | None]) -> Iterator[Difference]:
    """A warm process, where the same input worked in a cold one."""
    if record is None or record.cold:
        return
    like = next((row for row in likes if row is not None and row.cold and row.digest == record.digest), None)
    if like is not None:
        yield Difference(what="process", where=f"(run {like.run})", good="cold", now=WARM)


def _of_outputs(now: Sequence[StepRecord], good: Sequence[StepRecord]) -> Iterator[Difference]:
    """Outputs of earlier steps that differ, visit by visit of each state and item."""
    theirs: dict[tuple[str, int | None], list[StepRecord]] = {}
    for record in good:
        theirs.setdefault((record.state, record.index), []).append(record)
    for record in now:
        rows = theirs.get((record.state, record.index), [])
        like = rows.pop(0) if rows else None
        if like is None or is_same_body(record.output, like.output):
            continue
        where = f"output of {record.state}" + (f"[{record.index}]" if record.index is not None else "")
        one, other = (body.value if body else None for body in (like.output, record.output))
        pointers = [
            pointer.replace("/output", "/input", 1)
            for pointer in (*record.sensitive, *like.sensitive)
            if pointer.startswith("/output")
        ]
        yield from of_values(where, other, one, (), pointers)
