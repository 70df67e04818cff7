"""What the engine says of itself to the command that started it or stops it.

The file has its size from the start: it can be written when the disk is full.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

BYTES = 2048
FAILED = 3
"""The exit status of an engine that cannot read its state."""


class Report:
    """The file `report.json` of an engine."""

    def __init__(self, path: Path) -> None:
        """Make the file."""
        self._values: dict[str, Any] = {}
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self.write("starting")

    def write(self, state: str, **values: Any) -> None:
        """Say in which state the engine is, and more."""
        self._values = self._values | values | {"state": state}
        text = json.dumps(self._values)[:BYTES].ljust(BYTES)
        os.pwrite(self._file, text.encode(), 0)

    def fail(self, what: str, next_step: str) -> None:
        """Say why the engine cannot start, and end it."""
        self.write("failed", what=what, next_step=next_step)
        sys.stderr.write(f"{what}\n")
        sys.stderr.flush()
        os._exit(FAILED)
