"""The documentation's site: it is built from the pages as they are, and a link to nothing fails the build."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from scripts.site import ROOT, assemble

LOADED = re.compile(
    r'<(?:script|img|iframe)[^>]* src="(https?://[^"]+)"|<link[^>]* rel="stylesheet"[^>]* href="(https?://[^"]+)"'
)


def built(folder: Path) -> subprocess.CompletedProcess[str]:
    """Build the pages that are in a folder, as `scripts/site` does."""
    text = (ROOT / "zensical.toml").read_text().replace("build/site-source", "source").replace("build/site", "site")
    (folder / "zensical.toml").write_text(text)
    command = [str(ROOT / ".venv" / "bin" / "zensical"), "build", "--clean", "--strict"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    assemble(tmp_path / "source")
    return tmp_path / "source"


def test_the_site_has_every_page_and_loads_from_no_host(pages: Path) -> None:
    done = built(pages.parent)
    assert done.returncode == 0, done.stdout
    site = pages.parent / "site"
    html = {path.relative_to(site).with_suffix(".md").as_posix(): path.read_text() for path in site.rglob("*.html")}
    wanted = {path.relative_to(pages).as_posix() for path in pages.rglob("*.md")}
    assert {name.replace("README.md", "index.md") for name in wanted} <= set(html)
    assert [row for text in html.values() for row in LOADED.findall(text)] == []


def test_a_link_to_nothing_fails_the_build(pages: Path) -> None:
    page = pages / "README.md"
    page.write_text(f"{page.read_text()}\nSee [this](nowhere.md) and [that](docs/limits.md#no-such-heading).\n")
    done = built(pages.parent)
    assert done.returncode != 0
    text = done.stdout + done.stderr
    assert "page does not exist" in text
    assert "anchor does not exist" in text
