"""The console's page: its build's script knows whether what is built is what the sources say."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "console" / "build.py"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A folder that is laid out as the console's."""
    folder = tmp_path / "console"
    for path in ("src/api", "src/runs", "public"):
        (folder / path).mkdir(parents=True)
    for name in (
        "index.html",
        "package-lock.json",
        "tsconfig.json",
        "vite.config.ts",
        "src/main.tsx",
        "public/icon.svg",
    ):
        (folder / name).write_text(name)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "openapi.json").write_text("{}")
    shutil.copy(SCRIPT, folder / "build.py")
    return folder


def _script(sources: Path, name: str) -> Callable[[], object]:
    return runpy.run_path(str(sources / "build.py"))[name]


def test_a_page_is_built_until_its_sources_change(sources: Path) -> None:
    assert _script(sources, "is_built")() is False
    (sources / "dist").mkdir()
    (sources / "dist" / "stamp").write_text(str(_script(sources, "stamp")()))
    assert _script(sources, "is_built")() is True
    for path in (sources / "src" / "main.tsx", sources.parent / "docs" / "openapi.json"):
        before = path.read_text()
        path.write_text("another")
        assert _script(sources, "is_built")() is False
        path.write_text(before)
    assert _script(sources, "is_built")() is True


def test_types_that_the_build_writes_are_no_source(sources: Path) -> None:
    before = _script(sources, "stamp")()
    (sources / "src" / "api" / "schema.ts").write_text("generated")
    assert _script(sources, "stamp")() == before


def test_a_file_that_moves_is_a_change(sources: Path) -> None:
    before = _script(sources, "stamp")()
    (sources / "src" / "main.tsx").rename(sources / "src" / "runs" / "main.tsx")
    assert _script(sources, "stamp")() != before
