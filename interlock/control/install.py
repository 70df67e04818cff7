"""Installing and removing an app for a tenant. An install is data: items, rules, schedules, secrets.

Stages of `install_app`, each of which may run again (the item says `installing` until all are done):
  1. check     the version is listed, the scopes are granted, config and secrets are right, the policy fits
  2. item      the registry item, which a second call for the same app takes up
  3. secrets   into Secrets Manager
  4. triggers  a rule for each event, a schedule for each clock, an item for each tool
  5. active    only now do starts pass
Whatever fails undoes what was written, so nothing half-installed remains.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, assert_never

from jsonschema import Draft202012Validator

from interlock.aws import buses, schedules, secrets
from interlock.aws.items import Key
from interlock.aws.registry import Registry, StoredInstall
from interlock.compiler.policy import Cell, session_policy
from interlock.contract import names
from interlock.contract.base import Document, Json, moment
from interlock.contract.copilot import tool_pin
from interlock.contract.failure import Conflict, Failure, NotFound, Rejected
from interlock.contract.finding import Finding
from interlock.contract.manifest import EventTrigger, Manifest, ScheduleTrigger, ToolTrigger
from interlock.contract.registry import Install, InstallStatus, Version, VersionStatus


@dataclass(frozen=True)
class Installer:
    """What installing works with."""

    registry: Registry
    cell: Cell
    queue_arn: str
    schedule: schedules.ScheduleTarget


class InstallRequest(Document):
    """What a tenant asks for. `grant` holds the scopes that it consents to."""

    app: str
    version: str = ""
    """The newest listed version where it is empty."""
    grant: tuple[str, ...] = ()
    config: dict[str, Json] = {}
    secrets: dict[str, str] = {}


class ToolItem(Document):
    """Which workflow of which install a tool of a tenant starts."""

    tool: str
    install: str
    workflow: str
    app: str
    version: str
    description: str = ""
    definition: str = ""
    """The tool as the tenant consented to it (`tool_pin`); one that differs is neither offered nor called."""


def newest_listed(registry: Registry, app: str, version: str = "") -> Version:
    """The version of an app that can be installed.

    Raises:
        NotFound: the app has no listed version (of that number).
    """
    listed = [found for found in registry.versions(app) if found.status is VersionStatus.LISTED]
    hits = [found for found in listed if version in ("", found.version)]
    if not hits:
        word = f"{app}@{version}" if version else app
        raise NotFound(f"{word} is not listed", code="unknown-version", next_step=f"interlock app versions {app}")
    return max(hits, key=lambda found: _order(found.version))


def install_app(installer: Installer, tenant: str, request: InstallRequest, by: str) -> Install:
    """Install an app.

    Raises:
        NotFound: no such tenant, or no such listed version.
        Rejected: a scope without consent, config or secrets that are wrong.
        Conflict: the app is installed.
    """
    installer.registry.tenant(tenant)
    version = newest_listed(installer.registry, request.app, request.version)
    findings = list(check_request(version, request))
    if findings:
        raise Rejected(f"{request.app}@{version.version} can't be installed so", findings, where=tenant)
    stored = _item(installer, tenant, version, request, by)
    try:
        for name, value in request.secrets.items():
            secrets.write_secret(names.secrets_prefix(tenant, stored.install.id) + name, value)
        _route(installer, stored.install, version)
    except Exception:
        _undo(installer, stored)
        raise
    active = stored.install.model_copy(update={"status": InstallStatus.ACTIVE})
    installer.registry.write_install(StoredInstall(install=active, rev=stored.rev))
    return active


def remove_install(installer: Installer, tenant: str, install: str) -> Install:
    """Remove an install: starts stop at once, then its rules, schedules, tools and secrets go.

    Raises:
        NotFound: the tenant has no such install.
    """
    stored = installer.registry.install(tenant, install)
    if stored.install.status is InstallStatus.REMOVED:
        raise NotFound(f"no install {install}", where=f"tenant {tenant}", next_step="interlock install list")
    removing = stored.install.model_copy(update={"status": InstallStatus.REMOVING})
    installer.registry.write_install(StoredInstall(install=removing, rev=stored.rev))
    return _undo(installer, StoredInstall(install=removing, rev=stored.rev + 1))


def check_request(version: Version, request: InstallRequest) -> Iterator[Finding]:
    """What is wrong with a request to install a version. Pure."""
    manifest = _manifest(version)
    for scope in manifest.permissions.scopes():
        if scope not in request.grant:
            fix = f"Consent to it: --grant {scope}"
            yield Finding(code="install.consent", where=scope, what=f"the app needs {scope}", fix=fix)
    for name in request.secrets:
        if name not in manifest.permissions.secrets:
            what = f"the app has no secret {name!r}"
            yield Finding(code="install.secret", where=name, what=what, fix="Leave it out.")
    if version.config_schema is None:
        if request.config:
            yield Finding(code="install.config", where="config", what="the app takes no config", fix="Leave it out.")
        return
    for error in Draft202012Validator(version.config_schema).iter_errors(request.config):
        place = "/".join(str(part) for part in error.absolute_path)
        fix = "See the app's config schema: interlock app show " + version.app
        yield Finding(code="install.config", where=f"config/{place}", what=str(error.message), fix=fix)


def _manifest(version: Version) -> Manifest:
    if version.manifest is None:
        raise Failure("a listed version without a manifest", where=version.app)
    return version.manifest


def _item(installer: Installer, tenant: str, version: Version, request: InstallRequest, by: str) -> StoredInstall:
    found = installer.registry.install_of_app(tenant, version.app)
    if found is not None and found.status is not InstallStatus.INSTALLING:
        raise Conflict(
            f"{version.app} is installed as {found.id}",
            where=tenant,
            code="already-installed",
            next_step=f"interlock install remove {found.id}",
        )
    install = found.id if found else names.ulid()
    granted = _manifest(version).permissions.scopes()
    session_policy(installer.cell, tenant, install, granted)
    fresh = Install(
        id=install,
        tenant=tenant,
        app=version.app,
        version=version.version,
        status=InstallStatus.INSTALLING,
        granted=granted,
        config=request.config,
        secrets=tuple(request.secrets),
        created=moment(datetime.now(UTC)),
        by=by,
        rules=tuple(name for name, _ in _rules(install, version)),
        schedules=tuple(name for name, _, _ in _schedules(install, version)),
    )
    rev = installer.registry.install(tenant, install).rev if found else 0
    installer.registry.write_install(StoredInstall(install=fresh, rev=rev))
    return StoredInstall(install=fresh, rev=rev + 1)


def _rules(install: str, version: Version) -> Iterator[tuple[str, tuple[str, EventTrigger]]]:
    ordinal = 0
    for workflow, section in _manifest(version).workflows.items():
        for trigger in section.triggers:
            if isinstance(trigger, EventTrigger):
                yield names.rule_name(install, ordinal), (workflow, trigger)
                ordinal += 1


def _schedules(install: str, version: Version) -> Iterator[tuple[str, str, ScheduleTrigger]]:
    ordinal = 0
    for workflow, section in _manifest(version).workflows.items():
        for trigger in section.triggers:
            if isinstance(trigger, ScheduleTrigger):
                yield names.schedule_name(install, ordinal), workflow, trigger
                ordinal += 1


def event_pattern(trigger: EventTrigger) -> dict[str, Any]:
    """The EventBridge pattern of a trigger; the tenant is fixed by the bus. Pure."""
    pattern: dict[str, Any] = {"source": [{"prefix": "interlock."}], "detail-type": [trigger.event]}
    return pattern | ({"detail": trigger.where} if trigger.where else {})


def _route(installer: Installer, install: Install, version: Version) -> None:
    base = {"tenant": install.tenant, "install": install.id}
    for name, (workflow, trigger) in _rules(install.id, version):
        message = base | {"workflow": workflow, "trigger": trigger.name, "kind": "event"}
        buses.put_rule(install.tenant, name, event_pattern(trigger), installer.queue_arn, message)
    for name, workflow, trigger in _schedules(install.id, version):
        message = base | {"workflow": workflow, "trigger": trigger.name, "kind": "schedule"}
        message |= {"at": schedules.SCHEDULED_TIME}
        schedules.put_schedule(installer.schedule, name, trigger.schedule, trigger.timezone, message)
    for workflow, section in _manifest(version).workflows.items():
        for trigger in section.triggers:
            match trigger:
                case ToolTrigger():
                    _add_tool(installer, install, workflow, trigger, version)
                case EventTrigger() | ScheduleTrigger():
                    continue
                case _:
                    assert_never(trigger)


def tool_key(tenant: str, tool: str) -> Key:
    """Where a tool of a tenant is."""
    return Key(pk=f"TEN#{tenant}", sk=f"TOOL#{tool}")


def _add_tool(installer: Installer, install: Install, workflow: str, trigger: ToolTrigger, version: Version) -> None:
    key = tool_key(install.tenant, trigger.tool)
    fresh = ToolItem(
        tool=trigger.tool,
        install=install.id,
        workflow=workflow,
        app=install.app,
        version=install.version,
        description=trigger.description,
        definition=tool_pin(install.app, workflow, trigger, version.tool_schemas.get(trigger.tool, {})),
    )
    row = installer.registry.table.get(key)
    if row is not None and row.read(ToolItem).install != install.id:
        owner = row.read(ToolItem).app
        raise Conflict(f"{owner} has a tool {trigger.tool!r} already", code="tool-taken", where=install.tenant)
    installer.registry.table.put(key, fresh)


def _undo(installer: Installer, stored: StoredInstall) -> Install:
    install = stored.install
    for name in install.rules:
        buses.delete_rule(install.tenant, name)
    for name in install.schedules:
        schedules.delete_schedule(installer.schedule.group, name)
    for row in list(installer.registry.table.query_all(f"TEN#{install.tenant}", "TOOL#")):
        if row.read(ToolItem).install == install.id:
            installer.registry.table.delete(row.key)
    for name in install.secrets:
        secrets.delete_secret(names.secrets_prefix(install.tenant, install.id) + name)
    removed = install.model_copy(update={"status": InstallStatus.REMOVED})
    installer.registry.write_install(StoredInstall(install=removed, rev=stored.rev))
    return removed


def _order(version: str) -> tuple[tuple[int, ...], bool, str]:
    numbers, _, rest = version.partition("-")
    return tuple(int(part) for part in numbers.split(".")), rest == "", rest
