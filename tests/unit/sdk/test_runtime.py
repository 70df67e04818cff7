"""Steps through the runtime: types, strict JSON, errors as data, the Lambda entry point, lean imports."""

import json
import math
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from interlock import Context, PermanentError, RetryableError, step
from interlock.contract.core.failure import GateFailure
from interlock.contract.egress import check_declared, parse_target
from interlock.sdk.egress import resolve
from interlock.sdk.http import HttpResponse
from interlock.sdk.redact import Redactor
from interlock.sdk.runtime import handler
from interlock.testing import run_step

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


class Point(BaseModel):
    """A typed input."""

    x: int
    y: float = 0.0


@step
def move(point: Point, ctx: Context) -> Point:
    """A typed step."""
    ctx.log.info("moving", x=point.x)
    return Point(x=point.x + 1)


@step
async def later(value: int) -> list[int]:
    """An async step without context."""
    return [value]


def same(value: Any) -> Any:
    """A plain function."""
    return value


def finite(value: Any) -> bool:
    """Whether JSON can hold it."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(finite(row) for row in cast(dict[str, Any], value).values())
    return all(finite(row) for row in cast(list[Any], value)) if isinstance(value, list) else True


def test_typed_async_and_plain_steps() -> None:
    assert run_step(move, {"x": 1}).output == {"x": 2, "y": 0.0}
    assert run_step(later, 3).output == [3]
    assert move.__name__ == "move"


@given(JSON)
def test_json_values_pass_and_others_are_bad_output(value: Any) -> None:
    def answer() -> Any:
        return value

    run = run_step(answer)
    if finite(value):
        assert json.dumps(run.output, sort_keys=True) == json.dumps(value, sort_keys=True)
    else:
        assert run.error is not None and run.error.name == "Interlock.BadOutput"


@pytest.mark.parametrize("value", [{1, 2}, b"x", object(), {1: 2}, "\ud800", "x" * 7_000_000, Point(x=1, y=math.nan)])
def test_bad_output(value: object) -> None:
    def answer() -> Any:
        return value

    error = run_step(answer).error
    assert error is not None and error.name == "Interlock.BadOutput"


class Row(BaseModel):
    n: int


@dataclass
class Total:
    sum: int


@pytest.mark.parametrize(
    ("declared", "value", "text"),
    [
        (list[Row], [Row(n=1), Row.model_construct(n="topsecret")], "$[1].n must be a number (it is str)"),
        (Total, Total(cast(Any, "topsecret")), "$.sum must be a number (it is str)"),
        (Total, {"sum": 1}, "$ must be Total (it is dict)"),
        (int, "topsecret", "$ must be a number (it is str)"),
        (list[int], (1, 2), "$ must be list[int] (it is tuple)"),
        (dict[str, Any], {"a": [1, object()]}, "$.a[1] is object, which JSON can't hold"),
        (dict[str, Any], {"a": Total(cast(Any, ValueError("topsecret")))}, "$.a.sum is ValueError, which JSON can't"),
        (Any, {"a": math.inf}, "$.a is inf, which JSON can't hold"),
    ],
)
def test_bad_output_names_the_field_and_its_type(declared: Any, value: Any, text: str) -> None:
    def answer() -> Any:
        return value

    answer.__annotations__["return"] = declared
    error = run_step(answer).error
    assert error is not None and error.name == "Interlock.BadOutput"
    assert text in error.message and "topsecret" not in error.message and "ydantic" not in error.message


def test_bad_input_names_the_place_and_not_the_value() -> None:
    error = run_step(move, {"x": "topsecret"}).error
    assert error is not None and error.name == "Interlock.BadInput"
    assert "$.x" in error.message and "topsecret" not in error.message


@pytest.mark.parametrize(
    ("error", "name", "retryable"),
    [
        (RetryableError("later"), "RetryableError", True),
        (PermanentError("never", name="Shop.Closed"), "Shop.Closed", False),
        (KeyError("x"), "KeyError", None),
        (SystemExit(3), "Interlock.StepExit", None),
    ],
)
def test_errors_are_named_for_retry_and_catch(error: BaseException, name: str, retryable: bool | None) -> None:
    def fail() -> None:
        raise error

    result = run_step(fail).error
    assert result is not None and (result.name, result.retryable) == (name, retryable)


def test_frames_have_the_publishers_source_and_redacted_locals() -> None:
    def fail(_input: object, ctx: Context) -> None:
        password, url, rows = "hunter2hunter2", ctx.secrets["db"], {"token": "abc", "n": 1}
        raise ValueError(f"no {url} {len(password)} {rows['n']}")

    result = run_step(fail, secrets={"db": "postgres://u:opensesame@h/x"})
    assert result.error is not None
    frame = result.error.frames[-1]
    assert frame.function.endswith("fail")
    assert any("raise ValueError" in line for line in frame.source)
    text = result.answer.model_dump_json()
    assert not [
        word for word in ("hunter2hunter2'", "opensesame", "'abc'") if word in str(frame.locals) + result.error.message
    ]
    assert "opensesame" not in text


def test_egress_is_what_was_declared() -> None:
    def call(url: str, ctx: Context) -> int:
        return ctx.http.get(url).status

    there = HttpResponse(302, {"location": "https://evil.example/"})
    run = run_step(call, "https://a.example.com/", egress=["*.example.com:443"], http={"https://a.example.com/": there})
    assert run.error is not None and run.error.name == "Interlock.Denied"
    assert len(run.backend.calls) == 1
    for host, allowed in (("a.b.example.com", True), ("example.com", False), ("badexample.com", False)):
        try:
            check_declared(["*.example.com:443"], host, 443)
        except GateFailure:
            assert not allowed
        else:
            assert allowed


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "2852039166", "::ffff:169.254.169.254", "fd00:ec2::254", "0.0.0.0"]
)
def test_metadata_addresses_are_refused(host: str) -> None:
    with pytest.raises(GateFailure):
        resolve(host, 80)


def test_urls_with_user_information_or_spaces_are_refused() -> None:
    for url in ("http://u@h/", "ftp://h/", "http://h/ x", "http:///", "http://h:99999/"):
        with pytest.raises(Exception, match="can't call this URL"):
            parse_target(url)


def test_the_entry_point_answers_and_never_raises(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tmp_path.joinpath("a_bundle.py").write_text("def double(x: int) -> int:\n    return 2 * x\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    trigger = {"kind": "api", "name": "n", "id": "i"}
    names = {"run": "r", "tenant": "acme", "install": "i", "app": "pub/app", "version": "1.0.0", "workflow": "w"}
    context = {**names, "state": "S", "step": "double", "visit": "v", "trigger": trigger}
    answer = handler({"handler": "a_bundle:double", "input": 4, "context": context}, None)
    assert answer["output"] == 8 and answer["error"] is None
    assert handler({"handler": "a_bundle:no", "input": 4, "context": context}, None)["error"]["name"]
    assert (
        handler({"handler": "no_bundle:x", "input": 4, "context": context}, None)["error"]["name"]
        == "ModuleNotFoundError"
    )
    assert handler({"nonsense": 1}, None)["error"]["name"] == "Interlock.BadInput"


def test_a_step_without_a_session_runs_without_effects(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = "def peek(x: int, ctx):\n    return ctx.catalog.get('a') if x else 'fine'\n"
    tmp_path.joinpath("b_bundle.py").write_text(source)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    trigger = {"kind": "api", "name": "n", "id": "i"}
    names = {"run": "r", "tenant": "acme", "install": "i", "app": "pub/app", "version": "1.0.0", "workflow": "w"}
    context = {**names, "state": "S", "step": "peek", "visit": "v", "trigger": trigger}
    assert handler({"handler": "b_bundle:peek", "input": 0, "context": context}, None)["output"] == "fine"
    refused = handler({"handler": "b_bundle:peek", "input": 1, "context": context}, None)
    assert refused["error"]["name"] == "Interlock.Denied"


def test_importing_the_runtime_imports_nothing_heavy() -> None:
    heavy = ("boto3", "botocore", "aws_xray_sdk", "aws_lambda_powertools", "urllib3")
    code = f"import sys, interlock.sdk.runtime as r; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_shapes_of_secrets_are_redacted() -> None:
    shown = Redactor().text("AKIAABCDEFGHIJKLMNOP postgres://u:pw12@h Bearer abcdefghijkl")
    assert not [word for word in ("AKIA", "pw12", "abcdefghijkl") if word in shown]


@step
def sums_up(value: dict[str, Any], ctx: Context) -> str:
    """A step that says what it did, before it fails or not."""
    ctx.summary("begins")
    ctx.summary(f"{value['text']} {ctx.secrets.get('key')}")
    if value.get("fails"):
        raise ValueError("no")
    return "done"


@pytest.mark.parametrize("fails", [False, True])
def test_summary_is_one_short_line_without_secrets(fails: bool) -> None:
    value = {"text": "42\ncolumns of", "fails": fails}
    done = run_step(sums_up, value, secrets={"key": "s3cret-value"})
    assert done.summary == "42 columns of [redacted]"
    assert bool(done.error) is fails
    long = run_step(sums_up, {"text": "x" * 999}, secrets={"key": "s3cret-value"})
    assert (len(long.summary), long.summary[-1]) == (200, "…")
    assert run_step(same, 1).summary == ""
