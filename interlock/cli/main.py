"""The command `interlock`: wires the commands, and turns failures into words and exit codes.

Only the command that is called is imported: all of them together take about as long to import as most take to answer.
"""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import typer

from interlock.contract.failure import Failure

COMMANDS = {
    "up": "platform.up",
    "down": "platform.down",
    "status": "platform.status",
    "whoami": "platform.whoami",
    "login": "login.login",
    "mcp": "copilots.mcp",
}
GROUPS = {
    "tenant": "tenants.tenant",
    "publisher": "tenants.publisher",
    "app": "apps.app",
    "install": "installs.app",
    "asset": "assets.app",
    "event": "events.app",
    "run": "runs.app",
    "alert": "alerts.app",
    "approval": "approvals.app",
    "schedule": "schedules.app",
    "webhook": "webhooks.app",
    "tool": "runs.tool",
    "usage": "usage.usage",
    "budget": "usage.budget",
    "quota": "usage.quota",
    "break": "breaks.app",
    "pause": "pauses.app",
    "audit": "people.audit",
}
MORE = {
    "run": {
        "list": "search.listed",
        "failures": "search.failures",
        "explain": "explain.explain",
        "debug": "debug.debug",
        "export": "bundles.export",
        "import": "bundles.import_",
        "fork": "forks.fork",
        "diff": "diffs.diff",
        "verify": "verify.verify",
    },
    "install": {
        "upgrade": "upgrades.upgrade",
        "rollback": "upgrades.rollback",
        "rehearse": "upgrades.rehearse",
        "stop": "switches.stop_install",
        "start": "switches.start_install",
    },
    "publisher": {"trust": "people.trust", "domain": "people.domain"},
    "app": {
        "publish": "publishing.publish",
        "sbom": "publishing.sbom",
        "search": "listings.search",
        "listing": "listings.listing",
        "visibility": "listings.visibility",
        "catalogue": "listings.catalogue",
        "deprecate": "withdrawals.deprecate",
        "yank": "withdrawals.yank",
        "stop": "switches.stop_app",
        "start": "switches.start_app",
    },
}
"""Commands of a group that stand in modules of their own."""


def build(words: Sequence[str] = ()) -> typer.Typer:
    """The command line; only as much of it as these words call, or all of it where they name no command."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Interlock: build, ship, run and debug apps on a tenant's metadata.",
    )
    first, second = (*words, "", "")[:2]
    for name, place in _called(COMMANDS | GROUPS, first).items():
        found = _at(place)
        if name in COMMANDS:
            app.command(name)(found)
            continue
        for word, inner in _more(name, second).items():
            found.command(word)(_at(inner))
        app.add_typer(found, name=name)
    if first in COMMANDS:
        # With one command alone, typer would take its name for an argument.
        app.callback()(_nothing)
    return app


def _called(every: Mapping[str, str], word: str) -> Mapping[str, str]:
    return {word: every[word]} if word in every else every


def _more(group: str, word: str) -> Mapping[str, str]:
    """What is added to a group: nothing where the word is a command of its own module."""
    if group not in MORE:
        return {}
    own = {command.name for command in _at(GROUPS[group]).registered_commands}
    return {} if word in own else _called(MORE[group], word)


def _at(place: str) -> Any:
    module, name = place.split(".")
    return getattr(import_module(f"interlock.cli.{module}"), name)


def _nothing() -> None:
    """Interlock: build, ship, run and debug apps on a tenant's metadata."""


def main() -> None:
    """Run the command; exit codes: 0 done, 1 refused, 2 usage, 3 findings, 4 not there, 5 no platform."""
    try:
        build(sys.argv[1:])()
    except Failure as error:
        from interlock.cli import render

        sys.exit(render.failure(error, machine="--json" in sys.argv))
