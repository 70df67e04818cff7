"""Routes of runs and of tools, which start them."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from functions.api import contexts
from functions.api.parameters import (
    DEFAULT_LIMIT,
    EMPTY_IS_ABSENT,
    Cursor,
    ForkJobId,
    Limit,
    RunId,
    Since,
    TenantId,
    ToolName,
    Until,
    Whole,
)
from functions.api.routing import CurrentCaller, route
from interlock.contract.copilot.tool import CallableToolPage
from interlock.contract.core.page import PageRequest
from interlock.contract.definition import WorkflowDefinition
from interlock.contract.diff import RunDiff
from interlock.contract.explain import ExplanationView, FailureGroups
from interlock.contract.fork import ForkAccepted, ForkRequest
from interlock.contract.fork_job import ForkJob, ForkJobPage, ForkJobRequest
from interlock.contract.history import HistoryRef
from interlock.contract.run import Run, RunStatus
from interlock.contract.run_graph import RunGraph
from interlock.contract.run_request import RunAccepted, RunRequest, StopRequest, ToolCall
from interlock.contract.run_summary import RunSummary
from interlock.contract.search import RunPage
from interlock.contract.trace import RunTrace
from interlock.control.access.authorize import require
from interlock.control.inspection import definition, diff, explain, graph, history, search, summary
from interlock.control.installs import tools
from interlock.control.runs import bulk_fork, fork, requests, stop, trace

RUNS = "/v1/tenants/<tenant>/runs"
RUN = f"{RUNS}/<run>"
FORK_JOBS = "/v1/tenants/<tenant>/fork-jobs"
FORK_JOB_EXAMPLE = {"filter": {"app": "acme/pii-tagger", "since": "2h"}, "count_only": True}
EXAMPLE = {"app": "acme/pii-tagger", "workflow": "tag", "input": {"table": "Customer"}, "key": "tag-customer-1"}
AppId = Annotated[str, Query(description="Only runs of this app.", examples=["acme/pii-tagger"])]
InstallOfRun = Annotated[str, Query(description="Only runs of the install with this name or id.")]
Version = Annotated[str, Query(description="Only runs of this version.", examples=["1.4.0"])]
Workflow = Annotated[str, Query(description="Only runs of this workflow.", examples=["tag"])]
Status = Annotated[RunStatus | None, EMPTY_IS_ABSENT, Query(description="Only runs with this status.")]
EndedBadly = Annotated[bool, Query(description="Only runs that did not end well: they failed or were aborted.")]
Forks = Annotated[bool | None, EMPTY_IS_ABSENT, Query(description="`false`: no forks; `true`: only forks.")]
Dry = Annotated[bool | None, EMPTY_IS_ABSENT, Query(description="`false`: no dry runs; `true`: only dry runs.")]
CausedBy = Annotated[str, Query(description="Only runs that an event of this run started.")]
EventOfRun = Annotated[str, Query(description="Only runs that the event with this id started.")]
State = Annotated[str, Query(description="Only runs that failed or are paused in this state.", examples=["Classify"])]
Error = Annotated[
    str, Query(description="Only runs that failed with this error, or with one that ends so.", examples=["Timeout"])
]
Fingerprint = Annotated[str, Query(description="Only runs that failed in this way.")]
Tag = Annotated[str, Query(description="Only runs with this tag.", examples=["nightly"])]
RunQuery = Annotated[
    str,
    Query(
        description="Words `NAME:VALUE`: the filters of the list, and `input.PATH:VALUE`.",
        examples=["status:failed app:acme/pii-tagger since:7d"],
    ),
]
GroupBy = Annotated[
    str,
    Query(
        description="Up to three fields with commas: app, install, version, workflow, status, state, error, trigger, "
        "tag, title, day, hour, or input.PATH.",
        examples=["day,status"],
    ),
]
Zone = Annotated[str, Query(description="The IANA time zone of days and hours.", examples=["Europe/Berlin"])]
Longer = Annotated[str, Query(description="Only runs that took longer, in seconds or with a unit.", examples=["90s"])]
Shorter = Annotated[str, Query(description="Only runs that took less time.", examples=["5m"])]
OtherRun = Annotated[str, Query(min_length=1, description="The run that is compared with it.")]
WholeDiff = Annotated[bool, Query(description="Whether version, config and input of the runs are compared too.")]
RunLimit = Annotated[int, Query(ge=1, le=search.MAX_PAGE, description="The most rows of a page.", examples=[50])]
Input = Annotated[
    str,
    Query(alias="input", description="`FIELD=VALUE`: only runs with this value in their input.", examples=["id=42"]),
]


@route("GET", RUNS, "runs.list", action="readRuns", support="app")
def list_runs(
    tenant: TenantId,
    app: AppId = "",
    install: InstallOfRun = "",
    version: Version = "",
    workflow: Workflow = "",
    status: Status = None,
    ended_badly: EndedBadly = False,
    forks: Forks = None,
    dry: Dry = None,
    caused_by: CausedBy = "",
    event: EventOfRun = "",
    state: State = "",
    error: Error = "",
    fingerprint: Fingerprint = "",
    tag: Tag = "",
    since: Since = "",
    until: Until = "",
    longer: Longer = "",
    shorter: Shorter = "",
    field: Input = "",
    limit: RunLimit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> RunPage:
    """List the runs that pass the filters, newest first. A page may be short and not the last."""
    wanted = search.read_filter(
        {
            "app": app,
            "install": install,
            "version": version,
            "workflow": workflow,
            "status": status or "",
            "ended_badly": _text(ended_badly),
            "forks": _text(forks),
            "dry": _text(dry),
            "caused_by": caused_by,
            "event": event,
            "state": state,
            "error": error,
            "fingerprint": fingerprint,
            "tag": tag,
            "since": since,
            "until": until,
            "longer": longer,
            "shorter": shorter,
            "input": field,
        }
    )
    bucket, part = contexts.settings().data_bucket, PageRequest(limit, cursor)
    page = search.search_runs(contexts.runs(), bucket, tenant, wanted, part)
    if not page.runs:
        search.require_install(contexts.registry(), tenant, install)
    return page


@route("GET", f"{RUNS}:summary", "runs.summarize", action="readRuns")
def summarize_runs(tenant: TenantId, query: RunQuery = "", by: GroupBy = "status", zone: Zone = "UTC") -> RunSummary:
    """Count the runs that a query means, in groups, with how long they took: the newest 5,000 are looked at."""
    wanted = summary.read_query(query)
    grouping = summary.Grouping(tuple(name for name in by.split(",") if name), zone)
    counts = summary.summarize_runs(contexts.runs(), contexts.settings().data_bucket, tenant, wanted, grouping)
    if not counts.groups:
        search.require_install(contexts.registry(), tenant, wanted.install)
    return counts


def _text(value: bool | None) -> str:
    return "" if value is None else str(value).lower()


@route("POST", RUNS, "runs.start", action="startRuns", status=202)
def start_run(
    tenant: TenantId,
    caller: CurrentCaller,
    request: Annotated[RunRequest, Body(examples=[EXAMPLE])],
) -> RunAccepted:
    """Start a run of an installed app. Breakpoints on it need the permission to debug runs."""
    if request.breakpoints:
        require(caller, "debugRuns", f"tenant/{tenant}")
    return requests.request_run(contexts.starts(), contexts.registry().tenant(tenant).id, request, caller.principal)


@route("GET", RUN, "runs.get", action="readRuns", support="run")
def get_run(tenant: TenantId, run: RunId, whole: Whole = False) -> Run:
    """Show one run."""
    return requests.show_run(contexts.runs(), contexts.settings().data_bucket, tenant, run, whole=whole)


@route("POST", f"{RUN}/stop", "runs.stop", action="debugRuns", status=202)
def stop_run(
    tenant: TenantId,
    run: RunId,
    caller: CurrentCaller,
    request: Annotated[StopRequest, Body()],
) -> Run:
    """Stop a run in flight. It is aborted a moment later."""
    return stop.stop_run(contexts.runs(), tenant, run, request, caller.principal)


@route("POST", f"{RUN}/forks", "runs.fork", action="debugRuns", status=202)
def fork_run(
    tenant: TenantId,
    run: RunId,
    caller: CurrentCaller,
    request: Annotated[ForkRequest, Body()],
) -> ForkAccepted:
    """Fork a run that is over: a new run that reuses its recorded steps up to the fork point."""
    return fork.request_fork(contexts.forks(), tenant, run, request, caller.principal)


@route("GET", f"{RUN}/forks", "runs.list_forks", action="readRuns", support="run")
def list_forks(tenant: TenantId, run: RunId, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> RunPage:
    """List the forks of a run, newest first."""
    return fork.list_forks(contexts.runs(), tenant, run, PageRequest(limit, cursor))


@route("POST", FORK_JOBS, "fork_jobs.create", action="debugRuns", status=202)
def create_fork_job(
    tenant: TenantId,
    caller: CurrentCaller,
    request: Annotated[ForkJobRequest, Body(examples=[FORK_JOB_EXAMPLE])],
) -> ForkJob:
    """Begin to fork the failed runs that match a filter, or count them without forking one.

    A run that has a fork that succeeded, or that is not over, is skipped. The same request with the same key answers
    the job that has begun already.
    """
    return bulk_fork.request_bulk_fork(contexts.forks(), tenant, request, caller.principal)


@route("GET", FORK_JOBS, "fork_jobs.list", action="debugRuns")
def list_fork_jobs(tenant: TenantId, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> ForkJobPage:
    """List the fork jobs of a tenant with their counts, newest first. A page may be short and not the last."""
    return bulk_fork.list_fork_jobs(contexts.forks(), tenant, PageRequest(limit, cursor))


@route("GET", f"{FORK_JOBS}/<job>", "fork_jobs.get", action="debugRuns")
def get_fork_job(tenant: TenantId, job: ForkJobId) -> ForkJob:
    """Show a fork job and its progress."""
    return bulk_fork.show_fork_job(contexts.forks(), tenant, job)


@route("POST", f"{FORK_JOBS}/<job>/stop", "fork_jobs.stop", action="debugRuns")
def stop_fork_job(tenant: TenantId, job: ForkJobId, caller: CurrentCaller) -> ForkJob:
    """Stop a fork job. It forks no further run; the forks that it requested go on."""
    return bulk_fork.stop_fork_job(contexts.forks(), tenant, job, caller.principal)


@route("GET", f"{RUN}/explain", "runs.explain", action="readRuns", support="run")
def explain_run(tenant: TenantId, run: RunId) -> ExplanationView:
    """Explain why a run failed.

    The answer has the first cause, what it read, and what differs from the last run that succeeded; also as text.
    """
    return explain.read_explanation(contexts.explanations(), tenant, run)


@route("GET", f"{RUN}/diff", "runs.diff", action="readRuns")
def diff_run(tenant: TenantId, run: RunId, other: OtherRun, whole: WholeDiff = True) -> RunDiff:
    """Show how another run of the tenant differs from a run: path, inputs, outputs, effects and errors.

    What is sensitive is redacted. Of visits past the first 200 that differ, the digests are compared.
    """
    return diff.show_diff(contexts.diffs(), tenant, run, other, whole=whole)


@route("GET", f"{RUN}/trace", "runs.get_trace", action="readRuns", support="run", settled=True)
def get_trace(tenant: TenantId, run: RunId) -> RunTrace:
    """Show the X-Ray trace of a run as a waterfall."""
    return trace.run_trace(contexts.runs(), tenant, run, contexts.settings().console)


@route("GET", f"{RUN}/graph", "runs.get_graph", action="readRuns", support="run", settled=True)
def get_graph(tenant: TenantId, run: RunId) -> RunGraph:
    """Show the workflow of a run as a graph, with what the run did in each state.

    Items of a Map and rounds of a loop are counted, not listed: the answer is as large as the workflow. It has no
    bodies; the recorded steps have them.
    """
    return graph.show_graph(contexts.recorded_steps(), contexts.settings().data_bucket, tenant, run)


@route("GET", f"{RUN}/definition", "runs.get_definition", action="readRuns", support="run", settled=True)
def get_definition(tenant: TenantId, run: RunId) -> WorkflowDefinition:
    """Show the definition of a run's workflow, as its app has it."""
    return definition.workflow_of_run(contexts.recorded_steps(), tenant, run)


@route("GET", f"{RUN}/history", "runs.get_history", action="readRuns", support="run")
def get_history(tenant: TenantId, run: RunId) -> HistoryRef:
    """Show where the full history of a run is stored. It is fetched from Step Functions when nobody did so before."""
    return history.run_history(contexts.runs(), contexts.settings().data_bucket, tenant, run)


@route("GET", "/v1/tenants/<tenant>/failures", "runs.list_failures", action="readRuns")
def list_failures(tenant: TenantId, limit: RunLimit = DEFAULT_LIMIT, cursor: Cursor = None) -> FailureGroups:
    """List the failures of a tenant, grouped by fingerprint; the group that failed last comes first."""
    return search.list_failures(contexts.runs(), tenant, limit, cursor)


@route("GET", "/v1/tenants/<tenant>/tools", "tools.list", action="readInstalls")
def list_tools(tenant: TenantId, cursor: Cursor = None) -> CallableToolPage:
    """List the tools of a tenant's installed apps that can be called. A page may be short and not the last."""
    return tools.callable_tools(contexts.registry(), tenant, cursor)


@route("POST", "/v1/tenants/<tenant>/tools/<tool>", "tools.call", action="startRuns", status=202)
def call_tool(
    tenant: TenantId, tool: ToolName, caller: CurrentCaller, call: Annotated[ToolCall, Body()]
) -> RunAccepted:
    """Call a tool of an installed app: start its workflow with these arguments."""
    return requests.call_tool(contexts.starts(), tenant, tool, call, caller.principal)
