"""The query language of a state: its fields, and whether its expressions can be read."""

from collections.abc import Iterator
from typing import Any

from interlock.compiler import expressions
from interlock.compiler.asl_finding import finding
from interlock.contract.core.finding import Finding, Severity

Raw = dict[str, Any]


def check_language(state: Raw, spot: str, spoken: str, outer: str) -> Iterator[Finding]:
    """The findings about a state's query language: `spoken` is the state's own, `outer` the workflow's."""
    if outer == "JSONata" and spoken == "JSONPath":
        yield finding(
            "language", spot, "a state of a JSONata workflow can't use JSONPath", "Remove QueryLanguage of the state."
        )
    paths = (
        "InputPath",
        "OutputPath",
        "ResultPath",
        "ResultSelector",
        "Parameters",
        "ItemsPath",
        "SecondsPath",
        "TimestampPath",
        "TimeoutSecondsPath",
        "MaxConcurrencyPath",
        "ErrorPath",
        "CausePath",
    )
    wrong = [field for field in (paths if spoken == "JSONata" else ("Arguments", "Output", "Items")) if field in state]
    for field in wrong:
        yield finding(
            "language",
            f"{spot}/{field}",
            f"{field} is not a field of {spoken}",
            f"Set QueryLanguage of the state, or write the field in {spoken}.",
        )
    nested = ("Branches", "ItemProcessor", "Iterator", "Comment", "Resource")
    own = {key: value for key, value in state.items() if key not in nested}
    for place, text in expressions.strings(own):
        field = place.rsplit("/", 1)[-1]
        if spoken == "JSONata":
            problem = expressions.jsonata_problem(text) if text.startswith("{%") or text.endswith("%}") else ""
        else:
            is_path = field.endswith((".$", "Path")) or (state["Type"] == "Choice" and field == "Variable")
            problem = expressions.path_problem(text) if is_path else ""
        if problem:
            yield finding("expression", f"{spot}{place}", f"{text!r}: {problem}", f"Correct the {spoken} expression.")
        if expressions.is_volatile(text):
            yield finding(
                "volatile",
                f"{spot}{place}",
                "the value differs each time, so a fork can't reproduce it",
                "Compute it in a step.",
                Severity.WARNING,
            )
