"""A vendored library that an advisory names is a finding, by its normalised name and its very version."""

from typing import Any

import pytest

from interlock.compiler.advisories import Advisory, check_libraries
from interlock.contract.core.finding import Severity

BILL = {"components": [{"name": "Jinja_2", "version": "3.1.2"}, {"name": "urllib3", "version": "2.5.0"}]}


def advisory(**fields: Any) -> Advisory:
    """An entry as https://osv.dev publishes it, with more fields than are read."""
    entry: dict[str, Any] = {
        "id": "GHSA-x",
        "summary": "A template escapes its sandbox",
        "schema_version": "1.6.0",
        "affected": [
            {"package": {"ecosystem": "PyPI", "name": "jinja-2"}, "versions": ["3.1.1", "3.1.2"], "ranges": []}
        ],
        "database_specific": {"severity": "HIGH"},
    }
    return Advisory.model_validate(entry | fields)


def findings(*advisories: Advisory) -> list[tuple[str, Severity]]:
    return [(row.what.partition(",")[0], row.severity) for row in check_libraries(BILL, advisories)]


def test_a_vulnerable_library_is_a_finding() -> None:
    assert findings(advisory()) == [("Jinja_2 3.1.2 has a known vulnerability", Severity.ERROR)]
    (row,) = check_libraries(BILL, (advisory(),))
    assert (row.code, row.fix.rpartition("/")[2]) == ("code.vulnerable", "GHSA-x")


@pytest.mark.parametrize("severity", ["MODERATE", "low", "", None])
def test_a_lesser_severity_is_a_warning(severity: str | None) -> None:
    subject = advisory(database_specific={"severity": severity} if severity is not None else {})
    assert findings(subject) == [("Jinja_2 3.1.2 has a known vulnerability", Severity.WARNING)]


@pytest.mark.parametrize(
    "fields",
    [
        {"withdrawn": "2026-01-01T00:00:00Z"},
        {"affected": [{"package": {"ecosystem": "npm", "name": "jinja-2"}, "versions": ["3.1.2"]}]},
        {"affected": [{"package": {"ecosystem": "PyPI", "name": "jinja-2"}, "versions": ["3.1.20"]}]},
        {"affected": []},
    ],
)
def test_what_does_not_concern_a_bundle_is_no_finding(fields: dict[str, Any]) -> None:
    assert findings(advisory(**fields)) == []
