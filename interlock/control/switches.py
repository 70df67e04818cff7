"""Kill switches: of an install, a version, an app. Starts become dead letters, runs fail by name at their next step.

Those of installs and versions are read with each step. The one of an app is read at most once in SECONDS by a process,
so it works within that time; runs in flight end at their next step, a step that runs goes on to its end.
"""

import time

from interlock.aws.items import Key
from interlock.aws.registry import Registry, StoredVersion
from interlock.contract.base import Document
from interlock.contract.registry import Install, Version
from interlock.control.life import change_install

SECONDS = 3.0


class Switch(Document):
    """Why something is switched off; empty while it is on."""

    stopped: str = ""


def switch_install(registry: Registry, tenant: str, install: str, switch: Switch) -> Install:
    """Switch an install off or on; NotFound where there is none."""
    return change_install(registry, tenant, install, lambda found: found.model_copy(update={"stopped": switch.stopped}))


def switch_version(registry: Registry, app: str, version: str, switch: Switch) -> Version:
    """Switch a version off or on for every tenant; NotFound where there is none, Conflict where somebody writes it."""
    stored = registry.version(app, version)
    after = stored.version.model_copy(update={"stopped": switch.stopped})
    registry.write_version(StoredVersion(version=after, rev=stored.rev))
    return after


def switch_app(registry: Registry, app: str, switch: Switch) -> Switch:
    """Switch all versions of an app off or on for every tenant; NotFound where the publisher is not known."""
    registry.publisher(app.partition("/")[0])
    registry.table.put(_key(app), switch)
    _kept.pop((registry.table.name, app), None)
    return switch


def app_stopped(registry: Registry, app: str) -> str:
    """Why an app is switched off; empty while it is on. Read once in SECONDS."""
    at = (registry.table.name, app)
    known = _kept.get(at)
    if known is not None and time.monotonic() - known[0] < SECONDS:
        return known[1]
    row = registry.table.get(_key(app))
    stopped = row.read(Switch).stopped if row else ""
    _kept[at] = (time.monotonic(), stopped)
    return stopped


_kept: dict[tuple[str, str], tuple[float, str]] = {}


def _key(app: str) -> Key:
    return Key(pk=f"APP#{app}", sk="SWITCH")
