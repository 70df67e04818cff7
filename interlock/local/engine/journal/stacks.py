"""Whether what stacks made since the last look is still to be written.

A stack changes in the background, and in every service. Its end may come between two looks, or while one goes on: each
time that a stack was seen to change is counted, and only a look that began after the end settles it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple


class Look(NamedTuple):
    """What was so when a look began."""

    needed: bool
    """Something that a stack made may not be written yet."""
    urgent: bool
    """A stack ended or was asked for: who hears of it relies on what it made. Else a look now and then is enough."""
    changing: frozenset[str]
    over: frozenset[str]
    turn: int


class Stacks:
    """The stacks of one engine."""

    def __init__(self, changing: Callable[[], frozenset[str]]) -> None:
        """Take how to tell which stacks change now."""
        self._changing = changing
        # Requests are served by one thread, the journal looks by another.
        self._lock = threading.Lock()
        self._seen = frozenset[str]()
        self._turn = 0
        self._settled = 0

    def begin(self, *, requested: bool = False) -> Look:
        """Before a look: whether there is anything to look at.

        Args:
            requested: whether a request wanted a change, which may be over already.
        """
        with self._lock:
            changing = self._changing()
            if changing or requested:
                self._turn += 1
            over = self._seen - changing
            self._seen |= changing
            needed = bool(changing) or self._turn != self._settled
            return Look(needed, requested or not changing or bool(over), changing, over, self._turn)

    def end(self, look: Look) -> None:
        """After the look: what ended before it began is written."""
        with self._lock:
            self._seen -= look.over
            if not look.changing:
                self._settled = max(self._settled, look.turn)
