"""What commands print: tables and trees for eyes, JSON for machines, failures with the next command."""

import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from interlock.contract.core.failure import Failure, NotFound, NotSignedIn, Rejected, Unavailable

WIDE = 200
"""Columns where there is no terminal: nothing is folded that a script would read."""
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDE)
err = Console(stderr=True, highlight=False, soft_wrap=True, width=None if sys.stderr.isatty() else WIDE)
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


def as_json(value: Any) -> None:
    """Print JSON, and nothing else."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Print rows, or what to do where there are none."""
    from rich.table import Table

    grid = Table(box=None, pad_edge=False, header_style="bold")
    for ordinal, column in enumerate(columns):
        grid.add_column(column, overflow="fold", no_wrap=ordinal == 0)
    count = 0
    for row in rows:
        count += 1
        grid.add_row(*(styled(str(cell)) for cell in row))
    if count:
        out.print(grid)
    else:
        out.print(empty)


def styled(word: str) -> str:
    """A status in its colour; other words as they are."""
    style = STYLES.get(word)
    return f"[{style}]{word}[/{style}]" if style else escape(word)


def short(value: Any, limit: int = SHORT) -> str:
    """A value on one line, shortened."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def body(value: Mapping[str, Any] | None, limit: int = SHORT) -> str:
    """A recorded body: its value shortened, or where it is."""
    if not value:
        return ""
    return f"({value['size']} bytes, see --whole)" if value.get("key") else short(value.get("value"), limit)


def failure(error: Failure, *, machine: bool) -> int:
    """Print a failure where it belongs; the exit code for it."""
    if machine:
        sys.stderr.write(json.dumps(error.problem()) + "\n")
    else:
        err.print(f"[red]{escape(error.what)}[/red]" + (f"  [dim]({escape(error.where)})[/dim]" if error.where else ""))
        if isinstance(error, Rejected):
            findings(row.model_dump(mode="json") for row in error.findings)
        if error.next_step:
            err.print(f"  {escape(error.next_step)}")
    return exit_code(error)


def findings(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print findings: code, where, what, and what to do."""
    for row in rows:
        style = "red" if row["severity"] == "error" else "yellow"
        err.print(f"  [{style}]{row['code']}[/{style}]  {escape(row['where'])}")
        err.print(f"      {escape(row['what'])}")
        err.print(f"      [dim]{escape(row['fix'])}[/dim]")


def exit_code(error: Failure) -> int:
    """1 refused, 3 findings, 4 not there, 5 no platform or nobody signed in (2 is the parser's: wrong usage)."""
    if isinstance(error, Rejected):
        return FINDINGS
    if isinstance(error, NotFound):
        return NOT_THERE
    if isinstance(error, Unavailable | NotSignedIn):
        return NO_PLATFORM
    return REFUSED


class Steps:
    """Progress of something long: plain lines, one for each step, with the time of the last one."""

    def __init__(self, *, quiet: bool = False) -> None:
        """Print to stderr, so that --json stays alone on stdout."""
        self._begun = 0.0
        self._open = False
        self._quiet = quiet

    def step(self, name: str) -> None:
        """A step begins; the one before it is done."""
        self.done()
        self._begun = time.monotonic()
        self._open = True
        if not self._quiet:
            err.print(f"  {escape(name)} …", end="")

    def done(self) -> None:
        """The last step is done."""
        if self._open and not self._quiet:
            err.print(f" [dim]{time.monotonic() - self._begun:.1f} s[/dim]")
        self._open = False
