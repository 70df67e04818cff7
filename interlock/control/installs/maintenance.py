"""The scheduled maintenance of installs. It runs every minute and handles the timers that are due.

watch    an upgrade. It is taken back if too many of its runs failed, and left alone after its time.
delete   a removed install whose retention is over
resume   a change whose workflow did not end: it begins again
"""

from datetime import UTC, datetime, timedelta
from typing import assert_never

from interlock.aws.tables.timers import Timer
from interlock.contract.core import limits
from interlock.contract.core.base import Moment, parse_moment
from interlock.contract.core.failure import Failure, NotFound
from interlock.contract.registry import Install, InstallStatus, Watch
from interlock.contract.run import Run, RunStatus
from interlock.contract.trigger import manifest_of
from interlock.control.clocks import InTime, Round, always, look_at_each
from interlock.control.installs.context import RESUME_MINUTES, InstallContext, begin, set_timer
from interlock.control.installs.install import is_whole, undo
from interlock.control.installs.uninstall import request_deletion
from interlock.control.installs.upgrade import WATCH_EACH_MINUTES, UpgradeOrder

FINISHED = (RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.ABORTED)


def maintain_installs(context: InstallContext, at: Moment, in_time: InTime = always) -> Round[Timer]:
    """Handle every timer that is due at a time."""

    def look(entry: Timer) -> None:
        _look_at(context, entry)
        # Taken off last: an entry that was served twice finds nothing to do, one that was lost finds nobody.
        context.agenda.take(entry)

    return look_at_each(context.agenda.due(at), look, lambda entry: f"{entry.kind} {entry.install}", in_time)


def _look_at(context: InstallContext, entry: Timer) -> None:
    try:
        install = context.registry.install(entry.tenant, entry.install).item
    except NotFound:
        return
    match entry.kind:
        case "watch":
            look_at_upgrade(context, install)
        case "delete":
            _delete(context, install)
        case "resume":
            _resume(context, install)
        case _:
            assert_never(entry.kind)


def look_at_upgrade(context: InstallContext, install: Install) -> str:
    """Take an upgrade back if too many of its runs failed.

    Returns:
        Why it is taken back; empty where it is not.
    """
    watch = install.watch
    if watch is None or install.status is not InstallStatus.ACTIVE or install.moving is not None:
        return ""
    failed, over = _counts(context, install, watch)
    if over >= watch.rule.runs and failed / over > watch.rule.rate:
        reason = f"{install.version} was rolled back: {failed} of its {over} runs failed"
        order = UpgradeOrder(
            tenant=install.tenant,
            install=install.id,
            to=watch.back,
            kind="rollback",
            automatic=True,
            by="watch",
            reason=reason,
        )
        begin(context, context.machines.upgrade, install, order.model_dump(mode="json"))
        return reason
    if datetime.now(UTC) < parse_moment(watch.until):
        set_timer(context, install.tenant, install.id, "watch", WATCH_EACH_MINUTES)
        return ""
    context.registry.change_install(
        install.tenant, install.id, lambda current: current.model_copy(update={"watch": None})
    )
    return ""


def _counts(context: InstallContext, install: Install, watch: Watch) -> tuple[int, int]:
    """How many runs of the watched version failed, and how many are over."""
    manifest = manifest_of(context.registry.version(install.app, install.version).item)
    counts = dict.fromkeys(FINISHED, 0)
    for workflow in manifest.workflows:
        for status in FINISHED:
            counts[status] += _count(context, install, workflow, status, watch.since)
    failed = counts[RunStatus.FAILED]
    return failed, failed + counts[RunStatus.SUCCEEDED]


def _count(context: InstallContext, install: Install, workflow: str, status: RunStatus, since: Moment) -> int:
    """How many runs of a status an install has; the app's other installs have their runs in the same index."""
    pk, between = f"TEN#{install.tenant}#{install.app}#{workflow}", (f"{status.value}#{since}", f"{status.value}#~")
    count, cursor = 0, None
    for _ in range(limits.WATCH_PAGES):
        page = context.runs.search(pk, "gsi3", between, limits.WATCH_READS, cursor)
        count += sum(_counts_for(install, row.read(Run)) for row in page.rows)
        cursor = page.cursor
        if cursor is None or count >= limits.WATCH_READS:
            break
    return min(count, limits.WATCH_READS)


def _counts_for(install: Install, run: Run) -> bool:
    return run.install == install.id and run.version == install.version and run.fork is None


def _delete(context: InstallContext, install: Install) -> None:
    due = install.delete_after is not None and parse_moment(install.delete_after) <= datetime.now(UTC)
    if install.status is InstallStatus.REMOVED and due:
        request_deletion(context, install.tenant, install.id)


def _resume(context: InstallContext, install: Install) -> None:
    """Begin a change again if it did not finish in its time, and check it again later."""
    if install.status in (InstallStatus.INSTALLING, InstallStatus.REMOVING) or install.moving or _is_deleted(install):
        set_timer(context, install.tenant, install.id, "resume")
    match install.status:
        case InstallStatus.INSTALLING if not is_whole(install):
            undo(context, install.tenant, install.id, "the request was cut off before its secrets were kept")
        case InstallStatus.INSTALLING:
            begin(context, context.machines.install, install, {})
        case InstallStatus.REMOVING:
            begin(context, context.machines.uninstall, install, {"part": "remove"})
        case InstallStatus.ACTIVE if install.moving is not None:
            _resume_upgrade(context, install)
        case InstallStatus.REMOVED if _is_deleted(install):
            begin(context, context.machines.uninstall, install, {"part": "erase"})
        case InstallStatus.ACTIVE | InstallStatus.REMOVED | InstallStatus.DELETED:
            return
        case _:
            assert_never(install.status)


def _is_deleted(install: Install) -> bool:
    """Whether the data of a removed install is being deleted."""
    return install.status is InstallStatus.REMOVED and install.receipt is not None


def _resume_upgrade(context: InstallContext, install: Install) -> None:
    moving = install.moving
    if moving is None:
        raise Failure("the install has no unfinished switch", where=install.id, next_step="interlock install list")
    if datetime.now(UTC) - parse_moment(moving.since) < timedelta(minutes=RESUME_MINUTES):
        return
    order = UpgradeOrder(
        tenant=install.tenant,
        install=install.id,
        to=moving.to,
        kind=moving.kind,
        automatic=moving.automatic,
        by=moving.by,
    )
    begin(context, context.machines.upgrade, install, order.model_dump(mode="json"))
