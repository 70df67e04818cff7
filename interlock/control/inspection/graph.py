"""The graph of a run, made of its definition, the outlines of its records, and its pauses."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, cast

from interlock.aws.errors import AWS_ERRORS
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.records import records_at
from interlock.contract.core import limits
from interlock.contract.core.base import Json
from interlock.contract.core.failure import Failure, NotFound
from interlock.contract.run import Outline, Run, StepRecord
from interlock.contract.run_graph import RunGraph
from interlock.control.inspection.definition import workflow_of_run
from interlock.control.inspection.history import read_history, stored_history
from interlock.control.inspection.recorded_step import RecordedStepContext
from interlock.control.inspection.state_flow import in_bounds
from interlock.control.inspection.whole import ReadBudget, read_body
from interlock.debugger.history import Raw
from interlock.debugger.map_totals import map_totals, outside, uncounted_maps, with_totals
from interlock.debugger.run_graph import run_graph

MAX_EVENTS = 5_000
"""A longer history is left out: to read one takes longer than a page waits, and its records tell all of its Tasks."""
log = logging.getLogger("interlock")


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
    graph = run_graph(definition, run, outlines, pauses, _events(context, bucket, run))
    maps = uncounted_maps(definition, graph)
    if not maps:
        return graph
    around = outside(definition, run, outlines, maps)
    try:
        return with_totals(graph, _totals(context, bucket, run, definition, (maps, around)))
    except (Failure, *AWS_ERRORS):
        # The graph is whole without these numbers.
        log.info("the items of a Map are not counted: run=%s", run.id, exc_info=True)
        return graph


def _totals(
    context: RecordedStepContext,
    bucket: str,
    run: Run,
    definition: Mapping[str, Any],
    wanted: tuple[Sequence[str], Sequence[Outline]],
) -> dict[str, int]:
    """How many items some Maps have, by the records of the states around them; empty where that takes too much.

    Raises:
        TooLarge: they have more data than is read for this, or computing it took too much time or memory.
        Unavailable: the machine was too busy.
    """
    maps, around = wanted
    if len(around) > limits.FLOW_TOTAL_RECORDS:
        return {}
    rows = records_at(context.runs.table, run.tenant, run.id, [row.key for row in around])
    bodies = Bodies(bucket, run.tenant, run.id)
    budget = ReadBudget(run.id, limits.FLOW_TOTAL_READ_BYTES, limits.FLOW_TOTAL_RECORDS)
    records = [_with_output(bodies, row, budget) for row in rows.values()]
    whole_run = run.model_copy(update={"input": read_body(bodies, run.input, budget)})

    def work() -> Json:
        return map_totals(definition, whole_run, records, maps)

    answer = in_bounds(run.id, work, limits.FLOW_TOTAL_SECONDS, limits.FLOW_TOTAL_WALL_SECONDS)
    return cast(dict[str, int], answer)


def _with_output(bodies: Bodies, record: StepRecord, budget: ReadBudget) -> StepRecord:
    if record.output is None:
        return record
    return record.model_copy(update={"output": read_body(bodies, record.output, budget)})


def _events(context: RecordedStepContext, bucket: str, run: Run) -> Sequence[Raw]:
    """The history of a run that is over, where somebody fetched it and it is not long."""
    ref = stored_history(context.runs, run) if run.status.over else None
    if ref is None or not ref.key or not ref.whole or ref.events > MAX_EVENTS:
        return ()
    try:
        return read_history(bucket, run, ref)
    except NotFound:
        return ()
