"""HTTP in a golden test is answered by its file."""

import pytest

from interlock import Context, step
from interlock.contract.envelope import StepContext, StepRequest, Trigger
from interlock.contract.stand_in import HttpStandIn
from interlock.sdk.runtime import run
from interlock.sdk.step import spec_of
from interlock.testing import MemoryBackend

URL = "https://api.example.com/x"
ROWS = (
    HttpStandIn(url=URL, method="POST", status=201, headers={"X-Id": "7"}, body={"made": True}),
    HttpStandIn(url=URL, body="plain"),
    HttpStandIn(url=URL, body="never: the first one of a URL answers"),
)


@step
def call(value: dict[str, str], ctx: Context) -> list[object]:
    answer = ctx.http.request(value["method"], value["url"])
    return [answer.status, answer.text, answer.headers.get("x-id"), answer.headers["content-type"]]


def answer(method: str, url: str = URL) -> object:
    info = StepContext(
        run="r",
        tenant="sandbox",
        install="i",
        app="acme/app",
        version="1.0.0",
        workflow="w",
        state="S",
        step="call",
        visit="v",
        trigger=Trigger(kind="api", name="t", id="t"),
        egress=("api.example.com:443",),
    )
    value = {"method": method, "url": url}
    done = run(StepRequest(handler="m:f", input=value, context=info, http=ROWS), spec_of(call), MemoryBackend())
    return done.error.name if done.error else done.output


def test_call_is_answered_by_method_and_url() -> None:
    assert answer("POST") == [201, '{"made": true}', "7", "application/json"]
    assert answer("GET") == [200, "plain", None, "text/plain"]


@pytest.mark.parametrize("url", [f"{URL}y", "https://undeclared.example/x"])
def test_call_without_an_answer_is_refused(url: str) -> None:
    assert answer("GET", url) == "Interlock.Denied"
