"""Hostile requests as every kind of caller: the caller's mistake is never a 500, and an error is always a problem."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.api.handler import handler
from interlock.contract.core import limits
from scripts.generate.openapi import CONTROL
from tests.support.api_world import PEOPLE, World, a_world
from tests.support.hostile import HostileRequest, Requests, event_of, is_problem

REQUESTS = 750
SEEDS = (20_261,)
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
