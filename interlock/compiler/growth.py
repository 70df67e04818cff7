"""How far a run can grow: whether a workflow's definition bounds the events of its history."""

from typing import cast

from interlock.compiler.workflow import Raw, States, exits, reach, scopes


def states_of(raw: Raw) -> list[Raw]:
    """Every state, those inside branches and item processors too."""
    return [state for scope, _ in scopes(raw) for state in cast(States, scope["States"]).values()]


def repeats(raw: Raw) -> bool:
    """Whether a state can be entered more than once in a run: a Map, or a loop."""
    return any(
        state["Type"] == "Map" or any(name in reach(target, states) for target in exits(state))
        for scope, _ in scopes(raw)
        for states in (cast(States, scope["States"]),)
        for name, state in states.items()
    )
