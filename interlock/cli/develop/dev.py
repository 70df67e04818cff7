"""`interlock dev`: each save of an app's folder runs on the platform of this machine, without a version to raise."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.installs.install import Secrets, secrets_of
from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Tenant, as_tenant, json_argument, object_argument
from interlock.contract.core.failure import Conflict, Failure, Rejected

if TYPE_CHECKING:
    from interlock.cli.develop.follow import Follower, Output
    from interlock.cli.develop.push import Pushed, Pusher
    from interlock.cli.terminal.client import Client
    from interlock.local.platform import Platform

app = typer.Typer()
STEP_MS, DEBOUNCE_MS, TICK_MS = 50, 300, 500
"""A save is pushed once no other one came for STEP_MS, after DEBOUNCE_MS in any case: editors write in steps."""


@app.command("dev")
def dev(
    folder: Annotated[Path, typer.Argument(help="The app's folder.", exists=True, file_okay=False)] = Path(),
    workflow: Annotated[str, typer.Option("--run", help="Start this workflow after each push.")] = "",
    value: Annotated[str, typer.Option("--input", help="The input of that run: JSON, @FILE or -.")] = "{}",
    config: Annotated[str, typer.Option(help="The install's config: JSON, @FILE or -.")] = "",
    secret: Secrets = None,
    install: Annotated[str, typer.Option(help="The name of the install; by default that of the app.")] = "",
    once: Annotated[bool, typer.Option("--once", help="Push once, and end.")] = False,
    profile: As = None,
    tenant: Tenant = "",
    machine: AsJson = False,
) -> None:
    """Put each save into the running local platform as a development version, and follow its runs.

    No version is raised, and nothing is listed: only this install runs what you save. A failed run is explained. With
    --json each event is one line: ready, findings, refused, run, log, end.
    """
    from interlock.cli.develop.follow import Follower, Output
    from interlock.cli.develop.push import Pusher
    from interlock.control.publishing.develop import DevelopmentSettings
    from interlock.local.develop import developing
    from interlock.local.platform import connect

    platform = connect()
    client, tenant = as_tenant(profile, tenant)
    require_here(client, platform)
    settings = DevelopmentSettings(
        config=object_argument(config, "--config") if config else None,
        secrets=secrets_of(secret),
        install=install or None,
    )
    output = Output(machine=machine)
    follower = Follower(client.signed_in(), tenant, output)
    start = (workflow, json_argument(value, "--input")) if workflow else None
    with developing(platform) as context:
        pusher = Pusher(folder.resolve(), tenant, client.profile.name, context, settings)
        session = Session(pusher, follower, output, start)
        done = session.push(time.time())
        if once:
            if not done:
                raise typer.Exit(render.FINDINGS)
            return
        session.watch()


class Session:
    """Pushes what is saved, until it is interrupted."""

    def __init__(self, pusher: Pusher, follower: Follower, output: Output, start: tuple[str, object] | None) -> None:
        """Take the parts; nothing is pushed."""
        self.pusher = pusher
        self.follower = follower
        self.output = output
        self.start = start

    def watch(self) -> None:
        """Push each save; runs are followed beside it."""
        from watchfiles import watch

        thread = threading.Thread(target=self.follower.run, daemon=True)
        thread.start()
        self.output.event("watching", f"Watching {self.pusher.folder}. Ctrl-C ends.", "dim")
        try:
            began = False
            folder = self.pusher.folder
            for changes in watch(
                folder, step=STEP_MS, debounce=DEBOUNCE_MS, rust_timeout=TICK_MS, yield_on_timeout=True
            ):
                # At first even without a change: something may have been saved before the watch began.
                if changes or not began:
                    self.push(_saved(path for _, path in changes))
                began = True
        finally:
            self.follower.stop()
            thread.join(timeout=2)

    def push(self, saved: float) -> bool:
        """Push once, and print what came of it; whether the folder's content is what runs.

        Args:
            saved: when it was saved, in seconds since the epoch.
        """
        try:
            pushed = self.pusher.push()
        except Rejected as error:
            self._print_findings(error)
            return False
        except (Failure, OSError, UnicodeDecodeError) as error:
            what = error.what if isinstance(error, Failure) else str(error)
            step = error.next_step if isinstance(error, Failure) else "Save it again."
            self.output.event("refused", f"✘ {what}\n  {step}", "red", detail=what, next=step)
            return False
        if pushed is not None:
            self._ready(pushed, saved)
        return True

    def _ready(self, pushed: Pushed, saved: float) -> None:
        version, install = pushed.version, pushed.install
        seconds = round(time.time() - saved, 3)
        self.follower.app = version.app
        self.follower.versions.add(version.version)
        findings = [row.model_dump(mode="json") for row in version.findings]
        fields = {"app": version.app, "version": version.version, "install": install.id, "seconds": seconds}
        text = f"● {version.app}@{version.version} is ready, {seconds:.1f} s"
        self.output.event("ready", text, "green", **fields, findings=findings)
        if not self.output.machine:
            render.findings(version.findings)
        self._start(install.id)
        self.pusher.tidy(version.app)

    def _start(self, install: str) -> None:
        if self.start is None:
            return
        from interlock.contract.run_request import RunRequest

        workflow, value = self.start
        request = RunRequest.model_validate(
            {"app": self.follower.app, "install": install, "workflow": workflow, "input": value}
        )
        try:
            self.follower.client.runs.start(self.follower.tenant, request)
        except Failure as error:
            self.output.event(
                "refused", f"✘ {error.what}\n  {error.next_step}", "red", detail=error.what, install=install
            )

    def _print_findings(self, error: Rejected) -> None:
        rows = [row.model_dump(mode="json") for row in error.findings]
        self.output.event("findings", f"✘ {error.what}", "red", detail=error.what, findings=rows)
        if not self.output.machine:
            render.findings(error.findings)


def require_here(client: Client, platform: Platform) -> None:
    """Refuse a profile of a platform elsewhere: development versions are for one's own machine.

    Raises:
        Conflict: it is one.
    """
    record = platform.record
    if (client.profile.api_url, client.profile.api_host) != (record.api_url.rstrip("/"), record.api_host):
        what = (
            f"the profile {client.profile.name} is of {client.profile.api_url}, and not of the platform of this machine"
        )
        step = "Choose a profile of the platform here: interlock use NAME"
        raise Conflict(what, where="interlock dev", code="dev-elsewhere", next_step=step)


def _saved(paths: Iterable[str]) -> float:
    """When the newest of some files was written; now, where they are gone."""
    times = [path.stat().st_mtime for path in map(Path, paths) if path.exists()]
    return max(times, default=time.time())
