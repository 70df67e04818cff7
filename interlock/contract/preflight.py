"""The preflight of an app: a step that tests an install before it is used, such as `can I reach the source?`."""

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
