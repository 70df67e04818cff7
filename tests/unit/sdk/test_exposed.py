"""A known secret in what a step hands on fails the step, by the name of the field, and never with the value."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from pydantic import BaseModel

from interlock import Context
from interlock.contract.catalog import AssetWrite
from interlock.contract.envelope import StepAnswer, StepContext, StepRequest, Trigger
from interlock.sdk.exposed import KnownSecrets, secrets_of
from interlock.sdk.runtime import run
from interlock.sdk.step import spec_of
from interlock.testing import MemoryBackend, run_step
from interlock.testing.steps import StepRun

KEY = "s3cret/key+with @odd"
DSN = "postgres://svc:p@ss/w#rd@db.example/x"
ERROR = "Interlock.SecretInOutput"


class Pair(NamedTuple):
    user: str
    password: str


@dataclass
class Held:
    password: str


class Model(BaseModel):
    password: str


MAKES: list[tuple[Callable[[str], Any], str]] = [
    (lambda key: key, "output"),
    (lambda key: {"a": [{"b": f"x{key}y"}]}, "output.a[0].b"),
    (lambda key: {key: 1}, "a name in output"),
    (lambda key: Pair("svc", key), "output[1]"),
    (lambda key: Held(key), "output.password"),
    (lambda key: Model(password=key), "output.password"),
    (lambda key: key.encode().hex(), "output"),
    (lambda key: key.encode().hex().upper(), "output"),
    (lambda key: base64.b64encode(key.encode()).decode(), "output"),
    (lambda key: base64.b64encode(f"svc:{key}".encode()).decode(), "output"),
    (lambda key: base64.urlsafe_b64encode(key.encode()).decode().rstrip("="), "output"),
    (lambda key: quote(key), "output"),
    (lambda key: quote(key, safe="/+"), "output"),
    (lambda key: "".join(f"%{byte:02x}" for byte in key.encode()), "output"),
]
WRITES: list[tuple[Callable[[Context, str], Any], str]] = [
    (lambda ctx, key: ctx.emit("done", {"auth": {"key": key}}), "ctx.emit.detail.auth.key"),
    (lambda ctx, key: ctx.state.put("a", [key]), "ctx.state.put.value[0]"),
    (
        lambda ctx, key: ctx.catalog.upsert(AssetWrite(qualified_name="a", type="table", attributes={"k": key})),
        "ctx.catalog.upsert.writes[0].attributes.k",
    ),
]


def answer(make: Callable[[str], Any], secret: str = KEY) -> StepRun:
    def act(value: Any, ctx: Context) -> Any:
        return make(ctx.secrets["key"])

    return run_step(act, {}, secrets={"key": secret})


@pytest.mark.parametrize(("make", "field"), MAKES)
def test_a_secret_in_the_output_fails_the_step(make: Callable[[str], Any], field: str) -> None:
    result = answer(make)
    assert result.error is not None
    assert (result.error.name, result.answer.output) == (ERROR, None)
    assert result.error.message.startswith(f"{field} holds the secret 'key'")
    assert KEY not in result.answer.model_dump_json()


@pytest.mark.parametrize(
    ("secret", "output"),
    [
        (DSN, "connect with p@ss/w#rd"),
        (DSN, "p%40ss%2Fw%23rd"),
        ("Server=db;Pwd=hunter22;", {"password": "hunter22"}),
        ('{"username": "svc", "password": "hunter22"}', ["hunter22"]),
        ('{"pin_token": 123456}', 123456),
        ("12345", "the pin is 12345."),
        ("test", {"password": "test"}),
    ],
)
def test_a_part_of_a_secret_is_found(secret: str, output: Any) -> None:
    result = answer(lambda _: output, secret)
    assert result.error is not None
    assert result.error.name == ERROR


@pytest.mark.parametrize(
    ("secret", "output"),
    [
        (KEY, {"length": len(KEY), "none": None, "yes": True}),
        (DSN, "db.example is up for svc"),
        ("test", "the latest tests passed"),
        ("12345", {"bytes": 123456}),
        ("abc", "abc"),
    ],
)
def test_other_outputs_pass(secret: str, output: Any) -> None:
    assert answer(lambda _: output, secret).output == output


@pytest.mark.parametrize(("write", "field"), WRITES)
def test_what_outlives_the_step_holds_no_secret(write: Callable[[Context, str], Any], field: str) -> None:
    def act(value: Any, ctx: Context) -> None:
        write(ctx, ctx.secrets["key"])

    result = run_step(act, {}, secrets={"key": KEY})
    assert result.error is not None
    assert (result.error.name, result.error.message.startswith(f"{field} holds")) == (ERROR, True)
    assert (result.emitted, result.changes, result.state) == ((), (), {})


def test_a_call_to_others_may_carry_a_secret() -> None:
    def send(value: Any, ctx: Context) -> int:
        return ctx.http.post("https://x.example/", headers={"Authorization": f"Bearer {ctx.secrets['key']}"}).status

    result = run_step(send, {}, secrets={"key": "abcdefgh1"}, http={"https://x.example/": 200})
    assert result.output == 200


def test_a_warm_process_knows_what_an_earlier_attempt_read() -> None:
    held: list[str] = []

    def read(value: Any, ctx: Context) -> None:
        held.append(ctx.secrets["key"])

    def leak(value: Any, ctx: Context) -> str:
        return held[0]

    def attempt(function: Callable[..., Any], install: str) -> StepAnswer:
        trigger = Trigger(kind="api", name="api", id="1")
        fields: dict[str, Any] = {
            "run": "r",
            "tenant": "acme",
            "install": install,
            "app": "acme/app",
            "version": "1.0.0",
        }
        fields |= {"workflow": "w", "state": "S", "step": "s", "attempt": 0, "visit": "v", "trigger": trigger}
        info = StepContext(**fields, secrets=("key",))
        request = StepRequest(handler="m:f", input={}, context=info)
        return run(request, spec_of(function), MemoryBackend(secrets={"key": KEY}), secrets_of("acme", install))

    attempt(read, "one")
    error = attempt(leak, "one").error
    assert error is not None
    assert error.name == ERROR
    assert attempt(leak, "two").output == KEY


def test_a_large_output_is_searched_quickly() -> None:
    secrets = KnownSecrets()
    for number in range(20):
        secrets.learn(f"s{number}", f"postgres://svc:secret-{number}-word@db/x")
    rows = [{"name": f"row {n}", "text": "lorem ipsum dolor sit amet " * 4} for n in range(8_000)]
    begin = time.process_time()
    secrets.refuse("output", rows)
    assert time.process_time() - begin < 2
