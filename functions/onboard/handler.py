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
            return onboard.deploy(tenant, contexts.onboard())
        case "look":
            return onboard.look(tenant, contexts.onboard())
        case "activate":
            return onboard.activate(tenant, contexts.onboard())
        case task:
            raise ValueError(f"no task {task}")
