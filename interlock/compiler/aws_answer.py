"""What Step Functions says of a compiled definition, as findings at the places of the app's own files. Pure.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from interlock.compiler.asl_finding import finding
from interlock.compiler.gate import PLATFORM_RETRIES
from interlock.contract.asl import PAUSED_SUFFIX
from interlock.contract.core.base import Document
from interlock.contract.core.finding import Finding, Severity

SHOWN_CHARS = 500
ADDED_FIRST = {"Retry": len(PLATFORM_RETRIES), "Catch": 1}
"""How many entries the compiler puts before those that the app wrote."""


class Diagnostic(Document):
    """One entry of `diagnostics` in AWS's answer; `location` is such as `/States/Look/Parameters`, or empty."""

    severity: str = "ERROR"
    code: str = ""
    message: str = ""
    location: str = ""


def aws_findings(diagnostics: Iterable[Diagnostic], definition: str, file: str) -> tuple[Finding, ...]:
    """Translate diagnostics of a compiled definition, each once.

    Args:
        diagnostics: what AWS answered.
        definition: the compiled definition, as JSON.
        file: where the app wrote the workflow, such as `workflows/tag.asl.json`.
    """
    raw: Mapping[str, Any] = json.loads(definition)
    return tuple(dict.fromkeys(_finding(row, raw, file) for row in diagnostics))


def _finding(row: Diagnostic, raw: Mapping[str, Any], file: str) -> Finding:
    place = "/".join(_place(row.location, raw))
    where = f"{file}{'/' if '#' in file else '#'}{place}" if place else file
    message = row.message[:SHOWN_CHARS]
    if row.severity == "WARNING":
        what = f"Step Functions warns of the definition ({row.code}): {message}"
        return finding(
            "aws-warning", where, what, "Look at the field: a version can be published with it.", Severity.WARNING
        )
    what = f"Step Functions refuses the definition ({row.code}): {message}"
    return finding("aws-refused", where, what, "Correct the field as the message of AWS says, then publish again.")


def _place(location: str, raw: Mapping[str, Any]) -> Iterator[str]:
    """The innermost state of a location and the field that the app wrote; less what the compiler added."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in location.strip("/").split("/") if part]
    state, field = "", parts
    node: Any = raw
    while len(field) > 1 and field[0] == "States":
        level = _item(node, "States")
        states = cast(dict[str, Any], level) if isinstance(level, dict) else {}
        count = _name_parts(field[1:], states)
        state, field = "/".join(field[1 : 1 + count]), field[1 + count :]
        node = _item(states, state)
        steps = _into_scope(field)
        for step in field[:steps]:
            node = _item(node, step)
        field = field[steps:]
    if state.endswith(PAUSED_SUFFIX):
        return
    if state:
        yield state
    yield from _own_field(field)


def _name_parts(parts: list[str], states: Mapping[str, Any]) -> int:
    """How many parts the name of a state takes: a name may contain `/`."""
    return next((n for n in range(1, min(len(parts), 80) + 1) if "/".join(parts[:n]) in states), 1)


def _into_scope(field: list[str]) -> int:
    if len(field) > 2 and field[0] in ("ItemProcessor", "Iterator") and field[1] == "States":
        return 1
    return 2 if len(field) > 3 and field[0] == "Branches" and field[2] == "States" else 0


def _item(node: Any, step: str) -> Any:
    if isinstance(node, list):
        rows = cast(list[Any], node)
        return rows[int(step)] if step.isdecimal() and int(step) < len(rows) else None
    return cast(dict[str, Any], node).get(step) if isinstance(node, dict) else None


def _own_field(field: list[str]) -> Iterator[str]:
    if len(field) > 1 and field[0] in ADDED_FIRST and field[1].isdecimal():
        own = int(field[1]) - ADDED_FIRST[field[0]]
        if own >= 0:
            yield from (field[0], str(own), *field[2:])
    elif len(field) > 1 and field[0] in ("Parameters", "Arguments"):
        yield field[0]
        if field[1] == "input":
            yield from field[2:]
    else:
        yield from field
