"""The pictures of the docs: each is one that the browser tests make, is shown, and is no burden to a reader."""

from __future__ import annotations

import re
from pathlib import Path

from scripts.generate.screens import PICTURES, SHOWN

ROOT = Path(__file__).parents[3]
MAX_BYTES = 150_000
"""Ours: three of them load within a second on a slow line."""
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def test_pictures_are_those_of_the_browser_tests() -> None:
    present = {path.name: path for path in SHOWN.glob("*")}
    assert set(present) == set(PICTURES)
    for path in present.values():
        content = path.read_bytes()
        assert content.startswith(SIGNATURE), path.name
        assert len(content) <= MAX_BYTES, path.name


def test_every_picture_is_shown_with_a_text() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = {
        Path(target).name: text
        for page in pages
        for text, target in re.findall(r"!\[([^\]]*)\]\(([^)]+\.png)\)", page.read_text())
    }
    assert set(shown) == set(PICTURES)
    assert all(len(text) > 20 for text in shown.values()), "who can't see a picture reads what it shows"
    readme = (ROOT / "README.md").read_text()
    assert all(f"docs/images/{name}" in readme for name in PICTURES)
