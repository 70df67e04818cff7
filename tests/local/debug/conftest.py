"""A published app whose steps fail in many ways, and `interlock run debug` as an editor meets it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.cli import Cli
from tests.support.debug_session import HERE, Shop


@pytest.fixture(scope="session")
def shop(cli: Cli) -> Iterator[Shop]:
    """The app, published and installed for the tenant."""
    cli.ok("app", "publish", str(HERE / "faults"))
    cli.ok("install", "add", "acme/faults", "--yes")
    yield Shop(cli)
