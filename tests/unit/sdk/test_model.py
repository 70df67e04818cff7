"""`ctx.model`: what a call may hold, what it answers, and that a recorded call is never made again."""

from __future__ import annotations

from typing import Any

import pytest

from interlock import Context, RetryableError
from interlock.contract.core import limits
from interlock.contract.core.failure import Forbidden
from interlock.contract.envelope import Effect, StepRequest
from interlock.contract.language_model import (
    RETRYABLE,
    Message,
    ModelAnswer,
    ModelError,
    ModelFailure,
    ModelRequest,
    parse_price,
    step_failure,
)
from interlock.contract.stand_in import ModelStandIn
from interlock.local.debug.recorded import RecordedBackend
from interlock.sdk.runtime import run
from interlock.sdk.step import spec_of
from interlock.testing import MemoryBackend, run_step

INFO: dict[str, Any] = {
    "run": "r",
    "tenant": "sandbox",
    "install": "i",
    "app": "acme/app",
    "version": "1.0.0",
    "workflow": "w",
    "state": "S",
    "step": "ask",
    "visit": "v",
    "trigger": {"kind": "api", "name": "t", "id": "1"},
}
SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}


def ask(prompt: str, ctx: Context) -> dict[str, Any]:
    answer = ctx.model.converse(prompt, system="Be short.", max_tokens=50, temperature=0.5)
    return {"text": answer.text, "tokens": answer.input_tokens + answer.output_tokens}


def draft(prompt: str, ctx: Context) -> Any:
    return ctx.model.converse(prompt, schema=SCHEMA).data


def test_answer_is_typed_and_recorded() -> None:
    reply = ModelAnswer(text="hello", input_tokens=7, output_tokens=2, dollars=0.001, model="m")
    done = run_step(ask, "say hello", model=[reply])
    assert done.output == {"text": "hello", "tokens": 9}
    (effect,) = done.effects
    assert (effect.kind, effect.op, effect.performed) == ("model", "converse", True)
    assert effect.request == {
        "messages": [{"text": "say hello"}],
        "system": "Be short.",
        "max_tokens": 50,
        "temperature": 0.5,
    }
    assert effect.result == reply.model_dump(mode="json")


def test_messages_of_both_roles_reach_the_model() -> None:
    def talk(ctx: Context) -> str:
        turns = [Message(text="Hi"), {"role": "assistant", "text": "Yes?"}, {"text": "Bye"}]
        return ctx.model.converse(turns).text

    done = run_step(talk, model=["ok"])
    assert done.output == "ok"
    assert [(one.role, one.text) for one in done.backend.prompts[0].messages] == [
        ("user", "Hi"),
        ("assistant", "Yes?"),
        ("user", "Bye"),
    ]


def test_answer_of_a_schema_is_json() -> None:
    assert run_step(draft, "x", model=[{"text": "a table"}]).output == {"text": "a table"}


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        ({"prompt": ""}, "text"),
        ({"prompt": []}, "messages"),
        ({"prompt": [{"role": "system", "text": "x"}]}, "role"),
        ({"prompt": [{"text": "x", "image": "y"}]}, "image"),
        ({"prompt": [7]}, "must be an object"),
        ({"prompt": "x", "max_tokens": 0}, "max_tokens"),
        ({"prompt": "x", "max_tokens": limits.MODEL_TOKENS + 1}, "max_tokens"),
        ({"prompt": "x", "temperature": 1.5}, "temperature"),
        ({"prompt": "x", "schema": {"enum": {1, 2}}}, "schema"),
    ],
)
def test_argument_that_is_wrong_is_named(arguments: dict[str, Any], place: str) -> None:
    def call(ctx: Context) -> None:
        ctx.model.converse(arguments["prompt"], **{name: arguments[name] for name in arguments if name != "prompt"})

    done = run_step(call, model=["never"])
    assert done.error is not None and done.error.name == "BadRequest", done.answer
    assert place in done.error.message
    assert done.backend.prompts == []


def test_prompt_that_is_too_large_is_never_sent() -> None:
    done = run_step(ask, "é" * (limits.MODEL_PROMPT_BYTES // 2), model=["never"])
    assert done.error is not None and done.error.name == "ModelPromptTooLarge"
    assert done.error.retryable is False
    assert done.backend.prompts == []


def test_secret_in_a_prompt_is_refused() -> None:
    def leak(ctx: Context) -> str:
        return ctx.model.converse(f"Explain {ctx.secrets.get('key')}").text

    done = run_step(leak, secrets={"key": "hunter2hunter2"}, model=["never"])
    assert done.error is not None and done.error.name == "Interlock.SecretInOutput"
    assert "ctx.model.converse" in done.error.message and "hunter2" not in done.answer.model_dump_json()
    assert done.backend.prompts == []


@pytest.mark.parametrize("error", ModelError)
def test_failure_has_its_name_and_says_whether_to_retry(error: ModelError) -> None:
    raised = step_failure(ModelFailure(error, "no"))
    done = run_step(ask, "x", model=[raised])
    assert done.error is not None and done.error.name == error.value
    assert done.error.retryable is (error in RETRYABLE)
    assert isinstance(raised, RetryableError) is (error in RETRYABLE)


def test_failure_of_another_kind_stays_what_it_is() -> None:
    other = Forbidden("no")
    assert step_failure(other) is other


def recorded() -> tuple[Effect, ...]:
    return run_step(ask, "x", model=["paid"]).effects


def test_dry_run_is_answered_from_the_record_alone() -> None:
    done = run_step(ask, "x", dry=True, journal=recorded(), model=["never"])
    assert done.output == {"text": "paid", "tokens": 0}
    assert (done.backend.prompts, done.effects[0].performed) == ([], False)


def test_dry_run_without_a_record_makes_no_call() -> None:
    done = run_step(ask, "another prompt", dry=True, journal=recorded(), model=["never"])
    assert done.error is not None and done.error.name == "Interlock.ReplayMismatch"
    assert done.backend.prompts == []


def test_real_run_with_a_record_pays_once() -> None:
    """What a fork that is not dry gets: the answers of its parent's attempt, each for one equal call."""

    def twice(ctx: Context) -> list[str]:
        return [ctx.model.converse("x", system="Be short.", max_tokens=50, temperature=0.5).text for _ in range(2)]

    done = run_step(twice, journal=recorded(), model=["new"])
    assert done.output == ["paid", "new"]
    assert [effect.performed for effect in done.effects] == [False, True]


def test_real_run_with_a_record_still_reads_all_else() -> None:
    def read(ctx: Context) -> Any:
        return ctx.state.get("k")

    before = run_step(read, state={"k": 1})
    assert run_step(read, state={"k": 2}, journal=before.effects).output == 2


def test_debug_session_makes_no_call_even_if_reads_are_live() -> None:
    request = StepRequest.model_validate(
        {"handler": "m:f", "input": "x", "dry": True, "journal": recorded(), "context": INFO}
    )
    backend = RecordedBackend(recorded(), {}, live="nowhere", key="k")
    assert run(request, spec_of(ask), backend).output == {"text": "paid", "tokens": 0}
    other = run(request.model_copy(update={"input": "y"}), spec_of(ask), backend)
    assert other.error is not None and other.error.name == "Interlock.ReplayMismatch"


def trial(value: str, rows: tuple[ModelStandIn, ...] | None) -> Any:
    info = run_step(ask, "x", model=["y"]).answer
    assert info.error is None
    request = StepRequest.model_validate(
        {
            "handler": "m:f",
            "input": value,
            "model": rows,
            "context": INFO,
        }
    )
    return run(request, spec_of(ask), MemoryBackend(model=["the real model"]))


def test_golden_test_answers_by_what_the_prompt_contains() -> None:
    rows = (
        ModelStandIn(contains="weather", text="rain", input_tokens=3),
        ModelStandIn(contains="fail", error=ModelError.THROTTLED),
        ModelStandIn(contains="", text="anything"),
    )
    assert trial("the weather?", rows).output == {"text": "rain", "tokens": 3}
    assert trial("Be short", rows).output["text"] == "anything"
    assert trial("fail", rows).error.name == "ModelThrottled"


def test_golden_test_without_an_answer_fails_by_name() -> None:
    """An empty file, or none at all: no trial reaches a real model."""
    answer = trial("what?", ())
    assert (answer.error.name, answer.error.retryable) == ("ModelNotAnswered", False)
    assert "'what?'" in answer.error.message
    assert trial("what?", None).output["text"] == "the real model"


@pytest.mark.parametrize("text", ["3", "3/", "a/b", "-1/2", "1/-2", "/"])
def test_price_that_is_wrong_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_price(text)


def test_price_is_of_a_million_tokens() -> None:
    price = parse_price("3/15")
    assert price is not None and price.dollars(1_000_000, 100_000) == 4.5
    assert parse_price("") is None


def test_request_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValueError):
        ModelRequest.model_validate({"messages": [{"text": "x"}], "tools": []})
