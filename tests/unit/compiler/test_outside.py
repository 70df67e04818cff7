"""Findings about the world outside the app: private hosts, names of the platform's events, patterns."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.compiler.outside import check_outside
from interlock.contract.core.finding import Severity
from interlock.contract.event import APP_SOURCES, PLATFORM_SOURCES, is_reserved
from interlock.contract.manifest import EventTrigger, Manifest
from interlock.contract.trigger import event_pattern


def manifest(permissions: dict[str, Any] | None = None, trigger: dict[str, Any] | None = None) -> Manifest:
    raw: dict[str, Any] = {
        "app": {"id": "acme/app", "version": "1.0.0", "title": "App", "category": "automation"},
        "permissions": permissions or {},
        "steps": {"one": {"handler": "m:one"}},
        "workflows": {"main": {"steps": ["one"], "triggers": [trigger] if trigger else []}},
    }
    return Manifest.model_validate(raw)


@pytest.mark.parametrize(
    ("target", "severity"),
    [
        ("169.254.169.254:80", Severity.ERROR),
        ("2852039166:80", Severity.ERROR),
        ("0xa9fea9fe:80", Severity.ERROR),
        ("0251.254.0xa9fe:80", Severity.ERROR),
        ("169.254.1.1:443", Severity.ERROR),
        ("0.0.0.0:80", Severity.ERROR),
        ("255.255.255.255:80", Severity.ERROR),
        ("metadata.google.internal:80", Severity.ERROR),
        ("instance-data:80", Severity.ERROR),
        ("localhost:9001", Severity.WARNING),
        ("x.localhost:80", Severity.WARNING),
        ("*.localhost:80", Severity.WARNING),
        ("127.0.0.1:9001", Severity.WARNING),
        ("127.1:9001", Severity.WARNING),
        ("2130706433:80", Severity.WARNING),
        ("api.example.com:443", None),
        ("93.184.216.34:443", None),
        ("*.example.com:443", None),
        ("1.2.3.4.example.com:443", None),
        ("99999999999:80", None),
    ],
)
def test_private_hosts_are_findings(target: str, severity: Severity | None) -> None:
    findings = [row for row in check_outside(manifest({"egress": [target]})) if row.code == "manifest.egress-private"]
    assert [row.severity for row in findings] == ([] if severity is None else [severity])


@pytest.mark.parametrize(
    ("event", "hint"),
    [("asset.creatd", "; did you mean asset.created?"), ("run.fail", "; did you mean run.failed?"), ("platform.x", "")],
)
def test_event_that_the_platform_does_not_have_is_a_warning(event: str, hint: str) -> None:
    (finding,) = check_outside(manifest(trigger={"event": event}))
    assert (finding.code, finding.severity) == ("manifest.unknown-event", Severity.WARNING)
    assert finding.what == f"the platform has no event {event}: nothing starts by it{hint}"
    assert finding.where == "interlock.toml#workflows.main.triggers.0"


@pytest.mark.parametrize("event", [*PLATFORM_SOURCES, "order.placed"])
def test_event_that_exists_or_is_an_apps_own_is_taken(event: str) -> None:
    assert list(check_outside(manifest(trigger={"event": event}))) == []


@pytest.mark.parametrize("name", [*PLATFORM_SOURCES, "run.anything", "asset.x", "interlock.y", "platform.z"])
def test_names_of_the_platform_are_not_emitted(name: str) -> None:
    assert [row.code for row in check_outside(manifest({"emit": [name]}))] == ["manifest.event-reserved"]
    assert is_reserved(name)


def test_other_names_are_emitted() -> None:
    assert list(check_outside(manifest({"emit": ["running.late", "pii.detected", "my.run.failed"]}))) == []


def test_a_pattern_that_eventbridge_refuses_is_a_finding() -> None:
    bad = manifest(trigger={"event": "asset.created", "where": {"asset": {"type": [{"cidr": "10.0.0.0/8"}]}}})
    assert [row.code for row in check_outside(bad)] == ["manifest.pattern"]
    good = manifest(trigger={"event": "asset.created", "where": {"asset": {"type": ["table"]}}})
    assert list(check_outside(good)) == []


def test_an_event_of_the_platform_has_its_source() -> None:
    for name, source in PLATFORM_SOURCES.items():
        assert event_pattern(EventTrigger(event=name))["source"] == [source]
    assert event_pattern(EventTrigger(event="guest.arrived"))["source"] == list(APP_SOURCES)
