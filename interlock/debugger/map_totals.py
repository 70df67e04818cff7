"""How many items the Maps of a run have, where its records tell: computed as the run's data flow is. Pure.

A number is given only where it can't be another one: nothing outside of the Map is made new each time, each recorded
input is the computed one, and the Map is entered once.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from interlock.contract.run import Outline, Run, StepRecord
from interlock.contract.run_graph import ItemCounts, RunGraph, StateStatus
from interlock.debugger.data_flow import data_flow
from interlock.debugger.flow import Flow

_NOT_ENTERED = (StateStatus.PENDING, StateStatus.SKIPPED, StateStatus.UNKNOWN)
_FROM_ELSEWHERE = ("ItemReader", "ItemBatcher")
"""Fields of a Map whose items are not in its input."""
_VARYING = re.compile(
    r"States\.(UUID|MathRandom)"
    r"|\$(now|millis|random|uuid|shuffle)\b"
    r"|\$states(?!\.(input|result|errorOutput|context)\b)"
)
_CONTEXT = re.compile(r"(?:\$\$|\$states\.context)((?:\.\w+)*)")
_STEADY = (".Execution.Id", ".Execution.Name", ".Execution.Input", ".State.Name", ".State.RetryCount", ".Map.Item")
"""What of the context object is the same when the workflow runs again."""


def uncounted_maps(definition: Mapping[str, Any], graph: RunGraph) -> tuple[str, ...]:
    """The Maps whose total a graph does not have, and that may be told by the records of the states around them."""
    flow = Flow(definition)
    maps = [
        row.name
        for row in graph.states
        if row.kind == "Map" and row.status not in _NOT_ENTERED and (row.items is None or row.items.total is None)
    ]
    maps = [name for name in maps if _is_entered_once(flow, name)]
    return tuple(maps) if maps and not _varies(definition, frozenset(maps)) else ()


def outside(definition: Mapping[str, Any], run: Run, outlines: Iterable[Outline], maps: Sequence[str]) -> list[Outline]:
    """The outlines of the records that tell how many items some Maps have: of the states that are in none of them."""
    flow = Flow(definition)
    inside = frozenset[str]().union(*map(flow.within, maps))
    execution = run.execution.rsplit(":", 1)[-1]
    return [row for row in outlines if row.state not in inside and not row.stopped and row.execution in ("", execution)]


def map_totals(
    definition: Mapping[str, Any], run: Run, records: Sequence[StepRecord], maps: Sequence[str]
) -> dict[str, int]:
    """How many items each of some Maps has; without those of which it is not certain.

    Args:
        definition: the workflow as the app has it, not compiled.
        run: the run; its input is whole.
        records: the records of the steps outside of these Maps; their outputs are whole.
        maps: those of `uncounted_maps`.
    """
    flows = data_flow(definition, run, records)
    if not all(flow.exact for flow in flows):
        return {}
    return {flow.state: flow.items for flow in flows if flow.state in maps and flow.items is not None}


def with_totals(graph: RunGraph, totals: Mapping[str, int]) -> RunGraph:
    """A graph with the totals of Maps; one that more items were begun of than there are is left out."""
    states = list(graph.states)
    for at, row in enumerate(states):
        items, total = row.items or ItemCounts(), totals.get(row.name)
        if total is not None and total >= items.begun:
            states[at] = row.model_copy(update={"items": items.model_copy(update={"total": total})})
    return graph.model_copy(update={"states": tuple(states)})


def _is_entered_once(flow: Flow, name: str) -> bool:
    """Whether a Map is in no other one and in no loop, and nothing around it is begun again by a Retry."""
    place = flow.places[name]
    around = [flow.places[container].state for container in place.around]
    if place.maps or name in flow.after(name) or any(field in place.state for field in _FROM_ELSEWHERE):
        return False
    return not any("Retry" in state for state in around)


def _varies(definition: Mapping[str, Any], maps: frozenset[str]) -> bool:
    """Whether anything in a workflow may be another value when it runs again; what is in the Maps does not count."""
    text = json.dumps(_without(definition, maps))
    return bool(_VARYING.search(text)) or any(not match[1].startswith(_STEADY) for match in _CONTEXT.finditer(text))


def _without(scope: Mapping[str, Any], maps: frozenset[str]) -> dict[str, Any]:
    """A scope without the states inside some Maps."""
    states: dict[str, Any] = {}
    for name, state in cast(Mapping[str, dict[str, Any]], scope.get("States", {})).items():
        fields = {
            key: value for key, value in state.items() if key not in ("ItemProcessor", "Iterator", "ItemSelector")
        }
        if name not in maps:
            fields = state
        if "Branches" in fields:
            fields = fields | {"Branches": [_without(branch, maps) for branch in fields["Branches"]]}
        states[name] = fields
    return {"States": states}
