"""Regular expressions of a workflow, which end in time: the `regex` library gives up where Python's own would go on.

AWS bounds the time of an expression; a pattern such as `^(a|aa)+$` takes years on forty letters.
"""

from collections.abc import Callable, Iterator
from typing import Any

TIMEOUT_SECONDS = 1.0
"""How long one search may take, as one expression of JSONata may (interlock.asl.query.TIMEOUT_MS)."""


class WrongPattern(ValueError):
    """A text is not a regular expression."""


class Regular:
    """A compiled regular expression, with the methods of `re.Pattern` that the JSONata library calls.

    Each of them raises TimeoutError after a second.
    """

    def __init__(self, text: str, flags: str = "") -> None:
        """Compile an expression; flags are letters of `ims`. Raises WrongPattern."""
        import regex

        try:
            self._compiled: Any = regex.compile(f"(?{flags}){text}" if flags else text)
        except (regex.error, RecursionError, OverflowError, ValueError) as error:
            raise WrongPattern(str(error)) from error

    def search(self, text: str) -> Any:
        """The first match, or None."""
        return self._compiled.search(text, **_bounds())

    def fullmatch(self, text: str) -> Any:
        """The match of the whole text, or None."""
        return self._compiled.fullmatch(text, **_bounds())

    def finditer(self, text: str) -> Iterator[Any]:
        """Every match."""
        return self._compiled.finditer(text, **_bounds())

    def split(self, text: str, maxsplit: int = 0) -> list[str]:
        """The parts of a text between the matches."""
        return self._compiled.split(text, maxsplit=maxsplit, **_bounds())

    def sub(self, replacement: str | Callable[[Any], str], text: str, count: int = 0) -> str:
        """A text with its matches replaced."""
        return self._compiled.sub(replacement, text, count=count, **_bounds())


def _bounds() -> dict[str, Any]:
    """The bounds of a search; other threads of the engine go on while it runs."""
    return {"timeout": TIMEOUT_SECONDS, "concurrent": True}
