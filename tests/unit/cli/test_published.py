"""How what the platform is asked about an app is cut into calls."""

from interlock.cli.apps import published
from interlock.contract.core import limits
from interlock.contract.version_check import CompiledWorkflow


def batches(*sizes: int) -> list[int]:
    rows = [CompiledWorkflow(definition={"Comment": "x" * size}, file="w") for size in sizes]
    return [len(batch) for batch in published.in_bounds(rows)]


def test_a_call_has_so_many_workflows_of_so_many_bytes() -> None:
    assert batches() == []
    assert batches(*[1] * (limits.CHECK_WORKFLOWS * 2 + 1)) == [limits.CHECK_WORKFLOWS, limits.CHECK_WORKFLOWS, 1]
    assert batches(*[limits.SFN_DEFINITION_BYTES] * 5) == [3, 2]


def test_a_workflow_that_is_too_large_goes_alone() -> None:
    assert batches(1, limits.CHECK_BYTES, 1) == [1, 1, 1]
