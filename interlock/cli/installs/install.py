"""`interlock install …`: the apps of a tenant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interlock.cli.installs.preflight import print_report, run_preflight
from interlock.cli.terminal import render
from interlock.cli.terminal.installs import install_id
from interlock.cli.terminal.options import (
    As,
    AsJson,
    ChannelName,
    Tenant,
    WhichInstall,
    Yes,
    as_tenant,
    object_argument,
    require_yes,
)
from interlock.contract.core.failure import BadRequest, Rejected

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.contract.consent import ConsentSheet
    from interlock.contract.install import InstallChange, InstallRequest
    from interlock.contract.registry import Install

app = typer.Typer()
DRAIN_SECONDS = 86_400
Secrets = Annotated[list[str] | None, typer.Option("--secret", help="NAME=VALUE, or NAME=@FILE; may be repeated.")]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="publisher/name, or publisher/name@version")],
    called: Annotated[
        str,
        typer.Option("--name", help="What this install is called; a second install of an app needs a name of its own."),
    ] = "",
    config: Annotated[
        str, typer.Option(help="The config: JSON, @FILE or -. Without it a terminal asks for each value.")
    ] = "",
    secret: Secrets = None,
    grant: Annotated[list[str] | None, typer.Option(help="A scope that you consent to; may be repeated.")] = None,
    channel: Annotated[ChannelName, typer.Option(help="The releases that it follows by itself.")] = "stable",
    yes: Annotated[bool, typer.Option("--yes", help="Consent to every scope that the app asks for.")] = False,
    untested: Annotated[bool, typer.Option("--untested", help="Do not run the app's preflight.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Install an app. The command shows what the app asks for, installs it once you consent, and tests it.

    The exit code is 3 if a check of the app's preflight fails; the app is installed all the same.
    """
    from interlock.cli.installs.settle import install_app
    from interlock.contract.install import InstallRequest
    from interlock.contract.registry import Channel

    client, tenant = as_tenant(profile, tenant)
    app_id, _, version = name.partition("@")
    # The API says in words what is wrong with a field.
    request = InstallRequest.model_construct(
        app=app_id,
        name=called or None,
        version=version,
        channel=Channel(channel),
        config=object_argument(config, "--config") if config else {},
        secrets=secrets_of(secret),
        grant=tuple(grant or ()),
    )
    if render.is_terminal() and not machine and not yes:
        request = _ask(client, tenant, request, with_config=not config)
    try:
        install = install_app(client, tenant, request)
    except Rejected as rejection:
        scopes = [row.where for row in rejection.findings if row.code == "install.consent"]
        others = [row for row in rejection.findings if row.code != "install.consent"]
        if not scopes or others or not (yes or consents(f"{app_id} asks to", scopes, machine=machine)):
            raise
        install = install_app(client, tenant, request.model_copy(update={"grant": (*request.grant, *scopes)}))
    report = None if untested else run_preflight(client, tenant, install)
    value = install.model_dump(mode="json") | ({"preflight": report.model_dump(mode="json")} if report else {})

    def show() -> None:
        render.line(f"{install.app}@{install.version} is installed as {install.name} ({install.id}).")
        if report is not None:
            print_report(report, install.id)

    render.answer(value, show, machine=machine)
    if report is not None and not report.ok:
        raise typer.Exit(render.FINDINGS)


@app.command("consent")
def consent(
    name: Annotated[str, typer.Argument(help="publisher/name, or publisher/name@version")],
    channel: Annotated[ChannelName, typer.Option(help="The channel of the newest release.")] = "stable",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Show what you would consent to: scopes, egress, triggers, secrets, config, estimated cost."""
    from interlock.contract.registry import Channel

    client, tenant = as_tenant(profile, tenant)
    app_id, _, version = name.partition("@")
    sheet = client.installs.get_consent(tenant, app=app_id, version=version, channel=Channel(channel))
    render.answer(sheet, lambda: _print_sheet(sheet), machine=machine)


@app.command("list")
def list_(
    gone: Annotated[bool, typer.Option("--all", help="Removed and deleted installs too.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """List a tenant's installs."""
    client, tenant = as_tenant(profile, tenant)
    installs = list(client.installs.iterate(tenant, all=gone))
    columns = ("id", "app", "name", "version", "channel", "status", "waits")
    empty = "There are no installs. Add one: interlock install add publisher/name"
    render.answer(installs, lambda: render.table(columns, map(_row, installs), empty), machine=machine)


@app.command("show")
def show(install: WhichInstall, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Show an install: version, channel, granted scopes, what waits for consent, and what went wrong."""
    client, tenant = as_tenant(profile, tenant)
    shown = client.installs.get(tenant, install_id(client, tenant, install))
    render.answer(shown, lambda: _print(shown), machine=machine)


@app.command("set")
def set_(
    install: WhichInstall,
    channel: Annotated[ChannelName | None, typer.Option(help="The releases that it follows from now on.")] = None,
    config: Annotated[str, typer.Option(help="The new config: JSON, @FILE or -.")] = "",
    secret: Secrets = None,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Change the channel, the config or secrets of an install. Secrets that you do not name keep their values."""
    from interlock.contract.install import InstallChange
    from interlock.contract.registry import Channel

    if channel is None and not config and not secret:
        step = "Use --channel, --config or --secret."
        raise BadRequest("the command changes nothing", where="interlock install set", next_step=step)
    client, tenant = as_tenant(profile, tenant)
    change = InstallChange(
        channel=Channel(channel) if channel else None,
        config=object_argument(config, "--config") if config else None,
        secrets=secrets_of(secret),
    )
    after = client.installs.update(tenant, install_id(client, tenant, install), change)
    render.answer(after, " ".join(_changes(after, change)), machine=machine)


@app.command("remove")
def remove(
    install: WhichInstall,
    abort: Annotated[bool, typer.Option("--abort", help="Stop runs in flight instead of waiting for them.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Remove an install: no run starts any more, runs in flight end first, and its data is kept for 30 days."""
    from interlock.cli.installs.settle import remove_install

    client, tenant = as_tenant(profile, tenant)
    removed = install_id(client, tenant, install)
    gone = remove_install(client, tenant, removed, abort=abort, seconds=DRAIN_SECONDS)
    step = f"interlock install recover {gone.id}"
    render.answer(gone, f"{gone.app} is removed. Until {gone.delete_after} you can recover it: {step}", machine=machine)


@app.command("recover")
def recover(install: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Install a removed app again, with the config, secrets and state that it had."""
    from interlock.cli.installs.settle import settled
    from interlock.contract.registry import InstallStatus

    client, tenant = as_tenant(profile, tenant)
    recovered = client.installs.recover(tenant, install_id(client, tenant, install)).id
    after = settled(client, tenant, recovered, InstallStatus.ACTIVE)
    render.answer(after, f"{after.app}@{after.version} is installed again.", machine=machine)


@app.command("delete")
def delete(
    install: WhichInstall,
    yes: Yes = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Delete the data of a removed install now, instead of after 30 days, and show the receipt."""
    from interlock.cli.installs.settle import settled
    from interlock.contract.registry import InstallStatus

    require_yes("Delete its state and secrets?", install, yes=yes, machine=machine)
    client, tenant = as_tenant(profile, tenant)
    deleted = client.installs.delete_data(tenant, install_id(client, tenant, install)).id
    gone = settled(client, tenant, deleted, InstallStatus.DELETED)
    counts = gone.receipt.deleted if gone.receipt else None
    text = f"Deleted: {counts.objects} objects, {counts.secrets} secrets." if counts else "Deleted."
    render.answer(gone, text, machine=machine)


def _changes(install: Install, change: InstallChange) -> list[str]:
    """What a change did, in sentences."""
    lines = [f"{install.app} follows {install.channel.value}."] if change.channel else []
    lines += ["The new config is for runs that start from now on."] if change.config is not None else []
    names = ", ".join(change.secrets)
    return lines + ([f"The next step that reads {names} gets the new value."] if names else [])


def consents(question: str, scopes: list[str], *, machine: bool) -> bool:
    """Whether a person at a terminal consents to scopes."""
    from interlock.contract.scope_words import say

    if machine or not render.is_terminal():
        return False
    render.line(f"{question}:")
    for scope in scopes:
        render.line(f"  {say(scope)}  ({scope})")
    return render.confirm("Consent?")


def secrets_of(options: list[str] | None) -> dict[str, str]:
    """The secrets of `--secret` options: NAME=VALUE, or NAME=@FILE.

    Raises:
        BadRequest: an option has another form.
    """
    return dict(_secret(option) for option in options or ())


def _secret(option: str) -> tuple[str, str]:
    name, _, value = option.partition("=")
    if not value:
        step = "Write NAME=VALUE or NAME=@FILE."
        raise BadRequest("a secret needs a name and a value", where="--secret", next_step=step)
    return (name, Path(value[1:]).read_text().strip()) if value.startswith("@") else (name, value)


def _ask(client: Client, tenant: str, request: InstallRequest, *, with_config: bool) -> InstallRequest:
    """The request with what a person at a terminal answers: the config, where none was passed, and consent."""
    from interlock.cli.terminal.config_form import ask

    sheet = client.installs.get_consent(tenant, app=request.app, version=request.version, channel=request.channel)
    _print_sheet(sheet)
    update: dict[str, Any] = {}
    if with_config and sheet.config_schema:
        update["config"] = ask(sheet.config_schema)
    missing = [row.scope for row in sheet.scopes if row.scope not in request.grant]
    if missing and not render.confirm("Consent?"):
        raise BadRequest("you did not consent", where=sheet.app, next_step="Nothing was installed.")
    return request.model_copy(update=update | {"grant": (*request.grant, *missing)})


def _print_sheet(sheet: ConsentSheet) -> None:
    render.line(f"{sheet.title} ({sheet.app}@{sheet.version}) asks to:")
    for row in sheet.scopes:
        render.line(f"  {row.words}  ({row.scope})")
    for what, rows in (("It starts with", sheet.triggers), ("It takes the secrets", sheet.secrets)):
        for row in rows:
            render.line(f"{what} {row}")
    for estimate in sheet.estimates:
        dollars = f"{estimate.dollars_per_1000_runs:.2f} dollars"
        render.line(f"1,000 runs of {estimate.workflow} cost about {dollars}, if a step takes a second.")


def _row(row: Install) -> list[object]:
    waits = row.offer.version if row.offer else "-"
    return [row.id, row.app, row.name, row.version, row.channel.value, row.status.value, waits]


def _print(install: Install) -> None:
    render.line(
        f"{install.app}@{install.version}  {install.name}  {install.status.value}  channel {install.channel.value}"
    )
    for text in _lines(install):
        render.line(f"  {text}")


def _lines(install: Install) -> list[str]:
    from interlock.contract.scope_words import say

    lines = [f"may {say(scope)[0].lower()}{say(scope)[1:]}" for scope in install.granted]
    if install.moving:
        lines.append(f"is moving from {install.moving.back} to {install.moving.to}")
    if install.offer:
        why = install.offer.problem or "it asks to: " + "; ".join(say(scope) for scope in install.offer.permissions)
        lines.append(f"{install.offer.version} waits: {why}")
        steps = f"interlock install rehearse {install.id}; take it: interlock install upgrade {install.id}"
        lines.append(f"  see it: {steps}")
    if install.watch:
        until = install.watch.until
        lines.append(f"is watched until {until}, and goes back to {install.watch.back} if too many runs fail")
    lines += [install.problem] if install.problem else []
    lines += [f"does not take up by itself: {', '.join(install.held)}"] if install.held else []
    if install.delete_after:
        lines.append(f"its data is kept until {install.delete_after}: interlock install recover {install.id}")
    if install.receipt:
        counts = install.receipt.deleted
        when = install.receipt.at or "so far"
        lines.append(f"deleted {when}: {counts.objects} objects, {counts.secrets} secrets")
    return lines
