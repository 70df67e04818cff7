"""What each state of a run did with its data, computed from what is recorded. Pure.

The workflow runs again in process (`interlock.asl`), and each Task answers what the gate recorded of it: so a Choice's
decision, a Pass's output and every stage of the data flow come out as they did in the run. What a definition makes new
each time (`States.UUID`, the time at which a state was entered) may differ; a Task whose recorded input is another one
than the computed one says so, and goes on with what was recorded.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from interlock.asl import errors
from interlock.asl.clock import MovedClock
from interlock.asl.execution import Settings, TaskCall, Unanswered, Visit
from interlock.asl.interpreter import Interpreter
from interlock.asl.state import every_state
from interlock.contract.core import names
from interlock.contract.core.base import Json, parse_moment
from interlock.contract.payload import reuse_digest
from interlock.contract.run import RecordStatus, Run, StepRecord
from interlock.contract.state_flow import Stage, StateFlow

UNBOUNDED = 2**53
"""Bodies are whole here: what the gate stores apart counts for nothing in a run."""


def data_flow(definition: Mapping[str, Any], run: Run, records: Sequence[StepRecord]) -> list[StateFlow]:
    """Every state that a run entered, in the order of time as far as the records tell it.

    Args:
        definition: the workflow as the app has it, not compiled.
        run: the run; its input is whole.
        records: the records of its steps; their bodies are whole.
    """
    if run.input.value is None and run.input.key:
        return []
    # In a fork, Wait states pass at once.
    present = None if run.status.over or run.fork is not None else datetime.now(UTC)
    clock = _RunClock(parse_moment(run.started), present)
    answers = _Answers(run, records, clock)
    settings = Settings(
        task=answers.of,
        clock=clock,
        context={"Execution": _execution(run)},
        max_bytes=UNBOUNDED,
    )
    interpreter = Interpreter(cast(dict[str, Any], definition), run.input.value, settings)
    try:
        interpreter.run()
    except Unanswered:
        pass
    kinds = {state.name: state.kind for state in every_state(cast(dict[str, Any], definition))}
    visits = sorted(interpreter.visits, key=lambda visit: visit.order)
    return [_row(visit, kinds, answers) for visit in visits]


class _RunClock(MovedClock):
    """The time of a run: what of it is still to come has not passed."""

    def __init__(self, start: datetime, present: datetime | None) -> None:
        super().__init__(start)
        self.present = present

    def move(self, seconds: float) -> None:
        """Move on, as far as the run has come."""
        super().move(seconds)
        if self.present is not None and self.moment > self.present:
            raise Unanswered(begun=True)


class _Answers:
    """What the records say of each attempt of a Task."""

    def __init__(self, run: Run, records: Sequence[StepRecord], clock: MovedClock) -> None:
        execution = run.execution.rsplit(":", 1)[-1]
        self.over, self.clock = run.status.over, clock
        self.waiting: dict[tuple[str, int | None, int], list[StepRecord]] = defaultdict(list)
        for record in sorted(records, key=lambda row: (row.entered, row.started)):
            # A visit that a breakpoint stopped is entered again, and that record says how it went on.
            if record.execution in ("", execution) and not record.stopped:
                self.waiting[record.state, record.index, record.attempt].append(record)
        self.differing: set[int] = set()
        self.records: dict[int, StepRecord] = {}
        """The last record of each visit, by its place among the entries into states."""

    def of(self, call: TaskCall) -> Json:
        """The recorded result of an attempt.

        Raises:
            StatesError: it failed.
            Unanswered: it is under way, or nothing is recorded of it.
        """
        rows = self.waiting[call.state, _index(call), call.attempt]
        if not rows:
            raise Unanswered(begun=False)
        digest = reuse_digest(call.input)
        number = next((at for at, row in enumerate(rows) if (row.asked or row.digest) == digest), 0)
        record = rows.pop(number)
        self.records[call.order] = record
        if (record.asked or record.digest) != digest:
            self.differing.add(call.order)
        # Which branch failed first is a question of time.
        self.clock.moment = max(self.clock.moment, parse_moment(record.ended or record.started))
        if record.error is not None:
            raise errors.StatesError(record.error.name, _cause(record))
        if record.status is RecordStatus.SUCCEEDED and record.output is not None:
            if record.output.key and record.output.value is None:
                # Past its retention: nothing is known of what followed.
                raise Unanswered(begun=True)
            return record.output.value
        if self.over:
            # The gate never wrote an end: Step Functions had given up.
            raise errors.StatesError(errors.TIMEOUT)
        raise Unanswered(begun=True)


def _cause(record: StepRecord) -> str:
    """What Lambda answers of the gate's error, which is what a Catch hands on."""
    error = record.error
    fields = {"errorMessage": error.message, "errorType": error.name} if error else {}
    return json.dumps(fields | {"requestId": record.log_request, "stackTrace": []})


def _index(call: TaskCall) -> int | None:
    """The item's index of the innermost Map around a Task, as the gate records it."""
    item = cast(dict[str, Any], call.context.get("Map") or {}).get("Item")
    return int(item["Index"]) if item else None


def _execution(run: Run) -> dict[str, Any]:
    name = run.execution.rsplit(":", 1)[-1]
    return {
        "Id": run.execution,
        "Input": run.input.value,
        "Name": name or names.ExecutionName(run.tenant, run.install, run.id),
        "StartTime": run.started,
        "RedriveCount": 0,
    }


def _row(visit: Visit, kinds: Mapping[str, str], answers: _Answers) -> StateFlow:
    record = answers.records.get(visit.order)
    return StateFlow(
        state=visit.state,
        type=visit.kind,
        path=_path(visit, kinds),
        input=visit.input,
        output=visit.output,
        error=visit.error or "",
        cause=visit.cause or "",
        next=visit.next or "",
        rule=visit.rule,
        attempts=visit.attempts,
        stages=tuple(Stage(name=stage.name, value=stage.value) for stage in visit.stages),
        items=visit.items,
        exact=visit.order not in answers.differing,
        over=visit.left,
        entered=record.entered if record else "",
        digest=record.digest if record else "",
    )


def _path(visit: Visit, kinds: Mapping[str, str]) -> tuple[str, ...]:
    parts = visit.path.split("/") if visit.path else []
    if len(parts) % 2:
        return (visit.path, visit.state)
    rows: list[str] = []
    for name, number in zip(parts[::2], parts[1::2], strict=True):
        rows += [name, f"[{number}]" if kinds.get(name) == "Map" else f"{{{number}}}"]
    return (*rows, visit.state)
