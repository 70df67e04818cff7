"""The tasks of `statemachines/onboard`."""

from typing import Any

from functions import contexts
from functions.telemetry import observed
from functions.tracing import traced
from interlock.contract.core.base import Json
from interlock.control.tenants import onboard


@traced
@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Json]:
    """One task of the machine."""
    tenant = str(event["tenant"])
    match event["task"]:
        case "deploy":
            return onboard.deploy(tenant, str(event["began"]), contexts.onboard())
        case "look":
            return onboard.look(tenant, str(event["began"]))
        case "activate":
            return onboard.activate(tenant, contexts.onboard())
        case "give_up":
            return onboard.give_up(tenant, contexts.onboard())
        case task:
            raise ValueError(f"no task {task}")
