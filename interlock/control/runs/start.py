"""The one way in: a message becomes a run, once (events, schedules, API calls, tools, all through one queue).

The run's id is made of what caused it, so a second delivery finds the run that the first one made. The item is written
before the execution starts: a crash between the two is repaired by the message's next delivery.
"""

from collections.abc import Callable
from dataclasses import dataclass

from interlock.aws.services import step_functions
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.caused_runs import CausedRuns
from interlock.aws.tables.dead_letters import DeadLetters, stop_key
from interlock.aws.tables.registry import Registry, install_item
from interlock.aws.tables.runs import Runs
from interlock.aws.tables.table import batch_get
from interlock.contract import payload
from interlock.contract.core import limits, names
from interlock.contract.core.base import Json, now
from interlock.contract.core.failure import Conflict, GateError, NotFound, TooLarge, Unavailable, Undeliverable
from interlock.contract.registry import Install, InstallStatus, Tenant, Version, VersionStatus
from interlock.contract.run import Body, Failed, Run, RunStatus
from interlock.contract.run_title import title_of, wants_input
from interlock.contract.start_message import StartMessage, run_of
from interlock.control.apps.kill_switches import app_stopped
from interlock.control.apps.signature import check_signature
from interlock.control.events.record_dead_letter import record_refused
from interlock.control.events.schedules import is_covered, take_time
from interlock.control.runs.loops import start_again, stop_trigger
from interlock.control.runs.notify import notify_end
from interlock.control.runs.ordering import enqueue_start, known_run, ordering_key
from interlock.control.runs.trace import new_trace_id
from interlock.control.usage.admission import release_run, reserve_run

FIRST_RETRY_SECONDS, MAX_RETRY_SECONDS = 5, 600


SWITCHED_OFF = "Turn the kill switch off, then: interlock event dead redrive"
OTHER_VERSION = "Install a version that has it, then: interlock event dead redrive"


@dataclass(frozen=True)
class StartContext:
    """What starting works with."""

    runs: Runs
    registry: Registry
    bucket: str
    artifacts: str
    """The bucket of what versions are made of."""
    machine_prefix: str
    """The ARN of a state machine, less its name: `arn:aws:states:us-east-1:123456789012:stateMachine:`."""
    alerts: str = ""
    """The queue of alerts; empty where there is none."""
    signing_key: str = ""
    """With which versions are certified (`control.apps.signature`)."""
    on_app: Callable[[str], None] = lambda _app: None
    """Gets the app of the run once it is known, for log lines."""


def retry_seconds(tried: int) -> int:
    """How long a start that failed waits for its next delivery, by how often it was delivered: 5 s to 10 min."""
    return int(min(FIRST_RETRY_SECONDS * 4 ** max(tried - 1, 0), MAX_RETRY_SECONDS))


def start_run(message: StartMessage, context: StartContext) -> Run | None:
    """Start the run of a message, once.

    Returns:
        The run; None where it is a dead letter now, because no delivery could start it, or waits for its turn.

    Raises:
        Unavailable: its install is still being made; a later delivery starts it.
    """
    return _begin(message, context)


def _begin(message: StartMessage, context: StartContext, *, in_turn: bool = False) -> Run | None:
    try:
        return _start(message, context, in_turn=in_turn)
    except Undeliverable as error:
        known = known_run(message, context.runs)
        if known is None and not is_covered(message, error.code, context.runs):
            refuse(message, error, context)
        # A duplicate of what ran before the install was switched off is no dead letter: its event has its run.
        return known


def refuse(message: StartMessage, error: Undeliverable, context: StartContext) -> None:
    """Keep a start that cannot become a run; for a loop its trigger is stopped, and the tenant told."""
    letter = record_refused(message, error, context.runs, context.registry, context.bucket)
    if error.code == "event.loop":
        stop_trigger(letter, DeadLetters(context.runs.table.name), context.alerts)


def _start(message: StartMessage, context: StartContext, *, in_turn: bool) -> Run | None:
    install = active_install(message, context)
    context.on_app(install.app)
    version = context.registry.version(install.app, install.version).item
    _require_signed(version, install, context)
    plan = version.workflows.get(message.workflow)
    if plan is None:
        raise Undeliverable(
            f"{install.app}@{install.version} has no workflow {message.workflow}",
            code="event.workflow-gone",
            next_step=OTHER_VERSION,
            where=install.id,
        )
    if version.stopped:
        raise Undeliverable(
            f"the version is switched off: {version.stopped}",
            code="event.version-stopped",
            where=install.version,
            next_step=SWITCHED_OFF,
        )
    stopped = app_stopped(context.registry, install.app)
    if stopped:
        raise Undeliverable(
            f"the app is switched off: {stopped}", code="event.app-stopped", where=install.app, next_step=SWITCHED_OFF
        )
    if not take_time(message, context.runs):
        return known_run(message, context.runs)
    key = ordering_key(message, version.manifest)
    if key and not in_turn:
        return enqueue_start(message, key, context.runs, context.bucket, lambda one: _begin(one, context, in_turn=True))
    machine = context.machine_prefix + plan.machine
    tenant = context.registry.tenant(install.tenant)
    run = _new_run(message, install, version, machine, context, tenant).model_copy(update={"ordering_key": key})
    # Whoever asked by the API was counted when they asked.
    reserve_run(context.runs, tenant, install, counted=message.kind in ("event", "schedule"))
    return launch(run, machine, context)


def _require_signed(version: Version, install: Install, context: StartContext) -> None:
    if install.tenant == names.SANDBOX and version.status is VersionStatus.TRIAL:
        # On trial it is not certified yet.
        return
    try:
        check_signature(version, context.signing_key)
    except Conflict as error:
        raise Undeliverable(
            error.what, code="event.version-tampered", where=error.where, next_step=error.next_step
        ) from error


def launch(run: Run, machine: str, context: StartContext, prepare: Callable[[], None] = lambda: None) -> Run:
    """Write a new run, whose place was taken (`reserve_run`), and start its execution, once.

    Args:
        run: the run, `starting`.
        machine: its state machine.
        context: what starting works with.
        prepare: what has to be there before the execution begins; called again after a crash.

    Raises:
        Undeliverable: there is no such state machine; no run is left of it.
    """
    try:
        context.runs.create(run)
    except Conflict:
        release_run(context.runs, run)
        run = context.runs.find(run.tenant, run.id).item
        # The delivery that wrote the run may have crashed before its link; twice is once.
        CausedRuns(context.runs.table).link(run)
        if run.status is not RunStatus.STARTING:
            return run
    else:
        CausedRuns(context.runs.table).link(run)
    prepare()
    try:
        begin_execution(run, machine, context)
    except TooLarge as error:
        what = error.what
        # Told before it is written: a crash between the two is repaired by the next delivery, which tells it again.
        notify_end(_refused(run, what), None, context.alerts)
        release_run(context.runs, run)
        return context.runs.change(run.tenant, run.id, lambda current: _refused(current, what))
    except NotFound as error:
        context.runs.withdraw(run.tenant, run.id)
        release_run(context.runs, run)
        raise Undeliverable(
            f"the state machine of {run.app}@{run.version} does not exist any more",
            code="event.machine-gone",
            where=run.workflow,
            next_step=OTHER_VERSION,
        ) from error
    return context.runs.change(run.tenant, run.id, _running)


def _refused(run: Run, what: str) -> Run:
    failed = Failed(error=GateError.TOO_LARGE.value, cause=what)
    return run.model_copy(update={"status": RunStatus.FAILED, "ended": now(), "failed": failed})


def _running(run: Run) -> Run:
    return run.model_copy(update={"status": RunStatus.RUNNING}) if run.status is RunStatus.STARTING else run


def begin_execution(run: Run, machine: str, context: StartContext) -> None:
    """Start the execution that a run item names, with its recorded input; nothing where it is there."""
    bodies = Bodies(context.bucket, run.tenant, run.id)
    name = run.execution.rsplit(":", 1)[-1]
    value = bodies.read(run.input)
    if run.input.size > limits.SPILL_BUDGET_BYTES:
        version = context.registry.version(run.app, run.version).item
        plan = version.workflows[run.workflow].spill
        value = payload.spill(value, limits.SPILL_BUDGET_BYTES, plan, bodies.spill, whole=plan.root)
    if payload.size(value) > limits.SFN_PAYLOAD_BYTES:
        raise TooLarge(
            "the workflow reads more of its input than fits Step Functions' limit",
            where=run.id,
            next_step="Keep less data, or a reference to it.",
        )
    try:
        step_functions.start(machine, name, value)
    except Conflict:
        return


def active_install(message: StartMessage, context: StartContext) -> Install:
    """The install of a start, which may start runs by this trigger.

    Raises:
        Undeliverable: it is gone or switched off, its trigger is stopped, or the event came round too often.
        Unavailable: it is still being made.
    """
    key = install_item(message.tenant, message.install)
    stop = stop_key(message.tenant, message.install, message.workflow, message.trigger)
    registry, runs = context.registry.table.name, context.runs.table.name
    rows = batch_get({registry: [key], runs: [stop]})
    row = rows.get((registry, key.pk, key.sk))
    install = row.read(Install) if row else None
    if install is not None and install.status is InstallStatus.INSTALLING:
        raise Unavailable("the install is not finished yet", where=install.id, next_step="interlock install list")
    if install is None or install.status is not InstallStatus.ACTIVE:
        raise Undeliverable(
            "the install was removed before its event was handled",
            gone=True,
            code="event.uninstalled",
            where=message.install,
            next_step="interlock install list",
        )
    if install.stopped:
        raise Undeliverable(
            f"the install is switched off: {install.stopped}",
            code="event.install-stopped",
            where=install.id,
            next_step=SWITCHED_OFF,
        )
    if (runs, stop.pk, stop.sk) in rows:
        raise Undeliverable(
            f"{message.trigger} of {message.workflow} is stopped, because its runs caused each other",
            code="event.trigger-stopped",
            where=install.id,
            next_step=start_again(message.install, message.workflow, message.trigger),
        )
    if message.length > limits.MAX_HOPS and not message.redriven:
        raise Undeliverable(
            f"{message.length} runs caused each other up to this event, so it is a loop",
            code="event.loop",
            where=install.id,
            next_step=start_again(message.install, message.workflow, message.trigger),
        )
    return install


def _new_run(
    message: StartMessage, install: Install, version: Version, machine: str, context: StartContext, tenant: Tenant
) -> Run:
    run = run_of(message)
    name = str(names.ExecutionName(install.tenant, install.id, run))
    bodies = Bodies(context.bucket, install.tenant, run)
    workflow = version.workflows[message.workflow]
    plain = Run(
        id=run,
        tenant=install.tenant,
        install=install.id,
        app=install.app,
        install_name=install.name,
        version=install.version,
        workflow=message.workflow,
        trigger=message.origin(),
        status=RunStatus.STARTING,
        execution=machine.replace(":stateMachine:", ":execution:") + f":{name}",
        started=now(),
        input=_input(message, bodies),
        trace=new_trace_id(),
        config=install.config,
        redact=_rules(version, tenant),
        breakpoints=message.breakpoints,
        tags=message.tags,
        deadline_s=workflow.deadline_s,
    )
    return plain.model_copy(update={"title": _title(workflow.title, plain, bodies)}) if workflow.title else plain


def _title(template: str, run: Run, bodies: Bodies) -> str:
    """What a run is called; its input is fetched only where the template names it."""
    values: dict[str, Json] = {"config": run.config, "trigger": run.trigger.model_dump(exclude={"event"})}
    if wants_input(template):
        values["input"] = bodies.read(run.input)
    return title_of(template, values, run.redact)


def _rules(version: Version, tenant: Tenant) -> tuple[str, ...]:
    """What is sensitive in this run: the app's rules and the tenant's, pinned like its config."""
    own = version.manifest.redact.fields if version.manifest else ()
    return tuple(dict.fromkeys((*own, *tenant.redact)))


def _input(message: StartMessage, bodies: Bodies) -> Body:
    if message.kind == "event":
        return bodies.keep(message.detail)
    if message.kind == "schedule":
        return bodies.keep({"scheduled_at": message.at})
    return message.body or bodies.keep(message.input)
