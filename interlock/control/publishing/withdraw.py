"""Deprecating and yanking a listed version. Versions are immutable: what changes is only whether it is chosen.

A deprecated version can still be installed, and says why it should not be. A yanked one can't; installs that follow a
channel leave it for the newest release that they may run, pinned ones stay and are told.
"""

from interlock.aws.tables.table import Stored
from interlock.contract.core.failure import Conflict
from interlock.contract.registration import Withdrawal
from interlock.contract.registry import Version, VersionStatus
from interlock.control.apps.listing import list_app
from interlock.control.apps.releases import add_release
from interlock.control.installs.context import InstallContext
from interlock.control.installs.rollout import begin_rollout


def withdraw(context: InstallContext, app: str, version: str, withdrawal: Withdrawal) -> Version:
    """Deprecate or yank a version, or take a deprecation back; again, it goes on where it was cut off.

    Raises:
        NotFound: no such version.
        Conflict: it was never listed, or it is yanked, which is final.
    """
    stored = context.registry.version(app, version)
    status = VersionStatus(withdrawal.status)
    current = stored.item
    if current.status is VersionStatus.YANKED and status is not VersionStatus.YANKED:
        step = f"Publish the next version (interlock app publish), or look at all: interlock app versions {app}"
        raise Conflict(
            f"{app}@{version} is yanked, and a yanked version stays so",
            where=app,
            code="version-yanked",
            next_step=step,
        )
    if current.status not in (VersionStatus.LISTED, VersionStatus.DEPRECATED, VersionStatus.YANKED):
        step = f"interlock app versions {app}"
        raise Conflict(
            f"version {version} is {current.status.value}", where=app, code="version-not-listed", next_step=step
        )
    after = current.model_copy(update={"status": status, "withdrawn": withdrawal.reason})
    if after != current:
        context.registry.write_version(Stored(item=after, rev=stored.rev))
    add_release(context.registry, after)
    list_app(context.registry, app)
    if status is VersionStatus.YANKED:
        begin_rollout(context, app)
    return after
