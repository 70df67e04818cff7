"""What commands print: tables and trees for eyes, JSON for machines, failures with the next command."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TextIO

from interlock.contract.core.failure import Failure, NotFound, NotSignedIn, Rejected, Unavailable
from interlock.contract.printable import printable, printable_json

if TYPE_CHECKING:
    from pydantic import BaseModel
    from rich.console import Console
    from rich.tree import Tree

    from interlock.contract.core.finding import Finding
    from interlock.contract.run import Body

WIDE = 200
"""Columns where there is no terminal: nothing is folded that a script would read."""
REFUSED, USAGE, FINDINGS, NOT_THERE, NO_PLATFORM = 1, 2, 3, 4, 5
SHORT = 60
STYLES = {
    "succeeded": "green",
    "listed": "green",
    "active": "green",
    "failed": "red",
    "rejected": "red",
    "aborted": "red",
    "running": "cyan",
    "starting": "cyan",
    "paused": "yellow",
}
CODES = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "cyan": 36}
"""Of ANSI: https://man7.org/linux/man-pages/man4/console_codes.4.html."""


@cache
def out() -> Console:
    """Standard output for tables and trees. rich is imported here, because it is a third of a command's start."""
    from interlock.cli.terminal.console import CleanConsole

    return CleanConsole(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDE)


@cache
def err() -> Console:
    """Standard error for what moves, such as bars of progress."""
    from interlock.cli.terminal.console import CleanConsole

    return CleanConsole(stderr=True, highlight=False, soft_wrap=True, width=None if sys.stderr.isatty() else WIDE)


def line(text: str, style: str = "") -> None:
    """Print a line on standard output."""
    sys.stdout.write(f"{_painted(text, style, sys.stdout)}\n")


def note(text: str, style: str = "", *, end: str = "\n") -> None:
    """Print a line on standard error: progress, and what a person should know beside the answer."""
    sys.stderr.write(_painted(text, style, sys.stderr) + end)
    sys.stderr.flush()


def confirm(question: str) -> bool:
    """Ask a person, and wait for yes or no."""
    import typer

    return typer.confirm(printable(question))


def is_terminal() -> bool:
    """Whether a person reads standard output, and can be asked."""
    return sys.stdout.isatty()


def answer(value: Any, text: str | Callable[[], object], *, machine: bool) -> None:
    """Print what a command answers.

    Args:
        value: a model, a list of models, or plain values: printed as JSON for machines.
        text: a line for people, or what prints several.
        machine: whether a machine reads it (`--json`).
    """
    if machine:
        as_json(value)
    elif isinstance(text, str):
        line(text)
    else:
        text()


def as_json(value: Any) -> None:
    """Print a value as JSON, and nothing else; models by the names that the API gives their fields."""
    from pydantic_core import to_json

    _write_json(to_json(value, indent=2, by_alias=True).decode())


def json_line(value: BaseModel) -> None:
    """Print a model as one line of JSON, at once: for what is followed."""
    _write_json(value.model_dump_json(by_alias=True))


def json_text(text: str) -> None:
    """Print a line that is JSON already."""
    _write_json(text)


def visible(text: str) -> str:
    """Text of others on one line: a control character, or one that turns the direction, is written as its escape."""
    return printable(text, layout="")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Print rows, or what to do where there are none."""
    from rich.table import Table

    grid = Table(box=None, pad_edge=False, header_style="bold")
    for ordinal, column in enumerate(columns):
        grid.add_column(column, overflow="fold", no_wrap=ordinal == 0)
    count = 0
    for row in rows:
        count += 1
        grid.add_row(*(styled("" if cell is None else visible(str(cell))) for cell in row))
    if count:
        out().print(grid)
    else:
        out().print(empty)


def tree(label: str) -> Tree:
    """A tree whose labels are rich markup; print it with `out().print`."""
    from rich.tree import Tree

    return Tree(label)


def escape(text: str) -> str:
    """A text as it is, where rich reads markup."""
    from rich.markup import escape as escaped

    return escaped(printable(text))


def styled(word: str) -> str:
    """A status in its colour; other words as they are."""
    style = STYLES.get(word)
    return f"[{style}]{word}[/{style}]" if style else escape(word)


def short(value: Any, limit: int = SHORT) -> str:
    """A value on one line, shortened."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def body(recorded: Body | None, limit: int = SHORT) -> str:
    """A recorded body: its value shortened, or how large it is."""
    if recorded is None:
        return ""
    return f"({recorded.size} bytes, see --whole)" if recorded.key else short(recorded.value, limit)


def failure(error: Failure, *, machine: bool) -> int:
    """Print a failure where it belongs; the exit code for it."""
    if machine:
        sys.stderr.write(json.dumps(error.problem()) + "\n")
        return exit_code(error)
    note(error.what, "red", end="")
    note(f"  ({error.where})" if error.where else "", "dim")
    if isinstance(error, Rejected):
        findings(error.findings)
    if error.next_step:
        note(f"  {error.next_step}")
    return exit_code(error)


def findings(rows: Iterable[Finding]) -> None:
    """Print findings: code, where, what, and what to do."""
    for row in rows:
        note(f"  {row.code}", "red" if row.severity.value == "error" else "yellow", end="")
        note(f"  {row.where}")
        note(f"      {row.what}")
        note(f"      {row.fix}", "dim")


def exit_code(error: Failure) -> int:
    """1 refused, 3 findings, 4 not there, 5 no platform or nobody signed in (2 is the parser's: wrong usage)."""
    match error:
        case Rejected():
            return FINDINGS
        case NotFound():
            return NOT_THERE
        case Unavailable() | NotSignedIn():
            return NO_PLATFORM
        case _:
            return REFUSED


class Steps:
    """Progress of something long: plain lines, one for each step, with the time that it took."""

    def __init__(self, *, quiet: bool = False) -> None:
        """Print to standard error, or nothing where it is quiet."""
        self._begun = 0.0
        self._open = False
        self._quiet = quiet

    def step(self, name: str) -> None:
        """A step begins; the one before it is done."""
        self.done()
        self._begun = time.monotonic()
        self._open = True
        if not self._quiet:
            note(f"  {name} …", end="")

    def done(self) -> None:
        """The last step is done."""
        if self._open and not self._quiet:
            note(f" {time.monotonic() - self._begun:.1f} s", "dim")
        self._open = False


def _write_json(text: str) -> None:
    sys.stdout.write(printable_json(text) + "\n")
    sys.stdout.flush()


def _painted(text: str, style: str, stream: TextIO) -> str:
    text = printable(text)
    if not style or not text or not stream.isatty() or "NO_COLOR" in os.environ:
        return text
    return f"\x1b[{CODES[style]}m{text}\x1b[0m"
