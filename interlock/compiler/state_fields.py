"""The fields of a state: which exclude each other, which values they take, and which language has them.

https://states-language.net/spec.html and https://docs.aws.amazon.com/step-functions/latest/dg/workflow-states.html
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from interlock.asl.timestamps import parse_time
from interlock.asl.work import MAX_WAIT
from interlock.compiler import expressions
from interlock.compiler.asl_finding import finding
from interlock.contract.asl import OWN_VARIABLES
from interlock.contract.core.finding import Finding

Raw = Mapping[str, Any]
MAX_VARIABLE = 80
RESERVED_VARIABLE = "states"
EXCLUSIVE = (
    ("Seconds", "SecondsPath", "Timestamp", "TimestampPath"),
    ("TimeoutSeconds", "TimeoutSecondsPath"),
    ("MaxConcurrency", "MaxConcurrencyPath"),
    ("Error", "ErrorPath"),
    ("Cause", "CausePath"),
    ("Items", "ItemsPath"),
    ("ItemProcessor", "Iterator"),
)
"""Of each row a state may have one."""
JSONPATH_ONLY = frozenset(
    "InputPath OutputPath ResultPath ResultSelector Parameters Result ItemsPath SecondsPath TimestampPath "
    "TimeoutSecondsPath MaxConcurrencyPath ErrorPath CausePath".split()
)
JSONATA_ONLY = frozenset({"Arguments", "Output", "Items"})
TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector", "Assign")
COUNTS = {"Seconds": (0, MAX_WAIT), "TimeoutSeconds": (1, MAX_WAIT), "MaxConcurrency": (0, MAX_WAIT)}
"""Fields that are whole numbers, or expressions in JSONata, with their bounds."""


def problems(state: Raw, language: str) -> Iterator[Finding]:
    """The findings about a state's fields, apart from its expressions; `where` is the place in the state."""
    yield from _language(state, language)
    yield from _exclusive(state)
    for field, (least, most) in COUNTS.items():
        if field in state:
            yield from _count(field, state[field], language, least, most)
    if "Timestamp" in state and not {"Seconds", "SecondsPath", "TimestampPath"} & state.keys():
        yield from _timestamp(state["Timestamp"], language)
    yield from _templates(state, language)
    for place, holder in assigning(state):
        yield from _variables(holder.get("Assign"), f"{place}Assign")
    for ordinal, retrier in enumerate(rows(state, "Retry")):
        yield from _delays(retrier, f"Retry/{ordinal}")


def rows(state: Raw, field: str) -> list[Raw]:
    """The objects of a list field; none where it is anything else."""
    value = state.get(field)
    return [row for row in cast(list[Any], value) if isinstance(row, dict)] if isinstance(value, list) else []


def assigning(state: Raw) -> Iterator[tuple[str, Raw]]:
    """The state, its rules and its catchers, each with the beginning of its place: whatever may have Assign."""
    yield "", state
    for field in ("Choices", "Catch"):
        for ordinal, row in enumerate(rows(state, field)):
            yield f"{field}/{ordinal}/", row


def _language(state: Raw, language: str) -> Iterator[Finding]:
    wrong = JSONPATH_ONLY if language == "JSONata" else JSONATA_ONLY
    fix = f"Set QueryLanguage of the state, or write the field in {language}."
    for field in sorted(wrong & state.keys()):
        yield finding("language", field, f"{field} is not a field of {language}", fix)
    inner = {"ResultPath"} if language == "JSONata" else {"Output"}
    for ordinal, catcher in enumerate(rows(state, "Catch")):
        for field in sorted(inner & catcher.keys()):
            yield finding("language", f"Catch/{ordinal}/{field}", f"{field} is not a field of {language}", fix)


def _exclusive(state: Raw) -> Iterator[Finding]:
    kind = state.get("Type")
    for group in EXCLUSIVE:
        fields = [field for field in group if field in state]
        # Which of these a Wait needs, and that it needs one, is one finding.
        if len(fields) > 1 and not (kind == "Wait" and "Seconds" in group):
            yield finding("exclusive", "", f"{' and '.join(fields)} exclude each other", "Keep one of them.")
    if kind == "Map" and "ItemSelector" in state and "Parameters" in state:
        what = "Parameters is the older name of ItemSelector, and the state has both"
        yield finding("exclusive", "", what, "Keep ItemSelector.")


def _count(field: str, value: Any, language: str, least: int, most: int) -> Iterator[Finding]:
    expression = language == "JSONata" and expressions.is_jsonata(value)
    if expression:
        return
    # The platform's own limit of a Task's timeout has a finding of its own.
    if isinstance(value, int) and not isinstance(value, bool) and (field == "TimeoutSeconds" or least <= value <= most):
        return
    also = ", or an expression {% … %}" if language == "JSONata" else f"; {field}Path takes it from the input"
    fix = f"Write a number without quotes{also}."
    yield finding("value", field, f"{field} must be a whole number from {least} to {most}", fix)


def _timestamp(value: Any, language: str) -> Iterator[Finding]:
    if parse_time(value) is None and not (language == "JSONata" and expressions.is_jsonata(value)):
        what = "Timestamp must be a date, `T`, a time and an offset"
        yield finding("value", "Timestamp", what, "Write for example: 2026-01-31T12:00:00Z")


def _templates(state: Raw, language: str) -> Iterator[Finding]:
    if language == "JSONata":
        for field in ("Arguments", "ItemSelector"):
            if field in state and not isinstance(state[field], dict) and not expressions.is_jsonata(state[field]):
                yield finding("value", field, f"{field} must be an object or an expression {{% … %}}", "Write { … }.")
        items = state.get("Items")
        if "Items" in state and not isinstance(items, list | dict) and not expressions.is_jsonata(items):
            yield finding("value", "Items", "Items must be a list or an expression {% … %}", "Write [ … ].")
        return
    for field in TEMPLATES[:3]:
        if field in state and not isinstance(state[field], dict):
            yield finding(
                "value", field, f"{field} must be an object", "Write { … }; keys that end in `.$` take paths."
            )


def _variables(assign: Any, place: str) -> Iterator[Finding]:
    if not isinstance(assign, dict):
        return
    for key in cast(dict[str, Any], assign):
        name = key.removesuffix(".$")
        if name == RESERVED_VARIABLE:
            yield finding("variable", f"{place}/{key}", "`states` is a reserved name", "Rename the variable.")
        elif name.startswith(OWN_VARIABLES):
            what = f"a name that begins with `{OWN_VARIABLES}` is reserved"
            yield finding("variable", f"{place}/{key}", what, "Rename the variable.")
        elif not name.isidentifier():
            what = f"{name!r} is not the name of a variable"
            yield finding("variable", f"{place}/{key}", what, "Begin with a letter; then letters, digits and `_`.")
        elif len(name) > MAX_VARIABLE:
            what = f"the name of a variable has at most {MAX_VARIABLE} characters"
            yield finding("variable", f"{place}/{key}", what, "Shorten it.")


def _delays(retrier: Raw, place: str) -> Iterator[Finding]:
    interval, most = retrier.get("IntervalSeconds", 1), retrier.get("MaxDelaySeconds")
    if isinstance(interval, int) and isinstance(most, int) and most < interval:
        what = f"MaxDelaySeconds {most} is less than IntervalSeconds {interval}"
        yield finding("value", f"{place}/MaxDelaySeconds", what, "Raise MaxDelaySeconds, or lower IntervalSeconds.")
