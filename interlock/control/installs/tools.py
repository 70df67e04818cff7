"""The tools of a tenant's installed apps: found, held against what the tenant consented to, one page at a time."""

from collections.abc import Iterator
from typing import NamedTuple

from interlock.aws.tables.registry import Registry, install_item, version_item
from interlock.aws.tables.table import Key, batch_get
from interlock.contract.copilot.tool import CallableTool, CallableToolPage, ToolItem, tool_pin
from interlock.contract.core import limits
from interlock.contract.core.base import Json
from interlock.contract.core.failure import Conflict, NotFound
from interlock.contract.manifest import ToolTrigger
from interlock.contract.registry import Install, InstallStatus, Version

CHANGING = ("catalog:write", "egress:")
"""Scopes by which an app may change or undo what is there; `catalog:write:tags` begins so too."""


class InstalledTool(NamedTuple):
    """A tool with what it belongs to."""

    item: ToolItem
    install: Install
    version: Version
    trigger: ToolTrigger
    schema: Json


def tool_key(tenant: str, tool: str) -> Key:
    """Where a tool of a tenant is."""
    return Key(pk=f"TEN#{tenant}", sk=f"TOOL#{tool}")


def find_tool(registry: Registry, tenant: str, tool: str) -> InstalledTool:
    """A tool that can be called.

    Raises:
        NotFound: no installed app has it.
        Conflict: its install is not active, or it is no longer what the tenant consented to.
    """
    row = registry.table.get(tool_key(tenant, tool))
    if row is None:
        raise NotFound(
            f"tool {tool} does not exist",
            where=f"tenant {tenant}",
            code="unknown-tool",
            next_step="interlock install list",
        )
    item = row.read(ToolItem)
    install = registry.install(tenant, item.install).item
    if install.status is not InstallStatus.ACTIVE or install.stopped:
        what = install.stopped or install.status.value
        raise Conflict(
            f"the install is {what}", where=install.id, code="install-inactive", next_step="interlock install list"
        )
    current = pinned_tool(item, install, registry.version(install.app, install.version).item)
    if current is None:
        raise Conflict(
            f"tool {tool} changed after the tenant consented to it",
            where=f"{install.app}@{install.version}",
            code="tool-changed",
            next_step=f"Look at the app, then consent to a version: interlock install upgrade {install.id}",
        )
    return current


def list_app_tools(
    registry: Registry, tenant: str, cursor: str | None = None
) -> tuple[list[InstalledTool], str | None]:
    """A page of the tools that can be called, and the cursor of the next page. Three calls, however many installs."""
    page = registry.table.query(f"TEN#{tenant}", "TOOL#", limit=limits.TOOL_PAGE, cursor=cursor)
    items = [row.read(ToolItem) for row in page.rows]
    installs = _installs(registry, tenant, items)
    versions = read_versions(registry, list(installs.values()))
    return list(_offered(items, installs, versions)), page.cursor


def callable_tools(registry: Registry, tenant: str, cursor: str | None = None) -> CallableToolPage:
    """A page of the tools that can be called, as callers see them."""
    rows, following = list_app_tools(registry, registry.tenant(tenant).id, cursor)
    tools = tuple(
        CallableTool(
            name=row.item.tool,
            description=row.trigger.description,
            app=row.install.app,
            version=row.install.version,
            install=row.install.id,
            install_name=row.install.name,
            workflow=row.item.workflow,
            input_schema=row.version.tool_schemas.get(row.item.own_name, {}),
        )
        for row in rows
    )
    return CallableToolPage(tools=tools, cursor=following)


def _offered(
    items: list[ToolItem], installs: dict[str, Install], versions: dict[tuple[str, str], Version]
) -> Iterator[InstalledTool]:
    for item in items:
        install = installs.get(item.install)
        version = versions.get((install.app, install.version)) if install else None
        tool = pinned_tool(item, install, version) if install and version else None
        if tool is not None:
            yield tool


def _installs(registry: Registry, tenant: str, items: list[ToolItem]) -> dict[str, Install]:
    keys = [install_item(tenant, install) for install in dict.fromkeys(item.install for item in items)]
    rows = batch_get({registry.table.name: keys}) if keys else {}
    installs = (row.read(Install) for row in rows.values())
    return {one.id: one for one in installs if one.status is InstallStatus.ACTIVE and not one.stopped}


def read_versions(registry: Registry, installs: list[Install]) -> dict[tuple[str, str], Version]:
    """The versions of at most 100 installs, in one call."""
    keys = [version_item(*pair) for pair in dict.fromkeys((one.app, one.version) for one in installs)]
    rows = batch_get({registry.table.name: keys}) if keys else {}
    return {(one.app, one.version): one for one in (row.read(Version) for row in rows.values())}


def pinned_tool(item: ToolItem, install: Install, version: Version) -> InstalledTool | None:
    """The tool as its version defines it, if that is what was pinned."""
    section = version.manifest.workflows.get(item.workflow) if version.manifest else None
    for trigger in section.triggers if section else ():
        if isinstance(trigger, ToolTrigger) and trigger.tool == item.own_name:
            schema = version.tool_schemas.get(item.own_name, {})
            if tool_pin(version.app, item.workflow, trigger, schema) == item.definition:
                return InstalledTool(item, install, version, trigger, schema)
    return None


def may_change(install: Install) -> bool:
    """Whether an install's workflows may change or undo what is there: what the tenant granted says so."""
    return any(scope.startswith(CHANGING) for scope in install.granted)
