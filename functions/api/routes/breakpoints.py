"""Routes of breakpoints: on a run, on every run of an install, and on every run of a version."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from functions.api import contexts
from functions.api.parameters import AppName, BreakpointId, InstallId, PublisherId, RunId, TenantId, VersionId
from functions.api.routing import CurrentCaller, route
from interlock.contract.breakpoint import BreakpointList, BreakpointReach, BreakpointRemoved, NewBreakpoint
from interlock.contract.registry import Version
from interlock.contract.run import Breakpoint
from interlock.control.access import support
from interlock.control.pauses import breakpoints, reach
from interlock.control.pauses.known_states import check_state

ON_RUN = "/v1/tenants/<tenant>/runs/<run>/breakpoints"
ON_INSTALL = "/v1/tenants/<tenant>/installs/<install>/breakpoints"
ON_VERSION = "/v1/publishers/<publisher>/apps/<name>/versions/<version>/breakpoints"
Rule = Annotated[NewBreakpoint, Body()]
StatePattern = Annotated[str, Query(description="A state, a pattern as in fnmatch, or `STATE[INDEX]`.")]


@route("GET", ON_RUN, "run_breakpoints.list", action="readRuns", support="run")
def list_run_breakpoints(tenant: TenantId, run: RunId) -> BreakpointList:
    """List the breakpoints of a run."""
    return _counted(contexts.runs().find(tenant, run).item.breakpoints, (tenant,))


@route("POST", ON_RUN, "run_breakpoints.create", action="debugRuns", status=201)
def create_run_breakpoint(tenant: TenantId, run: RunId, caller: CurrentCaller, rule: Rule) -> Breakpoint:
    """Arm a breakpoint on a run in flight."""
    item = contexts.runs().find(tenant, run).item
    _check_state(rule, contexts.registry().version(item.app, item.version).item, item.workflow)
    return breakpoints.arm_run(contexts.runs(), tenant, run, breakpoints.make(rule, caller.principal))


@route("DELETE", f"{ON_RUN}/<rule>", "run_breakpoints.delete", action="debugRuns")
def delete_run_breakpoint(tenant: TenantId, run: RunId, rule: BreakpointId) -> BreakpointRemoved:
    """Remove a breakpoint from a run."""
    breakpoints.disarm_run(contexts.runs(), tenant, run, rule)
    return BreakpointRemoved(removed=rule)


@route("GET", ON_INSTALL, "install_breakpoints.list", action="readRuns")
def list_install_breakpoints(tenant: TenantId, install: InstallId) -> BreakpointList:
    """List the breakpoints of an install."""
    return _counted(contexts.registry().install(tenant, install).item.breakpoints, (tenant,))


@route("GET", f"{ON_INSTALL}:count", "install_breakpoints.count", action="readRuns")
def count_install_breakpoint(tenant: TenantId, install: InstallId, state: StatePattern = "*") -> BreakpointReach:
    """Count the runs under way that a breakpoint on an install could stop. It would stop later runs too."""
    bucket = contexts.settings().artifact_bucket
    return reach.reach_of(contexts.runs(), contexts.registry(), bucket, (tenant, install), state)


@route("POST", ON_INSTALL, "install_breakpoints.create", action="debugRuns", status=201)
def create_install_breakpoint(tenant: TenantId, install: InstallId, caller: CurrentCaller, rule: Rule) -> Breakpoint:
    """Arm a breakpoint on every run of an install."""
    registry = contexts.registry()
    item = registry.install(tenant, install).item
    _check_state(rule, registry.version(item.app, item.version).item)
    return breakpoints.arm_install(registry, tenant, install, breakpoints.make(rule, caller.principal))


@route("DELETE", f"{ON_INSTALL}/<rule>", "install_breakpoints.delete", action="debugRuns")
def delete_install_breakpoint(tenant: TenantId, install: InstallId, rule: BreakpointId) -> BreakpointRemoved:
    """Remove a breakpoint from an install."""
    breakpoints.disarm_install(contexts.registry(), tenant, install, rule)
    return BreakpointRemoved(removed=rule)


@route("GET", ON_VERSION, "version_breakpoints.list", action="readVersions")
def list_version_breakpoints(
    publisher: PublisherId, name: AppName, version: VersionId, caller: CurrentCaller
) -> BreakpointList:
    """List the breakpoints of a version.

    They are counted in runs that the caller may see: of the sandbox, of its own tenants, and of support sessions.
    """
    registry, app = contexts.registry(), f"{publisher}/{name}"
    rules = registry.version(app, version).item.breakpoints
    return _counted(rules, support.tenants_in_view(registry, caller, app).ids, of_version=True)


@route("GET", f"{ON_VERSION}:count", "version_breakpoints.count", action="readVersions")
def count_version_breakpoint(
    publisher: PublisherId, name: AppName, version: VersionId, caller: CurrentCaller, state: StatePattern = "*"
) -> BreakpointReach:
    """Count the runs under way that a breakpoint of the caller on a version could stop. It would stop later runs too.

    Runs are counted in the sandbox, in tenants that have a support session open for the app, and in tenants whose runs
    the caller debugs anyway. Runs of other tenants are not counted, and it does not stop them.
    """
    registry, app = contexts.registry(), f"{publisher}/{name}"
    tenants = support.tenants_in_reach(registry, caller, app)
    where = reach.OnVersion(app, version, tenants.ids, more_tenants=tenants.more)
    return reach.reach_of_version(contexts.runs(), registry, contexts.settings().artifact_bucket, where, state)


@route("POST", ON_VERSION, "version_breakpoints.create", action="debugVersions", status=201)
def create_version_breakpoint(
    publisher: PublisherId, name: AppName, version: VersionId, caller: CurrentCaller, rule: Rule
) -> Breakpoint:
    """Arm a breakpoint on runs of a version.

    It stops runs in the sandbox, runs of tenants that have a support session open for the app, and runs of tenants that
    the caller is an admin of.
    """
    registry, app = contexts.registry(), f"{publisher}/{name}"
    _check_state(rule, registry.version(app, version).item)
    return breakpoints.arm_version(registry, app, version, breakpoints.make(rule, caller.principal))


@route("DELETE", f"{ON_VERSION}/<rule>", "version_breakpoints.delete", action="debugVersions")
def delete_version_breakpoint(
    publisher: PublisherId, name: AppName, version: VersionId, rule: BreakpointId
) -> BreakpointRemoved:
    """Remove a breakpoint from a version."""
    breakpoints.disarm_version(contexts.registry(), f"{publisher}/{name}", version, rule)
    return BreakpointRemoved(removed=rule)


def _check_state(rule: NewBreakpoint, version: Version, workflow: str = "") -> None:
    check_state(rule.state, contexts.settings().artifact_bucket, version, workflow)


def _counted(rules: tuple[Breakpoint, ...], tenants: tuple[str, ...], *, of_version: bool = False) -> BreakpointList:
    armed = breakpoints.look(contexts.runs(), rules, tenants, of_version=of_version)
    return BreakpointList(breakpoints=tuple(armed))
