"""`interlock mcp`: tools for a copilot, or a coding agent, that starts its servers as processes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant

app = typer.Typer()


@app.command("mcp")
def mcp(
    profile: As = None,
    tenant: Tenant = "",
    publisher: Annotated[
        bool, typer.Option("--publisher", help="Serve a coding agent that develops an app, in place of a copilot.")
    ] = False,
    config: Annotated[
        bool, typer.Option("--config", help="Print the settings of an MCP client for this server, and end.")
    ] = False,
    machine: AsJson = False,
) -> None:
    """Serve a tenant's tools to a copilot over standard input and output (MCP). `--json` means `--config`.

    With --publisher a coding agent gets the tools of whoever builds an app: explain a failed run, look into its
    frames, push and verify a change; and publish and fork, which ask a person first.
    """
    client, tenant = as_tenant(profile, tenant)
    if config or machine:
        render.as_json(_settings(client.profile.name, tenant, publisher=publisher))
        return
    client.tenants.get(tenant)
    if publisher:
        from interlock.cli.agent.serve import serve as serve_agent
        from interlock.cli.agent.tool import Desk

        serve_agent(Desk(client, tenant))
        return
    from interlock.mcp.stdio import Endpoint, serve

    url = f"{client.profile.api_url}/v1/tenants/{tenant}/mcp"
    serve(Endpoint(url=url, headers=client.transport.headers))


def _settings(profile: str, tenant: str, *, publisher: bool) -> dict[str, object]:
    """The entry of `mcpServers`, as Claude Desktop, Claude Code, Cursor and the MCP Inspector read it."""
    import os

    from interlock.local.home import VARIABLE, home

    script = Path(sys.executable).with_name("interlock")
    entry = {
        "command": str(script) if script.exists() else "interlock",
        "args": ["mcp", "--profile", profile, "--tenant", tenant, *(["--publisher"] if publisher else [])],
        # Without the variable the user's own place is found from any folder.
        "env": {VARIABLE: str(home().root)} if os.environ.get(VARIABLE) else {},
    }
    return {"mcpServers": {f"interlock-{'publisher' if publisher else tenant}": entry}}
