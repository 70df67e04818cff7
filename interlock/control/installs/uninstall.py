"""Removing an install, recovering it, deleting its data. Each task of `statemachines/uninstall` is one function here.

  request_removal    `removing`: from this write on no start passes; the workflow begins
  unroute            rules, schedules and tools go
  drain              whether runs are in flight; after an abort, or after limits.DRAIN_SECONDS, they are stopped
  remove             `removed`: config, secrets and state stay for limits.KEEP_DAYS
  request_recovery   `installing` again, by the install workflow, with all that was kept
  request_deletion   what was kept goes, sooner than it would
  erase              what the app kept, as much as there is time for; whether nothing is left
  receipt            `deleted`, with what was taken away

Runs are the tenant's record, not the app's data: they stay until they expire (limits.RECORD_DAYS).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from interlock.aws.services import secrets, step_functions
from interlock.aws.tables.listings import Listings
from interlock.contract.core import limits, names
from interlock.contract.core.base import Json, now, parse_moment
from interlock.contract.core.failure import Conflict, NotFound
from interlock.contract.deletion import Counts, DeletionReceipt
from interlock.contract.registry import Install, InstallStatus
from interlock.contract.trigger import only_names, with_names
from interlock.control.access.support import end_support
from interlock.control.apps.releases import release_to_install
from interlock.control.installs.context import InstallContext, begin, refuse_moving, set_timer
from interlock.control.installs.erasing import MoreTime, erase_objects
from interlock.control.installs.triggers import check_tools, drop_triggers

REMOVED = "Interlock.Removed"
DRAIN_WAIT_SECONDS = 15
ABORT_WAIT_SECONDS = 1
MAX_WAIT_SECONDS = 3_600
"""Ours: a workflow that waited for days is late by an hour at most."""
DAY_MINUTES = 1_440


def request_removal(context: InstallContext, tenant: str, install: str, *, abort: bool = False) -> Install:
    """Stop starts, and begin to remove an install; again for one whose removal was cut off.

    Raises:
        NotFound: the tenant has no such install, or it is removed.
        Conflict: it is being switched to another version.
    """

    def removing(current: Install) -> Install:
        if current.status.gone:
            raise NotFound(
                f"install {install} does not exist", where=f"tenant {tenant}", next_step="interlock install list"
            )
        refuse_moving(current)
        since = current.removed if current.status is InstallStatus.REMOVING else now()
        fields = {"status": InstallStatus.REMOVING, "removed": since, "abort": abort or current.abort}
        return current.model_copy(update=fields | {"watch": None, "offer": None})

    set_timer(context, tenant, install, "resume")
    after = context.registry.change_install(tenant, install, removing)
    begin(context, context.machines.uninstall, after, {"part": "remove"})
    return after


def unroute(context: InstallContext, tenant: str, install: str) -> None:
    """Delete the install's triggers, and end the support session for its app where no other install of it is left."""
    current = context.registry.install(tenant, install).item
    others = context.registry.tenant_installs_of_app(tenant, current.app)
    if all(other.id == install for other in others):
        end_support(context.registry, tenant, current.app)
    drop_triggers(context, current)
    context.registry.change_install(tenant, install, lambda latest: only_names(latest, None))


def drain(context: InstallContext, tenant: str, install: str) -> dict[str, bool | int]:
    """Whether the install's runs are over, and how long to wait before looking again."""
    current = context.registry.install(tenant, install).item
    waited = datetime.now(UTC) - parse_moment(current.removed or now())
    drained = timedelta(0) if current.abort else timedelta(seconds=limits.DRAIN_SECONDS)
    stops = waited >= drained
    left = [run for run in context.runs.under_way(tenant) if run.install == install]
    if stops:
        for run in left:
            step_functions.stop(run.execution, REMOVED, f"{current.app} is being removed")
    wait = next_look(waited - drained, ABORT_WAIT_SECONDS) if stops else next_look(waited, DRAIN_WAIT_SECONDS)
    return {"empty": not left, "wait": wait}


def next_look(waited: timedelta, least: int) -> int:
    """Seconds until a workflow looks again: a tenth of what it waited already, so that its history stays short.

    Thirty days are less than a thousand looks of about eleven events; a look every second would be two million.
    """
    return int(min(max(waited.total_seconds() / 10, least), MAX_WAIT_SECONDS))


def remove(context: InstallContext, tenant: str, install: str) -> None:
    """Let the install be recovered for a while, then deleted."""
    until = now(timedelta(days=limits.KEEP_DAYS))

    def removed(current: Install) -> Install | None:
        if current.status is not InstallStatus.REMOVING:
            return None
        return current.model_copy(
            update={"status": InstallStatus.REMOVED, "removed": now(), "delete_after": until, "abort": False}
        )

    after = context.registry.change_install(tenant, install, removed)
    Listings(context.registry.table.name).count(after.app, install, there=False)
    if after.status is InstallStatus.REMOVED:
        set_timer(context, tenant, install, "delete", limits.KEEP_DAYS * DAY_MINUTES)


def request_recovery(context: InstallContext, tenant: str, install: str) -> Install:
    """Install a removed app again, with the config, secrets and state that it had.

    Raises:
        NotFound: no such install, or its data is deleted.
        Conflict: it is not removed, or its app is installed anew under its name.
    """
    current = context.registry.install(tenant, install).item
    if current.status is InstallStatus.INSTALLING and current.removed:
        begin(context, context.machines.install, current, {})
        return current
    _require_kept(current)
    if current.receipt is not None:
        raise Conflict(
            "the data of the install is being deleted",
            where=install,
            code="install-deleting",
            next_step="interlock install add",
        )
    holder = context.registry.hold_name(tenant, current.app, current.name, install)
    if holder != install:
        raise _name_taken(current, holder)
    version = release_to_install(context.registry, current.app, current.version)
    check_tools(context, current, version)
    set_timer(context, tenant, install, "resume")
    installing = {"status": InstallStatus.INSTALLING, "problem": ""}
    after = context.registry.change_install(
        tenant, install, lambda latest: with_names(latest, version).model_copy(update=installing)
    )
    begin(context, context.machines.install, after, {})
    return after


def request_deletion(context: InstallContext, tenant: str, install: str) -> Install:
    """Begin to delete what a removed install kept.

    Raises:
        NotFound: no such install, or its data is deleted.
        Conflict: it is not removed.
    """

    def deleting(current: Install) -> Install:
        _require_kept(current)
        return current.model_copy(update={"receipt": current.receipt or DeletionReceipt()})

    set_timer(context, tenant, install, "resume")
    after = context.registry.change_install(tenant, install, deleting)
    begin(context, context.machines.uninstall, after, {"part": "erase"})
    return after


def erase(context: InstallContext, tenant: str, install: str, more_time: MoreTime) -> bool:
    """Delete what the app kept, with every version of it, while there is time.

    Returns:
        Whether nothing is left.
    """
    current = context.registry.install(tenant, install).item
    if current.status is not InstallStatus.REMOVED:
        return True

    def note(change: Callable[[DeletionReceipt], DeletionReceipt], **fields: object) -> None:
        def noted(latest: Install) -> Install:
            return latest.model_copy(update={"receipt": change(latest.receipt or DeletionReceipt()), **fields})

        context.registry.change_install(tenant, install, noted)

    for name in current.secrets:
        secrets.delete_secret(names.secrets_prefix(tenant, install) + name)
    if current.secrets:
        # The names go with the count, in one write: a task that runs again does not count them again.
        note(lambda receipt: receipt.with_counts(Counts(secrets=len(current.secrets))), secrets=())
    return erase_objects(context.deployment.bucket, [names.state_prefix(tenant, install)], note, more_time)


def receipt(context: InstallContext, tenant: str, install: str) -> DeletionReceipt:
    """Note what was deleted; the receipt.

    Raises:
        Conflict: the install was recovered meanwhile.
    """

    def deleted(current: Install) -> Install | None:
        if current.status is InstallStatus.DELETED:
            return None
        if current.status is not InstallStatus.REMOVED:
            raise Conflict(
                f"{current.app} is {current.status.value}",
                where=install,
                code="install-not-removed",
                next_step="interlock install list",
            )
        receipt_now = (current.receipt or DeletionReceipt()).model_copy(update={"at": now()})
        gone = current.model_copy(
            update={"status": InstallStatus.DELETED, "receipt": receipt_now, "delete_after": None}
        )
        return gone.model_copy(update={"config": dict[str, Json]()})

    after = context.registry.change_install(tenant, install, deleted)
    return after.receipt or DeletionReceipt()


def _name_taken(install: Install, holder: str) -> Conflict:
    return Conflict(
        f"{install.app} is installed anew as {install.name} ({holder})",
        where=install.id,
        code="already-installed",
        next_step=f"Remove that install first: interlock install remove {holder}",
    )


def _require_kept(install: Install) -> None:
    if install.status is InstallStatus.DELETED or (
        install.status is InstallStatus.REMOVED and not install.delete_after
    ):
        raise NotFound(
            "the data of this install was deleted",
            where=install.id,
            code="install-deleted",
            next_step="interlock install add",
        )
    if install.status is not InstallStatus.REMOVED:
        raise Conflict(
            f"{install.app} is {install.status.value}",
            where=install.id,
            code="install-not-removed",
            next_step=f"interlock install remove {install.id}",
        )
