"""Onboarding a tenant: a registry item, then its stack. Each task of `statemachines/onboard` is one function here."""

from dataclasses import dataclass
from datetime import UTC, datetime

from interlock.aws.services import stacks, step_functions
from interlock.aws.tables.registry import Registry
from interlock.compiler.tenant_template import tenant_template
from interlock.contract.core import limits, names
from interlock.contract.core.base import Json, now, parse_moment
from interlock.contract.core.failure import Conflict, Unavailable
from interlock.contract.core.settings import OnboardSettings
from interlock.contract.registry import Tenant

ONBOARDING, ACTIVE, FAILED = "onboarding", "active", "failed"
"""A tenant whose onboarding failed can be registered again; the sandbox is onboarded again by the next trial."""


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

    def again(latest: Tenant) -> Tenant:
        if latest.status == ACTIVE:
            raise Conflict(
                f"tenant {tenant} exists already", code="tenant-exists", where=tenant, next_step="Choose another name."
            )
        return latest.model_copy(update={"status": ONBOARDING})

    fresh = Tenant(id=tenant, title=title, created=now(), status=ONBOARDING)
    try:
        registry.create_tenant(fresh)
    except Conflict:
        fresh = registry.change_tenant(tenant, again)
    try:
        step_functions.start(machine, f"{tenant}-{names.ulid()}", {"tenant": tenant})
    except Conflict:
        return fresh
    return fresh


def deploy(tenant: str, began: str, context: OnboardContext) -> dict[str, Json]:
    """Begin the tenant's stack, once what an attempt before left of it is gone.

    Args:
        tenant: the tenant's id.
        began: when this attempt began.
        context: what onboarding works with.

    Raises:
        Unavailable: what is left does not go.
    """
    settings = context.settings
    parameters = {
        "Tenant": tenant,
        "GateRole": settings.gate_role,
        "StreamFunction": settings.stream_function,
        "EventLogQueue": settings.event_log_queue,
        "DataBucket": settings.data_bucket,
        "ApiId": settings.api_id,
        "AccessBoundary": settings.access_boundary,
        "ChangeLetters": settings.change_letters,
        "RuleLetters": settings.rule_letters,
    }
    name = names.tenant_stack(tenant)
    tags = {"interlock:tenant": tenant}
    stack = stacks.create(name, stacks.inline(tenant_template()), parameters, settings.deploy_role, tags)
    if not stack.begun:
        _require_time(began, name)
    return {"name": name, "begun": stack.begun}


def look(tenant: str, began: str) -> dict[str, Json]:
    """Whether the tenant's stack is there.

    Raises:
        Unavailable: it failed, or takes too long.
    """
    name = names.tenant_stack(tenant)
    done = stacks.is_done(name)
    if not done:
        _require_time(began, name)
    return {"name": name, "done": done}


def _require_time(began: str, stack: str) -> None:
    if (datetime.now(UTC) - parse_moment(began)).total_seconds() > limits.STACK_SECONDS:
        raise Unavailable(
            f"the stack {stack} was not ready in {limits.STACK_SECONDS} s",
            where=stack,
            next_step="See its events in CloudFormation, then register the tenant again: interlock tenant create",
        )


def give_up(tenant: str, context: OnboardContext) -> dict[str, Json]:
    """Say that the onboarding failed, so that it can be repeated."""

    def failed(latest: Tenant) -> Tenant:
        return latest.model_copy(update={"status": FAILED}) if latest.status == ONBOARDING else latest

    return {"status": context.registry.change_tenant(tenant, failed).status}


def activate(tenant: str, context: OnboardContext) -> dict[str, Json]:
    """Let the tenant in."""
    context.registry.change_tenant(tenant, lambda current: current.model_copy(update={"status": ACTIVE}))
    return {"status": ACTIVE}
