"""What a step asks a language model (`ctx.model`), what it gets, and by which names a call fails (ADR 0036).

The shape is that of Bedrock's Converse, less what a step has no use for:
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Literal, cast

from pydantic import Field, StringConstraints

from interlock.contract.core import limits
from interlock.contract.core.base import Document, Json, Model
from interlock.contract.core.failure import Failure, PermanentError, RetryableError, StepFailure

SCOPE = "model"
MICRO = 1_000_000
"""Prices are in dollars for so many tokens, and counters count millionths of a dollar."""


class ModelError(StrEnum):
    """The errors of `ctx.model.converse`. Retry and Catch may use these names."""

    NOT_CONFIGURED = "ModelNotConfigured"
    """The operator has configured no language model for this deployment."""
    TIMEOUT = "ModelTimeout"
    """The model did not answer in time; a Retry may help, and so does a smaller `max_tokens`."""
    THROTTLED = "ModelThrottled"
    """The model's service refused the call because there are too many; a Retry may help."""
    UNAVAILABLE = "ModelUnavailable"
    """The model's service did not answer, or failed; a Retry may help."""
    REFUSED = "ModelRefused"
    """A content filter or the model itself refused to answer; a Retry does not help."""
    MALFORMED = "ModelAnswerMalformed"
    """The answer is not what the service documents, or does not match the schema of the call; a Retry may help."""
    TOO_LARGE = "ModelPromptTooLarge"
    """The prompt is larger than the platform or the model takes."""
    REJECTED = "ModelCallRejected"
    """The model's service does not accept the call: wrong credentials, an unknown model, or a parameter."""
    BUDGET = "ModelBudgetExceeded"
    """The tenant's budget of this month is spent."""
    TOKENS = "ModelTokensExceeded"
    """The tenant, or the install, has used up its tokens of this day."""
    PRICE = "ModelPriceUnknown"
    """The tenant has a budget, and the operator has set no price for the model, so that it cannot be held."""
    CALLS = "ModelCallsExceeded"
    """The run has made as many calls of the model as a run may."""
    NO_ANSWER = "ModelNotAnswered"
    """A golden test has no answer for the call: no trial calls a real model."""


RETRYABLE = frozenset({ModelError.TIMEOUT, ModelError.THROTTLED, ModelError.UNAVAILABLE, ModelError.MALFORMED})


class ModelFailure(Failure):
    """A call of a language model failed; `error` is the name that the step gets."""

    status = 502
    default_code = "model-failed"

    def __init__(self, error: ModelError, what: str, *, next_step: str = "") -> None:
        """Store the member of `ModelError`; the code is its name."""
        super().__init__(what, where="ctx.model", next_step=next_step, code=error.value)
        self.error = error


def step_failure(failure: Failure) -> Failure:
    """What a step raises for a failed call: an error named by `ModelError` where the code is one of these names."""
    known = {error.value: error for error in ModelError}
    error = known.get(failure.code)
    if error is None:
        return failure
    kind: type[StepFailure] = RetryableError if error in RETRYABLE else PermanentError
    return kind(failure.what, name=error.value, where=failure.where, next_step=failure.next_step)


class Message(Model):
    """One turn of a conversation."""

    role: Literal["user", "assistant"] = "user"
    text: Annotated[str, StringConstraints(min_length=1, max_length=limits.MODEL_PROMPT_BYTES)]


class ModelRequest(Model):
    """One call. All its text together has at most limits.MODEL_PROMPT_BYTES."""

    messages: Annotated[tuple[Message, ...], Field(min_length=1, max_length=limits.MODEL_MESSAGES)]
    system: Annotated[str, StringConstraints(max_length=limits.MODEL_PROMPT_BYTES)] = ""
    max_tokens: Annotated[int, Field(ge=1, le=limits.MODEL_TOKENS)] = 1_024
    temperature: Annotated[float, Field(ge=0, le=1)] | None = None
    answer_schema: dict[str, Json] | None = None
    """A JSON Schema that the answer, as JSON, has to match."""


class ModelAnswer(Document):
    """What the model answered, and what that used.

    `data` is the answer as JSON where the call has a schema. `stop` is `end_turn`, or `max_tokens` where the answer was
    cut. `dollars` is None where the operator has set no price.
    """

    text: str
    data: Json = None
    stop: str = "end_turn"
    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    dollars: float | None = None
    model: str = ""


class Price(Model):
    """What a million tokens cost, in dollars."""

    input: Annotated[float, Field(ge=0)]
    output: Annotated[float, Field(ge=0)]

    def dollars(self, input_tokens: int, output_tokens: int) -> float:
        """What a call costs."""
        return (input_tokens * self.input + output_tokens * self.output) / MICRO


def parse_price(text: str) -> Price | None:
    """Read a price as settings have it, such as `3/15`; None for an empty text, which is an unknown price.

    Raises:
        ValueError: it is not two numbers from 0.
    """
    if not text:
        return None
    first, separator, second = text.partition("/")
    if not separator:
        raise ValueError(f"the price {text!r} is not INPUT/OUTPUT, in dollars for a million tokens, such as 3/15")
    return Price.model_validate({"input": first, "output": second})


class ModelUse(Document):
    """What calls of a model used."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    dollars: float = 0.0
    """Of the calls whose price is known."""
    unpriced_tokens: int = 0
    """Of the calls whose price is not known."""

    def plus(self, other: "ModelUse") -> "ModelUse":
        """The sum."""
        return ModelUse(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            dollars=round(self.dollars + other.dollars, 9),
            unpriced_tokens=self.unpriced_tokens + other.unpriced_tokens,
        )


def prompt_bytes(request: ModelRequest) -> int:
    """The bytes of all text of a call."""
    texts = [request.system, *(message.text for message in request.messages)]
    schema = json.dumps(request.answer_schema) if request.answer_schema else ""
    return sum(len(text.encode()) for text in (*texts, schema))


def as_messages(prompt: object) -> tuple[Message, ...]:
    """The conversation of a call: a text is one message of the user; else each is a `Message` or its fields.

    Raises:
        pydantic.ValidationError: one of them is not a message.
    """
    if isinstance(prompt, str):
        return (Message(text=prompt),)
    rows = cast(Sequence[object], prompt) if isinstance(prompt, (list, tuple)) else [prompt]
    return tuple(row if isinstance(row, Message) else Message.model_validate(row) for row in rows)
