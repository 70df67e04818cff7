"""`interlock mcp`: the tenant's tools for a copilot that starts its servers as processes."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant
from interlock.cli.terminal.profiles import home
from interlock.contract.core.failure import NotFound


def mcp(
    profile: As = None,
    tenant: Tenant = "",
    config: Annotated[bool, typer.Option("--config", help="Print what an MCP client is set up with, and end.")] = False,
    machine: AsJson = False,
) -> None:
    """Serve a tenant's tools to a copilot, over stdin and stdout (MCP); `--json` is `--config`."""
    client, base = as_tenant(profile, tenant)
    if config or machine:
        render.as_json(_entry(client.profile.name, base.rsplit("/", 1)[-1]))
        return
    client.get(base)
    try:
        from interlock.mcp.stdio import Endpoint, serve
    except ModuleNotFoundError as error:
        step = "pip install 'interlock[cli,mcp]'"
        raise NotFound(f"{error.name} is not installed", where="interlock mcp", next_step=step) from error
    serve(Endpoint(url=f"{client.profile.api_url}{base}/mcp", headers=client.headers))


def _entry(profile: str, tenant: str) -> dict[str, object]:
    """The entry of `mcpServers`, as Claude Desktop, Claude Code, Cursor and the MCP Inspector read it."""
    script = Path(sys.executable).with_name("interlock")
    entry = {
        "command": str(script) if script.exists() else "interlock",
        "args": ["mcp", "--as", profile, "--tenant", tenant],
        "env": {"INTERLOCK_HOME": str(home().resolve())},
    }
    return {"mcpServers": {f"interlock-{tenant}": entry}}
