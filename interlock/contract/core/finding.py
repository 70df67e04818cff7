"""A finding: one result of validation."""

from collections.abc import Iterable
from enum import StrEnum

from interlock.contract.core.base import Model


class Severity(StrEnum):
    """An error rejects the bundle or the request; a warning is shown and does not reject it."""

    ERROR = "error"
    WARNING = "warning"


class Finding(Model):
    """One result of validation: a stable code, the place, what is wrong, and what to do.

    `where` is `file` or `file:line`, or `file#State/Field` inside a workflow.
    """

    code: str
    where: str
    what: str
    fix: str
    severity: Severity = Severity.ERROR


def errors_of(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings of severity error."""
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)
