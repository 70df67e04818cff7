"""Puts `interlock.asl` in the place of the emulator's own evaluation of states.

The emulator keeps what it does around it: threads, retries, callbacks, history. Each function here has the signature of
the one in the emulator's module that it replaces, or of the one that an edit of `evaluator.py` calls.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar, cast

from interlock.asl import errors, flow, work
from interlock.asl.scope import Scope
from interlock.asl.state import State
from interlock.asl.values import Json, text_of

from .waits import waited_seconds

Raw = dict[str, Any]
Result = TypeVar("Result")
EVALUATED = "evaluated"
"""The attribute of an error that evaluation raised: the name of the state. The corrected history reads it."""
ABORTED = "Interlock.EngineAborted"
CONTEXT_FIELDS = ("Execution", "State", "StateMachine", "Task", "Map")
"""What AWS has in the context object; the emulator keeps more in its own."""
TIMES = frozenset(("Timestamp", "TimestampPath"))
"""Fields of a Wait whose deadline is a time, and so its own already."""
WORKING = ("Task", "Parallel", "Map")

_entered: ContextVar[int | None] = ContextVar("interlock_entered", default=None)
"""The id of the event StateEntered of the state that runs here."""
_before: ContextVar[int] = ContextVar("interlock_before", default=0)
"""The id of the event before that one."""
_assigned: ContextVar[Raw | None] = ContextVar("interlock_assigned", default=None)
"""What the state that runs here has assigned."""
_oversized: ContextVar[errors.StatesError | None] = ContextVar("interlock_oversized", default=None)
"""The error of the state that ends here with too large an output; its own Catch is not asked."""


def bind(module: Raw) -> None:
    """Replace the evaluation in the globals of the emulator's module."""
    seam = Seam(module)
    module.update(
        _execute_pass=seam.execute_pass,
        _execute_choice=seam.execute_choice,
        _execute_wait=seam.execute_wait,
        _fail_state_error=seam.fail_state_error,
        _apply_input_path=seam.succeed,
        _apply_output_path=seam.after_succeed,
        _apply_catcher=seam.apply_catcher,
        _error_matches=seam.error_matches,
        _interlock_enter=seam.enter,
        _interlock_leave=seam.leave,
        _interlock_items=seam.items,
        _interlock_item=seam.item,
        _interlock_seconds=seam.limits,
        _invoke_resource=partial(seam.checked, module["_invoke_resource"]),
        _invoke_with_callback=partial(seam.checked, module["_invoke_with_callback"]),
        _add_event=partial(seam.add_event, module["_add_event"]),
    )


class Seam:
    """The functions, and the emulator's module that they belong to."""

    def __init__(self, module: Raw) -> None:
        """Take the globals of the module."""
        self.module = module

    def enter(self, state_def: Raw, raw_input: Json, ctx: Raw) -> Json:
        """The effective input of a Task or a Parallel."""
        state = _state(state_def, ctx)
        return self._guarded(state.name, lambda: flow.enter(state, raw_input, _scope(state, ctx)))

    def leave(self, state_def: Raw, raw_input: Json, result: Json, ctx: Raw) -> Json:
        """The output of a Task, a Parallel or a Map; its variables are set."""
        state = _state(state_def, ctx)
        return self._exit(state, ctx, lambda scope: flow.leave(state, raw_input, result, scope))

    def execute_pass(self, state_def: Raw, raw_input: Json, ctx: Raw) -> tuple[Json, str | None]:
        """Run a Pass."""
        state = _state(state_def, ctx)

        def passed(scope: Scope) -> flow.Exit:
            effective = flow.enter(state, raw_input, scope)
            return flow.leave(state, raw_input, flow.pass_result(state, effective), scope)

        return self._exit(state, ctx, passed), state.next

    def execute_choice(self, state_def: Raw, raw_input: Json, ctx: Raw) -> tuple[Json, str | None]:
        """Run a Choice."""
        state = _state(state_def, ctx)
        ways: list[work.Way] = []

        def chosen(scope: Scope) -> flow.Exit:
            effective = flow.enter(state, raw_input, scope)
            ways.append(work.choose(state, raw_input, effective, scope))
            return flow.pass_on(state, raw_input, effective, scope, ways[0].fields)

        return self._exit(state, ctx, chosen), ways[0].next

    def execute_wait(self, state_def: Raw, raw_input: Json, ctx: Raw) -> tuple[Json, str | None]:
        """Run a Wait."""
        state, scope = _state(state_def, ctx), _scope(_state(state_def, ctx), ctx)

        def seconds() -> float:
            effective = flow.enter(state, raw_input, scope)
            return work.wait_seconds(state, raw_input, effective, scope, datetime.now(UTC))

        wanted = self._guarded(state.name, seconds)
        execution = self._execution()
        if execution is not None and not TIMES.intersection(state_def):
            wanted = max(0.0, wanted - waited_seconds(self.module["_executions"], execution, state.name))
        self.module["_scaled_sleep"](wanted)

        def waited(scope: Scope) -> flow.Exit:
            return flow.pass_on(state, raw_input, flow.enter(state, raw_input, scope), scope)

        return self._exit(state, ctx, waited), state.next

    def succeed(self, state_def: Raw, data: Json, ctx: Raw) -> Json:
        """The output of a Succeed; the emulator calls it for InputPath, and `after_succeed` for OutputPath."""
        state = _state(state_def, ctx)

        def succeeded(scope: Scope) -> flow.Exit:
            return flow.pass_on(state, data, flow.enter(state, data, scope), scope)

        return self._exit(state, ctx, succeeded)

    @staticmethod
    def after_succeed(state_def: Raw, data: Json, ctx: Raw) -> Json:
        """What `succeed` gave."""
        return data

    def fail_state_error(self, state_def: Raw, raw_input: Json, ctx: Raw) -> tuple[str | None, str | None]:
        """The error and the cause of a Fail."""
        state = _state(state_def, ctx)
        failure = self._guarded(state.name, lambda: work.failure_of(state, raw_input, _scope(state, ctx)))
        return failure.error, failure.cause

    def items(self, state_def: Raw, raw_input: Json, ctx: Raw) -> tuple[Json, list[Json], int]:
        """The effective input of a Map, its items, and how many of them run at a time."""
        state, scope = _state(state_def, ctx), _scope(_state(state_def, ctx), ctx)

        def listed() -> tuple[Json, list[Json], int]:
            effective = flow.enter(state, raw_input, scope)
            items = work.items_of(state, raw_input, effective, scope)
            return effective, items, work.concurrency_of(state, raw_input, effective, scope)

        return self._guarded(state.name, listed)

    def item(self, state_def: Raw, raw_input: Json, effective: Json, item: Json, item_ctx: Raw) -> Json:
        """The input of an item's states."""
        state = _state(state_def, item_ctx)
        scope = _scope(state, item_ctx)
        return self._guarded(state.name, lambda: work.item_input(state, raw_input, effective, item, scope))

    def limits(self, state_def: Raw, raw_input: Json, ctx: Raw) -> Raw:
        """A Task with its limits as numbers, whether written as numbers, paths or expressions."""
        state, scope, limited = _state(state_def, ctx), _scope(_state(state_def, ctx), ctx), dict(state_def)
        for name in ("TimeoutSeconds", "HeartbeatSeconds"):
            read = partial(work.limit_seconds, state, name, raw_input, raw_input, scope)
            seconds = self._guarded(state.name, read)
            if seconds is not None:
                limited[name] = seconds
        return limited

    def apply_catcher(self, catcher: Raw, raw_input: Json, ctx: Raw, query_language: str, error_output: Raw) -> Json:
        """The output of a state whose Catch took an error; the catcher's variables are set."""
        state = State(ctx["State"]["Name"], {"Type": "Task"}, query_language)
        failure = errors.StatesError(error_output["Error"], error_output["Cause"])
        return self._exit(state, ctx, lambda scope: flow.catch(state, catcher, raw_input, failure, scope))

    @staticmethod
    def error_matches(error_equals: list[str], error: str | None) -> bool:
        """Whether Retry or Catch takes an error; a stopped execution is not retried."""
        return error != ABORTED and errors.matches(error_equals, error)

    def checked(self, call: Callable[..., Json], resource: str, *values: Any) -> Json:
        """Call a Task's resource and refuse a result that is too large."""
        result = call(resource, *values)
        # An integration is named by its service: `lambda` of arn:aws:states:::lambda:invoke.
        name = resource.partition(":::")[2].partition(":")[0] or resource
        try:
            flow.check_size(name, result)
        except errors.StatesError as failure:
            raise self.module["_ExecutionError"](failure.error, failure.cause) from failure
        return result

    def add_event(self, add: Callable[..., Raw], execution: Raw, event_type: str, details: Raw | None = None) -> Raw:
        """Write an event, with the variables of a state that ends, and without the parts that are absent."""
        exited = event_type.endswith("StateExited")
        failure = _oversized.get() if exited else None
        if failure is not None:
            _oversized.set(None)
            raise self.module["_ExecutionError"](failure.error, failure.cause)
        assigned = _assigned.get() if exited else None
        for part in (details or {}).values():
            for name in [name for name in ("error", "cause") if part.get(name, "") is None]:
                del part[name]
            if assigned and "output" in part:
                part["assignedVariables"] = {name: text_of(value) for name, value in assigned.items()}
                part["assignedVariablesDetails"] = {"truncated": False}
        event = add(execution, event_type, details)
        if event_type.endswith("StateEntered"):
            _entered.set(event["id"])
            _before.set(event.get("previousEventId", 0))
            _assigned.set(None)
        return event

    def _exit(self, state: State, ctx: Raw, act: Callable[[Scope], flow.Exit]) -> Json:
        left = self._guarded(state.name, lambda: act(_scope(state, ctx)))
        try:
            flow.check_size(state.name, left.output)
        except errors.StatesError as failure:
            _oversized.set(errors.in_state(failure, state.name, _entered.get()))
        ctx.setdefault("variables", {}).update(left.assigned)
        _assigned.set(left.assigned)
        return left.output

    def _guarded(self, name: str, act: Callable[[], Result]) -> Result:
        """Do something; an error of the language becomes one of the emulator's, named and written as AWS does."""
        try:
            return act()
        except errors.StatesError as failure:
            named = errors.in_state(failure, name, _entered.get())
            if named.location:
                self._write_evaluation_failed(name, named)
            raised = self.module["_ExecutionError"](named.error, named.cause)
            setattr(raised, EVALUATED, name)
            raise raised from failure

    def _execution(self) -> Raw | None:
        variable = self.module.get("_interlock_execution")
        return variable.get() if variable is not None else None

    def _write_evaluation_failed(self, name: str, failure: errors.StatesError) -> None:
        execution = self._execution()
        if execution is None:
            return
        # AWS chains it to what was before the state was entered, where nothing has happened in the state since.
        last = self.module.get("_interlock_prev")
        if last is not None and last.get() == _entered.get():
            last.set(_before.get())
        details = {"error": failure.error, "cause": failure.cause, "location": failure.location, "state": name}
        self.module["_add_event"](execution, "EvaluationFailed", {"evaluationFailedEventDetails": details})


def _state(state_def: Raw, ctx: Raw) -> State:
    language = state_def.get("QueryLanguage") or ctx.get("QueryLanguage", "JSONPath")
    return State(ctx["State"]["Name"], state_def, str(language))


def _scope(state: State, ctx: Raw) -> Scope:
    context: Raw = {name: ctx[name] for name in CONTEXT_FIELDS if name in ctx}
    if state.kind not in WORKING:
        context["State"] = {name: value for name, value in context["State"].items() if name != "RetryCount"}
    return Scope(context, cast(Raw, ctx.get("variables") or {}))
