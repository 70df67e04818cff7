"""A browser for the modules that look at the console: each says by `cli` what is on its platform."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.browser import chromium
from tests.support.cli import ROOT, Cli
from tests.support.console import Console


@pytest.fixture(scope="module")
def console(cli: Cli) -> Iterator[Console]:
    """The console, in a browser that is closed in the end; it must have complained of nothing."""
    with chromium(ROOT / ".interlock") as browser:
        console = Console(cli, browser)
        yield console
        console.close()
        assert console.complaints == []
