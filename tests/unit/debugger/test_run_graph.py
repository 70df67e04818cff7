"""The graph of a run: what each state and way of its workflow shows, while it runs and after its end."""

from typing import Any

import pytest

from interlock.contract.core import limits
from interlock.contract.envelope import StepError
from interlock.contract.run import Failed, Fork, Outline, Pause, PauseStatus, RecordStatus, Run, RunStatus
from interlock.contract.run_graph import GraphState, RunGraph, StateStatus
from interlock.debugger.run_graph import run_graph
from tests.support.runs import run

Raw = dict[str, Any]
TASK = "${work}"


def task(after: str = "", **more: Any) -> Raw:
    return {"Type": "Task", "Resource": TASK, **({"Next": after} if after else {"End": True}), **more}


def flow(**states: Raw) -> Raw:
    return {"StartAt": next(iter(states)), "States": states}


def at(second: int) -> str:
    return f"2026-01-01T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000Z"


def visit(state: str, second: int, **more: Any) -> Outline:
    attempt, index = more.get("attempt", 0), more.get("index")
    fields: Raw = {
        "run": "a", "execution": "acme_i_a", "state": state, "step": "work", "entered": at(second),
        "started": at(second), "digest": "d" * 64, "status": RecordStatus.SUCCEEDED, "input": {"size": 3},
        "duration_ms": 500, "key": f"STEP#{at(second)}#{state}#0#{index}#d#{attempt:04d}",
    }  # fmt: skip
    return Outline.model_validate(fields | more)


def failing(state: str, second: int, error: str = "Acme.Broken", **more: Any) -> Outline:
    problem = StepError(name=error, type=error, message="no")
    return visit(state, second, status=RecordStatus.FAILED, error=problem, **more)


def open_visit(state: str, second: int, **more: Any) -> Outline:
    return visit(state, second, status=RecordStatus.STARTED, **more)


def pause(state: str, second: int, **more: Any) -> Pause:
    fields: Raw = {
        "id": "p", "run": "a", "tenant": "acme", "state": state, "step": "work", "digest": "d", "at": "before",
        "status": PauseStatus.WAITING, "breakpoint": "b", "armed_by": "pat", "since": at(second), "input": {},
    }  # fmt: skip
    return Pause.model_validate(fields | more)


def running(**fields: Any) -> Run:
    return run("a", execution="x:acme_i_a", status=RunStatus.RUNNING, **fields)


def ended(status: RunStatus = RunStatus.SUCCEEDED, **fields: Any) -> Run:
    return run("a", execution="x:acme_i_a", status=status, ended=at(90), **fields)


def failed_run(state: str) -> Run:
    return ended(RunStatus.FAILED, failed=Failed(error="Acme.Broken", state=state))


def statuses(graph: RunGraph) -> dict[str, str]:
    return {row.name: row.status.value for row in graph.states}


def taken(graph: RunGraph) -> dict[str, bool | None]:
    return {f"{row.source}>{row.target}:{row.kind}": row.taken for row in graph.edges}


def state(graph: RunGraph, name: str) -> GraphState:
    return next(row for row in graph.states if row.name == name)


CHOICE = flow(
    Load=task("Pick"),
    Pick={
        "Type": "Choice",
        "Choices": [{"Variable": "$.n", "NumericGreaterThan": 1, "Next": "Shape"}],
        "Default": "Small",
    },
    Shape={"Type": "Pass", "Next": "Large"},
    Large=task("Done"),
    Small=task("Done"),
    Done={"Type": "Succeed"},
)


def test_a_choice_shows_the_way_that_the_next_task_tells() -> None:
    graph = run_graph(CHOICE, ended(), [visit("Load", 1), visit("Large", 3)])
    assert statuses(graph) == {
        "Load": "succeeded", "Pick": "succeeded", "Shape": "succeeded", "Large": "succeeded", "Done": "succeeded",
        "Small": "skipped",
    }  # fmt: skip
    assert taken(graph) == {
        "Load>Pick:next": True, "Pick>Shape:choice": True, "Pick>Small:default": False, "Shape>Large:next": True,
        "Large>Done:next": True, "Small>Done:next": False,
    }  # fmt: skip
    assert [row.label for row in graph.edges if row.kind == "choice"] == ["$.n NumericGreaterThan 1"]
    assert [(row.name, row.order, row.start, row.end) for row in graph.states][0::4] == [
        ("Load", 0, True, False),
        ("Done", 4, False, True),
    ]


def test_a_way_that_the_records_leave_open_is_not_guessed() -> None:
    open_choice = flow(
        Load=task("Pick"),
        Pick={
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.n > 1 %}", "Next": "One"}],
            "Default": "Two",
        },
        One={"Type": "Pass", "Next": "Both"},
        Two={"Type": "Pass", "Next": "Both"},
        Both={"Type": "Pass", "Next": "Save"},
        Save=task(),
    )
    graph = run_graph(open_choice, ended(), [visit("Load", 1), visit("Save", 3)])
    assert statuses(graph) == {
        "Load": "succeeded", "Pick": "succeeded", "One": "unknown", "Both": "succeeded", "Save": "succeeded",
        "Two": "unknown",
    }  # fmt: skip
    assert taken(graph) == {
        "Load>Pick:next": True, "Pick>One:choice": None, "Pick>Two:default": None, "One>Both:next": None,
        "Two>Both:next": None, "Both>Save:next": True,
    }  # fmt: skip
    assert graph.edges[1].label == "$states.input.n > 1"


def test_a_running_run_shows_where_it_is_and_what_is_ahead() -> None:
    graph = run_graph(CHOICE, running(), [visit("Load", 1), open_visit("Large", 3)])
    assert statuses(graph)["Large"] == "running"
    assert (statuses(graph)["Done"], statuses(graph)["Small"]) == ("pending", "skipped")
    row = state(graph, "Large")
    assert (row.counts, row.started, row.ended, row.duration_ms) == ({StateStatus.RUNNING: 1}, at(3), None, 0)


def test_a_long_run_is_asked_for_less_often() -> None:
    sizes = {size: [visit("Load", number) for number in range(size)] for size in (1, 1_000, 20_000)}
    seconds = [run_graph(CHOICE, running(), rows).poll_s for rows in sizes.values()]
    assert seconds == [limits.POLL_SECONDS, 4, limits.LONGEST_POLL_SECONDS]
    assert run_graph(CHOICE, ended(), sizes[1_000]).poll_s == 0


def test_a_run_that_did_not_start_has_every_state_ahead() -> None:
    graph = run_graph(CHOICE, run("a", status=RunStatus.STARTING), [])
    assert set(statuses(graph).values()) == {"pending"}
    assert set(taken(graph).values()) == {False}


def test_a_wait_after_the_last_task_is_where_the_run_is() -> None:
    wait = flow(Load=task("Rest"), Rest={"Type": "Wait", "Seconds": 3600, "Next": "Save"}, Save=task())
    graph = run_graph(wait, running(), [visit("Load", 1)])
    assert statuses(graph) == {"Load": "succeeded", "Rest": "running", "Save": "pending"}
    aborted = run_graph(wait, ended(RunStatus.ABORTED), [visit("Load", 1)])
    assert statuses(aborted) == {"Load": "succeeded", "Rest": "aborted", "Save": "skipped"}


def test_a_loop_counts_each_round() -> None:
    loop = flow(
        Ask=task("Ready"),
        Ready={"Type": "Choice", "Choices": [{"Variable": "$.ok", "BooleanEquals": True, "Next": "Save"}],
               "Default": "Rest"},
        Rest={"Type": "Wait", "Seconds": 3, "Next": "Ask"},
        Save=task(),
    )  # fmt: skip
    graph = run_graph(loop, ended(), [visit("Ask", 1), visit("Ask", 4), visit("Ask", 7), visit("Save", 9)])
    assert state(graph, "Ask").counts == {StateStatus.SUCCEEDED: 3}
    assert state(graph, "Rest").counts == {StateStatus.SUCCEEDED: 2}
    assert state(graph, "Ready").counts == {StateStatus.SUCCEEDED: 3}
    assert set(taken(graph).values()) == {True}


CATCH = flow(
    Load=task(
        "Save", Catch=[{"ErrorEquals": ["Acme.Broken"], "Next": "Mend"}, {"ErrorEquals": ["B"], "Next": "Other"}]
    ),
    Save=task(),
    Mend=task("Save"),
    Other=task(),
)


def test_a_failure_that_a_catch_handled_is_caught() -> None:
    graph = run_graph(CATCH, ended(), [failing("Load", 1), visit("Mend", 2), visit("Save", 3)])
    assert statuses(graph) == {"Load": "caught", "Save": "succeeded", "Mend": "succeeded", "Other": "skipped"}
    assert taken(graph) == {
        "Load>Save:next": False, "Load>Mend:catch": True, "Load>Other:catch": False, "Mend>Save:next": True,
    }  # fmt: skip
    assert state(graph, "Load").error == "Acme.Broken"


def test_a_failure_that_nothing_handled_is_failed() -> None:
    graph = run_graph(CATCH, failed_run("Load"), [failing("Load", 1, "Acme.Else")])
    assert statuses(graph) == {"Load": "failed", "Save": "skipped", "Mend": "skipped", "Other": "skipped"}
    assert set(taken(graph).values()) == {False}


def test_a_retry_is_one_visit_with_its_attempts() -> None:
    retry = flow(Load=task(Retry=[{"ErrorEquals": ["Acme.Broken"], "MaxAttempts": 2}]))
    first = failing("Load", 1)
    waiting = run_graph(retry, running(), [first])
    assert (statuses(waiting)["Load"], state(waiting, "Load").attempts) == ("running", 1)
    done = run_graph(retry, ended(), [first, visit("Load", 1, attempt=1)])
    assert (state(done, "Load").counts, state(done, "Load").attempts) == ({StateStatus.SUCCEEDED: 1}, 2)
    rows = [failing("Load", 1, attempt=number) for number in range(3)]
    spent = run_graph(retry, failed_run("Load"), rows)
    assert (statuses(spent)["Load"], state(spent, "Load").attempts) == ("failed", 3)


def each(**states: Raw) -> Raw:
    return flow(
        Load=task("Each"),
        Each={"Type": "Map", "ItemProcessor": flow(**states), "Next": "Save"},
        Save=task(),
    )


def test_a_map_of_4000_items_is_as_large_as_its_workflow() -> None:
    rows = [visit("Load", 0), *(visit("Inner", 1 + n // 40, index=n) for n in range(4_000)), visit("Save", 200)]
    rows[40] = failing("Inner", 1, index=39)
    caught = each(
        Inner=task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Note"}]), Note={"Type": "Pass", "End": True}
    )
    graph = run_graph(caught, ended(), rows)
    assert statuses(graph) == {
        "Load": "succeeded", "Each": "succeeded", "Inner": "caught", "Note": "succeeded", "Save": "succeeded",
    }  # fmt: skip
    assert state(graph, "Inner").counts == {StateStatus.SUCCEEDED: 3_999, StateStatus.CAUGHT: 1}
    assert state(graph, "Note").counts == {StateStatus.SUCCEEDED: 1}
    items = state(graph, "Each").items
    assert items is not None
    assert (items.total, items.begun, items.ended, items.failed) == (4_000, 4_000, 4_000, 0)
    assert len(graph.model_dump_json()) < 5_000


def test_a_map_in_progress_counts_what_it_began() -> None:
    rows = [visit("Load", 0), visit("Inner", 1, index=0), open_visit("Inner", 1, index=1), visit("Inner", 1, index=2)]
    graph = run_graph(each(Inner=task()), running(), rows)
    assert statuses(graph) == {"Load": "succeeded", "Each": "running", "Inner": "running", "Save": "pending"}
    items = state(graph, "Each").items
    assert items is not None
    assert (items.total, items.begun, items.ended, items.failed) == (None, 3, 2, 0)
    between = run_graph(each(Inner=task()), running(), rows[:2])
    assert statuses(between)["Each"] == "running"


def test_a_failed_item_fails_its_map() -> None:
    rows = [visit("Load", 0), failing("Inner", 1, index=0), open_visit("Inner", 1, index=1)]
    graph = run_graph(each(Inner=task()), failed_run("Inner"), rows)
    assert statuses(graph) == {"Load": "succeeded", "Each": "failed", "Inner": "failed", "Save": "skipped"}
    assert state(graph, "Inner").counts == {StateStatus.FAILED: 1, StateStatus.ABORTED: 1}
    items = state(graph, "Each").items
    assert items is not None
    assert (items.begun, items.ended, items.failed) == (2, 0, 1)


BOTH = flow(
    Both={
        "Type": "Parallel",
        "Branches": [
            flow(Left=task("Rows"), Rows={"Type": "Map", "ItemProcessor": flow(Row=task("Deep"), Deep={
                "Type": "Map", "ItemProcessor": flow(Cell=task()), "End": True}), "End": True}),
            flow(Right={"Type": "Wait", "Seconds": 5, "Next": "After"}, After={"Type": "Pass", "End": True}),
        ],
        "Catch": [{"ErrorEquals": ["Acme.Broken"], "Next": "Mend"}],
        "Next": "Save",
    },
    Save=task(),
    Mend=task(),
)  # fmt: skip


def nested() -> list[Outline]:
    cells = [visit("Cell", 3 + outer, index=n, digest=str(outer)) for outer in range(2) for n in range(3)]
    return [visit("Left", 1), visit("Row", 2, index=0), visit("Row", 2, index=1), *cells]


def test_maps_in_maps_and_branches_are_folded() -> None:
    graph = run_graph(BOTH, ended(), [*nested(), visit("Save", 9)])
    assert statuses(graph) == {
        "Both": "succeeded", "Left": "succeeded", "Rows": "succeeded", "Row": "succeeded", "Deep": "succeeded",
        "Cell": "succeeded", "Right": "succeeded", "After": "succeeded", "Save": "succeeded", "Mend": "skipped",
    }  # fmt: skip
    assert state(graph, "Row").counts == {StateStatus.SUCCEEDED: 2}
    places = {row.name: (row.container, row.branch) for row in graph.states}
    assert (places["Left"], places["Right"], places["Cell"]) == (("Both", 0), ("Both", 1), ("Deep", 0))
    assert taken(graph)["Row>Deep:next"] is True


def test_a_branch_that_waits_keeps_its_parallel_running() -> None:
    graph = run_graph(BOTH, running(), nested())
    assert (statuses(graph)["Both"], statuses(graph)["Right"], statuses(graph)["Save"]) == (
        "running",
        "running",
        "pending",
    )


def test_a_parallel_that_caught_its_branch_is_caught() -> None:
    graph = run_graph(BOTH, ended(), [failing("Left", 1), visit("Mend", 4)])
    assert (statuses(graph)["Both"], statuses(graph)["Left"], statuses(graph)["Rows"]) == (
        "caught",
        "caught",
        "skipped",
    )
    assert (taken(graph)["Both>Mend:catch"], taken(graph)["Both>Save:next"]) == (True, False)


def test_a_paused_state_is_paused_and_its_containers_too() -> None:
    rows = [visit("Load", 0), visit("Inner", 1, index=0), visit("Inner", 2, index=1, stopped=True)]
    graph = run_graph(each(Inner=task()), running(), rows, [pause("Inner", 2, index=1)])
    assert (statuses(graph)["Inner"], statuses(graph)["Each"]) == ("paused", "paused")
    assert state(graph, "Inner").counts == {StateStatus.PAUSED: 1, StateStatus.SUCCEEDED: 1}
    decided = run_graph(each(Inner=task()), running(), rows, [pause("Inner", 2, index=1, status=PauseStatus.DECIDED)])
    assert statuses(decided)["Inner"] == "running"
    over = run_graph(each(Inner=task()), ended(RunStatus.ABORTED), rows, [pause("Inner", 2, index=1)])
    assert statuses(over)["Inner"] == "succeeded"


def test_a_fork_shows_what_it_reused() -> None:
    fork = Fork(parent="b", root="b")
    rows = [visit("Load", 1, reused="b#x#Load#None#d", started=at(0)), visit("Large", 3)]
    graph = run_graph(CHOICE, ended(fork=fork), rows)
    assert (statuses(graph)["Load"], statuses(graph)["Large"]) == ("reused", "succeeded")
    assert (state(graph, "Load").attempts, state(graph, "Load").duration_ms) == (0, 0)
    recovered = run_graph(CHOICE, ended(), rows)
    assert statuses(recovered)["Load"] == "succeeded"


def test_an_aborted_run_has_the_aborted_visit() -> None:
    graph = run_graph(CHOICE, ended(RunStatus.ABORTED), [visit("Load", 1), open_visit("Small", 2)])
    assert (statuses(graph)["Small"], statuses(graph)["Done"]) == ("aborted", "skipped")


def test_a_fail_state_that_ended_the_run_is_failed() -> None:
    refused = flow(
        Load=task("Pick"),
        Pick={"Type": "Choice", "Choices": [{"Not": {"Variable": "$.n", "IsPresent": True}, "Next": "No"}],
              "Default": "Save"},
        No={"Type": "Fail", "Error": "E"},
        Save=task(),
    )  # fmt: skip
    graph = run_graph(refused, failed_run(""), [visit("Load", 1)])
    assert statuses(graph) == {"Load": "succeeded", "Pick": "succeeded", "No": "failed", "Save": "skipped"}
    assert taken(graph)["Pick>No:choice"] is True
    assert graph.edges[1].label == "not ($.n IsPresent true)"


def test_records_of_an_earlier_execution_are_left_out() -> None:
    rows = [visit("Load", 1, execution="before"), visit("Load", 5)]
    assert state(run_graph(CHOICE, running(), rows), "Load").counts == {StateStatus.SUCCEEDED: 1}


def test_a_step_that_did_not_answer_in_time_is_caught_or_failed() -> None:
    late = flow(
        Load=task("Save", Catch=[{"ErrorEquals": ["States.Timeout"], "Next": "Mend"}]), Save=task(), Mend=task()
    )
    graph = run_graph(late, ended(), [open_visit("Load", 1), visit("Mend", 9)])
    assert (statuses(graph)["Load"], state(graph, "Load").error) == ("caught", "States.Timeout")
    alone = run_graph(flow(Load=task()), failed_run("Load"), [open_visit("Load", 1)])
    assert statuses(alone)["Load"] == "failed"


NULL = {"Variable": "$.b", "IsNull": True}
SMALL = {"Variable": "$.c", "NumericLessThan": 2}


@pytest.mark.parametrize(
    ("rule", "label"),
    [
        (
            {"And": [{"Variable": "$.a", "StringEquals": "x"}, {"Or": [NULL, SMALL]}]},
            '$.a StringEquals "x" and ($.b IsNull true or $.c NumericLessThan 2)',
        ),
        ({"Condition": "{% " + "x" * 300 + " %}"}, "x" * 199 + "…"),
    ],
)  # fmt: skip
def test_the_condition_of_a_choice_is_one_line(rule: Raw, label: str) -> None:
    choice = flow(Pick={"Type": "Choice", "Choices": [rule | {"Next": "End"}]}, End={"Type": "Succeed"})
    assert run_graph(choice, ended(), []).edges[0].label == label
