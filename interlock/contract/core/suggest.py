"""Names that are like a wrong one, for the end of a sentence."""

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

MOST_NAMES = 1_000
MOST_CHARS = 80
"""Of a word and of each name: looking takes more than linear time."""


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """`; did you mean NAME?` for the name that is most like the word; empty where none is."""
    close = closest(word, names)
    return f"; did you mean {close}?" if close else ""


def closest(word: str, names: Iterable[str]) -> str:
    """The name that is most like a word, among the first MOST_NAMES; empty where none is like it."""
    known = [name for name in islice(names, MOST_NAMES) if len(name) <= MOST_CHARS]
    return next(iter(get_close_matches(word[:MOST_CHARS], known, n=1)), "")


class Suggestions:
    """`did_you_mean` for findings of a text that may have thousands: only the first ones are worth the time."""

    def __init__(self, most: int = 20) -> None:
        """Nothing was suggested yet."""
        self._left = most

    def like(self, word: str, names: Iterable[str]) -> str:
        """See `did_you_mean`."""
        self._left -= 1
        return did_you_mean(word, names) if self._left >= 0 else ""
