"""The consent sheet, the words of scopes, versions in order, and a config's form."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.cli.terminal.config_form import read_value
from interlock.contract.core.semver import is_prerelease, order
from interlock.contract.manifest import Manifest
from interlock.contract.registry import SpillPlan, Version, VersionStatus, WorkflowPlan
from interlock.contract.scope_words import say
from interlock.control.installs.consent import sheet_of

RAW: dict[str, Any] = {
    "app": {"id": "acme/app", "version": "1.0.0", "title": "App", "category": "automation"},
    "permissions": {
        "catalog": ["read"],
        "egress": ["api.example.com:443", "*:8080"],
        "emit": ["a.b"],
        "secrets": ["k"],
    },
    "steps": {"one": {"handler": "m:one", "memory_mb": 512}},
    "workflows": {
        "main": {"steps": ["one"], "triggers": [{"event": "x.y"}, {"tool": "t", "input_schema": "t.json"}]},
    },
}


def test_the_sheet_says_all_that_is_asked() -> None:
    plan = WorkflowPlan(name="main", machine="m", spill=SpillPlan(), states=3, tasks=2)
    version = Version(
        app="acme/app",
        version="1.0.0",
        status=VersionStatus.LISTED,
        manifest=Manifest.model_validate(RAW),
        workflows={"main": plan},
        created="2026-01-01T00:00:00Z",
    )
    sheet = sheet_of(version)
    assert [row.scope for row in sheet.scopes] == [
        "catalog:read",
        "egress:*:8080",
        "egress:api.example.com:443",
        "emit:a.b",
        "secret:k",
    ]
    assert sheet.scopes[1].words == "Send data out of the platform, to any host on the internet on port 8080"
    assert sheet.triggers == ("main: event x.y", "main: tool t")
    # 2,000 steps: 4,000 invocations, 2,000 s of 1 GB (half of it the gate's); 3,000 transitions.
    dollars = 4_000 * 0.2e-6 + 2_000 * 0.0000133334 + 3_000 * 0.000025
    assert sheet.estimates[0].dollars_per_1000_runs == pytest.approx(dollars, abs=1e-4)


def test_every_scope_has_words() -> None:
    for scope in ("catalog:read", "catalog:write", "catalog:write:tags", "state", "emit:a.b", "secret:k", "tool:t:0"):
        assert say(scope) != scope


NUMBERS = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))


@given(NUMBERS, NUMBERS)
def test_versions_are_ordered_by_their_numbers(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    fields = [".".join(map(str, numbers)) for numbers in (one, other)]
    assert (order(fields[0]) < order(fields[1])) is (one < other)
    assert order(f"{fields[0]}-rc.2") < order(f"{fields[0]}-rc.10") < order(fields[0])
    assert is_prerelease(f"{fields[0]}-rc.2")


@pytest.mark.parametrize(
    ("text", "about", "value"),
    [
        ("Hi", {"type": "string"}, "Hi"),
        ("3", {"type": "integer"}, 3),
        ("true", {"type": "boolean"}, True),
        ("[1]", {}, [1]),
    ],
)
def test_a_form_reads_what_the_schema_takes(text: str, about: dict[str, Any], value: Any) -> None:
    assert read_value(text, about) == value


@pytest.mark.parametrize(("text", "about"), [("x", {"type": "integer"}), ("b", {"type": "string", "enum": ["a"]})])
def test_a_form_refuses_anything_else(text: str, about: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="."):
        read_value(text, about)
