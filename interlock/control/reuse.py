"""Which record of an earlier execution answers a visit of this one: a recovered run's own, or a fork's parent's."""

from interlock.aws.runs import Runs
from interlock.contract.envelope import GateRequest
from interlock.contract.run import Run, StepRecord
from interlock.debugger.replay import match


def find_reusable(runs: Runs, run: Run, request: GateRequest, digest: str) -> StepRecord | None:
    """The final record of the matching visit, or None where the step has to run."""
    name = request.run.rsplit(":", 1)[-1]
    records = [record for _, record in runs.records(run.tenant, run.parent or run.id)]
    if run.parent:
        own = [record for _, record in runs.records(run.tenant, run.id)]
    else:
        own = [record for record in records if record.execution == name]
        records = [record for record in records if record.execution != name and not record.reused]
    return match(records, own, request.state, request.index, digest)
