"""The errors that Step Functions raises by itself, and which Retry and Catch match them.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from collections.abc import Iterable

ALL = "States.ALL"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"
RUNTIME = "States.Runtime"
DATA_LIMIT = "States.DataLimitExceeded"
QUERY = "States.QueryEvaluationError"
INTRINSIC = "States.IntrinsicFailure"
RESULT_PATH = "States.ResultPathMatchFailure"
NO_CHOICE = "States.NoChoiceMatched"


class StatesError(Exception):
    """An error of a state.

    Attributes:
        error: the name; None where a Fail state has no Error.
        cause: why, as AWS writes it; None where there is none.
        location: the field of a JSONata expression that failed, such as `Output/total`; empty for other errors.
    """

    def __init__(self, error: str | None, cause: str | None = None, location: str = "") -> None:
        """Take the error's name, its cause and the place of a JSONata expression."""
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause
        self.location = location


def runtime(cause: str) -> StatesError:
    """States.Runtime: the execution fails, whatever Retry and Catch say."""
    return StatesError(RUNTIME, cause)


def in_state(failure: StatesError, state: str, event: int | None = None) -> StatesError:
    """The error with the beginning that AWS gives the cause of an error that the service itself raised in a state.

    Args:
        failure: the error.
        state: the state's name.
        event: the id of the event StateEntered, where it is known.
    """
    if failure.cause is None or failure.cause.startswith("An error occurred while executing the state"):
        return failure
    entered = f" (entered at the event id #{event})" if event is not None else ""
    cause = f"An error occurred while executing the state '{state}'{entered}. {failure.cause}"
    return StatesError(failure.error, cause, failure.location)


def too_large(state: str) -> StatesError:
    """States.DataLimitExceeded of a state's or a task's result."""
    cause = (
        f"The state/task '{state}' returned a result with a size exceeding the maximum number of bytes service limit."
    )
    return StatesError(DATA_LIMIT, cause)


def matches(names: Iterable[str], error: str | None) -> bool:
    """Whether the ErrorEquals of a Retry or a Catch matches an error.

    States.Runtime can't be retried or caught at all. States.ALL matches every other error, and States.TaskFailed all of
    those but States.Timeout. The page says that States.ALL does not take States.DataLimitExceeded either; AWS was
    recorded to take it where the result of a Task is too large. Where the output of a state is too large, the state is
    over, so its own Catch is not asked.
    """
    if error == RUNTIME:
        return False
    listed = frozenset(names)
    if error in listed:
        return True
    return ALL in listed or (TASK_FAILED in listed and error != TIMEOUT)
