"""Forks: a new run that reuses what its parent recorded, and runs from one visit on (docs/adr/0011).

  request_fork   reads the parent, gives each recorded visit its role, and refuses or asks what would be unfaithful
  start_fork     on the queue of starts: writes the run and its entries, then starts the execution
Both work the plan out of the same records, so that the message stays small. Downside: they are read twice.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from interlock.aws.services import artifacts, queues
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.forks import Forks
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.core import limits, names
from interlock.contract.core.base import Json, now, parse_moment
from interlock.contract.core.failure import BadRequest, Conflict, NotFound, Rejected, Undeliverable
from interlock.contract.core.finding import Finding
from interlock.contract.core.page import PageRequest
from interlock.contract.fork import CheckRequest, ForkAccepted, ForkLink, ForkOrder, ForkRequest, Role
from interlock.contract.registry import Version
from interlock.contract.run import Breakpoint, Fork, Run, RunStatus, Usage
from interlock.contract.search import RunPage
from interlock.control.pauses.resume import refuse_misfit
from interlock.control.runs.start import StartContext, StartMessage, launch, run_of
from interlock.control.runs.trace import new_trace_id
from interlock.control.usage.admission import reserve_run
from interlock.debugger.flow import Flow
from interlock.debugger.fork import ForkPlan, plan_fork
from interlock.debugger.patch import merge_patch
from interlock.debugger.visits import Visit, visits

NEVER_ACCEPTED = frozenset({"fork.payload-gone", "fork.permissions", "fork.dry-parent"})
LOOKUPS = 8
FORK_SUFFIX = "f"
"""Waits pass at once in an execution whose name ends so (compiler.gate.FORK_TEST)."""
WAITING_SUFFIX = "w"


@dataclass(frozen=True)
class ForkContext:
    """What forking works with."""

    runs: Runs
    registry: Registry
    bucket: str
    artifacts: str
    """The bucket of what versions are made of."""
    queue: str
    gate: str
    """The gate's function: it asks the step's own code whether an edited input fits."""


@dataclass(frozen=True)
class _Prepared:
    parent: Run
    recorded: list[Visit]
    version: Version
    plan: ForkPlan


def request_fork(context: ForkContext, tenant: str, run: str, request: ForkRequest, by: str) -> ForkAccepted:
    """Ask for a fork.

    Raises:
        NotFound: no such run, state or version; or the run is past its retention.
        Conflict: the run is not over.
        BadRequest: the fork point is ambiguous, or the words contradict each other.
        Rejected: what would make the fork unfaithful and was not accepted, or an edit that breaks the step's type.
    """
    refuse_words(request)
    parent = context.runs.find(tenant, run).item
    _refuse_parent(parent)
    prepared = _prepare(context.runs, context.registry, context.artifacts, parent, request)
    _refuse_findings(context, prepared, request)
    message = _message(parent, request.key or names.ulid(), by)
    fork = _fork_of(parent, prepared.plan, request).model_copy(
        update={"revised": prepared.version.version != parent.version}
    )
    if request.patch is not None:
        value = _edited_input(context, prepared, request.patch)
        body = Bodies(context.bucket, tenant, run_of(message)).keep(value)
        fork = fork.model_copy(update={"edited": True, "input": body})
    order = ForkOrder(fork=fork, request=request.model_copy(update={"patch": None}), version=prepared.version.version)
    queues.send(context.queue, message.model_copy(update={"fork": order}).model_dump_json(), message.tenant)
    # After the message, so that a link says that it was sent.
    Forks(context.runs.table).link(tenant, parent.id, ForkLink(run=run_of(message), dry=request.dry, at=now()))
    return ForkAccepted(
        run=run_of(message),
        parent=parent.id,
        at=fork.at,
        version=prepared.version.version,
        dry=request.dry,
        reuses=sum(entry.role in (Role.SERVE, Role.EITHER) for entry in prepared.plan.entries),
    )


def fork_id(parent: Run, key: str) -> str:
    """The id of the fork of a run that is requested with this key."""
    return run_of(_message(parent, key))


def _message(parent: Run, key: str, by: str = "") -> StartMessage:
    return StartMessage(
        tenant=parent.tenant,
        install=parent.install,
        workflow=parent.workflow,
        trigger=f"fork:{parent.id}",
        kind="fork",
        id=key,
        actor=by,
    )


def start_fork(message: StartMessage, context: StartContext) -> Run:
    """Start the fork of a message, once.

    Raises:
        Undeliverable: its install or its version is switched off.
    """
    order = message.fork
    if order is None:
        raise Undeliverable(
            "the message of the fork does not hold its request",
            code="event.unreadable",
            where=message.install,
            next_step="Fork the run again: interlock run fork",
        )
    parent = context.runs.find(message.tenant, order.fork.parent).item
    install = context.registry.install(message.tenant, message.install).item
    prepared = _prepare(context.runs, context.registry, context.artifacts, parent, order.request, order.version)
    if install.stopped or prepared.version.stopped:
        why = install.stopped or prepared.version.stopped
        raise Undeliverable(
            f"the install or its version is switched off: {why}",
            code="event.install-stopped",
            next_step="interlock install list",
        )
    plan = prepared.version.workflows[parent.workflow]
    machine = context.machine_prefix + plan.machine
    run = _new_run(message, order, parent, machine).model_copy(update={"deadline_s": plan.deadline_s})

    def prepare() -> None:
        forks = Forks(context.runs.table)
        forks.write(run.tenant, run.id, prepared.plan.entries)
        # Again, because the request may have crashed between its message and its link.
        forks.link(run.tenant, parent.id, ForkLink(run=run.id, dry=run.dry, at=run.started))

    reserve_run(context.runs, context.registry.tenant(install.tenant), install, counted=False)
    return launch(run, machine, context, prepare)


def list_forks(runs: Runs, tenant: str, run: str, page: PageRequest) -> RunPage:
    """A page of the forks of a run, newest first, as they are now.

    Raises:
        NotFound: the tenant has no such run.
    """
    runs.find(tenant, run)
    links = [link.run for link in Forks(runs.table).links(tenant, run)]
    if page.cursor is not None and page.cursor not in links:
        raise BadRequest("the cursor belongs to another list", where="cursor", next_step="Begin without a cursor.")
    begin = links.index(page.cursor) + 1 if page.cursor is not None else 0
    here = links[begin : begin + page.limit]
    more = begin + page.limit < len(links)
    return RunPage(runs=runs.find_all(tenant, here), cursor=here[-1] if more else None, read=len(here))


def refuse_words(request: ForkRequest) -> None:
    """Refuse a request whose fields contradict each other."""
    if request.whole and not request.dry:
        raise BadRequest("a fork of the whole run must be dry", where="whole", next_step="Add --dry, or --at.")
    if request.whole and (request.at or request.patch is not None):
        raise BadRequest("a whole fork has no fork point", where="at", next_step="Leave --at and --input-patch out.")


def _refuse_parent(parent: Run) -> None:
    if not parent.status.over:
        raise Conflict(
            f"the run is {parent.status.value}",
            where=parent.id,
            code="run-not-over",
            next_step=f"Wait for its end: interlock run watch {parent.id}",
        )
    ended = parse_moment(parent.ended or parent.started)
    if datetime.now(UTC) - ended > timedelta(days=limits.RECORD_DAYS):
        raise _expired(parent)


def _expired(parent: Run) -> NotFound:
    return NotFound(
        f"the records of {parent.id} were deleted after {limits.RECORD_DAYS} days",
        where=parent.id,
        code="run-expired",
        next_step="Start the workflow again: interlock run start",
    )


def _prepare(
    runs: Runs, registry: Registry, bucket: str, parent: Run, request: ForkRequest, version: str = ""
) -> _Prepared:
    recorded = visits(parent, ((key.sk, record) for key, record in runs.records(parent.tenant, parent.id)))
    if not recorded and parent.usage.steps:
        raise _expired(parent)
    was = registry.version(parent.app, parent.version).item
    wanted = version or request.version or parent.version
    now = was if wanted == parent.version else registry.version(parent.app, wanted).item
    if parent.workflow not in now.workflows:
        raise NotFound(
            f"{now.app}@{now.version} has no workflow {parent.workflow}",
            where=now.version,
            code="unknown-workflow",
            next_step=f"Its workflows: {', '.join(sorted(now.workflows)) or 'none, because it is ' + now.status.value}",
        )
    before = _flow(bucket, was, parent.workflow)
    after = before if now is was else _flow(bucket, now, parent.workflow)
    idempotent = frozenset(name for name, step in now.steps.items() if step.idempotent)
    return _Prepared(parent, recorded, now, plan_fork(parent, recorded, request, before, after, idempotent))


def _flow(bucket: str, version: Version, workflow: str) -> Flow:
    prefix = names.artifact_prefix(version.app, version.version, version.digest)
    return Flow(artifacts.read_json(bucket, f"{prefix}workflows/{workflow}.asl.json"))


def _refuse_findings(context: ForkContext, prepared: _Prepared, request: ForkRequest) -> None:
    install = context.registry.install(prepared.parent.tenant, prepared.parent.install).item
    findings = [
        *prepared.plan.findings,
        *_gone(context, prepared),
        *_about_dry(prepared.parent, install.granted, request),
    ]
    manifest = prepared.version.manifest
    missing = sorted(set(manifest.permissions.scopes() if manifest else ()) - set(install.granted))
    # A dry run performs nothing: it shows what a version would do before the tenant consents to it.
    if missing and not request.dry:
        findings.append(
            Finding(
                code="fork.permissions",
                where=prepared.version.version,
                what=f"the version needs permissions that the install was not granted: {', '.join(missing)}",
                fix="Install that version first: interlock install add",
            )
        )
    left = [row for row in findings if row.code in NEVER_ACCEPTED or row.code not in request.accept]
    if left:
        raise Rejected(
            "the fork would differ from its run",
            left,
            where=prepared.parent.id,
            code="fork-unfaithful",
            next_step="Accept a finding if its effect is harmless: --accept CODE",
        )


def _gone(context: ForkContext, prepared: _Prepared) -> Iterable[Finding]:
    """A finding for each payload in S3 that a served record needs and that is gone."""
    needed = {entry.record for entry in prepared.plan.entries if entry.role is not Role.RUN}
    rows = [visit for visit in prepared.recorded if visit.key in needed]
    bodies = Bodies(context.bucket, prepared.parent.tenant, prepared.parent.id)
    keys = {
        body.key: visit.record.state
        for visit in rows
        for body in (visit.record.input, visit.record.output)
        if body is not None and body.key
    }
    with ThreadPoolExecutor(LOOKUPS) as pool:
        there = list(pool.map(bodies.has, keys))
    for (key, state), found_there in zip(keys.items(), there, strict=True):
        if not found_there:
            yield Finding(
                code="fork.payload-gone",
                where=state,
                what=f"a recorded payload was deleted: {key.rsplit('/', 1)[-1]}",
                fix="Fork at an earlier state, or start the workflow again.",
            )


def _about_dry(parent: Run, granted: Iterable[str], request: ForkRequest) -> Iterable[Finding]:
    if parent.fork is not None and parent.fork.dry and not request.dry:
        yield Finding(
            code="fork.dry-parent",
            where=parent.id,
            what="the parent was a dry run: its steps did not have their effects",
            fix="Add --dry, or fork the parent of that run.",
        )
    hosts = sorted(word.removeprefix("egress:") for word in granted if word.startswith("egress:"))
    if request.dry and hosts:
        yield Finding(
            code="fork.egress",
            where=parent.app,
            what=f"a step that does not use ctx.http could reach {', '.join(hosts)}",
            fix="Accept it (--accept fork.egress) if all steps use ctx.http.",
        )


def _edited_input(context: ForkContext, prepared: _Prepared, patch: Json) -> Json:
    point, parent = prepared.plan.point, prepared.parent
    if point is None:
        raise BadRequest(
            "the fork point has no recorded input to edit",
            where="patch",
            next_step="Fork at a state that a step ran in, or start the workflow with another input.",
        )
    bodies = Bodies(context.bucket, parent.tenant, parent.id)
    value = merge_patch(bodies.put_back(bodies.read(point.record.input)), patch)
    check = CheckRequest(
        check="input",
        tenant=parent.tenant,
        app=parent.app,
        version=prepared.version.version,
        step=point.record.step,
        value=value,
    )
    refuse_misfit(context.gate, parent.id, check)
    return value


def _fork_of(parent: Run, plan: ForkPlan, request: ForkRequest) -> Fork:
    point = plan.point.record if plan.point else None
    return Fork(
        parent=parent.id,
        root=parent.fork.root if parent.fork else parent.id,
        depth=parent.fork.depth + 1 if parent.fork else 1,
        at=str(plan.at) if plan.at else "",
        point_state=plan.at.state if plan.at else "",
        point_index=point.index if point else None,
        upstream=plan.upstream,
        dry=request.dry,
        differing="run" if request.whole else request.differing,
    )


def _new_run(message: StartMessage, order: ForkOrder, parent: Run, machine: str) -> Run:
    run = run_of(message)
    suffix = WAITING_SUFFIX if order.request.waits else FORK_SUFFIX
    name = names.ExecutionName(parent.tenant, parent.install, run, suffix)
    at = now()
    rules = tuple(
        Breakpoint(id=names.ulid(), state=state, armed_by=message.actor, armed_at=at)
        for state in order.request.breakpoints
    )
    return Run(
        id=run,
        tenant=parent.tenant,
        install=parent.install,
        app=parent.app,
        install_name=parent.install_name,
        version=order.version,
        workflow=parent.workflow,
        trigger=parent.trigger.model_copy(update={"actor": message.actor}),
        status=RunStatus.STARTING,
        execution=machine.replace(":stateMachine:", ":execution:") + f":{name}",
        title=parent.title,
        started=at,
        input=parent.input,
        usage=Usage(),
        trace=new_trace_id(),
        config=parent.config,
        breakpoints=rules,
        fork=order.fork,
        tags=order.request.tags or parent.tags,
    )
