"""What tests of disturbances share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from interlock.aws.clients import client
from tests.support.aws_faults import answer


@pytest.fixture
def tokens() -> Iterator[list[str]]:
    """The tokens by which states were answered: last in line, so that a disturber hears the calls first."""
    heard: list[str] = []

    def answered(params: Any, **_: Any) -> Any:
        heard.append(json.loads(params["body"])["taskToken"])
        return answer(200), {}

    events = client("stepfunctions").meta.events
    for call in ("SendTaskSuccess", "SendTaskFailure"):
        events.register_last(f"before-call.sfn.{call}", answered)
    yield heard
    for call in ("SendTaskSuccess", "SendTaskFailure"):
        events.unregister(f"before-call.sfn.{call}", answered)
