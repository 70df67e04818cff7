"""The tasks of `statemachines/onboard`."""

from functools import cache
from typing import Any

from functions.telemetry import observed
from interlock.aws.tables.registry import Registry
from interlock.contract.core.base import Json
from interlock.contract.core.settings import OnboardSettings
from interlock.control.tenants import onboard


@cache
def onboarder() -> onboard.OnboardContext:
    """What onboarding works with, once in a process."""
    settings = OnboardSettings.read()
    return onboard.OnboardContext(registry=Registry(settings.registry_table), settings=settings)


@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Json]:
    """One task of the machine."""
    tenant = str(event["tenant"])
    match event["task"]:
        case "deploy":
            return onboard.deploy(tenant, onboarder())
        case "look":
            return onboard.look(tenant, onboarder())
        case "activate":
            return onboard.activate(tenant, onboarder())
        case task:
            raise ValueError(f"no task {task}")
