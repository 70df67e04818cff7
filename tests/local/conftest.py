"""The command line as a reader types it, against the session's platform."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from interlock.local.platform import Platform
from tests.support.cli import Cli, Write
from tests.support.hello_app import CLOCK, GREET, MANIFEST, SCHEMA, STEPS


@pytest.fixture(scope="session")
def cli(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The command line with a tenant `globex` and a publisher `acme`, whose clock is installed from the first."""
    result = Cli(platform.place.root)
    result.ok("up")
    result.ok("tenant", "create", "globex")
    result.ok("publisher", "create", "acme")
    clock = tmp_path_factory.mktemp("clock")
    for name, text in CLOCK.items():
        (clock / name).write_text(text)
    result.ok("app", "publish", str(clock))
    result.ok("install", "add", "acme/clock", "--yes")
    return result


@pytest.fixture(scope="module")
def own_profiles(cli: Cli) -> Iterator[None]:
    """Takes the profiles back that a module's tests added: with several tenants, every command wants to know which."""
    path = cli.home / "profiles.json"
    before = path.read_text()
    yield
    path.write_text(before)


@pytest.fixture
def app(tmp_path: Path) -> Write:
    """Writes an app's folder: a good one, with what a test changes of it."""

    def write(name: str = "hello", version: str = "1.0.0", **files: str | None) -> Path:
        folder = tmp_path / f"{name}-{version}"
        content: dict[str, str | None] = {
            "interlock.toml": MANIFEST.replace("NAME", name).replace("VERSION", version),
            "hello/__init__.py": "",
            "hello/steps.py": STEPS,
            "config.schema.json": SCHEMA,
            "greet.schema.json": GREET,
        }
        for path, text in (content | {key.replace("__", "/"): value for key, value in files.items()}).items():
            if text is not None:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(text)
        return folder

    return write
