"""An execution goes on as another one, before its history is too long for Step Functions."""

from collections.abc import Mapping

from interlock.aws.services import step_functions
from interlock.contract.core.base import Json
from interlock.contract.core.failure import Conflict

AGAIN = "-again-"


def begin_anew(machine: str, execution: str, value: Mapping[str, Json]) -> dict[str, Json]:
    """Start the next execution of a machine; once, however often it is called.

    Args:
        machine: the machine's ARN.
        execution: the name of the execution that ends here.
        value: the next one's input.
    """
    first, _, number = execution.partition(AGAIN)
    name = f"{first}{AGAIN}{int(number or 0) + 1}"
    try:
        step_functions.start(machine, name, dict(value))
    except Conflict:
        # It was started before, and is over already.
        return {"execution": name}
    return {"execution": name}
