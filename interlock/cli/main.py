"""The command `interlock`: wires the commands, and turns failures into words and exit codes.

Only the command that is called is imported: all of them together take about as long to import as most take to answer.
"""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import typer

from interlock.contract.core.failure import Failure

COMMANDS = {
    "up": "platform.up",
    "down": "platform.down",
    "status": "platform.status",
    "whoami": "platform.whoami",
    "login": "people.login.login",
    "mcp": "copilots.mcp",
}
GROUPS = {
    "tenant": "people.tenants.tenant",
    "publisher": "people.tenants.publisher",
    "app": "apps.apps.app",
    "install": "installs.installs.app",
    "asset": "assets.app",
    "event": "events.events.app",
    "run": "runs.runs.app",
    "alert": "events.alerts.app",
    "approval": "runs.approvals.app",
    "schedule": "events.schedules.app",
    "webhook": "events.webhooks.app",
    "tool": "runs.runs.tool",
    "usage": "people.usage.usage",
    "budget": "people.usage.budget",
    "quota": "people.usage.quota",
    "break": "runs.breaks.app",
    "pause": "runs.pauses.app",
    "audit": "people.people.audit",
}
MORE = {
    "run": {
        "list": "runs.search.listed",
        "failures": "runs.search.failures",
        "explain": "runs.explain.explain",
        "debug": "runs.debug.debug",
        "export": "runs.bundles.export",
        "import": "runs.bundles.import_",
        "fork": "runs.forks.fork",
        "diff": "runs.diffs.diff",
        "verify": "runs.verify.verify",
    },
    "install": {
        "upgrade": "installs.upgrades.upgrade",
        "rollback": "installs.upgrades.rollback",
        "rehearse": "installs.upgrades.rehearse",
        "stop": "apps.switches.stop_install",
        "start": "apps.switches.start_install",
    },
    "publisher": {"trust": "people.people.trust", "domain": "people.people.domain"},
    "app": {
        "publish": "apps.publishing.publish",
        "sbom": "apps.publishing.sbom",
        "search": "apps.listings.search",
        "listing": "apps.listings.listing",
        "visibility": "apps.listings.visibility",
        "catalogue": "apps.listings.catalogue",
        "deprecate": "apps.withdrawals.deprecate",
        "yank": "apps.withdrawals.yank",
        "stop": "apps.switches.stop_app",
        "start": "apps.switches.start_app",
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
    module, _, name = place.rpartition(".")
    return getattr(import_module(f"interlock.cli.{module}"), name)


def _nothing() -> None:
    """Interlock: build, ship, run and debug apps on a tenant's metadata."""


def main() -> None:
    """Run the command; exit codes: 0 done, 1 refused, 2 usage, 3 findings, 4 not there, 5 no platform."""
    try:
        build(sys.argv[1:])()
    except Failure as error:
        from interlock.cli.terminal import render

        sys.exit(render.failure(error, machine="--json" in sys.argv))
