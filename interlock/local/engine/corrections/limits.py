"""AWS: HeartbeatSeconds, the machine's TimeoutSeconds and a stop end what waits; one failed branch ends all.

The emulator: ignores both limits, lets a stopped execution's states wait and go on, and a failed one
overwrites ABORTED; a Parallel waits for its other branches, for ever if one waits for a token.
"""

from __future__ import annotations

from .edit import Correction, Edit

_STATES = "ministack.services.stepfunctions"

_HELPERS = '''
_INTERLOCK_ABORTED = "Interlock.EngineAborted"
_interlock_execution: contextvars.ContextVar = contextvars.ContextVar("interlock_execution", default=None)
_interlock_stops: contextvars.ContextVar = contextvars.ContextVar("interlock_stops", default=())
_interlock_timers: dict = {}


def _interlock_stopped():
    execution = _interlock_execution.get()
    return (execution is not None and execution["status"] != "RUNNING") or any(
        stop.is_set() for stop in _interlock_stops.get())


def _interlock_check():
    if _interlock_stopped():
        raise _ExecutionError(_INTERLOCK_ABORTED, "")


def _interlock_release(execution=None, stop=None):
    for info in list(_task_tokens.to_dict().values() if hasattr(_task_tokens, "to_dict") else _task_tokens.values()):
        if (execution is not None and info.get("execution") is execution) or stop in info.get("stops", ()):
            info["event"].set()


def _interlock_time_out(execution):
    if execution["status"] != "RUNNING":
        return
    execution["status"] = "TIMED_OUT"
    execution["stopDate"] = now_iso()
    execution["error"] = "States.Timeout"
    _add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {"error": "States.Timeout"}})
    _emit_execution_status_event(execution)
    _interlock_release(execution=execution)


def _interlock_start_timer(execution, definition):
    seconds = definition.get("TimeoutSeconds")
    if isinstance(seconds, (int, float)):
        timer = threading.Timer(seconds, contextvars.copy_context().run, args=(_interlock_time_out, execution))
        timer.daemon = True
        _interlock_timers[execution["executionArn"]] = timer
        timer.start()


def _interlock_seconds(state_def, raw_input, ctx):
    """The state with its limits as numbers, whether written as numbers, paths or expressions."""
    resolved = dict(state_def)
    for field in ("TimeoutSeconds", "HeartbeatSeconds"):
        if f"{field}Path" in resolved:
            resolved[field] = _resolve_path_or_ctx(resolved[f"{field}Path"], raw_input, ctx)
        elif isinstance(resolved.get(field), str):
            resolved[field] = _jsonata_state_field(state_def, field, "number", raw_input, ctx)
    return resolved


def _interlock_await(token, event, state_def):
    info = _task_tokens.get(token) or {}
    info["execution"], info["stops"] = _interlock_execution.get(), _interlock_stops.get()
    started = time.monotonic()
    limit = started + state_def.get("TimeoutSeconds", 99999999)
    heartbeat = state_def.get("HeartbeatSeconds")
    while not event.is_set():
        if _interlock_stopped():
            break
        beat = info.get("beat", started) + heartbeat if heartbeat else limit
        left = min(limit, beat) - time.monotonic()
        if left > 0:
            event.wait(timeout=min(left, 3600))
            continue
        _task_tokens.pop(token, None)
        if beat < limit:
            raise _ExecutionError("States.HeartbeatTimeout", "")
        raise _ExecutionError("States.Timeout", "")
    if info.get("result") is None and info.get("error") is None:
        _task_tokens.pop(token, None)
        raise _ExecutionError(_INTERLOCK_ABORTED, "")


def _interlock_first_error(errors):
    real = [e for e in errors if e is not None and getattr(e, "error", None) != _INTERLOCK_ABORTED]
    if real:
        raise real[0] if isinstance(real[0], _ExecutionError) else _ExecutionError("States.Runtime", str(real[0]))
    _interlock_check()


def _interlock_join(alive, errors, stop):
    """Wait for all, or until one failed: then the others are told to stop and not waited for."""
    pending = list(alive)
    while pending:
        pending[0].join(0.01)
        pending = [thread for thread in pending if thread.is_alive()]
        if any(error is not None for error in errors):
            stop.set()
            _interlock_release(stop=stop)
            _interlock_first_error(errors)


def _interlock_wait_futures(futures, errors, stop):
    pending = futures
    while pending:
        pending = futures_wait(pending, timeout=0.02).not_done
        if pending and any(error is not None for error in errors):
            stop.set()
            _interlock_release(stop=stop)
            for future in pending:
                future.cancel()
            futures_wait([future for future in pending if not future.cancelled()])
            pending = ()
    _interlock_first_error(errors)


'''

LIMITS = Correction(
    name="limits",
    aws="heartbeat, machine timeout, stop and fail-fast",
    emulator="none of them",
    edits=(
        Edit(
            _STATES,
            "def _fail_execution(execution, error, cause):\n",
            _HELPERS.lstrip("\n")
            + "def _fail_execution(execution, error, cause):\n"
            + '    if execution["status"] != "RUNNING":\n        return\n',
        ),
        Edit(
            _STATES,
            """    try:
        while current_name and execution["status"] == "RUNNING":
""",
            """    _interlock_execution.set(execution)
    _interlock_stops.set(())
    _interlock_start_timer(execution, definition)
    try:
        while current_name and execution["status"] == "RUNNING":
""",
        ),
        Edit(
            _STATES,
            """    if execution.get("sync"):
        return
    status = execution["status"]
""",
            """    over = execution["status"] != "RUNNING"
    timer = _interlock_timers.pop(execution["executionArn"], None) if over else None
    if timer is not None:
        timer.cancel()
    if execution.get("sync"):
        return
    status = execution["status"]
""",
        ),
        Edit(
            _STATES,
            """    query_language = _state_query_language(state_def, ctx)

    # SFN mock config""",
            """    query_language = _state_query_language(state_def, ctx)
    state_def = _interlock_seconds(state_def, raw_input, ctx)

    # SFN mock config""",
        ),
        Edit(
            _STATES,
            """    timeout = state_def.get("TimeoutSeconds", 99999)
    if not evt.wait(timeout=timeout):
        _task_tokens.pop(token, None)
        raise _ExecutionError("States.Timeout",
                              "Task timed out waiting for callback")
""",
            """    _interlock_await(token, evt, state_def)
""",
        ),
        Edit(
            _STATES,
            """    info["heartbeat"] = now_iso()
""",
            """    info["heartbeat"] = now_iso()
    info["beat"] = time.monotonic()
""",
        ),
        Edit(
            _STATES,
            """    execution["error"] = data.get("error")
    execution["cause"] = data.get("cause")
    _add_event(execution, "ExecutionAborted", {
""",
            """    execution["error"] = data.get("error")
    execution["cause"] = data.get("cause")
    _interlock_release(execution=execution)
    _add_event(execution, "ExecutionAborted", {
""",
        ),
        Edit(
            _STATES,
            """    scaled = seconds * _SFN_WAIT_SCALE
    if scaled > 0:
        time.sleep(scaled)
""",
            """    until = time.monotonic() + seconds * _SFN_WAIT_SCALE
    while (left := until - time.monotonic()) > 0:
        _interlock_check()
        time.sleep(min(left, 0.25))
""",
        ),
        Edit(
            _STATES,
            """    if "States.ALL" in error_equals or error in error_equals:
        return True
""",
            """    if error == _INTERLOCK_ABORTED:
        return False
    if "States.ALL" in error_equals or error in error_equals:
        return True
""",
        ),
        Edit(
            _STATES,
            """            raise _ExecutionError(
                "States.Runtime", f"State '{current_name}' not found")

        state_type = state_def.get("Type")
""",
            """            raise _ExecutionError(
                "States.Runtime", f"State '{current_name}' not found")
        _interlock_check()

        state_type = state_def.get("Type")
""",
        ),
        Edit(
            _STATES,
            """    threads = [
        threading.Thread(
            target=contextvars.copy_context().run,
            args=(run_branch, i, b),
            daemon=True,
        )
        for i, b in enumerate(branches)
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
""",
            """    stop = threading.Event()
    outer = _interlock_stops.set((*_interlock_stops.get(), stop))
    threads = [
        threading.Thread(
            target=contextvars.copy_context().run,
            args=(run_branch, i, b),
            daemon=True,
        )
        for i, b in enumerate(branches)
    ]
    _interlock_stops.reset(outer)
    for t in threads:
        t.start()
    _interlock_join(threads, errors, stop)
""",
        ),
        Edit(
            _STATES,
            """    workers = max_conc if max_conc > 0 else (len(items) or 1)
    # ThreadPoolExecutor workers do not inherit""",
            """    workers = max_conc if max_conc > 0 else (len(items) or 1)
    stop = threading.Event()
    outer = _interlock_stops.set((*_interlock_stops.get(), stop))
    # ThreadPoolExecutor workers do not inherit""",
        ),
        Edit(
            _STATES,
            """        futures_wait(futs)

    for err in errors:
""",
            """        _interlock_stops.reset(outer)
        _interlock_wait_futures(futs, errors, stop)

    for err in errors:
""",
        ),
    ),
)
