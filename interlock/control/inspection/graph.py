"""The graph of a run, made of its definition, the outlines of its records, and its pauses."""

from collections.abc import Sequence

from interlock.contract.core.failure import NotFound
from interlock.contract.run import Outline, Run
from interlock.contract.run_graph import RunGraph
from interlock.control.inspection.definition import workflow_of_run
from interlock.control.inspection.history import read_history, stored_history
from interlock.control.inspection.recorded_step import RecordedStepContext
from interlock.debugger.history import Raw
from interlock.debugger.run_graph import run_graph

MAX_EVENTS = 5_000
"""A longer history is left out: to read one takes longer than a page waits, and its records tell all of its Tasks."""


def show_graph(context: RecordedStepContext, bucket: str, tenant: str, run_id: str) -> RunGraph:
    """The states of a run's workflow with what the run did in each; its history counts where it is stored already.

    Raises:
        NotFound: the tenant has no such run, or the version was published before definitions were kept.
    """
    runs = context.runs
    run = runs.find(tenant, run_id).item
    definition = workflow_of_run(context, tenant, run_id).definition
    outlines = [Outline.model_validate_json(text) for _, text in runs.outlines(tenant, run_id, None)]
    pauses = [] if run.status.over else runs.pauses(tenant, run_id)
    return run_graph(definition, run, outlines, pauses, _events(context, bucket, run))


def _events(context: RecordedStepContext, bucket: str, run: Run) -> Sequence[Raw]:
    """The history of a run that is over, where somebody fetched it and it is not long."""
    ref = stored_history(context.runs, run) if run.status.over else None
    if ref is None or not ref.key or not ref.whole or ref.events > MAX_EVENTS:
        return ()
    try:
        return read_history(bucket, run, ref)
    except NotFound:
        return ()
