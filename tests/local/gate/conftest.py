"""One kit for the gate's tests, and questions that nobody answers for a while."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from interlock.local.platform import Platform
from tests.support.kit import Kit, kit_of, manifest
from tests.support.unanswered import Unanswered


@pytest.fixture(scope="session")
def kit(platform: Platform) -> Iterator[Kit]:
    """The session's platform with a publisher and a tenant for these tests."""
    with kit_of(platform) as subject:
        yield subject


@pytest.fixture(scope="session")
def unanswered(kit: Kit) -> Unanswered:
    """The runs, which have begun to wait."""
    asks: dict[str, dict[str, Any]] = {
        "late": {"question": "Now?", "deadline": 60},
        "urgent": {"question": "Anybody?", "escalate_to": ["member"], "escalate_after": 60},
    }
    files = {"interlock.toml": manifest({}, tuple(asks))}
    for name, value in asks.items():
        state = {"Type": "Task", "Resource": "${platform.approve}", "Parameters": value, "End": True}
        files[f"workflows/{name}.asl.json"] = json.dumps({"StartAt": "Ask", "States": {"Ask": state}})
    installed = kit.app(files)
    return Unanswered(installed, kit.start(installed, "late"), kit.start(installed, "urgent"))
