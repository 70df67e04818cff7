"""Changes of an install as whole sagas, subjects for them, and what they leave in AWS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functions import contexts
from functions.lifecycle import handler as lifecycle
from interlock.aws.clients import client
from interlock.contract.core import names
from interlock.contract.core.failure import Conflict, NotFound
from interlock.contract.install import InstallRequest, UpgradeRequest
from interlock.contract.registry import Install
from interlock.control.installs.install import request_install
from interlock.control.installs.uninstall import request_deletion, request_recovery, request_removal
from interlock.control.installs.upgrade import request_rollback, request_upgrade
from tests.support.crash_ground import Ground, app_with_two_versions
from tests.support.crashes import Outcome, World, crash_everywhere
from tests.support.sagas import WorkflowFailed, walk

FUNCTIONS = {"Function": lifecycle.handler, "Lifecycle": lifecycle.handler}


NEVER_MORE: tuple[type[Exception], ...] = (Conflict, NotFound, WorkflowFailed)
"""What a second run says where the first one had come to its end."""


def look_at_install(ground: Ground, app: str) -> World:
    """What an app's installs are and left in AWS, less their ids."""
    registry = contexts.installs().registry
    rows = [row.read(Install) for row in registry.table.query_all(f"TEN#{ground.tenant}", "INS#")]
    result = [row for row in rows if row.app == app]
    world: World = {
        "installs": set(),
        "rules": set(),
        "schedules": set(),
        "secrets": set(),
        "tools": set(),
        "state": set(),
    }
    tool = registry.table.get(_tool(ground, app))
    for install in result:
        said = (install.status.value, install.version, str(bool(install.moving)), str(bool(install.previous)))
        receipt = str(install.receipt.deleted.model_dump()) if install.receipt else ""
        world["installs"].add(" ".join((*said, receipt, install.problem)))
        bus = names.bus_name(ground.tenant)
        rules = client("events").list_rules(EventBusName=bus, NamePrefix=install.id)["Rules"]
        world["rules"] |= {row["Name"].removeprefix(install.id) for row in rules}
        schedules = client("scheduler").list_schedules(GroupName="interlock", NamePrefix=install.id)["Schedules"]
        world["schedules"] |= {row["Name"].removeprefix(install.id) for row in schedules}
        prefix = names.secrets_prefix(ground.tenant, install.id)
        world["secrets"] |= {row["Name"].removeprefix(prefix) for row in secrets_below(prefix)}
        listing = client("s3").list_objects_v2(
            Bucket=contexts.installs().deployment.bucket, Prefix=names.state_prefix(ground.tenant, install.id)
        )
        world["state"] |= {row["Key"].rsplit("/", 1)[-1] for row in listing.get("Contents", [])}
    if tool is not None:
        world["tools"].add("its own" if any(row.id in tool.doc for row in result) else "another's")
    return world


def secrets_below(prefix: str) -> list[dict[str, Any]]:
    result = client("secretsmanager").list_secrets(Filters=[{"Key": "name", "Values": [prefix]}])["SecretList"]
    return [row for row in result if row["Name"].startswith(prefix)]


def _tool(ground: Ground, app: str) -> Any:
    from interlock.control.installs.tools import tool_key

    return tool_key(ground.tenant, app.partition("/")[2])


def install_of(ground: Ground, app: str) -> str:
    rows = [row.read(Install) for row in ground.registry.table.query_all(f"TEN#{ground.tenant}", "INS#")]
    return next(row.id for row in rows if row.app == app)


def begin_install(ground: Ground, app: str, version: str = "1.0.0") -> None:
    grant = ("catalog:read", "secret:key", "state")
    request = InstallRequest(app=app, version=version, grant=grant, secrets={"key": "v"})
    subject = request_install(ground.life, ground.tenant, request, "me")
    walk("install", {"tenant": ground.tenant, "install": subject.id}, FUNCTIONS)


def installed(ground: Ground) -> str:
    app = app_with_two_versions(ground)
    begin_install(ground, app)
    key = names.state_prefix(ground.tenant, install_of(ground, app)) + "kept"
    client("s3").put_object(Bucket=ground.life.deployment.bucket, Key=key, Body=b"x")
    return app


def order(ground: Ground, app: str, **fields: Any) -> dict[str, Any]:
    return {"tenant": ground.tenant, "install": install_of(ground, app)} | fields


def upgrade(ground: Ground, app: str) -> None:
    request = UpgradeRequest(version="2.0.0", grant=("catalog:read",))
    begun = request_upgrade(ground.life, ground.tenant, install_of(ground, app), request, "me")
    walk("upgrade", order(ground, app, to=begun.to, by="me"), FUNCTIONS)


def rollback(ground: Ground, app: str) -> None:
    begun = request_rollback(ground.life, ground.tenant, install_of(ground, app), "me")
    walk("upgrade", order(ground, app, to=begun.to, kind="rollback", by="me"), FUNCTIONS)


def uninstall(ground: Ground, app: str) -> None:
    request_removal(ground.life, ground.tenant, install_of(ground, app))
    walk("uninstall", order(ground, app, part="remove"), FUNCTIONS)


def recover(ground: Ground, app: str) -> None:
    request_recovery(ground.life, ground.tenant, install_of(ground, app))
    walk("install", order(ground, app), FUNCTIONS)


def delete(ground: Ground, app: str) -> None:
    request_deletion(ground.life, ground.tenant, install_of(ground, app))
    walk("uninstall", order(ground, app, part="erase"), FUNCTIONS)


def upgraded(ground: Ground) -> str:
    app = installed(ground)
    upgrade(ground, app)
    return app


def removed(ground: Ground) -> str:
    app = installed(ground)
    uninstall(ground, app)
    return app


SAGAS: dict[str, tuple[Callable[[Ground], str], Callable[[Ground, str], None]]] = {
    "install": (app_with_two_versions, begin_install),
    "upgrade": (installed, upgrade),
    "roll back": (upgraded, rollback),
    "uninstall": (installed, uninstall),
    "recover": (removed, recover),
    "delete": (removed, delete),
}


def crash_change(ground: Ground, saga: str) -> Outcome:
    """Kill a change of an install before each of its calls, and do it again each time."""
    prepare, act = SAGAS[saga]

    def again(app: str) -> None:
        try:
            act(ground, app)
        except NEVER_MORE:
            return

    return crash_everywhere(saga, lambda: prepare(ground), again, lambda app: look_at_install(ground, app))
