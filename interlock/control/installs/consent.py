"""The consent sheet of an app: scopes, egress, triggers, secrets, config form, and what runs are estimated to cost."""

from interlock.aws.tables.registry import Registry
from interlock.contract.consent import Ask, ConsentSheet, Estimate
from interlock.contract.price import GATE_MEMORY_GB, cost
from interlock.contract.registry import Channel, Version
from interlock.contract.scope_words import say
from interlock.contract.trigger import manifest_of
from interlock.control.apps.releases import release_to_install

MB_PER_GB = 1024
RUNS = 1_000
DIGITS = 4


def consent_sheet(registry: Registry, app: str, version: str = "", channel: Channel = Channel.STABLE) -> ConsentSheet:
    """What a tenant would consent to.

    Raises:
        NotFound: the app has no such release.
    """
    return sheet_of(release_to_install(registry, app, version, channel))


def sheet_of(version: Version) -> ConsentSheet:
    """The sheet of a version. Pure."""
    manifest = manifest_of(version)
    return ConsentSheet(
        app=version.app,
        version=version.version,
        title=manifest.app.title,
        summary=manifest.app.summary,
        scopes=tuple(Ask(scope=scope, words=say(scope)) for scope in manifest.permissions.scopes()),
        egress=manifest.permissions.egress,
        triggers=tuple(
            f"{name}: {trigger.name.replace(':', ' ', 1)}"
            for name, section in manifest.workflows.items()
            for trigger in section.triggers
        ),
        secrets=manifest.permissions.secrets,
        config_schema=version.config_schema,
        estimates=tuple(_estimate(version, name) for name in manifest.workflows),
    )


def _estimate(version: Version, workflow: str) -> Estimate:
    """Of the steps that a workflow may call nobody knows which it does: their mean memory stands for each Task."""
    plan, steps = version.workflows[workflow], manifest_of(version).steps
    tasks = max(plan.tasks, 1)
    memory = sum(step.memory_mb for step in steps.values()) / max(len(steps), 1) / MB_PER_GB
    dollars = cost(RUNS * tasks * 2, RUNS * tasks * (memory + GATE_MEMORY_GB), RUNS * max(plan.states, tasks))
    return Estimate(workflow=workflow, dollars_per_1000_runs=round(dollars, DIGITS))
