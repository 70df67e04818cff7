"""What each state of a run did with its data: computed from definition and records, within bounds, page by page.

It evaluates what a publisher wrote (paths, JSONata, intrinsics, rules), so a child does it, and is ended when it takes
long. What is sensitive is redacted as in an export.
"""

import json
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from interlock.aws.tables.bodies import Bodies
from interlock.bounds.child import NoAnswerInTime, OutOfBounds, compute
from interlock.contract.core import limits
from interlock.contract.core.base import Json
from interlock.contract.core.failure import BadRequest, TooLarge, Unavailable
from interlock.contract.core.page import PageRequest
from interlock.contract.fork import parse_position
from interlock.contract.run import Run, StepRecord
from interlock.contract.state_flow import StateFlow, StateFlowPage
from interlock.control.inspection.definition import workflow_of_run
from interlock.control.inspection.recorded_step import RecordedStepContext
from interlock.control.inspection.whole import ReadBudget, read_record, read_run
from interlock.debugger.data_flow import data_flow
from interlock.debugger.redaction import redact_flows

EVALUATOR = "interlock.asl.jsonata_values"
FRAME_BYTES = 1_000
"""What a state's row weighs beside its values, about."""


def list_flows(
    context: RecordedStepContext, bucket: str, where: tuple[str, str], wanted: str, page: PageRequest
) -> StateFlowPage:
    """A page of the data flow of a run's states, in the order in which they were entered.

    Args:
        context: the stores.
        bucket: where bodies are.
        where: the tenant and the run.
        wanted: `STATE` or `STATE[INDEX]`; empty for every state.
        page: which page; a limit of 0 is for as many as fit.

    Raises:
        NotFound: the tenant has no such run, or the version was published before definitions were kept.
        BadRequest: the cursor is of another list.
        TooLarge: the run has more data than is read for this, or computing it took too much time or memory.
        Unavailable: the machine was too busy for an answer; the same run may have one later.
    """
    tenant, run_id = where
    begin = _begin(page.cursor)
    definition = workflow_of_run(context, tenant, run_id).definition
    bodies = Bodies(bucket, tenant, run_id)
    budget = ReadBudget(run_id, limits.FLOW_READ_BYTES, limits.FLOW_READ_BODIES)
    run = read_run(bodies, context.runs.find(tenant, run_id).item, budget)
    records = [read_record(bodies, record, budget) for _, record in context.runs.records(tenant, run_id)]
    rules = (*run.redact, *context.registry.tenant(tenant).redact)

    def work() -> Json:
        flows = [flow for flow in data_flow(definition, run, records) if _is_wanted(flow, wanted)]
        return _page(run, records, rules, flows, begin, page.limit).model_dump(mode="json")

    return StateFlowPage.model_validate(in_bounds(run_id, work, limits.FLOW_SECONDS, limits.FLOW_WALL_SECONDS))


def in_bounds(run_id: str, work: Callable[[], Json], seconds: float, wall_seconds: float) -> Json:
    """What a computation over a run's data answers, done in a child.

    Args:
        run_id: the run.
        work: answers something that JSON can hold.
        seconds: of a processor that it may take.
        wall_seconds: how long its answer is awaited.

    Raises:
        TooLarge: it took more time, or more memory than limits.FLOW_MEGABYTES.
        Unavailable: the machine was too busy.
    """
    # Most calls of the API don't need it, and the child is not to import it in its time.
    import_module(EVALUATOR)
    try:
        return compute(work, seconds, limits.FLOW_MEGABYTES, limits.LAMBDA_PAYLOAD_BYTES, wall_seconds)
    except NoAnswerInTime as error:
        what = f"the data flow of the run could not be computed: {error}"
        raise Unavailable(what, where=run_id, next_step="Try again in a few seconds.") from error
    except OutOfBounds as error:
        raise TooLarge(
            f"the data flow of the run could not be computed: {error}",
            where=run_id,
            code="flow-too-costly",
            next_step=f"Look at what its steps got and answered: interlock run show {run_id}",
        ) from error


def _begin(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit():
        raise BadRequest("the cursor belongs to another list", where="cursor", next_step="Begin without a cursor.")
    return int(cursor)


def _is_wanted(flow: StateFlow, wanted: str) -> bool:
    if not wanted:
        return True
    position = parse_position(wanted)
    return flow.state == position.state and position.index in (None, flow.index)


def _page(
    run: Run, records: Sequence[StepRecord], rules: Sequence[str], flows: Sequence[StateFlow], begin: int, limit: int
) -> StateFlowPage:
    """The flows from a place on, as many as are asked for and fit."""
    chosen: list[StateFlow] = []
    room = limits.FLOW_PAGE_BYTES
    for flow in flows[begin : begin + limit if limit else None]:
        cut, weight = _without_large(flow)
        room -= weight
        if chosen and room < 0:
            break
        chosen.append(cut)
    end = begin + len(chosen)
    return StateFlowPage(
        flows=tuple(redact_flows(run, records, chosen, rules)), cursor=str(end) if end < len(flows) else None
    )


def _without_large(flow: StateFlow) -> tuple[StateFlow, int]:
    """A state's flow without values above limits.FLOW_VALUE_BYTES, and about how many bytes it has."""
    sizes = [(name, len(json.dumps(value))) for name, value in _values(flow)]
    large = {name: size for name, size in sizes if size > limits.FLOW_VALUE_BYTES}
    weight = FRAME_BYTES + len(flow.cause) + sum(size for _, size in sizes if size <= limits.FLOW_VALUE_BYTES)
    if not large:
        return flow, weight
    update: dict[str, Any] = {name: None for name in ("input", "output") if name in large}
    update["stages"] = tuple(
        stage.model_copy(update={"value": None}) if stage.name in large else stage for stage in flow.stages
    )
    return flow.model_copy(update=update | {"large": large}), weight


def _values(flow: StateFlow) -> list[tuple[str, Json]]:
    stages = [(stage.name, stage.value) for stage in flow.stages]
    return [("input", flow.input), *stages, ("output", flow.output)]
