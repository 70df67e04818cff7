"""The one way in: a message becomes a run, once (events, schedules, API calls, tools, all through one queue).

The run's id is made of what caused it, so a second delivery finds the run that the first one made. The item is written
before the execution starts: a crash between the two is repaired by the message's next delivery.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import Field

from interlock.aws import executions
from interlock.aws.bodies import Bodies
from interlock.aws.registry import Registry
from interlock.aws.runs import Runs
from interlock.contract import limits, names, payload
from interlock.contract.base import Document, Json, moment
from interlock.contract.envelope import Trigger
from interlock.contract.failure import Conflict, GateError, NotFound, TooLarge
from interlock.contract.forks import ForkOrder
from interlock.contract.registry import Install, InstallStatus, Version
from interlock.contract.run import Body, Breakpoint, Failed, Run, RunStatus
from interlock.control.pauses import change_run
from interlock.control.traces import new_trace_id


class StartMessage(Document):
    """What stands on the queue: a rule, a schedule, the API or a tool put it there."""

    tenant: str
    install: str
    workflow: str
    trigger: str
    kind: str
    event: dict[str, Any] | None = None
    """The whole EventBridge event, for `kind == "event"`."""
    input: Json = None
    body: Body | None = None
    """The input, where it is too large for a message."""
    id: str = ""
    """The idempotency key, for everything but events (which bring their change id)."""
    replay: str = ""
    at: str = ""
    actor: str = ""
    breakpoints: tuple[Breakpoint, ...] = ()
    tags: tuple[str, ...] = ()
    hops: int = 0
    ancestry: tuple[str, ...] = Field(default=())
    fork: ForkOrder | None = None
    """For `kind == "fork"`."""


@dataclass(frozen=True)
class Starter:
    """What starting works with."""

    runs: Runs
    registry: Registry
    bucket: str
    artifacts: str
    """The bucket of what versions are made of."""
    machine_prefix: str
    """The ARN of a state machine, less its name: `arn:aws:states:us-east-1:123456789012:stateMachine:`."""


def run_of(message: StartMessage) -> str:
    """The id of the run that a message starts: the same cause, the same run."""
    return names.run_id(
        message.tenant, message.install, message.workflow, message.trigger, _cause_id(message), message.replay
    )


def start_run(message: StartMessage, starter: Starter) -> Run | None:
    """Start the run of a message, once.

    Returns:
        The run; None where the install is gone, is switched off, or the event came round too often (a loop).
    """
    install = _install(message, starter)
    if install is None or install.stopped or _hops(message) > limits.MAX_HOPS:
        return None
    version = starter.registry.version(install.app, install.version).version
    plan = version.workflows.get(message.workflow)
    if plan is None or version.stopped:
        return None
    machine = starter.machine_prefix + plan.machine
    run = _new_run(message, install, version, machine, starter)
    return launch(run, machine, starter)


def launch(run: Run, machine: str, starter: Starter, prepare: Callable[[], None] = lambda: None) -> Run:
    """Write a new run and start its execution, once.

    Args:
        run: the run, `starting`.
        machine: its state machine.
        starter: what starting works with.
        prepare: what has to be there before the execution begins; called again after a crash.
    """
    try:
        starter.runs.create(run)
    except Conflict:
        run = starter.runs.find(run.tenant, run.id).run
        if run.status is not RunStatus.STARTING:
            return run
    prepare()
    try:
        begin_execution(run, machine, starter)
    except TooLarge as error:
        what = error.what
        return change_run(starter.runs, run.tenant, run.id, lambda found: _refused(found, what))
    return change_run(starter.runs, run.tenant, run.id, _running)


def _refused(run: Run, what: str) -> Run:
    failed = Failed(error=GateError.TOO_LARGE.value, cause=what)
    return run.model_copy(update={"status": RunStatus.FAILED, "ended": moment(datetime.now(UTC)), "failed": failed})


def _running(run: Run) -> Run:
    return run.model_copy(update={"status": RunStatus.RUNNING}) if run.status is RunStatus.STARTING else run


def begin_execution(run: Run, machine: str, starter: Starter) -> None:
    """Start the execution that a run item names, with its recorded input; nothing where it is there."""
    bodies = Bodies(starter.bucket, run.tenant, run.id)
    name = run.execution.rsplit(":", 1)[-1]
    value = bodies.read(run.input)
    if run.input.size > limits.SPILL_BUDGET_BYTES:
        version = starter.registry.version(run.app, run.version).version
        value = payload.spill(value, limits.SPILL_BUDGET_BYTES, version.workflows[run.workflow].spill, bodies.spill)
    if payload.size(value) > limits.SFN_PAYLOAD_BYTES:
        raise TooLarge("the workflow reads more of its input than Step Functions takes", where=run.id)
    try:
        executions.start(machine, name, value)
    except Conflict:
        return


def _install(message: StartMessage, starter: Starter) -> Install | None:
    try:
        found = starter.registry.install(message.tenant, message.install).install
    except NotFound:
        return None
    return found if found.status is InstallStatus.ACTIVE else None


def _detail(message: StartMessage) -> dict[str, Any]:
    return message.event.get("detail", {}) if message.event else {}


def _cause_id(message: StartMessage) -> str:
    if message.kind == "event":
        return str(_detail(message).get("id") or (message.event or {}).get("id", ""))
    return message.id or message.at


def _hops(message: StartMessage) -> int:
    cause: dict[str, Any] = _detail(message).get("cause") or {}
    return int(cause.get("hops", -1)) + 1 if message.kind == "event" else message.hops


def _new_run(message: StartMessage, install: Install, version: Version, machine: str, starter: Starter) -> Run:
    run = run_of(message)
    name = str(names.ExecutionName(install.tenant, install.id, run))
    bodies = Bodies(starter.bucket, install.tenant, run)
    return Run(
        id=run,
        tenant=install.tenant,
        install=install.id,
        app=install.app,
        version=install.version,
        workflow=message.workflow,
        trigger=_trigger(message),
        status=RunStatus.STARTING,
        execution=machine.replace(":stateMachine:", ":execution:") + f":{name}",
        started=moment(datetime.now(UTC)),
        input=_input(message, bodies),
        trace=new_trace_id(),
        config=install.config,
        redact=_rules(version, install.tenant, starter),
        breakpoints=message.breakpoints,
        tags=message.tags,
        deadline_s=version.workflows[message.workflow].deadline_s,
    )


def _rules(version: Version, tenant: str, starter: Starter) -> tuple[str, ...]:
    """What is sensitive in this run: the app's rules and the tenant's, pinned like its config."""
    own = version.manifest.redact.fields if version.manifest else ()
    return tuple(dict.fromkeys((*own, *starter.registry.tenant(tenant).redact)))


def _input(message: StartMessage, bodies: Bodies) -> Body:
    if message.kind == "event":
        return bodies.keep(_detail(message))
    if message.kind == "schedule":
        return bodies.keep({"scheduled_at": message.at})
    return message.body or bodies.keep(message.input)


def _trigger(message: StartMessage) -> Trigger:
    cause: dict[str, Any] = _detail(message).get("cause") or {}
    ancestry: tuple[str, ...] = (*cause.get("ancestry", ()), cause["run"]) if cause else message.ancestry
    return Trigger.model_validate(
        {
            "kind": message.kind,
            "name": message.trigger,
            "id": _cause_id(message),
            "event": message.event,
            "hops": max(_hops(message), 0),
            "ancestry": ancestry,
            "actor": message.actor,
        }
    )
