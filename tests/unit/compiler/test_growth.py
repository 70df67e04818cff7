"""How far a run can grow: which Tasks it may have under way several times at once."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.compiler.growth import parallel_tasks

TASK = {"Type": "Task", "Resource": "${work}", "End": True}


def scope(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


MAP = {"Type": "Map", "ItemProcessor": scope(Item=TASK, Note={"Type": "Pass", "End": True}), "End": True}
PARALLEL = {"Type": "Parallel", "Branches": [scope(Left=TASK), scope(Right=MAP)], "End": True}


@pytest.mark.parametrize(
    ("states", "names"),
    [
        ({"One": TASK, "Two": TASK}, ()),
        ({"One": TASK, "Each": MAP}, ("Item",)),
        ({"One": TASK, "Both": PARALLEL}, ("Left", "Item")),
    ],
    ids=["a sequence", "a Map", "a Map in a Parallel"],
)
def test_tasks_of_maps_and_branches_are_parallel(states: dict[str, Any], names: tuple[str, ...]) -> None:
    assert parallel_tasks(scope(**states)) == names
