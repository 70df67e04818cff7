"""The two services of language models, each against a server that speaks its documented JSON, and what can go wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from interlock.aws.clients import forget_clients
from interlock.aws.services import bedrock
from interlock.aws.services.chat_completions import Endpoint, complete
from interlock.contract.core import limits
from interlock.contract.language_model import Message, ModelError, ModelFailure, ModelRequest
from tests.support.model_server import ModelServer, completion, converse_answer, model_server

SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}}
KEY = "sk-very-secret-key"
REQUEST = ModelRequest(
    messages=(Message(text="Hi"), Message(role="assistant", text="Yes?"), Message(text="Bye")),
    system="Be short.",
    max_tokens=77,
    temperature=0.25,
    answer_schema=SCHEMA,
)
SMALL = ModelRequest(messages=(Message(text="Hi"),))


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as subject:
        yield subject


@pytest.fixture
def bedrock_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    with model_server(lambda _: converse_answer("ok")) as subject:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", subject.url)
        forget_clients()
        yield subject
        forget_clients()


def endpoint(server: ModelServer, **fields: Any) -> Endpoint:
    values: dict[str, Any] = {"url": f"{server.url}/v1", "model": "tiny", "key": KEY}
    return Endpoint(**(values | fields))


def failure(server: ModelServer, answer: Any, request: ModelRequest = SMALL, **fields: Any) -> ModelFailure:
    server.answer = lambda _: answer
    with pytest.raises(ModelFailure) as caught:
        complete(endpoint(server, **fields), request)
    assert KEY not in f"{caught.value.what} {caught.value.next_step} {caught.value.problem()}"
    return caught.value


def test_chat_completion_sends_what_is_documented(server: ModelServer) -> None:
    server.answer = lambda _: completion('{"text": "x"}', (40, 9))
    answer = complete(endpoint(server), REQUEST)
    ((path, headers, body),) = server.heard
    assert (path, headers["authorization"]) == ("/v1/chat/completions", f"Bearer {KEY}")
    assert body == {
        "model": "tiny",
        "messages": [
            {"role": "system", "content": "Be short."},
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Yes?"},
            {"role": "user", "content": "Bye"},
        ],
        "max_tokens": 77,
        "temperature": 0.25,
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}},
    }
    assert (answer.text, answer.stop, answer.input_tokens, answer.output_tokens) == ('{"text": "x"}', "end_turn", 40, 9)


def test_chat_completion_without_a_key_sends_none(server: ModelServer) -> None:
    complete(endpoint(server, key=""), SMALL)
    ((_, headers, body),) = server.heard
    assert "authorization" not in headers
    assert set(body) == {"model", "messages", "max_tokens"}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, ModelError.REJECTED),
        (401, ModelError.REJECTED),
        (302, ModelError.REJECTED),
        (404, ModelError.REJECTED),
        (408, ModelError.TIMEOUT),
        (413, ModelError.TOO_LARGE),
        (429, ModelError.THROTTLED),
        (500, ModelError.UNAVAILABLE),
        (503, ModelError.UNAVAILABLE),
    ],
)
def test_chat_status_has_a_name(server: ModelServer, status: int, error: ModelError) -> None:
    quoting = {"error": {"message": f"Incorrect API key provided: {KEY}"}}
    assert failure(server, (status, quoting)).error is error
    assert len(server.heard) == 1, "a call is never made again: each is paid for"


HOSTILE: dict[str, Any] = {
    "no JSON": b"<html>",
    "cut": b'{"choices": [',
    "a list": [],
    "no choices": {"choices": []},
    "no message": {"choices": [{"finish_reason": "stop"}]},
    "no text": completion(None),
    "a number as text": {"choices": [{"message": {"content": 7}}]},
    "tokens of text": {"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": "many"}},
    "usage of text": {"choices": [{"message": {"content": "x"}}], "usage": "many"},
    "fewer than no tokens": completion("x", (-5, 1)),
    "deep": b"[" * 200_000,
    "no UTF-8": b'{"choices": "\xff\xfe"}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_chat_answer_that_is_none_is_malformed(server: ModelServer, name: str) -> None:
    assert failure(server, HOSTILE[name]).error is ModelError.MALFORMED


def test_chat_answer_without_end_is_cut(server: ModelServer) -> None:
    assert failure(server, completion("x" * limits.MODEL_ANSWER_BYTES)).error is ModelError.MALFORMED


def test_chat_that_refuses_says_so_with_its_tokens(server: ModelServer) -> None:
    for answer in (completion(None, (5, 1), refusal="I can't"), completion("", (5, 1), "content_filter")):
        server.answer = lambda _, answer=answer: answer
        result = complete(endpoint(server), SMALL)
        assert (result.stop, result.input_tokens) == ("refused", 5)


def test_chat_that_is_cut_says_so(server: ModelServer) -> None:
    server.answer = lambda _: completion("half", stop="length")
    assert complete(endpoint(server), SMALL).stop == "max_tokens"


def test_chat_that_is_silent_times_out(server: ModelServer) -> None:
    free = threading.Event()
    server.answer = lambda _: (free.wait(5), completion("late"))[1]
    with pytest.raises(ModelFailure) as caught:
        complete(endpoint(server, seconds=0.3), SMALL)
    free.set()
    assert caught.value.error is ModelError.TIMEOUT


def test_chat_that_is_not_there_is_unavailable(server: ModelServer) -> None:
    assert failure(server, None).error is ModelError.UNAVAILABLE
    assert failure(server, "x", url="http://127.0.0.1:9/v1").error is ModelError.UNAVAILABLE
    assert failure(server, "x", url="http://no-such-host.invalid/v1").error is ModelError.UNAVAILABLE


@pytest.mark.parametrize("url", ["ftp://x/v1", "nowhere", "http://user:pw@127.0.0.1/v1", "http://"])
def test_chat_url_that_is_none_is_rejected(server: ModelServer, url: str) -> None:
    assert failure(server, "x", url=url).error is ModelError.REJECTED


def test_key_of_an_endpoint_is_not_shown() -> None:
    assert KEY not in repr(Endpoint("http://x/v1", "m", KEY))


def test_bedrock_is_sent_what_is_documented(bedrock_server: ModelServer) -> None:
    bedrock_server.answer = lambda _: converse_answer('{"text": "x"}', (40, 9))
    answer = bedrock.converse("acme.tiny-v1:0", REQUEST)
    ((path, _, body),) = bedrock_server.heard
    assert path == "/model/acme.tiny-v1%3A0/converse"
    schema = json.loads(body["outputConfig"]["textFormat"]["structure"]["jsonSchema"].pop("schema"))
    assert schema == SCHEMA
    assert body == {
        "messages": [
            {"role": "user", "content": [{"text": "Hi"}]},
            {"role": "assistant", "content": [{"text": "Yes?"}]},
            {"role": "user", "content": [{"text": "Bye"}]},
        ],
        "system": [{"text": "Be short."}],
        "inferenceConfig": {"maxTokens": 77, "temperature": 0.25},
        "outputConfig": {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"name": "answer"}}}},
    }
    assert (answer.text, answer.stop, answer.input_tokens, answer.output_tokens) == ('{"text": "x"}', "end_turn", 40, 9)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("429 ThrottlingException", ModelError.THROTTLED),
        ("408 ModelTimeoutException", ModelError.TIMEOUT),
        ("429 ModelNotReadyException", ModelError.UNAVAILABLE),
        ("424 ModelErrorException", ModelError.UNAVAILABLE),
        ("500 InternalServerException", ModelError.UNAVAILABLE),
        ("503 ServiceUnavailableException", ModelError.UNAVAILABLE),
        ("403 AccessDeniedException", ModelError.REJECTED),
        ("404 ResourceNotFoundException", ModelError.REJECTED),
        ("400 ValidationException", ModelError.REJECTED),
    ],
)
def test_bedrock_error_has_a_name(bedrock_server: ModelServer, status: str, error: ModelError) -> None:
    bedrock_server.answer = lambda _: (status, {"message": "no"})
    with pytest.raises(ModelFailure) as caught:
        bedrock.converse("m", SMALL)
    assert caught.value.error is error
    assert len(bedrock_server.heard) == 1, "a call is never made again: each is paid for"


@pytest.mark.parametrize(
    ("stop", "expected"),
    [
        ("end_turn", "end_turn"),
        ("stop_sequence", "end_turn"),
        ("max_tokens", "max_tokens"),
        ("content_filtered", "refused"),
        ("guardrail_intervened", "refused"),
        ("malformed_model_output", "malformed"),
        ("model_context_window_exceeded", "too_large"),
    ],
)
def test_bedrock_stop_is_one_of_ours(bedrock_server: ModelServer, stop: str, expected: str) -> None:
    bedrock_server.answer = lambda _: converse_answer("x", stop=stop)
    assert bedrock.converse("m", SMALL).stop == expected


@pytest.mark.parametrize("answer", [{}, {"usage": {}}, {"stopReason": "end_turn"}, b"<html>", b'"x"'])
def test_bedrock_answer_that_is_none_is_named(bedrock_server: ModelServer, answer: Any) -> None:
    bedrock_server.answer = lambda _: answer
    with pytest.raises(ModelFailure) as caught:
        bedrock.converse("m", SMALL)
    assert caught.value.error in (ModelError.MALFORMED, ModelError.UNAVAILABLE)
