"""Installing an app for a tenant. Each task of `statemachines/install` is one function here, and may run again.

request_install   version, consent, config and secrets are checked; the item; secrets; the workflow begins
route             a rule for each event, a schedule for each clock, an item for each tool
activate          only now do starts pass
undo              what was made goes; a first install is `removed`, a recovered one keeps its data
"""

from collections.abc import Iterable, Iterator

from interlock.aws.services import secrets
from interlock.aws.tables.listings import Listings
from interlock.aws.tables.table import Stored
from interlock.bounds.json_schema import mismatches
from interlock.compiler.policy import session_policy
from interlock.contract.core import names
from interlock.contract.core.base import Json, default_install_name, now
from interlock.contract.core.failure import Conflict, NotFound, Rejected
from interlock.contract.core.finding import Finding
from interlock.contract.install import InstallRequest
from interlock.contract.registry import Install, InstallStatus, Version
from interlock.contract.trigger import manifest_of, only_names, requested_permissions, with_names
from interlock.control.apps.releases import release_to_install
from interlock.control.apps.signature import check_signature
from interlock.control.installs.context import InstallContext, begin, set_timer
from interlock.control.installs.triggers import check_tools, drop_triggers, put_triggers


def request_install(context: InstallContext, tenant: str, request: InstallRequest, by: str) -> Install:
    """Begin to install an app; again after a request that was cut off, it goes on from there.

    Returns:
        The install, `installing`.

    Raises:
        NotFound: no such tenant, or no such listed version.
        Rejected: a scope without consent, config or secrets that are wrong.
        Conflict: the app is installed under this name, another install has one of its tools, or the tenant is leaving.
    """
    if context.registry.tenant(tenant).leaving:
        step = "interlock tenant show"
        raise Conflict("the tenant is being offboarded", where=tenant, code="tenant-leaving", next_step=step)
    version = release_to_install(context.registry, request.app, request.version, request.channel)
    check_signature(version, context.signing_key)
    findings = list(check_request(version, request))
    if findings:
        raise Rejected(
            f"{request.app}@{version.version} can't be installed with these settings", findings, where=tenant
        )
    install = _item(context, tenant, version, request, by)
    for name, value in request.secrets.items():
        secrets.write_secret(names.secrets_prefix(tenant, install.id) + name, value)
    begin(context, context.machines.install, install, {})
    return install


def check_request(version: Version, request: InstallRequest) -> Iterator[Finding]:
    """What is wrong with a request to install a version. Pure."""
    manifest = manifest_of(version)
    for scope in manifest.permissions.scopes():
        if scope not in request.grant:
            fix = f"Consent to it: --grant {scope}"
            yield Finding(code="install.consent", where=scope, what=f"the app needs {scope}", fix=fix)
    yield from check_secrets(version, request.secrets)
    yield from check_config(version, request.config)


def check_secrets(version: Version, names_of_secrets: Iterable[str]) -> Iterator[Finding]:
    """The secrets that a version does not ask for. Pure."""
    declared = manifest_of(version).permissions.secrets
    for name in names_of_secrets:
        if name not in declared:
            what = f"the app has no secret {name!r}; it has: {', '.join(declared) or 'none'}"
            yield Finding(code="install.secret", where=name, what=what, fix="Remove the secret, or correct its name.")


def check_config(version: Version, config: dict[str, Json]) -> Iterator[Finding]:
    """What is wrong with a config for a version. Pure."""
    if version.config_schema is None:
        if config:
            yield Finding(code="install.config", where="config", what="the app has no config", fix="Remove the config.")
        return
    for row in mismatches(version.config_schema, config):
        fix = "Look at the app's config schema: interlock app show " + version.app
        yield Finding(code="install.config", where=f"config/{row.path}", what=row.sentence("the config"), fix=fix)


def route(context: InstallContext, tenant: str, install: str) -> None:
    """Make the install's triggers."""
    current = context.registry.install(tenant, install).item
    put_triggers(context, current, context.registry.version(current.app, current.version).item)


def activate(context: InstallContext, tenant: str, install: str) -> None:
    """Let starts pass."""
    after = {"status": InstallStatus.ACTIVE, "removed": None, "delete_after": None, "problem": "", "abort": False}
    current = context.registry.change_install(tenant, install, lambda current: current.model_copy(update=after))
    if current.has_default_name:
        # A tenant counts once: further installs of an app have other names.
        Listings(context.registry.table.name).count(current.app, install, there=True)


def is_whole(install: Install) -> bool:
    """Whether all that the tenant gave for an install was kept: a request that was cut off may have kept no secret."""
    prefix = names.secrets_prefix(install.tenant, install.id)
    return all(secrets.secret_exists(prefix + name) for name in install.secrets)


def undo(context: InstallContext, tenant: str, install: str, cause: str) -> None:
    """Take back what was made, and keep why."""
    current = context.registry.install(tenant, install).item
    drop_triggers(context, current)
    recovered = current.removed is not None
    if not recovered:
        for name in current.secrets:
            secrets.delete_secret(names.secrets_prefix(tenant, install) + name)

    def removed(latest: Install) -> Install:
        fields: dict[str, object] = {"status": InstallStatus.REMOVED, "problem": cause}
        return only_names(latest, None).model_copy(update=fields if recovered else fields | {"secrets": ()})

    context.registry.change_install(tenant, install, removed)
    Listings(context.registry.table.name).count(current.app, install, there=False)


def installed_already(holder: Install) -> Conflict:
    """The refusal of an install whose name among the app's another one has."""
    return Conflict(
        f"{holder.app} is installed already, as {holder.name} ({holder.id})",
        where=f"tenant {holder.tenant}",
        code="already-installed",
        next_step=f"Install it once more under another name: interlock install add {holder.app} --name NAME",
    )


def _item(context: InstallContext, tenant: str, version: Version, request: InstallRequest, by: str) -> Install:
    wanted = names.ulid()
    name = request.name or default_install_name({"app": version.app})
    holder = context.registry.hold_name(tenant, version.app, name, wanted)
    stored: Stored[Install] | None = None
    if holder != wanted:
        try:
            stored = context.registry.install(tenant, holder)
        except NotFound:
            stored = None
        if stored is not None and stored.item.status is not InstallStatus.INSTALLING:
            raise installed_already(stored.item)
    fresh = Install(
        id=holder,
        tenant=tenant,
        app=version.app,
        name=name,
        version=version.version,
        status=InstallStatus.INSTALLING,
        channel=request.channel,
        granted=requested_permissions(version),
        config=request.config,
        secrets=tuple(dict.fromkeys((*(stored.item.secrets if stored else ()), *request.secrets))),
        created=now(),
        by=by,
        rules=stored.item.rules if stored else (),
        schedules=stored.item.schedules if stored else (),
        tools=stored.item.tools if stored else (),
    )
    session_policy(context.deployment, tenant, holder, fresh.granted)
    check_tools(context, fresh, version)
    set_timer(context, tenant, holder, "resume")
    context.registry.write_install(Stored(item=with_names(fresh, version), rev=stored.rev if stored else 0))
    return fresh
