"""A request that is not valid is refused with a problem that names the parameter or the field, in plain words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.api import Call, caller
from tests.support.cloud import TENANT, Cloud

BASE = f"/v1/tenants/{TENANT}"
NO_EVENTS: dict[str, Any] = {"url": "https://example.com", "events": []}
NO_WEBHOOK: dict[str, Any] = {"url": "https://example.com"}


@pytest.fixture
def call(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls the API as a tenant's admin."""
    return caller(cloud, monkeypatch)


@pytest.mark.parametrize(
    ("path", "where", "detail"),
    [
        (f"{BASE}/runs?limit=many", "query limit", "limit must be a number"),
        (f"{BASE}/runs?limit=0", "query limit", "limit must be at least 1"),
        (f"{BASE}/dead?limit=101", "query limit", "limit must be at most 100"),
        (f"{BASE}/runs/r1?whole=perhaps", "query whole", "whole must be true or false"),
        (f"{BASE}/approvals?status=gone", "query status", "status must be 'waiting', 'approved', 'rejected'"),
        (f"{BASE}/assets:history", "query qualified_name", "qualified_name is missing"),
        ("/v1/tenants/NOT-AN-ID/runs", "path tenant", "tenant must be 2 to 24 small letters"),
    ],
)
def test_a_parameter_is_refused_by_its_name(call: Call, path: str, where: str, detail: str) -> None:
    _refused(call("GET", path), where, detail)


@pytest.mark.parametrize(
    ("path", "body", "where", "detail"),
    [
        (f"{BASE}/alert", None, "body url", "url is missing"),
        (f"{BASE}/alert", {"url": 5}, "body url", "url must be a text"),
        (f"{BASE}/webhooks", NO_WEBHOOK, "body events", "events is missing"),
        (f"{BASE}/webhooks", NO_EVENTS, "body events", "events must have 1 or more items"),
        (f"{BASE}/webhooks", NO_WEBHOOK | {"events": ["*"], "to": 1}, "body to", "to is not a known field"),
        (f"{BASE}/assets:batch", {"writes": [{"tags": 7}]}, "body writes[0].qualified_name", "is missing"),
        (f"{BASE}/approvals/a1", {"approve": "perhaps"}, "body approve", "approve must be true or false"),
    ],
)
def test_a_field_of_the_body_is_refused_by_its_name(call: Call, path: str, body: Any, where: str, detail: str) -> None:
    _refused(call("POST", path, body), where, detail)


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        (f"{BASE}/runs/r1/forks", {"att": "Two"}, "att"),
        (f"{BASE}/runs", {"app": "acme/app", "workflow": "main", "inputs": {}}, "inputs"),
        (f"{BASE}/runs/r1/pauses/p1", {"action": "go", "inptu": 1}, "inptu"),
        (f"{BASE}/fork-jobs", {"fork": {"att": "Two"}}, "fork.att"),
        (f"{BASE}/assets:batch", {"writes": [{"qualified_name": "a", "tag": "x"}]}, "writes[0].tag"),
    ],
)
def test_an_unknown_field_is_refused_at_any_depth(call: Call, path: str, body: Any, where: str) -> None:
    _refused(call("POST", path, body), f"body {where}", f"{where} is not a known field")


def test_a_body_that_is_not_json_is_refused(call: Call) -> None:
    _refused(call("POST", f"{BASE}/alert", text="{"), "body", "the body is not JSON")
    _refused(call("POST", f"{BASE}/alert", "hello"), "body", "the body must be an object")


def test_a_body_is_json_whatever_content_type_is_named(call: Call) -> None:
    sent = call("POST", f"{BASE}/events", {"name": "note.written"}, content_type="application/x-www-form-urlencoded")
    assert sent["status"] == 202


def test_unknown_parameters_are_ignored_and_empty_ones_absent(call: Call) -> None:
    assert call("GET", f"{BASE}/runs?colour=blue&status=&cursor=&limit=7")["status"] == 200
    assert call("GET", f"{BASE}/usage?since=&until=")["status"] == 200


def _refused(answer: dict[str, Any], where: str, detail: str) -> None:
    problem = answer["body"]
    assert (answer["status"], problem["code"]) == (400, "bad-request")
    assert problem["where"].startswith(where)
    assert detail in problem["detail"]
    assert problem["next"]
