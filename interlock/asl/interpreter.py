"""Runs a whole workflow in process, as Step Functions would: no sockets, and the time that a clock gives.

Branches and items run one after another, but each begins at the moment when AWS would begin it: the clock stands at the
latest end when all are done, and the error is that of the branch that failed first.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import cast

from interlock.asl import errors, flow, work
from interlock.asl.clock import MovedClock, stamp
from interlock.asl.execution import Execution, Settings, TaskCall, Unanswered, Visit
from interlock.asl.retry import catcher_of, next_retry
from interlock.asl.scope import Scope, language_of
from interlock.asl.state import State, states_of
from interlock.asl.values import Json, Object, whole

MAX_VISITS = 12_500
"""A standard execution has at most 25,000 events, and a state at least two of them."""
ACCOUNT = "arn:aws:states:us-east-1:000000000000"


class _TimedOut(Exception):
    """The machine's own TimeoutSeconds is over."""


@dataclass
class _Left:
    """What a visit has come to."""

    output: Json = None
    next: str | None = None
    assigned: Object = field(default_factory=dict[str, Json])
    rule: int | None = None
    attempts: int = 0
    error: str | None = None
    cause: str | None = None
    over: bool = False


def run(definition: Object, value: Json, settings: Settings) -> Execution:
    """Run a workflow to its end.

    Args:
        definition: the state machine, which the compiler accepts; this module does not check it.
        value: its input.
        settings: the work of Tasks, the clock, names.
    """
    return Interpreter(definition, value, settings).run()


class Interpreter:
    """One run."""

    def __init__(self, definition: Object, value: Json, settings: Settings) -> None:
        """Take the definition, its input and the settings."""
        self.definition = definition
        self.value = value
        self.settings = settings
        self.clock = settings.clock
        # A state inside another one speaks the language of the machine, not of the state around it.
        self.language = language_of(definition)
        self.visits: list[Visit] = []
        self.entered = 0
        self.answered = 0
        limit = whole(definition.get("TimeoutSeconds"))
        self.deadline = self.clock.now() + timedelta(seconds=limit) if limit else None

    def run(self) -> Execution:
        """Run to the end."""
        scope = Scope(self._context(), self.settings.variables)
        try:
            output = self._scope(self.definition, self.value, scope, "")
        except errors.StatesError as failure:
            return Execution("FAILED", None, failure.error, failure.cause, tuple(self.visits))
        except _TimedOut:
            return Execution("TIMED_OUT", None, errors.TIMEOUT, None, tuple(self.visits))
        return Execution("SUCCEEDED", output, None, None, tuple(self.visits))

    def _context(self) -> Object:
        name, machine = self.settings.name, self.settings.machine
        execution: Object = {
            "Id": f"{ACCOUNT}:execution:{machine}:{name}",
            "Input": self.value,
            "Name": name,
            "RoleArn": "arn:aws:iam::000000000000:role/workflow",
            "StartTime": stamp(self.clock.now()),
            "RedriveCount": 0,
        }
        state_machine: Object = {"Id": f"{ACCOUNT}:stateMachine:{machine}", "Name": machine}
        return {"Execution": execution, "StateMachine": state_machine, **self.settings.context}

    def _scope(self, definition: Object, value: Json, scope: Scope, path: str) -> Json:
        """Run the states of a workflow, a branch or an item, with variables of their own."""
        states = states_of(definition, self.language)
        name: str | None = str(definition.get("StartAt"))
        while name is not None:
            state = states.get(name)
            if state is None:
                raise errors.runtime(f"The state '{name}' does not exist.")
            left = self._visit(state, value, scope, path)
            value, name = left.output, left.next
            scope = scope.with_variables(left.assigned)
        return value

    def _visit(self, state: State, raw: Json, scope: Scope, path: str) -> _Left:
        self._check_limits()
        entered, trace, left = self.clock.now(), flow.Trace(), _Left(next=state.next)
        order, self.entered = self.entered, self.entered + 1
        own = scope.with_context(State={"Name": state.name, "EnteredTime": stamp(entered)})
        try:
            self._pass_through(state, raw, own, path, trace, left)
            with _named(state):
                flow.check_size(state.name, left.output, self.settings.max_bytes)
            left.over = True
        except errors.StatesError as failure:
            left.output, left.next, left.error, left.cause = None, None, failure.error, failure.cause
            left.over = True
            raise
        finally:
            times = (entered, self.clock.now())
            self.visits.append(_visit_of(state, raw, path, trace, left, times, order))
        return left

    def _check_limits(self) -> None:
        if self.deadline is not None and self.clock.now() >= self.deadline:
            raise _TimedOut
        if len(self.visits) >= MAX_VISITS:
            raise errors.runtime("The execution reached the maximum number of history events (25000).")

    def _pass_through(self, state: State, raw: Json, scope: Scope, path: str, trace: flow.Trace, left: _Left) -> None:
        if state.kind == "Fail":
            with _named(state):
                failure = work.failure_of(state, raw, scope)
            raise failure
        if state.kind in ("Task", "Parallel", "Map"):
            self._attempts(state, raw, scope, path, trace, left)
            return
        with _named(state):
            effective = flow.enter(state, raw, scope, trace)
            exited = self._simple(state, raw, effective, scope, trace, left)
        left.output, left.assigned = exited.output, exited.assigned

    def _simple(
        self, state: State, raw: Json, effective: Json, scope: Scope, trace: flow.Trace, left: _Left
    ) -> flow.Exit:
        if state.kind == "Pass":
            return flow.leave(state, raw, flow.pass_result(state, effective), scope, trace)
        if state.kind == "Choice":
            way = work.choose(state, raw, effective, scope)
            left.next, left.rule = way.next, way.rule
            return flow.pass_on(state, raw, effective, scope, way.fields, trace)
        if state.kind == "Wait":
            self._wait(work.wait_seconds(state, raw, effective, scope, self.clock.now()))
        elif state.kind != "Succeed":
            raise errors.runtime(f"The type '{state.kind}' of a state is not known.")
        return flow.pass_on(state, raw, effective, scope, None, trace)

    def _wait(self, seconds: float) -> None:
        if self.deadline is not None and self.clock.now() + timedelta(seconds=seconds) > self.deadline:
            self.clock.sleep(max(0.0, (self.deadline - self.clock.now()).total_seconds()))
            raise _TimedOut
        self.clock.sleep(seconds)

    def _attempts(self, state: State, raw: Json, scope: Scope, path: str, trace: flow.Trace, left: _Left) -> None:
        """Do a state's work, again as its Retry says, and go where its Catch says."""
        counts: dict[int, int] = {}
        while True:
            trace.stages.clear()
            retried = sum(counts.values())
            own = _with_retry_count(scope, retried)
            left.attempts = retried + 1
            try:
                exited = self._attempt(state, raw, own, path, trace, retried)
                left.output, left.assigned = exited.output, exited.assigned
                return
            except errors.StatesError as failure:
                retry = next_retry(state.rows("Retry"), failure.error, counts)
                if retry is not None:
                    counts[retry.entry] = counts.get(retry.entry, 0) + 1
                    self._wait(retry.seconds)
                    continue
                self._caught(state, raw, own, failure, trace, left)
                return

    def _attempt(self, state: State, raw: Json, scope: Scope, path: str, trace: flow.Trace, retried: int) -> flow.Exit:
        with _named(state):
            effective = flow.enter(state, raw, scope, trace)
        if state.kind == "Task":
            result = self._task(state, raw, effective, scope, path, retried)
        elif state.kind == "Parallel":
            result = self._parallel(state, effective, scope, path)
        else:
            result = self._map(state, raw, effective, scope, path, trace)
        trace.note("Result", result)
        with _named(state):
            return flow.leave(state, raw, result, scope, trace)

    def _caught(
        self, state: State, raw: Json, scope: Scope, failure: errors.StatesError, trace: flow.Trace, left: _Left
    ) -> None:
        catcher = catcher_of(state.rows("Catch"), failure.error)
        if catcher is None:
            raise failure
        with _named(state):
            exited = flow.catch(state, catcher, raw, failure, scope, trace)
        left.output, left.assigned, left.next = exited.output, exited.assigned, str(catcher.get("Next"))
        left.error, left.cause = failure.error, failure.cause

    def _task(self, state: State, raw: Json, effective: Json, scope: Scope, path: str, retried: int) -> Json:
        with _named(state):
            limit = work.limit_seconds(state, "TimeoutSeconds", raw, effective, scope)
        begin = self.clock.now()
        resource = str(state.fields.get("Resource"))
        # No state is in a Task, so it is the one that was entered last.
        call = TaskCall(state.name, resource, effective, retried, path, scope.context, self.entered - 1)
        try:
            result = self.settings.task(call)
        except errors.StatesError:
            self.answered += 1
            raise
        self.answered += 1
        if limit is not None and (self.clock.now() - begin).total_seconds() > limit:
            raise errors.StatesError(errors.TIMEOUT, None)
        flow.check_size(resource, result, self.settings.max_bytes)
        return result

    def _parallel(self, state: State, effective: Json, scope: Scope, path: str) -> Json:
        branches = state.rows("Branches")

        def run_branch(place: int) -> Json:
            return self._scope(branches[place], effective, scope, f"{path}{state.name}/{place}/")

        return self._side_by_side(len(branches), 0, run_branch)

    def _map(self, state: State, raw: Json, effective: Json, scope: Scope, path: str, trace: flow.Trace) -> Json:
        with _named(state):
            items = work.items_of(state, raw, effective, scope, trace)
            concurrency = work.concurrency_of(state, raw, effective, scope)
        trace.items = len(items)

        def run_item(place: int) -> Json:
            item: Object = {"Item": {"Index": place, "Value": items[place]}}
            own = scope.with_context(Map=item)
            with _named(state):
                value = work.item_input(state, raw, effective, items[place], own)
            return self._begun(lambda: self._scope(state.processor, value, own, f"{path}{state.name}/{place}/"))

        return self._side_by_side(len(items), concurrency, run_item)

    def _begun(self, run_item: Callable[[], Json]) -> Json:
        """Run an item; one of which nothing shows that it has begun leaves no visits."""
        visits, answered = len(self.visits), self.answered
        try:
            return run_item()
        except Unanswered as open_task:
            if not open_task.begun and self.answered == answered:
                del self.visits[visits:]
            raise

    def _side_by_side(self, count: int, concurrency: int, run_one: Callable[[int], Json]) -> Json:
        """Run parts that AWS runs at the same time, `concurrency` of them; each begins when a place becomes free."""
        start = self.clock.now()
        free: list[datetime] = [start] * (concurrency or count)
        results: list[Json] = []
        failures: list[tuple[datetime, int, errors.StatesError]] = []
        ends = [start]
        unanswered: list[Unanswered] = []
        for place in range(count):
            if not free:
                break
            begin = heappop(free)
            if failures and begin >= min(failures)[0]:
                break
            self._stand_at(begin)
            try:
                results.append(run_one(place))
            except errors.StatesError as failure:
                failures.append((self.clock.now(), place, failure))
            except Unanswered as open_task:
                # What it does not give back is its place: an item that waits for one does not begin.
                unanswered.append(open_task)
                continue
            ends.append(self.clock.now())
            heappush(free, self.clock.now())
        if failures:
            moment, _, failure = min(failures)
            self._stand_at(moment)
            raise failure
        if unanswered:
            raise next((row for row in unanswered if row.begun), unanswered[0])
        self._stand_at(max(ends))
        return results

    def _stand_at(self, moment: datetime) -> None:
        """Only a clock that can be moved goes back for the next branch; another one runs them one after another."""
        if isinstance(self.clock, MovedClock):
            self.clock.moment = moment


def _visit_of(
    state: State,
    raw: Json,
    path: str,
    trace: flow.Trace,
    left: _Left,
    times: tuple[datetime, datetime],
    order: int,
) -> Visit:
    return Visit(
        state=state.name,
        kind=state.kind,
        path=path.rstrip("/"),
        input=raw,
        output=left.output,
        error=left.error,
        cause=left.cause,
        next=left.next,
        rule=left.rule,
        attempts=left.attempts,
        stages=tuple(trace.stages),
        entered=times[0],
        exited=times[1],
        order=order,
        left=left.over,
        items=trace.items,
    )


def _with_retry_count(scope: Scope, retried: int) -> Scope:
    return scope.with_context(State={**cast(Object, scope.context["State"]), "RetryCount": retried})


@contextmanager
def _named(state: State) -> Generator[None]:
    """Begin the cause of an error with the state's name, as AWS does."""
    try:
        yield
    except errors.StatesError as failure:
        raise errors.in_state(failure, state.name) from failure
