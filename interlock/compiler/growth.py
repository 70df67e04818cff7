"""How far a run can grow: whether a workflow's definition bounds the events of its history."""

from typing import cast

from interlock.compiler.graph import Raw, States, loops
from interlock.compiler.workflow import scopes


def states_of(raw: Raw) -> list[Raw]:
    """Every state, those inside branches and item processors too."""
    return [state for scope, _ in scopes(raw) for state in cast(States, scope["States"]).values()]


def parallel_tasks(raw: Raw) -> tuple[str, ...]:
    """The Tasks inside a Map or a Parallel: of these a run may have several under way at the same time."""
    top = set(cast(States, raw["States"]))
    every = (pair for scope, _ in scopes(raw) for pair in cast(States, scope["States"]).items())
    return tuple(name for name, state in every if state["Type"] == "Task" and name not in top)


def repeats(raw: Raw) -> bool:
    """Whether a state can be entered more than once in a run: a Map, or a loop."""
    rows = [cast(States, scope["States"]) for scope, _ in scopes(raw)]
    return any(loops(states) or any(state["Type"] == "Map" for state in states.values()) for states in rows)
