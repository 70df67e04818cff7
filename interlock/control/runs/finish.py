"""The one way out: a status event of Step Functions, or the sweep, ends a run.

The reason for the end comes from the step records and the event. Only if both do not say which state failed, the last
events are read from Step Functions, which allows few reads a second.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial, reduce
from itertools import chain

from interlock.aws.tables.approvals import Approvals
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.model_use import ModelUses
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.aws.tables.table import Stored, retry_conflicts
from interlock.aws.tables.usage import UsageRecords
from interlock.contract.core import names
from interlock.contract.core.base import Document, moment
from interlock.contract.core.failure import GateError, NotFound
from interlock.contract.explain import Explanation
from interlock.contract.language_model import ModelUse
from interlock.contract.registry import Version
from interlock.contract.run import Run, RunStatus, StepRecord
from interlock.contract.usage import UsageRow
from interlock.control.inspection.explain import ExplainContext, explain_run
from interlock.control.pauses.approvals import ApprovalContext, withdraw_approvals
from interlock.control.runs.notify import notify_end
from interlock.control.runs.ordering import release_turn
from interlock.control.runs.trace import send_trace
from interlock.control.usage.admission import consume_step_time, recount_runs, release_run
from interlock.control.usage.metering import meter
from interlock.debugger.attempts import usage
from interlock.debugger.explain import group_of


class Ending(Document):
    """How an execution ended: the detail of the status event of Step Functions."""

    execution: str
    status: str
    """SUCCEEDED, FAILED, TIMED_OUT or ABORTED."""
    output: str = ""
    error: str = ""
    cause: str = ""
    stopped: int = 0
    """Milliseconds since the epoch."""


@dataclass(frozen=True)
class FinishContext:
    """What finishing works with."""

    runs: Runs
    registry: Registry
    bucket: str
    artifacts: str
    """The bucket of what versions are made of."""
    alerts: str = ""
    """The queue of alerts; empty where there is none."""
    starts: str = ""
    """The queue of starts, on which the next run of an ordering key is called."""
    trace_rate: float = 1.0
    """The share of runs that did not fail whose trace is sent to X-Ray."""
    on_app: Callable[[str], None] = lambda _app: None
    """Gets the app of the run once it is known, for log lines."""

    @property
    def explainer(self) -> ExplainContext:
        """What explaining works with."""
        return ExplainContext(runs=self.runs, registry=self.registry, bucket=self.bucket, artifacts=self.artifacts)


RESTART = "States.ServiceRestart"
"""The error by which the embedded engine fails what was running when it stopped; `up` recovers those runs."""
STATUSES = {
    "SUCCEEDED": RunStatus.SUCCEEDED,
    "FAILED": RunStatus.FAILED,
    "TIMED_OUT": RunStatus.FAILED,
    "ABORTED": RunStatus.ABORTED,
}


def finish_run(ending: Ending, context: FinishContext) -> Run | None:
    """Write the end of a run, and notify the tenant's bus, and for a failure the tenant's alert.

    A second delivery writes no end. It does what the first one may have left undone, because that may have crashed;
    what is notified again has the same id.

    Returns:
        The run; None where the execution is not the run's (any more), or had ended it already.

    Raises:
        Conflict: too many write the run or its failure group at once; a later delivery ends it.
    """
    status = STATUSES.get(ending.status)
    name = names.parse_execution(ending.execution)
    stored = context.runs.find(name.tenant, name.run)
    context.on_app(stored.item.app)
    if ending.error == RESTART or status is None or stored.item.execution != ending.execution:
        return None
    if stored.item.status.over:
        if stored.item.unsettled:
            # Counted again, because nobody knows whether the first delivery released it.
            recount_runs(context.runs, name.tenant)
        _notify(stored.item, context.runs.explanation(stored.item), context)
        if stored.item.unsettled:
            _settle(stored.item, [record for _, record in context.runs.records(name.tenant, name.run)], context)
        return None
    records = [record for _, record in context.runs.records(name.tenant, name.run)]
    at = datetime.fromtimestamp(ending.stopped / 1000, UTC) if ending.stopped else datetime.now(UTC)
    bodies = Bodies(context.bucket, name.tenant, name.run)
    output = bodies.keep(json.loads(ending.output)) if ending.output else None
    fields: dict[str, object] = {"status": status, "ended": moment(at), "output": output, "open_pauses": 0}
    version = context.registry.version(stored.item.app, stored.item.version).item
    models = _model_use(version, stored.item, context)
    cost = sum(row.amount.dollars for row in meter(stored.item, version, records, models))
    costs = {"model": reduce(ModelUse.plus, models.values(), ModelUse()), "dollars": round(cost, 9)}
    fields["usage"] = usage(records).model_copy(update=costs)
    fields["unsettled"] = True
    none: Explanation | None = None
    if status is not RunStatus.SUCCEEDED:
        over = stored.item.model_copy(update={"status": status})
        by_hand = status is RunStatus.ABORTED and bool(over.stop)
        error, cause = (GateError.ABORTED.value, over.stop) if by_hand else (ending.error, ending.cause)
        current, none = explain_run(context.explainer, over, records, error, cause)
        # A dry run does not count as a failure: it has no group.
        counts = status is RunStatus.FAILED and not over.dry
        fields |= {"failed": current.failed, "fingerprint": none.fingerprint if counts else ""}
    used = partial(meter, version=version, records=records, models=models)
    run = _write(context, stored, fields, none, used)
    if run is not None:
        release_run(context.runs, run)
        _notify(run, none, context)
        run = _settle(run, records, context, has_pauses=bool(stored.item.open_pauses))
    return run


def _settle(run: Run, records: Sequence[StepRecord], context: FinishContext, *, has_pauses: bool = True) -> Run:
    """Do what an end brings besides its status, and note that it is done; the sweep looks for ends without the note.

    After a crash all of it is done again: the step time of such a run may count twice, and never not at all.
    """
    if has_pauses:
        withdraw_approvals(ApprovalContext(approvals=Approvals(context.runs.table.name), runs=context.runs), run)
    with suppress(NotFound):
        # Where the tenant or its install is gone, nobody has a quota that the time counts against.
        tenant, install = context.registry.tenant(run.tenant), context.registry.install(run.tenant, run.install)
        consume_step_time(context.runs, run, tenant, install.item)
    send_trace(run, records, context.trace_rate)
    return context.runs.change(run.tenant, run.id, lambda latest: latest.model_copy(update={"unsettled": False}))


def _notify(run: Run, explanation: Explanation | None, context: FinishContext) -> None:
    notify_end(run, explanation, context.alerts)
    release_turn(run, context.runs, context.bucket, context.starts)


def _model_use(version: Version, run: Run, context: FinishContext) -> dict[str, ModelUse]:
    """What the run's calls of language models used, by step; a version that may make none costs no read."""
    may = version.manifest is not None and version.manifest.permissions.model
    return ModelUses(context.runs.table.name).of_run(run.tenant, run.id) if may else {}


def _write(
    context: FinishContext,
    stored: Stored[Run],
    fields: Mapping[str, object],
    explanation: Explanation | None,
    meter_of: Callable[[Run], list[UsageRow]],
) -> Run | None:
    """Write the end once. None if another delivery wrote it."""
    reads = chain([stored], iter(lambda: context.runs.find(stored.item.tenant, stored.item.id), None))

    def attempt() -> Run | None:
        latest = next(reads)
        if latest.item.status.over or latest.item.execution != stored.item.execution:
            return None
        run = latest.item.model_copy(update=dict(fields))
        group = group_of(explanation, run.ended or run.started) if explanation is not None and run.fingerprint else None
        used = UsageRecords(context.runs.table.name).put_with(run, meter_of(run))
        context.runs.finish(Stored(item=run, rev=latest.rev), explanation, group, used)
        return run

    return retry_conflicts(attempt, "the run", stored.item.id)
