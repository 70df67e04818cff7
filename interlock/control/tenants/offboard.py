"""A tenant leaves. Each task of `statemachines/offboard` is one function here, and may run again.

  request_offboard   `offboarding`: nothing is installed any more; the workflow begins
  next_install       the installs are removed (runs aborted) and what they kept deleted; whether none is left
  drop_stack         the tenant's stack begins to go: bus, access role
  stack_gone         whether it is gone
  erase_tenant       objects and runs, as many as there is time for; whether nothing is left
  begin_anew         another execution goes on, before the history of this one is too long
  forget             identities, alert and items; the tenant's item stays, `offboarded`, with the receipt
The catalog table stays as the stack retains it: the operator deletes it by hand (docs/installs.md).
"""

from collections.abc import Callable

from interlock.aws.services import secrets, stacks, step_functions
from interlock.aws.tables.approvals import Approvals
from interlock.aws.tables.invitations import Invitations
from interlock.aws.tables.webhooks import Webhooks
from interlock.contract.alert import alert_secret
from interlock.contract.core import names
from interlock.contract.core.base import now
from interlock.contract.core.failure import Conflict
from interlock.contract.deletion import DeletionReceipt
from interlock.contract.registry import Install, InstallStatus, Tenant
from interlock.control.installs.context import InstallContext
from interlock.control.installs.erasing import MoreTime, erase_objects, erase_runs
from interlock.control.installs.uninstall import request_deletion, request_removal
from interlock.control.tenants.identities import remove_identity
from interlock.control.webhooks.subscriptions import forget_webhook

OFFBOARDING, OFFBOARDED = "offboarding", "offboarded"


def request_offboard(context: InstallContext, tenant: str) -> Tenant:
    """Begin to offboard a tenant; again for one whose workflow was cut off.

    Raises:
        NotFound: no such tenant.
        Conflict: it is offboarded.
    """
    current = context.registry.tenant(tenant)
    if current.status == OFFBOARDED:
        raise Conflict(
            f"tenant {tenant} is offboarded already",
            where=tenant,
            code="tenant-offboarded",
            next_step="interlock tenant show",
        )
    leaving = context.registry.change_tenant(tenant, lambda latest: latest.model_copy(update={"status": OFFBOARDING}))
    step_functions.start(context.machines.offboard, f"{tenant}-{names.ulid()}", {"tenant": tenant})
    return leaving


def next_install(context: InstallContext, tenant: str, more_time: MoreTime) -> bool:
    """Remove and delete the tenant's installs, as many as there is time for; whether all are gone."""
    rows = context.registry.table.query_all(f"TEN#{tenant}", "INS#")
    left = [current for row in rows if _keeps(current := row.read(Install))]
    for install in left:
        if not more_time():
            return False
        if install.status is InstallStatus.REMOVED and install.receipt is None:
            request_deletion(context, tenant, install.id)
        elif install.status is InstallStatus.ACTIVE and install.moving is None:
            request_removal(context, tenant, install.id, abort=True)
    if not left:
        _forget_webhooks(context, tenant)
    return not left


def _forget_webhooks(context: InstallContext, tenant: str) -> None:
    """A bus goes only without rules."""
    hooks = Webhooks(context.registry.table.name, context.runs.table.name)
    for webhook in hooks.of_tenant(tenant):
        forget_webhook(hooks, webhook)


def drop_stack(tenant: str) -> None:
    """Begin to delete the tenant's stack; nothing where it is gone."""
    stacks.delete(names.tenant_stack(tenant))


def stack_gone(tenant: str) -> bool:
    """Whether the tenant's stack is gone.

    Raises:
        Unavailable: CloudFormation could not delete it.
    """
    return stacks.is_gone(names.tenant_stack(tenant))


def erase_tenant(context: InstallContext, tenant: str, more_time: MoreTime) -> bool:
    """Delete the tenant's objects, with every version, and its runs, while there is time; whether nothing is left."""

    def note(change: Callable[[DeletionReceipt], DeletionReceipt]) -> None:
        def noted(latest: Tenant) -> Tenant:
            return latest.model_copy(update={"receipt": change(latest.receipt or DeletionReceipt())})

        context.registry.change_tenant(tenant, noted)

    prefixes = names.tenant_prefixes(tenant)
    objects_gone = erase_objects(context.deployment.bucket, prefixes, note, more_time)
    return objects_gone and erase_runs(context.runs.table, tenant, note, more_time)


def forget(context: InstallContext, tenant: str, pool: str) -> DeletionReceipt:
    """Delete identities, the alert and the items of a tenant; its receipt."""
    scope = f"tenant/{tenant}"
    for member in context.registry.members(scope):
        remove_identity(context.registry, pool, member)
    invitations = Invitations(context.registry.table.name)
    for invitation in invitations.of_scope(scope):
        invitations.delete(invitation)
    secrets.delete_secret(alert_secret(tenant))
    Approvals(context.runs.table.name).forget(scope)
    for prefix in ("ALERT", "TOOL#", "APP#", "SUPPORT#"):
        for row in list(context.registry.table.query_all(f"TEN#{tenant}", prefix)):
            context.registry.table.delete(row.key)
    at = now()

    def offboarded(latest: Tenant) -> Tenant:
        receipt = (latest.receipt or DeletionReceipt()).model_copy(update={"at": at})
        return latest.model_copy(update={"status": OFFBOARDED, "receipt": receipt})

    return context.registry.change_tenant(tenant, offboarded).receipt or DeletionReceipt(at=at)


def _keeps(install: Install) -> bool:
    """Whether anything of an install is left; one that never came to be kept nothing."""
    if install.status is InstallStatus.REMOVED:
        return install.delete_after is not None
    return install.status is not InstallStatus.DELETED
