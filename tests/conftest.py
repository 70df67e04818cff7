"""One platform for all tests of a session that ask for one: its own state on a free port, the repository's tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from interlock.local.platform import Platform


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform, deployed to an engine of its own."""
    # Unit tests load this file too, and the platform is a good part of a second to import.
    from interlock.local.engine.failure import EngineNotRunning
    from interlock.local.home import home
    from interlock.local.platform import down, up
    from tests.support.silent import TOOLS, Silent

    place = home(tmp_path_factory.mktemp("platform"), TOOLS)
    yield up(Silent(), place, port=0)
    try:
        down(place)
    except EngineNotRunning:
        return
