"""The command `interlock`: wires the commands, and turns failures into words and exit codes."""

import sys

import typer

from interlock.cli import (
    alerts,
    apps,
    assets,
    breaks,
    bundles,
    debug,
    diffs,
    events,
    explain,
    forks,
    installs,
    pauses,
    platform,
    render,
    runs,
    search,
    tenants,
)
from interlock.contract.failure import Failure

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Interlock: build, ship, run and debug apps on a tenant's metadata.",
)
app.command("up")(platform.up)
app.command("down")(platform.down)
app.command("status")(platform.status)
app.command("whoami")(platform.whoami)
app.add_typer(tenants.tenant, name="tenant")
app.add_typer(tenants.publisher, name="publisher")
app.add_typer(apps.app, name="app")
app.add_typer(installs.app, name="install")
app.add_typer(assets.app, name="asset")
app.add_typer(events.app, name="event")
runs.app.command("list")(search.listed)
runs.app.command("failures")(search.failures)
runs.app.command("explain")(explain.explain)
runs.app.command("debug")(debug.debug)
runs.app.command("export")(bundles.export)
runs.app.command("import")(bundles.import_)
runs.app.command("fork")(forks.fork)
runs.app.command("diff")(diffs.diff)
runs.app.command("verify")(diffs.verify)
app.add_typer(runs.app, name="run")
app.add_typer(alerts.app, name="alert")
app.add_typer(runs.tool, name="tool")
app.add_typer(breaks.app, name="break")
app.add_typer(pauses.app, name="pause")


def main() -> None:
    """Run the command; exit codes: 0 done, 1 refused, 2 usage, 3 findings, 4 not there, 5 no platform."""
    try:
        app()
    except Failure as error:
        sys.exit(render.failure(error, machine="--json" in sys.argv))
