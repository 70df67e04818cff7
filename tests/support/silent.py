"""What tests that start a platform share."""

from __future__ import annotations

from pathlib import Path

TOOLS = Path(__file__).parents[2] / ".interlock"


class Silent:
    """Progress that nobody watches."""

    def step(self, name: str) -> None:
        """Say nothing."""
