"""The data flow of a run, from its records: the same states, values, rules and stages as when it ran."""

import json
from typing import Any, cast

import pytest

from interlock.asl import errors
from interlock.asl.clock import MovedClock
from interlock.asl.execution import Settings, TaskCall, Visit
from interlock.asl.interpreter import Interpreter
from interlock.contract.core.base import moment
from interlock.contract.payload import digest, reuse_digest
from interlock.contract.run import Body, RecordStatus, RunStatus, StepRecord
from interlock.contract.state_flow import StateFlow
from interlock.debugger.data_flow import data_flow
from tests.support.runs import body, run

TASK = "${work}"
DEFINITION: dict[str, Any] = {
    "StartAt": "Shape",
    "States": {
        "Shape": {"Type": "Pass", "Parameters": {"n.$": "$.n"}, "ResultPath": "$.shaped", "Next": "Pick"},
        "Pick": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.n", "NumericGreaterThan": 10, "Next": "Large"},
                {"Variable": "$.n", "NumericGreaterThan": 1, "Next": "Each"},
            ],
            "Default": "Large",
        },
        "Large": {"Type": "Fail", "Error": "Acme.TooLarge"},
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.rows",
            "ItemProcessor": {
                "StartAt": "Double",
                "States": {
                    "Double": {
                        "Type": "Task",
                        "Resource": TASK,
                        "Parameters": {"v.$": "$"},
                        "ResultSelector": {"v.$": "$.v"},
                        "Retry": [{"ErrorEquals": ["Acme.Busy"], "MaxAttempts": 2}],
                        "Next": "Tell",
                    },
                    "Tell": {"Type": "Pass", "OutputPath": "$.v", "End": True},
                },
            },
            "ResultPath": "$.doubled",
            "Next": "Both",
        },
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Left", "States": {"Left": {"Type": "Task", "Resource": TASK, "End": True}}},
                {"StartAt": "Right", "States": {"Right": {"Type": "Wait", "Seconds": 3, "End": True}}},
            ],
            "Catch": [{"ErrorEquals": ["Acme.Broken"], "ResultPath": "$.error", "Next": "Mend"}],
            "Next": "Done",
        },
        "Mend": {"Type": "Task", "Resource": TASK, "ResultPath": None, "Next": "Done"},
        "Done": {"Type": "Succeed"},
    },
}  # fmt: skip


class Recorder:
    """Does the work of Tasks, and keeps what the gate would."""

    def __init__(self, clock: MovedClock) -> None:
        self.clock, self.records = clock, list[StepRecord]()
        self.busy = {2}
        self.broken = False

    def work(self, call: TaskCall) -> Any:
        item = cast(dict[str, Any], call.context.get("Map") or {}).get("Item")
        entered = moment(self.clock.now())
        self.clock.move(1)
        ended = moment(self.clock.now())
        failure, result = None, cast(Any, {"v": 0, "noise": True})
        if call.state == "Double":
            value = cast(dict[str, Any], call.input)["v"]
            result = {"v": value * 2, "noise": True}
            if value in self.busy:
                self.busy.discard(value)
                failure = "Acme.Busy"
        if call.state == "Left" and self.broken:
            failure = "Acme.Broken"
        fields = {"run": "a", "execution": "acme_i_a", "state": call.state, "step": "work", "entered": entered}
        fields |= {
            "digest": digest(call.input),
            "asked": reuse_digest(call.input),
            "input": body(call.input),
            "started": entered,
            "ended": ended,
            "attempt": call.attempt,
        }
        fields |= {"index": item["Index"] if item else None, "status": RecordStatus.FAILED if failure else "succeeded"}
        fields |= (
            {"error": {"name": failure, "type": failure, "message": "no"}} if failure else {"output": body(result)}
        )
        self.records.append(StepRecord.model_validate(fields))
        if failure:
            cause = {"errorMessage": "no", "errorType": failure, "requestId": "1", "stackTrace": ["line"]}
            raise errors.StatesError(failure, json.dumps(cause))
        return result


def ran(value: Any, *, broken: bool = False) -> tuple[list[Visit], list[StepRecord]]:
    clock = MovedClock()
    recorder = Recorder(clock)
    recorder.broken = broken
    interpreter = Interpreter(DEFINITION, value, Settings(task=recorder.work, clock=clock))
    interpreter.run()
    return sorted(interpreter.visits, key=lambda visit: visit.order), recorder.records


def flows(value: Any, records: list[StepRecord], **fields: Any) -> list[StateFlow]:
    return data_flow(DEFINITION, run("a", input=body(value), **fields), records)


@pytest.mark.parametrize("broken", [False, True])
@pytest.mark.parametrize("value", [{"n": 5, "rows": [1, 2, 3]}, {"n": 50, "rows": []}, {"n": 0, "rows": []}])
def test_every_state_is_as_it_was(value: dict[str, Any], broken: bool) -> None:
    visits, records = ran(value, broken=broken)
    seen = flows(value, records)
    assert [(flow.state, flow.next, flow.rule, flow.attempts, flow.error) for flow in seen] == [
        (visit.state, visit.next or "", visit.rule, visit.attempts, visit.error or "") for visit in visits
    ]
    assert all(flow.exact and flow.over for flow in seen)
    if not broken:
        assert [(flow.input, flow.output) for flow in seen] == [(visit.input, visit.output) for visit in visits]
        stages = [[(stage.name, stage.value) for stage in flow.stages] for flow in seen]
        assert stages == [[(stage.name, stage.value) for stage in visit.stages] for visit in visits]


def test_a_choice_says_which_rule_matched_and_a_map_which_item() -> None:
    value = {"n": 5, "rows": [1, 2]}
    seen = flows(value, ran(value)[1])
    pick = next(flow for flow in seen if flow.state == "Pick")
    assert (pick.rule, pick.next) == (1, "Each")
    doubles = [flow for flow in seen if flow.state == "Double"]
    assert [(flow.path, flow.attempts) for flow in doubles] == [
        (("Each", "[0]", "Double"), 1),
        (("Each", "[1]", "Double"), 2),
    ]
    assert [stage.name for stage in doubles[0].stages] == ["Parameters", "Result", "ResultSelector"]
    assert next(flow.path for flow in seen if flow.state == "Left") == ("Both", "{0}", "Left")


def test_a_run_in_flight_ends_where_its_records_end() -> None:
    value = {"n": 5, "rows": [1]}
    records = ran(value)[1]
    seen = flows(value, records[:-1], status=RunStatus.RUNNING, ended=None)
    assert [(flow.state, flow.over) for flow in seen[-3:]] == [("Both", False), ("Left", False), ("Right", True)]
    assert all(flow.over for flow in seen[:-3])


def test_items_go_on_while_one_is_open_and_others_have_not_begun() -> None:
    value = {"n": 5, "rows": [1, 3, 4, 5]}
    records = [row for row in ran(value)[1] if row.state == "Double"][:3]
    still = records[1].model_copy(update={"status": RecordStatus.STARTED, "ended": None, "output": None})
    seen = flows(value, [records[0], still, records[2]], status=RunStatus.RUNNING, ended=None)
    inside = [(flow.state, flow.index, flow.over) for flow in seen if flow.path[0] == "Each" and flow.index is not None]
    assert inside == [
        ("Double", 0, True), ("Tell", 0, True), ("Double", 1, False), ("Double", 2, True), ("Tell", 2, True),
    ]  # fmt: skip
    assert [(flow.items, flow.over) for flow in seen if flow.state == "Each"] == [(4, False)]
    assert seen[-1].path[0] == "Each"


def test_a_failure_is_seen_beside_a_branch_that_never_went_on() -> None:
    value: dict[str, Any] = {"n": 50, "rows": []}
    definition: dict[str, Any] = {
        "StartAt": "Both",
        "States": {
            "Both": {
                "Type": "Parallel",
                "Branches": [
                    {"StartAt": "Late", "States": {"Late": {"Type": "Task", "Resource": TASK, "End": True}}},
                    {"StartAt": "Left", "States": {"Left": {"Type": "Task", "Resource": TASK, "End": True}}},
                ],
                "End": True,
            }
        },
    }
    left = next(row for row in ran({"n": 5, "rows": []}, broken=True)[1] if row.state == "Left")
    seen = data_flow(definition, run("a", input=body(value), status=RunStatus.FAILED), [left])
    assert [(flow.state, flow.error, flow.over) for flow in seen] == [
        ("Both", "Acme.Broken", True), ("Late", "", False), ("Left", "Acme.Broken", True),
    ]  # fmt: skip


@pytest.mark.parametrize(("seconds", "passed"), [(1, True), (10**8 - 1, False)])
def test_a_wait_that_is_not_over_is_what_a_run_is_in(seconds: int, passed: bool) -> None:
    definition: dict[str, Any] = {
        "StartAt": "Rest",
        "States": {"Rest": {"Type": "Wait", "Seconds": seconds, "Next": "Last"}},
    }
    definition["States"]["Last"] = {"Type": "Task", "Resource": TASK, "End": True}
    running = run("a", input=body({}), status=RunStatus.RUNNING, ended=None)
    seen = data_flow(definition, running, [])
    expected = [("Rest", True), ("Last", False)] if passed else [("Rest", False)]
    assert [(flow.state, flow.over) for flow in seen] == expected


def test_each_round_of_a_loop_has_its_own_record() -> None:
    definition: dict[str, Any] = {
        "StartAt": "Left",
        "States": {
            "Left": {"Type": "Task", "Resource": TASK, "Next": "Again"},
            "Again": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.more", "BooleanEquals": True, "Next": "Left"}],
                "Default": "Done",
            },
            "Done": {"Type": "Succeed"},
        },
    }
    (first,) = (row for row in ran({"n": 5, "rows": []})[1] if row.state == "Left")
    rounds = [
        first.model_copy(
            update={
                "entered": f"2026-01-01T00:00:0{number}.000Z",
                "digest": digest(value),
                "asked": "",
                "output": body({"more": number < 2}),
            }
        )
        for number, value in enumerate(({"a": 1}, {"more": True}, {"more": True}))
    ]
    seen = [flow for flow in data_flow(definition, run("a", input=body({"a": 1})), rounds) if flow.state == "Left"]
    assert [(flow.entered, flow.digest, flow.exact) for flow in seen] == [
        (row.entered, row.digest, True) for row in rounds
    ]


def test_what_follows_an_output_past_its_retention_is_not_known() -> None:
    value: dict[str, Any] = {"n": 5, "rows": []}
    rows = [
        row.model_copy(update={"output": Body(key="runs/acme/a/x.json")}) if row.state == "Left" else row
        for row in ran(value)[1]
    ]
    assert flows(value, rows)[-1].state == "Right"


def test_an_input_that_differs_from_the_computed_one_is_said() -> None:
    value = {"n": 5, "rows": [1]}
    records = ran(value)[1]
    first, *others = records
    edited = first.model_copy(update={"asked": "0" * 64, "output": body({"v": 40})})
    seen = flows(value, [edited, *others])
    assert [flow.exact for flow in seen if flow.state == "Double"] == [False]
    assert next(flow.output for flow in seen if flow.state == "Tell") == 40


def test_a_body_that_is_not_here_leaves_nothing_to_compute() -> None:
    assert data_flow(DEFINITION, run("a", input=Body(key="runs/acme/a/x.json")), []) == []


def test_values_above_the_limit_of_a_state_are_no_error() -> None:
    value: dict[str, Any] = {"n": 5, "rows": [], "text": "x" * 300_000}
    seen = flows(value, ran({"n": 5, "rows": []})[1])
    assert seen[-1].state == "Done"
