"""Hostile requests as every kind of caller: the caller's mistake is never a 500, and an error is always a problem."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest

from functions.api.handler import handler
from interlock.contract.core import limits
from scripts.generate.openapi import CONTROL
from tests.support.api_world import PEOPLE, World, a_world
from tests.support.hostile import HostileRequest, Requests

REQUESTS = 750
SEEDS = (20_261, 20_262)
DOCUMENT: dict[str, Any] = json.loads(CONTROL.read_text())
CALLERS = (*PEOPLE, "tenant-admin", "tenant-admin", "")
"""The empty one has no principal: what an authorizer that fails open would let in."""


@pytest.mark.parametrize("seed", SEEDS)
def test_hostile_requests_are_never_answered_with_a_500(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "API_CALLS_PER_MINUTE", REQUESTS + 1)
    with a_world() as world:
        wrong = [row for row in answers(world, seed) if row[1] >= 500 or (row[1] >= 400 and not is_problem(row[2]))]
    assert wrong == []


def answers(world: World, seed: int) -> list[tuple[HostileRequest, int, str]]:
    """Each request with the status and the body of its answer."""
    requests = Requests(DOCUMENT, world.known, seed)
    rows: list[tuple[HostileRequest, int, str]] = []
    for number in range(REQUESTS):
        request = requests.make(number)
        answer = handler(event_of(request, requests.random.choice(CALLERS)), None)
        rows.append((request, int(answer["statusCode"]), "" if answer["isBase64Encoded"] else str(answer["body"])))
    assert {status for _, status, _ in rows} >= {200, 400, 403, 404}
    return rows


def is_problem(body: str) -> bool:
    """Whether a body is a problem of RFC 9457 with a code and what to do next."""
    fields = json.loads(body)
    return {"title", "status", "detail", "code"} <= set(fields)


def event_of(request: HostileRequest, principal: str) -> dict[str, Any]:
    """What API Gateway hands over; it joins parameters of one name by commas."""
    path = unquote(request.path)
    query: dict[str, str] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True, errors="replace"):
        query[name] = f"{query[name]},{value}" if name in query else value
    return {
        "version": "2.0",
        "routeKey": f"{request.method} /v1/{{proxy+}}",
        "rawPath": path,
        "rawQueryString": request.query,
        "headers": dict(request.headers),
        "body": request.body,
        "isBase64Encoded": request.base64,
        "requestContext": {
            "http": {"method": request.method, "path": path, "sourceIp": "127.0.0.1"},
            "authorizer": {"lambda": {"principal": principal}},
            "stage": "$default",
        },
    } | ({"queryStringParameters": query} if query else {})
