"""Reads the text of a path from left to right."""

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_INTEGER = re.compile(r"-?\d{1,9}")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_BARE = re.compile(r"[^\s.\[\]()'\"*]+")
Item = TypeVar("Item")


class PathSyntaxError(ValueError):
    """A text is not a path. The message says what must stand where."""

    def __init__(self, text: str, position: int, what: str) -> None:
        """Take the text, the place in it, and what is wrong there."""
        super().__init__(f"at character {position + 1}: {what}")
        self.text = text
        self.position = position


class Reader:
    """A place in a text that moves on as parts are taken."""

    def __init__(self, text: str, position: int = 0) -> None:
        """Take the text and where to begin."""
        self.text = text
        self.position = position

    @property
    def at_end(self) -> bool:
        """Whether everything was taken."""
        return self.position >= len(self.text)

    def peek(self) -> str:
        """The next character; empty at the end."""
        return self.text[self.position : self.position + 1]

    def take(self, token: str) -> bool:
        """Move past a token if it is next."""
        if not self.text.startswith(token, self.position):
            return False
        self.position += len(token)
        return True

    def expect(self, token: str) -> None:
        """Move past a token that must be next."""
        if not self.take(token):
            raise PathSyntaxError(self.text, self.position, f"`{token}` must stand here")

    def skip_spaces(self) -> None:
        """Move past spaces."""
        while self.peek() in (" ", "\t", "\n", "\r") and not self.at_end:
            self.position += 1

    def match(self, pattern: re.Pattern[str]) -> str:
        """Take what a pattern matches here; empty where it does not match."""
        match = pattern.match(self.text, self.position)
        if match is None:
            return ""
        self.position = match.end()
        return match.group()

    def identifier(self) -> str:
        """Take the name of a variable; empty where there is none."""
        return self.match(_IDENTIFIER)

    def integer(self) -> int | None:
        """Take an integer; None where there is none."""
        digits = self.match(_INTEGER)
        return int(digits) if digits else None

    def bare_name(self) -> str:
        """Take a name that is written without quotes."""
        name = self.match(_BARE)
        if not name:
            raise PathSyntaxError(
                self.text, self.position, "a name must stand here; a name with other signs needs ['…']"
            )
        return name

    def quoted(self) -> str:
        """Take a text in single or double quotes; a backslash escapes the next character."""
        quote = self.peek()
        if quote not in ("'", '"') or not quote:
            raise PathSyntaxError(self.text, self.position, "a text in quotes must stand here")
        begin = self.position
        self.position += 1
        characters: list[str] = []
        while not self.at_end:
            character = self.peek()
            self.position += 1
            if character == quote:
                return "".join(characters)
            if character == "\\" and not self.at_end:
                character = _ESCAPES.get(self.peek(), self.peek())
                self.position += 1
            characters.append(character)
        raise PathSyntaxError(self.text, begin, "the quote is not closed")

    def separated(self, take_one: Callable[[], Item]) -> Iterator[Item]:
        """Take one or more things with commas between."""
        yield take_one()
        self.skip_spaces()
        while self.take(","):
            self.skip_spaces()
            yield take_one()
            self.skip_spaces()
