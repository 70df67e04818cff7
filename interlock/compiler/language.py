"""The query language of a state: its fields and expressions, as AWS accepts them."""

from collections.abc import Iterator
from typing import Any

from interlock.compiler import expressions, state_expressions, state_fields
from interlock.compiler.asl_finding import finding
from interlock.contract.core.finding import Finding, Severity

Raw = dict[str, Any]
NESTED = ("Branches", "ItemProcessor", "Iterator", "Comment", "Resource")


def check_language(state: Raw, spot: str, spoken: str, outer: str) -> Iterator[Finding]:
    """The findings about a state's fields and expressions.

    Args:
        state: the state, of any shape.
        spot: where it is.
        spoken: the state's own query language.
        outer: the workflow's.
    """
    if outer == "JSONata" and spoken == "JSONPath":
        yield finding(
            "language", spot, "a state of a JSONata workflow can't use JSONPath", "Remove QueryLanguage of the state."
        )
    for problem in (*state_fields.problems(state, spoken), *state_expressions.problems(state, spoken)):
        yield problem.model_copy(update={"where": f"{spot}/{problem.where}" if problem.where else spot})
    own = {key: value for key, value in state.items() if key not in NESTED}
    for place, text in expressions.strings(own):
        if expressions.is_volatile(text):
            yield finding(
                "volatile",
                f"{spot}{place}",
                "the value differs each time, so a fork can't reproduce it",
                "Compute it in a step.",
                Severity.WARNING,
            )
