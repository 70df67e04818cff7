"""A browser for the modules that look at the console, and the world that those share that look at every page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from interlock.local.platform import Platform
from tests.support.browser import chromium
from tests.support.cli import ROOT, Cli
from tests.support.console import SCREENS, Console
from tests.support.console_pages import World, build_world


@pytest.fixture(scope="session")
def world(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Every page of the session's platform has something to show; it is built once."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    return build_world(Cli(platform.place.root), tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def cli(platform: Platform) -> Cli:
    """The command line; a module that needs more on the platform has its own."""
    return Cli(platform.place.root)


@pytest.fixture(scope="module")
def console(cli: Cli) -> Iterator[Console]:
    """The console, in a browser that is closed in the end; it must have complained of nothing."""
    with chromium(ROOT / ".interlock") as browser:
        console = Console(cli, browser)
        yield console
        console.close()
        assert console.complaints == []
