"""How many items a Map has while it runs: never another number than the true one, and absent where nobody can know."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from interlock.asl import errors
from interlock.asl.clock import MovedClock
from interlock.asl.execution import Settings, TaskCall, Visit
from interlock.asl.interpreter import Interpreter
from interlock.contract.core.base import moment
from interlock.contract.envelope import StepError
from interlock.contract.outline import outline_text
from interlock.contract.payload import digest, reuse_digest
from interlock.contract.run import Outline, RecordStatus, Run, RunStatus, StepRecord
from interlock.contract.run_graph import GraphState, RunGraph
from interlock.debugger.map_totals import map_totals, outside, uncounted_maps, with_totals
from interlock.debugger.run_graph import run_graph
from tests.support.random_workflows import given, step_functions, workflow
from tests.support.runs import body, run

Raw = dict[str, Any]
SEEDS = 600


class Recorder:
    """Does the work of Tasks, and keeps what the gate would."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.clock, self.records, self.who = MovedClock(), list[StepRecord](), str(seed)
        self.do = step_functions(folder)

    def work(self, call: TaskCall) -> Any:
        item = cast(Raw, call.context.get("Map") or {}).get("Item")
        began = moment(self.clock.now())
        self.clock.move(1)
        fields: Raw = {
            "run": "a", "execution": "acme_i_a", "state": call.state, "step": "work", "entered": began,
            "started": began, "ended": moment(self.clock.now()), "digest": digest(call.input),
            "asked": reuse_digest(call.input), "status": RecordStatus.SUCCEEDED, "input": body(call.input),
            "attempt": call.attempt, "index": item["Index"] if item else None,
        }  # fmt: skip
        try:
            result = self.do(call.resource.strip("${}"), call.input, self.who)
        except Exception as error:
            name = type(error).__name__
            failure = fields | {"status": "failed", "error": StepError(name=name, type=name, message="no")}
            self.records.append(StepRecord.model_validate(failure))
            raise errors.StatesError(name, json.dumps({"errorMessage": "no", "errorType": name})) from error
        self.records.append(StepRecord.model_validate(fields | {"output": body(result)}))
        return result


def counted(definition: Raw, current: Run, records: list[StepRecord]) -> RunGraph:
    """The graph of a run with the totals that its records tell."""
    outlines = [
        Outline.model_validate_json(outline_text(row, f"{row.entered}#{row.state}#{row.index}#{row.attempt:04d}"))
        for row in records
    ]
    graph = run_graph(definition, current, outlines)
    maps = uncounted_maps(definition, graph)
    names = {row.state for row in outside(definition, current, outlines, maps)}
    return with_totals(graph, map_totals(definition, current, [row for row in records if row.state in names], maps))


def running(value: Any) -> Run:
    return run("a", execution="x:acme_i_a", input=body(value), status=RunStatus.RUNNING)


@pytest.mark.parametrize("block", range(4))
def test_a_total_is_that_of_the_map_at_any_moment(block: int, tmp_path: Path) -> None:
    seen = 0
    size = SEEDS // 4
    for seed in range(block * size, (block + 1) * size):
        recorder = Recorder(tmp_path, seed)
        interpreter = Interpreter(workflow(seed), given(seed), Settings(task=recorder.work, clock=recorder.clock))
        interpreter.run()
        true = _items(interpreter.visits)
        for end in range(0, len(recorder.records) + 1, 2):
            graph = counted(workflow(seed), running(given(seed)), recorder.records[:end])
            for row in graph.states:
                if row.items is not None and row.items.total is not None:
                    assert row.items.total in true[row.name], (seed, end, row.name)
                    seen += 1
    assert seen > 20


def _items(visits: list[Visit]) -> dict[str, set[int]]:
    counts: dict[str, set[int]] = {}
    for visit in visits:
        if visit.items is not None:
            counts.setdefault(visit.state, set()).add(visit.items)
    return counts


def record(state: str, value: Any, output: Any = None, **more: Any) -> StepRecord:
    fields: Raw = {
        "run": "a", "execution": "acme_i_a", "state": state, "step": "work", "entered": "2026-01-01T00:00:01.000Z",
        "started": "2026-01-01T00:00:01.000Z", "ended": "2026-01-01T00:00:02.000Z", "digest": digest(value),
        "status": RecordStatus.SUCCEEDED, "input": body(value), "output": body(output),
    }  # fmt: skip
    return StepRecord.model_validate(fields | more)


def flow(each: Raw | None = None, load: Raw | None = None, **more: Raw) -> Raw:
    inner = {"StartAt": "Inner", "States": {"Inner": {"Type": "Task", "Resource": "${work}", "End": True}}}
    states: Raw = {
        "Load": {"Type": "Task", "Resource": "${work}", "Next": "Each", **(load or {})},
        "Each": {"Type": "Map", "ItemProcessor": inner, "End": True, "ItemsPath": "$.rows", **(each or {})},
    }
    return {"StartAt": "Load", "States": states | more}


ROWS = {"rows": list(range(300))}
BEGUN = [record("Load", {"a": 1}, ROWS), *(record("Inner", number, 0, index=number) for number in range(12))]


def each_of(definition: Raw, records: list[StepRecord], **fields: Any) -> GraphState:
    current = running({"a": 1}).model_copy(update=fields)
    return next(row for row in counted(definition, current, records).states if row.name == "Each")


def test_a_map_in_progress_says_twelve_of_three_hundred() -> None:
    items = each_of(flow(), BEGUN).items
    assert items is not None
    assert (items.total, items.begun, items.ended) == (300, 12, 12)


def test_a_map_whose_items_have_no_records_yet_has_its_total() -> None:
    items = each_of(flow(), BEGUN[:1]).items
    assert items is not None
    assert (items.total, items.begun) == (300, 0)


def test_a_map_that_failed_keeps_its_total() -> None:
    items = each_of(flow(), BEGUN, status=RunStatus.ABORTED).items
    assert items is not None
    assert items.total == 300


def test_a_map_that_is_not_entered_has_no_items() -> None:
    assert each_of(flow(), []).items is None


@pytest.mark.parametrize(
    "changed",
    [
        flow(load={"Parameters": {"id.$": "States.UUID()"}}),
        flow(load={"Parameters": {"a": 1, "at.$": "$$.State.EnteredTime"}}),
        flow(each={"Parameters": {"m.$": "$$.StateMachine.Name"}}, load={"Parameters": {"whole.$": "$$"}}),
        flow(each={"QueryLanguage": "JSONata", "Items": "{% [1..$round($random() * 9)] %}"}),
        flow(each={"QueryLanguage": "JSONata", "Items": "{% $lookup($states, 'context').Execution.x %}"}),
        flow(each={"Next": "Load", "End": False}),
        flow(each={"ItemReader": {"Resource": "arn:aws:states:::s3:getObject"}}),
    ],
)
def test_a_total_that_may_be_another_one_is_absent(changed: Raw) -> None:
    items = each_of(changed, BEGUN).items
    assert items is None or items.total is None


def test_an_input_that_is_not_the_computed_one_hides_the_total() -> None:
    edited = record("Load", {"a": 2}, ROWS)
    items = each_of(flow(), [edited, *BEGUN[1:]]).items
    assert items is not None and items.total is None


def test_what_is_made_new_inside_the_map_does_not_count() -> None:
    inner = {"Type": "Task", "Resource": "${work}", "Parameters": {"id.$": "States.UUID()"}, "End": True}
    items = each_of(flow(each={"ItemProcessor": {"StartAt": "Inner", "States": {"Inner": inner}}}), BEGUN).items
    assert items is not None and items.total == 300


def test_a_map_beside_an_open_branch_has_its_total() -> None:
    wait: Raw = {"StartAt": "Slow", "States": {"Slow": {"Type": "Task", "Resource": "${work}", "End": True}}}
    both = {"Type": "Parallel", "Branches": [wait, flow()], "End": True}
    definition = {"StartAt": "Both", "States": {"Both": both}}
    items = each_of(definition, BEGUN).items
    assert items is not None and items.total == 300


def test_fewer_items_than_were_begun_is_never_said() -> None:
    graph = counted(flow(), running({"a": 1}), BEGUN)
    items = next(row for row in with_totals(graph, {"Each": 11}).states if row.name == "Each").items
    assert items is not None and items.total == 300
