"""A language model of Bedrock, by Converse: one call, never made again, because each is paid for.

Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from interlock.aws.clients import client
from interlock.aws.errors import AWS_ERRORS, passes
from interlock.contract.language_model import ModelAnswer, ModelError, ModelFailure, ModelRequest

STOPS = {
    "stop_sequence": "end_turn",
    "guardrail_intervened": "refused",
    "content_filtered": "refused",
    "malformed_model_output": "malformed",
    "model_context_window_exceeded": "too_large",
}
ERRORS: Mapping[str, tuple[ModelError, str, str]] = {
    "ThrottlingException": (ModelError.THROTTLED, "Bedrock throttled the call", "Retry the step later."),
    "ModelTimeoutException": (ModelError.TIMEOUT, "the model did not answer Bedrock in time", "Ask for fewer tokens."),
    "ModelNotReadyException": (ModelError.UNAVAILABLE, "the model is not ready yet", "Retry the step later."),
    "ModelErrorException": (ModelError.UNAVAILABLE, "the model failed", "Retry the step later."),
    "AccessDeniedException": (
        ModelError.REJECTED,
        "Bedrock denies the platform the model",
        "The operator gives the account access to the model, and names its ARNs (docs/models.md).",
    ),
}


def converse(model: str, request: ModelRequest) -> ModelAnswer:
    """Ask a model of Bedrock once.

    Args:
        model: the id of a model or an inference profile.
        request: the call.

    Returns:
        The answer; `stop` is also `refused`, `malformed` or `too_large`.

    Raises:
        ModelFailure: there is no answer.
    """
    try:
        answer: dict[str, Any] = client("bedrock-runtime").converse(**_fields(model, request))
        return _answer(answer)
    except ReadTimeoutError as error:
        raise ModelFailure(
            ModelError.TIMEOUT, "Bedrock did not answer in time", next_step="Ask for fewer tokens."
        ) from error
    except AWS_ERRORS as error:
        raise _failure(error) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        what = f"Bedrock's answer is not what it documents: {type(error).__name__}"
        raise ModelFailure(ModelError.MALFORMED, what, next_step="Retry the step.") from error


def _fields(model: str, request: ModelRequest) -> dict[str, Any]:
    limits: dict[str, Any] = {"maxTokens": request.max_tokens}
    if request.temperature is not None:
        limits["temperature"] = request.temperature
    fields: dict[str, Any] = {
        "modelId": model,
        "messages": [{"role": one.role, "content": [{"text": one.text}]} for one in request.messages],
        "inferenceConfig": limits,
    }
    if request.system:
        fields["system"] = [{"text": request.system}]
    if request.answer_schema is not None:
        schema = {"name": "answer", "schema": json.dumps(request.answer_schema)}
        fields["outputConfig"] = {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": schema}}}
    return fields


def _answer(answer: Mapping[str, Any]) -> ModelAnswer:
    used, stop = answer["usage"], str(answer["stopReason"])
    content: list[dict[str, Any]] = answer["output"]["message"]["content"] if "output" in answer else []
    return ModelAnswer(
        text="".join(str(part["text"]) for part in content if "text" in part),
        stop=STOPS.get(stop, stop),
        input_tokens=int(used["inputTokens"]),
        output_tokens=int(used["outputTokens"]),
    )


def _failure(error: Exception) -> ModelFailure:
    code = str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""
    known = ERRORS.get(code)
    if known is not None:
        kind, what, step = known
        return ModelFailure(kind, f"{what} ({code})", next_step=step)
    if passes(error):
        what = f"Bedrock did not answer ({code or type(error).__name__})"
        return ModelFailure(ModelError.UNAVAILABLE, what, next_step="Retry the step later.")
    step = "Ask the operator whether the model's id and its parameters are right (docs/models.md)."
    return ModelFailure(ModelError.REJECTED, f"Bedrock does not accept the call ({code})", next_step=step)
