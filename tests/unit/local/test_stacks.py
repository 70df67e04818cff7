"""What a stack made is in the journal before the stack says that it is complete."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from interlock.local.engine.journal.requests import asks_for_stack
from interlock.local.engine.journal.stacks import Stacks
from interlock.local.engine.journal.watch import Watch

NONE, ONE, TWO = frozenset[str](), frozenset({"one"}), frozenset({"one", "two"})


class Engine:
    """The stacks that change."""

    changing = frozenset[str]()


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def stacks(engine: Engine) -> Stacks:
    return Stacks(lambda: engine.changing)


def test_nothing_is_looked_at_without_a_change(stacks: Stacks) -> None:
    assert not stacks.begin().needed


def test_an_end_between_two_looks_is_looked_at_once(engine: Engine, stacks: Stacks) -> None:
    engine.changing = ONE
    stacks.end(stacks.begin())
    engine.changing = NONE
    look = stacks.begin()
    assert look.needed
    stacks.end(look)
    assert not stacks.begin().needed


def test_an_end_during_a_look_is_looked_at_again(engine: Engine, stacks: Stacks) -> None:
    """Another request comes while the look of a first one goes on, and the stack has ended between."""
    engine.changing = ONE
    slow = stacks.begin()
    engine.changing = NONE
    second = stacks.begin()
    assert second.needed
    stacks.end(slow)
    assert stacks.begin().needed


def test_a_look_settles_no_later_change(engine: Engine, stacks: Stacks) -> None:
    engine.changing = ONE
    stacks.begin()
    engine.changing = NONE
    first = stacks.begin()
    stacks.begin(requested=True)
    stacks.end(first)
    assert stacks.begin().needed


def test_a_stack_that_is_complete_at_once_is_looked_at(stacks: Stacks) -> None:
    assert stacks.begin(requested=asks_for_stack(b"Version=1&Action=CreateStack")).needed
    assert not asks_for_stack(b"Action=DescribeStacks")


def test_a_question_while_a_stack_changes_is_not_urgent(engine: Engine, stacks: Stacks) -> None:
    engine.changing = ONE
    assert stacks.begin(requested=True).urgent
    look = stacks.begin()
    assert look.needed and not look.urgent


def test_an_end_is_urgent_until_it_is_written(engine: Engine, stacks: Stacks) -> None:
    engine.changing = TWO
    slow = stacks.begin()
    engine.changing = ONE
    ended = stacks.begin()
    stacks.end(slow)
    assert ended.urgent and stacks.begin().urgent
    stacks.end(ended)
    assert not stacks.begin().urgent


def test_a_stack_that_begins_during_a_look_is_seen_to_end(engine: Engine, stacks: Stacks) -> None:
    engine.changing = ONE
    slow = stacks.begin()
    engine.changing = TWO
    stacks.begin(requested=True)
    stacks.end(slow)
    engine.changing = ONE
    assert stacks.begin().urgent


def service(read: Callable[[], dict[str, Any]]) -> Any:
    return SimpleNamespace(get_state=read, _functions={}, _layers={}, _esms={}, _function_urls={})


def test_stacks_are_read_first_and_written_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stack ends while the functions are read: what is written does not say yet that it did."""
    status = {"StackStatus": "CREATE_IN_PROGRESS"}
    functions: dict[str, Any] = {}

    def read_functions() -> dict[str, Any]:
        before = dict(functions)
        functions["f"], status["StackStatus"] = {}, "CREATE_COMPLETE"
        return {"functions": SimpleNamespace(_data=before)}

    monkeypatch.setitem(sys.modules, "ministack.services.fake_iam", service(read_functions))
    stack = service(lambda: {"stacks": SimpleNamespace(_data={"s": status})})
    monkeypatch.setitem(sys.modules, "ministack.services.fake_cfn", stack)
    watch = Watch({"cloudformation": "fake_cfn", "iam": "fake_iam"}, json.dumps)
    assert ["CREATE_IN_PROGRESS" in text for text in watch.changes(watch.services())] == [True]
    texts = watch.changes(watch.services())
    assert ["functions" in text for text in texts] == [True, False]
    assert "CREATE_COMPLETE" in texts[-1]


def test_stacks_are_never_due_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("fake_iam", "fake_cfn"):
        monkeypatch.setitem(sys.modules, f"ministack.services.{name}", service(dict))
    assert Watch({"cloudformation": "fake_cfn", "iam": "fake_iam"}, json.dumps).due() == ["iam"]
