"""Pauses: the gate wants one, the callback state makes it wait, a person decides, the gate takes the decision."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from interlock.aws.services import step_functions
from interlock.aws.tables.pause_timers import PauseTimer, pause_timers
from interlock.aws.tables.runs import Runs
from interlock.contract.core import names
from interlock.contract.core.base import Moment, now, parse_moment
from interlock.contract.core.failure import Conflict, NotFound
from interlock.contract.envelope import GateRequest, PauseRequest
from interlock.contract.run import Breakpoint, Decision, Pause, PauseStatus, Run, RunStatus
from interlock.control.clocks import InTime, Round, always, look_at_each
from interlock.control.pauses.hands import decided

TELL_AGAIN = timedelta(minutes=1)
"""After which the clock looks whether the state of a decided pause heard of it, and tells it again otherwise."""


def open_pause(runs: Runs, run: Run, pause: Pause, *, disarm: bool) -> Pause:
    """Write the pause that a breakpoint, or an approval, asks for.

    Args:
        runs: the table of runs.
        run: the run.
        pause: what is wanted.
        disarm: whether its breakpoint stops the run once, and is taken from it.

    Raises:
        Conflict: the approval's pause is there already.
    """
    runs.write_pause(pause, was=None)
    _count(runs, run, disarm=pause.breakpoint if disarm else "")
    return pause


def keep_pause(request: PauseRequest, runs: Runs) -> str:
    """Give a wanted pause its task token; where it was decided already, the state goes on at once.

    A retry of the callback state brings a new token, perhaps after a person decided by the one before.

    Returns:
        The pause's id.

    Raises:
        NotFound: the run has no such pause.
    """
    name = names.parse_execution(request.run)
    pause = runs.pause(name.tenant, name.run, request.pause)
    while pause.status in (PauseStatus.WANTED, PauseStatus.WAITING):
        waiting = pause.model_copy(update={"status": PauseStatus.WAITING})
        if _written(runs, waiting, pause.status, request.token):
            return pause.id
        pause = runs.pause(name.tenant, name.run, request.pause)
    step_functions.succeed(request.token)
    return pause.id


def _written(runs: Runs, pause: Pause, was: PauseStatus, token: str = "") -> bool:
    """Tell whether this process was the first."""
    try:
        runs.write_pause(pause, was=was, token=token)
    except Conflict:
        return False
    return True


def decide(runs: Runs, tenant: str, run: str, pause_id: str, decision: Decision) -> Pause:
    """Write what was decided, once, and let the state go on. A person decides before a copilot does.

    Raises:
        NotFound: no such pause.
        Conflict: it is decided already, not yet waiting, or taken by a person while a copilot decides.
    """
    pause = find_pause(runs, tenant, run, pause_id)
    at = now()
    # The clock takes it off: whoever decides needs no permission to delete.
    timer = PauseTimer(at=now(TELL_AGAIN), tenant=tenant, run=run, pause=pause_id)
    pause_timers(runs.table.name).put(timer)
    after = runs.change_pause(pause, lambda current: decided(current, decision, at))
    _tell(runs, after)
    return after


def tell_again(runs: Runs, pause: Pause) -> None:
    """Let the state of a decided pause go on, which may not have heard of it; nothing where it did."""
    if pause.status is PauseStatus.DECIDED:
        with suppress(Conflict):
            _tell(runs, pause)


def _tell(runs: Runs, pause: Pause) -> None:
    """Let the waiting state go on. Where the next step is to stop too, its breakpoint has the pause's id: it is one."""
    decision = pause.decision
    if decision is not None and decision.step:
        rule = Breakpoint(id=pause.id, armed_by=decision.by, armed_at=pause.until or now())

        def armed(run: Run) -> Run:
            others = (one for one in run.breakpoints if one.id != rule.id)
            return run.model_copy(update={"breakpoints": (*others, rule)})

        runs.change(pause.tenant, pause.run, armed)
    step_functions.succeed(runs.token(pause))


def maintain_pauses(runs: Runs, at: Moment, in_time: InTime = always) -> Round[PauseTimer]:
    """Tell the states of pauses that were decided, where whoever decided may not have come to it."""
    timers = pause_timers(runs.table.name)

    def look(timer: PauseTimer) -> None:
        with suppress(NotFound):
            tell_again(runs, runs.pause(timer.tenant, timer.run, timer.pause))
        timers.take(timer)

    return look_at_each(timers.due(at), look, lambda timer: f"pause {timer.pause} of run {timer.run}", in_time)


def find_pause(runs: Runs, tenant: str, run: str, pause_id: str) -> Pause:
    """One pause of a run.

    Raises:
        NotFound: no such pause.
    """
    runs.find(tenant, run)
    return runs.pause(tenant, run, pause_id)


def take_decision(runs: Runs, run: Run, request: GateRequest, digest: str) -> Pause | None:
    """The pause whose decision this visit carries out.

    A later attempt of a visit holds to the decision that the visit took: an edited input stays edited in a retry.
    Otherwise the oldest decided pause that was not yet taken for this state, index and input; in a run that was
    recovered also one whose visit took it and left no record.
    """
    rows = [
        pause
        for pause in runs.pauses(run.tenant, run.id)
        if pause.state == request.state and pause.index == request.index and pause.digest == digest
    ]
    held = next((pause for pause in rows if pause.taken_at == _visit_of(request)), None)
    if held is not None:
        return held
    for pause in rows:
        if pause.decision is not None and (pause.status is PauseStatus.DECIDED or _was_cut(runs, run, pause)):
            taken = pause.model_copy(update={"status": PauseStatus.TAKEN, "taken_at": _visit_of(request)})
            if _written(runs, taken, pause.status):
                _count(runs, run)
                return taken
    return None


def _was_cut(runs: Runs, run: Run, pause: Pause) -> bool:
    """Whether an earlier execution took the decision and ended before anything was recorded of it."""
    execution, _, visit = pause.taken_at.partition("#")
    if not run.recovered or pause.status is not PauseStatus.TAKEN or execution == run.execution.rsplit(":", 1)[-1]:
        return False
    rows = (record for _, record in runs.records(run.tenant, run.id) if record.execution == execution)
    return all(f"{record.entered}#{record.redrive}" != visit for record in rows)


def _visit_of(request: GateRequest) -> str:
    return f"{request.run.rsplit(':', 1)[-1]}#{request.entered}#{request.redrive}"


def wanted_again(runs: Runs, run: Run, request: GateRequest, digest: str) -> str:
    """The pause in which a recovered run was here before the restart; each stops it once more. Empty: none."""
    for pause in runs.pauses(run.tenant, run.id):
        same = pause.state == request.state and pause.index == request.index and pause.digest == digest
        if same and pause.again and pause.status is PauseStatus.WANTED:
            if _written(runs, pause.model_copy(update={"again": False}), PauseStatus.WANTED):
                return pause.id
    return ""


def _count(runs: Runs, run: Run, disarm: str = "") -> None:
    """Write the total time in pauses. It is computed from all pauses each time, so repeating the call is safe."""

    def count(current: Run) -> Run:
        rows = runs.pauses(run.tenant, run.id)
        left = sum(pause.status is not PauseStatus.TAKEN for pause in rows)
        fields: dict[str, object] = {
            "open_pauses": left,
            "paused_ms": sum(_waited_ms(pause) for pause in rows if pause.status is PauseStatus.TAKEN),
            "breakpoints": tuple(rule for rule in current.breakpoints if rule.id != disarm),
        }
        if not current.status.over:
            fields["status"] = RunStatus.PAUSED if left else RunStatus.RUNNING
        return current.model_copy(update=fields)

    runs.change(run.tenant, run.id, count)


def _waited_ms(pause: Pause) -> int:
    until = parse_moment(pause.until) if pause.until else datetime.now(UTC)
    return int((until - parse_moment(pause.since)).total_seconds() * 1000)
