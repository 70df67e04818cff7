"""What leads to an install's workflows: a rule for each event, a schedule for each clock, an item for each tool."""

from interlock.aws.services import event_bus, scheduler
from interlock.contract.copilot.tool import ToolItem, tool_pin
from interlock.contract.core.failure import Conflict
from interlock.contract.manifest import ScheduleTrigger, ToolTrigger
from interlock.contract.registry import Install, Version
from interlock.contract.schedule import minutes_of
from interlock.contract.trigger import Triggers, event_pattern, triggers_of
from interlock.control.installs.context import InstallContext
from interlock.control.installs.tools import tool_key


def put_triggers(context: InstallContext, install: Install, version: Version) -> None:
    """Make every trigger of a version; those that are there stay.

    Raises:
        Conflict: another app of the tenant has a tool of that name.
    """
    base = {"tenant": install.tenant, "install": install.id}
    wanted = triggers_of(install, version)
    for tool, (workflow, trigger) in wanted.tools.items():
        _add_tool(context, install, version, tool, workflow, trigger)
    for name, (workflow, trigger) in wanted.rules.items():
        message = base | {"workflow": workflow, "trigger": trigger.name, "kind": "event"}
        event_bus.put_rule(install.tenant, name, event_pattern(trigger), context.queue_arn, message)
    for name, (workflow, trigger) in wanted.schedules.items():
        message = base | {"workflow": workflow, "trigger": trigger.name, "kind": "schedule"}
        message |= {"at": scheduler.SCHEDULED_TIME, "missed": trigger.missed, "late_s": str(trigger.late_s)}
        scheduler.put_schedule(context.schedule, name, _clock(trigger), message)


def drop_triggers(context: InstallContext, install: Install, keep: Version | None = None) -> None:
    """Delete every trigger that the install notes, but those of one version."""
    triggers = triggers_of(install, keep) if keep else Triggers({}, {}, {})
    for name in install.rules:
        if name not in triggers.rules:
            event_bus.delete_rule(install.tenant, name)
    for name in install.schedules:
        if name not in triggers.schedules:
            scheduler.delete_schedule(context.schedule.group, name)
    for tool in install.tools:
        if tool not in triggers.tools and _owner(context, install.tenant, tool) == install.id:
            context.registry.table.delete(tool_key(install.tenant, tool))


def check_tools(context: InstallContext, install: Install, version: Version) -> None:
    """Refuse a version whose tools another app of the tenant has.

    Raises:
        Conflict: it has one.
    """
    for tool in triggers_of(install, version).tools:
        if tool not in install.tools and _owner(context, install.tenant, tool) not in ("", install.id):
            raise _taken(context, install.tenant, tool)


def _add_tool(
    context: InstallContext, install: Install, version: Version, tool: str, workflow: str, trigger: ToolTrigger
) -> None:
    key = tool_key(install.tenant, tool)
    fresh = ToolItem(
        tool=tool,
        trigger=trigger.tool,
        install=install.id,
        workflow=workflow,
        app=install.app,
        version=version.version,
        description=trigger.description,
        definition=tool_pin(install.app, workflow, trigger, version.tool_schemas.get(trigger.tool, {})),
    )
    row = context.registry.table.get(key)
    if row is not None and row.read(ToolItem) == fresh:
        return
    if row is not None and row.read(ToolItem).install != install.id:
        raise _taken(context, install.tenant, tool)
    context.registry.table.put(key, fresh, rev=row.rev if row else 0)


def _owner(context: InstallContext, tenant: str, tool: str) -> str:
    row = context.registry.table.get(tool_key(tenant, tool))
    return row.read(ToolItem).install if row else ""


def _taken(context: InstallContext, tenant: str, tool: str) -> Conflict:
    row = context.registry.table.get(tool_key(tenant, tool))
    owner = row.read(ToolItem).app if row else "another app"
    return Conflict(
        f"app {owner} has a tool {tool!r} already", code="tool-taken", where=tenant, next_step="interlock install list"
    )


def _clock(trigger: ScheduleTrigger) -> scheduler.Clock:
    return scheduler.Clock(
        expression=trigger.schedule,
        timezone=trigger.timezone,
        jitter_minutes=minutes_of(trigger.jitter),
        tries_seconds=trigger.late_s if trigger.missed == "skip" else scheduler.MAX_AGE_SECONDS,
    )
