"""AWS: nothing that runs is cut when somebody stops looking.

The emulator: ends in the middle of a step when it is told to stop. The corrected one begins nothing new, lets the steps
at work end, saves, and then closes its port (`interlock/local/engine/journal/stop.py`).
"""

from __future__ import annotations

from .edit import Correction, Edit

STOPPING = Correction(
    name="stopping",
    aws="a step that is at work ends, and what it did is known",
    emulator="ends at once, in the middle of a step",
    edits=(
        Edit(
            "ministack.app",
            """        try:
            asyncio.run(hypercorn_serve(app, config))
        except OSError:
""",
            """        try:
            import interlock_journal
            asyncio.run(hypercorn_serve(app, config, shutdown_trigger=interlock_journal.stop.requested))
        except OSError:
""",
        ),
        Edit(
            "ministack.services.lambda_svc",
            """        processed = False
        _esm_wake.clear()
""",
            """        processed = False
        import interlock_journal
        interlock_journal.hold()
        _esm_wake.clear()
""",
        ),
        Edit(
            "ministack.services.stepfunctions",
            """def _add_event(execution, event_type, details=None):
""",
            """def _add_event(execution, event_type, details=None):
    if event_type.endswith("StateEntered"):
        import interlock_journal
        interlock_journal.hold()
""",
        ),
        Edit(
            "ministack.services.stepfunctions",
            """def _invoke_resource(resource, input_data):
""",
            """def _invoke_resource(resource, input_data):
    import interlock_journal
    interlock_journal.hold()
""",
        ),
    ),
)
