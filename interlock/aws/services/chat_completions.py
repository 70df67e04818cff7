"""A language model behind any endpoint that speaks OpenAI's chat completions, as on a developer's machine.

One call, never made again. What the endpoint answers to a call that failed is not repeated: it may quote the key.
Source: https://platform.openai.com/docs/api-reference/chat/create
"""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from interlock.contract.core import limits
from interlock.contract.core.base import Json
from interlock.contract.core.failure import Failure
from interlock.contract.egress import parse_target
from interlock.contract.language_model import ModelAnswer, ModelError, ModelFailure, ModelRequest
from interlock.sdk.exchange import Call, Deadline, Reply, exchange, resolve_within, why_unanswered

PATH = "/chat/completions"
STOPS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refused"}
ERRORS: Mapping[int, tuple[ModelError, str]] = {
    408: (ModelError.TIMEOUT, "Ask for fewer tokens."),
    413: (ModelError.TOO_LARGE, "Send less text in one call."),
    429: (ModelError.THROTTLED, "Retry the step later."),
}


@dataclass(frozen=True)
class Endpoint:
    """Where a model is, and by which key.

    Attributes:
        url: the base, such as `http://127.0.0.1:11434/v1`.
        model: the model's name there.
        key: sent as bearer token; empty for none.
        seconds: for all of a call.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    seconds: float = limits.MODEL_SECONDS


def complete(endpoint: Endpoint, request: ModelRequest) -> ModelAnswer:
    """Ask the model once.

    Returns:
        The answer; `stop` is also `refused`.

    Raises:
        ModelFailure: there is no answer, or not the one that is documented.
    """
    reply = _sent(endpoint, json.dumps(_fields(endpoint.model, request)).encode())
    if reply.status >= 300:
        raise _failure(reply.status)
    if len(reply.body) > limits.MODEL_ANSWER_BYTES:
        raise _malformed(f"it has more than {limits.MODEL_ANSWER_BYTES:,} bytes")
    try:
        return _answer(json.loads(reply.body))
    except (AttributeError, KeyError, IndexError, TypeError, ValueError, RecursionError) as error:
        raise _malformed(f"it is not a chat completion ({type(error).__name__})") from error


def _sent(endpoint: Endpoint, body: bytes) -> Reply:
    deadline = Deadline(endpoint.seconds)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if endpoint.key:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    try:
        target = parse_target(endpoint.url.rstrip("/") + PATH)
        address = resolve_within(target.host, target.port, deadline)[0]
        return exchange(Call("POST", headers, body, limits.MODEL_ANSWER_BYTES + 1), target, address, deadline)
    except TimeoutError as error:
        what = f"the model did not answer within {endpoint.seconds:g} s"
        raise ModelFailure(ModelError.TIMEOUT, what, next_step="Ask for fewer tokens.") from error
    except (OSError, UnicodeError, http.client.HTTPException) as error:
        kind = _kind_of(error, deadline)
        what = f"the model's endpoint did not answer: {why_unanswered(error)}"
        raise ModelFailure(kind, what, next_step="Check that it runs: INTERLOCK_MODEL_URL names it.") from error
    except Failure as error:
        step = "Correct INTERLOCK_MODEL_URL, such as http://127.0.0.1:11434/v1."
        raise ModelFailure(ModelError.REJECTED, "the URL of the model can't be called", next_step=step) from error


def _kind_of(error: Exception, deadline: Deadline) -> ModelError:
    """A connection that the deadline cut breaks in many ways."""
    try:
        deadline.left()
    except TimeoutError:
        return ModelError.TIMEOUT
    return ModelError.UNAVAILABLE


def _fields(model: str, request: ModelRequest) -> dict[str, Json]:
    system = [{"role": "system", "content": request.system}] if request.system else []
    fields: dict[str, Json] = {
        "model": model,
        "messages": [*system, *({"role": one.role, "content": one.text} for one in request.messages)],
        "max_tokens": request.max_tokens,
    }
    if request.temperature is not None:
        fields["temperature"] = request.temperature
    if request.answer_schema is not None:
        schema = {"name": "answer", "schema": request.answer_schema}
        fields["response_format"] = {"type": "json_schema", "json_schema": schema}
    return fields


def _answer(value: Any) -> ModelAnswer:
    choice = value["choices"][0]
    used: dict[str, Any] = value.get("usage") or {}
    message = choice["message"]
    text = message.get("content")
    refused = bool(message.get("refusal"))
    stop = str(choice.get("finish_reason") or "stop")
    if not isinstance(text, str) and not refused:
        raise ValueError("no text")
    return ModelAnswer(
        text=text or "",
        stop="refused" if refused else STOPS.get(stop, stop),
        input_tokens=int(used.get("prompt_tokens") or 0),
        output_tokens=int(used.get("completion_tokens") or 0),
    )


def _failure(status: int) -> ModelFailure:
    step = "Check INTERLOCK_MODEL, INTERLOCK_MODEL_URL and INTERLOCK_MODEL_KEY."
    kind, step = ERRORS.get(status, (ModelError.REJECTED, step))
    if status >= 500:
        kind, step = ModelError.UNAVAILABLE, "Retry the step later."
    return ModelFailure(kind, f"the model's endpoint answered {status}", next_step=step)


def _malformed(why: str) -> ModelFailure:
    return ModelFailure(ModelError.MALFORMED, f"the answer of the model's endpoint: {why}", next_step="Retry the step.")
