"""Checks the console: `python -m scripts.console`. Its compiler, linter and tests, by the project's own Node."""

import subprocess
import sys
from pathlib import Path

from interlock.local.node import npm

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Check it; npm installs the locked packages the first time."""
    node, script = npm()
    command = [sys.executable, str(ROOT / "console" / "build.py"), str(node), str(script), "check"]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
