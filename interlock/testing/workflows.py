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

from interlock.cli.apps.packing import pack
from interlock.cli.installs.settle import install_app, remove_install
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.options import profile_from
from interlock.cli.terminal.profiles import Profile, choose, load, save
from interlock.cli.terminal.wait import until
from interlock.contract.core.base import Json, Model
from interlock.contract.core.failure import Rejected
from interlock.contract.install import InstallRequest
from interlock.contract.manifest import MANIFEST, Target
from interlock.contract.registration import NewPublisher, NewTenant, NewVersion
from interlock.contract.registry import Version, VersionStatus
from interlock.contract.run import Run, RunStatus, StepRecord
from interlock.contract.run_request import RunRequest

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
    version = _publish(folder, Client(operator).platform.get_target(), operator)
    client = Client(_tenant(operator))
    _install(client, version, dict(config or {}), dict(secrets or {}))
    run = client.runs.start(TENANT, RunRequest(app=version.app, workflow=workflow, input=value)).run

    def over() -> Run | None:
        runs = client.runs.list(TENANT).runs
        return next((row for row in runs if row.id == run and row.status.over), None)

    until(over, seconds=SECONDS, what=f"the end of run {run}", next_step=f"interlock run show {run}")
    steps = tuple(client.recorded_steps.iterate(TENANT, run, whole=True))
    return WorkflowRun(run=client.runs.get(TENANT, run, whole=True), steps=steps)


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
    new = NewVersion(version=f"0.0.0-t{digest[:12]}", digest=hashlib.sha256(data).hexdigest())
    ticket = client.versions.create(publisher, name, new)
    if ticket.form:
        client.upload(ticket.form.url, ticket.form.fields, data)

    def ended() -> Version | None:
        version = client.versions.get(publisher, name, new.version)
        return version if version.status in (VersionStatus.LISTED, VersionStatus.REJECTED) else None

    version = until(ended, seconds=SECONDS, what=f"the end of publishing {publisher}/{name}", next_step=NEXT)
    if version.status is VersionStatus.REJECTED:
        raise Rejected(f"{version.app} is rejected.", version.findings)
    return version


def _publisher(operator: Profile, publisher: str) -> Profile:
    if publisher not in load().profiles:
        registered = Client(operator).publishers.create(NewPublisher(id=publisher))
        save(profile_from(registered.credentials, operator, "publisher", publisher))
    return choose(None, "publisher", publisher)


def _tenant(operator: Profile) -> Profile:
    client = Client(operator)
    if PROFILE not in load().profiles:
        registered = client.tenants.create(NewTenant(id=TENANT))
        profile = profile_from(registered.credentials, operator, "tenant", TENANT)
        save(profile.model_copy(update={"name": PROFILE}))

    def active() -> bool | None:
        return client.tenants.get(TENANT).status == "active" or None

    until(active, seconds=SECONDS, what=f"the end of onboarding {TENANT}", next_step=NEXT)
    return choose(PROFILE, "tenant")


def _install(client: Client, version: Version, config: dict[str, Json], secrets: dict[str, str]) -> None:
    installed = next((row for row in client.installs.iterate(TENANT) if row.app == version.app), None)
    same = installed and installed.version == version.version and installed.config == config
    if same and not secrets:
        return
    if installed:
        remove_install(client, TENANT, installed.id, abort=True)
    granted = version.manifest.permissions.scopes() if version.manifest else ()
    request = InstallRequest(
        app=version.app, version=version.version, grant=tuple(granted), config=config, secrets=secrets
    )
    install_app(client, TENANT, request)
