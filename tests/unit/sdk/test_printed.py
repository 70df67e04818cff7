"""What a step prints and logs: lines of JSON that carry the run, whoever wrote them, and no secret in them."""

import base64
import io
import json
import logging
import sys
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
from pydantic import BaseModel

from interlock.contract.envelope import StepContext, Trigger
from interlock.sdk.log import Log, bound, install_formatter
from interlock.sdk.printed import LINE_CHARS, printed
from interlock.sdk.redact import Redactor

INFO = StepContext(
    run="r1", tenant="acme", install="i", app="acme/app", version="1.0.0", workflow="main", state="One", step="one",
    index=4, attempt=2, visit="v", trigger=Trigger(name="api", kind="api", id="t"),
)  # fmt: skip
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Generator[Lines]:
    """The lines of the process's log, as Lambda has it: one handler, made before anything is printed."""
    root, stream = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    root.handlers[:] = [logging.StreamHandler(stream)]
    install_formatter()
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)


def test_a_printed_line_carries_the_run_and_its_place(lines: Lines) -> None:
    with printed(), bound(INFO, Redactor()):
        sys.stdout.write("one\ntwo")
        sys.stderr.write("careful\n")
    rows = {row["message"]: row for row in lines()}
    assert set(rows) == {"one", "two", "careful"}
    assert {(row["run"], row["tenant"], row["state"], row["index"], row["attempt"]) for row in rows.values()} == {
        ("r1", "acme", "One", 4, 2)
    }
    assert {(row["install"], row["install_name"]) for row in rows.values()} == {(INFO.install, "app")}
    assert (rows["one"]["logger"], rows["one"]["level"]) == ("print", "INFO")
    assert (rows["careful"]["logger"], rows["careful"]["level"]) == ("stderr", "WARNING")


def test_a_thread_that_the_step_started_is_the_steps(lines: Lines) -> None:
    with printed(), bound(INFO, Redactor(), {"dry": True}):
        thread = threading.Thread(
            target=lambda: (sys.stdout.write("there\n"), logging.getLogger("own").warning("here"))
        )
        thread.start()
        thread.join()
    assert [(row["message"], row["run"], row["dry"]) for row in lines()] == [
        ("there", "r1", True),
        ("here", "r1", True),
    ]


def test_a_secret_is_redacted_in_what_is_printed(lines: Lines) -> None:
    redactor = Redactor()
    redactor.learn("hunter2-hunter2")
    with printed(), bound(INFO, redactor):
        sys.stdout.write("the key is hunter2-hunter2\n")
    assert "hunter2" not in json.dumps(lines())


def test_a_handler_of_the_apps_own_on_stdout_does_not_loop(lines: Lines) -> None:
    out = io.StringIO()
    before, sys.stdout = sys.stdout, out
    try:
        with printed(), bound(INFO, Redactor()):
            own = logging.StreamHandler(sys.stdout)
            logging.getLogger().addHandler(own)
            logging.getLogger("own").warning("once")
    finally:
        sys.stdout = before
    assert [row["message"] for row in lines()][:1] == ["once"]
    assert len(lines()) <= 2


def test_a_very_long_line_is_cut_and_says_so(lines: Lines) -> None:
    with printed(), bound(INFO, Redactor()):
        sys.stdout.write("x" * (LINE_CHARS + 7) + "\n")
    (row,) = lines()
    assert row["message"].endswith("x (7 characters more)")


class _Pair(NamedTuple):
    user: str
    password: str


@dataclass
class _Held:
    password: str


class _Model(BaseModel):
    password: str


def test_secrets_are_redacted_in_every_form(lines: Lines) -> None:
    secret = "postgres://svc:p@ss/w#rd@db.example/x"
    redactor = Redactor()
    redactor.learn_secret(secret)
    word = b"p@ss/w#rd"
    with printed(), bound(INFO, redactor):
        sys.stdout.write(f"{secret} p@ss/w#rd {word.hex()} {word.hex().upper()} p%40ss%2Fw%23rd\n")
        sys.stderr.write(base64.b64encode(b"svc:" + word).decode() + "\n")
        logging.getLogger("x").info("%s", base64.b64encode(word).decode())
    text = json.dumps(lines())
    assert "ss/w" not in text and "p%40" not in text
    assert word.hex() not in text.lower()
    assert base64.b64encode(word).decode()[:8] not in text
    assert base64.b64encode(b"svc:" + word).decode()[8:14] not in text


@pytest.mark.parametrize(
    "value", [_Pair("svc", "abcd"), _Held("abcd"), _Model(password="abcd"), [{"x": _Held("abcd")}]]
)
def test_fields_of_objects_are_redacted_by_name(lines: Lines, value: object) -> None:
    with bound(INFO, Redactor()):
        Log().info("connected", row=value)
    assert "abcd" not in json.dumps(lines())
    assert "password" in json.dumps(lines())
