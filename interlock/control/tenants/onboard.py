"""Onboarding a tenant: a registry item, then its stack. Each task of `statemachines/onboard` is one function here."""

from dataclasses import dataclass

from interlock.aws.services import stacks, step_functions
from interlock.aws.tables.registry import Registry
from interlock.compiler.tenant_template import tenant_template
from interlock.contract.core import names
from interlock.contract.core.base import Json, now
from interlock.contract.core.failure import Conflict
from interlock.contract.core.settings import OnboardSettings
from interlock.contract.registry import Tenant

ONBOARDING, ACTIVE = "onboarding", "active"


@dataclass(frozen=True)
class OnboardContext:
    """What onboarding works with."""

    registry: Registry
    settings: OnboardSettings


def begin_onboarding(registry: Registry, machine: str, tenant: str, title: str) -> Tenant:
    """Register the platform's own tenant and begin to onboard it; the one that is there where it is not active yet.

    Raises:
        Conflict: it exists.
    """
    fresh = Tenant(id=tenant, title=title, created=now(), status=ONBOARDING)
    try:
        registry.create_tenant(fresh)
    except Conflict as error:
        current = registry.tenant(tenant)
        if current.status == ACTIVE:
            raise Conflict(
                f"tenant {tenant} exists already", code="tenant-exists", where=tenant, next_step="Choose another name."
            ) from error
        fresh = current
    try:
        step_functions.start(machine, f"{tenant}-{names.ulid()}", {"tenant": tenant})
    except Conflict:
        return fresh
    return fresh


def deploy(tenant: str, context: OnboardContext) -> dict[str, Json]:
    """Begin the tenant's stack."""
    settings = context.settings
    parameters = {
        "Tenant": tenant,
        "GateRole": settings.gate_role,
        "StreamFunction": settings.stream_function,
        "EventLogQueue": settings.event_log_queue,
        "DataBucket": settings.data_bucket,
        "ApiId": settings.api_id,
        "AccessBoundary": settings.access_boundary,
    }
    name = names.tenant_stack(tenant)
    stacks.create(
        name, stacks.inline(tenant_template()), parameters, settings.deploy_role, {"interlock:tenant": tenant}
    )
    return {"name": name, "done": False}


def look(tenant: str, context: OnboardContext) -> dict[str, Json]:
    """Whether the tenant's stack is there."""
    name = names.tenant_stack(tenant)
    return {"name": name, "done": stacks.is_done(name)}


def activate(tenant: str, context: OnboardContext) -> dict[str, Json]:
    """Let the tenant in."""
    context.registry.change_tenant(tenant, lambda current: current.model_copy(update={"status": ACTIVE}))
    return {"status": ACTIVE}
