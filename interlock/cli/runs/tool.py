"""`interlock tool call`: tools of installed apps."""

from __future__ import annotations

from typing import Annotated

import typer

from interlock.cli.runs.follow import answer_accepted
from interlock.cli.runs.run import Key, Wait
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant, json_argument

app = typer.Typer()


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
