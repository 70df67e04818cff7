"""AWS: each branch of a Parallel has a context object and variables of its own.

The emulator: all branches share one, so names, task tokens and variables overwrite each other.
"""

from __future__ import annotations

from .edit import Correction, Edit

PARALLEL = Correction(
    name="parallel",
    aws="one context object per branch",
    emulator="all branches share one",
    edits=(
        Edit(
            "ministack.services.stepfunctions",
            """                branch.get("StartAt"),
                effective, execution, ctx)
""",
            """                branch.get("StartAt"),
                effective, execution, copy.deepcopy(ctx))
""",
        ),
    ),
)
