"""The console's page: in a wheel it is built; in a clone it is built from the lock file by the project's own Node."""

import runpy
import subprocess
import sys
from pathlib import Path

from interlock.contract.core.failure import Failure
from interlock.local.engine.lock import held
from interlock.local.home import SHIPPED, shipped
from interlock.local.node import npm

LAST_CHARS = 2000


class PageNotBuilt(Failure):
    """The console could not be built."""

    default_code = "console-not-built"


def page_folder() -> Path:
    """Where the built page is, or will be."""
    return shipped() / "console" / "dist"


def build_page() -> Path:
    """The folder of the page; it is built where its sources changed.

    Raises:
        PageNotBuilt: npm could not install its packages, or the build failed.
        ToolsMissing: Node is not installed.
    """
    folder = page_folder()
    if shipped() == SHIPPED or _is_built(folder.parent / "build.py"):
        return folder
    node, script = npm()
    with held(folder.parent):
        done = subprocess.run(
            [sys.executable, str(folder.parent / "build.py"), str(node), str(script)],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise PageNotBuilt(
            f"the console could not be built: {done.stderr.strip()[-LAST_CHARS:]}",
            where=str(folder.parent),
            next_step="Look at the network or the npm registry, then `interlock console` again",
        )
    return folder


def _is_built(script: Path) -> bool:
    """Whether what is built is what the sources say: its own script knows, and each `up` asks."""
    return bool(runpy.run_path(str(script))["is_built"]())
