"""Routes of pauses: steps that a breakpoint stopped."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.api import contexts
from functions.api.parameters import PauseId, RunId, TenantId
from functions.api.routing import CurrentCaller, route
from interlock.contract.run import Decision, NewDecision, Pause, PauseList
from interlock.control.pauses import hands, pauses, resume

PAUSES = "/v1/tenants/<tenant>/runs/<run>/pauses"
EXAMPLES = [{"action": "go"}, {"action": "go", "edited": True, "input": {"table": "Customer"}}]


@route("GET", PAUSES, "pauses.list", action="readRuns", support="run")
def list_pauses(tenant: TenantId, run: RunId) -> PauseList:
    """List the pauses of a run."""
    contexts.runs().find(tenant, run)
    return PauseList(pauses=tuple(contexts.runs().pauses(tenant, run)))


@route("GET", f"{PAUSES}/<pause>", "pauses.get", action="readRuns", support="run")
def get_pause(tenant: TenantId, run: RunId, pause: PauseId) -> Pause:
    """Show one pause of a run."""
    return pauses.find_pause(contexts.runs(), tenant, run, pause)


@route("POST", f"{PAUSES}/<pause>/hand", "pauses.take", action="debugRuns")
def take_pause(tenant: TenantId, run: RunId, pause: PauseId, caller: CurrentCaller) -> Pause:
    """Take a pause to decide it: for an hour no copilot decides it, also none that was about to."""
    current = pauses.find_pause(contexts.runs(), tenant, run, pause)
    hand = hands.hand_of(caller.principal, agent=False, name=caller.name_in(f"tenant/{tenant}"))
    return hands.take_pause(contexts.runs(), current, hand)


@route("DELETE", f"{PAUSES}/<pause>/hand", "pauses.release", action="debugRuns")
def release_pause(tenant: TenantId, run: RunId, pause: PauseId) -> Pause:
    """Let copilots decide a pause again."""
    return hands.release_pause(contexts.runs(), pauses.find_pause(contexts.runs(), tenant, run, pause))


@route("POST", f"{PAUSES}/<pause>", "pauses.resume", action="debugRuns")
def resume_pause(
    tenant: TenantId,
    run: RunId,
    pause: PauseId,
    decision: Annotated[NewDecision, Body(examples=EXAMPLES)],
    caller: CurrentCaller,
) -> Pause:
    """Decide how a paused step goes on."""
    decided = Decision(**decision.model_dump(), by=caller.principal, name=caller.name_in(f"tenant/{tenant}"))
    return resume.decide_checked(contexts.pauses(), tenant, run, pause, decided)
