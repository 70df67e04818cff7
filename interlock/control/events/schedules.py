"""Schedules: a time that comes too late is skipped, or made up for by one run, never by a burst; and what is scheduled.

In time       a run.
Late, skip    noted, nothing runs.
Late, run_once  the first one that is served runs, and covers every time up to that moment.
Switched off  with skip it is noted; with run_once the first such time is a dead letter, which covers the others.
"""

from datetime import UTC, datetime, timedelta

from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.aws.tables.schedule_states import ScheduleStates
from interlock.contract.core.base import moment, now, parse_moment
from interlock.contract.core.failure import NotFound
from interlock.contract.cron import read_cron
from interlock.contract.manifest import ScheduleTrigger
from interlock.contract.registry import Install
from interlock.contract.schedule import ScheduleList, ScheduleRow, ScheduleState, parts_of
from interlock.contract.start_message import StartMessage, run_of
from interlock.contract.trigger import manifest_of, triggers_of

KIND = "schedule"
PAGE = 50
"""Installs."""
SWITCHED_OFF = ("event.install-stopped", "event.version-stopped", "event.app-stopped", "event.trigger-stopped")
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


def take_time(message: StartMessage, runs: Runs) -> bool:
    """Whether a scheduled time becomes a run; what becomes of it is noted. A second delivery hears the same."""
    if message.kind != KIND or not message.at or message.redriven:
        return True
    at = now()
    late = message.late_s > 0 and _late_by(message) > message.late_s

    def take(state: ScheduleState) -> ScheduleState:
        if not late:
            return _ran(state, message)
        if message.missed == "skip":
            return _skipped(state, message.at, "it was late")
        if state.caught_up and message.at <= state.caught_up and message.at != state.caught_by:
            return _skipped(state, message.at, f"the run for {state.caught_by} made up for it")
        begun = state.caught_up if message.at == state.caught_by else at
        return _ran(state, message).model_copy(update={"caught_up": begun, "caught_by": message.at})

    after = ScheduleStates(runs.table.name).change(_fresh(message), take)
    return not late or (message.missed != "skip" and after.caught_by == message.at)


def is_covered(message: StartMessage, code: str, runs: Runs) -> bool:
    """Whether a time that could not become a run is no dead letter of its own.

    Args:
        message: the start.
        code: why it could not.
        runs: where runs are.
    """
    if message.kind != KIND or code not in SWITCHED_OFF or not message.at or message.redriven:
        return False

    def miss(state: ScheduleState) -> ScheduleState:
        if message.missed != "skip" and state.owed in ("", message.at):
            return state.model_copy(update={"owed": message.at})
        return _skipped(state, message.at, "it was switched off")

    after = ScheduleStates(runs.table.name).change(_fresh(message), miss)
    return after.owed != message.at


def list_schedules(
    registry: Registry, runs: Runs, tenant: str, limit: int = PAGE, cursor: str | None = None
) -> ScheduleList:
    """The schedules of a page of a tenant's installs, with what became of their last times."""
    installs, after = registry.installs_page(tenant, limit, cursor)
    rows = [row for one in installs if one.schedules and not one.status.gone for row in _rows(registry, runs, one)]
    return ScheduleList(schedules=tuple(rows), cursor=after)


def _rows(registry: Registry, runs: Runs, install: Install) -> list[ScheduleRow]:
    try:
        version = registry.version(install.app, install.version).item
    except NotFound:
        return []
    manifest_of(version)
    states = {
        (row.workflow, row.trigger): row
        for row in ScheduleStates(runs.table.name).of_install(install.tenant, install.id)
    }
    schedule_rows: list[ScheduleRow] = []
    for workflow, trigger in triggers_of(install, version).schedules.values():
        state = states.get((workflow, trigger.name))
        schedule_rows.append(
            ScheduleRow(
                install=install.id,
                app=install.app,
                install_name=install.name,
                workflow=workflow,
                schedule=trigger.schedule,
                timezone=trigger.timezone,
                jitter=trigger.jitter,
                missed=trigger.missed,
                state=state,
                next=_next(trigger, state),
            )
        )
    return schedule_rows


def _next(trigger: ScheduleTrigger, state: ScheduleState | None) -> str | None:
    kind, rest = parts_of(trigger.schedule)
    if kind == "cron":
        time = read_cron(rest).after(datetime.now(UTC), trigger.timezone)
        return moment(time) if time else None
    if kind == "at":
        at = trigger.moment_of(rest)
        return at if at > now() else None
    if kind == "rate" and state and state.last:
        number, unit = rest.split()
        return moment(parse_moment(state.last) + int(number) * _UNITS[unit.rstrip("s")])
    return None


def _late_by(message: StartMessage) -> float:
    return (datetime.now(UTC) - parse_moment(message.at)).total_seconds()


def _ran(state: ScheduleState, message: StartMessage) -> ScheduleState:
    newest = max(state.last or message.at, message.at)
    run = run_of(message) if newest == message.at else state.run
    return state.model_copy(update={"last": newest, "run": run, "owed": ""})


def _skipped(state: ScheduleState, at: str, why: str) -> ScheduleState:
    if at == state.skipped_at:
        return state
    return state.model_copy(update={"skipped": state.skipped + 1, "skipped_at": at, "why": why})


def _fresh(message: StartMessage) -> ScheduleState:
    return ScheduleState(
        tenant=message.tenant, install=message.install, workflow=message.workflow, trigger=message.trigger
    )
