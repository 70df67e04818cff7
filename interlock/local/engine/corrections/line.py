"""AWS: each call of a function has a machine of its own.

The emulator: as many processes as there are calls, on one machine: a fan-out of 80 items took 9 GB. The corrected one
lets so many Tasks call a function at a time as the machine can hold, and the others wait in line, before their time
begins. A function that nobody called for a while has no process.
"""

from __future__ import annotations

from .edit import Correction, Edit

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
            _RUNTIME,
            "or idle < ttl or (i == 0 and not snapstart_version):\n",
            "or idle < ttl or (i == 0 and idle < 10 * ttl and not snapstart_version):\n",
        ),
    ),
)
