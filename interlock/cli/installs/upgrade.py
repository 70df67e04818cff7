"""`interlock install upgrade`, `rollback` and `rehearse`: another version of an installed app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.installs.install import Secrets, consents, secrets_of
from interlock.cli.terminal import render
from interlock.cli.terminal.installs import install_id
from interlock.cli.terminal.options import Accept, As, AsJson, Tenant, WhichInstall, as_tenant, object_argument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from interlock.cli.runs.verify import Verdict
    from interlock.cli.terminal.client import Client
    from interlock.contract.upgrade_plan import Difference, UpgradePlan

app = typer.Typer()
LAST = 10
ToVersion = Annotated[
    str, typer.Option("--version", help="The version; by default the one that waits, or the newest of the channel.")
]


@app.command("upgrade")
def upgrade(
    install: WhichInstall,
    version: ToVersion = "",
    grant: Annotated[list[str] | None, typer.Option(help="A scope that you consent to; may be repeated.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Consent to every scope that the version asks for.")] = False,
    config: Annotated[str, typer.Option(help="A new config, where the version needs one: JSON, @FILE or -.")] = "",
    secret: Secrets = None,
    watch_minutes: Annotated[int, typer.Option(help="For this many minutes failures are watched.")] = 30,
    watch_rate: Annotated[float, typer.Option(help="It is rolled back if more than this share of runs fail.")] = 0.5,
    watch_runs: Annotated[int, typer.Option(help="It is rolled back only after this many runs.")] = 5,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Upgrade an install. The command shows what the version asks for in addition, and waits for consent."""
    from interlock.contract.install import UpgradeRequest
    from interlock.contract.registry import WatchRule

    client, tenant = as_tenant(profile, tenant)
    install = install_id(client, tenant, install)
    plan = client.installs.plan_upgrade(tenant, install, version=version)
    granted = tuple(grant or ())
    missing = [scope for scope in plan.consent if scope not in granted]
    if missing and (yes or consents(f"{plan.app}@{plan.to} asks also to", missing, machine=machine)):
        granted += tuple(missing)
    request = UpgradeRequest(
        version=plan.to,
        grant=granted,
        config=object_argument(config, "--config") if config else None,
        secrets=secrets_of(secret),
        watch=WatchRule(minutes=watch_minutes, rate=watch_rate, runs=watch_runs),
    )
    change = client.installs.upgrade(tenant, install, request)
    if not change.changed:
        step = f"interlock install set {install}"
        text = f"{change.install.app} is at {change.to} already: nothing changes. Change its settings: {step}"
        render.answer(change.install, text, machine=machine)
        return
    _wait(client, tenant, install, plan.to, machine=machine)


@app.command("rollback")
def rollback(install: WhichInstall, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Go back to the version that an install had before."""
    client, tenant = as_tenant(profile, tenant)
    install = install_id(client, tenant, install)
    back = client.installs.rollback(tenant, install).to
    _wait(client, tenant, install, back, machine=machine)


@app.command("rehearse")
def rehearse(
    install: WhichInstall,
    version: ToVersion = "",
    last: Annotated[int, typer.Option(min=1, max=100, help="Repeat this many of its last runs.")] = LAST,
    accept: Accept = None,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Repeat an install's last runs dry with another version, and show what differs.

    The exit code is 3 if a run differs.
    """
    from interlock.cli.runs.verify import rehearse_upgrade
    from interlock.contract.verification import VerificationRequest

    client, tenant = as_tenant(profile, tenant)
    install = install_id(client, tenant, install)
    plan = client.installs.plan_upgrade(tenant, install, version=version)
    request = VerificationRequest(version=plan.to, install=install, last=last, accept=tuple(accept or ()))
    verdicts = rehearse_upgrade(client, tenant, request, quiet=machine)
    value = {"plan": plan.model_dump(mode="json") | {"automatic": plan.automatic}, "runs": verdicts}
    render.answer(value, lambda: _print(plan, verdicts), machine=machine)
    if any(not row.same for row in verdicts):
        raise typer.Exit(render.FINDINGS)


def _wait(client: Client, tenant: str, install: str, version: str, *, machine: bool) -> None:
    from interlock.cli.installs.settle import upgraded

    after = upgraded(client, tenant, install, version)
    text = f"{after.app} runs {after.version}. To go back: interlock install rollback {install}"
    render.answer(after, text, machine=machine)


def _print(plan: UpgradePlan, verdicts: list[Verdict]) -> None:
    from interlock.cli.runs.verify import verdict_row

    render.line(f"{plan.app}  {plan.before} -> {plan.to}")
    scopes = [f"  + {plan.words[scope]}" for scope in plan.scopes.added]
    scopes += [f"  - {plan.words[scope]}" for scope in plan.scopes.removed]
    for text in scopes or ["  asks for nothing new"]:
        render.line(text)
    for text in (*_changes("trigger", plan.triggers), *_changes("tool", plan.tools)):
        render.line(text)
    for finding in plan.findings:
        render.line(f"  ! {finding.where}: {finding.what}")
    empty = "None of its runs is over: there is nothing to rehearse with."
    render.table(("run", "is", "ended", "first difference", ""), map(verdict_row, verdicts), empty)


def _changes(what: str, difference: Difference) -> Iterator[str]:
    for sign, names in (("+", difference.added), ("-", difference.removed), ("~", difference.changed)):
        yield from (f"  {sign} {what} {name}" for name in names)
