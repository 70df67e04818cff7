"""Findings about a workflow's definition: their codes begin with `asl.`."""

from interlock.contract.core.finding import Finding, Severity


def finding(code: str, where: str, what: str, fix: str, severity: Severity = Severity.ERROR) -> Finding:
    """A finding of this module's family of codes."""
    return Finding(code=f"asl.{code}", where=where, what=what, fix=fix, severity=severity)
