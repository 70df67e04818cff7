"""The triggers of a version, and the permissions that it asks a tenant for. Pure.

The name of a rule or a schedule is made of its trigger's content, so that an upgrade touches only what differs.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple, assert_never

from interlock.contract.copilot.tool import tenant_tool, tool_pin
from interlock.contract.core import names
from interlock.contract.core.failure import Failure
from interlock.contract.event import pattern_of
from interlock.contract.manifest import EventTrigger, Manifest, ScheduleTrigger, ToolTrigger, TriggerSection
from interlock.contract.registry import Install, Version

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
        raise Failure("a listed version has no manifest", where=version.app, next_step="Publish the version again.")
    return version.manifest


def requested_permissions(version: Version) -> tuple[str, ...]:
    """What a tenant consents to with a version: its scopes, and its tools as they are (`tool:NAME:DIGEST`). Pure."""
    tools: list[str] = []
    for workflow, trigger in _sections(manifest_of(version)):
        if isinstance(trigger, ToolTrigger):
            pin = tool_pin(version.app, workflow, trigger, version.tool_schemas.get(trigger.tool, {}))
            tools.append(f"tool:{trigger.tool}:{pin[:PIN]}")
    return (*manifest_of(version).permissions.scopes(), *sorted(tools))


def triggers_of(install: Install, version: Version) -> Triggers:
    """What a version's triggers are called for an install: its tools as the tenant knows them. Pure."""
    triggers = Triggers({}, {}, {})
    for workflow, trigger in _sections(manifest_of(version)):
        match trigger:
            case EventTrigger():
                triggers.rules[_name(install.id, workflow, trigger)] = (workflow, trigger)
            case ScheduleTrigger():
                triggers.schedules[_name(install.id, workflow, trigger)] = (workflow, trigger)
            case ToolTrigger():
                triggers.tools[tenant_tool(install.app, install.name, trigger.tool)] = (workflow, trigger)
            case _:
                assert_never(trigger)
    return triggers


def with_names(install: Install, version: Version) -> Install:
    """The install with every name noted that the version's triggers will have, beside those that are there. Pure."""
    wanted = triggers_of(install, version)
    return install.model_copy(
        update={
            "rules": tuple(dict.fromkeys((*install.rules, *wanted.rules))),
            "schedules": tuple(dict.fromkeys((*install.schedules, *wanted.schedules))),
            "tools": tuple(dict.fromkeys((*install.tools, *wanted.tools))),
        }
    )


def only_names(install: Install, version: Version | None) -> Install:
    """The install with the names of one version's triggers and no others; none for None. Pure."""
    wanted = triggers_of(install, version) if version else Triggers({}, {}, {})
    return install.model_copy(
        update={"rules": tuple(wanted.rules), "schedules": tuple(wanted.schedules), "tools": tuple(wanted.tools)}
    )


def event_pattern(trigger: EventTrigger) -> dict[str, Any]:
    """The EventBridge pattern of a trigger; the tenant is fixed by the bus. Pure.

    An event of the platform has one source: whatever else comes under its name does not start a run.
    """
    return pattern_of((trigger.event,), trigger.where)


def _sections(manifest: Manifest) -> Iterator[tuple[str, TriggerSection]]:
    for workflow, section in manifest.workflows.items():
        for trigger in section.triggers:
            yield workflow, trigger


def _name(install: str, workflow: str, trigger: EventTrigger | ScheduleTrigger) -> str:
    said = json.dumps([workflow, trigger.model_dump(mode="json")], sort_keys=True)
    return names.trigger_name(install, hashlib.sha256(said.encode()).hexdigest()[:DIGITS])
