"""`interlock mcp`: the tenant's tools for a copilot that starts its servers as processes."""

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
    config: Annotated[
        bool, typer.Option("--config", help="Print the settings of an MCP client for this server, and end.")
    ] = False,
    machine: AsJson = False,
) -> None:
    """Serve a tenant's tools to a copilot over standard input and output (MCP). `--json` means `--config`."""
    client, tenant = as_tenant(profile, tenant)
    if config or machine:
        render.as_json(_settings(client.profile.name, tenant))
        return
    client.tenants.get(tenant)
    from interlock.mcp.stdio import Endpoint, serve

    url = f"{client.profile.api_url}/v1/tenants/{tenant}/mcp"
    serve(Endpoint(url=url, headers=client.transport.headers))


def _settings(profile: str, tenant: str) -> dict[str, object]:
    """The entry of `mcpServers`, as Claude Desktop, Claude Code, Cursor and the MCP Inspector read it."""
    import os

    from interlock.local.home import VARIABLE, home

    script = Path(sys.executable).with_name("interlock")
    entry = {
        "command": str(script) if script.exists() else "interlock",
        "args": ["mcp", "--profile", profile, "--tenant", tenant],
        # Without the variable the user's own place is found from any folder.
        "env": {VARIABLE: str(home().root)} if os.environ.get(VARIABLE) else {},
    }
    return {"mcpServers": {f"interlock-{tenant}": entry}}
