"""Kill switches: of an install, a version, an app. Starts become dead letters, runs fail by name at their next step.

The gate reads all three with the rest that it reads for a step: that of an app stands beside each of its releases. Runs
in flight end at their next step; a step that runs goes on to its end.
"""

from interlock.aws.tables.registry import Registry, version_item
from interlock.aws.tables.table import Key
from interlock.contract.kill_switch import KillSwitch
from interlock.contract.registry import Install, Version


def set_install_kill_switch(registry: Registry, tenant: str, install: str, switch: KillSwitch) -> Install:
    """Switch an install off or on; NotFound where there is none."""
    return registry.change_install(
        tenant, install, lambda current: current.model_copy(update={"stopped": switch.stopped})
    )


def set_version_kill_switch(registry: Registry, app: str, version: str, switch: KillSwitch) -> Version:
    """Switch a version off or on for every tenant; NotFound where there is none, Conflict where somebody writes it."""
    return registry.change_version(app, version, lambda latest: latest.model_copy(update={"stopped": switch.stopped}))


def set_app_kill_switch(registry: Registry, app: str, switch: KillSwitch) -> KillSwitch:
    """Switch all versions of an app off or on for every tenant; NotFound where the publisher is not known.

    Starts look at the app's own item, which is written first; steps look at that beside their version.
    """
    registry.publisher(app.partition("/")[0])
    registry.table.put(_key(app), switch)
    releases = registry.app(app).item.releases
    registry.table.put_all([(kill_switch_key(version_item(app, row.version)), switch) for row in releases])
    return switch


def app_stopped(registry: Registry, app: str) -> str:
    """Why an app is switched off; empty while it is on."""
    row = registry.table.get(_key(app))
    return row.read(KillSwitch).stopped if row else ""


def kill_switch_key(version: Key) -> Key:
    """Where the switch of a version's app stands beside the version."""
    return Key(pk=version.pk, sk="SWITCH")


def _key(app: str) -> Key:
    return Key(pk=f"APP#{app}", sk="SWITCH")
