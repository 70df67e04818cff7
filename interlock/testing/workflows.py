"""Runs a workflow of an app's folder on the local platform, through the real pipeline, queue and gate.

The folder is published as it is, under a version of its own for its bytes (`0.0.0-t…`), for the tenant `pytest`. What
is there already is used again, so a second test of the same folder costs one run.
"""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from interlock.cli.apps.packing import pack
from interlock.cli.installs.settling import install_app, remove_install
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.options import profile_from
from interlock.cli.terminal.profiles import Profile, choose, load, save
from interlock.cli.terminal.wait import until
from interlock.contract.core.base import Json, Model
from interlock.contract.core.failure import Rejected
from interlock.contract.core.finding import Finding
from interlock.contract.manifest import MANIFEST, Target
from interlock.contract.registry import Version
from interlock.contract.run import Run, RunStatus, StepRecord

TENANT = "pytest"
PROFILE = f".{TENANT}"
"""Begins with a dot, so that the reader's own tenant stays the one that commands are for."""
SECONDS = 120
VERSION_LINE = re.compile(r'(?m)^version = ".*"$')
NEXT = "interlock status"


class WorkflowRun(Model):
    """A run that is over, with its step records; bodies are whole."""

    run: Run
    steps: tuple[StepRecord, ...]

    @property
    def succeeded(self) -> bool:
        """Whether it reached its end."""
        return self.run.status is RunStatus.SUCCEEDED

    @property
    def output(self) -> Json:
        """What the workflow answered; None where it failed."""
        return self.run.output.value if self.run.output else None


def run_workflow(
    folder: Path,
    value: Json = None,
    *,
    workflow: str = "",
    config: Mapping[str, Json] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> WorkflowRun:
    """Publish, install and run.

    Args:
        folder: the app's folder, with its interlock.toml.
        value: the workflow's input.
        workflow: which one, where the app has several.
        config: the install's config.
        secrets: the install's secrets.

    Raises:
        NotSignedIn: no platform is up here; `interlock up` first.
        Rejected: the app has findings.
    """
    operator = choose("operator", "operator")
    target = Target.model_validate(Client(operator).get("/v1/target"))
    version = _publish(folder, target, operator)
    client = Client(_tenant(operator))
    base = f"/v1/tenants/{TENANT}"
    _install(client, base, version, dict(config or {}), dict(secrets or {}))
    request = {"app": version.app, "workflow": workflow, "input": value}
    accepted = client.post(f"{base}/runs", request)
    path = f"{base}/runs/{accepted['run']}"

    def over() -> Run | None:
        rows = client.get(f"{base}/runs")["runs"]
        current = next((Run.model_validate(row) for row in rows if row["id"] == accepted["run"]), None)
        return current if current and current.status.over else None

    until(over, seconds=SECONDS, what=f"run {accepted['run']}", next_step=f"interlock run show {accepted['run']}")
    steps = client.get(f"{path}/steps", whole="true")["steps"]
    run = Run.model_validate(client.get(path, whole="true"))
    return WorkflowRun(run=run, steps=tuple(StepRecord.model_validate(row) for row in steps))


def _publish(folder: Path, target: Target, operator: Profile) -> Version:
    digest = hashlib.sha256(pack(folder, target).data).hexdigest()
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "app"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        manifest = copy / MANIFEST
        manifest.write_text(VERSION_LINE.sub(f'version = "0.0.0-t{digest[:12]}"', manifest.read_text(), count=1))
        data = pack(copy, target).data
    app = re.search(r'(?m)^id = "([^"/]+)/([^"]+)"$', (folder / MANIFEST).read_text())
    publisher, name = (app.group(1), app.group(2)) if app else ("", "")
    client = Client(_publisher(operator, publisher))
    base = f"/v1/publishers/{publisher}/apps/{name}/versions"
    version = f"0.0.0-t{digest[:12]}"
    ticket = client.post(base, {"version": version, "digest": hashlib.sha256(data).hexdigest()})
    if ticket["form"]:
        client.upload(ticket["form"]["url"], ticket["form"]["fields"], data)

    def ended() -> Version | None:
        current = Version.model_validate(client.get(f"{base}/{version}"))
        return current if current.status in ("listed", "rejected") else None

    current = until(ended, seconds=SECONDS, what=f"publishing {publisher}/{name}", next_step=NEXT)
    if current.status == "rejected":
        raise Rejected(f"{current.app} is rejected", [Finding.model_validate(row) for row in current.findings])
    return current


def _publisher(operator: Profile, publisher: str) -> Profile:
    if publisher not in load().profiles:
        value = Client(operator).post("/v1/publishers", {"id": publisher})
        save(profile_from(value["credentials"], operator, "publisher", publisher))
    return choose(None, "publisher", publisher)


def _tenant(operator: Profile) -> Profile:
    client = Client(operator)
    if PROFILE not in load().profiles:
        value = client.post("/v1/tenants", {"id": TENANT})
        fresh = profile_from(value["credentials"], operator, "tenant", TENANT)
        save(fresh.model_copy(update={"name": PROFILE}))

    def active() -> bool | None:
        return client.get(f"/v1/tenants/{TENANT}")["status"] == "active" or None

    until(active, seconds=SECONDS, what=f"onboarding {TENANT}", next_step=NEXT)
    return choose(PROFILE, "tenant")


def _install(client: Client, base: str, version: Version, config: dict[str, Any], secrets: dict[str, str]) -> None:
    installs = client.pages(f"{base}/installs", "installs")
    installed = next((row for row in installs if row["app"] == version.app), None)
    same = installed and installed["version"] == version.version and installed["config"] == config
    if same and not secrets:
        return
    if installed:
        remove_install(client, base, installed["id"], abort=True)
    grant = version.manifest.permissions.scopes() if version.manifest else ()
    request = {"app": version.app, "version": version.version, "grant": list(grant)}
    install_app(client, base, request | {"config": config, "secrets": secrets})
