"""Collects the inputs of an explanation: records, the workflow and its places, last events, the last good run."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from interlock.aws.errors import AWS_ERRORS
from interlock.aws.services import artifacts, step_functions
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.core import names
from interlock.contract.core.failure import Conflict, Failure, NotFound
from interlock.contract.core.names import Artifact
from interlock.contract.explain import CauseKind, Explanation, ExplanationView, Places
from interlock.contract.registry import Version
from interlock.contract.run import RecordStatus, Run, RunStatus, StepRecord
from interlock.control.inspection.whole import fetched_body
from interlock.debugger.cause import Evidence, FirstCause, find_cause, first_cause, needs_history
from interlock.debugger.explain import Subject, explain
from interlock.debugger.explain_text import explain_text
from interlock.debugger.redaction import learned

MAX_EARLIER = 40
"""Of so many earlier records are the outputs read, to find where a value came from."""
log = logging.getLogger("interlock")


@dataclass(frozen=True)
class ExplainContext:
    """What explaining works with."""

    runs: Runs
    registry: Registry
    bucket: str
    artifacts: str
    history: bool = True
    """Whether Step Functions may be asked for the last events."""


def read_explanation(context: ExplainContext, tenant: str, run_id: str) -> ExplanationView:
    """Why a run failed: as it was found out at its end, or found out now.

    Raises:
        NotFound: no such run.
        Conflict: the run is not over, or succeeded.
    """
    run = context.runs.find(tenant, run_id).item
    if not run.status.over:
        next_step = f"interlock run watch {run.id}"
        raise Conflict(
            f"the run is {run.status.value} and did not fail yet",
            where=run.id,
            code="run-not-over",
            next_step=next_step,
        )
    if run.status is RunStatus.SUCCEEDED:
        next_step = f"interlock run show {run.id}"
        raise Conflict(
            "the run succeeded, so there is no failure to explain",
            where=run.id,
            code="run-succeeded",
            next_step=next_step,
        )
    explanation = context.runs.explanation(run)
    if explanation is None:
        error, cause = (run.failed.error, run.failed.cause) if run.failed else ("", "")
        records = [record for _, record in context.runs.records(tenant, run.id)]
        explanation = explain_run(context, run, records, error, cause)[1]
    return ExplanationView(explanation=explanation, text=explain_text(explanation))


def explain_run(
    context: ExplainContext, run: Run, records: Sequence[StepRecord], error: str, cause: str
) -> tuple[FirstCause, Explanation]:
    """The first cause of a run's failure and its explanation; what can't be read is left out of it.

    Args:
        context: the stores.
        run: the run, over or about to be.
        records: all its step records.
        error: the error that its execution ended with.
        cause: what Step Functions said beside it.
    """
    own = run.execution.rsplit(":", 1)[-1]
    last = [record for record in records if record.execution == own and not record.stopped] or list(records)
    try:
        return _explained(context, run, last, error, cause)
    except (Failure, *AWS_ERRORS):
        # A run must end also where a body or an artifact can't be read: its cause is told without what needs them.
        log.exception("a failed run is explained from its records alone")
        failed = first_cause(last, error, cause)
        current = FirstCause(failed, kind=CauseKind.STEP if failed.frame else CauseKind.STATE)
        return current, explain(Subject(run=run), current)


def _explained(
    context: ExplainContext, run: Run, records: Sequence[StepRecord], error: str, cause: str
) -> tuple[FirstCause, Explanation]:
    version = _version(context, run)
    places, definition = _artifacts(context, version, run.workflow) if version else (Places(), None)
    wanted = context.history and run.status is not RunStatus.ABORTED and needs_history(records, error, cause)
    events = step_functions.last_events(run.execution) if wanted else []
    current = find_cause(Evidence(records, error, cause, events, definition))
    bodies = Bodies(context.bucket, run.tenant, run.id)
    if current.record is not None:
        current = replace(current, record=_whole(bodies, current.record))
    good_runs = context.runs.good_runs(run)
    good = good_runs[0] if good_runs else None
    theirs = [record for _, record in context.runs.records(good.tenant, good.id)] if good else []
    like = _like(context, good, theirs, current) if good else None
    subject = Subject(
        run=run.model_copy(update={"input": fetched_body(bodies, run.input)}),
        records=_earlier(bodies, records, current.record),
        places=places,
        definition=definition,
        cold=_cold(context, run, good_runs, current.record),
    )
    if good is not None:
        bodies = Bodies(context.bucket, good.tenant, good.id)
        good = good.model_copy(update={"input": fetched_body(bodies, good.input)})
    done = [record for record in theirs if record.status is RecordStatus.SUCCEEDED]
    explanation = explain(subject, current, good, like, done)
    compared = [*(row for row in (current.record, like) if row), *done]
    return current, _redacted(explanation, context, version, subject, good, compared)


def _redacted(
    explanation: Explanation,
    context: ExplainContext,
    version: Version | None,
    subject: Subject,
    good: Run | None,
    records: Sequence[StepRecord],
) -> Explanation:
    """Without any value that the types, the manifest or the tenant call sensitive, wherever in the text it shows."""
    rules = version.manifest.redact.fields if version and version.manifest else ()
    try:
        rules += context.registry.tenant(subject.run.tenant).redact
    except NotFound:
        rules += ()
    value: Any = explanation.model_dump(mode="json")
    for run in (subject.run, good):
        value = learned(run, [*subject.records, *records], rules).data(value) if run else value
    return Explanation.model_validate(value)


def _version(context: ExplainContext, run: Run) -> Version | None:
    try:
        return context.registry.version(run.app, run.version).item
    except NotFound:
        return None


def _artifacts(context: ExplainContext, version: Version, workflow: str) -> tuple[Places, dict[str, Any] | None]:
    """Where states and steps are written, and the definition that ran; nothing of what is not there."""
    prefix = names.artifact_prefix(version.app, version.version, version.digest)
    read: dict[str, Any] = {}
    for name in (Artifact.PLACES, f"workflows/{workflow}.asl.json"):
        try:
            read[name] = artifacts.read_json(context.artifacts, f"{prefix}{name}")
        except NotFound:
            continue
    places = Places.model_validate(read.pop(Artifact.PLACES)) if Artifact.PLACES in read else Places()
    return places, next(iter(read.values()), None)


def _earlier(bodies: Bodies, records: Sequence[StepRecord], failing: StepRecord | None) -> list[StepRecord]:
    """What succeeded before the failing attempt began, in its order, with outputs in place."""
    if failing is None:
        return []
    done = [
        record
        for record in sorted(records, key=lambda record: record.ended or "~")
        if record.status is RecordStatus.SUCCEEDED and (record.ended or "~") <= failing.started
    ]
    return [
        record.model_copy(update={"output": fetched_body(bodies, record.output) if record.output else None})
        for record in done[:MAX_EARLIER]
    ]


def _like(context: ExplainContext, good: Run, records: Sequence[StepRecord], cause: FirstCause) -> StepRecord | None:
    """The good run's record of the failing state: of the same item where it has one, that succeeded."""
    state, index = cause.failed.state, cause.failed.index
    done = [record for record in records if record.state == state and record.status is RecordStatus.SUCCEEDED]
    best = next((record for record in done if record.index == index), None) or next(iter(done), None)
    return _whole(Bodies(context.bucket, good.tenant, good.id), best) if best else None


def _cold(context: ExplainContext, run: Run, good_runs: Sequence[Run], failing: StepRecord | None) -> StepRecord | None:
    """The record of a good run in which the step succeeded on the same input in a cold process; for a warm failure."""
    if failing is None or failing.cold or not run.input.digest:
        return None
    same = (good for good in good_runs if good.input.digest == run.input.digest)
    rows = (record for good in same for _, record in context.runs.records(good.tenant, good.id))
    position = (failing.state, failing.index, failing.digest)
    fits = (row for row in rows if row.cold and (row.state, row.index, row.digest) == position)
    return next((row for row in fits if row.status is RecordStatus.SUCCEEDED), None)


def _whole(bodies: Bodies, record: StepRecord) -> StepRecord:
    """A record with its input and its effects in place."""
    effects = bodies.effects(record)
    return record.model_copy(update={"input": fetched_body(bodies, record.input), "effects": effects})
