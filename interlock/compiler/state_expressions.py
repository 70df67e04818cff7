"""The expressions in the fields of a state: paths, intrinsic functions and JSONata, as AWS accepts them.

Only fields that Step Functions evaluates are read: a parameter whose name happens to end in `Path` is a parameter.
"""

from collections.abc import Iterator
from typing import Any, cast

from interlock.compiler import expressions
from interlock.compiler.asl_finding import finding
from interlock.compiler.state_fields import TEMPLATES, Raw, assigning, rows
from interlock.contract.core.finding import Finding

PATHS = ("InputPath", "OutputPath")
REFERENCE_PATHS = ("ItemsPath", "SecondsPath", "TimestampPath", "TimeoutSecondsPath", "MaxConcurrencyPath")
TEXT_PATHS = ("ErrorPath", "CausePath")
EVALUATED = (
    "Arguments",
    "Output",
    "Assign",
    "Items",
    "ItemSelector",
    "Seconds",
    "Timestamp",
    "TimeoutSeconds",
    "MaxConcurrency",
    "Error",
    "Cause",
    "Condition",
)
"""Fields of JSONata states, of their rules and of their catchers that may hold expressions."""
WITH_RESULT = ("Task", "Parallel", "Map")
STATES_FIELDS = frozenset({"input", "result", "errorOutput", "context"})


def problems(state: Raw, language: str) -> Iterator[Finding]:
    """The findings about a state's expressions, in the language that it speaks; `where` is the place in the state."""
    if language == "JSONata":
        for place, holder in assigning(state):
            for field in EVALUATED:
                if field in holder:
                    yield from _jsonata(state, place, field, holder[field])
        return
    yield from _paths(state)
    for place, holder in assigning(state):
        for field in TEMPLATES:
            yield from _template(holder.get(field), f"{place}{field}")


def _paths(state: Raw) -> Iterator[Finding]:
    for field in PATHS:
        if state.get(field) is not None:
            yield from _path(field, state[field], expressions.path_problem(state[field]))
    for field in REFERENCE_PATHS:
        if field in state:
            yield from _path(field, state[field], expressions.path_problem(state[field], reference=True))
    for field in TEXT_PATHS:
        if field in state:
            yield from _path(field, state[field], expressions.value_problem(state[field]))
    for place, holder in [("", state), *((f"Catch/{at}/", row) for at, row in enumerate(rows(state, "Catch")))]:
        path = holder.get("ResultPath")
        if path is not None:
            yield from _path(f"{place}ResultPath", path, expressions.result_path_problem(path))


def _path(place: str, text: Any, problem: str) -> Iterator[Finding]:
    if problem:
        yield finding("expression", place, f"{text!r}: {problem}", "Write a path, such as $.name or $.rows[0].")


def _template(value: Any, place: str) -> Iterator[Finding]:
    if isinstance(value, list):
        for ordinal, item in enumerate(cast(list[Any], value)):
            yield from _template(item, f"{place}/{ordinal}")
    if not isinstance(value, dict):
        return
    for key, item in cast(dict[str, Any], value).items():
        if not key.endswith(".$"):
            yield from _template(item, f"{place}/{key}")
            continue
        problem = expressions.value_problem(item)
        if problem:
            fix = "Correct the path or the function, or remove `.$` from the name for a plain value."
            yield finding("expression", f"{place}/{key}", f"{item!r}: {problem}", fix)


def _jsonata(state: Raw, place: str, field: str, value: Any) -> Iterator[Finding]:
    for inner, text in expressions.strings(value):
        if not (text.startswith("{%") or text.endswith("%}")):
            continue
        spot = f"{place}{field}{inner}"
        problem = expressions.jsonata_problem(text) or _names_problem(state, place, field, text)
        if problem:
            yield finding("expression", spot, f"{text!r}: {problem}", "Correct the JSONata expression.")


def _names_problem(state: Raw, place: str, field: str, text: str) -> str:
    names = expressions.jsonata_names(text)
    if names is None:
        return ""
    if names.bare:
        return f"`{names.bare[0]}` reads a document, and there is none; the input is $states.input"
    unknown = sorted(names.states - STATES_FIELDS)
    if unknown:
        return f"$states has no field `{unknown[0]}`; it has {', '.join(sorted(STATES_FIELDS))}"
    caught = place.startswith("Catch/")
    result = not caught and state.get("Type") in WITH_RESULT and field in ("Output", "Assign")
    if "result" in names.states and not result:
        return "$states.result exists in Output and Assign of a Task, a Parallel and a Map only"
    if "errorOutput" in names.states and not caught:
        return "$states.errorOutput exists in a Catch only"
    return ""
