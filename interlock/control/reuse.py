"""Which record of an earlier execution answers a visit of this one: a recovered run's own, or a fork's parent's."""

from datetime import UTC, datetime

from interlock.aws.runs import Runs
from interlock.contract.base import moment
from interlock.contract.envelope import GateRequest, StepError
from interlock.contract.failure import GateError
from interlock.contract.run import RecordStatus, Run, StepRecord
from interlock.debugger.replay import interrupted, match, visit_name


def find_reusable(
    runs: Runs, run: Run, request: GateRequest, digest: str, *, idempotent: bool = False
) -> StepRecord | None:
    """The final record of the matching visit, or None where the step has to run.

    Of a recovered run, an attempt that was under way when the engine stopped comes back as failed by
    `Interlock.Interrupted`, once; an idempotent step runs again instead.
    """
    name = request.run.rsplit(":", 1)[-1]
    records = [record for _, record in runs.records(run.tenant, run.id)]
    own = [record for record in records if record.execution == name]
    records = [record for record in records if record.execution != name and not record.reused]
    found = match(records, own, request.state, request.index, digest)
    if found is None and not idempotent:
        begun = interrupted(records, own, request.state, request.index, digest, request.retry)
        return _failed(begun) if begun else None
    return found


def _failed(begun: StepRecord) -> StepRecord:
    error = StepError(
        name=GateError.INTERRUPTED.value,
        type=GateError.INTERRUPTED.value,
        message="the engine was restarted while this attempt ran, and nobody knows how it ended",
    )
    words = {"status": RecordStatus.FAILED, "ended": moment(datetime.now(UTC)), "error": error}
    return begun.model_copy(update=words | {"reused": f"{visit_name(begun)}#{begun.attempt}"})
