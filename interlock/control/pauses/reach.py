"""How many runs a breakpoint on an install or a version could stop, said before it is armed."""

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from functools import cache
from itertools import islice
from typing import NamedTuple

from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.breakpoint import BreakpointReach
from interlock.contract.core.failure import NotFound
from interlock.contract.fork import parse_position
from interlock.contract.run import Run
from interlock.control.pauses.known_states import task_states

MAX_RUNS = 1_000
"""Runs that are under way and looked at: they are read page by page within one call of the API."""


def reach_of(runs: Runs, registry: Registry, bucket: str, where: tuple[str, str], pattern: str) -> BreakpointReach:
    """How many runs under way a breakpoint on an install could stop.

    Args:
        runs: the runs.
        registry: the installs and versions.
        bucket: where the artifacts of versions are.
        where: the tenant and the install.
        pattern: the state or pattern of the breakpoint, perhaps with `[INDEX]`.

    Raises:
        NotFound: the tenant has no such install.
    """
    tenant, install = where
    registry.install(tenant, install)
    fits = _stopped_by(registry, bucket, pattern)
    return _reach(runs.under_way(tenant), lambda run: run.install == install, fits)


class OnVersion(NamedTuple):
    """A version, and where a breakpoint on it may stop runs."""

    app: str
    version: str
    tenants: tuple[str, ...]
    """Runs of others are not looked at."""
    more_tenants: bool = False
    """It may stop runs of others too."""


def reach_of_version(runs: Runs, registry: Registry, bucket: str, where: OnVersion, pattern: str) -> BreakpointReach:
    """How many runs under way a breakpoint on a version could stop.

    Args:
        runs: the runs.
        registry: the versions.
        bucket: where the artifacts of versions are.
        where: the version, and the tenants whose runs it may stop.
        pattern: the state or pattern of the breakpoint, perhaps with `[INDEX]`.

    Raises:
        NotFound: the app has no such version.
    """
    registry.version(where.app, where.version)
    every = (run for tenant in where.tenants for run in runs.under_way(tenant))
    fits = _stopped_by(registry, bucket, pattern)
    reach = _reach(every, lambda run: (run.app, run.version) == (where.app, where.version), fits)
    return reach.model_copy(update={"tenants": len(where.tenants), "more": reach.more or where.more_tenants})


def _reach(runs: Iterable[Run], is_meant: Callable[[Run], bool], fits: Callable[[Run], bool]) -> BreakpointReach:
    seen = list(islice(runs, MAX_RUNS + 1))
    own = [run for run in seen[:MAX_RUNS] if is_meant(run)]
    return BreakpointReach(under_way=len(own), could_stop=sum(map(fits, own)), more=len(seen) > MAX_RUNS)


def _stopped_by(registry: Registry, bucket: str, pattern: str) -> Callable[[Run], bool]:
    """Whether the workflow of a run has a Task state that a pattern names."""
    state = pattern if pattern.startswith("*") else parse_position(pattern).state

    @cache
    def has_state(app: str, version: str, workflow: str) -> bool:
        try:
            tasks = task_states(bucket, registry.version(app, version).item, workflow)
            return any(fnmatchcase(task, state) for task in tasks)
        except NotFound:
            # Nobody knows the states of a version whose definition is absent.
            return True

    return lambda run: has_state(run.app, run.version, run.workflow)
