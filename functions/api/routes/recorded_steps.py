"""Routes of recorded steps: the records of a run, and what debugging one of them elsewhere needs."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from functions.answers import JSON
from functions.api import contexts
from functions.api.parameters import Cursor, RunId, TenantId, Whole
from functions.api.routing import CurrentCaller, route
from interlock.contract.core.page import PageRequest
from interlock.contract.debug_step import BodyRef, BundleRef, DebugStep, Secrets, SecretsRequest
from interlock.contract.run import OutlinePage, StepPage
from interlock.contract.run_export import RunExport
from interlock.contract.state_flow import StateFlowPage
from interlock.control.inspection import export, outlines, recorded_step, state_flow
from interlock.control.runs import requests

RUN = "/v1/tenants/<tenant>/runs/<run>"
OUTLINES = {JSON: {"model": OutlinePage}}
Most = Annotated[int, Query(ge=0, le=requests.MAX_STEPS, description="The most records; 0 for as many as fit.")]
Newest = Annotated[bool, Query(description="Whether the last record comes first.")]
State = Annotated[str, Query(description="`STATE`, or `STATE[INDEX]` for an item of a Map.", examples=["Classify"])]
Attempt = Annotated[int | None, Query(ge=0, description="The attempt; without it the last one.")]
MostFlows = Annotated[int, Query(ge=0, le=requests.MAX_STEPS, description="The most states; 0 for as many as fit.")]
BodyKey = Annotated[str, Query(description="The `key` of a recorded body.")]


@route("GET", f"{RUN}/steps", "recorded_steps.list", action="readRuns", support="run")
def list_recorded_steps(
    tenant: TenantId,
    run: RunId,
    whole: Whole = False,
    newest: Newest = False,
    limit: Most = 0,
    cursor: Cursor = None,
) -> StepPage:
    """List the step records of a run, in the order in which their states were entered."""
    return requests.list_steps(contexts.starts(), tenant, run, PageRequest(limit, cursor, newest), whole=whole)


@route(
    "GET",
    f"{RUN}/outlines",
    "recorded_steps.list_outlines",
    action="readRuns",
    content=OUTLINES,
    support="run",
    settled=True,
)
def list_step_outlines(tenant: TenantId, run: RunId, cursor: Cursor = None) -> Response[str]:
    """List the outlines of the step records of a run: what tells visits apart, without bodies and effects."""
    page = outlines.list_outlines(contexts.runs(), tenant, run, cursor)
    return Response(status_code=200, content_type=JSON, body=page)


@route("GET", f"{RUN}/flow", "recorded_steps.list_flows", action="readRuns", support="run")
def list_state_flows(
    tenant: TenantId, run: RunId, state: State = "", limit: MostFlows = 0, cursor: Cursor = None
) -> StateFlowPage:
    """List what each state of a run did with its data: its input, each stage of its data flow, and its output.

    It is computed from the definition and the records, within bounds of time and memory, and covers states that have no
    records: Choice, Pass, Wait, Map, Parallel. What is sensitive is redacted. Without `state` the page has every entry
    into a state, in the order of time. A page may be short and not the last.
    """
    return state_flow.list_flows(
        contexts.recorded_steps(),
        contexts.settings().data_bucket,
        (tenant, run),
        state,
        PageRequest(limit, cursor),
    )


@route("GET", f"{RUN}/debug", "recorded_steps.get", action="readRecordedSteps", support="run")
def get_recorded_step(tenant: TenantId, run: RunId, state: State = "", attempt: Attempt = None) -> DebugStep:
    """Show a recorded attempt with everything that runs it again elsewhere."""
    return recorded_step.debug_step(contexts.recorded_steps(), tenant, run, state, attempt)


@route("GET", f"{RUN}/bundle", "recorded_steps.get_bundle", action="readRecordedSteps", support="run")
def get_bundle(tenant: TenantId, run: RunId) -> BundleRef:
    """Show the exact bundle of a run: its digest, its size, and a URL that is valid for five minutes."""
    return recorded_step.bundle_ref(contexts.recorded_steps(), tenant, run)


@route("GET", f"{RUN}/bodies", "recorded_steps.get_body", action="readRecordedSteps", support="run")
def get_body(tenant: TenantId, run: RunId, key: BodyKey) -> BodyRef:
    """Show where a recorded body is stored: its digest, and a URL that is valid for five minutes."""
    return recorded_step.body_ref(contexts.runs(), contexts.settings().data_bucket, tenant, run, key)


@route("POST", f"{RUN}/export", "recorded_steps.export", action="readRecordedSteps", support="run")
def create_export(tenant: TenantId, run: RunId) -> RunExport:
    """Write a run that is over to a file, redacted: its records, bodies, effects and states.

    The file is that of `interlock run export`; the URL is valid for five minutes. `interlock run import` opens it.
    """
    return export.write_export(contexts.exports(), tenant, run)


@route("POST", f"{RUN}/secrets", "recorded_steps.read_secrets", action="readSecrets")
def read_secrets(
    tenant: TenantId, run: RunId, request: Annotated[SecretsRequest, Body()], caller: CurrentCaller
) -> Secrets:
    """Read values of the install's secrets; for the tenant's own admins, and logged."""
    values = recorded_step.read_secrets(contexts.recorded_steps(), tenant, run, request.names, caller.principal)
    return Secrets(secrets=values)
