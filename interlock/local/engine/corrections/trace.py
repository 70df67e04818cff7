"""AWS: Invoke and StartExecution carry on the trace of their caller, down to the functions they run.

The emulator: ignores the header, so a function traces alone or, without Active tracing, not at all.
"""

from __future__ import annotations

from .edit import Correction, Edit

_RUNTIME = "ministack.core.lambda_runtime"
_LAMBDA = "ministack.services.lambda_svc"
_STATES = "ministack.services.stepfunctions"

TRACE = Correction(
    name="trace",
    aws="X-Amzn-Trace-Id is honoured by Invoke and by StartExecution",
    emulator="it is ignored",
    edits=(
        Edit(
            _RUNTIME,
            """# Seconds a worker gets to exit on SIGTERM before it is SIGKILLed. Paid once per
""",
            """import contextvars as _trace_vars

interlock_trace: _trace_vars.ContextVar = _trace_vars.ContextVar("interlock_trace", default=None)


# Seconds a worker gets to exit on SIGTERM before it is SIGKILLed. Paid once per
""",
        ),
        Edit(
            _LAMBDA,
            """    if invocation_type == "DryRun":
        return 204, {"X-Amz-Executed-Version": executed_version}, b""
""",
            """    if invocation_type == "DryRun":
        return 204, {"X-Amz-Executed-Version": executed_version}, b""
    from ministack.core.lambda_runtime import interlock_trace
    interlock_trace.set(headers.get("x-amzn-trace-id") or headers.get("X-Amzn-Trace-Id") or None)
""",
        ),
        Edit(
            _LAMBDA,
            """    if inbound_trace_header:
        return inbound_trace_header
    mode =""",
            """    from ministack.core.lambda_runtime import interlock_trace
    inbound_trace_header = inbound_trace_header or interlock_trace.get()
    if inbound_trace_header:
        return inbound_trace_header
    mode =""",
        ),
        Edit(
            _STATES,
            """    handler = handlers.get(action)
    if not handler:
        return error_response_json("InvalidAction", f"Unknown action: {action}", 400)
""",
            """    handler = handlers.get(action)
    if not handler:
        return error_response_json("InvalidAction", f"Unknown action: {action}", 400)
    if action in ("StartExecution", "StartSyncExecution"):
        data.setdefault("traceHeader", headers.get("x-amzn-trace-id"))
""",
        ),
        Edit(
            _STATES,
            """        "mockAttempts": {},
        # DescribeStateMachineForExecution reports""",
            """        "mockAttempts": {},
        "traceHeader": data.get("traceHeader"),
        # DescribeStateMachineForExecution reports""",
        ),
        Edit(
            _STATES,
            '''    """Background thread: walk the ASL definition to completion."""
    execution = _executions.get(exec_arn)
    if not execution:
        return
''',
            '''    """Background thread: walk the ASL definition to completion."""
    execution = _executions.get(exec_arn)
    if not execution:
        return
    import secrets as _secrets

    from ministack.core.lambda_runtime import interlock_trace
    if not execution.get("traceHeader"):
        execution["traceHeader"] = (f"Root=1-{int(time.time()):08x}-{_secrets.token_hex(12)};"
                                    f"Parent={_secrets.token_hex(8)};Sampled=1")
    interlock_trace.set(execution["traceHeader"])
''',
        ),
        Edit(
            _STATES,
            """    if execution.get("mapRunArn"):
        result["mapRunArn"] = execution["mapRunArn"]
    return json_response(result)
""",
            """    if execution.get("mapRunArn"):
        result["mapRunArn"] = execution["mapRunArn"]
    if execution.get("traceHeader"):
        result["traceHeader"] = execution["traceHeader"]
    return json_response(result)
""",
        ),
    ),
)
