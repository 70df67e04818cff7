"""Whether the session of a step may still act: asked at each call of the runtime API.

A session is credentials that AWS honours until they expire (limits.SESSION_SECONDS). What a step asks of the platform
with them ends before that: with the end of the run, a kill switch, or the removal of the install.
"""

from interlock.aws.tables.registry import Registry, install_item, version_item
from interlock.aws.tables.runs import Runs, run_key
from interlock.aws.tables.table import batch_get
from interlock.contract.core.failure import Forbidden
from interlock.contract.kill_switch import KillSwitch
from interlock.contract.registry import Install, Version
from interlock.contract.run import Run
from interlock.contract.ticket import Ticket
from interlock.control.apps.kill_switches import kill_switch_key


def require_live_session(registry: Registry, runs: Runs, ticket: Ticket) -> None:
    """Refuse a call of a step whose run is over, or whose install may not run: one BatchGetItem.

    Raises:
        Forbidden: `session-ended`; the text says why.
    """
    run_at, install_at = run_key(ticket.tenant, ticket.run), install_item(ticket.tenant, ticket.install)
    version_at = version_item(ticket.app, ticket.version)
    switch_at = kill_switch_key(version_at)
    run_table, table = runs.table.name, registry.table.name
    rows = batch_get({run_table: [run_at], table: [install_at, version_at, switch_at]})
    run = rows.get((run_table, run_at.pk, run_at.sk))
    install, version, switch = (rows.get((table, at.pk, at.sk)) for at in (install_at, version_at, switch_at))
    why = (
        _end_of_run(run.read(Run) if run else None)
        or _end_of_install(install.read(Install) if install else None)
        or _switched_off(version.read(Version).stopped if version else "its version does not exist")
        or _switched_off(switch.read(KillSwitch).stopped if switch else "")
    )
    if why:
        raise Forbidden(
            f"the step's session has ended: {why}",
            where=ticket.run,
            code="session-ended",
            next_step=f"Look at the run: interlock run show {ticket.run}",
        )


def _end_of_run(run: Run | None) -> str:
    if run is None:
        return "the run does not exist"
    if run.status.over:
        return f"the run is {run.status.value}"
    return f"the run is being stopped: {run.stop}" if run.stop else ""


def _end_of_install(install: Install | None) -> str:
    if install is None:
        return "the install does not exist"
    # Runs in flight may end while an install is being removed; the uninstall then stops those that are left.
    return f"the install is {install.status.value}" if install.status.gone else _switched_off(install.stopped)


def _switched_off(reason: str) -> str:
    return f"switched off: {reason}" if reason else ""
