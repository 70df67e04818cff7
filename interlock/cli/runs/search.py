"""`interlock run list` and `interlock run failures`: runs by what is known of them."""

from datetime import datetime
from typing import Annotated, Any

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Limit, Tenant, as_tenant
from interlock.contract.core.base import parse_moment

Option = typer.Option
All = Annotated[bool, Option("--all", help="Every page, not only --limit.")]


def listed(
    app: Annotated[str, Option(help="Of this app.")] = "",
    version: Annotated[str, Option(help="Of this version.")] = "",
    workflow: Annotated[str, Option(help="Of this workflow.")] = "",
    status: Annotated[str, Option(help="running, paused, succeeded, failed or aborted.")] = "",
    state: Annotated[str, Option(help="Failed in, or paused at, this state.")] = "",
    error: Annotated[str, Option(help="Failed with this error: its name, or what follows its last dot.")] = "",
    fingerprint: Annotated[str, Option(help="Of this group of failures: interlock run failures.")] = "",
    tag: Annotated[str, Option(help="With this tag.")] = "",
    since: Annotated[str, Option(help="Started at or after: a time in RFC 3339, or 2h, 7d.")] = "",
    until: Annotated[str, Option(help="Started at or before.")] = "",
    longer: Annotated[str, Option(help="Took longer than: seconds, or 5m, 2h.")] = "",
    shorter: Annotated[str, Option(help="Took less than.")] = "",
    value: Annotated[str, Option("--input", help="FIELD=VALUE of the run's input, as customer.id=42.")] = "",
    limit: Limit = 20,
    every: All = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """List runs, newest first: all, or those that pass every filter."""
    client, base = as_tenant(profile, tenant)
    words = {
        "app": app,
        "version": version,
        "workflow": workflow,
        "status": status,
        "state": state,
        "error": error,
        "fingerprint": fingerprint,
        "tag": tag,
        "since": since,
        "until": until,
        "longer": longer,
        "shorter": shorter,
        "input": value,
    }
    found = list(client.pages(f"{base}/runs", "runs", limit=None if every else limit, **words))
    if machine:
        render.as_json(found)
        return
    rows = [
        [row["id"], row["status"], row["app"], row["workflow"], row["trigger"]["name"], row["started"], duration(row)]
        for row in found
    ]
    columns = ("run", "status", "app", "workflow", "trigger", "started", "took")
    empty = "No such run." if any(words.values()) else "No runs. Start one: interlock run start publisher/name"
    render.table(columns, rows, empty)


def failures(
    limit: Limit = 20, every: All = False, profile: As = None, tenant: Tenant = "", machine: AsJson = False
) -> None:
    """List failures grouped by fingerprint, the group that failed last first; `run list --fingerprint` has its runs."""
    client, base = as_tenant(profile, tenant)
    found = list(client.pages(f"{base}/failures", "groups", limit=None if every else limit))
    if machine:
        render.as_json(found)
        return
    words = ("fingerprint", "count", "app", "workflow", "state", "error", "first", "last", "run")
    rows = [[row[word] for word in words] for row in found]
    render.table((*words[:-1], "last run"), rows, "No failures.")


def duration(row: dict[str, Any]) -> str:
    """How long a run took, in seconds; empty while it runs."""
    if not row.get("ended"):
        return ""
    took: datetime = parse_moment(row["ended"])
    return f"{(took - parse_moment(row['started'])).total_seconds():.2f} s"
