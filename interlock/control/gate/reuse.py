"""Which record of an earlier execution answers a visit of this one: a recovered run's own, or a fork's parent's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.forks import Claimable, Forks
from interlock.aws.tables.runs import Runs
from interlock.contract.core.base import now
from interlock.contract.core.failure import GateError, GateFailure
from interlock.contract.envelope import Effect, GateRequest, StepError
from interlock.contract.fork import Role
from interlock.contract.run import Body, Fork, RecordStatus, Run, StepRecord
from interlock.debugger.reuse import interrupted, match, visit_name

CLAIM_TRIES = 5


@dataclass(frozen=True)
class Work:
    """How a visit of a fork is served: from `record`, or by running the step."""

    record: StepRecord | None = None
    replaces: str = ""
    """The parent's visit in whose place the step runs."""
    journal: tuple[Effect, ...] = ()
    """What that visit did, for a dry run."""
    edit: Body | None = None
    """The input that the fork point got instead of its own."""


def find_reusable(
    runs: Runs, run: Run, request: GateRequest, digest: str, *, idempotent: bool = False
) -> StepRecord | None:
    """The final record of the matching visit of a recovered run, or None where the step has to run.

    An attempt that was under way when the engine stopped comes back as failed by `Interlock.Interrupted`, once; an
    idempotent step runs again instead.
    """
    name = request.run.rsplit(":", 1)[-1]
    records = [record for _, record in runs.records(run.tenant, run.id)]
    own = [record for record in records if record.execution == name]
    # A copy stands for a record that is here too. What a person decided in a step's place is no copy.
    records = [record for record in records if record.execution != name and not record.copied]
    records = [record for record in records if not _was_stopped(record, records)]
    current = match(records, own, request.state, request.index, digest)
    if current is None and not idempotent:
        begun = interrupted(records, own, request.state, request.index, digest, request.retry)
        return _failed(begun) if begun else None
    return current


def _was_stopped(record: StepRecord, records: Sequence[StepRecord]) -> bool:
    """Whether a breakpoint stopped the run after it, and a later visit of the execution says how it went on."""
    return record.stopped and any(
        row.execution == record.execution
        and (row.state, row.index, row.asked or row.digest)
        == (record.state, record.index, record.asked or record.digest)
        and row.entered > record.entered
        for row in records
    )


@dataclass(frozen=True)
class Position:
    """Where a fork is: the visit, the digest of its input, and who claims."""

    request: GateRequest
    digest: str
    claimant: str
    """The visit's name: the same for every attempt, before and after a pause."""


def work_of_fork(runs: Runs, bodies: Bodies, run: Run, position: Position, entry: Claimable | None = None) -> Work:
    """What a fork does at a visit: claims the parent's visit that it answers to, by position and digest.

    Args:
        runs: the table of runs.
        bodies: bodies of the fork.
        run: the fork.
        position: the visit.
        entry: the first of this position and digest, as it was read with the rest; None to look for it.

    Raises:
        GateFailure: `Interlock.ReplayMismatch`: no record answers, or its input was another and no edit touched it.
    """
    fork = run.fork
    if fork is None:
        return Work()
    request, digest, claimant = position.request, position.digest, position.claimant
    claims = _Claims(Forks(runs.table), run, fork, bodies, claimant)
    # Who has claimed another one of this digest found the first one taken then, and nobody gives one back.
    if entry is not None and entry.by in ("", claimant) and claims.claim(entry):
        return claims.work(entry, request, digest)
    for _ in range(CLAIM_TRIES):
        current = _first_free(claims, request, digest)
        if current is None:
            return claims.unanswered(request)
        if claims.claim(current):
            return claims.work(current, request, digest)
    raise GateFailure(
        GateError.UNAVAILABLE, "too many visits claim the same record at the same time", where=request.state
    )


def _first_free(claims: "_Claims", request: GateRequest, digest: str) -> Claimable | None:
    """Its own claim; else the first with this input; else the first of this position."""
    equal = claims.free(request.state, request.index, digest)
    return next(iter(equal), None) or next(iter(claims.free(request.state, request.index, "")), None)


def _paid(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """The answers of a language model, which a fork that runs for real does not pay for again."""
    return tuple(effect for effect in effects if effect.kind == "model" and not effect.error)


@dataclass(frozen=True)
class _Claims:
    forks: Forks
    run: Run
    fork: Fork
    bodies: Bodies
    claimant: str

    def free(self, state: str, index: int | None, digest: str) -> list[Claimable]:
        rows = self.forks.find(self.run.tenant, self.run.id, state, index, digest)
        mine = [row for row in rows if row.by == self.claimant]
        return mine or [row for row in rows if row.is_free(self.claimant, self.run.recovered)]

    def claim(self, entry: Claimable) -> bool:
        return self.forks.claim(entry, self.claimant, self.run.recovered)

    def work(self, entry: Claimable, request: GateRequest, digest: str) -> Work:
        same, role = entry.entry.digest == digest, entry.entry.role
        at = role is Role.AT
        may_differ = at and (self.fork.edited or self.fork.revised)
        if (at or role is Role.SERVE) and not same and not may_differ:
            self._refuse_difference(request)
        reuse = role is Role.SERVE and (same or self.fork.differing == "reuse")
        record = self._record(entry, request)
        if reuse or (role is Role.EITHER and same):
            return Work(record=record)
        effects = self.bodies.effects(self._attempt(entry, request) or record)
        journal = effects if self.fork.dry else _paid(effects)
        edit = self.fork.input if at and self.fork.edited else None
        return Work(replaces=entry.entry.visit, journal=journal, edit=edit)

    def _attempt(self, entry: Claimable, request: GateRequest) -> StepRecord | None:
        """The parent's record of the same attempt: a retry of a dry run reads what that retry read."""
        key = f"{entry.entry.visit}#{request.retry:04d}"
        same = entry.entry.model_copy(update={"record": key})
        return self.forks.record(self.run.tenant, self.fork.parent, same) if key != entry.entry.record else None

    def unanswered(self, request: GateRequest) -> Work:
        """A visit that the parent did not make: right behind the fork point, wrong before it."""
        fork = self.fork
        if fork.at and request.state in fork.upstream and fork.differing == "stop" and not self._is_past_point():
            raise _mismatch(request.state, "the parent has no record of this visit")
        return Work()

    def _is_past_point(self) -> bool:
        state = self.fork.point_state
        rows = self.forks.find(self.run.tenant, self.run.id, state, self.fork.point_index)
        points = [row for row in rows if row.entry.role is Role.AT]
        return not points or any(row.by for row in points)

    def _refuse_difference(self, request: GateRequest) -> None:
        if self.fork.differing == "stop":
            raise _mismatch(request.state, "the input differs from the recorded one, and no edit touched it")

    def _record(self, entry: Claimable, request: GateRequest) -> StepRecord:
        record = self.forks.record(self.run.tenant, self.fork.parent, entry.entry)
        if record is None:
            raise _mismatch(request.state, "the parent's record is past its retention")
        return record


def _mismatch(state: str, what: str) -> GateFailure:
    return GateFailure(
        GateError.REPLAY,
        what,
        where=state,
        next_step="Look at both: interlock run diff. Then fork with --differing run or --differing reuse.",
    )


def _failed(begun: StepRecord) -> StepRecord:
    error = StepError(
        name=GateError.INTERRUPTED.value,
        type=GateError.INTERRUPTED.value,
        message="the engine was restarted while this attempt ran, and nobody knows how it ended",
    )
    fields = {"status": RecordStatus.FAILED, "ended": now(), "error": error}
    return begun.model_copy(update=fields | {"reused": f"{visit_name(begun)}#{begun.attempt}"})
