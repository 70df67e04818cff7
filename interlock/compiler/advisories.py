"""Libraries of a bundle that have known vulnerabilities, by a file of advisories that the operator keeps. Pure.

The file is a JSON list of entries in the OSV format (https://ossf.github.io/osv-schema/), as https://osv.dev and the
Python Packaging Advisory Database publish them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from interlock.compiler.sbom import distribution_name
from interlock.contract.core.base import Document, Json
from interlock.contract.core.finding import Finding, Severity
from interlock.contract.own_code import LOCK

REJECTED = frozenset({"CRITICAL", "HIGH"})
"""Severities that reject a version; others are warnings."""


class _Package(Document):
    ecosystem: str = ""
    name: str = ""


class _Affected(Document):
    package: _Package = _Package()
    versions: tuple[str, ...] = ()


class Advisory(Document):
    """What of an OSV entry is read."""

    id: str
    summary: str = ""
    withdrawn: str = ""
    affected: tuple[_Affected, ...] = ()
    database_specific: dict[str, Json] = Field(default_factory=dict)

    @property
    def severity(self) -> str:
        """In words, as GitHub's and PyPA's entries have it; empty where the entry has none."""
        return str(self.database_specific.get("severity", "")).upper()


def check_libraries(bill: Mapping[str, Any], advisories: tuple[Advisory, ...]) -> Iterator[Finding]:
    """A finding for each library of a bill of materials whose version an advisory names.

    Args:
        bill: CycloneDX JSON, as `compiler.sbom` makes it.
        advisories: what the operator keeps; entries that were withdrawn do not count.
    """
    known: dict[tuple[str, str], list[Advisory]] = {}
    for advisory in advisories:
        rows = (row for row in advisory.affected if row.package.ecosystem == "PyPI" and not advisory.withdrawn)
        for name, version in {
            (distribution_name(row.package.name), version) for row in rows for version in row.versions
        }:
            known.setdefault((name, version), []).append(advisory)
    for component in bill.get("components", ()):
        library, version = str(component["name"]), str(component["version"])
        for advisory in known.get((distribution_name(library), version), ()):
            severity = Severity.ERROR if advisory.severity in REJECTED else Severity.WARNING
            what = f"{library} {version} has a known vulnerability, {advisory.id}: {advisory.summary or 'see its page'}"
            fix = f"Pin a version without it, and pack again: https://osv.dev/vulnerability/{advisory.id}"
            yield Finding(code="code.vulnerable", where=LOCK, what=what, fix=fix, severity=severity)
