"""The tools that act: start a workflow, decide about a pause, fork a run dry. What can destroy wants confirmation."""

import json
from collections.abc import Mapping

from interlock.contract.copilot.answer import DryFork, Resume, ResumeAnswer, RunStatusAnswer, Start
from interlock.contract.copilot.tool import Hints, clean, phrase
from interlock.contract.core.base import Json
from interlock.contract.core.failure import BadRequest, NotFound
from interlock.contract.fork import ForkRequest
from interlock.contract.run import Decision
from interlock.contract.run_request import RunRequest
from interlock.control.copilot.run_status import next_look, pending_status, read_run_status
from interlock.control.copilot.tool import BuiltIn, Copilot, may_change
from interlock.control.pauses.pauses import find_pause
from interlock.control.pauses.resume import decide_checked
from interlock.control.runs.fork import ForkContext, request_fork
from interlock.control.runs.requests import find_install, request_run


def refuse_unconfirmed(what: str, arguments: Mapping[str, Json], confirm: str, where: str = "confirm") -> None:
    """Refuse a call that can destroy until it repeats what it does, for exactly these arguments.

    Raises:
        BadRequest: it says nothing, or something else.
    """
    wanted = phrase(clean(what), arguments)
    if confirm != wanted:
        raise BadRequest(
            f"this wants confirmation: {wanted}",
            where=where,
            code="confirmation-wanted",
            next_step=f"Show it to the user; if they agree, call again with the same arguments and {where}={wanted!r}.",
        )


def _start(copilot: Copilot, asked: Start) -> RunStatusAnswer:
    request = RunRequest(app=asked.app, workflow=asked.workflow, input=asked.input, key=asked.key)
    install = find_install(copilot.registry, copilot.tenant, request)
    if may_change(install):
        told = asked.model_dump(mode="json", exclude={"confirm"})
        refuse_unconfirmed(f"start {asked.workflow or 'the workflow'} of {install.app}", told, asked.confirm)
    accepted = request_run(
        copilot.runs, copilot.registry, copilot.queue, copilot.bucket, copilot.tenant, request, copilot.caller.principal
    )
    if asked.key:
        try:
            return read_run_status(copilot.runs, copilot.registry, copilot.artifacts, copilot.tenant, accepted.run)
        except NotFound:
            pass
    version = copilot.registry.version(install.app, install.version).item
    return pending_status(version, copilot.artifacts, accepted.run, accepted.workflow)


def _resume(copilot: Copilot, asked: Resume) -> ResumeAnswer:
    pause = find_pause(copilot.runs, copilot.tenant, asked.run, asked.pause)
    index = f"[{pause.index}]" if pause.index is not None else ""
    told = asked.model_dump(mode="json", exclude={"confirm"})
    refuse_unconfirmed(f"{asked.action} {pause.state}{index} of run {asked.run}", told, asked.confirm)
    decision = Decision(
        action=asked.action,
        input=asked.input,
        edited=asked.input is not None,
        output=_output(asked),
        error=asked.error,
        cause=asked.cause,
        by=copilot.caller.principal,
    )
    done = decide_checked(copilot.runs, copilot.gate, copilot.tenant, asked.run, asked.pause, decision)
    return ResumeAnswer(
        run=asked.run, pause=done.id, state=clean(done.state), action=asked.action, next=next_look(asked.run)
    )


def _output(asked: Resume) -> Json:
    if asked.action != "output":
        return None
    try:
        return json.loads(asked.output)
    except ValueError as error:
        raise BadRequest(f"not JSON: {error}", where="output", next_step='Write it as JSON text: {"a": 1}.') from error


def _dry_fork(copilot: Copilot, asked: DryFork) -> RunStatusAnswer:
    forker = ForkContext(
        runs=copilot.runs,
        registry=copilot.registry,
        bucket=copilot.bucket,
        artifacts=copilot.artifacts,
        queue=copilot.queue,
        gate=copilot.gate,
    )
    words = asked.model_dump(exclude={"run"})
    accepted = request_fork(forker, copilot.tenant, asked.run, ForkRequest(**words, dry=True), copilot.caller.principal)
    parent = copilot.runs.find(copilot.tenant, asked.run).item
    version = copilot.registry.version(parent.app, accepted.version).item
    return pending_status(version, copilot.artifacts, accepted.run, parent.workflow, forked_from=parent.id)


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
