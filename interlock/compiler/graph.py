"""The graph of a scope's states: where each can go, what is reached, which states form a loop. Linear in its size."""

from collections.abc import Iterator
from typing import Any

Raw = dict[str, Any]
States = dict[str, Raw]


def exits(state: Raw) -> list[str]:
    """The states that a state can go to."""
    holders: list[Raw] = [state, *state.get("Choices", ()), *state.get("Catch", ())]
    targets = [*(holder.get("Next") for holder in holders), state.get("Default")]
    return list(dict.fromkeys(target for target in targets if isinstance(target, str)))


def reach(start: str, states: States, without: str = "") -> set[str]:
    """The states of a scope that can be entered from `start` on, itself included."""
    reached: set[str] = set()
    todo = [start]
    while todo:
        name = todo.pop()
        if name in states and name not in reached and name != without:
            reached.add(name)
            todo.extend(exits(states[name]))
    return reached


def loops(states: States) -> list[set[str]]:
    """The sets of states that can each be entered again from each other, in the order of the scope.

    Tarjan's strongly connected components (https://doi.org/10.1137/0201010), without recursion.
    """
    onward = {name: [target for target in exits(state) if target in states] for name, state in states.items()}
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    open_states: dict[str, None] = {}
    parts: list[set[str]] = []
    for root in states:
        if root in number:
            continue
        number[root] = low[root] = len(number)
        open_states[root] = None
        path: list[tuple[str, Iterator[str]]] = [(root, iter(onward[root]))]
        while path:
            name, targets = path[-1]
            target = next(targets, None)
            if target is None:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[name])
                if low[name] == number[name]:
                    parts.append(_taken(open_states, name))
            elif target not in number:
                number[target] = low[target] = len(number)
                open_states[target] = None
                path.append((target, iter(onward[target])))
            elif target in open_states:
                low[name] = min(low[name], number[target])
    order = {name: place for place, name in enumerate(states)}
    cycles = [part for part in parts if len(part) > 1 or part & set(onward[next(iter(part))])]
    return sorted(cycles, key=lambda part: min(order[name] for name in part))


def _taken(open_states: dict[str, None], last: str) -> set[str]:
    part: set[str] = set()
    while last not in part:
        part.add(open_states.popitem()[0])
    return part
