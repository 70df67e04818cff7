"""Switching an install to another version, up or back. Each task of `statemachines/upgrade` is one function here.

  request_upgrade    consent to what the version asks for beyond what was granted; the workflow begins
  request_rollback   back to the version before
  begin_upgrade      one write: the pointer, where it comes from, every name that may be there on the way
  route_upgrade      the triggers of the new version; those that both have stay
  complete_upgrade   the old version's triggers go; an upgrade is watched from now on (`maintenance`)
  take_back_upgrade  the pointer and the triggers as they were, and why
Runs in flight finish on the version that they started on: a run names its version.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import Field

from interlock.aws.services import secrets
from interlock.contract.core import names
from interlock.contract.core.base import Document, Semver, moment, now
from interlock.contract.core.failure import Conflict, Rejected
from interlock.contract.core.finding import Finding
from interlock.contract.install import UpgradeRequest, VersionChange
from interlock.contract.registry import Install, Moving, Offer, Version, VersionStatus, Watch, WatchRule
from interlock.contract.trigger import manifest_of, only_names, requested_permissions, with_names
from interlock.control.apps.releases import next_release, release_to_install
from interlock.control.apps.signature import check_signature
from interlock.control.installs.context import InstallContext, begin, refuse_moving, require_active, set_timer
from interlock.control.installs.install import check_config, check_secrets
from interlock.control.installs.triggers import check_tools, drop_triggers, put_triggers

WATCH_EACH_MINUTES = 1


class UpgradeOrder(Document):
    """What the workflow is told."""

    tenant: str
    install: str
    to: Semver
    kind: Literal["upgrade", "rollback"] = "upgrade"
    automatic: bool = False
    by: str = ""
    reason: str = ""
    """Why an automatic rollback happens."""
    watch: WatchRule = Field(default_factory=WatchRule)


def request_upgrade(
    context: InstallContext, tenant: str, install: str, request: UpgradeRequest, by: str
) -> VersionChange:
    """Consent to a version's difference, and begin to switch to it.

    Raises:
        NotFound: no such install or version.
        Rejected: a scope without consent, or a config that the version does not take.
        Conflict: the install is not active, or is being switched to another version; or it is at this version, and
            the request has settings that an upgrade to it would not change.
    """
    current = context.registry.install(tenant, install).item
    require_active(current)
    version = release_to_install(context.registry, current.app, request.version, current.channel)
    refuse_moving(current, version.version)
    if version.version == current.version and current.moving is None:
        _refuse_settings(current, request)
        return VersionChange(install=current, to=current.version, changed=False)
    findings = _missing(version, (*current.granted, *request.grant))
    findings += list(check_config(version, current.config if request.config is None else request.config))
    findings += list(check_secrets(version, request.secrets))
    if findings:
        raise Rejected(
            f"{current.app} can't be switched to {version.version} with these settings", findings, where=install
        )
    check_tools(context, current, version)

    def consented(latest: Install) -> Install:
        # Whoever asks for a version by name takes its tools as they are; its scopes they were asked for above.
        granted = tuple(sorted({*latest.granted, *requested_permissions(version)}))
        secret_names = tuple(dict.fromkeys((*latest.secrets, *request.secrets)))
        config = latest.config if request.config is None else request.config
        held = tuple(row for row in latest.held if row != version.version)
        return latest.model_copy(update={"granted": granted, "secrets": secret_names, "config": config, "held": held})

    set_timer(context, tenant, install, "resume")
    after = context.registry.change_install(tenant, install, consented)
    for name, value in request.secrets.items():
        secrets.write_secret(names.secrets_prefix(tenant, install) + name, value)
    order = UpgradeOrder(tenant=tenant, install=install, to=version.version, by=by, watch=request.watch)
    begin(context, context.machines.upgrade, after, order.model_dump(mode="json"))
    return VersionChange(install=after, to=order.to)


def _refuse_settings(current: Install, request: UpgradeRequest) -> None:
    same_config = request.config is None or request.config == current.config
    if request.secrets or not same_config:
        raise Conflict(
            f"{current.app} is at {current.version} already, so an upgrade changes neither config nor secrets",
            where=current.id,
            code="upgrade-changes-nothing",
            next_step=f"Change them: interlock install set {current.id} --config JSON --secret NAME=VALUE",
        )


def request_rollback(context: InstallContext, tenant: str, install: str, by: str) -> VersionChange:
    """Begin to switch back to the version before the last switch.

    Raises:
        NotFound: no such install.
        Conflict: it is not active, or there is no version before.
    """
    current = context.registry.install(tenant, install).item
    require_active(current)
    back = current.moving.back if current.moving and current.moving.kind == "upgrade" else current.previous
    if back is None:
        raise Conflict(
            f"{current.app} was not upgraded, so it has no earlier version",
            where=install,
            code="no-previous",
            next_step=f"interlock install show {install}",
        )
    refuse_moving(current, back)
    set_timer(context, tenant, install, "resume")
    order = UpgradeOrder(tenant=tenant, install=install, to=back, kind="rollback", by=by)
    begin(context, context.machines.upgrade, current, order.model_dump(mode="json"))
    return VersionChange(install=current, to=back)


def follow(context: InstallContext, install: Install) -> Install:
    """Have an install follow its channel: switch to what its tenant granted, offer what asks for more."""
    if install.moving is not None:
        return install
    step = next_release(context.registry.app(install.app).item, install)
    permissions = tuple(sorted(set(step.offer.permissions) - set(install.granted))) if step.offer else ()
    offer = Offer(version=step.offer.version, permissions=permissions, since=now()) if step.offer else None
    if offer and (install.offer is None or install.offer.version != offer.version):
        install = context.registry.change_install(
            install.tenant, install.id, lambda latest: latest.model_copy(update={"offer": offer})
        )
    if step.move is not None:
        set_timer(context, install.tenant, install.id, "resume")
        order = UpgradeOrder(
            tenant=install.tenant, install=install.id, to=step.move.version, automatic=True, by="channel"
        )
        begin(context, context.machines.upgrade, install, order.model_dump(mode="json"))
    return install


def begin_upgrade(context: InstallContext, order: UpgradeOrder) -> bool:
    """Switch the pointer; whether there is anything to do after it.

    Raises:
        Conflict: the install is not active, or is being switched to another version.
        Rejected: the tenant did not grant what the version asks for, or its config does not fit; it is offered instead.
        Conflict: the version is not as it was certified.
    """
    install = context.registry.install(order.tenant, order.install).item
    require_active(install)
    refuse_moving(install, order.to)
    if install.version == order.to:
        return install.moving is not None
    version = context.registry.version(install.app, order.to).item
    check_signature(version, context.signing_key)
    problem = _problem(install, version, order)
    if problem:
        offer = Offer(version=order.to, problem=problem, since=now())
        context.registry.change_install(order.tenant, order.install, lambda latest: _offered(latest, offer))
        raise Rejected(problem, [], where=order.install, next_step="interlock install show " + order.install)
    check_tools(context, install, version)

    def switched(latest: Install) -> Install:
        moving = Moving(
            to=order.to,
            back=latest.version,
            kind=order.kind,
            automatic=order.automatic,
            since=now(),
            by=order.by,
        )
        fields = {"version": order.to, "moving": moving, "watch": None, "problem": order.reason}
        answered = latest.offer if latest.offer and latest.offer.version != order.to else None
        return with_names(latest, version).model_copy(update=fields | {"offer": answered})

    context.registry.change_install(order.tenant, order.install, lambda latest: _unless_moving(latest, order, switched))
    return True


def route_upgrade(context: InstallContext, order: UpgradeOrder) -> None:
    """Make the triggers of the version that the install is switched to."""
    install = context.registry.install(order.tenant, order.install).item
    put_triggers(context, install, context.registry.version(install.app, order.to).item)


def complete_upgrade(context: InstallContext, order: UpgradeOrder) -> None:
    """Delete the old version's triggers, and begin to watch an upgrade."""
    install = context.registry.install(order.tenant, order.install).item
    if install.moving is None:
        return
    version = context.registry.version(install.app, order.to).item
    drop_triggers(context, install, keep=version)
    watch = None
    if order.kind == "upgrade":
        begun = datetime.now(UTC)
        until = moment(begun + timedelta(minutes=order.watch.minutes))
        watch = Watch(rule=order.watch, since=install.moving.since, until=until, back=install.moving.back)
        set_timer(context, install.tenant, install.id, "watch", WATCH_EACH_MINUTES)

    def settled(latest: Install) -> Install | None:
        if latest.moving is None:
            return None
        rolled = (latest.moving.back,) if order.kind == "rollback" else ()
        previous = latest.moving.back if order.kind == "upgrade" else None
        fields = {"moving": None, "watch": watch, "previous": previous}
        return only_names(latest, version).model_copy(
            update=fields | {"held": tuple(dict.fromkeys((*latest.held, *rolled)))}
        )

    context.registry.change_install(order.tenant, order.install, settled)


def take_back_upgrade(context: InstallContext, order: UpgradeOrder, cause: str) -> None:
    """Switch the pointer and the triggers back, and keep why."""
    install = context.registry.install(order.tenant, order.install).item
    if install.moving is None or install.moving.to != order.to:
        return
    back = install.moving.back
    context.registry.change_install(
        order.tenant, order.install, lambda latest: latest.model_copy(update={"version": back})
    )
    version = context.registry.version(install.app, back).item
    put_triggers(context, install, version)
    drop_triggers(context, install, keep=version)

    def restored(latest: Install) -> Install:
        fields = {"moving": None, "problem": f"the switch to {order.to} was taken back: {cause}"}
        held = tuple(dict.fromkeys((*latest.held, order.to)))
        return only_names(latest, version).model_copy(update=fields | {"held": held})

    context.registry.change_install(order.tenant, order.install, restored)


def _missing(version: Version, granted: tuple[str, ...]) -> list[Finding]:
    return [
        Finding(
            code="install.consent",
            where=scope,
            what=f"version {version.version} needs {scope}",
            fix=f"Consent to it: --grant {scope}",
        )
        for scope in manifest_of(version).permissions.scopes()
        if scope not in granted
    ]


def _problem(install: Install, version: Version, order: UpgradeOrder) -> str:
    left = version.status is VersionStatus.YANKED or not version.status.installable
    if left and order.kind == "upgrade":
        return f"{order.to} is {version.status.value}"
    rows = [*_missing(version, install.granted), *check_config(version, install.config)]
    return "; ".join(row.what for row in rows)


def _offered(install: Install, offer: Offer) -> Install:
    return install.model_copy(update={"offer": install.offer if install.offer and install.offer.permissions else offer})


def _unless_moving(latest: Install, order: UpgradeOrder, change: Callable[[Install], Install]) -> Install | None:
    require_active(latest)
    refuse_moving(latest, order.to)
    return None if latest.moving is not None else change(latest)
