"""What comes before and after what in a workflow, read from its definition. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from interlock.contract.asl import PAUSED_SUFFIX

Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a state is, and what may follow it there.

    Attributes:
        around: the Parallel and Map states around it, outermost first.
        scope: its own branch or item processor: the container's name and the branch's number; empty at the top.
        maps: the Map states around it, outermost first.
        next: states of its own scope that may follow at once.
    """

    around: tuple[str, ...]
    scope: tuple[str, int]
    maps: tuple[str, ...]
    next: frozenset[str]
    state: Raw = field(repr=False)


class Flow:
    """The states of a definition. Names are unique in a workflow (Amazon States Language)."""

    def __init__(self, definition: Raw) -> None:
        """Read a definition, as written or compiled."""
        self.places: dict[str, Place] = dict(_places(definition, (), ("", 0), ()))

    def after(self, name: str) -> frozenset[str]:
        """States that may be entered after `name` was left: in its own scope, and in those around it."""
        seen: set[str] = set()
        for element in (name, *reversed(self._around(name))):
            reached = self._closure(element, {state: place.next for state, place in self.places.items()})
            seen |= reached | self._inside(reached)
        return frozenset(seen)

    def before(self, name: str) -> frozenset[str]:
        """States that may have been entered before `name` is."""
        back: dict[str, set[str]] = {}
        for state, place in self.places.items():
            for follower in place.next:
                back.setdefault(follower, set()).add(state)
        seen: set[str] = set()
        for element in (name, *reversed(self._around(name))):
            reached = self._closure(element, back)
            seen |= reached | self._inside(reached)
        return frozenset(seen)

    def same_item(self, name: str) -> frozenset[str]:
        """Every state of the innermost Map around `name`; empty where it is in none."""
        place = self.places.get(name)
        if place is None or not place.maps:
            return frozenset()
        return frozenset(state for state, other in self.places.items() if place.maps[-1] in other.around)

    def loops(self, name: str) -> bool:
        """Whether a container around `name` can be entered more than once."""
        steps = {state: place.next for state, place in self.places.items()}
        return any(element in self._closure(element, steps) for element in self._around(name))

    def within(self, container: str) -> frozenset[str]:
        """Every state inside a Parallel or Map."""
        return frozenset(self._inside({container}))

    def catches(self, name: str, error: str) -> bool:
        """Whether the state itself catches an error of that name."""
        place = self.places.get(name)
        catchers = place.state.get("Catch", ()) if place else ()
        return any({error, "States.ALL", "States.TaskFailed"} & set(row.get("ErrorEquals", ())) for row in catchers)

    def shape(self) -> dict[str, tuple[str, tuple[str, int], frozenset[str]]]:
        """Type, scope and followers by state: what two versions of a workflow are compared by."""
        return {
            name: (str(place.state.get("Type", "")), place.scope, place.next) for name, place in self.places.items()
        }

    def _around(self, name: str) -> tuple[str, ...]:
        place = self.places.get(name)
        return place.around if place else ()

    def _inside(self, names: set[str]) -> set[str]:
        return {state for state, place in self.places.items() if names & set(place.around)}

    def _closure(self, start: str, edges: Mapping[str, frozenset[str] | set[str]]) -> set[str]:
        seen: set[str] = set()
        todo = list(edges.get(start, ()))
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo.extend(edges.get(name, ()))
        return seen


def _places(
    scope: Raw, around: tuple[str, ...], at: tuple[str, int], maps: tuple[str, ...]
) -> Iterator[tuple[str, Place]]:
    for name, state in cast(Mapping[str, Raw], scope.get("States", {})).items():
        if name.endswith(PAUSED_SUFFIX):
            continue
        yield name, Place(around, at, maps, frozenset(_next(state)), state)
        for number, branch in enumerate(state.get("Branches", ())):
            yield from _places(branch, (*around, name), (name, number), maps)
        inner = state.get("ItemProcessor") or state.get("Iterator")
        if inner:
            yield from _places(inner, (*around, name), (name, 0), (*maps, name))


def _next(state: Raw) -> Iterator[str]:
    rows = (state, *state.get("Choices", ()), *state.get("Catch", ()))
    names = [row.get("Next") for row in rows] + [state.get("Default")]
    yield from (name for name in names if isinstance(name, str) and not name.endswith(PAUSED_SUFFIX))
