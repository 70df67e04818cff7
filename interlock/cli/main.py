"""The command `interlock`: finds the command that is called, and turns failures into messages and exit codes.

Only the module of the command that is called is imported; help lists the others from the table in `commands.py`.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from interlock.cli.commands import COMMANDS, Command, Group

if TYPE_CHECKING:
    from interlock.contract.core.failure import Failure

DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
INTERRUPTED = 130
"""The exit code of a program that Ctrl-C ended: 128 and the number of the signal."""
ABOUT = "Interlock: build, ship, run and debug apps on a tenant's metadata."


class LazyGroup(TyperGroup):
    """A group of commands that imports a command when it is called, and none to list them."""

    def __init__(self, name: str, help: str, entries: Mapping[str, Command | Group], before: Any = None) -> None:
        """Take the group's name, its help, its part of the table, and what its options do."""
        # Plain help: rich's costs more than everything else that a command needs to start.
        super().__init__(name=name, help=help, no_args_is_help=True, rich_markup_mode=None)
        if before is not None:
            self.params, self.callback = before.params, before.callback
        self.entries = entries

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the commands, in the order of the table."""
        return list(self.entries)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name, or None."""
        match self.entries.get(cmd_name):
            case Command(module, _, attribute):
                return _import(module, attribute, cmd_name)
            case Group(about, entries):
                return LazyGroup(cmd_name, about, entries)
            case None:
                return None

    def invoke(self, ctx: Any) -> Any:
        """Run the command; Ctrl-C ends it with one line."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            from interlock.cli.terminal import render

            render.note("\nInterrupted. What the platform acknowledged stays. Next: interlock status")
            raise typer.Exit(INTERRUPTED) from None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the names and the help of the commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.about) for name, entry in self.entries.items()])


def _print_version(wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import version

    sys.stdout.write(f"interlock {version('interlock')}\n")
    raise typer.Exit


def _before(
    home: Annotated[
        str,
        typer.Option(
            metavar="DIR", help="Keep profiles and the local platform in this folder, as INTERLOCK_HOME does."
        ),
    ] = "",
    profile: Annotated[
        str, typer.Option(metavar="NAME", help="Act as this profile in any command, as INTERLOCK_PROFILE does.")
    ] = "",
    version: Annotated[
        bool, typer.Option("--version", help="Print the version, and end.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Take the options that stand before a command into the environment, where every part of the command sees them."""
    os.environ.update({"INTERLOCK_HOME": home} if home else {})
    os.environ.update({"INTERLOCK_PROFILE": profile} if profile else {})


def command_line() -> LazyGroup:
    """The whole command line."""
    app = typer.Typer(rich_markup_mode=None)
    app.callback()(_before)
    before = typer.main.get_command(app)
    return LazyGroup("interlock", ABOUT, COMMANDS, before)


_REQUESTS = re.compile(r"New[A-Z]|\w+Request$")
"""Names of the models that the command line makes of what is typed."""


def main() -> None:
    """Run the command; exit codes: 0 done, 1 refused, 2 usage, 3 findings, 4 not there, 5 no platform."""
    try:
        command_line()(prog_name="interlock")
    except Exception as error:
        from interlock.cli.terminal import render
        from interlock.contract.core.failure import Failure

        failure = error if isinstance(error, Failure) else _of_disk(error) or _of_request(error)
        if failure is None:
            raise
        sys.exit(render.failure(failure, machine="--json" in sys.argv))


def _of_disk(error: Exception) -> Failure | None:
    """What a file that cannot be written or read says to the reader; None for any other error."""
    if not isinstance(error, OSError) or error.errno not in DISK_ERRORS:
        return None
    from interlock.contract.core.failure import Failure

    where = str(error.filename or "the disk")
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return Failure(
            f"the disk is full: {error.strerror}",
            where=where,
            code="disk-full",
            next_step="Free some space, then run the command again",
        )
    return Failure(
        f"the file cannot be used: {error.strerror}",
        where=where,
        code="disk-refused",
        next_step="Let yourself read and write it, or set INTERLOCK_HOME (--home DIR) to a folder that you may write",
    )


def _of_request(error: Exception) -> Failure | None:
    """What is wrong with a value of the command line that no call can be made of; None for any other error."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError) or not _REQUESTS.match(error.title):
        return None
    from interlock.contract.core.failure import BadRequest
    from interlock.contract.core.validation import explain

    where, what = explain(error.errors())
    return BadRequest(what, where=where, next_step="Correct it: the command with --help says what it takes.")


def _import(module: str, attribute: str, name: str) -> Any:
    """The command of a name in the Typer app of a module."""
    app: typer.Typer = getattr(import_module(f"interlock.cli.{module}"), attribute)
    # As a group of its own even where it has one command: a lone command would lose its name.
    app.rich_markup_mode = None
    return typer.main.get_group(app).commands[name]
