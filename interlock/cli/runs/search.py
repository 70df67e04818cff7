"""`interlock run list`, `summary` and `failures`: runs by what is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.installs import app_label
from interlock.cli.terminal.options import As, AsJson, Limit, RunStatusName, Tenant, as_tenant

if TYPE_CHECKING:
    from interlock.contract.explain import FailureGroup
    from interlock.contract.run import Run
    from interlock.contract.run_summary import RunGroup

app = typer.Typer()
Option = typer.Option
All = Annotated[bool, Option("--all", help="Print every page, not only --limit.")]
RUNS = ("run", "status", "app", "workflow", "title", "trigger", "started", "took")
MEASURES = ("runs", "failed", "open", "steps", "p50", "p95", "longest")
FAILURES = ("fingerprint", "count", "app", "workflow", "state", "error", "first", "last", "last run")


@app.command("list")
def list_(
    app: Annotated[str, Option(help="Only runs of this app.")] = "",
    install: Annotated[str, Option(help="Only runs of the install with this name or id.")] = "",
    version: Annotated[str, Option(help="Only runs of this version.")] = "",
    workflow: Annotated[str, Option(help="Only runs of this workflow.")] = "",
    status: Annotated[RunStatusName | None, Option(help="Only runs with this status.")] = None,
    ended_badly: Annotated[bool, Option("--ended-badly", help="Only runs that failed or were aborted.")] = False,
    forks: Annotated[bool | None, Option("--forks/--no-forks", help="Only forks, or none.")] = None,
    dry: Annotated[bool | None, Option("--dry/--no-dry", help="Only dry runs, or none.")] = None,
    caused_by: Annotated[str, Option(help="Only runs that an event of this run started.")] = "",
    event: Annotated[str, Option(help="Only runs that the event with this id started.")] = "",
    state: Annotated[str, Option(help="Only runs that failed, or are paused, in this state.")] = "",
    error: Annotated[str, Option(help="Only runs that failed with this error: its name, or its last part.")] = "",
    fingerprint: Annotated[str, Option(help="Only runs of this group of failures (interlock run failures).")] = "",
    tag: Annotated[str, Option(help="Only runs with this tag.")] = "",
    since: Annotated[str, Option(help="Only runs that started since a time in RFC 3339, or 2h, 7d ago.")] = "",
    until: Annotated[str, Option(help="Only runs that started until a time.")] = "",
    longer: Annotated[str, Option(help="Only runs that took longer: seconds, or 5m, 2h.")] = "",
    shorter: Annotated[str, Option(help="Only runs that took less time.")] = "",
    value: Annotated[str, Option("--input", help="Only runs with FIELD=VALUE in their input: customer.id=42.")] = "",
    limit: Limit = 20,
    every: All = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """List the runs that pass every filter, newest first."""
    from interlock.contract.run import RunStatus

    client, tenant = as_tenant(profile, tenant)
    runs = list(
        client.runs.iterate(
            tenant,
            app=app,
            install=install,
            version=version,
            workflow=workflow,
            status=RunStatus(status) if status else None,
            ended_badly=ended_badly,
            forks=forks,
            dry=dry,
            caused_by=caused_by,
            event=event,
            state=state,
            error=error,
            fingerprint=fingerprint,
            tag=tag,
            since=since,
            until=until,
            longer=longer,
            shorter=shorter,
            input=value,
            most=None if every else limit,
        )
    )
    empty = "No run matches. To start one: interlock run start publisher/name"
    render.answer(runs, lambda: render.table(RUNS, map(_run, runs), empty), machine=machine)


@app.command("failures")
def failures(
    limit: Limit = 20, every: All = False, profile: As = None, tenant: Tenant = "", machine: AsJson = False
) -> None:
    """List failures by fingerprint, the last one first. To see its runs: interlock run list --fingerprint."""
    client, tenant = as_tenant(profile, tenant)
    groups = list(client.runs.iterate_failures(tenant, most=None if every else limit))
    render.answer(groups, lambda: render.table(FAILURES, map(_group, groups), "No run failed."), machine=machine)


@app.command("summary")
def summary(
    query: Annotated[str, typer.Argument(help="Words NAME:VALUE, as in `status:failed since:7d`.")] = "",
    by: Annotated[list[str] | None, Option(help="A field to group by; up to three. Status by default.")] = None,
    zone: Annotated[str, Option(help="The time zone of days and hours.")] = "UTC",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Count the runs that a query means, in groups, with how long they took.

    The names in a query are the filters of `run list`, and input.PATH. Fields: app, install, version, workflow, status,
    state, error, trigger, tag, title, day, hour, input.PATH.
    """
    client, tenant = as_tenant(profile, tenant)
    fields = by or ["status"]
    result = client.runs.summarize(tenant, query=query, by=",".join(fields), zone=zone)

    def show() -> None:
        render.table((*result.by, *MEASURES), map(_measured, result.groups), "No run matches.")
        if result.more_groups:
            render.line(f"{result.more_groups} smaller groups are left out.")
        if not result.whole:
            render.line(f"{result.read} runs were looked at, back to {result.back_to}; older ones are not counted.")

    render.answer(result, show, machine=machine)


def _measured(group: RunGroup) -> list[object]:
    times = [f"{value:.2f} s" if value is not None else "" for value in (group.p50_s, group.p95_s, group.longest_s)]
    return [*group.keys, group.runs, group.failed, group.open, group.steps, *times]


def _run(run: Run) -> list[object]:
    kind = " (dry fork)" if run.dry else " (fork)" if run.fork else ""
    status = run.status.value + kind
    return [
        run.id,
        status,
        app_label(run.app, run.install_name),
        run.workflow,
        run.title,
        run.trigger.name,
        run.started,
        _duration(run),
    ]


def _duration(run: Run) -> str:
    """How long a run took; empty while it runs."""
    from interlock.contract.core.base import parse_moment

    if not run.ended:
        return ""
    return f"{(parse_moment(run.ended) - parse_moment(run.started)).total_seconds():.2f} s"


def _group(row: FailureGroup) -> list[object]:
    cells: list[object] = [row.fingerprint, row.count, row.app, row.workflow, row.state, row.error]
    return [*cells, row.first, row.last, row.run]
