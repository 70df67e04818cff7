"""Pauses: the gate wants one, the callback state makes it wait, a person decides, the gate takes the decision."""

from collections.abc import Callable
from datetime import UTC, datetime

from interlock.aws import executions
from interlock.aws.runs import Runs, Stored
from interlock.contract import names
from interlock.contract.base import moment, parse_moment
from interlock.contract.envelope import GateRequest, PauseRequest
from interlock.contract.failure import Conflict, NotFound
from interlock.contract.payload import digest as digest_of
from interlock.contract.run import Body, Breakpoint, Decision, Pause, PauseStatus, Run, RunStatus, StepRecord

WRITE_TRIES = 20
"""A run item is written under an optimistic lock; a Map of paused items competes for it."""


def open_pause(
    runs: Runs, run: Run, request: GateRequest, digest: str, rule: Breakpoint, value: Body, record: StepRecord | None
) -> Pause:
    """Write the pause that a breakpoint asks for, and disarm a one-shot breakpoint of the run."""
    pause = Pause(
        id=names.ulid(),
        run=run.id,
        tenant=run.tenant,
        state=request.state,
        index=request.index,
        digest=digest,
        at=rule.at,
        status=PauseStatus.WANTED,
        breakpoint=rule.id,
        armed_by=rule.armed_by,
        since=moment(datetime.now(UTC)),
        input=value,
        output=record.output if record else None,
        error=record.error if record else None,
    )
    runs.write_pause(pause, was=None)

    def count(found: Run) -> Run:
        left = tuple(other for other in found.breakpoints if not (rule.once and other.id == rule.id))
        return found.model_copy(
            update={"open_pauses": found.open_pauses + 1, "breakpoints": left, "status": RunStatus.PAUSED}
        )

    change_run(runs, run.tenant, run.id, count)
    return pause


def keep_pause(request: PauseRequest, runs: Runs) -> str:
    """Give the oldest wanted pause of a state its task token; a decision that was quicker is carried out at once.

    Returns:
        The pause's id.

    Raises:
        NotFound: nobody asked for a pause of this state.
    """
    name = names.parse_execution(request.run)
    wanted = [
        pause
        for pause in runs.pauses(name.tenant, name.run)
        if pause.state == request.state and pause.index == request.index and pause.status is PauseStatus.WANTED
    ]
    if not wanted:
        raise NotFound("no pause is wanted here", where=request.state)
    found_digest = digest_of(request.input)
    for pause in sorted(wanted, key=lambda one: one.digest != found_digest):
        waiting = pause.model_copy(update={"status": PauseStatus.WAITING})
        if _written(runs, waiting, PauseStatus.WANTED, request.token):
            return pause.id
    raise NotFound("every pause that was wanted here has its token", where=request.state)


def _written(runs: Runs, pause: Pause, was: PauseStatus, token: str = "") -> bool:
    """Whether this process was first: items of nested Maps may share state, index and input."""
    try:
        runs.write_pause(pause, was=was, token=token)
    except Conflict:
        return False
    return True


def decide(runs: Runs, tenant: str, run: str, pause_id: str, decision: Decision) -> Pause:
    """Write what a person decided, once, and let the state go on.

    Raises:
        NotFound: no such pause.
        Conflict: it is decided already, or not yet waiting, or its run is over.
    """
    pause = find_pause(runs, tenant, run, pause_id)
    if pause.status is not PauseStatus.WAITING:
        raise Conflict(f"the pause is {pause.status.value}", where=pause_id, code="pause-taken")
    now = moment(datetime.now(UTC))
    decided = pause.model_copy(update={"status": PauseStatus.DECIDED, "decision": decision, "until": now})
    runs.write_pause(decided, was=PauseStatus.WAITING)
    executions.succeed(runs.token(decided))
    return decided


def find_pause(runs: Runs, tenant: str, run: str, pause_id: str) -> Pause:
    """One pause of a run.

    Raises:
        NotFound: no such pause.
    """
    runs.find(tenant, run)
    found = next((pause for pause in runs.pauses(tenant, run) if pause.id == pause_id), None)
    if found is None:
        raise NotFound(f"no pause {pause_id}", where=f"run {run}", next_step=f"interlock run show {run}")
    return found


def take_decision(runs: Runs, run: Run, request: GateRequest, digest: str) -> Pause | None:
    """The oldest decided pause that was not yet taken for this state, index and input."""
    for pause in runs.pauses(run.tenant, run.id):
        same = pause.state == request.state and pause.index == request.index and pause.digest == digest
        if same and pause.status is PauseStatus.DECIDED and pause.decision is not None:
            taken = pause.model_copy(update={"status": PauseStatus.TAKEN})
            if _written(runs, taken, PauseStatus.DECIDED):
                _close(runs, run, pause)
                return pause
    return None


def is_wanted_again(runs: Runs, run: Run, request: GateRequest, digest: str) -> bool:
    """Whether a recovered run was paused here before the restart; each such pause stops it once more."""
    for pause in runs.pauses(run.tenant, run.id):
        same = pause.state == request.state and pause.index == request.index and pause.digest == digest
        if same and pause.again and pause.status is PauseStatus.WANTED:
            if _written(runs, pause.model_copy(update={"again": False}), PauseStatus.WANTED):
                return True
    return False


def change_run(runs: Runs, tenant: str, run: str, change: Callable[[Run], Run]) -> Run:
    """Change a run item under its optimistic lock, as often as somebody else was first."""
    for _ in range(WRITE_TRIES):
        stored = runs.find(tenant, run)
        after = change(stored.run)
        if after == stored.run:
            return after
        try:
            runs.write(Stored(run=after, rev=stored.rev))
        except Conflict:
            continue
        return after
    raise Conflict("the run is written by too many at once", where=run, next_step="Try again.")


def _close(runs: Runs, run: Run, pause: Pause) -> None:
    now = datetime.now(UTC)
    waited = (parse_moment(pause.until) if pause.until else now) - parse_moment(pause.since)

    def count(found: Run) -> Run:
        left = max(found.open_pauses - 1, 0)
        status = found.status if left or found.status.over else RunStatus.RUNNING
        paused_ms = found.paused_ms + int(waited.total_seconds() * 1000)
        return found.model_copy(update={"open_pauses": left, "status": status, "paused_ms": paused_ms})

    change_run(runs, run.tenant, run.id, count)
