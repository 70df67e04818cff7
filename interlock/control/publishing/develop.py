"""Development versions: a publisher's own, one for each save on the platform of a machine, never listed (ADR 0033).

deploy_development   inspected, deployed and signed as every version is; no trial, no review, no listing
place_development    a tenant's install runs it from the next start on; runs in flight end on theirs
drop_developments    the stacks of those that nobody needs any more go
"""

import time
from dataclasses import dataclass
from threading import Event

from interlock.aws.services import artifacts, secrets, stacks
from interlock.aws.tables.table import Stored
from interlock.compiler.policy import session_policy
from interlock.contract.core import limits, names
from interlock.contract.core.base import InstallName, Json, Model, default_install_name, now
from interlock.contract.core.failure import Conflict, Rejected, Unavailable
from interlock.contract.core.names import Artifact
from interlock.contract.install import InstallRequest
from interlock.contract.registry import Channel, Install, InstallStatus, Version, VersionStatus
from interlock.contract.trigger import only_names, requested_permissions, with_names
from interlock.control.apps.signature import sign_version
from interlock.control.installs.context import InstallContext
from interlock.control.installs.install import check_request
from interlock.control.installs.triggers import check_tools, drop_triggers, put_triggers
from interlock.control.publishing.context import PublishContext
from interlock.control.publishing.examine import Parameters, examine, keep_artifacts, kept_of

LOOK_SECONDS = 0.03
"""Between two looks at a stack: each costs the platform of one machine a millisecond or two."""
KEPT = 3
"""So many development versions of an app stay beside those that runs are on: the last ones can be forked."""
REPLACED = "newer development versions took its place"


@dataclass(frozen=True)
class DevelopContext:
    """What development versions work with."""

    publish: PublishContext
    installs: InstallContext


class DevelopmentSettings(Model):
    """What a person gives an install for development; what is not given stays as it is."""

    config: dict[str, Json] | None = None
    secrets: dict[str, str] = {}
    install: InstallName | None = None
    """The name of the install; by default that of the app."""


def development_version(base: str, number: int) -> str:
    """The version of a push: `1.2.0` becomes `1.2.0-dev.NUMBER`, which comes before it."""
    return f"{base.partition('-')[0]}-dev.{number}"


def deploy_development(data: bytes, app: str, version: str, context: DevelopContext) -> Version:
    """Check a bundle and deploy it as a development version.

    Args:
        data: the bundle, whose manifest has this version.
        app: `publisher/name`.
        version: see `development_version`.
        context: what it works with.

    Raises:
        Rejected: the bundle has errors, or AWS refuses a resource.
        Unavailable: its stack is not ready in limits.STACK_SECONDS.
    """
    publish = context.publish
    publish.registry.publisher(app.partition("/")[0])
    fresh = Version(app=app, version=version, status=VersionStatus.DEVELOPMENT, created=now())
    examined = examine(data, fresh, publish)
    if examined.passed is None:
        raise Rejected(f"{app} has errors", list(examined.findings), where=app)
    bundle, inspection = examined.passed
    parameters = keep_artifacts(fresh, data, bundle, inspection, publish)
    fresh = fresh.model_copy(update=kept_of(inspection, data))
    _deploy(fresh, parameters, context)
    signed = sign_version(fresh, publish.settings.signing_key)
    publish.registry.write_version(Stored(item=signed, rev=0))
    return signed


def place_development(
    tenant: str, version: Version, wanted: DevelopmentSettings, by: str, context: DevelopContext
) -> Install:
    """Let a tenant's install run a development version; where the app is not installed, install it.

    The publisher is the tenant's guest here: every permission that the version asks for is granted.

    Raises:
        Rejected: config or secrets do not fit the version.
        Conflict: the install is changing, or another app has one of the tools.
    """
    registry = context.installs.registry
    name = wanted.install or default_install_name({"app": version.app})
    current = next((one for one in registry.tenant_installs_of_app(tenant, version.app) if one.name == name), None)
    if current is not None and (current.status is not InstallStatus.ACTIVE or current.moving is not None):
        what = f"{version.app} is being changed: {current.status.value}"
        raise Conflict(what, where=current.id, code="install-busy", next_step=f"interlock install show {current.id}")
    _check(version, current, wanted)
    install = current or _new(tenant, version, registry.hold_name(tenant, version.app, name, names.ulid()), name, by)
    fields = {
        "version": version.version,
        "channel": Channel.PINNED,
        "granted": requested_permissions(version),
        "config": install.config if wanted.config is None else wanted.config,
        "secrets": tuple(dict.fromkeys((*install.secrets, *wanted.secrets))),
    }
    session_policy(context.installs.deployment, tenant, install.id, requested_permissions(version))
    check_tools(context.installs, install, version)
    for secret, value in wanted.secrets.items():
        secrets.write_secret(names.secrets_prefix(tenant, install.id) + secret, value)
    named = with_names(install.model_copy(update=fields), version)
    if current is None:
        registry.write_install(Stored(item=named, rev=0))
    else:
        registry.change_install(
            tenant, install.id, lambda latest: with_names(latest.model_copy(update=fields), version)
        )
    put_triggers(context.installs, named, version)
    drop_triggers(context.installs, named, keep=version)
    return registry.change_install(tenant, install.id, lambda latest: only_names(latest, version))


def drop_developments(app: str, context: DevelopContext) -> list[str]:
    """Delete the stacks of an app's development versions but of the last KEPT, and of those that something runs on."""
    registry = context.publish.registry
    rows, after = registry.versions(app, limits.RELEASES, None)
    while after:
        more, after = registry.versions(app, limits.RELEASES, after)
        rows += more
    own = [row for row in rows if row.status is VersionStatus.DEVELOPMENT and not row.withdrawn]
    own.sort(key=lambda row: row.created)
    busy = {run.version for run in context.installs.runs.running() if run.app == app}
    installed, cursor = registry.installs_of_app(app, limits.RELEASES, None)
    while cursor:
        more_installs, cursor = registry.installs_of_app(app, limits.RELEASES, cursor)
        installed += more_installs
    busy |= {install.version for install in installed if not install.status.gone}
    dropped = [row.version for row in own[:-KEPT] if row.version not in busy]
    for version in dropped:
        stacks.delete(names.version_stack(app, version))
        registry.change_version(app, version, lambda latest: latest.model_copy(update={"withdrawn": REPLACED}))
    return dropped


def _deploy(version: Version, parameters: str, context: DevelopContext) -> None:
    settings = context.publish.settings
    prefix = names.artifact_prefix(version.app, version.version, version.digest)
    bucket = settings.artifact_bucket
    raw = artifacts.read(bucket, f"{prefix}parameters.json", parameters)
    values = Parameters.model_validate_json(b'{"values":' + raw + b"}").values
    template = stacks.stored(
        bucket, f"{prefix}{Artifact.TEMPLATE}", artifacts.newest_version(bucket, f"{prefix}{Artifact.TEMPLATE}")
    )
    name = names.version_stack(version.app, version.version)
    stack = stacks.create(name, template, values, settings.deploy_role, {"interlock:app": version.app})
    until = time.monotonic() + limits.STACK_SECONDS
    while not stacks.is_done(stack.id or name):
        if time.monotonic() > until:
            raise Unavailable(f"the stack {name} was not ready", where=name, next_step="interlock doctor")
        Event().wait(LOOK_SECONDS)


def _check(version: Version, current: Install | None, wanted: DevelopmentSettings) -> None:
    config = wanted.config if wanted.config is not None else (current.config if current else {})
    request = InstallRequest(
        app=version.app, config=config, secrets=wanted.secrets, grant=requested_permissions(version)
    )
    findings = list(check_request(version, request))
    if findings:
        raise Rejected(f"{version.app} can't be installed with these settings", findings, where=version.app)


def _new(tenant: str, version: Version, install: str, name: str, by: str) -> Install:
    return Install(
        id=install,
        name=name,
        tenant=tenant,
        app=version.app,
        version=version.version,
        status=InstallStatus.ACTIVE,
        created=now(),
        by=by,
    )
