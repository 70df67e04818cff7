"""One platform for every local test of a session: its own state on a free port, the repository's own tools."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from interlock.local.engine import EngineNotRunning
from interlock.local.home import home
from interlock.local.platform import Platform, down, up

TOOLS = Path(__file__).parents[2] / ".interlock"


class Silent:
    """Progress that nobody watches."""

    def step(self, name: str) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform, deployed to an engine of its own."""
    place = home(tmp_path_factory.mktemp("platform"), TOOLS)
    yield up(Silent(), place, port=0)
    try:
        down(place)
    except EngineNotRunning:
        return
