"""Registering a tenant or a publisher with the identity of its first admin: one saga, which may be repeated.

  claim     the item, with the attempt that registers it (`registering`): the name is taken from here on
  clear     what an attempt before this one left: members, users, clients
  begin     the onboarding of a tenant
  identity  a user and a client, and their memberships
  finish    the item without the attempt: the saga is over, and the answer has the credentials
A request that is cut off leaves an item that another one takes over, from `clear` on. Of two at once, one finishes at
most, and the other undoes its identity. What cannot be found again is a client whose membership was not written: nobody
has its secret, and it may do nothing.
"""

from collections.abc import Callable
from typing import TypeVar

from interlock.aws.services import identities, step_functions
from interlock.contract.core import names
from interlock.contract.core.base import now
from interlock.contract.core.failure import Conflict
from interlock.contract.member import Credentials
from interlock.contract.registration import NewPublisher, NewTenant, PublisherRegistered, TenantRegistered
from interlock.contract.registry import Publisher, Role, Tenant
from interlock.control.tenants.identities import IdentityContext, create_identity, remove_identity
from interlock.control.tenants.offboard import OFFBOARDED
from interlock.control.tenants.onboard import FAILED, ONBOARDING

Owner = TypeVar("Owner", Tenant, Publisher)


def register_tenant(context: IdentityContext, machine: str, new: NewTenant) -> TenantRegistered:
    """Register a tenant, begin to onboard it, and make its first admin.

    Args:
        context: what making identities works with.
        machine: the ARN of the workflow that onboards tenants.
        new: the tenant.

    Raises:
        Conflict: it exists, the name is the platform's own, or another request registers it.
    """
    if new.id in names.RESERVED_TENANTS:
        raise Conflict(
            f"the name {new.id} is reserved for the platform",
            where=new.id,
            code="tenant-reserved",
            next_step="Choose another name: interlock tenant create NAME",
        )
    attempt, registry = names.ulid(), context.registry
    fresh = Tenant(id=new.id, title=new.title, created=now(), status=ONBOARDING, registering=attempt)
    _claim(fresh, registry.create_tenant, registry.change_tenant, _is_free)
    scope = f"tenant/{new.id}"
    _clear(context, scope)
    step_functions.start(machine, f"{new.id}-{names.ulid()}", {"tenant": new.id})
    credentials = create_identity(context, scope, Role.ADMIN, f"tenant-{new.id}")
    tenant = _finish(context, credentials, lambda change: registry.change_tenant(new.id, change), attempt)
    return TenantRegistered(tenant=tenant, credentials=credentials)


def register_publisher(context: IdentityContext, new: NewPublisher) -> PublisherRegistered:
    """Register a publisher's namespace, and make its first admin.

    Raises:
        Conflict: it exists, or another request registers it.
    """
    attempt, registry = names.ulid(), context.registry
    fresh = Publisher(id=new.id, title=new.title, created=now(), registering=attempt)
    _claim(fresh, registry.create_publisher, registry.change_publisher, lambda latest: bool(latest.registering))
    scope = f"publisher/{new.id}"
    _clear(context, scope)
    credentials = create_identity(context, scope, Role.ADMIN, f"publisher-{new.id}")
    publisher = _finish(context, credentials, lambda change: registry.change_publisher(new.id, change), attempt)
    return PublisherRegistered(publisher=publisher, credentials=credentials)


def _is_free(tenant: Tenant) -> bool:
    """Whether a tenant's name can be registered: nobody finished it, its onboarding failed, or it was offboarded."""
    return bool(tenant.registering) or tenant.status in (FAILED, OFFBOARDED)


def _claim(
    fresh: Owner,
    create: Callable[[Owner], None],
    change: Callable[[str, Callable[[Owner], Owner]], Owner],
    is_free: Callable[[Owner], bool],
) -> None:
    def taken_over(latest: Owner) -> Owner:
        if not is_free(latest):
            kind = type(latest).__name__.lower()
            raise Conflict(
                f"{kind} {latest.id} exists already",
                where=latest.id,
                code=f"{kind}-exists",
                next_step="Choose another name, or make credentials of it: "
                f"interlock {kind} credential create NAME --of {latest.id}",
            )
        return fresh

    try:
        create(fresh)
    except Conflict:
        change(fresh.id, taken_over)


def _clear(context: IdentityContext, scope: str) -> None:
    for member in context.registry.members(scope):
        remove_identity(context.registry, context.pool, member)


def _finish(
    context: IdentityContext,
    credentials: Credentials,
    change: Callable[[Callable[[Owner], Owner]], Owner],
    attempt: str,
) -> Owner:
    def finished(latest: Owner) -> Owner:
        if latest.registering != attempt:
            raise Conflict(
                f"another request registers {latest.id}",
                where=latest.id,
                code="registered-elsewhere",
                next_step="See what became of it, then repeat the request if it is needed.",
            )
        return latest.model_copy(update={"registering": ""})

    try:
        return change(finished)
    except Conflict:
        _undo(context, credentials)
        raise


def _undo(context: IdentityContext, credentials: Credentials) -> None:
    """Take back what a losing attempt made: its client, and the membership of a user that the other one replaced."""
    current = identities.user_of(context.pool, names.user_name(credentials.scope, credentials.name))
    for member in context.registry.members(credentials.scope):
        if member.principal == credentials.client_id:
            remove_identity(context.registry, context.pool, member)
        elif member.kind == "user" and member.name == credentials.name and member.principal != current:
            context.registry.remove_membership(member)
