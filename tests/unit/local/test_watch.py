"""What the journal writes of a service between two looks, and that it is all there when it is put back."""

import json
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from interlock.local.engine.journal.changes import State, key_text
from interlock.local.engine.journal.watch import Watch

KEY = ("000000000000", "us-east-1", "shop")


class Stacks:
    """CloudFormation's stores with one stack, a watch on them, and what was put back of what it wrote."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stack: dict[str, Any] = {
            "StackStatus": "CREATE_COMPLETE",
            "_template": {"a": 1},
            "_template_body": "a: 1",
            "_resources": {"one": {"Type": "T"}},
        }
        self.events: list[Any] = [{"n": 0}]
        self.stores = {
            "stacks": SimpleNamespace(_data={KEY: self.stack}),
            "stack_events": SimpleNamespace(_data={KEY: self.events}),
        }
        module = SimpleNamespace(get_state=lambda: self.stores)
        monkeypatch.setitem(sys.modules, "ministack.services.fake_cfn", module)
        self.watch = Watch({"cloudformation": "fake_cfn"}, json.dumps)
        self.state = State(lambda _: None, lambda _: SimpleNamespace(_data=dict[Any, Any]()))

    def look(self) -> list[list[Any]]:
        """Write what changed, and put it back."""
        changes = [json.loads(text) for text in self.watch.changes(["cloudformation"])]
        for change in json.loads(json.dumps(changes)):
            self.state.apply(change)
        return [change[:3] for change in changes]

    def kept(self, store: str) -> Any:
        """What is put back of a store."""
        state: Any = self.state.service("cloudformation")
        return state[store]._data


@pytest.fixture
def stacks(monkeypatch: pytest.MonkeyPatch) -> Stacks:
    stacks = Stacks(monkeypatch)
    stacks.look()
    return stacks


STACK = ["e", "cloudformation", "stacks"]


def test_a_stack_at_rest_is_not_written_again(stacks: Stacks) -> None:
    assert stacks.kept("stacks") == {KEY: stacks.stack}
    assert stacks.look() == []


@pytest.mark.parametrize(
    "change",
    [
        {"StackStatus": "UPDATE_IN_PROGRESS"},
        {"Tags": [{"Key": "k"}]},
        {"_template": {"a": 1}},
        {"_template_body": "a: 2"},
        {"_resources": {"one": {"Type": "T", "Id": "i"}}},
    ],
)
def test_what_changes_of_a_stack_at_rest_is_written(stacks: Stacks, change: dict[str, Any]) -> None:
    stacks.stack.update(change)
    assert stacks.look() == [STACK]
    assert stacks.kept("stacks") == {KEY: stacks.stack}
    assert stacks.look() == []


def test_each_resource_of_a_changing_stack_is_written(stacks: Stacks) -> None:
    stacks.stack["StackStatus"] = "UPDATE_IN_PROGRESS"
    stacks.look()
    stacks.stack["_resources"]["two"] = {"Type": "T"}
    assert stacks.look() == [STACK]
    stacks.stack["_resources"]["one"]["Id"] = "i"
    stacks.stack["StackStatus"] = "UPDATE_COMPLETE"
    assert stacks.look() == [STACK]
    assert stacks.kept("stacks") == {KEY: stacks.stack}


def test_new_events_alone_are_written(stacks: Stacks) -> None:
    stacks.events += [{"n": 1}, {"n": 2}]
    assert stacks.look() == [["n", "cloudformation", "stack_events"]]
    assert stacks.kept("stack_events") == {KEY: [{"n": 0}, {"n": 1}, {"n": 2}]}


def test_a_stack_that_is_gone_takes_its_events_along(stacks: Stacks) -> None:
    for store in stacks.stores.values():
        del store._data[KEY]
    assert sorted(change[2] for change in stacks.look()) == ["stack_events", "stacks"]
    assert stacks.kept("stacks") == stacks.kept("stack_events") == {}
    # A stack of the same name begins with events of its own.
    stacks.stores["stack_events"]._data[KEY] = [{"n": 9}]
    stacks.look()
    assert stacks.kept("stack_events") == {KEY: [{"n": 9}]}


def test_a_value_that_has_no_quick_mark_is_compared_by_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = SimpleNamespace(name="one")
    store = {"policies": SimpleNamespace(_data={KEY: {"policy": policy}})}
    monkeypatch.setitem(sys.modules, "ministack.services.fake_iam", SimpleNamespace(get_state=lambda: store))
    watch = Watch({"iam": "fake_iam"}, lambda value: json.dumps(value, default=lambda one: one.name))
    written = [json.dumps(["e", "iam", "policies", key_text(KEY)])[:-1].replace(", ", ",") + ',{"policy": "one"}]']
    assert watch.changes(["iam"]) == written
    assert watch.changes(["iam"]) == []
    policy.name = "two"
    assert len(watch.changes(["iam"])) == 1
