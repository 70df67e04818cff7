"""`interlock install …`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from interlock.cli.installs.settling import install_app, remove_install, settled
from interlock.cli.terminal import render
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.config_form import ask
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant, json_argument
from interlock.contract.consent import ConsentSheet
from interlock.contract.core.failure import BadRequest, Rejected
from interlock.contract.registry import Channel, Install, InstallStatus
from interlock.contract.scope_words import say

app = typer.Typer(no_args_is_help=True, help="A tenant's apps.")
DRAIN_SECONDS = 86_400
Secrets = Annotated[list[str] | None, typer.Option("--secret", help="NAME=VALUE, or NAME=@FILE; again for more.")]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="publisher/name, or publisher/name@version")],
    config: Annotated[str, typer.Option(help="JSON, @FILE or -: else you are asked, at a terminal.")] = "",
    secret: Secrets = None,
    grant: Annotated[list[str] | None, typer.Option(help="A scope to consent to; again for more.")] = None,
    channel: Annotated[Channel, typer.Option(help="Which releases it follows by itself.")] = Channel.STABLE,
    yes: Annotated[bool, typer.Option("--yes", help="Consent to every scope that the app asks for.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Install an app: shows what it asks for, and installs it once you consent."""
    client, base = as_tenant(profile, tenant)
    app_id, _, version = name.partition("@")
    request: dict[str, Any] = {
        "app": app_id,
        "version": version,
        "channel": channel.value,
        "config": json_argument(config, "--config") if config else {},
        "secrets": secrets_of(secret),
        "grant": list(grant or ()),
    }
    if render.out.is_terminal and not machine and not yes:
        request |= _asked(client, base, request, config=config)
    try:
        made = install_app(client, base, request)
    except Rejected as refused:
        wanted = [row.where for row in refused.findings if row.code == "install.consent"]
        others = [row for row in refused.findings if row.code != "install.consent"]
        if not wanted or others or not (yes or consents(f"{app_id} asks to", wanted, machine=machine)):
            raise
        made = install_app(client, base, request | {"grant": [*request["grant"], *wanted]})
    _tell(made, f"{made.app}@{made.version} is installed as {made.id}.", machine=machine)


@app.command("consent")
def consent(
    name: Annotated[str, typer.Argument(help="publisher/name, or publisher/name@version")],
    channel: Annotated[Channel, typer.Option(help="Whose newest release is meant.")] = Channel.STABLE,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Show what you would consent to with an app: scopes, egress, triggers, secrets, config, estimated cost."""
    client, base = as_tenant(profile, tenant)
    app_id, _, version = name.partition("@")
    sheet = client.api.installs.get_consent(base.rpartition("/")[2], app=app_id, version=version, channel=channel)
    if machine:
        render.as_json(sheet.model_dump(mode="json"))
    else:
        _print_sheet(sheet)


@app.command("list")
def listed(
    gone: Annotated[bool, typer.Option("--all", help="Removed and deleted ones too.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """List a tenant's installs."""
    client, base = as_tenant(profile, tenant)
    found = list(client.pages(f"{base}/installs", "installs", all="1" if gone else ""))
    if machine:
        render.as_json(found)
        return
    columns = ("id", "app", "version", "channel", "status")
    installs = [Install.model_validate(row) for row in found]
    rows = [
        [one.id, one.app, one.version, one.channel.value, one.status.value, one.offer.version if one.offer else "-"]
        for one in installs
    ]
    render.table((*columns, "waits"), rows, "No installs. Add one: interlock install add publisher/name")


@app.command("show")
def show(install: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Show an install: its version and channel, what was granted, what waits for consent, what went wrong."""
    client, base = as_tenant(profile, tenant)
    found = client.api.installs.get(base.rpartition("/")[2], install)
    if machine:
        render.as_json(found.model_dump(mode="json"))
        return
    render.out.print(f"{found.app}@{found.version}  {found.status.value}  channel {found.channel.value}")
    for line in _lines(found):
        render.out.print(line)


@app.command("set")
def change(
    install: str,
    channel: Annotated[Channel | None, typer.Option(help="Which releases it follows from now on.")] = None,
    config: Annotated[str, typer.Option(help="JSON, @FILE or -: another config.")] = "",
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Change the channel or the config of an install."""
    if channel is None and not config:
        raise BadRequest("nothing to change", where="interlock install set", next_step="Say --channel or --config.")
    client, base = as_tenant(profile, tenant)
    asked: dict[str, Any] = {"channel": channel.value if channel else None}
    asked |= {"config": json_argument(config, "--config")} if config else {}
    after = Install.model_validate(client.put(f"{base}/installs/{install}", asked))
    _tell(after, f"{after.app} follows {after.channel.value}.", machine=machine)


@app.command("remove")
def remove(
    install: str,
    abort: Annotated[bool, typer.Option("--abort", help="Stop runs in flight instead of waiting for them.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Remove an install: starts stop at once, runs in flight end first; its data is kept for 30 days."""
    client, base = as_tenant(profile, tenant)
    gone = remove_install(client, base, install, abort=abort, seconds=DRAIN_SECONDS)
    text = f"{gone.app} is removed; until {gone.delete_after} it comes back with: interlock install recover {gone.id}"
    _tell(gone, text, machine=machine)


@app.command("recover")
def recover(install: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Install a removed app again, with the config, secrets and state that it had."""
    client, base = as_tenant(profile, tenant)
    client.post(f"{base}/installs/{install}/recover")
    after = settled(client, base, install, InstallStatus.ACTIVE)
    _tell(after, f"{after.app}@{after.version} is back.", machine=machine)


@app.command("delete")
def delete(
    install: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Delete for good what a removed install kept, now instead of after 30 days; shows the receipt."""
    if not yes and (machine or not render.out.is_terminal or not typer.confirm("Delete its state and secrets?")):
        raise BadRequest("not confirmed", where=install, next_step="Say --yes.")
    client, base = as_tenant(profile, tenant)
    client.post(f"{base}/installs/{install}/delete")
    gone = settled(client, base, install, InstallStatus.DELETED)
    counts = gone.receipt.deleted if gone.receipt else None
    _tell(
        gone, f"Deleted: {counts.objects} objects, {counts.secrets} secrets." if counts else "Deleted.", machine=machine
    )


def _asked(client: Client, base: str, request: dict[str, Any], *, config: str) -> dict[str, Any]:
    """What a person at a terminal says to the sheet: the config, where none is given, and consent."""
    sheet = client.api.installs.get_consent(
        base.rpartition("/")[2], app=request["app"], version=request["version"], channel=Channel(request["channel"])
    )
    _print_sheet(sheet)
    asked = {} if config or not sheet.config_schema else {"config": ask(sheet.config_schema)}
    missing = [row.scope for row in sheet.scopes if row.scope not in request["grant"]]
    if missing and not typer.confirm("Consent?"):
        raise BadRequest("no consent", where=sheet.app, next_step="Nothing was installed.")
    return asked | {"grant": [*request["grant"], *missing]}


def _print_sheet(sheet: ConsentSheet) -> None:
    render.out.print(f"{sheet.title} ({sheet.app}@{sheet.version}) asks to:")
    for row in sheet.scopes:
        render.out.print(f"  {row.words}  ({row.scope})")
    for what, rows in (("It starts with", sheet.triggers), ("It takes the secrets", sheet.secrets)):
        for row in rows:
            render.out.print(f"{what} {row}")
    for estimate in sheet.estimates:
        render.out.print(
            f"1,000 runs of {estimate.workflow}: about {estimate.dollars_per_1000_runs:.2f} dollars, at a second a step"
        )


def consents(question: str, wanted: list[str], *, machine: bool) -> bool:
    """Whether a person at a terminal consents to scopes."""
    if machine or not render.out.is_terminal:
        return False
    render.out.print(f"{question}:")
    for scope in wanted:
        render.out.print(f"  {say(scope)}  ({scope})")
    return typer.confirm("Consent?")


def secrets_of(words: list[str] | None) -> dict[str, str]:
    """Secrets as they were given: NAME=VALUE, or NAME=@FILE.

    Raises:
        BadRequest: one is neither.
    """
    return dict(_secret(word) for word in words or ())


def _secret(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    if not value:
        raise BadRequest("a secret is NAME=VALUE", where="--secret", next_step="Write NAME=VALUE or NAME=@FILE.")
    if value.startswith("@"):
        return name, Path(value[1:]).read_text().strip()
    return name, value


def _tell(found: Install, text: str, *, machine: bool) -> None:
    if machine:
        render.as_json(found.model_dump(mode="json"))
    else:
        render.out.print(text)


def _lines(found: Install) -> list[str]:
    lines = [f"  may {say(scope)[0].lower()}{say(scope)[1:]}" for scope in found.granted]
    if found.moving:
        lines.append(f"  is being switched from {found.moving.back} to {found.moving.to}")
    if found.offer:
        why = found.offer.problem or "it asks to: " + "; ".join(say(scope) for scope in found.offer.asks)
        lines.append(f"  {found.offer.version} waits: {why}")
        lines.append(
            f"    see it: interlock install rehearse {found.id}; take it: interlock install upgrade {found.id}"
        )
    if found.watch:
        lines.append(f"  is watched until {found.watch.until}, and goes back to {found.watch.back} if too much fails")
    lines += [f"  {found.problem}"] if found.problem else []
    lines += [f"  will not take up by itself: {', '.join(found.held)}"] if found.held else []
    if found.delete_after:
        lines.append(f"  its data is kept until {found.delete_after}: interlock install recover {found.id}")
    return lines + ([f"  {_receipt(found)}"] if found.receipt else [])


def _receipt(found: Install) -> str:
    if found.receipt is None:
        return "nothing was deleted"
    counts = found.receipt.deleted
    return f"deleted {found.receipt.at or 'so far'}: {counts.objects} objects, {counts.secrets} secrets"
