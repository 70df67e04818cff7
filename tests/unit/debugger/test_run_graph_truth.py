"""The graph of a run against the truth: random workflows run in process, and their graphs are made of records alone."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from interlock.asl import errors
from interlock.asl.clock import MovedClock
from interlock.asl.execution import Settings, TaskCall, Visit
from interlock.asl.interpreter import Interpreter
from interlock.asl.state import every_state
from interlock.contract.core.base import moment
from interlock.contract.envelope import StepError
from interlock.contract.run import Failed, Outline, RecordStatus, Run, RunStatus
from interlock.contract.run_graph import RunGraph, StateStatus
from interlock.debugger.run_graph import run_graph
from tests.support.random_workflows import given, step_functions, workflow
from tests.support.runs import run

SEEDS = 1_800
NEVER = (StateStatus.PENDING, StateStatus.SKIPPED)


class Recorder:
    """Does the work of Tasks, and keeps the outlines that the gate would."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.clock, self.outlines, self.who = MovedClock(), list[Outline](), str(seed)
        self.do = step_functions(folder)
        self.entered: dict[tuple[str, str], str] = {}

    def work(self, call: TaskCall) -> Any:
        self.clock.move(1)
        place, began = (call.state, call.path), moment(self.clock.now())
        entered = self.entered.setdefault(place, began) if call.attempt else began
        self.entered[place] = entered
        self.clock.move(1)
        item = cast(dict[str, Any], call.context.get("Map") or {}).get("Item")
        index = item["Index"] if item else None
        fields: dict[str, Any] = {
            "run": "a", "execution": "acme_i_a", "state": call.state, "step": "work", "entered": entered,
            "started": began, "digest": "d" * 64, "status": RecordStatus.SUCCEEDED, "input": {}, "duration_ms": 1000,
            "attempt": call.attempt, "index": index, "key": f"{entered}#{call.state}#{index}#{call.attempt:04d}",
        }  # fmt: skip
        try:
            result = self.do(call.resource.strip("${}"), call.input, self.who)
        except Exception as error:
            name = type(error).__name__
            problem = StepError(name=name, type=name, message="no")
            self.outlines.append(Outline.model_validate(fields | {"status": "failed", "error": problem}))
            raise errors.StatesError(name, json.dumps({"errorMessage": "no", "errorType": name})) from error
        self.outlines.append(Outline.model_validate(fields))
        return result


def ran(folder: Path, seed: int) -> tuple[list[Visit], Run, list[Outline]]:
    recorder = Recorder(folder, seed)
    interpreter = Interpreter(workflow(seed), given(seed), Settings(task=recorder.work, clock=recorder.clock))
    result = interpreter.run()
    status = RunStatus.SUCCEEDED if result.succeeded else RunStatus.FAILED
    blamed = next((row for row in interpreter.visits if row.error and not row.next), None)
    failed = None
    if blamed is not None and not result.succeeded:
        parts = blamed.path.split("/")
        maps = [name for name in parts[::2] if name in kinds(seed)]
        index = int(parts[parts.index(maps[-1]) + 1]) if maps else None
        failed = Failed(error=result.error or "", state=blamed.state, index=index)
    over = run("a", execution="x:acme_i_a", status=status, ended=moment(recorder.clock.now()), failed=failed)
    return interpreter.visits, over, recorder.outlines


def kinds(seed: int) -> set[str]:
    """The Maps of a workflow."""
    return {state.name for state in every_state(workflow(seed)) if state.kind == "Map"}


def wrong(graph: RunGraph, visits: list[Visit]) -> list[str]:
    entered = {visit.state for visit in visits}
    ways = {(visit.state, visit.next) for visit in visits if visit.next}
    rows = [
        f"{row.name} is {row.status.value}"
        for row in graph.states
        if row.status is not StateStatus.UNKNOWN and (row.status in NEVER) is (row.name in entered)
    ]
    rows += [
        f"{row.source} > {row.target} ({row.kind}) is taken"
        for row in graph.edges
        if row.taken and (row.source, row.target) not in ways
    ]
    for source, target in ways:
        edges = [row for row in graph.edges if (row.source, row.target) == (source, target)]
        if all(row.taken is False for row in edges):
            rows.append(f"{source} > {target} is not taken")
    return rows


@pytest.mark.parametrize("block", range(6))
def test_a_graph_of_records_says_nothing_that_did_not_happen(block: int, tmp_path: Path) -> None:
    size = SEEDS // 6
    open_ways = ways = 0
    for seed in range(block * size, (block + 1) * size):
        visits, over, outlines = ran(tmp_path, seed)
        if any(visit.kind == "Task" and (visit.error or "").startswith("States.") for visit in visits):
            continue
        graph = run_graph(workflow(seed), over, outlines)
        assert wrong(graph, visits) == [], seed
        open_ways += sum(row.taken is None for row in graph.edges)
        ways += len(graph.edges)
    assert open_ways < ways / 4
