"""The role of each recorded visit in a fork, by where it lies from the fork point."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.contract.core.failure import BadRequest, NotFound
from interlock.contract.fork import ForkRequest, Role
from interlock.contract.run import Failed, RecordStatus, StepRecord
from interlock.debugger.flow import Flow
from interlock.debugger.fork import ForkPlan, plan_fork
from interlock.debugger.visits import Visit, visits
from tests.support.runs import run
from tests.support.step_records import failed, record

PARENT = run("r").model_copy(update={"execution": "arn:first"})


def task(after: str = "", **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": "r", **({"Next": after} if after else {"End": True}), **more}


def machine(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def each(inner: dict[str, Any], after: str = "", **more: Any) -> dict[str, Any]:
    return task(after, Type="Map", ItemProcessor=inner, **more)


LINEAR = machine(A=task("B"), B=task("C"), C=task())
LOOP = machine(
    A=task("B"), B=task("More"), More={"Type": "Choice", "Choices": [{"Next": "A"}], "Default": "C"}, C=task()
)
PARALLEL = machine(
    A=task("P"), P=task("Z", Type="Parallel", Branches=[machine(L=task("M"), M=task()), machine(R=task())]), Z=task()
)
MAP = machine(A=task("Each"), Each=each(machine(I=task("J"), J=task()), "Z"), Z=task())
NESTED = machine(
    A=task("Rows"), Rows=each(machine(B=task("Cells"), Cells=each(machine(I=task("J"), J=task()))), "Z"), Z=task()
)


def of(*names: str) -> list[StepRecord]:
    """Records in the order of time: `A`, `I[2]`, `!A` failed, `?A` has no end."""
    rows: list[StepRecord] = []
    for at, name in enumerate(names):
        state, _, index = name.strip("!?]").partition("[")
        more: dict[str, Any] = {"index": int(index)} if index else {}
        if name[0] == "?":
            more["status"] = RecordStatus.STARTED
        rows.append(failed("X", state=state, at=at, **more) if name[0] == "!" else record(state, at, **more))
    return rows


def seen(*names: str) -> list[Visit]:
    return visits(PARENT, [(f"STEP#{at}#0000", row) for at, row in enumerate(of(*names))])


def plan(
    definition: dict[str, Any], names: str, at: str = "", now: dict[str, Any] | None = None, **more: Any
) -> ForkPlan:
    parent = PARENT.model_copy(update=more.pop("parent", {}))
    request = ForkRequest(at=at, **more)
    return plan_fork(
        parent, seen(*names.split()), request, Flow(definition), Flow(now or definition), frozenset({"idem"})
    )


def roles(definition: dict[str, Any], names: str, at: str, **more: Any) -> str:
    letters = {Role.SERVE: "s", Role.AT: "@", Role.RUN: "r", Role.EITHER: "e"}
    return "".join(letters[entry.role] for entry in plan(definition, names, at, **more).entries)


@pytest.mark.parametrize(
    "definition, names, at, expected",
    [
        (LINEAR, "A B C", "A", "@rr"),
        (LINEAR, "A B C", "B", "s@r"),
        (LINEAR, "A B !C", "C", "ss@"),
        (LINEAR, "A B ?C", "C", "ss@"),
        (LOOP, "A B A B C", "B@1", "s@rrr"),
        (LOOP, "A B A B C", "B@2", "sss@r"),
        (LOOP, "A B A B C", "C", "ssss@"),
        (PARALLEL, "A L R M Z", "L", "s@srr"),
        (PARALLEL, "A L R M Z", "M", "sss@r"),
        (PARALLEL, "A L R M Z", "R", "ss@sr"),
        (PARALLEL, "A L !R !M", "M", "ssr@"),
        (MAP, "A I[0] I[1] J[1] J[0] Z", "I[0]", "s@ssrr"),
        (MAP, "A I[0] I[1] J[1] J[0] Z", "J[1]", "sss@sr"),
        (MAP, "A I[0] I[1] J[0] J[1] Z", "Z", "sssss@"),
        (MAP, "A I[0] !I[1] !I[2]", "I[1]", "ss@r"),
    ],
)
def test_roles(definition: dict[str, Any], names: str, at: str, expected: str) -> None:
    assert roles(definition, names, at) == expected


def test_nested_maps_are_matched_by_input() -> None:
    """The index of the outer item is in no record: J[0] behind the point may be another row's."""
    result = roles(NESTED, "A B[0] B[1] I[0] I[0] J[0] J[0] Z", "I[0]@1")
    assert result[0] == "s" and result[3] == "@" and result[7] == "r"
    assert set(result[4:7]) <= {"e", "s"} and "e" in result


def test_a_failure_that_its_state_caught_is_served() -> None:
    caught = machine(A=task("B", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B"}]), B=task())
    assert roles(caught, "!A B", "B") == "s@"


def test_without_a_position_it_is_what_failed() -> None:
    result = plan(MAP, "A I[0] !I[1]", parent={"failed": Failed(error="X", state="I", index=1)})
    assert (str(result.at), result.point and result.point.record.index) == ("I[1]", 1)
    with pytest.raises(BadRequest) as refusal:
        plan(LINEAR, "A B")
    assert refusal.value.code == "fork-point-missing"


def test_a_state_without_a_record_can_be_the_point() -> None:
    result = plan(LINEAR, "A B", "C")
    assert result.point is None and [entry.role for entry in result.entries] == [Role.SERVE, Role.SERVE]


@pytest.mark.parametrize(
    "at, kind, code",
    [
        ("B", BadRequest, "fork-point-ambiguous"),
        ("B@3", NotFound, "unknown-state"),
        ("X", NotFound, "unknown-state"),
        ("B@0", NotFound, "unknown-state"),
    ],
)
def test_an_unknown_position_is_refused_with_the_known_ones(at: str, kind: type[Exception], code: str) -> None:
    with pytest.raises((BadRequest, NotFound)) as refusal:
        plan(LOOP, "A B A B C", at)
    assert (type(refusal.value), refusal.value.code) == (kind, code)
    assert "B@1, B@2" in refusal.value.next_step or at == "X"


def test_an_unknown_end_is_a_finding_unless_it_may_run_again() -> None:
    assert [(row.code, row.where) for row in plan(MAP, "A ?I[0] I[1]", "I[1]").findings] == [
        ("fork.unknown-end", "I[0]")
    ]
    assert plan(LINEAR, "A B ?C", "C").findings == ()
    again = [row.model_copy(update={"step": "idem"}) for row in of("A", "?I[0]", "I[1]")]
    result = visits(PARENT, [(f"STEP#{at}#0000", row) for at, row in enumerate(again)])
    assert plan_fork(PARENT, result, ForkRequest(at="I[1]"), Flow(MAP), Flow(MAP), frozenset({"idem"})).findings == ()


@pytest.mark.parametrize(
    "now, at, where",
    [
        (machine(A=task("B"), B=task("D"), D=task()), "B", []),
        (machine(A=task("N"), N=task("B"), B=task("C"), C=task()), "B", ["A", "N"]),
        (machine(A=task("B", Type="Pass"), B=task("C"), C=task()), "C", ["A"]),
        (machine(B=task("C"), C=task()), "C", ["A"]),
    ],
)
def test_a_change_before_the_fork_point_is_a_finding(now: dict[str, Any], at: str, where: list[str]) -> None:
    result = plan(LINEAR, "A B C", at, now)
    changed = [row.where for row in result.findings if row.code == "fork.graph"]
    assert changed == where


def test_a_whole_fork_runs_every_visit() -> None:
    result = plan(LINEAR, "A B C", "", whole=True, dry=True)
    assert result.at is None and {entry.role for entry in result.entries} == {Role.RUN}
