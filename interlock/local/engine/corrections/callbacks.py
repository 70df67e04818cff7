"""AWS: a function that fails behind `.waitForTaskToken` fails the state, with its error.

The emulator: swallows the error and waits for a token that nobody will ever return.
"""

from __future__ import annotations

from .edit import Correction, Edit

CALLBACK_FAILURE = Correction(
    name="callback_failure",
    aws="the state fails with the function's error",
    emulator="the error is swallowed and the state waits for ever",
    edits=(
        Edit(
            "ministack.services.stepfunctions",
            """            _call_lambda(func_ref, lambda_payload)
        except _ExecutionError:
            pass
""",
            """            _call_lambda(func_ref, lambda_payload)
        except _ExecutionError:
            _task_tokens.pop(token, None)
            raise
""",
        ),
    ),
)
