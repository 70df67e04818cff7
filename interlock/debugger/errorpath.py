"""Which states of a workflow lie on its main path, and which only a caught error leads to."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from interlock.contract.asl import PAUSED_SUFFIX

Raw = Mapping[str, Any]


class ErrorPaths:
    """The states of a definition; without a definition, every question is answered so that nothing is blamed on it."""

    def __init__(self, definition: Raw | None) -> None:
        """Read a definition, as written or compiled."""
        self.states: dict[str, Raw] = {}
        self._around: dict[str, tuple[str, ...]] = {}
        self._main: set[str] = set()
        self.known = definition is not None
        if definition is not None:
            self._read(definition, ())

    def _read(self, scope: Raw, around: tuple[str, ...]) -> None:
        states: dict[str, Raw] = {
            name: state
            for name, state in cast(Mapping[str, Raw], scope.get("States", {})).items()
            if not name.endswith(PAUSED_SUFFIX)
        }
        self._main |= _reached([str(scope.get("StartAt", ""))], states, caught=False)
        for name, state in states.items():
            self.states[name] = state
            self._around[name] = around
            inner = [*state.get("Branches", ()), state.get("ItemProcessor") or state.get("Iterator")]
            for part in inner:
                if part:
                    self._read(cast(Raw, part), (*around, name))

    def knows(self, name: str) -> bool:
        """Whether it is a state of the workflow; any name is where the workflow is not known."""
        return bool(name) and (not self.known or name in self.states)

    def around(self, name: str) -> tuple[str, ...]:
        """The Parallel and Map states around a state, outermost first."""
        return self._around.get(name, ())

    def type_of(self, name: str) -> str:
        """The state's type; empty where it is not known."""
        return str(self.states.get(name, {}).get("Type", ""))

    def step_of(self, name: str) -> str:
        """The step that a compiled Task calls; empty where it is none, or not known."""
        state = self.states.get(name, {})
        payload = state.get("Arguments", state.get("Parameters"))
        return str(cast(Raw, payload).get("step", "")) if isinstance(payload, Mapping) else ""

    def is_main(self, name: str) -> bool:
        """Whether the state, and all that is around it, can be entered without a caught error."""
        return not self.known or all(word in self._main for word in (name, *self.around(name)))

    def leads(self, failed: str, state: str) -> bool:
        """Whether a Catch of a state, or of what is around it, leads to another state or to what is around that."""
        goals = {state, *self.around(state)}
        for name in (failed, *reversed(self.around(failed))):
            targets = [str(row.get("Next", "")) for row in self.states.get(name, {}).get("Catch", ())]
            if goals & _reached(targets, self.states, caught=True):
                return True
        return False

    def target(self, failed: str, error: str) -> str:
        """Where the Catch of a state, or of what is around it, leads with an error; empty where none catches it."""
        return str(self._catcher(failed, error).get("Next", ""))

    def asks_for_error(self, failed: str, error: str, state: str) -> bool:
        """Whether a Choice on the way from a Catch to a state looks at what the Catch wrote of the error."""
        catcher = self._catcher(failed, error)
        target, path = str(catcher.get("Next", "")), str(catcher.get("ResultPath") or "$")
        if path == "$":
            return False
        choices = [name for name in self.states if self.type_of(name) == "Choice" and self.reaches(target, name)]
        return any(f'"{path}' in json.dumps(self.states[name]) and self.reaches(name, state) for name in choices)

    def _catcher(self, failed: str, error: str) -> Raw:
        for name in (failed, *reversed(self.around(failed))):
            for row in self.states.get(name, {}).get("Catch", ()):
                if {error, "States.ALL", "States.TaskFailed"} & set(cast(list[str], row.get("ErrorEquals", ()))):
                    return cast(Raw, row)
        return {}

    def reaches(self, target: str, state: str) -> bool:
        """Whether a state, or what is around it, can be entered from `target`, or is it."""
        return bool({state, *self.around(state)} & _reached([target], self.states, caught=True))


def _reached(begin: Iterable[str], states: Mapping[str, Raw], *, caught: bool) -> set[str]:
    """States that can be entered from some, with or without what Catch leads to; of their own scopes."""
    seen: set[str] = set()
    todo = list(begin)
    while todo:
        name = todo.pop()
        if name in seen or name not in states:
            continue
        seen.add(name)
        state = states[name]
        rows: list[Raw] = [state, *state.get("Choices", ()), *(state.get("Catch", ()) if caught else ())]
        todo.extend(str(row["Next"]) for row in rows if row.get("Next"))
        if state.get("Default"):
            todo.append(str(state["Default"]))
    return seen
