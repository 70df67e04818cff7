"""A state of a workflow as its definition has it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from interlock.asl.scope import language_of
from interlock.asl.values import Object


@dataclass(frozen=True)
class State:
    """One state.

    Attributes:
        name: its name.
        fields: its definition.
        language: its query language, its own or the workflow's.
    """

    name: str
    fields: Object
    language: str

    @property
    def kind(self) -> str:
        """Its Type."""
        return str(self.fields.get("Type"))

    @property
    def jsonata(self) -> bool:
        """Whether it is written in JSONata."""
        return self.language == "JSONata"

    @property
    def next(self) -> str | None:
        """The state that follows; None at the end."""
        following = self.fields.get("Next")
        return following if isinstance(following, str) else None

    def rows(self, field: str) -> list[Object]:
        """The objects of a list field such as Retry, Catch, Choices or Branches."""
        value = self.fields.get(field)
        return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []

    @property
    def processor(self) -> Object:
        """The states of a Map, by either name."""
        value = self.fields.get("ItemProcessor") or self.fields.get("Iterator")
        return value if isinstance(value, dict) else {}


def states_of(scope: Object, outer: str) -> Mapping[str, State]:
    """The states of a workflow, a branch or an item processor, by name."""
    language = language_of(scope, outer)
    states = scope.get("States")
    return {
        name: State(name, fields, language_of(fields, language))
        for name, fields in (states.items() if isinstance(states, dict) else ())
        if isinstance(fields, dict)
    }


def every_state(scope: Object, outer: str = "JSONPath") -> Iterator[State]:
    """Every state of a workflow, those inside Parallel and Map too."""
    language = language_of(scope, outer)
    for state in states_of(scope, outer).values():
        yield state
        for branch in state.rows("Branches"):
            yield from every_state(branch, language)
        if state.processor:
            yield from every_state(state.processor, language)
