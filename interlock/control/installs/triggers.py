"""What leads to an install's workflows: a rule for each event, a schedule for each clock, an item for each tool.

Names are made of what a trigger says, so that a switch of versions touches only what differs.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple, assert_never

from interlock.aws.services import event_bus, scheduler
from interlock.contract.copilot.tool import ToolItem, tool_pin
from interlock.contract.core import names
from interlock.contract.core.failure import Conflict, Failure
from interlock.contract.manifest import EventTrigger, Manifest, ScheduleTrigger, ToolTrigger, TriggerSection
from interlock.contract.registry import Install, Version
from interlock.contract.schedule import minutes_of
from interlock.control.installs.context import Life
from interlock.control.installs.tools import tool_key

DIGITS = 10
PIN = 16


class Triggers(NamedTuple):
    """The triggers of a version, by the names that they have for one install: each with its workflow."""

    rules: dict[str, tuple[str, EventTrigger]]
    schedules: dict[str, tuple[str, ScheduleTrigger]]
    tools: dict[str, tuple[str, ToolTrigger]]


def manifest_of(version: Version) -> Manifest:
    """The manifest of a version that was listed."""
    if version.manifest is None:
        raise Failure("a listed version without a manifest", where=version.app)
    return version.manifest


def asks_of(version: Version) -> tuple[str, ...]:
    """What a tenant consents to with a version: its scopes, and its tools as they are (`tool:NAME:DIGEST`). Pure."""
    tools: list[str] = []
    for workflow, trigger in _sections(manifest_of(version)):
        if isinstance(trigger, ToolTrigger):
            pin = tool_pin(version.app, workflow, trigger, version.tool_schemas.get(trigger.tool, {}))
            tools.append(f"tool:{trigger.tool}:{pin[:PIN]}")
    return (*manifest_of(version).permissions.scopes(), *sorted(tools))


def triggers_of(install: str, version: Version) -> Triggers:
    """What a version's triggers are called for an install. Pure."""
    found = Triggers({}, {}, {})
    for workflow, trigger in _sections(manifest_of(version)):
        match trigger:
            case EventTrigger():
                found.rules[_name(install, workflow, trigger)] = (workflow, trigger)
            case ScheduleTrigger():
                found.schedules[_name(install, workflow, trigger)] = (workflow, trigger)
            case ToolTrigger():
                found.tools[trigger.tool] = (workflow, trigger)
            case _:
                assert_never(trigger)
    return found


def with_names(install: Install, version: Version) -> Install:
    """The install with every name noted that the version's triggers will have, beside those that are there. Pure."""
    wanted = triggers_of(install.id, version)
    return install.model_copy(
        update={
            "rules": tuple(dict.fromkeys((*install.rules, *wanted.rules))),
            "schedules": tuple(dict.fromkeys((*install.schedules, *wanted.schedules))),
            "tools": tuple(dict.fromkeys((*install.tools, *wanted.tools))),
        }
    )


def only_names(install: Install, version: Version | None) -> Install:
    """The install with the names of one version's triggers and no others; none for None. Pure."""
    wanted = triggers_of(install.id, version) if version else Triggers({}, {}, {})
    return install.model_copy(
        update={"rules": tuple(wanted.rules), "schedules": tuple(wanted.schedules), "tools": tuple(wanted.tools)}
    )


def event_pattern(trigger: EventTrigger) -> dict[str, Any]:
    """The EventBridge pattern of a trigger; the tenant is fixed by the bus. Pure."""
    pattern: dict[str, Any] = {"source": [{"prefix": "interlock."}], "detail-type": [trigger.event]}
    return pattern | ({"detail": trigger.where} if trigger.where else {})


def put_triggers(life: Life, install: Install, version: Version) -> None:
    """Make every trigger of a version; those that are there stay.

    Raises:
        Conflict: another app of the tenant has a tool of that name.
    """
    base = {"tenant": install.tenant, "install": install.id}
    wanted = triggers_of(install.id, version)
    for tool, (workflow, trigger) in wanted.tools.items():
        _add_tool(life, install, version, tool, workflow, trigger)
    for name, (workflow, trigger) in wanted.rules.items():
        message = base | {"workflow": workflow, "trigger": trigger.name, "kind": "event"}
        event_bus.put_rule(install.tenant, name, event_pattern(trigger), life.queue_arn, message)
    for name, (workflow, trigger) in wanted.schedules.items():
        message = base | {"workflow": workflow, "trigger": trigger.name, "kind": "schedule"}
        message |= {"at": scheduler.SCHEDULED_TIME, "missed": trigger.missed, "late_s": str(trigger.late_s)}
        scheduler.put_schedule(life.schedule, name, _clock(trigger), message)


def drop_triggers(life: Life, install: Install, keep: Version | None = None) -> None:
    """Delete every trigger that the install notes, but those of one version."""
    kept = triggers_of(install.id, keep) if keep else Triggers({}, {}, {})
    for name in install.rules:
        if name not in kept.rules:
            event_bus.delete_rule(install.tenant, name)
    for name in install.schedules:
        if name not in kept.schedules:
            scheduler.delete_schedule(life.schedule.group, name)
    for tool in install.tools:
        if tool not in kept.tools and _owner(life, install.tenant, tool) == install.id:
            life.registry.table.delete(tool_key(install.tenant, tool))


def check_tools(life: Life, install: Install, version: Version) -> None:
    """Refuse a version whose tools another app of the tenant has.

    Raises:
        Conflict: it has one.
    """
    for tool in triggers_of(install.id, version).tools:
        if tool not in install.tools and _owner(life, install.tenant, tool) not in ("", install.id):
            raise _taken(life, install.tenant, tool)


def _add_tool(life: Life, install: Install, version: Version, tool: str, workflow: str, trigger: ToolTrigger) -> None:
    key = tool_key(install.tenant, tool)
    fresh = ToolItem(
        tool=tool,
        install=install.id,
        workflow=workflow,
        app=install.app,
        version=version.version,
        description=trigger.description,
        definition=tool_pin(install.app, workflow, trigger, version.tool_schemas.get(tool, {})),
    )
    row = life.registry.table.get(key)
    if row is not None and row.read(ToolItem) == fresh:
        return
    if row is not None and row.read(ToolItem).install != install.id:
        raise _taken(life, install.tenant, tool)
    life.registry.table.put(key, fresh, rev=row.rev if row else 0)


def _owner(life: Life, tenant: str, tool: str) -> str:
    row = life.registry.table.get(tool_key(tenant, tool))
    return row.read(ToolItem).install if row else ""


def _taken(life: Life, tenant: str, tool: str) -> Conflict:
    row = life.registry.table.get(tool_key(tenant, tool))
    owner = row.read(ToolItem).app if row else "another app"
    return Conflict(
        f"{owner} has a tool {tool!r} already", code="tool-taken", where=tenant, next_step="interlock install list"
    )


def _sections(manifest: Manifest) -> Iterator[tuple[str, TriggerSection]]:
    for workflow, section in manifest.workflows.items():
        for trigger in section.triggers:
            yield workflow, trigger


def _clock(trigger: ScheduleTrigger) -> scheduler.Clock:
    return scheduler.Clock(
        expression=trigger.schedule,
        timezone=trigger.timezone,
        jitter_minutes=minutes_of(trigger.jitter),
        tries_seconds=trigger.late_s if trigger.missed == "skip" else scheduler.MAX_AGE_SECONDS,
    )


def _name(install: str, workflow: str, trigger: EventTrigger | ScheduleTrigger) -> str:
    said = json.dumps([workflow, trigger.model_dump(mode="json")], sort_keys=True)
    return names.trigger_name(install, hashlib.sha256(said.encode()).hexdigest()[:DIGITS])
