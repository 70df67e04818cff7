"""Which install of an app a request means: the one that it names, or the only one."""

from interlock.aws.tables.registry import Registry
from interlock.contract.core.failure import BadRequest, NotFound
from interlock.contract.registry import Install, InstallStatus


def choose_install(registry: Registry, tenant: str, app: str, wanted: str = "") -> Install:
    """The install that a request means.

    Args:
        registry: the registry.
        tenant: the tenant.
        app: `publisher/name`; empty where `wanted` is an id.
        wanted: the id of an install, or its name among those of the app; empty for the only one.

    Raises:
        NotFound: the app is not installed, or has no such install.
        BadRequest: the app has several installs, and the request names none of them.
    """
    if not app:
        if not wanted:
            raise BadRequest("the request names no app", where="app", next_step="Send app, or the id of an install.")
        return registry.install(tenant, wanted).item
    installs = registry.tenant_installs_of_app(tenant, app)
    if wanted:
        return next((one for one in installs if wanted in (one.name, one.id)), None) or _by_id(
            registry, tenant, app, wanted
        )
    if not installs:
        raise NotFound(
            f"{app} is not installed",
            where=f"tenant {tenant}",
            code="not-installed",
            next_step=f"interlock install add {app}",
        )
    # One that is being removed is none that anybody means, as long as another one can be used.
    usable = [one for one in installs if one.status is InstallStatus.ACTIVE] or installs
    if len(usable) > 1:
        raise which_install(app, usable)
    return usable[0]


def which_install(app: str, installs: list[Install]) -> BadRequest:
    """The refusal of a request that could mean several installs of an app."""
    known = ", ".join(one.name for one in installs)
    return BadRequest(
        f"{app} has {len(installs)} installs here: {known}",
        where="install",
        code="which-install",
        next_step=f"Choose one of them by its name: add --install {installs[0].name}, or the field install.",
    )


def _by_id(registry: Registry, tenant: str, app: str, wanted: str) -> Install:
    """One that the app's names do not lead to any more, by its id."""
    unknown = NotFound(
        f"{app} has no install {wanted}",
        where=f"tenant {tenant}",
        code="unknown-install",
        next_step="interlock install list",
    )
    try:
        install = registry.install(tenant, wanted).item
    except NotFound as error:
        raise unknown from error
    if install.app != app:
        raise unknown
    return install
