"""What a step prints: each line becomes a line of the log, with the step's keys and redacted."""

import logging
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import TextIOBase
from typing import TextIO

PRINTED, ERRORS = "print", "stderr"
"""The loggers of what a step writes to its standard output and to its standard error."""
LINE_CHARS = 32_000
"""A line is cut here: CloudWatch takes 256 KB an event, and the keys and a character's escape need room.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
"""


class LineWriter(TextIOBase):
    """A text stream whose lines are logged. What logging itself writes while it logs one goes to the stream below."""

    def __init__(self, name: str, level: int, below: TextIO) -> None:
        """Take the logger's name, the level of its lines, and the stream that it stands in front of."""
        self._logger, self._level, self._below = logging.getLogger(name), level, below
        self._rest = ""
        self._inside = threading.local()

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, text: str, /) -> int:
        """Log each whole line; the rest waits for its end, or for a flush."""
        if getattr(self._inside, "logging", False):
            return self._below.write(text)
        *lines, self._rest = (self._rest + text).split("\n")
        if len(self._rest) > LINE_CHARS:
            lines, self._rest = [*lines, self._rest], ""
        for line in lines:
            self._log(line)
        return len(text)

    def flush(self) -> None:
        """Log what has no end of line yet."""
        if self._rest and not getattr(self._inside, "logging", False):
            line, self._rest = self._rest, ""
            self._log(line)

    def _log(self, line: str) -> None:
        if not line.strip():
            return
        cut = line if len(line) <= LINE_CHARS else f"{line[:LINE_CHARS]} ({len(line) - LINE_CHARS} characters more)"
        self._inside.logging = True
        try:
            self._logger.log(self._level, "%s", cut)
        finally:
            self._inside.logging = False


@contextmanager
def printed() -> Generator[None]:
    """Log what is printed inside; the process's own handlers must be installed before."""
    out = LineWriter(PRINTED, logging.INFO, sys.stdout)
    errors = LineWriter(ERRORS, logging.WARNING, sys.stderr)
    with redirect_stdout(out), redirect_stderr(errors):
        try:
            yield
        finally:
            out.flush()
            errors.flush()
