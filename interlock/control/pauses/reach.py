"""How many runs of an install a breakpoint could stop, said before it is armed."""

from fnmatch import fnmatchcase
from functools import cache
from itertools import islice

from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.breakpoint import BreakpointReach
from interlock.contract.core.failure import NotFound
from interlock.contract.fork import parse_position
from interlock.control.pauses.known_states import task_states

MAX_RUNS = 1_000
"""Runs of the tenant that are under way and looked at: they are read page by page within one call of the API."""


def reach_of(runs: Runs, registry: Registry, bucket: str, where: tuple[str, str], pattern: str) -> BreakpointReach:
    """How many runs under way a breakpoint could stop.

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
    state = pattern if pattern.startswith("*") else parse_position(pattern).state

    @cache
    def fits(app: str, version: str, workflow: str) -> bool:
        try:
            tasks = task_states(bucket, registry.version(app, version).item, workflow)
            return any(fnmatchcase(task, state) for task in tasks)
        except NotFound:
            # Nobody knows the states of a version whose definition is absent.
            return True

    seen = list(islice(runs.under_way(tenant), MAX_RUNS + 1))
    own = [run for run in seen[:MAX_RUNS] if run.install == install]
    matching = sum(fits(run.app, run.version, run.workflow) for run in own)
    return BreakpointReach(under_way=len(own), could_stop=matching, more=len(seen) > MAX_RUNS)
