"""The items of every Map around the steps of a run, for `interlock run show`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from interlock.contract.core.failure import NotFound, Throttled

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.contract.run import StepRecord
    from interlock.debugger.items import Items


def items_of(client: Client, tenant: str, run: str, steps: Sequence[StepRecord]) -> Items:
    """The items of the steps of a run that are in a Map in a Map; empty where none is, or the history is gone.

    The history is read only where a step's state is in a Map in a Map: the record has the innermost item alone.
    """
    from interlock.cli.runs.material import Remote
    from interlock.debugger.flow import Flow
    from interlock.debugger.graph import build
    from interlock.debugger.items import is_nested, nested_items

    states = {step.state for step in steps if step.index is not None}
    if not states:
        return {}
    try:
        if not is_nested(Flow(client.runs.get_definition(tenant, run).definition), states):
            return {}
        key = client.runs.get_history(tenant, run).key
    except (NotFound, Throttled):
        return {}
    return nested_items(build(Remote(client, tenant, run).value(key)))
