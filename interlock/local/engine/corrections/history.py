"""AWS: events of all states, also inside Parallel and Map, each with the event that led to it.

The emulator: no previousEventId, no LambdaFunction*, TaskStarted or TaskSubmitted events, nothing of
the states inside Parallel and Map, ids that collide when branches write at the same time, an EnteredTime that
may be a millisecond before that of the event, and events of a branch after another one failed, also after the end.
"""

from __future__ import annotations

from .edit import Correction, Edit

_STATES = "ministack.services.stepfunctions"

_HELPERS = '''
_interlock_prev: contextvars.ContextVar = contextvars.ContextVar("interlock_prev", default=0)
_interlock_ends: contextvars.ContextVar = contextvars.ContextVar("interlock_ends", default=None)
_interlock_event_lock = threading.Lock()


def _interlock_is_stopped(execution, event_type):
    """Whether the execution is over or the branch was stopped: what a function does then is not written."""
    if event_type.startswith("Execution"):
        return False
    stops = globals().get("_interlock_stops")
    branch = stops is not None and any(stop.is_set() for stop in stops.get())
    return execution["status"] != "RUNNING" or (branch and not event_type.endswith("Aborted"))


def _interlock_entered(execution, ctx, state_type, name, value):
    """Enter a state. Its EnteredTime is the time of its event: by it a record finds its visit in the history."""
    event = _add_event(execution, f"{state_type}StateEntered", {
        "stateEnteredEventDetails": {"name": name, "input": json.dumps(value)}})
    ctx["State"] = {"Name": name, "EnteredTime": event["timestamp"], "RetryCount": 0}


def _interlock_kind(resource):
    """The resourceType and resource that AWS writes for an integration's ARN."""
    service, _, action = resource.removeprefix("arn:aws:states:::").rpartition(":")
    return {"resourceType": service or "states", "resource": action or resource}


def _interlock_scheduled(execution, resource, effective, state_def):
    parameters = json.dumps(effective)
    limits = {}
    for field, name in (("TimeoutSeconds", "timeoutInSeconds"), ("HeartbeatSeconds", "heartbeatInSeconds")):
        if isinstance(state_def.get(field), (int, float)):
            limits[name] = int(state_def[field])
    if ":function:" in resource:
        _add_event(execution, "LambdaFunctionScheduled", {
            "lambdaFunctionScheduledEventDetails": {"resource": resource, "input": parameters, **limits}})
        _add_event(execution, "LambdaFunctionStarted")
        return
    kind = _interlock_kind(resource)
    _add_event(execution, "TaskScheduled", {
        "taskScheduledEventDetails": {**kind, "region": get_region(), "parameters": parameters, **limits}})
    _add_event(execution, "TaskStarted", {"taskStartedEventDetails": kind})


def _interlock_ended(execution, resource, outcome, details):
    if ":function:" in resource:
        _add_event(execution, f"LambdaFunction{outcome}", {f"lambdaFunction{outcome}EventDetails": details})
        return
    _add_event(execution, f"Task{outcome}", {f"task{outcome}EventDetails": {**_interlock_kind(resource), **details}})


def _interlock_traced(execution, ctx, kind, attempt):
    """Run a Parallel or Map attempt between its Started and its Succeeded or Failed event."""
    ends: list = []
    scope = _interlock_ends.set((kind, ctx["State"]["Name"], ends))
    if kind == "Parallel":
        _add_event(execution, "ParallelStateStarted")
    try:
        result = attempt()
    except _ExecutionError as failure:
        # What the state itself evaluates fails after its parts: EvaluationFailed is the last event then.
        if ends and getattr(failure, "evaluated", None) != ctx["State"]["Name"]:
            _interlock_prev.set(ends[-1])
        _add_event(execution, f"{kind}StateFailed")
        raise
    finally:
        _interlock_ends.reset(scope)
    _interlock_prev.set(ends[-1] if ends else _interlock_prev.get())
    _add_event(execution, f"{kind}StateSucceeded")
    return result


def _run_sub_machine(states, start_at, input_data, execution, ctx):
    kind, name, ends = _interlock_ends.get() or ("", "", [])
    index = ((ctx.get("Map") or {}).get("Item") or {}).get("Index", 0)

    def iteration(outcome):
        if kind == "Map":
            _add_event(execution, f"MapIteration{outcome}", {
                f"mapIteration{outcome}EventDetails": {"name": name, "index": index}})

    iteration("Started")
    try:
        result = _interlock_sub_machine(states, start_at, input_data, execution, ctx)
    except Exception as failure:
        aborted = getattr(failure, "error", "") == "Interlock.EngineAborted"
        iteration("Aborted" if aborted else "Failed")
        ends.append(_interlock_prev.get())
        raise
    iteration("Succeeded")
    ends.append(_interlock_prev.get())
    return result


'''

_DEF = "def _run_sub_machine(states, start_at, input_data, execution, ctx):\n"

HISTORY = Correction(
    name="history",
    aws="one event per thing that happened, each with its predecessor",
    emulator="no predecessors, nothing from inside Parallel and Map",
    edits=(
        Edit(
            _STATES,
            """    event = {
        "id": len(execution["events"]) + 1,
        "type": event_type,
        "timestamp": now_iso(),
    }
    if details:
        event.update(details)
    execution["events"].append(event)
    return event
""",
            """    if _interlock_is_stopped(execution, event_type):
        raise _ExecutionError("Interlock.EngineAborted", "")
    for entry in (details or {}).values():
        for payload in ("input", "output"):
            if payload in entry:
                entry.setdefault(f"{payload}Details", {"truncated": False})
    with _interlock_event_lock:
        event = {
            "id": len(execution["events"]) + 1,
            "previousEventId": _interlock_prev.get(),
            "type": event_type,
            "timestamp": now_iso(),
        }
        if details:
            event.update(details)
        execution["events"].append(event)
    _interlock_prev.set(event["id"])
    return event
""",
        ),
        Edit(
            _STATES,
            """            ctx["State"] = {"Name": current_name, "EnteredTime": now_iso(), "RetryCount": 0}
            state_type = state_def.get("Type")

            _add_event(execution, f"{state_type}StateEntered", {
                "stateEnteredEventDetails": {
                    "name": current_name,
                    "input": json.dumps(current_input),
                },
            })
""",
            """            state_type = state_def.get("Type")
            _interlock_entered(execution, ctx, state_type, current_name, current_input)
""",
        ),
        Edit(_STATES, _DEF, _HELPERS.lstrip("\n") + _DEF.replace("_run_sub_machine", "_interlock_sub_machine")),
        Edit(
            _STATES,
            """    ctx = {
        "QueryLanguage": definition.get("QueryLanguage", "JSONPath"),
        "Execution": {
            "Id": exec_arn,
""",
            """    _interlock_prev.set(0)
    ctx = {
        "QueryLanguage": definition.get("QueryLanguage", "JSONPath"),
        "Execution": {
            "Id": exec_arn,
""",
        ),
        Edit(
            _STATES,
            """            return _apply_output_path(state_def,
                                      _apply_input_path(state_def, current_input, ctx), ctx)
        if state_type == "Fail":
            raise _ExecutionError(*_fail_state_error(state_def, current_input, ctx))

        handler_fn = {
""",
            """            result = _apply_output_path(state_def,
                                      _apply_input_path(state_def, current_input, ctx), ctx)
            _add_event(execution, "SucceedStateExited", {
                "stateExitedEventDetails": {"name": current_name, "output": json.dumps(result)}})
            return result
        if state_type == "Fail":
            raise _ExecutionError(*_fail_state_error(state_def, current_input, ctx))

        state_name = current_name
        handler_fn = {
""",
        ),
        Edit(
            _STATES,
            """        ctx["State"] = {"Name": current_name, "EnteredTime": now_iso(), "RetryCount": 0}

        if state_type == "Succeed":
""",
            """        _interlock_entered(execution, ctx, state_type, current_name, current_input)

        if state_type == "Succeed":
""",
        ),
        Edit(
            _STATES,
            """            current_input, current_name = handler_fn(
                state_def, current_input, ctx)

    return current_input
""",
            """            current_input, current_name = handler_fn(
                state_def, current_input, ctx)
        _add_event(execution, f"{state_type}StateExited", {
            "stateExitedEventDetails": {"name": state_name, "output": json.dumps(current_input)}})

    return current_input
""",
        ),
        Edit(
            _STATES,
            """            _add_event(execution, "TaskScheduled", {
                "taskScheduledEventDetails": {
                    "resourceType": "lambda" if "lambda" in resource else "states",
                    "resource": resource,
                },
            })
""",
            """            _interlock_scheduled(execution, resource, effective, state_def)
""",
        ),
        Edit(
            _STATES,
            """            _add_event(execution, "TaskSucceeded", {
                "taskSucceededEventDetails": {
                    "output": json.dumps(task_result),
                    "resource": resource,
                },
            })
""",
            """            _interlock_ended(execution, resource, "Succeeded", {"output": json.dumps(task_result)})
""",
        ),
        Edit(
            _STATES,
            """            _add_event(execution, "TaskFailed", {
                "taskFailedEventDetails": {
                    "error": err.error, "cause": err.cause,
                    "resource": resource,
                },
            })
""",
            """            if err.error != "Interlock.EngineAborted" and not hasattr(err, "evaluated"):
                _interlock_ended(
                    execution, resource, "TimedOut" if err.error == "States.Timeout" else "Failed",
                    {"error": err.error, "cause": err.cause})
""",
        ),
        Edit(
            _STATES,
            """                task_result = _invoke_with_callback(
                    resource, effective, ctx["Task"]["Token"], state_def)
""",
            """                task_result = _invoke_with_callback(
                    resource, effective, ctx["Task"]["Token"], {**state_def, "interlockExecution": execution})
""",
        ),
        Edit(
            _STATES,
            """                        "the generic arn:aws:states:::aws-sdk:<service>:<action> "
                        "form, or open an issue for this optimized integration.",
                    )
        except _ExecutionError:
            _task_tokens.pop(token, None)
            raise
""",
            """                        "the generic arn:aws:states:::aws-sdk:<service>:<action> "
                        "form, or open an issue for this optimized integration.",
                    )
        except _ExecutionError:
            _task_tokens.pop(token, None)
            raise

    if "interlockExecution" in state_def:
        _add_event(state_def["interlockExecution"], "TaskSubmitted", {
            "taskSubmittedEventDetails": {**_interlock_kind(resource), "output": "{}"}})
""",
        ),
        Edit(
            _STATES,
            """        lambda: _run_parallel_branches(state_def, raw_input, execution, ctx))
""",
            """        lambda: _interlock_traced(
            execution, ctx, "Parallel", lambda: _run_parallel_branches(state_def, raw_input, execution, ctx)))
""",
        ),
        Edit(
            _STATES,
            """        lambda: _run_map_items(state_def, raw_input, execution, ctx))
""",
            """        lambda: _interlock_traced(
            execution, ctx, "Map", lambda: _run_map_items(state_def, raw_input, execution, ctx)))
""",
        ),
        Edit(
            _STATES,
            """    iter_states = iterator.get("States", {})
    iter_start = iterator.get("StartAt")
""",
            """    _add_event(execution, "MapStateStarted", {"mapStateStartedEventDetails": {"length": len(items)}})
    iter_states = iterator.get("States", {})
    iter_start = iterator.get("StartAt")
""",
        ),
    ),
)
