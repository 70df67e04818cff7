"""The subset of Amazon States Language that a publisher may write, as models of its states.

Source: https://states-language.net/spec.html and the AWS documentation of JSONata and variables. Structure is checked
here; what a graph means (dangling states, loops, expressions) is checked by `interlock.compiler.validate`.
"""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StrictBool

from interlock.contract.core.base import Json, Model

QueryLanguage = Literal["JSONPath", "JSONata"]
MAX_RETRY_ATTEMPTS = 100
"""Ours: Step Functions takes 99,999,999, which is a loop without a bound."""
PAUSED_SUFFIX = " (paused)"
"""How the states end in which a level waits while one of its Tasks is paused (ADR 0024)."""
OWN_VARIABLES = "interlock_stop_"
"""How the variables begin that the compiler adds; a publisher's may not."""
MAX_STATE_NAME = 80 - len(PAUSED_SUFFIX)


class Asl(Model):
    """Fields in Amazon States Language are in PascalCase; comments are allowed everywhere."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=lambda name: "".join(part.capitalize() for part in name.split("_"))
    )
    comment: str | None = None


class Retrier(Asl):
    """One entry of Retry."""

    error_equals: Annotated[tuple[str, ...], Field(min_length=1)]
    interval_seconds: Annotated[int, Field(strict=True, ge=1, le=99_999_999)] = 1
    max_attempts: Annotated[int, Field(strict=True, ge=0)] = 3
    backoff_rate: Annotated[float, Field(strict=True, ge=1.0)] = 2.0
    max_delay_seconds: Annotated[int, Field(strict=True, ge=1, lt=31_622_400)] | None = None
    jitter_strategy: Literal["FULL", "NONE"] = "NONE"


class Catcher(Asl):
    """One entry of Catch."""

    error_equals: Annotated[tuple[str, ...], Field(min_length=1)]
    next: str
    result_path: str | None = "$"
    output: Json = None
    assign: dict[str, Json] | None = None


class State(Asl):
    """What every state may have."""

    query_language: QueryLanguage | None = None
    assign: dict[str, Json] | None = None
    output: Json = None
    input_path: str | None = "$"
    output_path: str | None = "$"


class Flowing(State):
    """A state that goes on: Next or End."""

    next: str | None = None
    end: StrictBool | None = None


class Resulting(Flowing):
    """A state with a result of its own."""

    result_selector: dict[str, Json] | None = None
    result_path: str | None = "$"
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()


class TaskState(Resulting):
    """A call of a step. `heartbeat_*` and `credentials` parse only to be refused with a finding that helps."""

    type: Literal["Task"]
    resource: str
    parameters: Json = None
    arguments: Json = None
    timeout_seconds: int | str | None = None
    timeout_seconds_path: str | None = None
    heartbeat_seconds: Any = None
    heartbeat_seconds_path: Any = None
    credentials: Any = None


class PassState(Flowing):
    """Pass."""

    type: Literal["Pass"]
    parameters: Json = None
    result: Json = None
    result_path: str | None = "$"


class WaitState(Flowing):
    """Wait."""

    type: Literal["Wait"]
    seconds: int | str | None = None
    seconds_path: str | None = None
    timestamp: str | None = None
    timestamp_path: str | None = None


class ChoiceState(State):
    """Choice; the rules stay raw here, because their operators nest."""

    type: Literal["Choice"]
    choices: Annotated[tuple[dict[str, Any], ...], Field(min_length=1)]
    default: str | None = None


class SucceedState(State):
    """Succeed."""

    type: Literal["Succeed"]


class FailState(Asl):
    """Fail."""

    type: Literal["Fail"]
    query_language: QueryLanguage | None = None
    error: str | None = None
    error_path: str | None = None
    cause: str | None = None
    cause_path: str | None = None


class ParallelState(Resulting):
    """Parallel."""

    type: Literal["Parallel"]
    branches: Annotated[tuple["Workflow", ...], Field(min_length=1)]
    parameters: Json = None
    arguments: Json = None


class ProcessorConfig(Asl):
    """Only inline Maps: a distributed one starts executions of its own, which the gate could not know."""

    mode: Literal["INLINE"] = "INLINE"


class Processor(Asl):
    """The states of a Map."""

    processor_config: ProcessorConfig | None = None
    start_at: str
    states: Annotated[dict[str, "AnyState"], Field(min_length=1)]
    query_language: QueryLanguage | None = None


class MapState(Resulting):
    """An inline Map."""

    type: Literal["Map"]
    item_processor: Processor | None = None
    iterator: Processor | None = None
    """The older name of `ItemProcessor`."""
    items: Json = None
    items_path: str | None = None
    item_selector: Json = None
    parameters: Json = None
    """The older name of `ItemSelector`."""
    max_concurrency: int | str | None = None
    max_concurrency_path: str | None = None


AnyState = Annotated[
    TaskState | PassState | WaitState | ChoiceState | SucceedState | FailState | ParallelState | MapState,
    Field(discriminator="type"),
]


class Workflow(Asl):
    """A state machine, or a branch of a Parallel."""

    start_at: str
    states: Annotated[dict[str, AnyState], Field(min_length=1)]
    query_language: QueryLanguage | None = None
    timeout_seconds: Annotated[int, Field(strict=True, ge=1)] | None = None
    version: Literal["1.0"] | None = None
    processor_config: Any = None


ParallelState.model_rebuild()
Processor.model_rebuild()
MapState.model_rebuild()
Workflow.model_rebuild()
