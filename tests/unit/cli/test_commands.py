"""The table of commands, from which help is printed, says what the commands say of themselves."""

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from importlib import import_module
from typing import Any, get_args

import pytest
import typer

from interlock.cli.commands import COMMANDS, Command, Group
from interlock.cli.main import command_line
from interlock.cli.terminal import options
from interlock.contract.approval import ApprovalStatus
from interlock.contract.dead_letter import DeadState
from interlock.contract.manifest import Category, Visibility
from interlock.contract.registry import Channel
from interlock.contract.run import RunStatus
from interlock.contract.webhook import DeliveryStatus

CHOICES: dict[Any, type[StrEnum]] = {
    options.ChannelName: Channel,
    options.CategoryName: Category,
    options.DeadStateName: DeadState,
    options.RunStatusName: RunStatus,
    options.ApprovalStatusName: ApprovalStatus,
    options.DeliveryStatusName: DeliveryStatus,
    options.VisibilityName: Visibility,
}


def entries(table: Mapping[str, Command | Group], path: tuple[str, ...] = ()) -> Iterator[tuple[str, Command]]:
    for name, entry in table.items():
        match entry:
            case Command():
                yield " ".join((*path, name)), entry
            case Group():
                yield from entries(entry.entries, (*path, name))


def typer_app(entry: Command) -> typer.Typer:
    return getattr(import_module(f"interlock.cli.{entry.module}"), entry.attribute)


@pytest.mark.parametrize(("name", "entry"), list(entries(COMMANDS)), ids=lambda value: str(value)[:40])
def test_help_begins_as_the_commands_docstring(name: str, entry: Command) -> None:
    callbacks = {command.name: command.callback for command in typer_app(entry).registered_commands}
    docstring = inspect.getdoc(callbacks[name.split()[-1]]) or ""
    line = docstring.partition("\n")[0]
    assert entry.about == re.split(r"[.:] ", line, maxsplit=1)[0].rstrip(".") + "."


def test_every_command_of_a_module_is_in_the_table() -> None:
    apps = {(entry.module, entry.attribute): typer_app(entry) for _, entry in entries(COMMANDS)}
    registered = {(*key, command.name) for key, app in apps.items() for command in app.registered_commands}
    assert registered == {(entry.module, entry.attribute, name.split()[-1]) for name, entry in entries(COMMANDS)}


def test_an_unknown_command_is_none() -> None:
    assert command_line().get_command(None, "nothing") is None


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: CHOICES[choice].__name__)
def test_an_option_takes_the_values_of_the_contract(choice: Any) -> None:
    assert set(get_args(choice)) == {member.value for member in CHOICES[choice]}


def test_help_imports_no_command() -> None:
    code = "import sys; from interlock.cli.main import main\ntry: main()\nexcept SystemExit: pass\n"
    code += (
        "print([name for name in sys.modules if name.startswith(('interlock.contract', 'pydantic_core', 'urllib3'))])"
    )
    done = subprocess.run([sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
