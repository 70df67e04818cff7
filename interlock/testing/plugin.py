"""The pytest plugin that comes with `interlock`: the fixtures `run_step`, `interpret_workflow` and `run_workflow`.

pytest loads it in every project that has `interlock` installed, so it imports the rest when a test asks for it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from interlock.testing.process import ProcessRun
    from interlock.testing.steps import StepRun
    from interlock.testing.workflows import WorkflowRun


@pytest.fixture
def run_step() -> "Callable[..., StepRun]":
    """`interlock.testing.run_step`."""
    from interlock.testing import steps

    return steps.run_step


@pytest.fixture
def interpret_workflow() -> "Callable[..., ProcessRun]":
    """`interlock.testing.process.interpret_workflow`: a whole workflow in this process."""
    from interlock.testing import process

    return process.interpret_workflow


@pytest.fixture
def run_workflow() -> "Callable[..., WorkflowRun]":
    """`interlock.testing.workflows.run_workflow`: on the local platform, which must be up (`interlock up`)."""
    from interlock.testing import workflows

    return workflows.run_workflow
