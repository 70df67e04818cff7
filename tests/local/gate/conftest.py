"""One kit for the gate's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from interlock.local.platform import Platform
from tests.local.gate.kit import Kit, kit_of


@pytest.fixture(scope="session")
def kit(platform: Platform) -> Iterator[Kit]:
    """The session's platform with a publisher and a tenant for these tests."""
    with kit_of(platform) as made:
        yield made
