"""Whether the command line takes a command: its name, options and arguments, without running it."""

from __future__ import annotations

import shlex
from typing import Any

from interlock.cli.main import command_line


def parse(line: str) -> str:
    """The name of the command that a line calls, such as `run fork`.

    Raises:
        UsageError: there is no such command or option, or an argument is missing.
    """
    program, *arguments = shlex.split(line)
    assert program == "interlock"
    command: Any = command_line()
    depth = 0
    while hasattr(command, "get_command"):
        command = command.get_command(None, arguments[depth])
        assert command is not None, f"{arguments[depth]} is no command"
        depth += 1
    command.make_context(arguments[depth - 1], arguments[depth:])
    return " ".join(arguments[:depth])
