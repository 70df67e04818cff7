"""What a switch of an install to another version would ask for and change; nothing is written."""

from interlock.contract.registry import Install, Version
from interlock.contract.scope_words import say
from interlock.contract.trigger import manifest_of, requested_permissions
from interlock.contract.upgrade_plan import Difference, UpgradePlan
from interlock.control.apps.releases import release_to_install
from interlock.control.installs.context import InstallContext
from interlock.control.installs.install import check_config


def plan_upgrade(context: InstallContext, tenant: str, install: str, version: str = "") -> UpgradePlan:
    """The plan for a version; for what waits, or else for the newest of the channel, where it is empty.

    Raises:
        NotFound: no such install or version.
    """
    current = context.registry.install(tenant, install).item
    wanted = version or (current.offer.version if current.offer else "")
    to = release_to_install(context.registry, current.app, wanted, current.channel)
    before = context.registry.version(current.app, current.version).item
    return compare(current, before, to)


def compare(install: Install, before: Version, to: Version) -> UpgradePlan:
    """The plan of a switch. Pure."""
    old, new = set(manifest_of(before).permissions.scopes()), set(manifest_of(to).permissions.scopes())
    consent = tuple(sorted(new - set(install.granted)))
    return UpgradePlan(
        install=install.id,
        app=install.app,
        before=before.version,
        to=to.version,
        consent=consent,
        words={scope: say(scope) for scope in sorted(old ^ new | set(consent))},
        scopes=Difference(added=tuple(sorted(new - old)), removed=tuple(sorted(old - new))),
        triggers=_difference(_triggers(before), _triggers(to)),
        tools=_difference(_tools(before), _tools(to)),
        findings=tuple(check_config(to, install.config)),
    )


def _difference(old: dict[str, str], new: dict[str, str]) -> Difference:
    return Difference(
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(sorted(name for name in old.keys() & new.keys() if old[name] != new[name])),
    )


def _triggers(version: Version) -> dict[str, str]:
    values: dict[str, str] = {}
    for workflow, section in manifest_of(version).workflows.items():
        for trigger in section.triggers:
            if not trigger.name.startswith("tool:"):
                name = f"{workflow}/{trigger.name}"
                values[name] = values.get(name, "") + trigger.model_dump_json()
    return values


def _tools(version: Version) -> dict[str, str]:
    parts = (ask.split(":") for ask in requested_permissions(version) if ask.startswith("tool:"))
    return {name: digest for _, name, digest in parts}
