"""The tools that act: start a workflow, decide about a pause, fork a run dry. What can destroy wants confirmation."""

import json

from interlock.contract.copilot.answer import DryFork, Resume, ResumeAnswer, RunStatusAnswer, Start
from interlock.contract.copilot.tool import Hints, clean
from interlock.contract.core.base import Json, now
from interlock.contract.core.failure import BadRequest, NotFound
from interlock.contract.fork import ForkRequest
from interlock.contract.registry import Install
from interlock.contract.run import Decision
from interlock.contract.run_request import RunRequest
from interlock.control.copilot.confirm import DestructiveCall, require_confirmed
from interlock.control.copilot.run_status import next_look, pending_status, read_run_status
from interlock.control.copilot.tool import BuiltIn, Copilot
from interlock.control.installs.tools import may_change
from interlock.control.pauses.hands import hand_of, require_free, require_waiting, take_pause
from interlock.control.pauses.pauses import find_pause
from interlock.control.pauses.resume import PauseContext, decide_checked
from interlock.control.runs.fork import ForkContext, request_fork
from interlock.control.runs.requests import find_install, request_run


def _start(copilot: Copilot, start: Start) -> RunStatusAnswer:
    request = RunRequest(
        app=start.app, install=start.install, workflow=start.workflow, input=start.input, key=start.key
    )
    install = find_install(copilot.registry, copilot.tenant, request)
    if may_change(install):
        call = DestructiveCall(
            what=f"start {start.workflow or 'the workflow'} of {install.app}{_which(install)}",
            tool="start_workflow",
            definition=f"{install.id} {install.app}@{install.version}",
            arguments=start.model_dump(mode="json", exclude={"confirm"}),
            confirm=start.confirm,
        )
        require_confirmed(copilot, call)
    accepted = request_run(copilot.requests, copilot.tenant, request, copilot.caller.principal)
    if start.key:
        try:
            return read_run_status(copilot.runs, copilot.registry, copilot.artifacts, copilot.tenant, accepted.run)
        except NotFound:
            pass
    version = copilot.registry.version(install.app, install.version).item
    status = pending_status(version, copilot.artifacts, accepted.run, accepted.workflow)
    return status.model_copy(update={"install": install.id, "install_name": install.name})


def _which(install: Install) -> str:
    """Which install it is, where its app's name does not say it."""
    return "" if install.has_default_name else f" (its install {install.name})"


def _resume(copilot: Copilot, resume: Resume) -> ResumeAnswer:
    pause = find_pause(copilot.runs, copilot.tenant, resume.run, resume.pause)
    name = copilot.caller.name_in(f"tenant/{copilot.tenant}")
    index = f"[{pause.index}]" if pause.index is not None else ""
    # Before the confirmation is used: it is still good when the person lets go of the pause.
    require_waiting(pause)
    require_free(pause, agent=True, at=now())
    if not resume.confirm:
        take_pause(copilot.runs, pause, hand_of(copilot.caller.principal, agent=True, name=name))
    call = DestructiveCall(
        what=f"{resume.action} {pause.state}{index} of run {resume.run}",
        tool="resume_pause",
        definition=f"{pause.id} {pause.digest}",
        arguments=resume.model_dump(mode="json", exclude={"confirm"}),
        confirm=resume.confirm,
    )
    require_confirmed(copilot, call)
    decision = Decision(
        action=resume.action,
        input=resume.input,
        edited=resume.input is not None,
        output=_output(resume),
        error=resume.error,
        cause=resume.cause,
        by=copilot.caller.principal,
        name=name,
        agent=True,
    )
    done = decide_checked(PauseContext(copilot.runs, copilot.gate), copilot.tenant, resume.run, resume.pause, decision)
    return ResumeAnswer(
        run=resume.run, pause=done.id, state=clean(done.state), action=resume.action, next=next_look(resume.run)
    )


def _output(resume: Resume) -> Json:
    if resume.action != "output":
        return None
    try:
        return json.loads(resume.output)
    except ValueError as error:
        raise BadRequest(
            f"the output is not JSON: {error}", where="output", next_step='Write it as JSON text: {"a": 1}.'
        ) from error


def _dry_fork(copilot: Copilot, dry_fork: DryFork) -> RunStatusAnswer:
    forker = ForkContext(
        runs=copilot.runs,
        registry=copilot.registry,
        bucket=copilot.bucket,
        artifacts=copilot.artifacts,
        queue=copilot.queue,
        gate=copilot.gate,
    )
    fields = dry_fork.model_dump(exclude={"run"})
    accepted = request_fork(
        forker, copilot.tenant, dry_fork.run, ForkRequest(**fields, dry=True), copilot.caller.principal
    )
    parent = copilot.runs.find(copilot.tenant, dry_fork.run).item
    version = copilot.registry.version(parent.app, accepted.version).item
    status = pending_status(version, copilot.artifacts, accepted.run, parent.workflow, forked_from=parent.id)
    return status.model_copy(update={"install": parent.install, "install_name": parent.install_name})


ACTS = (
    BuiltIn(
        name="start_workflow",
        title="Start a workflow",
        about="Start a workflow of an installed app. It answers a receipt: the run, its steps, where it waits. "
        "For an app that can change what is there, the first call answers what to repeat in `confirm`.",
        arguments=Start,
        answer=RunStatusAnswer,
        action="startRuns",
        run=_start,
        hints=Hints(read_only=False, destructive=True, open_world=True),
        starts=True,
    ),
    BuiltIn(
        name="resume_pause",
        title="Decide about a pause",
        about="Let a paused step go on: as it is, again, with another input, with a given output, or with an error. It "
        "can't be taken back. The first call answers what to repeat in `confirm`.",
        arguments=Resume,
        answer=ResumeAnswer,
        action="debugRuns",
        run=_resume,
        hints=Hints(read_only=False, destructive=True, open_world=True),
    ),
    BuiltIn(
        name="dry_fork",
        title="Fork a run dry",
        about="Run a finished run again from one of its states, perhaps with an edited input or another version, "
        "without any effect: writes are captured, reads are answered from the record. It answers a receipt.",
        arguments=DryFork,
        answer=RunStatusAnswer,
        action="debugRuns",
        run=_dry_fork,
        hints=Hints(read_only=False),
        starts=True,
    ),
)
