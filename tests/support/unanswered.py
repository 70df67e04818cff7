"""Two runs that ask, and whose questions nobody answers."""

from __future__ import annotations

from typing import NamedTuple

from tests.support.kit import Installed


class Unanswered(NamedTuple):
    """Two runs that ask: one has a minute, of the other somebody else is asked after a minute."""

    installed: Installed
    late: str
    urgent: str
