"""`ctx.model`: calls of the language model that the operator configured, each one recorded.

A call that is in the record of an earlier attempt is never made again: neither in a dry run nor in a fork (ADR 0036).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from interlock.contract.core import limits
from interlock.contract.core.base import Json
from interlock.contract.core.failure import BadRequest, GateError, GateFailure
from interlock.contract.core.validation import explain
from interlock.contract.language_model import (
    Message,
    ModelAnswer,
    ModelError,
    ModelFailure,
    ModelRequest,
    as_messages,
    prompt_bytes,
    step_failure,
)
from interlock.contract.stand_in import ModelStandIn
from interlock.sdk.journal import Journal

Converse = Callable[[ModelRequest], ModelAnswer]
"""Does one call, and raises what `step_failure` makes of its failure."""


class LanguageModel:
    """The operator's language model; it needs `model = true` in `[permissions]`."""

    def __init__(self, journal: Journal, converse: Converse) -> None:
        """Keep both; nothing is called."""
        self._journal = journal
        self._converse = converse

    def converse(
        self,
        prompt: str | Sequence[Message | Mapping[str, Any]],
        *,
        system: str = "",
        max_tokens: int = 1_024,
        temperature: float | None = None,
        schema: Mapping[str, Json] | None = None,
    ) -> ModelAnswer:
        """Ask the model once.

        Args:
            prompt: a text, or messages of the user and the assistant in turn, the user's first and last.
            system: what the model is told besides, such as its task.
            max_tokens: the answer is cut after so many; 1 to 4,096.
            temperature: 0 to 1; the model's own by default.
            schema: a JSON Schema of an object; the answer is JSON that matches it, in `data`.

        Returns:
            The answer, with the tokens that the call used and what it cost.

        Raises:
            PermanentError: `ModelNotConfigured`, `ModelRefused`, `ModelPromptTooLarge`, `ModelCallRejected`,
                `ModelBudgetExceeded`, `ModelTokensExceeded`, `ModelPriceUnknown` or `ModelCallsExceeded`.
            RetryableError: `ModelTimeout`, `ModelThrottled`, `ModelUnavailable` or `ModelAnswerMalformed`.
            GateFailure: `Interlock.Denied`, the install has no scope `model`; `Interlock.SecretInOutput`, the prompt
                holds a secret; `Interlock.ReplayMismatch`, a dry run has no record of the call.
            BadRequest: an argument is not what it may be.
        """
        request = _request(as_fields(prompt, system, max_tokens, temperature, schema))
        shown = request.model_dump(mode="json", exclude_defaults=True)
        self._journal.secrets.refuse("ctx.model.converse", shown)

        def do() -> Json:
            if self._journal.dry:
                raise _unrecorded()
            return self._converse(request).model_dump(mode="json")

        return ModelAnswer.model_validate(self._journal.read("model", "converse", shown, do))


def as_fields(
    prompt: object, system: str, max_tokens: int, temperature: float | None, schema: Mapping[str, Json] | None
) -> dict[str, Any]:
    """The fields of a `ModelRequest`."""
    fields = {"messages": prompt, "system": system, "max_tokens": max_tokens, "temperature": temperature}
    return {**fields, "answer_schema": None if schema is None else dict(schema)}


def _request(fields: Mapping[str, Any]) -> ModelRequest:
    try:
        request = ModelRequest.model_validate({**fields, "messages": as_messages(fields["messages"])})
        size = prompt_bytes(request)
    except ValidationError as error:
        where, what = explain(error.errors())
        step = "docs/models.md says what a call may hold."
        raise BadRequest(what, where=f"ctx.model.converse: {where}", next_step=step) from None
    except (TypeError, ValueError) as error:
        step = "Give a schema that JSON can hold."
        raise BadRequest(f"the schema is not JSON: {error}", where="ctx.model.converse", next_step=step) from None
    if size > limits.MODEL_PROMPT_BYTES:
        what = f"the prompt has {size:,} bytes, and may have {limits.MODEL_PROMPT_BYTES:,}"
        raise step_failure(ModelFailure(ModelError.TOO_LARGE, what, next_step="Send less text in one call."))
    return request


def _unrecorded() -> GateFailure:
    return GateFailure(
        GateError.REPLAY,
        "the record has no answer for this call of the model, and a dry run makes none",
        where="ctx.model",
        next_step="The prompt differs from that of the run. Run it for real: interlock run fork",
    )


def answering(stand_ins: Sequence[ModelStandIn]) -> Converse:
    """Answers of a golden test: the first stand-in whose text is in the call."""

    def converse(request: ModelRequest) -> ModelAnswer:
        text = "\n".join((request.system, *(message.text for message in request.messages)))
        row = next((row for row in stand_ins if row.contains in text), None)
        if row is None:
            what = (
                f"the golden test has no answer for a call of the model that begins {request.messages[-1].text[:80]!r}"
            )
            step = "Add an answer to the `model` file of the test."
            raise step_failure(ModelFailure(ModelError.NO_ANSWER, what, next_step=step))
        if row.error is not None:
            raise step_failure(ModelFailure(row.error, row.text or "the test lets the call fail"))
        text = row.text or (json.dumps(row.data) if row.data is not None else "")
        return ModelAnswer(
            text=text,
            data=row.data,
            stop=row.stop,
            input_tokens=row.input_tokens,
            output_tokens=row.output_tokens,
            model="test",
        )

    return converse
