"""Which parts of a payload no expression of a workflow reads: those may lie in S3 while the workflow runs.

Conservative by names: a name that any expression mentions on the way to something is never spilled; a name that an
expression may read *into* (a function's argument, a Choice's variable, what a variable is assigned) keeps all that is
below it. A path that only moves a value into a step leaves it free to be a marker; one that moves it to another name
keeps it in place, and whatever holds for the new name holds for the old one. `..` and `*`, and the whole payload as an
argument, read anything, so nothing spills then.
"""

import re
from collections.abc import Iterator
from typing import Any, cast

from interlock.compiler import expressions
from interlock.compiler.graph import Raw, States
from interlock.compiler.workflow import scopes
from interlock.contract.registry import SpillPlan

_MOVE = re.compile(r"^\$[\w]*(\.[A-Za-z_][\w\-]*)*$")
_JSONATA_MOVE = re.compile(r"^\{%\s*(?:\[\s*)?(\$[\w]*(\.[A-Za-z_]\w*)*)(?:\s*\])?\s*%\}$")
"""Also `[path]`: a list of what was moved."""
_READS_ALL = re.compile(
    r"\.\.|\*\*|\.\*|\[\*\]|\$(lookup|keys|spread|each|sift|merge|eval)\("
    r"|[(,]\s*\$\s*[,)]|\$states\.(input|result)\b(?!\s*\.)"
)
_ROOTS = re.compile(r"^\$states\.(input|result)\b")
READING_FIELDS = frozenset(
    "Variable ItemsPath Items SecondsPath TimestampPath Condition ErrorPath CausePath Error Cause".split()
)
_NESTED = ("Branches", "ItemProcessor", "Iterator")
_WHOLE = ("InputPath", "OutputPath", "Output")


def plan_spill(raw: Raw) -> SpillPlan:
    """What must stay in place, for a written definition."""
    reads: set[str] = set()
    deep: set[str] = set()
    aliases: list[tuple[str, str]] = []
    opaque = into_root = False
    for state, place, text in _expressions(raw):
        field = place.rsplit("/", 1)[-1]
        path = _moved(text)
        # What reads anything, such as `$[0]`, or puts a result into the payload, needs the payload itself.
        into_root = into_root or path is None or (field == "ResultPath" and path != [])
        if path is None or field in READING_FIELDS or place.startswith("/Assign/"):
            opaque = opaque or _READS_ALL.search(text) is not None
            names = expressions.names_read(text)
            reads |= names
            deep |= names
            continue
        reads.update(path[:-1])
        into_a_step = state["Type"] == "Task" and place.startswith(("/Parameters", "/Arguments"))
        if not into_a_step and field != "ResultPath":
            reads.update(path[-1:])
            if field not in _WHOLE:
                aliases.append((field.removesuffix(".$"), path[-1] if path else ""))
    deep |= _behind(deep, aliases)
    opaque = opaque or "" in deep
    root = not (reads or deep or opaque or into_root) and not any(map(_iterates_its_input, _states(raw)))
    free = [name for name, state in _named_states(raw) if not opaque and _is_free(state, reads | deep, root=root)]
    return SpillPlan(
        reads=tuple(sorted(reads)),
        deep=tuple(sorted(deep - {""})),
        opaque=opaque,
        root=root,
        results=tuple(sorted(free)),
    )


def _behind(names: set[str], aliases: list[tuple[str, str]]) -> set[str]:
    """The names whose values were moved to some names, over any number of moves."""
    origins: dict[str, set[str]] = {}
    for new, old in aliases:
        origins.setdefault(new, set()).add(old)
    behind: set[str] = set()
    todo = list(names)
    while todo:
        more = origins.get(todo.pop(), set()) - behind
        behind |= more
        todo += more
    return behind


def _is_free(state: Raw, names: set[str], *, root: bool) -> bool:
    """Whether nothing reads into the place where a Task's result goes."""
    if state["Type"] != "Task" or {"ResultSelector", "Output", "Assign"} & set(state):
        return False
    path = state.get("ResultPath", "$")
    if path is None:
        return True
    moved = _moved(path) if isinstance(path, str) else None
    return moved is not None and (root if not moved else moved[-1] not in names)


def _iterates_its_input(state: Raw) -> bool:
    """Whether a Map takes its whole input for the list of its items, which no expression says."""
    return state["Type"] == "Map" and not {"ItemsPath", "Items"} & set(state)


def _states(raw: Raw) -> Iterator[Raw]:
    return (state for _, state in _named_states(raw))


def _named_states(raw: Raw) -> Iterator[tuple[str, Raw]]:
    for scope, _ in scopes(raw):
        yield from cast(States, scope["States"]).items()


def _expressions(raw: Raw) -> Iterator[tuple[Raw, str, str]]:
    """Every expression and path, with its state and where in the state it stands."""
    for scope, _ in scopes(raw):
        for state in cast(States, scope["States"]).values():
            own: dict[str, Any] = {key: value for key, value in state.items() if key not in _NESTED}
            for place, text in expressions.strings(own):
                field = place.rsplit("/", 1)[-1]
                is_path = text.startswith("$") and field.endswith((".$", "Path", "Variable"))
                if is_path or text.startswith(("{%", "States.")):
                    yield state, place, text


def _moved(text: str) -> list[str] | None:
    """The names on a path that only moves a value, from the payload's root; None for what reads."""
    match = _JSONATA_MOVE.match(text)
    path = match.group(1) if match else text if _MOVE.match(text) else None
    return None if path is None else _ROOTS.sub("$", path).split(".")[1:]
