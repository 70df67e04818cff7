"""The endpoint of copilots lets in who may, so many times a minute, and answers a problem to anybody else."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from functions.mcp.handler import handler
from interlock.aws.clients import client
from interlock.contract.registry import Membership, Role
from tests.support.cloud import TENANT, Cloud

SETTINGS = {
    "RUNS_TABLE": "runs",
    "REGISTRY_TABLE": "registry",
    "DATA_BUCKET": "data",
    "ARTIFACT_BUCKET": "data",
    "START_QUEUE": "q",
    "GATE": "gate",
}


@pytest.fixture(autouse=True)
def settings(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copilot's person, and the settings of the endpoint."""
    cloud.registry.join(Membership(principal="person", scope=f"tenant/{TENANT}", role=Role.ADMIN))
    for name, value in SETTINGS.items():
        monkeypatch.setenv(f"INTERLOCK_{name}", value)


def ask(principal: str = "person") -> dict[str, Any]:
    """What the endpoint answers to a ping."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"})
    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    context = {
        "http": {"method": "POST", "path": f"/v1/tenants/{TENANT}/mcp", "sourceIp": "127.0.0.1"},
        "authorizer": {"lambda": {"principal": principal}},
    }
    event = {"requestContext": context, "pathParameters": {"tenant": TENANT}, "headers": headers, "body": body}
    return handler(
        event | {"isBase64Encoded": False, "rawQueryString": "", "rawPath": f"/v1/tenants/{TENANT}/mcp"}, None
    )


def spend(who: str) -> None:
    """Count up to the limit, in this minute and the next."""
    for minute in (int(time.time()) // 60, int(time.time()) // 60 + 1):
        item = {"pk": {"S": f"RATE#{who}"}, "sk": {"S": str(minute)}, "hits": {"N": "100000"}}
        client("dynamodb").put_item(TableName="runs", Item=item)


def test_person_is_let_in_and_stranger_is_not() -> None:
    assert ask()["statusCode"] == 200
    refused = ask("stranger")
    assert (refused["statusCode"], json.loads(refused["body"])["code"]) == (403, "forbidden")


@pytest.mark.parametrize(("who", "code"), [("person", "throttled"), (f"tenant/{TENANT}", "scope-throttled")])
def test_copilots_calls_are_limited_by_caller_and_tenant(who: str, code: str) -> None:
    spend(who)
    refused = ask()
    assert (refused["statusCode"], json.loads(refused["body"])["code"]) == (429, code)
    assert 0 < int(refused["headers"]["retry-after"]) <= 60
