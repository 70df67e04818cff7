"""Support sessions: a tenant's admin lets the publisher of an app see the tenant's runs of it, for a limited time.

Within one, the publisher's members may read these runs as the tenant's own members do, and breakpoints on a version
stop them. Each read is in the tenant's audit log. Without one, a publisher sees no run of a tenant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from interlock.aws.tables.registry import Registry, membership_item
from interlock.aws.tables.runs import Runs
from interlock.aws.tables.support_sessions import SupportSessions, support_item
from interlock.aws.tables.table import Page, batch_get
from interlock.contract.core import names
from interlock.contract.core.base import now
from interlock.contract.core.failure import NotFound
from interlock.contract.member import Caller
from interlock.contract.registry import Membership
from interlock.contract.run import Breakpoint
from interlock.contract.support import SupportRequest, SupportSession, SupportSessionList
from interlock.control.access.authorize import is_permitted

PAGE = 50
DEBUG = "debugRuns"
"""The action that arming a breakpoint on a tenant's run needs."""


def open_support(registry: Registry, tenant: str, request: SupportRequest, by: str) -> SupportSession:
    """Open a support session, or give the one that is open another end.

    Raises:
        NotFound: the app is not installed.
    """
    if not registry.tenant_installs_of_app(tenant, request.app):
        raise NotFound(
            f"{request.app} is not installed",
            where=f"tenant {tenant}",
            code="not-installed",
            next_step="See what is: interlock install list",
        )
    session = SupportSession(
        tenant=tenant,
        app=request.app,
        opened=now(),
        until=now(timedelta(minutes=request.minutes)),
        by=by,
        reason=request.reason,
    )
    SupportSessions(registry.table.name).write(session)
    return session


def close_support(registry: Registry, tenant: str, app: str) -> SupportSession:
    """End a support session now.

    Returns:
        The session, which ended at its `until`.

    Raises:
        NotFound: none is open.
    """
    session = open_session(registry, tenant, app)
    if session is None:
        raise NotFound(
            f"no support session for {app} is open",
            where=f"tenant {tenant}",
            code="no-support-session",
            next_step="interlock support list",
        )
    SupportSessions(registry.table.name).delete(tenant, app)
    return session.model_copy(update={"until": now()})


def end_support(registry: Registry, tenant: str, app: str) -> None:
    """End a support session if one is open: its app is being removed."""
    SupportSessions(registry.table.name).delete(tenant, app)


def open_session(registry: Registry, tenant: str, app: str) -> SupportSession | None:
    """The support session of a tenant for an app, if one is open."""
    session = SupportSessions(registry.table.name).read(tenant, app)
    return session if session and session.is_open(now()) else None


def sessions_of_tenant(registry: Registry, tenant: str, limit: int, cursor: str | None) -> SupportSessionList:
    """A page of the support sessions that a tenant has open. A page may be short and not the last."""
    return _page(SupportSessions(registry.table.name).of_tenant(tenant, limit, cursor))


def sessions_of_publisher(
    registry: Registry, publisher: str, limit: int = PAGE, cursor: str | None = None, app: str = ""
) -> SupportSessionList:
    """A page of the support sessions that tenants have open for a publisher's apps, or for one of them."""
    return _page(SupportSessions(registry.table.name).of_publisher(publisher, limit, cursor, app))


@dataclass(frozen=True)
class SupportedCall:
    """What a call in a support session reads: one run, or the runs of one app."""

    tenant: str
    run: str = ""
    app: str = ""
    """Where it is not about one run."""


def session_for(registry: Registry, runs: Runs, caller: Caller, call: SupportedCall) -> SupportSession | None:
    """The session by which a caller may make a call, if there is one: that of the app whose runs it reads.

    A run that does not exist, an app of another publisher and a tenant without a session look the same to the caller.
    """
    app = call.app
    if not any(row.scope.startswith("publisher/") for row in caller.memberships):
        return None
    if call.run:
        try:
            app = runs.find(call.tenant, call.run).item.app
        except NotFound:
            return None
    publisher = f"publisher/{app.partition('/')[0]}"
    if not any(row.scope == publisher for row in caller.memberships):
        return None
    return open_session(registry, call.tenant, app)


def rules_for_tenant(registry: Registry, tenant: str, app: str, rules: Sequence[Breakpoint]) -> tuple[Breakpoint, ...]:
    """The breakpoints of a version that may stop a tenant's runs: one read of the registry.

    All of them in the sandbox and within a support session; else those whose armer debugs the tenant's runs anyway.
    """
    if tenant == names.SANDBOX or not rules:
        return tuple(rules)
    table, session_at = registry.table.name, support_item(tenant, app)
    scope = f"tenant/{tenant}"
    armers = {rule.armed_by: membership_item(rule.armed_by, scope) for rule in rules}
    rows = batch_get({table: [session_at, *armers.values()]})
    row = rows.get((table, session_at.pk, session_at.sk))
    if row is not None and row.read(SupportSession).is_open(now()):
        return tuple(rules)
    members = {by: row.read(Membership) for by, at in armers.items() if (row := rows.get((table, at.pk, at.sk)))}
    own = {
        by
        for by, membership in members.items()
        if is_permitted(Caller(principal=by, memberships=(membership,)), DEBUG, scope)
    }
    return tuple(rule for rule in rules if rule.armed_by in own)


class AppTenants(NamedTuple):
    """Tenants in which a caller sees or stops the runs of an app."""

    ids: tuple[str, ...]
    more: bool
    """More tenants have a support session for it than PAGE, which are looked at."""


def tenants_in_view(registry: Registry, caller: Caller, app: str) -> AppTenants:
    """The tenants whose runs of an app a caller may see: the sandbox, its own, and those with a support session."""
    return _tenants(registry, caller, app, "readRuns")


def tenants_in_reach(registry: Registry, caller: Caller, app: str) -> AppTenants:
    """The tenants whose runs of an app a version's breakpoint of a caller stops (`rules_for_tenant`)."""
    return _tenants(registry, caller, app, DEBUG)


def _tenants(registry: Registry, caller: Caller, app: str, action: str) -> AppTenants:
    own = [
        scope.partition("/")[2]
        for row in caller.memberships
        if (scope := row.scope).startswith("tenant/") and is_permitted(caller, action, scope)
    ]
    opened = sessions_of_publisher(registry, app.partition("/")[0], PAGE, app=app)
    ids = dict.fromkeys((names.SANDBOX, *own, *(session.tenant for session in opened.sessions)))
    return AppTenants(tuple(ids), more=opened.cursor is not None)


def _page(page: Page) -> SupportSessionList:
    at = now()
    rows = (row.read(SupportSession) for row in page.rows)
    return SupportSessionList(sessions=tuple(row for row in rows if row.is_open(at)), cursor=page.cursor)
