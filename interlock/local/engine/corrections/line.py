"""AWS: each call of a function has a machine of its own.

The emulator: as many processes as there are calls, on one machine: a fan-out of 80 items took 9 GB. The corrected one
lets so many Tasks call a function at a time as the machine can hold, and the others wait in line, before their time
begins. Calls of an HTTP API wait in a line of their own, and are refused with a time to try again after 25 seconds. A
function that nobody called for a while has no process.
"""

from __future__ import annotations

from .edit import Correction, Edit

_GATEWAY = "ministack.services.apigateway"
_RUNTIME = "ministack.core.lambda_runtime"

LINE = Correction(
    name="line",
    aws="a fan-out takes nothing from its neighbours' memory",
    emulator="a process for each call at once, and one for each function for ever",
    edits=(
        Edit(
            "ministack.services.stepfunctions",
            """def _invoke_resource_with_timeout(resource, input_data, timeout):
""",
            """_interlock_line = threading.BoundedSemaphore(int(os.environ.get("INTERLOCK_STEPS_AT_ONCE") or 32))


def _invoke_resource_with_timeout(resource, input_data, timeout):
    with _interlock_line:
        return _interlock_invoke(resource, input_data, timeout)


def _interlock_invoke(resource, input_data, timeout):
""",
        ),
        Edit(
            _GATEWAY,
            """async def _invoke_lambda_proxy(
""",
            """_interlock_calls = asyncio.Semaphore(4 * (os.cpu_count() or 1))
_INTERLOCK_PATIENCE_SECONDS = 25.0


async def _interlock_in_line(function, *args, **named):
    \"\"\"Call a function when it is its turn; None where that does not come in time.\"\"\"
    try:
        await asyncio.wait_for(_interlock_calls.acquire(), _INTERLOCK_PATIENCE_SECONDS)
    except TimeoutError:
        return None
    try:
        return await run_reentrant(function, *args, **named)
    finally:
        _interlock_calls.release()


async def _invoke_lambda_proxy(
""",
        ),
        Edit(
            _GATEWAY,
            """    result = await run_reentrant(lambda_svc._execute_function_with_config_scope, exec_record, event,
                                 thread_name="ministack-apigw-invoke")
    lambda_response, _""",
            """    result = await _interlock_in_line(lambda_svc._execute_function_with_config_scope, exec_record, event,
                                      thread_name="ministack-apigw-invoke")
    if result is None:
        return 503, {"Content-Type": "application/json", "Retry-After": "5"}, b'{"message": "Service Unavailable"}'
    lambda_response, _""",
        ),
        Edit(
            _RUNTIME,
            "or idle < ttl or (i == 0 and not snapstart_version):\n",
            "or idle < ttl or (i == 0 and idle < 10 * ttl and not snapstart_version):\n",
        ),
    ),
)
