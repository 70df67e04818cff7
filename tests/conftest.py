"""One platform for all tests of a session that ask for one: its own state on a free port, the repository's tools."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from interlock.local.platform import Platform

# No test reads or writes the home of who runs it.
os.environ.setdefault("INTERLOCK_HOME", str(Path(__file__).parents[1] / ".interlock"))


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform, on an engine of its own."""
    # Unit tests load this file too, and the platform is a good part of a second to import.
    from tests.support.platforms import running_platform

    with running_platform(tmp_path_factory.mktemp("platform")) as platform:
        yield platform
