"""Who may do what: every action that the code asks for, in every kind of scope, for every kind of caller."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interlock.contract.member import Caller
from interlock.contract.registry import Membership, Role
from interlock.contract.support import SupportSession
from interlock.control.access.authorize import actions, is_permitted, view_caller
from interlock.control.copilot.call_tool import BUILT_IN, START

DOCUMENT = Path(__file__).parents[3] / "docs" / "openapi.json"
AT = "2026-01-01T00:00:00.000Z"
KINDS = {"platform": "platform", "tenant": "tenant/acme", "publisher": "publisher/acme"}
WHO = {
    "operator": ("platform", Role.OPERATOR),
    "tenant-admin": ("tenant/acme", Role.ADMIN),
    "tenant-member": ("tenant/acme", Role.MEMBER),
    "tenant-viewer": ("tenant/acme", Role.VIEWER),
    "publisher-viewer": ("publisher/acme", Role.VIEWER),
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
    ("answerInvitations", "platform"): EVERYBODY,
    ("createTenant", "platform"): "operator",
    ("offboardTenant", "platform"): "operator",
    ("createPublisher", "platform"): "operator",
    ("setQuotas", "platform"): "operator",
    ("readPlatform", "platform"): "operator",
    ("readApprovals", "platform"): "operator",
    ("decideApprovals", "platform"): "operator",
    ("readAudit", "platform"): "operator",
    ("readTenant", "tenant"): "operator tenant-admin tenant-member tenant-viewer",
    ("readCatalog", "tenant"): "operator tenant-admin tenant-member tenant-viewer",
    ("writeCatalog", "tenant"): "operator tenant-admin",
    ("readInstalls", "tenant"): "operator tenant-admin tenant-member tenant-viewer",
    ("install", "tenant"): "operator tenant-admin",
    ("readEvents", "tenant"): "operator tenant-admin tenant-member tenant-viewer",
    ("sendEvents", "tenant"): "operator tenant-admin",
    ("redriveEvents", "tenant"): "operator tenant-admin",
    ("readRuns", "tenant"): "operator tenant-admin tenant-member tenant-viewer",
    ("startRuns", "tenant"): "operator tenant-admin tenant-member",
    ("debugRuns", "tenant"): "operator tenant-admin",
    ("readRecordedSteps", "tenant"): "operator tenant-admin",
    ("readSecrets", "tenant"): "tenant-admin",
    ("readSupport", "tenant"): "operator tenant-admin tenant-member tenant-viewer",
    ("setSupport", "tenant"): "operator tenant-admin",
    ("setRedaction", "tenant"): "operator tenant-admin",
    ("setAlert", "tenant"): "operator tenant-admin",
    ("readMembers", "tenant"): "operator tenant-admin",
    ("manageMembers", "tenant"): "operator tenant-admin",
    ("readAudit", "tenant"): "operator tenant-admin",
    ("readUsage", "tenant"): "operator tenant-admin",
    ("setBudget", "tenant"): "operator tenant-admin",
    ("readApprovals", "tenant"): "operator tenant-admin tenant-member tenant-viewer",
    ("decideApprovals", "tenant"): "operator tenant-admin tenant-member",
    ("readWebhooks", "tenant"): "operator tenant-admin",
    ("setWebhooks", "tenant"): "operator tenant-admin",
    ("readPublisher", "publisher"): "operator publisher-admin publisher-member publisher-viewer",
    ("readSupport", "publisher"): "operator publisher-admin publisher-member publisher-viewer",
    ("publish", "publisher"): "operator publisher-admin publisher-member",
    ("checkVersions", "publisher"): "operator publisher-admin publisher-member",
    ("readVersions", "publisher"): "operator publisher-admin publisher-member publisher-viewer",
    ("debugVersions", "publisher"): "operator publisher-admin publisher-member",
    ("readMembers", "publisher"): "operator publisher-admin publisher-member publisher-viewer",
    ("manageMembers", "publisher"): "operator publisher-admin",
    ("readAudit", "publisher"): "operator publisher-admin",
}


@pytest.mark.parametrize(("action", "kind"), TABLE)
def test_who_may(action: str, kind: str) -> None:
    assert {who for who in WHO if is_permitted(_caller(who), action, KINDS[kind])} == set(TABLE[action, kind].split())


SUPPORTED = {"readRuns", "readRecordedSteps"}


@pytest.mark.parametrize("app", ["acme/app", "globex/app"])
@pytest.mark.parametrize(("action", "kind"), TABLE)
def test_who_may_more_in_a_support_session(action: str, kind: str, app: str) -> None:
    session = SupportSession(tenant="acme", app=app, opened=AT, until=AT, by="a")
    more = {who for who in WHO if is_permitted(_caller(who), action, KINDS[kind], session)}
    supporters = {"acme": {"publisher-admin", "publisher-member"}, "globex": {"other-publisher-admin"}}
    allowed = supporters[app.partition("/")[0]] if action in SUPPORTED and kind == "tenant" else set[str]()
    assert more == set(TABLE[action, kind].split()) | allowed


def test_the_table_has_exactly_the_actions_that_the_code_uses() -> None:
    declared = {
        (operation["x-interlock-action"], operation["x-interlock-scope"])
        for methods in json.loads(DOCUMENT.read_text())["paths"].values()
        for operation in methods.values()
    }
    request = declared | {(action, "tenant") for action in (START, *(tool.action for tool in BUILT_IN.values()))}
    assert request == set(TABLE)


def test_the_policies_name_the_actions_that_the_code_uses() -> None:
    assert set(actions()) == {action for action, _ in TABLE}


@pytest.mark.parametrize("who", [name for name, belongs in WHO.items() if belongs])
def test_a_callers_access_is_what_the_policies_permit(who: str) -> None:
    caller = _caller(who)
    view = view_caller(caller)
    assert view.memberships == caller.memberships
    assert [one.scope for one in view.access] == [caller.memberships[0].scope]
    assert {one for one in actions() if is_permitted(caller, one, view.access[0].scope)} == set(view.access[0].actions)


def test_a_viewer_changes_nothing() -> None:
    for who in ("tenant-viewer", "publisher-viewer"):
        for access in view_caller(_caller(who)).access:
            assert all(action.startswith("read") or action == "answerInvitations" for action in access.actions)


def _caller(who: str) -> Caller:
    belongs = WHO[who]
    rows = (Membership(principal=who, scope=belongs[0], role=belongs[1]),) if belongs else ()
    return Caller(principal=who, memberships=rows)
