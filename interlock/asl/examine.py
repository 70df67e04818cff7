"""What one state does with an input, as Step Functions' TestState answers it: its stages, what follows, its error.

https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from interlock.asl import errors, flow, work
from interlock.asl.clock import MovedClock, stamp
from interlock.asl.retry import catcher_of, next_retry
from interlock.asl.scope import Scope
from interlock.asl.state import State, every_state
from interlock.asl.values import Json, Object

SUCCEEDED, FAILED, CAUGHT, RETRIABLE, OPEN = "SUCCEEDED", "FAILED", "CAUGHT_ERROR", "RETRIABLE", "NEEDS_RESULT"
WORKING = ("Task", "Parallel", "Map")
"""States that need the result of a step, of branches or of items."""


@dataclass(frozen=True)
class Answer:
    """What stands for the work of a Task, a Parallel or a Map.

    Attributes:
        result: a tuple of its result; empty where there is none.
        failure: the error that it ends with instead.
        retries: how many retries were made before.
    """

    result: tuple[Json, ...] = ()
    failure: errors.StatesError | None = None
    retries: int = 0


@dataclass(frozen=True)
class Examination:
    """What the state did.

    Attributes:
        status: SUCCEEDED, FAILED, CAUGHT_ERROR, RETRIABLE, or NEEDS_RESULT where its work has no result yet.
        stages: the stages of the data flow, in order.
        output: what it hands on.
        next: the state that follows.
        rule: the place of a Choice's rule that matched.
        seconds: how long a Wait lasts, or how long until the retry.
        variables: what it assigned.
        error: the error's name.
        cause: the error's cause.
    """

    status: str
    stages: tuple[flow.Stage, ...]
    output: Json = None
    next: str | None = None
    rule: int | None = None
    seconds: float | None = None
    variables: Mapping[str, Json] = field(default_factory=dict[str, Json])
    error: str | None = None
    cause: str | None = None


@dataclass
class _Seen:
    """What is known so far."""

    trace: flow.Trace = field(default_factory=flow.Trace)
    next: str | None = None
    rule: int | None = None
    seconds: float | None = None


def find_state(definition: Object, name: str) -> State | None:
    """The state of a name, wherever it is in a workflow; None where there is none."""
    return next((state for state in every_state(definition) if state.name == name), None)


def scope_for(state: State, variables: Object, context: Object, now: datetime | None = None) -> Scope:
    """A scope for a state alone: a context object with what every execution has, and what a person adds."""
    moment = stamp(now or MovedClock().now())
    usual: Object = {
        "Execution": {"Id": "execution", "Input": {}, "Name": "test", "StartTime": moment, "RedriveCount": 0},
        "StateMachine": {"Id": "stateMachine", "Name": "test"},
        "State": {"Name": state.name, "EnteredTime": moment, "RetryCount": 0},
    }
    return Scope({**usual, **context}, variables)


def examine(state: State, raw: Json, scope: Scope, answer: Answer, now: datetime | None = None) -> Examination:
    """Run one state.

    Args:
        state: the state.
        raw: its input.
        scope: the context object and the variables.
        answer: what stands for its work.
        now: the moment, for a Wait with a timestamp.
    """
    seen = _Seen(next=state.next)
    try:
        if state.kind in WORKING:
            return _worked(state, raw, scope, answer, seen)
        exited = _simple(state, raw, scope, seen, now or MovedClock().now())
    except errors.StatesError as failure:
        return _ended(state, raw, scope, failure, answer, seen)
    return _succeeded(state, exited, seen)


def _worked(state: State, raw: Json, scope: Scope, answer: Answer, seen: _Seen) -> Examination:
    effective = flow.enter(state, raw, scope, seen.trace)
    if state.kind == "Map":
        work.items_of(state, raw, effective, scope, seen.trace)
        work.concurrency_of(state, raw, effective, scope)
    if answer.failure is not None:
        raise answer.failure
    if not answer.result:
        return Examination(OPEN, tuple(seen.trace.stages), next=seen.next)
    result = seen.trace.note("Result", answer.result[0])
    return _succeeded(state, flow.leave(state, raw, result, scope, seen.trace), seen)


def _simple(state: State, raw: Json, scope: Scope, seen: _Seen, now: datetime) -> flow.Exit:
    if state.kind == "Fail":
        raise work.failure_of(state, raw, scope)
    effective = flow.enter(state, raw, scope, seen.trace)
    if state.kind == "Pass":
        return flow.leave(state, raw, flow.pass_result(state, effective), scope, seen.trace)
    fields: Object | None = None
    if state.kind == "Choice":
        way = work.choose(state, raw, effective, scope)
        seen.next, seen.rule, fields = way.next, way.rule, way.fields
    elif state.kind == "Wait":
        seen.seconds = work.wait_seconds(state, raw, effective, scope, now)
    return flow.pass_on(state, raw, effective, scope, fields, seen.trace)


def _succeeded(state: State, exited: flow.Exit, seen: _Seen) -> Examination:
    stages = tuple(seen.trace.stages)
    try:
        flow.check_size(state.name, exited.output)
    except errors.StatesError as failure:
        return Examination(FAILED, stages, error=failure.error, cause=failure.cause)
    return Examination(SUCCEEDED, stages, exited.output, seen.next, seen.rule, seen.seconds, exited.assigned)


def _ended(
    state: State, raw: Json, scope: Scope, failure: errors.StatesError, answer: Answer, seen: _Seen
) -> Examination:
    """How a state ends with an error: its Retry, its Catch, or its end."""
    stages = tuple(seen.trace.stages)
    retriers = state.rows("Retry")
    counts = {entry: answer.retries for entry in range(len(retriers))}
    retry = next_retry(retriers, failure.error, counts)
    if retry is not None:
        return Examination(
            RETRIABLE, stages, seconds=retry.seconds, next=state.name, error=failure.error, cause=failure.cause
        )
    catcher = catcher_of(state.rows("Catch"), failure.error)
    if catcher is None:
        return Examination(FAILED, stages, error=failure.error, cause=failure.cause)
    try:
        exited = flow.catch(state, catcher, raw, failure, scope, seen.trace)
    except errors.StatesError as second:
        return Examination(FAILED, stages, error=second.error, cause=second.cause)
    return Examination(
        CAUGHT,
        tuple(seen.trace.stages),
        exited.output,
        str(catcher.get("Next")),
        variables=exited.assigned,
        error=failure.error,
        cause=failure.cause,
    )
