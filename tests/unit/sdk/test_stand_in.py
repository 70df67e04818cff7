"""HTTP in a golden test is answered by its file."""

import pytest

from interlock import Context, step
from interlock.contract.core.base import Json
from interlock.contract.envelope import StepContext, StepRequest, Trigger
from interlock.contract.stand_in import HttpStandIn, answers_left
from interlock.sdk.runtime import run
from interlock.sdk.step import StepSpec, spec_of
from interlock.testing import MemoryBackend

URL = "https://api.example.com/x"
ROWS = (
    HttpStandIn(url=URL, method="POST", status=201, headers={"X-Id": "7"}, body={"made": True}),
    HttpStandIn(url=URL, body="plain"),
)


@step
def call(value: dict[str, str], ctx: Context) -> list[object]:
    answer = ctx.http.request(value["method"], value["url"])
    return [answer.status, answer.text, answer.headers.get("x-id"), answer.headers["content-type"]]


@step
def poll(url: str, ctx: Context) -> list[object]:
    return [ctx.http.get(url).status for _ in range(3)]


def run_with(spec: StepSpec, value: Json, rows: tuple[HttpStandIn, ...]) -> object:
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
    done = run(StepRequest(handler="m:f", input=value, context=info, http=rows), spec, MemoryBackend())
    return done.error.name if done.error else done.output


def answer(method: str, url: str = URL) -> object:
    return run_with(spec_of(call), {"method": method, "url": url}, ROWS)


def test_call_is_answered_by_method_and_url() -> None:
    assert answer("POST") == [201, '{"made": true}', "7", "application/json"]
    assert answer("GET") == [200, "plain", None, "text/plain"]


@pytest.mark.parametrize("url", [f"{URL}y", "https://undeclared.example/x"])
def test_call_without_an_answer_is_refused(url: str) -> None:
    assert answer("GET", url) == "Interlock.Denied"


def test_answers_of_a_url_come_in_turn_and_the_last_again() -> None:
    rows = (HttpStandIn(url=URL, status=503), HttpStandIn(url=f"{URL}y"), HttpStandIn(url=URL, status=200))
    assert run_with(spec_of(poll), URL, rows) == [503, 200, 200]


@pytest.mark.parametrize(
    ("calls", "left"),
    [
        ([], [503, 502, 200, 201]),
        ([("GET", URL)], [502, 200, 201]),
        ([("GET", URL), ("POST", URL)], [200, 201]),
        ([("GET", URL)] * 9, [200, 201]),
        ([("GET", "https://other.example/")], [503, 502, 200, 201]),
    ],
    ids=["none", "first", "in-order", "last-stays", "other-url"],
)
def test_what_earlier_attempts_got_is_gone(calls: list[tuple[str, str]], left: list[int]) -> None:
    rows = [HttpStandIn(url=URL, status=status) for status in (503, 502, 200)]
    rows.append(HttpStandIn(url=URL, status=201, method="POST"))
    assert [row.status for row in answers_left(rows, calls)] == left
