"""Breakpoints: armed on a run, an install or a version; matched by the gate, counted where they are."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import import_module

from interlock.aws.errors import AWS_ERRORS
from interlock.aws.tables.breakpoint_counts import count_condition_error, count_hit, read_counts
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.breakpoint import MAX_ARMED, ArmedBreakpoint, At, NewBreakpoint
from interlock.contract.core import names
from interlock.contract.core.base import Json, now
from interlock.contract.core.failure import BadRequest, Conflict, NotFound
from interlock.contract.envelope import StepError
from interlock.contract.fork import parse_position
from interlock.contract.run import Breakpoint, Run

CONDITION_MODULE = "interlock.control.pauses.condition"
CONDITION_SECONDS = 0.5
"""How long the conditions of one visit may take together; those that are left then do not hold."""

Rules = tuple[Breakpoint, ...]


def make(new_breakpoint: NewBreakpoint, by: str) -> Breakpoint:
    """A breakpoint of what was asked for.

    Raises:
        BadRequest: its condition is not JSONata or names what does not exist, or it has expired already.
    """
    moment = now()
    if new_breakpoint.until is not None and new_breakpoint.until <= moment:
        raise BadRequest("the breakpoint would end in the past", where="until", next_step="Choose a later time.")
    if new_breakpoint.condition:
        from interlock.control.pauses.condition import check_condition

        check_condition(new_breakpoint.condition)
    at = parse_position(new_breakpoint.state) if not new_breakpoint.state.startswith("*") else None
    fields = new_breakpoint.model_dump() | {"id": names.ulid(), "armed_by": by, "armed_at": moment}
    if at is not None and at.index is not None:
        fields |= {"state": at.state, "index": at.index}
    return Breakpoint.model_validate(fields)


@dataclass(frozen=True)
class Stop:
    """Where a run of a tenant could stop: before, after or on the error of a visit of a state."""

    tenant: str
    at: At
    state: str
    index: int | None = None
    """Of its item in a Map."""

    def is_named_by(self, rule: Breakpoint, moment: str) -> bool:
        """Whether a rule is about this visit, whatever its condition says and however often it matched. Pure."""
        if rule.at != self.at or not fnmatchcase(self.state, rule.state) or rule.index not in (None, self.index):
            return False
        return rule.until is None or rule.until > moment


def hit(
    runs: Runs, rules: Sequence[Breakpoint], stop: Stop, values: Callable[[], dict[str, Json]]
) -> Breakpoint | None:
    """The first rule that stops this visit.

    Args:
        runs: counts matches of rules that fire once or at a later match.
        rules: those of run and install, and those of the version that may stop this tenant's runs.
        stop: where the gate is.
        values: `input`, `output` and `error` for conditions; called only if a rule has one.
    """
    moment = now()
    named = [rule for rule in rules if stop.is_named_by(rule, moment)]
    if any(rule.condition for rule in named):
        # JSONata is slow to import: in a cold start that is not the condition's own time.
        import_module(CONDITION_MODULE)
    deadline = time.monotonic() + CONDITION_SECONDS
    for rule in named:
        if not _holds(runs, stop.tenant, rule, values, deadline):
            continue
        if not rule.once and rule.hits <= 1:
            return rule
        count = count_hit(runs.table, stop.tenant, rule.id)
        if count == rule.hits or (count > rule.hits and not rule.once):
            return rule
    return None


def error_value(error: StepError | None) -> Json:
    """What a condition sees of an error."""
    return {"name": error.name, "type": error.type, "message": error.message} if error else None


def arm_run(runs: Runs, tenant: str, run: str, rule: Breakpoint) -> Breakpoint:
    """Arm a breakpoint on a run in flight.

    Raises:
        NotFound: the tenant has no such run.
        Conflict: the run is over, or has too many.
    """

    def armed(rules: Rules) -> Rules:
        return _added(rules, rule, run)

    _change_run(runs, tenant, run, armed)
    return rule


def disarm_run(runs: Runs, tenant: str, run: str, rule: str) -> None:
    """Take a breakpoint off a run; NotFound where it has none of that id."""
    _change_run(runs, tenant, run, lambda rules: _removed(rules, rule, run))


def arm_install(registry: Registry, tenant: str, install: str, rule: Breakpoint) -> Breakpoint:
    """Arm a breakpoint for every run of an install."""
    _change_install(registry, tenant, install, lambda rules: _added(rules, rule, install))
    return rule


def disarm_install(registry: Registry, tenant: str, install: str, rule: str) -> None:
    """Take a breakpoint off an install; NotFound where it has none of that id."""
    _change_install(registry, tenant, install, lambda rules: _removed(rules, rule, install))


def arm_version(registry: Registry, app: str, version: str, rule: Breakpoint) -> Breakpoint:
    """Arm a breakpoint for the runs of a version that its publisher may stop (`access.support`)."""
    _change_version(registry, app, version, lambda rules: _added(rules, rule, version))
    return rule


def disarm_version(registry: Registry, app: str, version: str, rule: str) -> None:
    """Take a breakpoint off a version; NotFound where it has none of that id."""
    _change_version(registry, app, version, lambda rules: _removed(rules, rule, version))


def look(
    runs: Runs, rules: Sequence[Breakpoint], tenants: Sequence[str], *, of_version: bool = False
) -> list[ArmedBreakpoint]:
    """Rules with how often they matched.

    Args:
        runs: the table of runs.
        rules: the rules of one run, install or version.
        tenants: whose runs are counted: those that the caller may see.
        of_version: whether they are a version's. One that stops once stops once in each tenant.
    """
    at = now()
    counted = read_counts(runs.table, tenants, [rule.id for rule in rules])
    armed_breakpoints: list[ArmedBreakpoint] = []
    for rule in rules:
        counts = counted[rule.id]
        used = rule.once and counts.hits >= rule.hits and not of_version
        armed_breakpoints.append(
            ArmedBreakpoint(
                breakpoint=rule,
                hits=counts.hits,
                spent=used or (rule.until is not None and rule.until <= at),
                errors=counts.errors,
                last_error=counts.last_error,
            )
        )
    return armed_breakpoints


def _holds(runs: Runs, tenant: str, rule: Breakpoint, values: Callable[[], dict[str, Json]], deadline: float) -> bool:
    """Whether a rule's condition holds; one that can't be evaluated does not, which is counted on the breakpoint."""
    if not rule.condition:
        return True
    # JSONata is slow to import, and most breakpoints have no condition: the gate's cold start does not wait for it.
    from interlock.control.pauses.condition import evaluate

    verdict = evaluate(rule.condition, values(), deadline - time.monotonic())
    if verdict.error:
        try:
            count_condition_error(runs.table, tenant, rule.id, verdict.error)
        except AWS_ERRORS:
            # The count helps a person; the run does not depend on it.
            return False
    return verdict.holds


def _added(rules: Rules, rule: Breakpoint, where: str) -> Rules:
    if len(rules) >= MAX_ARMED:
        raise Conflict(
            f"{MAX_ARMED} breakpoints are armed already",
            where=where,
            code="breakpoints-full",
            next_step="Remove some: interlock break remove",
        )
    return (*rules, rule)


def _removed(rules: Rules, rule: str, where: str) -> Rules:
    left = tuple(other for other in rules if other.id != rule)
    if len(left) == len(rules):
        raise NotFound(
            f"breakpoint {rule} does not exist",
            where=where,
            code="unknown-breakpoint",
            next_step="interlock break list",
        )
    return left


def _change_run(runs: Runs, tenant: str, run: str, change: Callable[[Rules], Rules]) -> None:
    def changed(current: Run) -> Run:
        return current.model_copy(update={"breakpoints": change(current.breakpoints)})

    runs.change_in_flight(tenant, run, changed, f"Fork it: interlock run fork {run} --at STATE")


def _change_install(registry: Registry, tenant: str, install: str, change: Callable[[Rules], Rules]) -> None:
    registry.change_install(
        tenant, install, lambda latest: latest.model_copy(update={"breakpoints": change(latest.breakpoints)})
    )


def _change_version(registry: Registry, app: str, version: str, change: Callable[[Rules], Rules]) -> None:
    registry.change_version(
        app, version, lambda latest: latest.model_copy(update={"breakpoints": change(latest.breakpoints)})
    )
