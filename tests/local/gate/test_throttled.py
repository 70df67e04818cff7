"""A gate or a step that Lambda throttles fails no run, and uses up none of the publisher's tries."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.kit import Installed, Kit, bundle, single, task

GATE = "interlock-gate"
ITEMS = 6
CODE = """
import threading
from interlock import step

@step
def slow(value):
    threading.Event().wait(0.3)
    return value
"""
NEVER_AGAIN = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 0}]
EACH: dict[str, Any] = {
    "Type": "Map",
    "ItemsPath": "$.items",
    "ItemProcessor": {"StartAt": "Slow", "States": {"Slow": task("slow", Retry=NEVER_AGAIN)}},
    "End": True,
}


def versions_functions(kit: Kit) -> set[str]:
    """The names of every function of a version."""
    pages = kit.client("lambda").get_paginator("list_functions").paginate()
    every = (row["FunctionName"] for page in pages for row in page["Functions"])
    return {name for name in every if name.startswith("interlock-v-")}


@pytest.fixture(scope="module")
def installed(kit: Kit) -> tuple[Installed, str]:
    """The app, and the name of its step's function."""
    before = versions_functions(kit)
    subject = kit.app(bundle(CODE, {"slow": ""}, {"each": single(EACH)}))
    (function,) = versions_functions(kit) - before
    return subject, function


@contextmanager
def one_at_a_time(kit: Kit, function: str) -> Generator[None]:
    """One call of a function runs at a time; further ones are throttled."""
    functions = kit.client("lambda")
    functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=1)
    try:
        yield
    finally:
        functions.delete_function_concurrency(FunctionName=function)


def failures(kit: Kit, installed: Installed, run: str) -> list[str]:
    """The errors of the attempts that failed."""
    execution = kit.execution(installed, "each", run)
    pages = kit.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=execution)
    events = [event for page in pages for event in page["events"]]
    return [
        str(part.get("error"))
        for event in events
        for name, part in event.items()
        if name.endswith("EventDetails") and event["type"] in ("TaskFailed", "LambdaFunctionFailed")
    ]


def test_throttled_gate_fails_no_run(kit: Kit, installed: tuple[Installed, str]) -> None:
    app, _ = installed
    with one_at_a_time(kit, GATE):
        run = kit.start(app, "each", {"items": list(range(ITEMS))})
        ended = kit.ended(app, run)
    assert ended["status"] == "succeeded", ended
    assert set(failures(kit, app, run)) == {"Lambda.TooManyRequestsException"}
    assert [row["status"] for row in kit.steps(app, run)] == ["succeeded"] * ITEMS


def test_throttled_step_is_called_again_by_the_gate(kit: Kit, installed: tuple[Installed, str]) -> None:
    app, function = installed
    with one_at_a_time(kit, function):
        run = kit.start(app, "each", {"items": list(range(ITEMS))})
        ended = kit.ended(app, run)
    assert ended["status"] == "succeeded", ended
    assert failures(kit, app, run) == [], "the gate's patience is longer than these steps take"
    assert [row["status"] for row in kit.steps(app, run)] == ["succeeded"] * ITEMS
