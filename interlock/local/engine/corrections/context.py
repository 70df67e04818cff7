"""AWS: the context object has Execution.RedriveCount and RoleArn, and every attempt its own task token.

The emulator: lacks both fields (a path to one gives null), and reuses one token for all retries.
"""

from __future__ import annotations

from .edit import Correction, Edit

_STATES = "ministack.services.stepfunctions"

CONTEXT = Correction(
    name="context",
    aws="$$.Execution.RedriveCount is 0 at first; a retried callback has a new token",
    emulator="RedriveCount is null; one token for all attempts",
    edits=(
        Edit(
            _STATES,
            """            "StartTime": execution["startDate"],
        },
        "StateMachine": {
            "Id": execution["stateMachineArn"],
""",
            """            "StartTime": execution["startDate"],
            "RedriveCount": 0,
            "RoleArn": sm["roleArn"],
        },
        "StateMachine": {
            "Id": execution["stateMachineArn"],
""",
        ),
        Edit(
            _STATES,
            """        ctx["State"]["RetryCount"] = sum(retry_counts.values())
        if query_language != "JSONata":
""",
            """        ctx["State"]["RetryCount"] = sum(retry_counts.values())
        if is_callback:
            ctx["Task"] = {"Token": new_uuid()}
        if query_language != "JSONata":
""",
        ),
    ),
)
