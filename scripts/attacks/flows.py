"""Workflows of recorded runs whose data flow somebody opens: the platform evaluates their expressions once more."""

from collections.abc import Iterator
from typing import Any

from interlock.contract.core import limits
from interlock.contract.core.failure import Failure
from interlock.contract.envelope import Trigger
from interlock.contract.run import Body, Run, RunStatus
from interlock.control.inspection.state_flow import in_bounds
from interlock.debugger.data_flow import data_flow
from scripts.attacks.case import Case

State = dict[str, Any]
LONG = "a" * 60 + "!"
COSTLY, FAILS, ENDED, DONE = "ended by flow-too-costly", "ended by States.", "ended by", "computed"
"""Ended by the child's bounds, by a limit of the language, or by whichever of them comes first."""
COSTLY_SECONDS = 2.0
"""Below limits.FLOW_SECONDS, so that the table takes no longer than it must."""


def cases() -> Iterator[Case]:
    """Every attack by the data flow of a run."""
    for name, (wanted, definition, value) in _FLOWS.items():
        seconds = limits.FLOW_SECONDS if wanted in (FAILS, DONE) else COSTLY_SECONDS
        yield Case("flows", name, wanted, lambda row=(definition, value), seconds=seconds: _open(*row, seconds))


def _open(definition: State, value: Any, seconds: float) -> str:
    run = Run(
        id="r", tenant="acme", install="i", app="acme/app", version="1.0.0", workflow="main",
        trigger=Trigger(kind="api", name="api", id="1"), status=RunStatus.SUCCEEDED, execution="x:acme_i_r",
        started="2026-01-01T00:00:00.000Z", input=Body(value=value),
    )  # fmt: skip

    def work() -> Any:
        return [[row.state, row.error] for row in data_flow(definition, run, ())][-9:]

    try:
        rows: Any = in_bounds(run.id, work, seconds, limits.FLOW_WALL_SECONDS)
    except Failure as failure:
        return f"ended by {failure.code}"
    error = next((name for _, name in rows if name), "")
    return f"ended by {error}" if error else f"computed {len(rows)}"


def _jsonata(expression: str) -> State:
    return _flow({"Type": "Pass", "Output": f"{{% {expression} %}}", "End": True}) | {"QueryLanguage": "JSONata"}


def _parameters(**fields: str) -> State:
    return _flow({"Type": "Pass", "Parameters": {f"{name}.$": text for name, text in fields.items()}, "End": True})


def _flow(state: State) -> State:
    return {"StartAt": "Try", "States": {"Try": state}}


def _each(processor: State) -> State:
    return _flow({"Type": "Map", "ItemsPath": "$$.Execution.Input", "ItemProcessor": processor, "End": True})


def _chosen(**rule: Any) -> State:
    states = {
        "Try": {"Type": "Choice", "Choices": [{"Variable": "$.x", "Next": "Try", **rule}], "Default": "End"},
        "End": {"Type": "Succeed"},
    }
    return {"StartAt": "Try", "States": states}


def _doubling(times: int) -> State:
    """States that put their whole input beside itself."""
    states: State = {
        f"S{number}": {"Type": "Pass", "Parameters": {"a.$": "$", "b.$": "$"}, "Next": f"S{number + 1}"}
        for number in range(times)
    }
    return {"StartAt": "S0", "States": {**states, f"S{times}": {"Type": "Succeed"}}}


def _twofold(value: Any, levels: int) -> Any:
    for _ in range(levels):
        value = [value]
    return value


_FLOWS: dict[str, tuple[str, State, Any]] = {
    "numbers in numbers": (ENDED, _jsonata("$count([1..3000].([1..3000]))"), {}),
    "a text that doubles": (ENDED, _jsonata("$reduce([1..40], function($a, $b){$a & $a}, 'aaaaaaaaaa')"), {}),
    "a list that doubles": (ENDED, _jsonata("$count($reduce([1..40], function($a, $b){$append($a, $a)}, [1]))"), {}),
    "recursion without end": (ENDED, _jsonata("($f := function($n){$f($n + 1)}; $f(1))"), {}),
    "$pad of a gigabyte": (COSTLY, _jsonata("$length($pad('x', 1000000000))"), {}),
    "a pattern that backtracks": (FAILS, _jsonata(f"$match('{LONG}', /^(a|aa)+$/)"), {}),
    "a filter that backtracks": (FAILS, _parameters(x="$[?(@.x =~ /^(a|aa)+$/)]"), [{"x": LONG}]),
    "wildcards of a Choice": (DONE, _chosen(StringMatches="*a" * 40 + "b"), {"x": "a" * 100_000}),
    "a Choice that leads to itself": (DONE, _chosen(IsPresent=True), {"x": 1}),
    "a range of millions": (FAILS, _parameters(x="States.ArrayRange(1, 900000000, 1)"), {}),
    "values that double": (COSTLY, _doubling(60), {"x": LONG}),
    "a million items": (DONE, _each(_flow({"Type": "Pass", "End": True})), [0] * 1_000_000),
    "items in items": (DONE, _each(_each(_flow({"Type": "Pass", "End": True}))), list(range(1_000))),
    "retries without end": (
        FAILS,
        _flow({
            "Type": "Map", "ItemsPath": "$.none", "ItemProcessor": _flow({"Type": "Pass", "End": True}), "End": True,
            "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 99_999_999, "IntervalSeconds": 1}],
        }),
        {},
    ),
    "a value nested fifty thousand deep": (COSTLY, _parameters(x="$..y"), _twofold(0, 50_000)),
}  # fmt: skip
