"""`interlock install upgrade`, `rollback` and `rehearse`: another version of an installed app."""

from typing import Annotated, Any

import typer

from interlock.cli.installs.installs import consents, secrets_of
from interlock.cli.installs.settling import switched
from interlock.cli.runs.forks import matching
from interlock.cli.runs.verify import Verdict, verify_all
from interlock.cli.terminal import render
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant, json_argument
from interlock.contract.install import UpgradeRequest
from interlock.contract.upgrade_plan import Difference, UpgradePlan

LAST = 10
Version = Annotated[str, typer.Option("--version", help="Which one: else what waits, or the newest of the channel.")]


def upgrade(
    install: str,
    version: Version = "",
    grant: Annotated[list[str] | None, typer.Option(help="A scope to consent to; again for more.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Consent to every scope that the version asks for.")] = False,
    config: Annotated[str, typer.Option(help="JSON, @FILE or -: another config, where the version needs one.")] = "",
    secret: Annotated[list[str] | None, typer.Option(help="NAME=VALUE, or NAME=@FILE; again for more.")] = None,
    watch_minutes: Annotated[int, typer.Option(help="How long it is watched for failures.")] = 30,
    watch_rate: Annotated[float, typer.Option(help="It goes back where more than this share of runs fail.")] = 0.5,
    watch_runs: Annotated[int, typer.Option(help="Of at least so many runs.")] = 5,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Switch an install to another version: shows what it asks for beyond what was granted, and waits for consent."""
    client, base = as_tenant(profile, tenant)
    plan = _plan(client, base, install, version)
    asked: dict[str, Any] = {
        "version": plan.to,
        "grant": list(grant or ()),
        "secrets": secrets_of(secret),
        "watch": {"minutes": watch_minutes, "rate": watch_rate, "runs": watch_runs},
    }
    asked |= {"config": json_argument(config, "--config")} if config else {}
    missing = [scope for scope in plan.consent if scope not in asked["grant"]]
    if missing and (yes or consents(f"{plan.app}@{plan.to} asks also to", missing, machine=machine)):
        asked["grant"] += missing
    client.api.installs.upgrade(base.rpartition("/")[2], install, UpgradeRequest.model_validate(asked))
    _done(client, base, install, plan.to, machine=machine)


def rollback(install: str, profile: As = None, tenant: Tenant = "", machine: AsJson = False) -> None:
    """Switch an install back to the version that it had before."""
    client, base = as_tenant(profile, tenant)
    back = client.api.installs.rollback(base.rpartition("/")[2], install).to
    _done(client, base, install, back, machine=machine)


def rehearse(
    install: str,
    version: Version = "",
    last: Annotated[int, typer.Option(min=1, max=100, help="Over so many of its last runs.")] = LAST,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Run a version dry over an install's last runs: what differs, and what it asks for. Exit code 3 if it differs."""
    client, base = as_tenant(profile, tenant)
    plan = _plan(client, base, install, version)
    rows = matching(client, base, {"app": plan.app}, last * 3)
    over = [row["id"] for row in rows if row["status"] in ("succeeded", "failed") and not row.get("fork")][:last]
    asked: dict[str, Any] = {"whole": True, "dry": True, "version": plan.to, "accept": []}
    verdicts = verify_all(client, base, over, asked, quiet=machine) if over else []
    if machine:
        told = plan.model_dump(mode="json") | {"automatic": plan.automatic}
        render.as_json({"plan": told, "runs": [row.model_dump(mode="json") for row in verdicts]})
    else:
        _print(plan, verdicts)
    if any(not row.same for row in verdicts):
        raise typer.Exit(render.FINDINGS)


def _plan(client: Client, base: str, install: str, version: str) -> UpgradePlan:
    return client.api.installs.plan_upgrade(base.rpartition("/")[2], install, version=version)


def _done(client: Client, base: str, install: str, to: str, *, machine: bool) -> None:
    after = switched(client, base, install, to)
    if machine:
        render.as_json(after.model_dump(mode="json"))
    else:
        render.out.print(f"{after.app} runs {after.version}. Back: interlock install rollback {install}")


def _print(plan: UpgradePlan, verdicts: list[Verdict]) -> None:
    render.out.print(f"{plan.app}  {plan.before} -> {plan.to}")
    asks = [f"  + {plan.words[scope]}" for scope in plan.scopes.added]
    asks += [f"  - {plan.words[scope]}" for scope in plan.scopes.removed]
    for line in asks or ["  asks for nothing new"]:
        render.out.print(line)
    for what, difference in (("trigger", plan.triggers), ("tool", plan.tools)):
        for line in _changes(what, difference):
            render.out.print(line)
    for finding in plan.findings:
        render.out.print(f"  ! {finding.where}: {finding.what}")
    rows: list[list[object]] = []
    for row in verdicts:
        first = row.first
        what = f"{first.aspect} {first.where}{first.field}" if first else row.refused or "-"
        change = f"{render.short(first.a, 30)} -> {render.short(first.b, 30)}" if first else ""
        rows.append([row.run, "same" if row.same else "refused" if row.refused else "differs", what, change])
    render.table(("run", "is", "first difference", ""), rows, "No run of it is over: nothing to rehearse with.")


def _changes(what: str, found: Difference) -> list[str]:
    rows = (("+", found.added), ("-", found.removed), ("~", found.changed))
    return [f"  {sign} {what} {name}" for sign, names in rows for name in names]
