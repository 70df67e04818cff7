"""Requests that are made to hurt, as every kind of caller, against the control API on an emulated AWS."""

import json
from collections import Counter

import pytest

from functions.api.handler import handler
from interlock.aws.clients import forget_clients
from interlock.contract.core import limits
from scripts.generate.openapi import CONTROL
from tests.support.api_world import PEOPLE, a_world
from tests.support.cloud import REGION
from tests.support.hostile import Requests, event_of, is_problem

CALLERS = (*PEOPLE, "")
"""The empty one has no principal: what an authorizer that fails open would let in."""
FRESH = 5_000
"""Requests to one world: each that is let in leaves something, and a world of its own keeps them quick."""
Row = tuple[Counter[str], list[str]]


def fuzz_api(count: int, seed: int) -> Row:
    """Send so many requests.

    Returns:
        Answers by status, and the failures as text: a 5xx, or an error that is not a problem of RFC 9457.
    """
    statuses: Counter[str] = Counter()
    failures: list[str] = []
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "testing")
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        forget_clients()
        monkeypatch.setattr(limits, "API_CALLS_PER_MINUTE", FRESH * 2)
        monkeypatch.setattr(limits, "SCOPE_CALLS_PER_MINUTE", FRESH * 2)
        for begin in range(0, count, FRESH):
            more, wrong = _in_one_world(min(FRESH, count - begin), seed + begin)
            statuses += more
            failures += wrong
    return statuses, failures


def _in_one_world(count: int, seed: int) -> Row:
    statuses: Counter[str] = Counter()
    failures: list[str] = []
    document = json.loads(CONTROL.read_text())
    with a_world() as world:
        requests = Requests(document, world.known, seed)
        for number in range(count):
            request = requests.make(number)
            answer = handler(event_of(request, requests.random.choice(CALLERS)), None)
            status = int(answer["statusCode"])
            statuses[str(status)] += 1
            broken = status >= 400 and not answer["isBase64Encoded"] and not is_problem(str(answer["body"]))
            if status >= 500 or broken:
                failures.append(f"api {number} of seed {seed}: {status}\n{request!r}\n{answer['body']}")
    return statuses, failures
