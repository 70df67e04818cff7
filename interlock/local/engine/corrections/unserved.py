"""AWS has distributed Maps and TestState. Here they are refused: nothing is green that AWS may do otherwise.

The emulator: it runs both with an evaluator of its own, for which `interlock.asl` does not stand in. The compiler
refuses a distributed Map, and `interlock state test` is TestState with the evaluator of this platform.
"""

from __future__ import annotations

from .edit import Correction, Edit

_STATES = "ministack.services.stepfunctions"

UNSERVED = Correction(
    name="unserved",
    aws="a distributed Map starts child executions; TestState evaluates a state as an execution does",
    emulator="both by an evaluator of its own, for which a path to nothing is null",
    edits=(
        Edit(
            _STATES,
            """        return _run_distributed_map(state_def, raw_input, effective, iterator, execution, ctx)
""",
            """        raise _ExecutionError(
            "States.Runtime", "The local engine has no distributed Map: write an inline Map.")
""",
        ),
        Edit(
            _STATES,
            """        "TestState": _test_state,
""",
            """        "TestState": lambda _data: error_response_json(
            "UnsupportedOperation", "The local engine has no TestState: interlock state test FILE STATE", 400),
""",
        ),
    ),
)
