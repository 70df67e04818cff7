"""`interlock tool list|call`: tools of installed apps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from interlock.cli.runs.follow import answer_accepted
from interlock.cli.runs.run import Key, Wait
from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant, json_argument

if TYPE_CHECKING:
    from interlock.contract.copilot.tool import CallableTool

app = typer.Typer()


@app.command("list")
def list_(profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """List the tools of a tenant's installed apps that can be called."""
    client, tenant = as_tenant(profile, tenant)
    tools = list(client.tools.iterate(tenant))
    rows = (
        [row.name, f"{row.app}@{row.version}", row.install_name, row.workflow, _arguments(row), row.description]
        for row in tools
    )
    empty = "No installed app has a tool. Apps declare them as triggers: docs/manifest.md"
    columns = ("tool", "app", "install", "workflow", "input", "description")
    render.answer(tools, lambda: render.table(columns, rows, empty), machine=machine)


@app.command("call")
def call(
    name: str,
    arguments: Annotated[str, typer.Option("--input", "--arguments", help="The arguments: JSON, @FILE or -.")] = "{}",
    key: Key = "",
    wait: Wait = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Call a tool: start its workflow with these arguments."""
    from interlock.contract.run_request import ToolCall

    client, tenant = as_tenant(profile, tenant)
    tool_call = ToolCall(arguments=json_argument(arguments, "--input"), key=key)
    accepted = client.tools.call(tenant, name, tool_call)
    answer_accepted(client, tenant, accepted, wait=wait, machine=machine)


def _arguments(tool: CallableTool) -> str:
    """The names of a tool's arguments; those that may be left out have a question mark."""
    properties = cast("dict[str, object]", tool.input_schema.get("properties") or {})
    required = cast("list[str]", tool.input_schema.get("required") or [])
    return ", ".join(name if name in required else f"{name}?" for name in properties)
