"""Which recorded attempt a person means, and the context that it ran in."""

from collections.abc import Iterable, Sequence

from interlock.contract.core.failure import Conflict, NotFound
from interlock.contract.core.names import parse_execution
from interlock.contract.envelope import StepContext
from interlock.contract.fork import parse_position
from interlock.contract.run import RecordStatus, Run, StepRecord

SHOWN = 20


def place_of(record: StepRecord) -> str:
    """How a record is called: `STATE` or `STATE[INDEX]`."""
    return record.state if record.index is None else f"{record.state}[{record.index}]"


def choose_record(run: Run, records: Sequence[StepRecord], wanted: str = "", attempt: int | None = None) -> StepRecord:
    """The attempt to debug.

    Args:
        run: a run that is over.
        records: every record of it, by the time at which its state was entered.
        wanted: `STATE`, `STATE[INDEX]`, `STATE@ORDINAL` (1 is the first visit); empty for the run's first cause.
        attempt: 0 for the first try; None for the one that failed, else the last one.

    Raises:
        Conflict: the run is not over, or it is and no step failed in it.
        NotFound: no such state, or it was not tried that often; the text lists what is recorded.
    """
    if not run.status.over:
        raise Conflict(
            f"the run is {run.status.value}",
            where=run.id,
            code="run-not-over",
            next_step=f"Wait for its end: interlock run watch {run.id}",
        )
    if attempt is not None and not wanted and run.failed is not None and run.failed.state:
        wanted = run.failed.state
    fitting = _at(run, records, wanted) if wanted else _first_cause(run, records)
    if attempt is not None:
        tried = sorted({record.attempt for record in fitting})
        fitting = [record for record in fitting if record.attempt == attempt]
        if not fitting:
            text = ", ".join(map(str, tried))
            raise NotFound(
                f"attempt {attempt} of {wanted} does not exist",
                where=run.id,
                code="unknown-attempt",
                next_step=f"Choose one of: {text} (0 is the first).",
            )
    failing = [record for record in fitting if record.status is not RecordStatus.SUCCEEDED]
    return (failing or fitting)[-1]


def _at(run: Run, records: Sequence[StepRecord], wanted: str) -> list[StepRecord]:
    exact = [record for record in records if record.state == wanted]
    if exact:
        return exact
    place = parse_position(wanted)
    fitting = [record for record in records if record.state == place.state and place.index in (None, record.index)]
    if place.ordinal is not None:
        visits = list(dict.fromkeys((record.execution, record.entered, record.digest) for record in fitting))
        names = visits[place.ordinal - 1 : place.ordinal] if place.ordinal else []
        fitting = [record for record in fitting if (record.execution, record.entered, record.digest) in names]
    if not fitting:
        raise _unknown(run, records, f"the run has no record of {wanted}", "unknown-state")
    return fitting


def _first_cause(run: Run, records: Sequence[StepRecord]) -> list[StepRecord]:
    failed = run.failed
    if failed is None:
        states = list(dict.fromkeys(record.state for record in records))
        if len(states) == 1:
            return list(records)
        raise _unknown(run, records, f"the run is {run.status.value}, so name the step", "which-step", Conflict)
    tried = [record for record in records if record.state == failed.state and record.attempt == failed.attempt]
    same = [record for record in tried if record.error is not None and record.error.name == failed.error]
    framed = [record for record in same if failed.frame and _frame(record) == failed.frame]
    if not tried:
        where = f" at state {failed.state}" if failed.state else ""
        what = f"the run did not end by the failure of a step, but by {failed.error}{where}"
        raise _unknown(run, records, what, "no-failed-step", Conflict)
    return framed or same or tried


def _frame(record: StepRecord) -> str:
    frame = record.error.own_frame if record.error else None
    return f"{frame.file}:{frame.line} in {frame.function}" if frame else ""


def _unknown(
    run: Run, records: Iterable[StepRecord], what: str, code: str, kind: type[NotFound | Conflict] = NotFound
) -> NotFound | Conflict:
    places = list(dict.fromkeys(place_of(record) for record in records))
    if not places:
        return kind(
            f"{what}; the run has no record of a step",
            where=run.id,
            code=code,
            next_step=f"interlock run show {run.id}",
        )
    more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
    text = ", ".join(places[:SHOWN]) + more
    return kind(what, where=run.id, code=code, next_step=f"Add --state with one of: {text}.")


def visit_of(record: StepRecord) -> str:
    """The visit as the step saw it in `ctx.visit`: it is part of what effects were recorded with.

    The fields are those of the record's sort key (`interlock.aws.tables.runs.record_key`). A record
    that was served from another one has the visit of that one.
    """
    run, entered = record.run, record.entered
    source = record.reused.split("#")
    if len(source) >= 5:
        run, entered = parse_execution(source[0]).run, source[1]
    index = "-" if record.index is None else f"{record.index:06d}"
    return f"{run}:STEP#{entered}#{record.state}#{record.redrive}#{index}#{record.digest[:16]}"


def context_of(run: Run, record: StepRecord, granted: Iterable[str]) -> StepContext:
    """The context that the attempt ran in, less its trace.

    Args:
        run: with the config that was pinned at its start.
        record: the attempt.
        granted: the install's scopes, such as `egress:api.example.com:443` and `secret:key`.
    """
    parts = tuple(granted)
    return StepContext(
        run=run.id,
        tenant=run.tenant,
        install=run.install,
        app=run.app,
        version=run.version,
        workflow=run.workflow,
        state=record.state,
        step=record.step,
        index=record.index,
        attempt=record.attempt,
        visit=visit_of(record),
        trigger=run.trigger,
        config=run.config,
        egress=tuple(word.removeprefix("egress:") for word in parts if word.startswith("egress:")),
        secrets=tuple(word.removeprefix("secret:") for word in parts if word.startswith("secret:")),
    )
