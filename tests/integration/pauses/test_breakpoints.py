"""Breakpoints: which visits a rule stops, how conditions are held in check, and where rules are armed."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import pytest

from interlock.contract.breakpoint import NewBreakpoint
from interlock.contract.core.base import Json, moment
from interlock.contract.core.failure import BadRequest, Conflict, NotFound
from interlock.contract.envelope import StepError
from interlock.contract.run import Breakpoint, RunStatus
from interlock.control.pauses import breakpoints
from interlock.control.pauses.breakpoints import MAX_ARMED, Stop, hit
from tests.support.cloud import AT, TENANT, Cloud, listed
from tests.support.records import a_run, installed

LATER, EARLIER = (moment(datetime.now(UTC) + timedelta(days=days)) for days in (1, -1))


def rule(name: str = "b", **fields: Any) -> Breakpoint:
    return Breakpoint.model_validate({"id": name, "armed_at": AT} | fields)


def stops(cloud: Cloud, *rules: Breakpoint, state: str = "Load", index: int | None = None, **values: Json) -> bool:
    """Whether one of the rules stops a visit, before its step."""
    value: dict[str, Json] = {"input": None, "output": None, "error": None} | values
    return hit(cloud.runs, rules, Stop(TENANT, "before", state, index), lambda: value) is not None


@pytest.mark.parametrize(
    ("fields", "stopped"),
    [
        ({}, True),
        ({"state": "Load"}, True),
        ({"state": "Lo*"}, True),
        ({"state": "load"}, False),
        ({"state": "Other"}, False),
        ({"at": "after"}, False),
        ({"until": LATER}, True),
        ({"until": EARLIER}, False),
        ({"index": 2}, False),
    ],
)
def test_a_rule_stops_the_visits_that_it_names(cloud: Cloud, fields: dict[str, Any], stopped: bool) -> None:
    assert stops(cloud, rule(**fields)) is stopped


def test_a_rule_of_an_item_stops_that_item_alone(cloud: Cloud) -> None:
    assert [stops(cloud, rule(index=2, once=False), index=at) for at in (None, 1, 2)] == [False, False, True]


@pytest.mark.parametrize(("once", "seen"), [(True, [0, 0, 1, 0, 0]), (False, [0, 0, 1, 1, 1])])
def test_a_rule_stops_at_its_third_match(cloud: Cloud, once: bool, seen: list[int]) -> None:
    third = rule(hits=3, once=once)
    assert [int(stops(cloud, third)) for _ in range(5)] == seen


def test_a_visit_that_the_condition_leaves_out_is_no_match(cloud: Cloud) -> None:
    large = rule(condition="input.amount > 100", hits=2)
    amounts = (5, 500, 7, 900, 1000)
    assert [stops(cloud, large, input={"amount": amount}) for amount in amounts] == [False, False, False, True, False]


@pytest.mark.parametrize(
    ("condition", "value", "stopped"),
    [
        ("input.n = 1", {"n": 1}, True),
        ("input.n = 1", {"n": "1"}, False),
        ("input.absent.deeper > 3", {"n": 1}, False),
        ("input.n > 'x'", {"n": 1}, False),
        ("$error('stop the run')", {}, False),
        ("(($f := function($x) { $f($x) }); $f(1))", {}, False),
        ("$map([1..1000000], function($v) { $map([1..1000000], function($w) { $v * $w }) })", {}, False),
        ("input.rows[n > 2]", {"rows": [{"n": 3}]}, True),
        ("input.rows[n > 2]", {"rows": [{"n": 1}]}, False),
    ],
)
def test_a_condition_never_fails_a_run(cloud: Cloud, condition: str, value: Json, stopped: bool) -> None:
    assert stops(cloud, rule(condition=condition, once=False), input=value) is stopped


def test_values_are_read_only_for_a_condition(cloud: Cloud) -> None:
    def unread() -> dict[str, Json]:
        raise AssertionError("read")

    assert hit(cloud.runs, (rule(once=False),), Stop(TENANT, "before", "Load"), unread) is not None
    assert hit(cloud.runs, (rule(state="Other", condition="true"),), Stop(TENANT, "before", "Load"), unread) is None


def test_a_condition_sees_the_error_and_not_its_frames() -> None:
    error = StepError(name="Acme.Broken", type="Broken", message="why")
    assert breakpoints.error_value(error) == {"name": "Acme.Broken", "type": "Broken", "message": "why"}
    assert breakpoints.error_value(None) is None


@pytest.mark.parametrize(
    ("fields", "where"),
    [({"condition": "input. >"}, "condition"), ({"condition": "((("}, "condition"), ({"until": EARLIER}, "until")],
)
def test_a_wrong_breakpoint_is_refused(fields: dict[str, Any], where: str) -> None:
    with pytest.raises(BadRequest) as caught:
        breakpoints.make(NewBreakpoint.model_validate(fields), "me")
    assert caught.value.where == where


def test_a_position_of_an_item_becomes_state_and_index() -> None:
    subject = breakpoints.make(NewBreakpoint(state="Rows[3]"), "me")
    assert (subject.state, subject.index, subject.armed_by) == ("Rows", 3, "me")
    assert breakpoints.make(NewBreakpoint(state="*"), "me").index is None


def test_rules_of_a_run_are_armed_listed_and_removed(cloud: Cloud) -> None:
    listed(cloud)
    cloud.runs.create(a_run(installed(cloud), 1))
    breakpoints.arm_run(cloud.runs, TENANT, "r1", rule("b1"))
    (armed,) = cloud.runs.find(TENANT, "r1").item.breakpoints
    assert stops(cloud, armed)
    (shown,) = breakpoints.look(cloud.runs, (armed,), (TENANT,))
    assert (shown.hits, shown.spent) == (1, True)
    breakpoints.disarm_run(cloud.runs, TENANT, "r1", "b1")
    with pytest.raises(NotFound, match="breakpoint b1 does not exist"):
        breakpoints.disarm_run(cloud.runs, TENANT, "r1", "b1")


def test_a_run_that_is_over_is_not_armed(cloud: Cloud) -> None:
    cloud.runs.create(a_run("i", 1, status=RunStatus.SUCCEEDED))
    with pytest.raises(Conflict) as caught:
        breakpoints.arm_run(cloud.runs, TENANT, "r1", rule())
    assert "interlock run fork r1" in caught.value.next_step


def test_an_install_and_a_version_take_so_many_rules(cloud: Cloud) -> None:
    listed(cloud)
    install = installed(cloud)
    for number in range(MAX_ARMED):
        breakpoints.arm_install(cloud.registry, TENANT, install, rule(f"b{number}"))
    with pytest.raises(Conflict) as caught:
        breakpoints.arm_install(cloud.registry, TENANT, install, rule("more"))
    assert caught.value.code == "breakpoints-full"
    breakpoints.disarm_install(cloud.registry, TENANT, install, "b0")
    breakpoints.arm_install(cloud.registry, TENANT, install, rule("more"))
    breakpoints.arm_version(cloud.registry, "acme/app", "1.0.0", rule("v"))
    breakpoints.disarm_version(cloud.registry, "acme/app", "1.0.0", "v")
    assert cloud.registry.version("acme/app", "1.0.0").item.breakpoints == ()


def test_a_condition_that_fails_is_counted_with_its_reason(cloud: Cloud) -> None:
    wrong = rule("w", condition="1/0", once=False)
    assert not stops(cloud, wrong)
    assert not stops(cloud, wrong)
    (shown,) = breakpoints.look(cloud.runs, (wrong,), (TENANT,))
    assert (shown.hits, shown.errors, shown.last_error) == (0, 2, "D1001: Number out of range")


def test_conditions_of_one_visit_share_their_time(cloud: Cloud) -> None:
    slow = "$sum($map([1..1000], function($i) { $sum($map([1..1000], function($j) { $i * $j })) })) < 0"
    hostile = [rule(f"h{number}", condition=slow, once=False) for number in range(20)]
    began = monotonic()
    assert stops(cloud, *hostile, rule("plain", once=False))
    # Each of the twenty may take a second by itself.
    assert monotonic() - began < 8
    shown = breakpoints.look(cloud.runs, hostile, (TENANT,))
    assert [row.errors for row in shown] == [1] * 20
    assert "other conditions took the time" in shown[-1].last_error


def test_import_of_jsonata_takes_no_time_from_a_condition(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    module = "interlock.control.pauses.condition"
    monkeypatch.delitem(sys.modules, module, raising=False)
    began = monotonic()
    # A clock on which the import takes an hour.
    monkeypatch.setattr(breakpoints.time, "monotonic", lambda: began + (3_600 if module in sys.modules else 0))
    assert stops(cloud, rule(condition="input.n = 1", once=False), input={"n": 1})
    assert module in sys.modules


@pytest.mark.parametrize(
    ("condition", "what"),
    [
        ("$nope(input.a)", "$nope, which is not a function"),
        ("amount > 1", "reads 'amount'"),
        ("$amount > 1", "reads $amount"),
        ("$eval('1')", "no $eval"),
        ("input.a ?? 1", "S0204"),
        ("x" * 3000, "more than 2000 characters"),
        ("$encodeUrl('\ud800')", "half of a character"),
    ],
)
def test_a_condition_that_can_never_hold_is_refused(condition: str, what: str) -> None:
    with pytest.raises(BadRequest) as caught:
        breakpoints.make(NewBreakpoint(condition=condition), "me")
    assert what in str(caught.value)
