"""A gate in the test's process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.cloud import Cloud
from tests.support.gate import GateHere, gate_here


@pytest.fixture
def here(cloud: Cloud) -> Iterator[GateHere]:
    """A gate on a cloud of the test's own."""
    with gate_here(cloud) as gate:
        yield gate
