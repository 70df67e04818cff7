"""The page of commands, from the command line's own parser; and the page of events, from the contract."""

import inspect
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from interlock.cli.main import command_line
from interlock.cli.terminal import render
from interlock.contract import event

EXIT_CODES = {
    0: "done",
    render.REFUSED: "refused, or the run that was waited for failed",
    render.USAGE: "wrong usage",
    render.FINDINGS: "findings: a bundle, a config or the arguments are not valid",
    render.NOT_THERE: "the resource does not exist",
    render.NO_PLATFORM: "the platform does not run, or the caller is not signed in",
}
DETAILS: dict[type[StrEnum], type[BaseModel]] = {
    event.CatalogEvent: event.CatalogDetail,
    event.RunEvent: event.RunDetail,
    event.UsageEvent: event.BudgetDetail,
    event.WebhookEvent: event.WebhookDetail,
    event.ApprovalEvent: event.ApprovalDetail,
}
SOURCES: dict[type[StrEnum], str] = {
    event.CatalogEvent: event.CATALOG_SOURCE,
    event.RunEvent: event.RUNS_SOURCE,
    event.UsageEvent: event.USAGE_SOURCE,
    event.WebhookEvent: event.WEBHOOKS_SOURCE,
    event.ApprovalEvent: event.APPROVALS_SOURCE,
}


def cli_page() -> str:
    """Every command with its arguments and options."""
    lines = ["# Commands", "", "`--json` prints JSON alone on stdout, and a failure as a problem on stderr.", ""]
    lines += ["| exit code | means |", "|---|---|"]
    lines += [f"| {code} | {text} |" for code, text in EXIT_CODES.items()]
    for name, command in commands(command_line(), "interlock"):
        lines += ["", f"## `{name}`", "", str(command.help or "").strip().split("\n\n")[0].replace("\n", " "), ""]
        for parameter in command.params:
            lines.append(_parameter(parameter))
    return "\n".join(lines) + "\n"


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its full name."""
    if not hasattr(command, "list_commands"):
        yield name, command
        return
    for below in sorted(command.list_commands(None)):
        yield from commands(command.get_command(None, below), f"{name} {below}")


def _parameter(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"- `{parameter.name.upper()}`: {parameter.help or 'required'}"
    text = ", ".join(f"`{word}`" for word in parameter.opts if word.startswith("-"))
    return f"- {text}: {parameter.help or ''}".rstrip()


def events_page() -> str:
    """Every event that the platform emits, once, with its detail's fields."""
    lines = [
        "# Events",
        "",
        "These events are on the bus of each tenant. `detail.id` identifies the change; EventBridge's own ids differ",
        "after a retry.",
        "",
    ]
    for kinds, detail in DETAILS.items():
        lines += [f"## Source `{SOURCES[kinds]}`", "", inspect.getdoc(kinds) or "", ""]
        lines += [f"- `{member.value}`" for member in kinds]
        lines += ["", *_fields(detail)]
    lines += [f"## Source `{event.APP_SOURCE_PREFIX}PUBLISHER/APP` and `{event.USER_SOURCE}`", ""]
    lines += [
        "The events that apps emit with `ctx.emit`, and that users send with `interlock event send`.",
        "",
        *_fields(event.AppDetail),
    ]
    return "\n".join(lines)


def _fields(detail: type[BaseModel]) -> list[str]:
    text = ", ".join(f"`{name}`" for name in detail.model_fields)
    return [f"The detail ({(inspect.getdoc(detail) or '').rstrip('.')}): {text}.", ""]
