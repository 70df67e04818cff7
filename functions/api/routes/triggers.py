"""Routes of triggers that are stopped because they fed themselves."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.api import contexts
from functions.api.parameters import TenantId
from functions.api.routing import route
from interlock.contract.dead_letter import StoppedTrigger, StoppedTriggers, TriggerRef
from interlock.control.runs import loops


@route("GET", "/v1/tenants/<tenant>/triggers:stopped", "triggers.list_stopped", action="readEvents")
def list_stopped_triggers(tenant: TenantId) -> StoppedTriggers:
    """List the triggers that are stopped because they fed themselves."""
    return StoppedTriggers(triggers=tuple(loops.stopped_triggers(contexts.dead_letters(), tenant)))


@route("POST", "/v1/tenants/<tenant>/triggers:start", "triggers.start", action="redriveEvents")
def start_trigger(tenant: TenantId, trigger: Annotated[TriggerRef, Body()]) -> StoppedTrigger:
    """Let a stopped trigger start runs again."""
    return loops.start_trigger(contexts.dead_letters(), tenant, trigger.install, trigger.workflow, trigger.trigger)
