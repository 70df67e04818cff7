"""The isolation matrix: every operation of docs/openapi.json as every caller, and who is let in (`isolation.toml`)."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from interlock.contract.core import limits
from interlock.contract.registry import Membership, Role
from interlock.contract.support import SupportRequest
from interlock.control.access.support import open_support
from scripts.generate.openapi import CONTROL
from tests.support.api_world import PEOPLE, World, a_world
from tests.support.cloud import TENANT

ROWS = tomllib.loads(Path(__file__).with_name("isolation.toml").read_text())["rows"]
MAY: Mapping[str, frozenset[str]] = {
    operation: frozenset(row["callers"]) for row in ROWS for operation in row["operations"]
}
SUPPORTER = "supporter"
CALLERS = (*PEOPLE, SUPPORTER)
UUID = "a3bb189e-8bf9-3888-9912-ace4e6543002"
BODIES: Mapping[str, Any] = {
    "alerts.set": {"url": "https://example.com/hook"},
    "assets.write": {"writes": [{"qualified_name": "q", "type": "table"}]},
    "approvals.decide": {"approve": True},
    "platform_approvals.decide": {"approve": True},
    "budgets.set": {"dollars": 1},
    "event_replays.create": {"install": "i", "since": "2026-01-01T00:00:00Z", "until": "2026-01-01T01:00:00Z"},
    "events.send": {"name": "guest.arrived"},
    "fork_jobs.create": {"filter": {}},
    "pauses.resume": {"action": "go"},
    "publishers.claim_domain": {"domain": "example.com"},
    "publisher_trusts.create": {"name": "ci", "repository": "a/b", "environment": "release"},
    "recorded_steps.read_secrets": {"names": []},
    "redaction_rules.create": {"rule": "*.x"},
    "triggers.start": {"install": "i", "workflow": "main", "trigger": "t"},
    "verifications.create": {"version": "1.0.0", "runs": ["r1"]},
    "versions.create": {"version": "9.9.9", "digest": "0" * 64},
    "versions.set_status": {"status": "deprecated"},
    "webhooks.create": {"url": "https://example.com/hook", "events": ["*"]},
    "webhooks.rotate_secret": {},
}
"""Bodies that are valid, of operations whose documents have no example."""
QUERIES: Mapping[str, str] = {
    "assets.list_changes": "qualified_name=q",
    "installs.get_consent": "app=acme/app",
    "recorded_steps.get_body": f"key=runs/{TENANT}/r1/{'a' * 64}.json",
    "redaction_rules.delete": "rule=*.x",
    "runs.list": "app=acme/app",
    "runs.diff": "other=r1",
    "usage.get_app": "since=2026-01-01",
}


@dataclass(frozen=True)
class Operation:
    """One operation, with a request that is valid."""

    id: str
    method: str
    path: str
    body: Any
    scope: str

    def status(self, world: World, caller: str) -> int:
        """What a caller gets."""
        principal = "publisher-member" if caller == SUPPORTER else caller
        return int(world.send(self.method, self.path, self.body, principal=principal)["status"])


def operations(world: World) -> Iterator[Operation]:
    """Every operation on what there is in a world."""
    for path, methods in json.loads(CONTROL.read_text())["paths"].items():
        for method, operation in methods.items():
            name, target = operation["operationId"], path
            for parameter in operation.get("parameters", []):
                if parameter.get("in") == "path":
                    known = world.known.get(parameter["name"], "x1")
                    target = target.replace(f"{{{parameter['name']}}}", quote(known))
            query = f"?{QUERIES[name]}" if name in QUERIES else ""
            scope = operation["x-interlock-scope"]
            yield Operation(name, method.upper(), target + query, body_of(operation), scope)


def body_of(operation: Mapping[str, Any]) -> Any:
    """A valid body: the document's example, or ours."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    examples: list[Any] = [row["value"] for row in content.get("examples", {}).values()]
    examples += content.get("schema", {}).get("examples", [])
    return BODIES.get(operation["operationId"], examples[0] if examples else {})


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(limits, "API_CALLS_PER_MINUTE", 100_000)
    with a_world() as subject:
        yield subject


def test_each_route_has_a_row_and_each_row_a_route(world: World) -> None:
    assert {operation.id for operation in operations(world)} == set(MAY)
    assert {caller for callers in MAY.values() for caller in callers} == set(CALLERS)
    assert sum(len(row["operations"]) for row in ROWS) == len(MAY), "an operation has two rows"


def test_callers_without_permission_get_403_and_change_nothing(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong: list[str] = []
    count = 0
    world.cloud.calls.clear()
    for operation in operations(world):
        for caller in PEOPLE:
            if caller not in MAY[operation.id]:
                count += 1
                status = operation.status(world, caller)
                wrong += [] if status == 403 else [f"{operation.id} as {caller}: {status}"]
    assert wrong == []
    # Reads of memberships and of a support session, and the count of the caller's calls.
    assert set(world.cloud.calls) <= {"UpdateItem", "Query", "GetItem"}
    _say(capsys, f"isolation: {count} calls of {len(MAY)} operations refused")


def test_callers_with_permission_are_let_in(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    let_in = [
        (operation, caller) for operation in operations(world) for caller in PEOPLE if caller in MAY[operation.id]
    ]
    # Changes may remove what the others read: they come last.
    let_in.sort(key=lambda pair: pair[0].method != "GET")
    statuses = {f"{operation.id} as {caller}": operation.status(world, caller) for operation, caller in let_in}
    # A name that no resolver answers for is 503.
    assert {name: status for name, status in statuses.items() if status in (401, 403, 500)} == {}
    _say(capsys, f"isolation: {len(statuses)} calls let in")


@pytest.mark.parametrize("is_open", [False, True])
def test_supporter_is_let_in_while_a_session_is_open(world: World, is_open: bool) -> None:
    if is_open:
        open_support(world.cloud.registry, TENANT, SupportRequest(app="acme/app"), "tenant-admin")
    own = {name for name, callers in MAY.items() if "publisher-member" in callers}
    opened = {name for name, callers in MAY.items() if SUPPORTER in callers} if is_open else set[str]()
    let_in = {row.id for row in operations(world) if row.id not in own and row.status(world, SUPPORTER) != 403}
    assert let_in == opened


@pytest.mark.parametrize("scope", ["tenant", "publisher"])
def test_operator_who_mistypes_a_name_changes_nothing(world: World, scope: str) -> None:
    mistyped = replace(world, known={**world.known, scope: "nosuch"})
    rows = [row for row in operations(mistyped) if row.scope == scope and "operator" in MAY[row.id]]
    world.cloud.calls.clear()
    answers = {row.id: world.send(row.method, row.path, row.body, principal="operator") for row in rows}
    assert len(answers) > 20
    wrong = {name: answer["status"] for name, answer in answers.items() if answer["status"] != 404}
    assert wrong == {}
    codes = {answer["body"]["code"] for answer in answers.values()}
    assert codes == {f"unknown-{scope}"}
    assert set(world.cloud.calls) <= {"UpdateItem", "Query", "GetItem"}


def test_private_app_of_another_publisher_is_not_seen(world: World) -> None:
    world.cloud.registry.join(Membership(principal="rival", scope="publisher/rival", role=Role.ADMIN))
    paths = [row.path for row in operations(world) if row.id in ("versions.get", "versions.list", "listings.get")]
    assert len(paths) == 3
    assert {world.send("GET", path, principal="rival")["status"] for path in paths} == {404}


def _say(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"[{text}]")
