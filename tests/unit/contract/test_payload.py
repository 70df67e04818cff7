"""Payloads spill to markers and come back the same; what a workflow reads stays."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlock.compiler.spill import plan_spill
from interlock.contract import payload
from interlock.contract.registry import SpillPlan

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcd") | st.text(max_size=4), inner),
    max_leaves=20,
)
BIG = st.text("xyz", min_size=1500, max_size=4000)
BIG_JSON = st.recursive(
    JSON | BIG,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcdef"), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.lists(st.sampled_from("abcdef"), unique=True).map(tuple)
PLANS = st.builds(SpillPlan, reads=NAMES, deep=NAMES, opaque=st.booleans())


class Store:
    """Keeps what was spilled."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def spill(self, value: Any) -> Any:
        digest = payload.digest(value)
        self.kept[digest] = value
        return payload.marker(f"tenants/t/runs/r/{digest}.json", digest, payload.size(value))

    def fetch(self, marker: dict[str, Any]) -> Any:
        return self.kept[marker["digest"]]


@settings(max_examples=80, deadline=None)
@given(BIG_JSON, PLANS, st.integers(0, 6000))
def test_spilled_values_come_back(value: Any, plan: SpillPlan, budget: int) -> None:
    store = Store()
    spilled = payload.spill(value, budget, plan, store.spill)
    assert payload.put_back(spilled, store.fetch) == value
    assert payload.size(spilled) <= max(payload.size(value), budget)
    if payload.size(value) <= budget or plan.opaque:
        assert spilled is value
    assert {marker["digest"] for marker in payload.markers(spilled)} == set(store.kept)
    assert payload.digest(payload.put_back(spilled, store.fetch)) == payload.digest(value)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.data_too_large])
@given(st.dictionaries(st.sampled_from("abcdef"), BIG, min_size=1), NAMES)
def test_values_that_the_workflow_reads_stay_in_place(value: dict[str, str], reads: tuple[str, ...]) -> None:
    spilled = payload.spill(value, 0, SpillPlan(reads=reads), Store().spill)
    for key, item in value.items():
        assert payload.is_marker(spilled[key]) == (key not in reads)
        assert key not in reads or spilled[key] == item


def test_the_largest_goes_first_and_no_more_than_needed() -> None:
    value = {"small": "x" * 2000, "large": "y" * 9000}
    spilled = payload.spill(value, 3000, SpillPlan(), Store().spill)
    assert spilled["small"] == value["small"]
    assert payload.is_marker(spilled["large"])


@pytest.mark.parametrize(
    "value", [{"interlock:spilled": "x"}, {"interlock:spilled": {}, "a": 1}, [], "interlock:spilled"]
)
def test_a_value_that_only_looks_like_a_marker(value: Any) -> None:
    assert not payload.is_marker(value)
    assert payload.put_back(value, lambda marker: pytest.fail(str(marker))) == value


@given(JSON)
def test_canonical_json_is_one_way_to_write_it(value: Any) -> None:
    assert payload.canonical(value) == payload.canonical(payload.put_back(value, lambda marker: marker))
    assert payload.size(value) == len(payload.canonical(value).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_json_has_no_such_number(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        payload.canonical({"a": value})


STEP = {"Type": "Task", "Resource": "${x}"}
PASS = {"Type": "Pass"}


@pytest.mark.parametrize(
    ("state", "plan"),
    [
        (PASS, SpillPlan()),
        (STEP | {"Parameters": {"x.$": "$.a.b.c"}}, SpillPlan(reads=("a", "b"))),
        (STEP | {"Arguments": "{% $states.input.a.b %}"}, SpillPlan(reads=("a",))),
        (STEP | {"Arguments": "{% $states.input %}", "ResultPath": "$.a.b"}, SpillPlan(reads=("a",))),
        (STEP | {"Parameters": {"x.$": "$.a[*].b"}}, SpillPlan(reads=("a", "b"), deep=("a", "b"), opaque=True)),
        (STEP | {"Parameters": {"x.$": "$..b"}}, SpillPlan(reads=("b",), deep=("b",), opaque=True)),
        (PASS | {"Parameters": {"x.$": "$.a.b"}}, SpillPlan(reads=("a", "b"))),
        (PASS | {"OutputPath": "$.a", "ResultPath": "$.r", "Comment": "$.z.y"}, SpillPlan(reads=("a",))),
        ({"Type": "Fail", "CausePath": "$.why"}, SpillPlan(reads=("why",), deep=("why",))),
        ({"Type": "Choice", "Choices": [{"Variable": "$.a.b"}]}, SpillPlan(reads=("a", "b"), deep=("a", "b"))),
        (PASS | {"Assign": {"x.$": "$.a"}}, SpillPlan(reads=("a",), deep=("a",))),
    ],
)
def test_reads_of_a_workflow(state: dict[str, Any], plan: SpillPlan) -> None:
    planned = plan_spill({"StartAt": "A", "States": {"A": state}})
    assert planned.model_copy(update={"root": False, "results": ()}) == plan


EACH = {"Type": "Map", "ItemProcessor": {"StartAt": "I", "States": {"I": STEP}}}


@pytest.mark.parametrize(
    ("states", "root", "results"),
    [
        ({"A": STEP, "B": STEP}, True, ("A", "B")),
        ({"A": STEP | {"Parameters": {"all.$": "$"}}, "B": STEP}, True, ("A", "B")),
        ({"A": STEP | {"ResultPath": "$.got"}, "B": STEP}, False, ("A",)),
        ({"A": STEP | {"ResultPath": None}, "B": STEP | {"Parameters": {"x.$": "$.a.b"}}}, False, ("A",)),
        ({"A": STEP | {"ResultPath": "$.got"}, "B": PASS | {"OutputPath": "$.got"}}, False, ()),
        ({"A": STEP | {"ResultPath": "$.got"}, "B": STEP | {"ResultPath": "$.got.more"}}, False, ("B",)),
        ({"A": STEP | {"ResultPath": "$.got"}, "B": EACH | {"ItemsPath": "$.got"}}, False, ()),
        ({"A": STEP, "B": EACH}, False, ()),
        ({"A": STEP | {"ResultSelector": {"x.$": "$.x"}}, "B": STEP}, False, ()),
        ({"A": STEP, "B": STEP | {"Parameters": {"x.$": "States.ArrayLength($)"}}}, False, ()),
        ({"A": STEP, "B": STEP | {"Parameters": {"x.$": "$[0]"}}}, False, ()),
    ],
)
def test_whole_results_that_may_be_stored_apart(states: dict[str, Any], root: bool, results: tuple[str, ...]) -> None:
    plan = plan_spill({"StartAt": "A", "States": states})
    assert (plan.root, tuple(name for name in plan.results if name in states)) == (root, results)


@pytest.mark.parametrize("value", ["x" * 9_000, ["y" * 90] * 100, [1, 2] * 3_000, {"a": ["z" * 900] * 10}])
def test_a_list_or_a_text_at_the_root_is_stored_apart(value: Any) -> None:
    store = Store()
    spilled = payload.spill(value, 500, SpillPlan(), store.spill, whole=True)
    assert payload.size(spilled) <= 500
    assert payload.put_back(spilled, store.fetch) == value


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ("x" * 100, ""),
        ({"a": 1, "rows": ["x" * 90] * 9}, "/rows"),
        ({"a": {"b/c": "x" * 900}, "d": "y" * 90}, "/a/b~1c"),
        (["x" * 90, "y" * 900], "/1"),
        ({"a": "x" * 90, "b": "y" * 90, "c": "z" * 90}, ""),
    ],
)
def test_the_part_that_makes_a_value_large_is_named(value: Any, pointer: str) -> None:
    assert payload.largest(value)[0] == pointer


@pytest.mark.parametrize("text", ["States.JsonToString($)", "States.Format('{}', $ , $.a)"])
def test_the_whole_payload_as_an_argument(text: str) -> None:
    assert plan_spill({"StartAt": "A", "States": {"A": PASS | {"Parameters": {"x.$": text}}}}).opaque
    assert plan_spill({"StartAt": "A", "States": {"A": PASS | {"Output": "{% $string($states.input) %}"}}}).opaque
    assert not plan_spill({"StartAt": "A", "States": {"A": PASS | {"Output": "{% $states.input.n + 1 %}"}}}).opaque


def test_a_value_read_under_another_name_stays() -> None:
    """`big` is called `row` by a Pass, and a Choice behind it reads into `row`."""
    rename = PASS | {"Parameters": {"row.$": "$.big", "all.$": "$"}, "Next": "C"}
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.row", "IsPresent": True, "Next": "A"}]}
    plan = plan_spill({"StartAt": "A", "States": {"A": rename, "C": choice}})
    assert "big" in plan.deep and not plan.opaque
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.all.big", "IsPresent": True, "Next": "A"}]}
    assert plan_spill({"StartAt": "A", "States": {"A": rename, "C": choice}}).opaque


def test_a_replay_does_not_look_at_request_ids() -> None:
    def caught(request: str, message: str = "broken") -> dict[str, object]:
        cause = {"errorType": "Broken", "errorMessage": message, "requestId": request, "stackTrace": [request]}
        return {"Error": "Broken", "Cause": json.dumps(cause), "n": [1]}

    assert payload.reuse_digest(caught("a")) == payload.reuse_digest(caught("b"))
    assert payload.reuse_digest(caught("a")) != payload.reuse_digest(caught("a", "other"))
    assert payload.digest(caught("a")) != payload.digest(caught("b"))
    for plain in ({"n": 1}, {"requestId": "a"}, {"Cause": '"requestId" is no JSON'}, '{"requestId": "a"}'):
        assert payload.reuse_digest(plain) == payload.digest(plain)
