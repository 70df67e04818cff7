"""The tools that bring an app forward: check it, push it to the platform of this machine, publish it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from interlock.cli.agent.tool import Desk, Tool, untrusted
from interlock.contract.copilot.answer import Answer, Arguments, Untrusted, Word
from interlock.contract.copilot.tool import Hints
from interlock.contract.core.base import Json
from interlock.contract.core.finding import Finding, errors_of

if TYPE_CHECKING:
    from interlock.contract.run import Run

FolderPath = Annotated[str, Field(min_length=1, max_length=4_096)]
RUN_SECONDS = 120


class AppFolder(Arguments):
    """Arguments of `app_check` and `publish`."""

    folder: FolderPath
    """The app's folder on this machine: the one with interlock.toml."""


class Push(AppFolder):
    """Arguments of `dev_push`."""

    workflow: Word = ""
    """Start this workflow of the pushed version, and wait for its end; empty for none."""
    input: dict[str, Json] = {}
    """The input of that run."""
    config: dict[str, Json] | None = None
    """The install's config, where the app wants one; what was set once stays."""


class CheckAnswer(Answer):
    """Answer of `app_check`."""

    ready: bool
    """Whether it has no error, so that it can be pushed and published."""
    files: int
    size_bytes: int
    findings: tuple[Finding, ...]

    def said(self) -> str:
        """How many findings."""
        word = "has no errors" if self.ready else "has errors"
        return f"The app {word}; {len(self.findings)} findings."


class PushAnswer(Answer):
    """Answer of `dev_push`."""

    app: str
    version: str
    install: str
    findings: tuple[Finding, ...] = ()
    run: str = ""
    """The run that was started; `explain_run` says why it failed."""
    status: str = ""
    untrusted: Untrusted
    """The run's output."""

    def said(self) -> str:
        """What runs now."""
        run = f" Run {self.run} {self.status}." if self.run else ""
        return f"{self.app}@{self.version} is in the platform of this machine.{run}"


class PublishAnswer(Answer):
    """Answer of `publish`."""

    app: str
    version: str
    status: str
    digest: str
    findings: tuple[Finding, ...] = ()

    def said(self) -> str:
        """What became of it."""
        return f"{self.app}@{self.version} is {self.status}."


def _check(desk: Desk, wanted: AppFolder) -> CheckAnswer:
    from interlock.cli.apps.app import check_bundle, host_target
    from interlock.cli.apps.packing import pack

    del desk
    packed = pack(_folder(wanted), host_target())
    findings, _ = check_bundle(packed.data, None)
    return CheckAnswer(
        ready=not errors_of(findings),
        files=packed.files + packed.vendored,
        size_bytes=len(packed.data),
        findings=findings,
    )


def _push(desk: Desk, wanted: Push) -> PushAnswer:
    from interlock.cli.develop.dev import require_here
    from interlock.cli.develop.push import Pusher
    from interlock.control.publishing.develop import DevelopmentSettings
    from interlock.local.develop import developing
    from interlock.local.platform import connect

    platform = connect()
    require_here(desk.client, platform)
    desk.progress("packing and deploying")
    with developing(platform) as context:
        settings = DevelopmentSettings(config=wanted.config)
        pusher = Pusher(_folder(wanted), desk.tenant, desk.client.profile.name, context, settings)
        pushed = pusher.push()
        assert pushed is not None, "a new pusher pushes whatever the folder holds"
        pusher.tidy(pushed.version.app)
    run = _run(desk, pushed.install.id, wanted) if wanted.workflow else None
    output = run.output.value if run and run.output else None
    return PushAnswer(
        app=pushed.version.app,
        version=pushed.version.version,
        install=pushed.install.id,
        findings=pushed.version.findings,
        run=run.id if run else "",
        status=run.status.value if run else "",
        untrusted=untrusted({"output": output}),
    )


def _run(desk: Desk, install: str, wanted: Push) -> Run:
    from interlock.cli.agent.runs import wait_for_end
    from interlock.contract.run_request import RunRequest

    request = RunRequest(install=install, workflow=wanted.workflow, input=wanted.input)
    run = desk.client.runs.start(desk.tenant, request).run
    desk.progress(f"run {run} goes on")
    return wait_for_end(desk, run, RUN_SECONDS)


def _publish(desk: Desk, wanted: AppFolder) -> PublishAnswer:
    from interlock.cli.apps.app import manifest_of_bundle, target_of
    from interlock.cli.apps.packing import pack
    from interlock.cli.apps.publish import publish_bundle

    folder = _folder(wanted)
    data = pack(folder, target_of(None, folder)).data
    manifest_of_bundle(data)
    version = publish_bundle(None, data, review=False, progress=desk.progress)
    return PublishAnswer(
        app=version.app,
        version=version.version,
        status=version.status.value,
        digest=hashlib.sha256(data).hexdigest(),
        findings=version.findings,
    )


def _ask_to_publish(desk: Desk, wanted: AppFolder) -> str:
    from interlock.cli.runs.verify import code_of

    del desk
    folder, manifest = code_of(_folder(wanted), None)
    app = manifest.app
    return f"Publish {app.id} {app.version} from {folder}? Once it is listed, tenants can install it."


def _folder(wanted: AppFolder) -> Path:
    return Path(wanted.folder).expanduser().resolve()


DEVELOP = (
    Tool(
        name="app_check",
        title="Check an app",
        about="Validate an app's folder as the platform will, with the line and the fix of each finding. Nothing is "
        "sent anywhere.",
        arguments=AppFolder,
        answer=CheckAnswer,
        run=_check,
    ),
    Tool(
        name="dev_push",
        title="Push an app to this machine's platform",
        about="Put an app's folder into the platform of this machine as a development version, which only this "
        "tenant's install runs, and run one of its workflows if you name one. The version in the manifest stays.",
        arguments=Push,
        answer=PushAnswer,
        run=_push,
        hints=Hints(read_only=False, open_world=True),
    ),
    Tool(
        name="publish",
        title="Publish a version",
        about="Publish the version that the manifest names: raise it first, a listed version never changes. A person "
        "is asked. It answers once the version is listed, waits for a review, or is rejected with findings.",
        arguments=AppFolder,
        answer=PublishAnswer,
        run=_publish,
        hints=Hints(read_only=False, destructive=True, open_world=True),
        question=_ask_to_publish,
    ),
)
