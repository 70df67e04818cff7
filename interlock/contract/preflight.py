"""The preflight of an app: a step that tests an install before it is used, such as `can I reach the source?`."""

from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from interlock.contract.core.base import Document, Json

WORKFLOW = "preflight"
"""The workflow that is made of the step that a manifest names for its preflight."""


class Check(Document):
    """One thing that a preflight looked at.

    Attributes:
        name: what was looked at, such as `reach the database`.
        ok: whether it is as it should be.
        detail: what was seen, in a line.
        fix: what to do where it is not.
    """

    name: str
    ok: bool
    detail: str = ""
    fix: str = ""


_CHECKS = TypeAdapter(tuple[Check, ...])


def checks_of(output: Json) -> tuple[Check, ...]:
    """The checks that a preflight answered.

    Raises:
        ValueError: it answered something else than a list of checks.
    """
    try:
        return _CHECKS.validate_python(output)
    except ValidationError as error:
        raise ValueError("the preflight did not answer a list of interlock.Check") from error


def with_preflight(raw: Any) -> Any:
    """A manifest as it is written, with the workflow of its preflight.

    Raises:
        ValueError: it has a workflow of that name of its own.
    """
    try:
        app, present = raw["app"], raw["workflows"]
        step = app.get("preflight")
    except (KeyError, TypeError, IndexError, AttributeError):
        return raw
    if not isinstance(present, dict):
        return raw
    workflows = cast(dict[str, Any], present)
    if not isinstance(step, str):
        if WORKFLOW in workflows:
            raise ValueError(f"a workflow {WORKFLOW!r} is made of [app] preflight: name its step there, or rename it")
        return raw
    section = {"steps": [step], "title": "Preflight"}
    # A manifest that was written out has it already, with every field.
    written = workflows.get(WORKFLOW, section)
    fields = cast(dict[str, Any], written) if isinstance(written, dict) else {}
    if {name: list(value) if name == "steps" else value for name, value in fields.items() if value} != section:
        raise ValueError(f"the workflow {WORKFLOW!r} is made of [app] preflight: rename yours")
    return {**raw, "workflows": {**workflows, WORKFLOW: section}}
