"""Who may do what: every action that the code asks for, in every kind of scope, for every kind of caller."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from interlock.contract.member import Caller
from interlock.contract.registry import Membership, Role
from interlock.control.access.authorize import is_permitted, policies
from interlock.control.copilot.call_tool import BUILT_IN, START

API = Path(__file__).parents[3] / "functions" / "api"
KINDS = {"platform": "platform", "tenant": "tenant/acme", "publisher": "publisher/acme"}
WHO = {
    "operator": ("platform", Role.OPERATOR),
    "tenant-admin": ("tenant/acme", Role.ADMIN),
    "tenant-member": ("tenant/acme", Role.MEMBER),
    "publisher-admin": ("publisher/acme", Role.ADMIN),
    "publisher-member": ("publisher/acme", Role.MEMBER),
    "other-tenant-admin": ("tenant/globex", Role.ADMIN),
    "other-publisher-admin": ("publisher/globex", Role.ADMIN),
    "stranger": None,
}
EVERYBODY = " ".join(WHO)
TABLE = {
    ("readListing", "platform"): EVERYBODY,
    ("readTarget", "platform"): EVERYBODY,
    ("readMe", "platform"): EVERYBODY,
    ("createTenant", "platform"): "operator",
    ("offboardTenant", "platform"): "operator",
    ("createPublisher", "platform"): "operator",
    ("setQuotas", "platform"): "operator",
    ("readCell", "platform"): "operator",
    ("readApprovals", "platform"): "operator",
    ("decideApprovals", "platform"): "operator",
    ("readAudit", "platform"): "operator",
    ("readTenant", "tenant"): "operator tenant-admin tenant-member",
    ("readCatalog", "tenant"): "operator tenant-admin tenant-member",
    ("writeCatalog", "tenant"): "operator tenant-admin",
    ("readInstalls", "tenant"): "operator tenant-admin tenant-member",
    ("install", "tenant"): "operator tenant-admin",
    ("readEvents", "tenant"): "operator tenant-admin tenant-member",
    ("sendEvents", "tenant"): "operator tenant-admin",
    ("redriveEvents", "tenant"): "operator tenant-admin",
    ("readRuns", "tenant"): "operator tenant-admin tenant-member",
    ("startRuns", "tenant"): "operator tenant-admin tenant-member",
    ("debugRuns", "tenant"): "operator tenant-admin",
    ("readSecrets", "tenant"): "tenant-admin",
    ("setRedaction", "tenant"): "operator tenant-admin",
    ("setAlert", "tenant"): "operator tenant-admin",
    ("readMembers", "tenant"): "operator tenant-admin",
    ("manageMembers", "tenant"): "operator tenant-admin",
    ("readAudit", "tenant"): "operator tenant-admin",
    ("readUsage", "tenant"): "operator tenant-admin",
    ("setBudget", "tenant"): "operator tenant-admin",
    ("readApprovals", "tenant"): "operator tenant-admin tenant-member",
    ("decideApprovals", "tenant"): "operator tenant-admin tenant-member",
    ("readWebhooks", "tenant"): "operator tenant-admin",
    ("setWebhooks", "tenant"): "operator tenant-admin",
    ("readPublisher", "publisher"): "operator publisher-admin publisher-member",
    ("publish", "publisher"): "operator publisher-admin publisher-member",
    ("readVersions", "publisher"): "operator publisher-admin publisher-member",
    ("debugVersions", "publisher"): "operator publisher-admin publisher-member",
    ("readMembers", "publisher"): "operator publisher-admin publisher-member",
    ("manageMembers", "publisher"): "operator publisher-admin",
    ("readAudit", "publisher"): "operator publisher-admin",
}


@pytest.mark.parametrize(("action", "kind"), TABLE)
def test_who_may(action: str, kind: str) -> None:
    assert {who for who in WHO if is_permitted(_caller(who), action, KINDS[kind])} == set(TABLE[action, kind].split())


def test_the_table_has_exactly_the_actions_that_the_code_uses() -> None:
    asked = {pair for file in sorted(API.glob("*.py")) for pair in _asked(file)}
    asked |= {(action, "tenant") for action in (START, *(tool.action for tool in BUILT_IN.values()))}
    assert asked == set(TABLE)


def test_the_policies_name_no_action_that_the_code_does_not_use() -> None:
    assert set(re.findall(r'Action::"(\w+)"', policies())) <= {action for action, _ in TABLE}


def _caller(who: str) -> Caller:
    belongs = WHO[who]
    rows = (Membership(principal=who, scope=belongs[0], role=belongs[1]),) if belongs else ()
    return Caller(principal=who, memberships=rows)


def _asked(file: Path) -> Iterator[tuple[str, str]]:
    """The actions that a file's routes ask for, each with the kinds of scope."""
    for function in ast.parse(file.read_text()).body:
        if not isinstance(function, ast.FunctionDef) or not function.decorator_list:
            continue
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "caller":
                action = call.args[0]
                assert isinstance(action, ast.Constant), f"{file.name}: {ast.unparse(call)} names no action"
                yield from ((str(action.value), kind) for kind in _kinds(call, function))


def _kinds(call: ast.Call, function: ast.FunctionDef) -> set[str]:
    if len(call.args) == 1:
        return {"platform"}
    scope = call.args[1]
    if isinstance(scope, ast.JoinedStr) and isinstance(scope.values[0], ast.Constant):
        return {str(scope.values[0].value).rstrip("/")}
    # A scope that the route's own path decides: `/v1/tenants/…`, `/v1/publishers/…`, or the platform's.
    paths = [ast.unparse(one) for one in function.decorator_list]
    return {next((kind for kind in ("tenant", "publisher") if f"/v1/{kind}s/" in path), "platform") for path in paths}
