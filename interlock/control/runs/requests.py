"""Runs as people ask for them: request one, list, show, its steps. Reads our store only, never Step Functions."""

from dataclasses import dataclass

from interlock.aws.services import queues
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.bounds.json_schema import mismatches
from interlock.contract.core import limits, names
from interlock.contract.core.base import Document
from interlock.contract.core.failure import BadRequest, Conflict, NotFound, Rejected
from interlock.contract.core.finding import Finding
from interlock.contract.core.page import PageRequest
from interlock.contract.registry import Install, InstallStatus
from interlock.contract.run import Run, StepPage, StepRecord
from interlock.contract.run_request import RunAccepted, RunRequest, ToolCall
from interlock.control.inspection.whole import exact_body, exact_record
from interlock.control.installs.choose import choose_install
from interlock.control.installs.tools import find_tool
from interlock.control.pauses.breakpoints import make
from interlock.control.pauses.known_states import check_state
from interlock.control.runs.start import StartMessage, run_of
from interlock.control.usage.admission import reserve_start

PAGE = 50
MAX_PAGE = 200
STEPS_BYTES = 4 * limits.MIB
"""A page of step records; a function answers 6 MB at most (limits.LAMBDA_PAYLOAD_BYTES)."""
MAX_STEPS = 1_000
RECORD_BYTES = 1_500
"""What a record weighs without its bodies, about."""


@dataclass(frozen=True)
class RunRequestContext:
    """What requests of runs work with."""

    runs: Runs
    registry: Registry
    queue: str
    """The queue of starts."""
    bucket: str
    """The bucket of bodies."""
    artifacts: str
    """The bucket of what versions are made of."""


class RunList(Document):
    """One page of runs, newest first."""

    runs: tuple[Run, ...]
    cursor: str | None = None


def request_run(context: RunRequestContext, tenant: str, request: RunRequest, actor: str) -> RunAccepted:
    """Put a start on the queue.

    Raises:
        NotFound: no such install or workflow.
        BadRequest: the app has several installs, and the request names none of them; or a breakpoint names no state of
            the workflow, or can never hold.
        Conflict: the install is not active, or is switched off.
        Throttled: too many runs of the install, or of the tenant, began within this minute.
    """
    install = find_install(context.registry, tenant, request)
    version = context.registry.version(install.app, install.version).item
    workflow = request.workflow or (next(iter(version.workflows)) if len(version.workflows) == 1 else "")
    if workflow not in version.workflows:
        known = ", ".join(sorted(version.workflows))
        raise NotFound(
            f"{install.app} has no workflow {workflow!r}",
            where=install.id,
            code="unknown-workflow",
            next_step=f"Choose one of: {known}",
        )
    for rule in request.breakpoints:
        check_state(rule.state, context.artifacts, version, workflow)
    rules = tuple(make(rule, actor) for rule in request.breakpoints)
    reserve_start(context.runs, context.registry.tenant(tenant), install)
    message = StartMessage(
        tenant=tenant,
        install=install.id,
        workflow=workflow,
        trigger="api",
        kind="api",
        input=request.input if request.input is not None else {},
        id=request.key or names.ulid(),
        actor=actor,
        breakpoints=rules,
        tags=request.tags,
    )
    return _send(context, message)


def call_tool(context: RunRequestContext, tenant: str, tool: str, call: ToolCall, actor: str) -> RunAccepted:
    """Start the workflow of a tool with validated arguments.

    Raises:
        NotFound: no installed app has such a tool.
        Conflict: its install is not active, or it is no longer what the tenant consented to.
        Rejected: the arguments break the tool's schema.
        Throttled: too many runs of the install, or of the tenant, began within this minute.
    """
    current = find_tool(context.registry, tenant, tool)
    findings = [
        Finding(
            code="tool.arguments",
            where=row.path or "arguments",
            what=row.sentence("the arguments"),
            fix="See the tool's input schema.",
        )
        for row in mismatches(current.schema, call.arguments)
    ]
    if findings:
        raise Rejected(f"the arguments do not match the input schema of {tool}", findings, where=tool)
    reserve_start(context.runs, context.registry.tenant(tenant), current.install)
    message = StartMessage(
        tenant=tenant,
        install=current.install.id,
        workflow=current.item.workflow,
        trigger=current.trigger.name,
        kind="tool",
        input=call.arguments,
        id=call.key or names.ulid(),
        actor=actor,
    )
    return _send(context, message)


def list_runs(runs: Runs, tenant: str, limit: int = PAGE, cursor: str | None = None) -> RunList:
    """One page of a tenant's runs, newest first."""
    if not 1 <= limit <= MAX_PAGE:
        raise BadRequest(f"the limit must be 1 to {MAX_PAGE}", where="limit", next_step=f"Send limit={MAX_PAGE}.")
    page = runs.page(tenant, limit=limit, cursor=cursor)
    return RunList(runs=tuple(row.read(Run) for row in page.rows), cursor=page.cursor)


def show_run(runs: Runs, bucket: str, tenant: str, run: str, *, whole: bool = False) -> Run:
    """A run; with `whole`, its input and output are fetched from wherever they lie."""
    current = runs.find(tenant, run).item
    if not whole:
        return current
    bodies = Bodies(bucket, tenant, run)
    output = exact_body(bodies, current.output) if current.output else None
    return current.model_copy(update={"input": exact_body(bodies, current.input), "output": output})


def list_steps(
    context: RunRequestContext, tenant: str, run: str, page: PageRequest = PageRequest(0), *, whole: bool = False
) -> StepPage:
    """A page of a run's step records, in the order in which their states were entered.

    Args:
        context: what requests of runs work with.
        tenant: the tenant.
        run: the run.
        page: which page; a limit of 0 is for as many as fit.
        whole: bodies and effects are fetched from wherever they lie; those of a record that alone is larger than
            STEPS_BYTES are left where they are.
    """
    limit = page.limit
    if page.cursor is None:
        context.runs.find(tenant, run)
    bodies = Bodies(context.bucket, tenant, run)
    records: list[StepRecord] = []
    room, last = STEPS_BYTES, ""
    pages = min(limit, MAX_STEPS) + 1 if limit else 0
    for key, record in context.runs.records_from(tenant, run, page.cursor, limit=pages, newest=page.newest):
        full = exact_record(bodies, record) if whole and _weight(record) < STEPS_BYTES else record
        room -= len(full.model_dump_json()) if whole else _weight(record)
        if records and (room < 0 or len(records) == (limit or MAX_STEPS)):
            return StepPage(steps=tuple(records), cursor=last)
        records.append(full)
        last = key.sk
    return StepPage(steps=tuple(records))


def _weight(record: StepRecord) -> int:
    """About how many bytes a record has with its bodies."""
    return RECORD_BYTES + record.input.size + (record.output.size if record.output else 0)


def find_install(registry: Registry, tenant: str, request: RunRequest) -> Install:
    """The install that a request means.

    Raises:
        NotFound: the tenant has no such install.
        BadRequest: the app has several, and the request names none of them.
        Conflict: it is not active, or is switched off.
    """
    install = choose_install(registry, tenant, request.app, request.install)
    if install.status is not InstallStatus.ACTIVE or install.stopped:
        raise Conflict(
            f"the install is {install.stopped or install.status.value}",
            where=install.id,
            code="install-inactive",
            next_step=f"interlock install show {install.id}",
        )
    return install


def _send(context: RunRequestContext, message: StartMessage) -> RunAccepted:
    body = Bodies(context.bucket, message.tenant, run_of(message)).keep(message.input)
    if body.key:
        message = message.model_copy(update={"input": None, "body": body})
    queues.send(context.queue, message.model_dump_json(), message.tenant)
    return RunAccepted(run=run_of(message), tenant=message.tenant, install=message.install, workflow=message.workflow)
