"""What the tasks of the platform's workflows share."""

import json


def cause(error: dict[str, str]) -> str:
    """What a task said when it failed, without its stack: that is in the function's log."""
    try:
        return str(json.loads(error.get("Cause", ""))["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return error.get("Error", "a task failed")
